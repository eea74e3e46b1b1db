"""The steps of the process, each inside the caller's transaction: status, event, audit and mail together."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from matchmaker.accounts.models import Membership, User
from matchmaker.audit import service as audit
from matchmaker.directory.terms import Verification
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission
from matchmaker.projects import service as projects
from matchmaker.projects.models import Project
from matchmaker.proposals import service as proposals
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus, shown_status
from matchmaker.review import workflow
from matchmaker.review.models import Decision, DecisionStage, ReviewEvent
from matchmaker.review.workflow import RELEASES, SCREENING, Action, Outcome, Step

NOTICE_OF = {
    Action.SUBMIT: "proposal_submitted",
    Action.RESUBMIT: "proposal_submitted",
    Action.ACCEPT: "proposal_accepted",
    Action.RETURN_FOR_FIX: "proposal_returned",
    Action.MARK_INELIGIBLE: "proposal_ineligible",
    Action.WITHDRAW: "proposal_withdrawn",
    Action.ADOPT: "decision_released",
    Action.REFER: "decision_released",
    Action.REJECT: "decision_released",
}
"""The mail that a step sends to the proposer's members; internal steps send none."""


_SOURCES = {
    Permission.PROPOSAL_SUBMIT: "npo",
    Permission.PROPOSAL_SCREEN: "office",
    Permission.DECISION_DRAFT: "office",
    Permission.DECISION_DECIDE: "approver",
}


class StepRefused(DomainError):
    """The proposal's state has no such step for this person."""


class MovedMeanwhile(DomainError):
    """Somebody took a step since the page was opened: the text on it may be an old one, or the step be done already."""


class ReasonNeeded(DomainError):
    """The step must say its reason."""

    def __init__(self) -> None:
        super().__init__(_("理由を入力してください。理由は、提案した団体に伝わります。"))


class FixDueNeeded(DomainError):
    """A request for changes must say until when, and that day must lie ahead."""

    def __init__(self) -> None:
        super().__init__(_("いつまでに直してほしいか、明日より後の日を入力してください。"))


class DrafterMayNotDecide(DomainError):
    """The person who drafted a decision wants to decide it."""

    def __init__(self) -> None:
        super().__init__(
            _("起案した人は、決裁できません。ほかの決裁者に決裁を頼んでください（2人で決める決まりです）。")
        )


class OrganisationNotVerified(DomainError):
    """The office has not verified the proposer's organisation."""


def require_unmoved(proposal: Proposal, seen_event_id: int, *, actor: User) -> None:
    """Lock the proposal and make sure that its last step is the one the person saw (0: none yet).

    Errors: MovedMeanwhile, with words for the person's own second click and for a colleague's step.
    """
    locked(proposal)
    last = db.session.scalar(
        select(ReviewEvent).where(ReviewEvent.proposal_id == proposal.id).order_by(ReviewEvent.id.desc()).limit(1)
    )
    if last is None or last.id == seen_event_id:
        return
    if last.actor_id == actor.id:
        raise MovedMeanwhile(
            _("「%(step)s」は、あなたがすでに行いました。もう一度行う必要はありません。", step=last.action.label)
        )
    raise MovedMeanwhile(
        _(
            "画面を開いている間に、%(name)sさんが「%(step)s」を行いました。いまの状態を確認してください。",
            name=last.actor.name if last.actor else "",
            step=last.action.label,
        )
    )


def submit(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Hand a draft, or a text that was returned for changes, to the office.

    Only a verified organisation submits: an official number and a place in the office's queue are public acts, and
    nothing of an organisation is public before the office knows that it is what it says.
    Errors: StepRefused, OrganisationNotVerified, proposals.service.ProposalIncomplete.
    """
    locked(proposal)
    is_again = proposal.status is ProposalStatus.RETURNED_FOR_FIX
    step = _allowed(proposal, Action.RESUBMIT if is_again else Action.SUBMIT, actor)
    _require_verified(proposal)
    proposals.require_complete(proposal, at=at)
    proposals.give_number(proposal, at)
    proposals.save_version(proposal, actor, at)
    _take(proposal, step, actor=actor, at=at)


def act(
    proposal: Proposal,
    action: Action,
    *,
    actor: User,
    at: datetime,
    reason: str = "",
    fix_due_on: date | None = None,
) -> None:
    """Take a step that needs no more than its reason: the screening steps and the withdrawal.

    Errors: StepRefused, ReasonNeeded, FixDueNeeded; ValueError for an action that has a function of its own.
    """
    if action not in SCREENING | {Action.WITHDRAW}:
        raise ValueError(f"{action.value} has a function of its own")
    locked(proposal)
    step = _allowed(proposal, action, actor, reason)
    if action is Action.RETURN_FOR_FIX:
        if fix_due_on is None or fix_due_on <= day_of(at):
            raise FixDueNeeded
    else:
        fix_due_on = None
    if action is Action.WITHDRAW:
        proposal.is_published = False
    _take(proposal, step, actor=actor, at=at, reason=reason, fix_due_on=fix_due_on)


def draft_decision(
    proposal: Proposal, *, outcome: Outcome, reason: str, next_step: str, actor: User, at: datetime
) -> Decision:
    """Put a decision to the approver (起案). Errors: StepRefused, ReasonNeeded."""
    locked(proposal)
    step = _allowed(proposal, Action.DRAFT_DECISION, actor, reason)
    decision = Decision(
        proposal_id=proposal.id,
        stage=DecisionStage.DRAFTED,
        outcome=outcome,
        reason=reason,
        next_step=next_step,
        drafted_by_id=actor.id,
        drafted_at=at,
    )
    db.session.add(decision)
    _take(proposal, step, actor=actor, at=at, outcome=outcome.value)
    return decision


def send_back(decision: Decision, *, reason: str, actor: User, at: datetime) -> None:
    """Ask the office to draft again (差し戻し). Errors: StepRefused, ReasonNeeded."""
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = _allowed(proposal, Action.SEND_BACK, actor, reason)
    decision.stage = DecisionStage.SENT_BACK
    _take(proposal, step, actor=actor, at=at, reason=reason)


def decide(decision: Decision, *, actor: User, at: datetime, release_now: bool) -> Project | None:
    """Decide as drafted (決裁), and with ``release_now`` tell the result at once; then the project is returned, if any.

    Errors: StepRefused, DrafterMayNotDecide.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = _allowed(proposal, Action.DECIDE, actor)
    if decision.drafted_by_id == actor.id:
        raise DrafterMayNotDecide
    decision.stage, decision.decided_by_id, decision.decided_at = DecisionStage.DECIDED, actor.id, at
    _take(proposal, step, actor=actor, at=at, outcome=decision.outcome.value)
    return _release(proposal, decision, actor=actor, at=at) if release_now else None


def release(decision: Decision, *, actor: User, at: datetime) -> Project | None:
    """Tell the result to the proposer and the public; an adoption opens the project, which is returned.

    Errors: StepRefused.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DECIDED)
    return _release(proposal, decision, actor=actor, at=at)


def _release(proposal: Proposal, decision: Decision, *, actor: User, at: datetime) -> Project | None:
    step = _allowed(proposal, RELEASES[decision.outcome], actor)
    decision.stage, decision.released_at = DecisionStage.RELEASED, at
    project = projects.open_from(proposal, actor=actor, at=at) if decision.outcome is Outcome.ADOPT else None
    _take(
        proposal,
        step,
        actor=actor,
        at=at,
        mail={
            "outcome": decision.outcome.label,
            "reason": decision.reason,
            "next_step": decision.next_step,
            "project_number": project.number if project else "",
        },
    )
    return project


def _locked_with_proposal(decision: Decision, stage: DecisionStage) -> Proposal:
    """Lock the proposal first, as every step does, then the decision; refuse when the decision has moved on."""
    proposal = locked(decision.proposal)
    locked(decision)
    if decision.stage is not stage:
        raise StepRefused(_("この起案は、ほかの人が先に処理しました。画面を開き直して、いまの状態を確認してください。"))
    return proposal


def _allowed(proposal: Proposal, action: Action, actor: User, reason: str = "") -> Step:
    """Ask the table, and turn its refusal into words."""
    permissions = actor.permissions
    if not _owns(actor, proposal):
        permissions -= {Permission.PROPOSAL_SUBMIT}
    try:
        return workflow.take(action, proposal.status, permissions, reason)
    except workflow.ReasonMissing as missing:
        raise ReasonNeeded from missing
    except workflow.StepNotAllowed as refusal:
        raise StepRefused(_refusal(proposal, action, actor, permissions)) from refusal


def _owns(actor: User, proposal: Proposal) -> bool:
    return actor.organisation is not None and actor.organisation.id == proposal.organisation_id


def _refusal(proposal: Proposal, action: Action, actor: User, permissions: frozenset[Permission]) -> str:
    if not any(step.action is action and step.permission in permissions for step in workflow.STEPS):
        return _("「%(step)s」は、あなたの役割ではできません。担当の人に頼んでください。", step=action.label)
    status = proposal.status if actor.may(Permission.REVIEW_READ) else shown_status(proposal.status)
    return _(
        "この提案はいま「%(now)s」なので、「%(step)s」はできません。画面を開き直して、いまの状態を確認してください。",
        now=status.label,
        step=action.label,
    )


def _require_verified(proposal: Proposal) -> None:
    verification = proposal.organisation.verification
    if verification is Verification.WAITING:
        raise OrganisationNotVerified(
            _(
                "団体の確認が終わっていないため、まだ提出できません。"
                "県のNPO担当課が確認すると、メールで知らせます。入力した内容は下書きに残っています。"
            )
        )
    if verification is Verification.REFUSED:
        raise OrganisationNotVerified(
            _("団体の確認ができなかったため、提出できません。団体の情報を直してから、もう一度確認を受けてください。")
        )


def _take(
    proposal: Proposal,
    step: Step,
    *,
    actor: User,
    at: datetime,
    reason: str = "",
    fix_due_on: date | None = None,
    mail: dict[str, str] | None = None,
    **detail: str,
) -> None:
    """Move the proposal along the table's row, write it down, and tell the proposer."""
    proposal.status = step.to_status
    db.session.add(
        ReviewEvent(
            proposal_id=proposal.id,
            at=at,
            actor_id=actor.id,
            action=step.action,
            from_status=step.from_status,
            to_status=step.to_status,
            reason=reason,
            fix_due_on=fix_due_on,
        )
    )
    db.session.flush()
    audit.record(
        f"{_SOURCES[step.permission]}:proposal:{step.action.value}",
        proposal.public_number,
        actor_id=actor.id,
        at=at,
        from_status=step.from_status.value,
        to_status=step.to_status.value,
        **detail,
    )
    if step.action in NOTICE_OF:
        values = {"reason": reason, "fix_due_on": fix_due_on} | (mail or {})
        _tell_proposer(proposal, NOTICE_OF[step.action], at=at, **values)


def _tell_proposer(proposal: Proposal, kind: str, *, at: datetime, **values: Any) -> None:
    for person in _members_of(proposal.organisation_id):
        notices.queue(
            kind,
            to_email=person.email,
            to_user_id=person.id,
            at=at,
            name=person.name,
            organisation=proposal.organisation.name,
            title=proposal.title,
            number=proposal.public_number,
            **values,
        )


def _members_of(organisation_id: int) -> Sequence[User]:
    return db.session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.suspended_at.is_(None),
            User.email_confirmed_at.is_not(None),
        )
        .order_by(User.id)
    ).all()
