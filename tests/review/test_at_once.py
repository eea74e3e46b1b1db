"""Several people take a step at the same moment."""

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects.models import Project
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import outbox, service, steps
from matchmaker.review.call_models import Call
from matchmaker.review.models import Decision, ReviewEvent
from matchmaker.review.workflow import Action, Outcome
from tests.support import records
from tests.support.at_once import ends_at_once
from tests.support.reviewing import People, decision_of, proposal_at, take

AT_ONCE = 8


def find_user(user_id: int) -> User:
    return db.session.get_one(User, user_id)


def find_decision(decision_id: int) -> Decision:
    return db.session.get_one(Decision, decision_id)


def test_of_approvers_who_decide_at_once_one_succeeds(app, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    decision_id = decision_of(proposal).id
    approvers = [people.approver.id, *(records.staff(Role.APPROVER).id for _ in range(AT_ONCE - 1))]

    def decide(approver_id: int) -> None:
        service.decide(find_decision(decision_id), actor=find_user(approver_id), at=clock.now(), release_now=True)

    session.rollback()
    ends = ends_at_once(app, [lambda who=who: decide(who) for who in approvers])

    assert ends == ["StepRefused"] * (AT_ONCE - 1) + ["done"]
    assert [event.action for event in session.scalars(select(ReviewEvent))] == [Action.DECIDE, Action.ADOPT]
    assert len(session.scalars(select(Project)).all()) == 1
    assert len(session.scalars(select(Notice)).all()) == 1


def test_withdrawal_and_decision_at_once_end_in_one_of_both(app, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    proposal_id, decision_id = proposal.id, decision_of(proposal).id
    owner_id, approver_id = people.owner.id, people.approver.id

    def withdraw() -> None:
        proposal = db.session.get_one(Proposal, proposal_id)
        service.withdraw(proposal, actor=find_user(owner_id), at=clock.now())

    def decide() -> None:
        service.decide(find_decision(decision_id), actor=find_user(approver_id), at=clock.now(), release_now=True)

    session.rollback()
    ends = ends_at_once(app, [withdraw, decide])

    assert ends == ["StepRefused", "done"]
    status = session.scalars(select(Proposal.status)).one()
    assert (status, len(session.scalars(select(Project)).all())) in {(Status.WITHDRAWN, 0), (Status.ADOPTED, 1)}


def test_a_draft_submitted_by_two_members_at_once_gets_one_number(app, npo, people: People, session):
    colleague = records.member(npo)
    proposal_id = records.proposal(npo).id

    def submit(member_id: int) -> None:
        service.submit(db.session.get_one(Proposal, proposal_id), actor=find_user(member_id), at=clock.now())

    members = [people.owner.id, colleague.id] * (AT_ONCE // 2)
    session.rollback()
    ends = ends_at_once(app, [lambda who=who: submit(who) for who in members])

    assert ends == ["StepRefused"] * (AT_ONCE - 1) + ["done"]
    assert session.scalars(select(Proposal.number)).all() == ["R8-0001"]


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.WITHDRAW], ids=lambda action: action.value)
def test_a_second_take_of_the_same_step_is_refused(action, npo, people: People):
    proposal = proposal_at(npo, Status.SUBMITTED, people)
    actor = people.office if action is Action.ACCEPT else people.owner
    take(action, proposal, actor)

    with pytest.raises(steps.StepRefused):
        take(action, proposal, actor)


def test_of_approvers_who_tell_a_calls_results_at_once_one_succeeds(app, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECIDED, people, Outcome.REJECT)
    with transaction():
        call = Call(
            number="R8-C1",
            fiscal_year_fy=2026,
            title="募集",
            opens_at=records.LONG_AGO,
            closes_at=clock.now(),
            created_at=records.LONG_AGO,
        )
        session.add(call)
        session.flush()
        db.session.merge(proposal).call_id = call.id
    call_id, seen = call.id, [decision_of(proposal).id]
    approvers = [people.approver.id, *(records.staff(Role.APPROVER).id for _ in range(3))]

    def tell(approver_id: int) -> None:
        call = db.session.get_one(Call, call_id)
        outbox.order(call, release_at=None, seen=seen, actor=find_user(approver_id), at=clock.now())

    session.rollback()
    ends = ends_at_once(app, [lambda who=who: tell(who) for who in approvers])

    assert ends == ["NothingToRelease"] * 3 + ["done"]
    assert len(session.scalars(select(Notice)).all()) == 1


def test_a_withdrawn_proposal_that_was_decided_is_told_no_result(npo, people: People, session):
    proposal = proposal_at(npo, Status.DECIDED, people, Outcome.ADOPT)
    take(Action.WITHDRAW, proposal, people.owner)

    with pytest.raises(steps.StepRefused):
        take(Action.ADOPT, proposal, people.approver)

    assert (proposal.status, session.scalars(select(Project)).all()) == (Status.WITHDRAWN, [])
    assert [notice.kind for notice in session.scalars(select(Notice))] == ["proposal_withdrawn"]
