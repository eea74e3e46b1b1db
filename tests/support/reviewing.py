"""Bring a proposal to any state of the process, and take any step, for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import circulation, lapses, panel_decisions, presentation, service
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import Action, Outcome
from tests.support import records

STAGES = {
    ProposalStatus.DECIDED: DecisionStage.DECIDED,
    ProposalStatus.ADOPTED: DecisionStage.RELEASED,
    ProposalStatus.REFERRED: DecisionStage.RELEASED,
    ProposalStatus.REJECTED: DecisionStage.RELEASED,
    ProposalStatus.SHORTLISTED: DecisionStage.RELEASED,
    ProposalStatus.NOT_SHORTLISTED: DecisionStage.RELEASED,
    ProposalStatus.HELD: DecisionStage.RELEASED,
}

SECRET_REASON = "県全体に広がる見込みがあるため。"
SECRET_NEXT_STEP = "担当課と最初の打合せをします。"


@dataclass(frozen=True)
class People:
    """One person of each part: the proposer, the office, the approver."""

    owner: User
    office: User
    approver: User

    def who_has(self, permission: Permission) -> User:
        """The one of them who may take the steps of a permission."""
        [person] = [one for one in (self.owner, self.office, self.approver) if one.may(permission)]
        return person


def proposal_at(of: Organisation, status: ProposalStatus, people: People, outcome: Outcome = Outcome.ADOPT) -> Proposal:
    """A complete proposal in the status, with the decision that belongs to it (or a stray draft of one)."""
    proposal = records.proposal(of, status=status)
    stage = STAGES.get(status, DecisionStage.DRAFTED)
    is_decided = stage in {DecisionStage.DECIDED, DecisionStage.RELEASED}
    at = clock.now()
    with transaction():
        db.session.add(
            Decision(
                proposal_id=proposal.id,
                stage=stage,
                outcome=outcome,
                reason=SECRET_REASON,
                next_step=SECRET_NEXT_STEP,
                drafted_by_id=people.office.id,
                drafted_at=at,
                decided_by_id=people.approver.id if is_decided else None,
                decided_at=at if is_decided else None,
                released_at=at if stage is DecisionStage.RELEASED else None,
            )
        )
    return proposal


def decision_of(proposal: Proposal) -> Decision:
    return db.session.query(Decision).filter_by(proposal_id=proposal.id).order_by(Decision.id.desc()).first()


def take(action: Action, proposal: Proposal, actor: User, *, reason: str = "理由です。") -> None:
    """Take a step as the views do: one transaction round the service call."""
    with transaction():
        STEP_TAKERS[action](proposal, actor, reason)


def _act(action: Action) -> Callable[[Proposal, User, str], object]:
    due = clock.today() + timedelta(days=14) if action is Action.RETURN_FOR_FIX else None
    return lambda proposal, actor, reason: service.act(
        proposal, action, actor=actor, at=clock.now(), reason=reason, fix_due_on=due
    )


def _submit(proposal: Proposal, actor: User, _reason: str) -> None:
    service.submit(proposal, actor=actor, at=clock.now())


def _draft(proposal: Proposal, actor: User, reason: str) -> None:
    service.draft_decision(proposal, outcome=Outcome.ADOPT, reason=reason, next_step="", actor=actor, at=clock.now())


def _send_back(proposal: Proposal, actor: User, reason: str) -> None:
    service.send_back(decision_of(proposal), reason=reason, actor=actor, at=clock.now())


def _decide(proposal: Proposal, actor: User, _reason: str) -> None:
    service.decide(decision_of(proposal), actor=actor, at=clock.now(), release_now=False)


def _release(proposal: Proposal, actor: User, _reason: str) -> None:
    service.release(decision_of(proposal), actor=actor, at=clock.now())


def _circulate(proposal: Proposal, actor: User, _reason: str) -> None:
    division = Division(name="森林・林業経営課", department="農林水産部", valid_from_on=clock.today())
    db.session.add(division)
    db.session.flush()
    question = circulation.Question(due_on=clock.today() + timedelta(days=14))
    circulation.circulate(proposal, [division], question, actor=actor, at=clock.now())


def _resume(proposal: Proposal, actor: User, reason: str) -> None:
    due_on = clock.today() + timedelta(days=14)
    lapses.resume(proposal, reason=reason, fix_due_on=due_on, actor=actor, at=clock.now())


STEP_TAKERS: dict[Action, Callable[[Proposal, User, str], object]] = {
    Action.SUBMIT: _submit,
    Action.RESUBMIT: _submit,
    Action.ACCEPT: _act(Action.ACCEPT),
    Action.RETURN_FOR_FIX: _act(Action.RETURN_FOR_FIX),
    Action.MARK_INELIGIBLE: _act(Action.MARK_INELIGIBLE),
    Action.DRAFT_DECISION: _draft,
    Action.SEND_BACK: _send_back,
    Action.DECIDE: _decide,
    Action.ADOPT: _release,
    Action.REFER: _release,
    Action.REJECT: _release,
    Action.SHORTLIST: _release,
    Action.NOT_SHORTLIST: _release,
    Action.HOLD: _release,
    Action.CIRCULATE: _circulate,
    Action.LAPSE: lambda proposal, actor, _reason: lapses.lapse(proposal, actor=actor, at=clock.now()),
    Action.RESUME: _resume,
    Action.PRESENT: lambda proposal, actor, _reason: presentation.present(proposal, actor=actor, at=clock.now()),
    Action.SCORE: lambda proposal, actor, reason: panel_decisions.go_without(
        proposal, reason=reason, actor=actor, at=clock.now()
    ),
    Action.REOPEN: _act(Action.REOPEN),
    Action.WITHDRAW: _act(Action.WITHDRAW),
}
