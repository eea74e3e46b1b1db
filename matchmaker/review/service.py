"""The verbs of screening and decision, each inside the caller's transaction: status, event, audit and mail together."""

from datetime import datetime

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Verification
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import service as projects
from matchmaker.projects.models import Project
from matchmaker.proposals import service as proposals
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import circulation_queries, decisions, joining, letters, steps
from matchmaker.review.decisions import Draft
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import RELEASES, Action, Outcome


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


class ReleasedTogether(DomainError):
    """A result of a call is told with all others of the call."""

    def __init__(self) -> None:
        super().__init__(
            _("募集の結果は、同じ募集のほかの結果といっしょに通知します。「結果の通知」のページで通知してください。")
        )


class OrganisationNotVerified(DomainError):
    """The office has not verified the proposer's organisation."""


def submit(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Hand a draft, or a text that was returned for changes, to the office.

    Only a verified organisation submits: an official number and a place in the office's queue are public acts, and
    nothing of an organisation is public before the office knows that it is what it says.
    Errors: StepRefused, OrganisationNotVerified, joining.CannotJoin, proposals.service.ProposalIncomplete.
    """
    locked(proposal)
    is_again = proposal.status is ProposalStatus.RETURNED_FOR_FIX
    step = steps.allowed(proposal, Action.RESUBMIT if is_again else Action.SUBMIT, actor)
    _require_verified(proposal)
    if not is_again:
        joining.require_open(proposal, at=at)
    proposals.require_complete(proposal, at=at)
    proposals.give_number(proposal, at)
    proposals.save_version(proposal, actor, at)
    steps.take(proposal, step, actor=actor, at=at)


def withdraw(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Take a proposal back at any time before its result; nobody sees it any more. Errors: StepRefused."""
    locked(proposal)
    step = steps.allowed(proposal, Action.WITHDRAW, actor)
    proposal.is_published = False
    steps.take(proposal, step, actor=actor, at=at)


def draft_decision(proposal: Proposal, draft: Draft, *, actor: User, at: datetime) -> Decision:
    """Put a decision to the approver (起案), with what it rests on and the letter that will tell it.

    Errors: StepRefused, ReasonNeeded, decisions.OutcomeNotPossible, decisions.GroundsMissing,
    decisions.NextStepNeeded, decisions.ReferralNeeded, decisions.HoldNeeded.
    """
    locked(proposal)
    step = steps.allowed(proposal, Action.DRAFT_DECISION, actor, draft.reason)
    decisions.require_complete(proposal, draft, at=at)
    decision = Decision(
        proposal_id=proposal.id,
        stage=DecisionStage.DRAFTED,
        outcome=draft.outcome,
        drafted_from=proposal.status,
        reason=draft.reason,
        next_step=draft.next_step,
        drafted_by_id=actor.id,
        drafted_at=at,
    )
    decisions.write(decision, draft, proposal)
    db.session.add(decision)
    db.session.flush()
    letters.compose(decision, at=at)
    steps.take(proposal, step, actor=actor, at=at, outcome=draft.outcome.value)
    return decision


def send_back(decision: Decision, *, reason: str, actor: User, at: datetime) -> None:
    """Ask the office to draft again (差し戻し). Errors: StepRefused, ReasonNeeded."""
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = steps.allowed(proposal, Action.SEND_BACK, actor, reason)
    decision.stage = DecisionStage.SENT_BACK
    steps.take(proposal, step, actor=actor, at=at, reason=reason, to_status=decision.drafted_from)


def decide(decision: Decision, *, actor: User, at: datetime, release_now: bool) -> Project | None:
    """Decide as drafted (決裁), and with ``release_now`` tell the result at once; then the project is returned, if any.

    Errors: StepRefused, DrafterMayNotDecide, ReleasedTogether, letters.LetterMissing.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DRAFTED)
    step = steps.allowed(proposal, Action.DECIDE, actor)
    if release_now:
        _require_told_alone(proposal)
    if decision.drafted_by_id == actor.id:
        raise DrafterMayNotDecide
    decision.stage, decision.decided_by_id, decision.decided_at = DecisionStage.DECIDED, actor.id, at
    steps.take(proposal, step, actor=actor, at=at, outcome=decision.outcome.value)
    return _release(proposal, decision, actor=actor, at=at) if release_now else None


def release(decision: Decision, *, actor: User, at: datetime) -> Project | None:
    """Tell the result to the proposer and the public; an adoption opens the project, which is returned.

    Errors: StepRefused, ReleasedTogether, letters.LetterMissing.
    """
    proposal = _locked_with_proposal(decision, DecisionStage.DECIDED)
    _require_told_alone(proposal)
    return _release(proposal, decision, actor=actor, at=at)


def release_together(decision: Decision, *, actor: User, at: datetime) -> Project | None:
    """Tell one result of a call as part of the release of all. Errors: StepRefused, letters.LetterMissing."""
    proposal = _locked_with_proposal(decision, DecisionStage.DECIDED)
    return _release(proposal, decision, actor=actor, at=at)


def _require_told_alone(proposal: Proposal) -> None:
    if proposal.call_id is not None:
        raise ReleasedTogether


def _release(proposal: Proposal, decision: Decision, *, actor: User, at: datetime) -> Project | None:
    step = steps.allowed(proposal, RELEASES[decision.outcome], actor)
    letter = letters.send(decision, at=at)
    decision.stage, decision.released_at = DecisionStage.RELEASED, at
    project = _open_project(proposal, actor=actor, at=at) if decision.outcome is Outcome.ADOPT else None
    steps.take(
        proposal,
        step,
        actor=actor,
        at=at,
        mail={
            "outcome": decision.outcome.label,
            "document_number": letter.document_number or "",
            "letter": letter.body,
            "sender": letter.sender,
            "instruction": letters.instruction_of(decision, letter),
            "project_number": project.number if project else "",
        },
    )
    return project


def _open_project(proposal: Proposal, *, actor: User, at: datetime) -> Project:
    """Begin the project with every division that was willing when it was asked."""
    return projects.open_from(proposal, actor=actor, at=at, divisions=circulation_queries.willing_divisions(proposal))


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
