"""The verbs of screening and decision, each inside the caller's transaction: status, event, audit and mail together."""

from datetime import date, datetime

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Verification
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import service as projects
from matchmaker.projects.models import Project
from matchmaker.proposals import service as proposals
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import steps
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import OUTCOMES_FROM, RELEASES, SCREENING, Action, Outcome

PLAIN = SCREENING | {Action.WITHDRAW, Action.CIRCULATE, Action.PRESENT, Action.SCORE, Action.REOPEN}
"""Steps that have no function of their own."""


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


class OutcomeNotPossible(DomainError):
    """The stage that the proposal is at knows no such result."""


class OrganisationNotVerified(DomainError):
    """The office has not verified the proposer's organisation."""


def submit(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Hand a draft, or a text that was returned for changes, to the office.

    Only a verified organisation submits: an official number and a place in the office's queue are public acts, and
    nothing of an organisation is public before the office knows that it is what it says.
    Errors: StepRefused, OrganisationNotVerified, proposals.service.ProposalIncomplete.
    """
    locked(proposal)
    is_again = proposal.status is ProposalStatus.RETURNED_FOR_FIX
    step = steps.allowed(proposal, Action.RESUBMIT if is_again else Action.SUBMIT, actor)
    _require_verified(proposal)
    proposals.require_complete(proposal, at=at)
    proposals.give_number(proposal, at)
    proposals.save_version(proposal, actor, at)
    steps.take(proposal, step, actor=actor, at=at)


def act(
    proposal: Proposal,
    action: Action,
    *,
    actor: User,
    at: datetime,
    reason: str = "",
    fix_due_on: date | None = None,
) -> None:
    """Take a step that needs no more than its reason.

    Errors: StepRefused, ReasonNeeded, FixDueNeeded; ValueError for an action that has a function of its own.
    """
    if action not in PLAIN:
        raise ValueError(f"{action.value} has a function of its own")
    locked(proposal)
    step = steps.allowed(proposal, action, actor, reason)
    if action is Action.RETURN_FOR_FIX:
        if fix_due_on is None or fix_due_on <= day_of(at):
            raise FixDueNeeded
    else:
        fix_due_on = None
    if action is Action.WITHDRAW:
        proposal.is_published = False
    steps.take(proposal, step, actor=actor, at=at, reason=reason, fix_due_on=fix_due_on)


def draft_decision(
    proposal: Proposal, *, outcome: Outcome, reason: str, next_step: str, actor: User, at: datetime
) -> Decision:
    """Put a decision to the approver (起案). Errors: StepRefused, ReasonNeeded, OutcomeNotPossible."""
    locked(proposal)
    step = steps.allowed(proposal, Action.DRAFT_DECISION, actor, reason)
    if outcome not in OUTCOMES_FROM[proposal.status]:
        raise OutcomeNotPossible(
            _(
                "「%(now)s」の提案に、「%(outcome)s」の起案はできません。",
                now=proposal.status.label,
                outcome=outcome.label,
            )
        )
    decision = Decision(
        proposal_id=proposal.id,
        stage=DecisionStage.DRAFTED,
        outcome=outcome,
        drafted_from=proposal.status,
        reason=reason,
        next_step=next_step,
        drafted_by_id=actor.id,
        drafted_at=at,
    )
    db.session.add(decision)
    steps.take(proposal, step, actor=actor, at=at, outcome=outcome.value)
    return decision


def send_back(decision: Decision, *, reason: str, actor: User, at: datetime) -> None:
    """Ask the office to draft again (差し戻し). Errors: StepRefused, ReasonNeeded."""
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = steps.allowed(proposal, Action.SEND_BACK, actor, reason)
    decision.stage = DecisionStage.SENT_BACK
    steps.take(proposal, step, actor=actor, at=at, reason=reason, to_status=decision.drafted_from)


def decide(decision: Decision, *, actor: User, at: datetime, release_now: bool) -> Project | None:
    """Decide as drafted (決裁), and with ``release_now`` tell the result at once; then the project is returned, if any.

    Errors: StepRefused, DrafterMayNotDecide.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = steps.allowed(proposal, Action.DECIDE, actor)
    if decision.drafted_by_id == actor.id:
        raise DrafterMayNotDecide
    decision.stage, decision.decided_by_id, decision.decided_at = DecisionStage.DECIDED, actor.id, at
    steps.take(proposal, step, actor=actor, at=at, outcome=decision.outcome.value)
    return _release(proposal, decision, actor=actor, at=at) if release_now else None


def release(decision: Decision, *, actor: User, at: datetime) -> Project | None:
    """Tell the result to the proposer and the public; an adoption opens the project, which is returned.

    Errors: StepRefused.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DECIDED)
    return _release(proposal, decision, actor=actor, at=at)


def _release(proposal: Proposal, decision: Decision, *, actor: User, at: datetime) -> Project | None:
    step = steps.allowed(proposal, RELEASES[decision.outcome], actor)
    decision.stage, decision.released_at = DecisionStage.RELEASED, at
    project = projects.open_from(proposal, actor=actor, at=at) if decision.outcome is Outcome.ADOPT else None
    steps.take(
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
        raise steps.StepRefused(
            _("この起案は、ほかの人が先に処理しました。画面を開き直して、いまの状態を確認してください。")
        )
    return proposal


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
