"""What a draft of a decision (起案) must hold before it may be put to the approver."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.directory.models import Division
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.review.criteria import Criterion, criteria_of
from matchmaker.review.decision_models import DecisionGround, Referral, ReferralGrant
from matchmaker.review.evidence import scores_of, sources_of
from matchmaker.review.models import Decision
from matchmaker.review.other_grants import other_grants
from matchmaker.review.workflow import OUTCOMES_FROM, Outcome

JUDGES_NOTHING = frozenset({Outcome.HOLD})
"""Results that judge nothing yet, and so rest on no criterion."""

UNSUCCESSFUL = frozenset({Outcome.REFER, Outcome.REJECT, Outcome.NOT_SHORTLIST})
"""Results after which the proposer is always told what can be done next."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What was found under a criterion, with the keys of what it rests on (``evidence.sources_of``)."""

    criterion_key: str
    source_key: str
    finding: str
    second_source_key: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as the office drafts it. ``broker``, ``division_ids``, ``grant_keys`` belong to a referral,
    ``held_until_on`` and ``awaits`` to a decision to wait; with other results they are not kept.
    """

    outcome: Outcome
    reason: str
    next_step: str = ""
    grounds: Sequence[Ground] = ()
    broker: str = ""
    broker_until_on: date | None = None
    division_ids: Sequence[int] = ()
    grant_keys: Sequence[str] = ()
    held_until_on: date | None = None
    awaits: str = ""


class OutcomeNotPossible(DomainError):
    """The stage that the proposal is at knows no such result."""


class GroundsMissing(DomainError):
    """Some criteria have no finding, or rest on nothing that exists."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(_("次の審査基準に、判断とその根拠を入力してください：%(names)s", names="、".join(names)))


class NextStepNeeded(DomainError):
    """A proposal that was not adopted must be told what can be done next."""

    def __init__(self) -> None:
        super().__init__(
            _("採択しないときは、提案した団体がこれからできることを「これから行うこと」に入力してください。")
        )


class ReferralNeeded(DomainError):
    """A referral must say who brokers talks with whom until when, or name other grants."""

    def __init__(self) -> None:
        super().__init__(
            _("協議の仲介は、仲介する人・話し合う課・期限の3つか、紹介するほかの助成のどちらかを入力してください。")
        )


class HoldNeeded(DomainError):
    """A decision to wait must say until when, and for what."""

    def __init__(self) -> None:
        super().__init__(_("保留は、いつまで、何を待つかを入力してください。期限は、明日より後の日にしてください。"))


def require_complete(proposal: Proposal, draft: Draft, *, at: datetime) -> None:
    """Errors: OutcomeNotPossible, GroundsMissing, NextStepNeeded, ReferralNeeded, HoldNeeded."""
    if draft.outcome not in OUTCOMES_FROM[proposal.status]:
        words = {"now": proposal.status.label, "outcome": draft.outcome.label}
        raise OutcomeNotPossible(_("「%(now)s」の提案に、「%(outcome)s」の起案はできません。", **words))
    if draft.outcome is Outcome.HOLD:
        if not draft.awaits or draft.held_until_on is None or draft.held_until_on <= day_of(at):
            raise HoldNeeded
        return
    if missing := criteria_without_ground(proposal, draft.grounds):
        raise GroundsMissing([criterion.name for criterion in missing])
    if draft.outcome is Outcome.REFER and not _leads_somewhere(draft, day_of(at)):
        raise ReferralNeeded
    if draft.outcome in UNSUCCESSFUL and not draft.next_step:
        raise NextStepNeeded


def criteria_without_ground(proposal: Proposal, grounds: Sequence[Ground]) -> list[Criterion]:
    """Return the criteria that no ground covers, in the order of the sheet."""
    known = sources_of(proposal)
    covered = {
        ground.criterion_key
        for ground in grounds
        if ground.finding.strip()
        and ground.source_key in known
        and (not ground.second_source_key or ground.second_source_key in known)
    }
    return [criterion for criterion in criteria_of(proposal) if criterion.key not in covered]


def write(decision: Decision, draft: Draft, proposal: Proposal) -> None:
    """Keep with the decision what it rests on and where it leads, in words that stay as they stood."""
    if draft.outcome is Outcome.HOLD:
        decision.held_until_on, decision.awaits = draft.held_until_on, draft.awaits
        return
    decision.grounds = _rows_of(proposal, draft)
    if draft.outcome is Outcome.REFER:
        decision.referral = _referral_of(draft)


def _rows_of(proposal: Proposal, draft: Draft) -> list[DecisionGround]:
    known, scores = sources_of(proposal), scores_of(proposal)
    by_key = {ground.criterion_key: ground for ground in draft.grounds}
    rows = []
    for position, criterion in enumerate(criteria_of(proposal), start=1):
        ground = by_key[criterion.key]
        second = known.get(ground.second_source_key)
        rows.append(
            DecisionGround(
                position=position,
                criterion_key=criterion.key,
                criterion_name=criterion.name,
                source_key=ground.source_key,
                source_label=known[ground.source_key].label,
                second_source_key=second.key if second else "",
                second_source_label=second.label if second else "",
                score=scores.get(criterion.key, ""),
                finding=ground.finding,
            )
        )
    return rows


def _leads_somewhere(draft: Draft, today: date) -> bool:
    is_brokered = draft.broker and draft.division_ids and draft.broker_until_on and draft.broker_until_on > today
    has_no_half = not draft.broker and not draft.division_ids and draft.broker_until_on is None
    grants = other_grants()
    return all(key in grants for key in draft.grant_keys) and bool(is_brokered or (has_no_half and draft.grant_keys))


def _referral_of(draft: Draft) -> Referral:
    grants = other_grants()
    with db.session.no_autoflush:
        chosen = select(Division).where(Division.id.in_(draft.division_ids)).order_by(Division.id)
        divisions = list(db.session.scalars(chosen))
    return Referral(
        broker=draft.broker,
        until_on=draft.broker_until_on,
        divisions=divisions,
        grants=[ReferralGrant(grant_key=key, name=grants[key].label, url=grants[key].url) for key in draft.grant_keys],
    )
