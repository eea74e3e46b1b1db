"""What the panel decides together (審査会の判断): named, reasoned, with dissent, and apart from the single scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import Recusal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import steps
from matchmaker.review.call_models import StageKind
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_models import (
    PanelAssignment,
    PanelDecision,
    PanelDecisionMember,
    PanelDecisionReason,
)
from matchmaker.review.score_sheets import open_occasion
from matchmaker.review.workflow import OUTCOMES_FROM, Action, Outcome

SCORED_FROM = (ProposalStatus.SHORTLISTED, ProposalStatus.PRESENTED)
"""Where the meeting's decision is the step that ends the judging."""

ON_PAPERS = (ProposalStatus.ACCEPTED, ProposalStatus.CIRCULATED)
"""Where the meeting speaks on the papers; what follows is the office's draft."""

CORRECTED_AT = (ProposalStatus.SCORED, ProposalStatus.HELD)
"""Where a meeting may speak again; both decisions stay on record."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the minutes say. ``reasons`` by criterion key, ``dissents`` by the judge's id."""

    outcome: Outcome
    held_on: date
    chair: str
    quorum: int
    present_ids: frozenset[int]
    reason: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    dissents: Mapping[int, str] = field(default_factory=dict)


class MeetingRefused(DomainError):
    """The minutes do not hold: too few people, somebody who may not sit there, or nothing that it rests on."""


def list_sitting(proposal: Proposal) -> list[User]:
    """Return the judges of a proposal who may sit in its meeting: recused ones may not."""
    out = select(Recusal.user_id).where(Recusal.proposal_id == proposal.id, Recusal.lifted_at.is_(None))
    return list(
        db.session.scalars(
            select(User)
            .join(PanelAssignment, PanelAssignment.judge_id == User.id)
            .where(PanelAssignment.proposal_id == proposal.id, PanelAssignment.ended_at.is_(None), User.id.not_in(out))
            .order_by(User.name, User.id)
        )
    )


def usual_quorum(judges: int) -> int:
    """Return the smallest number that is more than half.

    >>> usual_quorum(4), usual_quorum(5), usual_quorum(0)
    (3, 3, 1)
    """
    return judges // 2 + 1


def is_open(proposal: Proposal) -> bool:
    """Say whether a meeting's decision can be recorded now."""
    return proposal.status in (*ON_PAPERS, *SCORED_FROM, *CORRECTED_AT)


def list_of(proposal: Proposal) -> list[PanelDecision]:
    """Return the decisions of a proposal, the one that counts first: the last one recorded."""
    return list(
        db.session.scalars(
            select(PanelDecision).where(PanelDecision.proposal_id == proposal.id).order_by(PanelDecision.id.desc())
        )
    )


def newest_id(proposal: Proposal) -> int:
    """Return the id of the decision that counts, 0 when there is none."""
    return next((one.id for one in list_of(proposal)), 0)


def record(proposal: Proposal, meeting: Meeting, *, seen: int, actor: User, at: datetime) -> PanelDecision:
    """Record what the meeting decided; at the second stage that is the step SCORE.

    ``seen`` is the id of the newest decision on the page, 0 when there was none: a second click records nothing.
    Errors: steps.StepRefused, MeetingRefused.
    """
    locked(proposal)
    if newest_id(proposal) != seen:
        raise MeetingRefused(_("画面を開いている間に、審査会の判断が記録されました。いまの記録を確認してください。"))
    step = None if proposal.status in (*ON_PAPERS, *CORRECTED_AT) else steps.allowed(proposal, Action.SCORE, actor)
    sitting = {one.id: one for one in list_sitting(proposal)}
    _require_sound(proposal, meeting, sitting, at)
    decision = PanelDecision(
        proposal_id=proposal.id,
        stage=_stage(proposal),
        outcome=meeting.outcome,
        held_on=meeting.held_on,
        chair=meeting.chair,
        quorum=meeting.quorum,
        reason=meeting.reason,
        recorded_by_id=actor.id,
        recorded_at=at,
        members=[
            PanelDecisionMember(user_id=one, name=sitting[one].name, dissent=meeting.dissents.get(one, ""))
            for one in sorted(meeting.present_ids)
        ],
        reasons=[
            PanelDecisionReason(position=place, key=one.key, name=one.name, reason=meeting.reasons[one.key])
            for place, one in enumerate(criteria_of(proposal), start=1)
            if meeting.reasons.get(one.key, "").strip()
        ],
    )
    db.session.add(decision)
    db.session.flush()
    audit.record(
        "office:panel-decision:record",
        proposal.public_number,
        actor_id=actor.id,
        at=at,
        outcome=meeting.outcome.value,
        present=len(meeting.present_ids),
    )
    if step is not None:
        steps.take(proposal, step, actor=actor, at=at)
    return decision


def go_without(proposal: Proposal, *, reason: str, actor: User, at: datetime) -> PanelDecision:
    """End the judging without a meeting, and say why there is none. Errors: steps.StepRefused, steps.ReasonNeeded."""
    locked(proposal)
    step = steps.allowed(proposal, Action.SCORE, actor)
    if not reason.strip():
        raise steps.ReasonNeeded
    decision = PanelDecision(
        proposal_id=proposal.id, stage=_stage(proposal), reason=reason, recorded_by_id=actor.id, recorded_at=at
    )
    db.session.add(decision)
    db.session.flush()
    audit.record("office:panel-decision:go-without", proposal.public_number, actor_id=actor.id, at=at)
    steps.take(proposal, step, actor=actor, at=at)
    return decision


def _stage(proposal: Proposal) -> StageKind:
    """The stage of the sheets that are open; a correction belongs to the stage that it corrects."""
    occasion = open_occasion(proposal)
    if occasion is not None:
        return occasion.stage
    return next((one.stage for one in list_of(proposal)), StageKind.PRESENTATION)


def _require_sound(proposal: Proposal, meeting: Meeting, sitting: Mapping[int, User], at: datetime) -> None:
    if meeting.outcome not in OUTCOMES_FROM[proposal.status]:
        raise MeetingRefused(
            _(
                "「%(now)s」の提案に、「%(outcome)s」の判断は記録できません。",
                now=proposal.status.label,
                outcome=meeting.outcome.label,
            )
        )
    if not meeting.present_ids <= set(sitting) or not set(meeting.dissents) <= meeting.present_ids:
        raise MeetingRefused(
            _(
                "出席者に、この提案を担当していない人か、利害関係のある人がふくまれています。出席者を選び直してください。"
            )
        )
    if len(meeting.present_ids) < max(1, meeting.quorum):
        raise MeetingRefused(
            _(
                "出席が%(present)s人で、定足数の%(quorum)s人に足りません。",
                present=len(meeting.present_ids),
                quorum=max(1, meeting.quorum),
            )
        )
    if meeting.held_on > day_of(at):
        raise MeetingRefused(_("審査会の日は、今日までの日を入力してください。"))
    known = {one.key for one in criteria_of(proposal)}
    if not any(text.strip() for key, text in meeting.reasons.items() if key in known):
        raise MeetingRefused(_("審査基準ごとの理由を、1つ以上入力してください。"))
