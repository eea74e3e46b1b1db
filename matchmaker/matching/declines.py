"""What a No does to the pair afterwards: by its reason, for how long, and what brings the pair back.

A decline says something about one pair only. It never hides another pair of the same proposal or interest, and both
sides may read its effect, which is stated in full by ``Effect``.
"""

import hashlib
import json
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from enum import StrEnum

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts


class EffectKind(StrEnum):
    """What a decline does to the pair."""

    HIDDEN_UNTIL_DAY = "hidden-until-day"
    HIDDEN_UNTIL_CHANGE = "hidden-until-change"
    LOWERED_UNTIL_DAY = "lowered-until-day"
    NONE = "none"


class NamedField(StrEnum):
    """What has to change, on either side, before a hidden pair comes back."""

    THEMES = "themes"
    PLACES = "places"
    RESOURCES = "resources"
    TEXT = "text"


class Sentence(StrEnum):
    """What both sides are told; ``introductions`` says each in Japanese with the day, field or points of the effect."""

    HIDDEN_UNTIL_DAY = "hidden-until-day"
    HIDDEN_UNTIL_CHANGE = "hidden-until-change"
    LOWERED_UNTIL_DAY = "lowered-until-day"
    BACK_SINCE_DAY = "back-since-day"
    BACK_SINCE_CHANGE = "back-since-change"
    FULL_POINTS_SINCE_DAY = "full-points-since-day"
    NOT_DECLINED = "not-declined"


class UnknownReason(ValueError):
    """A decline gives a reason that has no rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one reason does: ``months`` for the kinds that end on a day, ``waits_for`` for the one that waits."""

    kind: EffectKind
    months: int = 0
    waits_for: NamedField | None = None
    points_deducted: int = 0


MONTHS_REMEMBERED = 6
"""Half a fiscal year: long enough not to pester, short enough for a new budget or a new person in charge."""
POINTS_DEDUCTED = 100
"""A tenth of all points moves a pair down a list and leaves an excellent one visible."""

RULES = {
    "other-theme": Rule(EffectKind.HIDDEN_UNTIL_CHANGE, waits_for=NamedField.THEMES),
    "other-region": Rule(EffectKind.HIDDEN_UNTIL_CHANGE, waits_for=NamedField.PLACES),
    "other-resource": Rule(EffectKind.HIDDEN_UNTIL_CHANGE, waits_for=NamedField.RESOURCES),
    "more-information": Rule(EffectKind.HIDDEN_UNTIL_CHANGE, waits_for=NamedField.TEXT),
    "timing": Rule(EffectKind.HIDDEN_UNTIL_DAY, MONTHS_REMEMBERED),
    "no-capacity": Rule(EffectKind.HIDDEN_UNTIL_DAY, MONTHS_REMEMBERED),
    "already-partnered": Rule(EffectKind.HIDDEN_UNTIL_DAY, MONTHS_REMEMBERED),
    "other": Rule(EffectKind.LOWERED_UNTIL_DAY, MONTHS_REMEMBERED, points_deducted=POINTS_DEDUCTED),
}
"""By the code of the reason. What would fit after a change waits for the change; what passes with time waits for a day;
a reason that is not one of the list says too little to hide anything."""


@dataclass(frozen=True, slots=True)
class Decline:
    """One No, as it is kept. ``fingerprint`` is that of the field that its rule waits for, on the day of the No."""

    proposal_id: str
    interest_id: str
    reason: str
    declined_on: date
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a No does on one day.

    Shapes: ``sentence`` with ``ends_on`` (the first day without effect), ``waits_for`` and ``points_deducted`` (0 or
    more, to be taken from the pair's points) says it in full; ``reason`` is the code it comes from, "" without a No.
    """

    kind: EffectKind
    sentence: Sentence
    reason: str = ""
    ends_on: date | None = None
    waits_for: NamedField | None = None
    points_deducted: int = 0

    @property
    def is_hidden(self) -> bool:
        return self.kind in {EffectKind.HIDDEN_UNTIL_DAY, EffectKind.HIDDEN_UNTIL_CHANGE}


NO_EFFECT = Effect(EffectKind.NONE, Sentence.NOT_DECLINED)


def rule_of(reason: str) -> Rule:
    """Return what a reason does, for the person who is about to choose it. Errors: UnknownReason.

    >>> rule_of("other-region").waits_for
    <NamedField.PLACES: 'places'>
    """
    if reason not in RULES:
        raise UnknownReason(f"{reason!r} has no rule")
    return RULES[reason]


def effect_of(reason: str, declined_on: date, today: date, fingerprint_then: str, fingerprint_now: str) -> Effect:
    """Say what one No does today.

    Shapes:  the fingerprints are those of the rule's named field on the day of the No and now (see ``fingerprint``);
             other rules do not look at them.
    Returns: the effect in force, or kind NONE with the sentence that says since when or why the pair is back.
             A pair that is hidden for six months from 31 August comes back on the last day of February.
    Errors:  UnknownReason.

    >>> effect_of("timing", date(2026, 8, 31), date(2027, 2, 27), "", "").kind
    <EffectKind.HIDDEN_UNTIL_DAY: 'hidden-until-day'>
    >>> effect_of("timing", date(2026, 8, 31), date(2027, 2, 28), "", "").sentence
    <Sentence.BACK_SINCE_DAY: 'back-since-day'>
    """
    rule = rule_of(reason)
    if rule.kind is EffectKind.HIDDEN_UNTIL_CHANGE:
        if fingerprint_then != fingerprint_now:
            return Effect(EffectKind.NONE, Sentence.BACK_SINCE_CHANGE, reason, None, rule.waits_for)
        return Effect(rule.kind, Sentence.HIDDEN_UNTIL_CHANGE, reason, None, rule.waits_for)
    ends_on = _months_after(declined_on, rule.months)
    lowers = rule.kind is EffectKind.LOWERED_UNTIL_DAY
    if today >= ends_on:
        over = Sentence.FULL_POINTS_SINCE_DAY if lowers else Sentence.BACK_SINCE_DAY
        return Effect(EffectKind.NONE, over, reason, ends_on)
    in_force = Sentence.LOWERED_UNTIL_DAY if lowers else Sentence.HIDDEN_UNTIL_DAY
    return Effect(rule.kind, in_force, reason, ends_on, points_deducted=rule.points_deducted)


def effect_on_pair(
    proposal: ProposalFacts, interest: InterestFacts, declines: Iterable[Decline], today: date
) -> Effect:
    """Say what all Nos between two sides do to this pair today.

    Shapes:  ``declines`` in any order; those of other pairs are passed over.
    Returns: the effect that weighs most: hidden until a change, hidden until a day (the latest), lowered, none; of
             those that are over, that of the latest No; ``NO_EFFECT`` without a No.
    Errors:  UnknownReason.

    >>> mine, theirs, other = ProposalFacts("R8-0001"), InterestFacts("K-0001"), InterestFacts("K-0002")
    >>> declined = decline(mine, theirs, "no-capacity", date(2026, 11, 2))
    >>> [effect_on_pair(mine, one, [declined], date(2026, 12, 1)).is_hidden for one in (theirs, other)]
    [True, False]
    """
    own = [one for one in declines if (one.proposal_id, one.interest_id) == (proposal.id, interest.id)]
    own.sort(key=lambda one: (one.declined_on, one.reason))
    effects = [
        effect_of(one.reason, one.declined_on, today, one.fingerprint, _fingerprint_for(one.reason, proposal, interest))
        for one in own
    ]
    return max(reversed(effects), key=_weight, default=NO_EFFECT)


def decline(proposal: ProposalFacts, interest: InterestFacts, reason: str, declined_on: date) -> Decline:
    """Note a No with the fingerprint that its rule needs. Errors: UnknownReason."""
    fingerprint = _fingerprint_for(reason, proposal, interest)
    return Decline(proposal.id, interest.id, reason, declined_on, fingerprint)


def fingerprint(field: NamedField, proposal: ProposalFacts, interest: InterestFacts) -> str:
    """Condense what both sides say in one field, so that a change on either side can be noticed.

    Returns: 64 hexadecimal digits. The order of answers, spaces, line breaks and the width of letters do not matter, so
             that a tidied text does not bring a pair back.

    >>> mine, theirs = ProposalFacts("R8-0001", title="海岸清掃"), InterestFacts("K-0001")
    >>> renamed = ProposalFacts("R8-0001", title="海岸の清掃")
    >>> fingerprint(NamedField.TEXT, mine, theirs) == fingerprint(NamedField.TEXT, renamed, theirs)
    False
    >>> fingerprint(NamedField.PLACES, mine, theirs) == fingerprint(NamedField.PLACES, renamed, theirs)
    True
    """
    asked, offered = _answers(field, proposal, interest)
    return hashlib.sha256(json.dumps([asked, offered]).encode()).hexdigest()


def _answers(field: NamedField, proposal: ProposalFacts, interest: InterestFacts) -> tuple[object, object]:
    refused = interest.refusals
    if field is NamedField.THEMES:
        return sorted(proposal.fields), [sorted(interest.themes), interest.is_undecided, sorted(refused.fields)]
    if field is NamedField.PLACES:
        seat = astuple(interest.headquarters) if interest.headquarters else None
        return _rows(proposal.places), [seat, _rows(interest.regions), refused.outside_regions]
    if field is NamedField.RESOURCES:
        return _rows(proposal.needs), [_rows(interest.offers), sorted(refused.resource_kinds)]
    said = (proposal.title, proposal.mission, proposal.summary, proposal.beneficiaries)
    return [_bare(text) for text in said], _bare(interest.profile)


def _rows(items: Sequence[Place | Need | Offer]) -> list[tuple[object, ...]]:
    return sorted((astuple(item) for item in items), key=json.dumps)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _fingerprint_for(reason: str, proposal: ProposalFacts, interest: InterestFacts) -> str:
    waits_for = rule_of(reason).waits_for
    return fingerprint(waits_for, proposal, interest) if waits_for else ""


def _weight(effect: Effect) -> tuple[int, date]:
    order = (
        EffectKind.NONE,
        EffectKind.LOWERED_UNTIL_DAY,
        EffectKind.HIDDEN_UNTIL_DAY,
        EffectKind.HIDDEN_UNTIL_CHANGE,
    )
    is_over = effect.kind is EffectKind.NONE
    return order.index(effect.kind), date.min if is_over or effect.ends_on is None else effect.ends_on


def _months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
