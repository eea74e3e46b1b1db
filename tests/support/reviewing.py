"""Bring a proposal to any state of the process, and take any step, for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import (
    circulation,
    lapses,
    letters,
    panel_decisions,
    presentation,
    reception,
    reconsideration,
    service,
)
from matchmaker.review.criteria import criteria_of
from matchmaker.review.decisions import Draft, Ground
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.reception_models import ReceptionAnswer
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
            decision := Decision(
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
                held_until_on=clock.today() + timedelta(days=30) if outcome is Outcome.HOLD else None,
                awaits="県警察との協議" if outcome is Outcome.HOLD else "",
            )
        )
        db.session.flush()
        letters.compose(decision, at=at)
        if stage is DecisionStage.RELEASED:
            letters.send(decision, at=at)
    return proposal


def draft_of(proposal: Proposal, outcome: Outcome = Outcome.ADOPT, **values: Any) -> Draft:
    """A draft that lacks nothing: each criterion has its finding and rests on the proposal's own text."""
    grounds = [Ground(one.key, "text:issue", f"{one.name}は十分です。") for one in criteria_of(proposal)]
    led = {"grant_keys": ["wam"]} if outcome is Outcome.REFER else {}
    held = {"awaits": "県警察との協議", "held_until_on": clock.today() + timedelta(days=30)}
    defaults: dict[str, Any] = {"reason": SECRET_REASON, "next_step": SECRET_NEXT_STEP, "grounds": grounds}
    return Draft(outcome=outcome, **(defaults | led | (held if outcome is Outcome.HOLD else {}) | values))


def decision_of(proposal: Proposal) -> Decision:
    return db.session.query(Decision).filter_by(proposal_id=proposal.id).order_by(Decision.id.desc()).first()


def take(action: Action, proposal: Proposal, actor: User, *, reason: str = "理由です。") -> None:
    """Take a step as the views do: one transaction round the service call."""
    with transaction():
        STEP_TAKERS[action](proposal, actor, reason)


def _accept(proposal: Proposal, actor: User, _reason: str) -> None:
    reception.check(proposal, reception.all_yes(), actor=actor, at=clock.now())
    reception.accept(proposal, actor=actor, at=clock.now())


def _mark_ineligible(proposal: Proposal, actor: User, reason: str) -> None:
    reception.check(proposal, _one_item(ReceptionAnswer.NO, reason), actor=actor, at=clock.now())
    reception.mark_ineligible(proposal, actor=actor, at=clock.now())


def _return_for_fix(proposal: Proposal, actor: User, reason: str) -> None:
    reception.check(proposal, _one_item(ReceptionAnswer.ASK, reason), actor=actor, at=clock.now())
    due_on = clock.today() + timedelta(days=14)
    reception.return_for_fix(proposal, fix_due_on=due_on, actor=actor, at=clock.now())


def _one_item(answer: ReceptionAnswer, words: str) -> dict[str, reception.Checked]:
    """The checklist with one answer other than yes, unless there is nothing to say."""
    return reception.all_yes() | ({"papers": reception.Checked(answer, words)} if words.strip() else {})


def _submit(proposal: Proposal, actor: User, _reason: str) -> None:
    service.submit(proposal, actor=actor, at=clock.now())


def _draft(proposal: Proposal, actor: User, reason: str) -> None:
    service.draft_decision(proposal, draft_of(proposal, reason=reason), actor=actor, at=clock.now())


def _send_back(proposal: Proposal, actor: User, reason: str) -> None:
    service.send_back(decision_of(proposal), reason=reason, actor=actor, at=clock.now())


def _decide(proposal: Proposal, actor: User, _reason: str) -> None:
    service.decide(decision_of(proposal), actor=actor, at=clock.now(), release_now=False)


def _release(proposal: Proposal, actor: User, _reason: str) -> None:
    service.release(decision_of(proposal), actor=actor, at=clock.now())


def _reopen(proposal: Proposal, actor: User, reason: str) -> None:
    reconsideration.reopen(proposal, reason, actor=actor, at=clock.now())


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
    Action.ACCEPT: _accept,
    Action.RETURN_FOR_FIX: _return_for_fix,
    Action.MARK_INELIGIBLE: _mark_ineligible,
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
    Action.REOPEN: _reopen,
    Action.WITHDRAW: lambda proposal, actor, _reason: service.withdraw(proposal, actor=actor, at=clock.now()),
}
