"""What earlier Nos do to lists and pairs, and how both sides are told. The rules are those of ``matching.declines``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, select

from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.models import Interest
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import DeclineReason, IntroductionStatus
from matchmaker.matching import declines
from matchmaker.matching.declines import NO_EFFECT, Decline, Effect, EffectKind, NamedField, Sentence
from matchmaker.matching.engine import Ranked, Ranking
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.proposals.models import Proposal

Effects = Mapping[str, Effect]
"""What is remembered about the pairs of one record, by the id of the other side's facts."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The latest No of a pair, and what all Nos of the pair do now."""

    introduction: Introduction
    effect: Effect


def effects_on_interests(proposal: Proposal, mine: ProposalFacts, on: date) -> dict[str, Effect]:
    """Return what Nos do to the pairs of a proposal. ``mine``: its facts, perhaps with answers not saved yet."""
    by_other: dict[str, list[Introduction]] = {}
    for row in _declined(Introduction.proposal_id == proposal.id):
        by_other.setdefault(row.interest.number, []).append(row)
    return {other: _effect(rows, on, mine, interest_facts(rows[0].interest)) for other, rows in by_other.items()}


def effects_of_all(proposals: Iterable[Proposal], on: date) -> dict[int, dict[str, Effect]]:
    """Return ``effects_on_interests`` of many proposals by their ids, in one query; those without a No are left out."""
    by_id = {proposal.id: proposal for proposal in proposals}
    by_pair: dict[int, dict[str, list[Introduction]]] = {}
    for row in _declined(Introduction.proposal_id.in_(by_id)):
        by_pair.setdefault(row.proposal_id, {}).setdefault(row.interest.number, []).append(row)
    return {
        one: {
            other: _effect(rows, on, proposal_facts(by_id[one]), interest_facts(rows[0].interest))
            for other, rows in by_other.items()
        }
        for one, by_other in by_pair.items()
    }


def effects_on_proposals(interest: Interest, theirs: InterestFacts, on: date) -> dict[str, Effect]:
    """Return what Nos do to the pairs of an interest; see ``effects_on_interests``."""
    by_other: dict[str, list[Introduction]] = {}
    for row in _declined(Introduction.interest_id == interest.id):
        by_other.setdefault(row.proposal.draft_number, []).append(row)
    return {other: _effect(rows, on, proposal_facts(rows[0].proposal), theirs) for other, rows in by_other.items()}


def effect_between(proposal: Proposal, interest: Interest, on: date) -> Effect:
    """Return what Nos do to one pair."""
    rows = _declined(Introduction.proposal_id == proposal.id, Introduction.interest_id == interest.id)
    return _effect(rows, on, proposal_facts(proposal), interest_facts(interest)) if rows else NO_EFFECT


def effect_of(introduction: Introduction, on: date) -> Effect:
    """Return what one introduction's No does; ``NO_EFFECT`` when nobody declined."""
    if introduction.status is not IntroductionStatus.DECLINED:
        return NO_EFFECT
    return _effect([introduction], on, proposal_facts(introduction.proposal), interest_facts(introduction.interest))


def list_remembered(side: Proposal | Interest, on: date) -> list[Remembered]:
    """Return the pairs of a record to which a No does something now, the latest first."""
    is_proposal = isinstance(side, Proposal)
    own = Introduction.proposal_id == side.id if is_proposal else Introduction.interest_id == side.id
    pairs: dict[tuple[int, int], list[Introduction]] = {}
    for row in _declined(own):
        pairs.setdefault((row.proposal_id, row.interest_id), []).append(row)
    found = [
        Remembered(rows[-1], _effect(rows, on, proposal_facts(rows[0].proposal), interest_facts(rows[0].interest)))
        for rows in pairs.values()
    ]
    in_force = [one for one in found if one.effect.kind is not EffectKind.NONE]
    return sorted(in_force, key=lambda one: -one.introduction.id)


def fingerprint_for(proposal: Proposal, interest: Interest, reason: DeclineReason, on: date) -> str:
    """Return what is to be kept with a No, so that a later change of the named field is noticed."""
    return declines.decline(proposal_facts(proposal), interest_facts(interest), reason.value, on).fingerprint


def without_declined(lines: Sequence[Ranked], effects: Effects) -> tuple[list[Ranked], int]:
    """Return a ranking without hidden pairs and with lowered ones in their new place, and how many are hidden.

    The parts of a lowered line stay those of the ruleset; the match that people read has the deduction as its own part.
    """
    if not effects:
        return list(lines), 0
    shown = [line for line in lines if not effects.get(line.id, NO_EFFECT).is_hidden]
    lowered = [replace(one, points=one.points - effects.get(one.id, NO_EFFECT).points_deducted) for one in shown]
    lowered.sort(key=lambda line: (bool(line.refusals), -line.points, line.id))
    return lowered, len(lines) - len(shown)


def effective(ranking: Ranking, effects: Effects) -> tuple[Ranking, int]:
    """Return a ranking as ``without_declined`` does its lines, without making a line of each."""
    hidden = [one for one, effect in effects.items() if effect.is_hidden]
    shown = ranking.without(hidden).lowered({one: effect.points_deducted for one, effect in effects.items()})
    return shown, len(ranking) - len(shown)


def effect_sentence(effect: Effect) -> str:
    """Say what a No does now, to both sides; empty when nobody declined."""
    if effect.sentence is Sentence.NOT_DECLINED:
        return ""
    reason, day = DeclineReason(effect.reason).label, japanese_date(effect.ends_on) if effect.ends_on else ""
    field = _field_label(effect.waits_for) if effect.waits_for else ""
    return {
        Sentence.HIDDEN_UNTIL_DAY: _(
            "見送り（理由：%(reason)s）のため、おたがいの一覧に出していません。%(day)sから、また出します。",
            reason=reason,
            day=day,
        ),
        Sentence.HIDDEN_UNTIL_CHANGE: _(
            "見送り（理由：%(reason)s）のため、おたがいの一覧に出していません。"
            "どちらかが「%(field)s」を変えると、また出します。",
            reason=reason,
            field=field,
        ),
        Sentence.LOWERED_UNTIL_DAY: _(
            "見送り（理由：%(reason)s）のため、%(points)d点を引いています。%(day)sから、もとの点に戻ります。",
            reason=reason,
            points=effect.points_deducted,
            day=day,
        ),
        Sentence.BACK_SINCE_DAY: _("見送りから時間がたったので、%(day)sから、また一覧に出しています。", day=day),
        Sentence.BACK_SINCE_CHANGE: _(
            "見送りのあとで「%(field)s」が変わったので、また一覧に出しています。", field=field
        ),
        Sentence.FULL_POINTS_SINCE_DAY: _("見送りから時間がたったので、%(day)sから、もとの点に戻っています。", day=day),
    }[effect.sentence]


def wait_sentence(effect: Effect) -> str:
    """Say when the two sides of a hidden pair can be introduced again; empty when they can be now."""
    if not effect.is_hidden:
        return ""
    reason = DeclineReason(effect.reason).label
    if effect.ends_on:
        return _(
            "見送り（理由：%(reason)s）があったため、いまは紹介を依頼できません。%(day)sから、また依頼できます。",
            reason=reason,
            day=japanese_date(effect.ends_on),
        )
    return _(
        "見送り（理由：%(reason)s）があったため、いまは紹介を依頼できません。"
        "どちらかが「%(field)s」を変えると、また依頼できます。",
        reason=reason,
        field=_field_label(effect.waits_for) if effect.waits_for else "",
    )


def rule_sentence(reason: DeclineReason) -> str:
    """Say what a reason will do, to the person who is about to choose it."""
    rule = declines.rule_of(reason.value)
    if rule.kind is EffectKind.HIDDEN_UNTIL_CHANGE and rule.waits_for:
        return _("どちらかが「%(field)s」を変えるまで、おたがいの一覧に出しません", field=_field_label(rule.waits_for))
    if rule.kind is EffectKind.HIDDEN_UNTIL_DAY:
        return _("%(months)dか月のあいだ、おたがいの一覧に出しません", months=rule.months)
    return _(
        "%(months)dか月のあいだ、点数を%(points)d点引きます（一覧には残ります）",
        months=rule.months,
        points=rule.points_deducted,
    )


def _declined(*conditions: ColumnElement[bool]) -> list[Introduction]:
    statement = select(Introduction).where(Introduction.status == IntroductionStatus.DECLINED, *conditions)
    return list(db.session.scalars(statement.order_by(Introduction.id)))


def _effect(rows: Iterable[Introduction], on: date, mine: ProposalFacts, theirs: InterestFacts) -> Effect:
    kept = [
        Decline(mine.id, theirs.id, row.decline_reason.value, day_of(row.answered_at), row.decline_fingerprint)
        for row in rows
        if row.decline_reason and row.answered_at
    ]
    return declines.effect_on_pair(mine, theirs, kept, on)


def _field_label(field: NamedField) -> str:
    return {
        NamedField.THEMES: _("活動の分野・テーマ"),
        NamedField.PLACES: _("地域"),
        NamedField.RESOURCES: _("必要なもの・出せるもの"),
        NamedField.TEXT: _("説明の文"),
    }[field]
