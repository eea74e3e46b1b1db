"""「なぜ出ない？」 and 「あと一歩」: what keeps a pair down, and the cheapest change that would lift it.

A promised score is the score of the changed facts under the same index, so that making the change gives exactly it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Any

from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.engine import Explained, MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Offer, ProposalFacts
from matchmaker.matching.scoring import Part
from matchmaker.matching.terms import ActivityField, Theme
from matchmaker.matching.vocabulary import links_to
from matchmaker.matching.weights import CONTENT_CRITERIA

COMBINED, LIFTING = 6, 3
"""How many of the changes that gain most, and of those that lift each refusal, are tried in pairs."""


class Lever(StrEnum):
    """What can be changed: by the proposer down to ``EXTEND_PROPOSAL``, by the company from ``ADD_THEME`` on."""

    ADD_FIELD = "add-field"
    REMOVE_FIELD = "remove-field"
    ADD_PLACE = "add-place"
    ADD_NEED = "add-need"
    EXTEND_PROPOSAL = "extend-proposal"
    ADD_THEME = "add-theme"
    ADD_REGION = "add-region"
    ADD_OFFER = "add-offer"
    ACCEPT_FIELD = "accept-field"
    ACCEPT_LEGAL_FORM = "accept-legal-form"
    ACCEPT_KIND = "accept-kind"
    ACCEPT_OUTSIDE = "accept-outside"
    EXTEND_INTEREST = "extend-interest"


BY_PROPOSER = frozenset({Lever.ADD_FIELD, Lever.REMOVE_FIELD, Lever.ADD_PLACE, Lever.ADD_NEED, Lever.EXTEND_PROPOSAL})


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``is_fact`` marks what must be true and must not be claimed only to score."""

    lever: Lever
    value: str
    is_fact: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One or two changes with the score that they lead to, the gain over today, and both sides as they would be."""

    changes: tuple[Change, ...]
    points: int
    gain: int
    proposal: ProposalFacts
    interest: InterestFacts


@dataclass(frozen=True, slots=True)
class Loss:
    """A criterion and the points that the pair misses there."""

    part: Part
    missing: int


Sides = tuple[ProposalFacts, InterestFacts]
Changed = tuple[Change, Sides]


def losses(explained: Explained) -> list[Loss]:
    """Return what costs the pair most: content criteria by missing points and corrections below zero, worst first."""
    found = [
        Loss(part, part.maximum - part.points if part.criterion in CONTENT_CRITERIA else -part.points)
        for part in explained.score.parts
    ]
    return sorted((loss for loss in found if loss.missing > 0), key=lambda loss: -loss.missing)


def next_steps(
    index: MatchIndex, proposal: ProposalFacts, interest: InterestFacts, goal: int, on: date | None = None
) -> list[Step]:
    """Return the single changes that reach ``goal`` points, else the pairs of changes that do, best first.

    Shapes: ``goal`` in points, usually those of the last pair that is shown. When nothing reaches it, the best single
    changes that gain at all are returned, or else the best pairs. A refused pair first needs a change that lifts what
    it breaks: a step of such a pair leaves nothing refused, and may gain no point.
    """
    today = index.explain_facts(proposal, interest, on)
    base = today.score.points

    def tried(changes: tuple[Change, ...], sides: Sides) -> Tried:
        then = index.explain_facts(*sides, on)
        points = then.score.points
        return Tried(Step(changes, points, points - base, *sides), then.refusals)

    def best(some: Iterable[Tried]) -> list[Step]:
        fit = (one.step for one in some if not one.refusals and (one.step.gain > 0 or today.refusals))
        return sorted(fit, key=lambda step: (-step.points, _order(step)))

    singles = [tried((change,), sides) for change, sides in _single_changes(proposal, interest, on)]
    by_gain = best(singles)
    reaching = [step for step in by_gain if step.points >= goal]
    if reaching:
        return reaching
    pairs = set(combinations(_worth_combining(singles, today.refusals), 2))
    doubles = [
        tried((first, second), twice)
        for first, once in _single_changes(proposal, interest, on)
        for second, twice in _single_changes(*once, on)
        if (first, second) in pairs
    ]
    both = best(doubles)
    return [step for step in both if step.points >= goal] or by_gain or both


@dataclass(frozen=True, slots=True)
class Tried:
    """A step with the conditions that would still be broken after it."""

    step: Step
    refusals: tuple[Refusal, ...]


def _worth_combining(singles: Sequence[Tried], refusals: Sequence[Refusal]) -> list[Change]:
    """Return the changes that gain most and the best that lift each refusal, in the order of trying."""
    by_gain = sorted(singles, key=lambda one: (-one.step.gain, _order(one.step)))
    found = [one for one in by_gain if one.step.gain > 0][:COMBINED]
    for refusal in refusals:
        found += [one for one in by_gain if refusal not in one.refusals][:LIFTING]
    return [one.step.changes[0] for one in singles if one in found]


def _order(step: Step) -> list[tuple[str, str, bool]]:
    return [(change.lever.value, change.value, change.is_fact) for change in step.changes]


def _single_changes(proposal: ProposalFacts, interest: InterestFacts, on: date | None) -> Iterator[Changed]:
    """Every change of one side towards what the other already says, and every one that lifts a refusal."""
    yield from _proposal_changes(proposal, interest)
    yield from _interest_changes(proposal, interest)
    yield from _lifting_changes(proposal, interest)
    if on and proposal.open_until and proposal.open_until < on:
        yield Change(Lever.EXTEND_PROPOSAL, "", True), (replace(proposal, open_until=on), interest)
    if on and interest.valid_until and interest.valid_until < on:
        yield Change(Lever.EXTEND_INTEREST, "", True), (proposal, replace(interest, valid_until=on))


def _proposal_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    for field in ActivityField:
        if field not in proposal.fields and interest.themes & set(links_to(field, Theme)):
            change = Change(Lever.ADD_FIELD, field.label, True)
            yield change, (replace(proposal, fields=proposal.fields | {field}), interest)
    for place in dict.fromkeys((interest.headquarters, *interest.regions)):
        if place and place.prefecture and place not in proposal.places:
            change = Change(Lever.ADD_PLACE, place.prefecture.label + place.name, True)
            yield change, (replace(proposal, places=(*proposal.places, place)), interest)
    needed = {need.kind for need in proposal.needs}
    for kind in dict.fromkeys(offer.kind for offer in interest.offers):
        if kind not in needed:
            change = Change(Lever.ADD_NEED, kind.label, True)
            yield change, (replace(proposal, needs=(*proposal.needs, Need(kind))), interest)


def _interest_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    for theme in Theme:
        if theme not in interest.themes and any(theme in links_to(field, Theme) for field in proposal.fields):
            change = Change(Lever.ADD_THEME, theme.label, False)
            yield change, (proposal, replace(interest, themes=interest.themes | {theme}))
    for place in proposal.places:
        if place.prefecture and place not in interest.regions:
            change = Change(Lever.ADD_REGION, place.prefecture.label + place.name, True)
            yield change, (proposal, replace(interest, regions=(*interest.regions, place)))
    offered = {offer.kind for offer in interest.offers}
    for kind in dict.fromkeys(need.kind for need in proposal.needs):
        if kind not in offered:
            change = Change(Lever.ADD_OFFER, kind.label, True)
            yield change, (proposal, replace(interest, offers=(*interest.offers, Offer(kind))))


def _lifting_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    """What would have to be different so that a company's condition is not broken; all of it must be true."""
    refused = interest.refusals

    def accepting(lever: Lever, value: str, **changed: Any) -> Changed:
        return Change(lever, value, True), (proposal, replace(interest, refusals=replace(refused, **changed)))

    for field in sorted(proposal.fields & refused.fields):
        if len(proposal.fields) > 1:
            change = Change(Lever.REMOVE_FIELD, field.label, True)
            yield change, (replace(proposal, fields=proposal.fields - {field}), interest)
        yield accepting(Lever.ACCEPT_FIELD, field.label, fields=refused.fields - {field})
    if proposal.legal_form in refused.legal_forms:
        remaining = refused.legal_forms - {proposal.legal_form}
        yield accepting(Lever.ACCEPT_LEGAL_FORM, proposal.legal_form.label, legal_forms=remaining)
    for kind in sorted({need.kind for need in proposal.needs} & refused.resource_kinds):
        yield accepting(Lever.ACCEPT_KIND, kind.label, resource_kinds=refused.resource_kinds - {kind})
    if refused.outside_regions:
        yield accepting(Lever.ACCEPT_OUTSIDE, "", outside_regions=False)
