"""What the office asks, what divisions answer, and what happens when nobody does."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.directory import divisions as division_service
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role, permissions_of
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import circulation, circulation_queries, clocks, service, steps, workflow
from matchmaker.review.circulation import Question, Said
from matchmaker.review.circulation_models import AnswerCode, CirculationAnswer, CirculationRequest, CirculationStatus
from matchmaker.review.workflow import Action
from tests.circulation.conftest import circulate
from tests.support import records

DIFFICULT = Said(AnswerCode.DIFFICULT, "予算がありません。")


def answer(request, said, actor, at=None):
    with transaction():
        return circulation.answer(request, said, actor=actor, at=at or clock.now())


def kinds_of(session):
    return [(one.kind, one.to_email) for one in session.scalars(select(Notice).order_by(Notice.id))]


def test_circulating_asks_each_division_once_and_tells_its_people_and_the_proposer(
    proposal, division_staff, forests, office, npo_member, session
):
    first, second = circulate(proposal, [division_staff.division, forests], office)

    assert proposal.status is Status.CIRCULATED
    assert [(one.division.id, one.status) for one in (first, second)] == [
        (division_staff.division.id, CirculationStatus.WAITING),
        (forests.id, CirculationStatus.WAITING),
    ]
    assert kinds_of(session) == [
        ("circulation_asked", division_staff.email),
        ("proposal_circulated", npo_member.email),
    ]


def test_a_division_that_owes_an_answer_is_not_asked_again(sent, proposal, forests, office, session):
    again = Question(due_on=clock.today() + timedelta(days=20))
    with pytest.raises(circulation.NothingToSend), transaction():
        circulation.send_further(proposal, [sent.division], again, actor=office, at=clock.now())

    with transaction():
        [added] = circulation.send_further(proposal, [sent.division, forests], again, actor=office, at=clock.now())

    assert added.division_id == forests.id


def test_the_database_refuses_a_second_open_question_to_a_division(sent, session):
    with pytest.raises(IntegrityError), transaction():
        session.add(
            CirculationRequest(
                proposal_id=sent.proposal_id, division_id=sent.division_id, due_on=sent.due_on, sent_at=clock.now()
            )
        )


def test_a_division_that_has_ended_cannot_be_asked(proposal, forests, office):
    with transaction():
        forests.valid_until_on = clock.today() - timedelta(days=1)
    with pytest.raises(circulation.DivisionNotInForce):
        circulate(proposal, [forests], office)
    assert proposal.status is Status.ACCEPTED


@pytest.mark.parametrize("days", [0, -1])
def test_a_due_day_must_lie_ahead(days, proposal, forests, office):
    with pytest.raises(circulation.DueDayNeeded):
        circulate(proposal, [forests], office, days=days)


@pytest.mark.parametrize("code", [code for code in AnswerCode if code is not AnswerCode.INTERESTED])
def test_any_answer_but_interest_needs_words(code, sent, division_staff, session):
    with pytest.raises(circulation.WordsNeeded):
        answer(sent, Said(code, " \n"), division_staff)
    assert session.scalars(select(CirculationAnswer)).all() == []


def test_a_change_of_mind_is_one_more_row_and_a_second_click_is_none(sent, division_staff, session):
    answer(sent, Said(AnswerCode.INTERESTED), division_staff)
    answer(sent, DIFFICULT, division_staff)
    answer(sent, DIFFICULT, division_staff)

    codes = [one.code for one in session.scalars(select(CirculationAnswer).order_by(CirculationAnswer.id))]
    assert codes == [AnswerCode.INTERESTED, AnswerCode.DIFFICULT]
    assert (sent.status, sent.answer.code) == (CirculationStatus.ANSWERED, AnswerCode.DIFFICULT)


def test_another_division_cannot_answer(sent, session):
    stranger = records.staff(Role.DIVISION, name="別の課の人")
    with pytest.raises(circulation.NotYourDivision):
        answer(sent, DIFFICULT, stranger)


def test_a_withdrawn_question_takes_no_answer_and_the_division_is_told_why(sent, division_staff, office, session):
    with transaction():
        circulation.withdraw(sent, reason="別の課に聞くため。", actor=office, at=clock.now())

    with pytest.raises(circulation.RequestNotOpen, match="依頼を取り消し"):
        answer(sent, DIFFICULT, division_staff)
    mail = session.scalars(select(Notice).where(Notice.kind == "circulation_withdrawn")).one()
    assert "別の課に聞くため。" in mail.body


def test_a_withdrawal_needs_its_reason(sent, office):
    with pytest.raises(steps.ReasonNeeded), transaction():
        circulation.withdraw(sent, reason=" ", actor=office, at=clock.now())
    assert sent.status is CirculationStatus.WAITING


def test_a_proposal_that_was_withdrawn_takes_no_answer(sent, proposal, npo_member, division_staff):
    with transaction():
        service.withdraw(proposal, actor=npo_member, at=clock.now())

    with pytest.raises(circulation.RequestNotOpen, match="取り下げ"):
        answer(sent, DIFFICULT, division_staff)


def test_outside_our_remit_names_the_right_division_and_the_office_forwards(
    sent, division_staff, forests, office, session
):
    answer(sent, Said(AnswerCode.OUTSIDE_REMIT, "林業の話です。", suggested=forests), division_staff)
    question = Question(due_on=clock.today() + timedelta(days=10))

    with transaction():
        forwarded = circulation.forward(sent, sent.answer.suggested_division, question, actor=office, at=clock.now())

    assert (forwarded.division_id, forwarded.moved_from_id, forwarded.status) == (
        forests.id,
        sent.id,
        CirculationStatus.WAITING,
    )
    assert sent.status is CirculationStatus.ANSWERED
    assert ("circulation_outside_remit", office.email) in kinds_of(session)


def test_only_what_is_outside_a_remit_is_forwarded(sent, division_staff, forests, office):
    answer(sent, DIFFICULT, division_staff)
    question = Question(due_on=clock.today() + timedelta(days=10))
    with pytest.raises(circulation.RequestNotOpen), transaction():
        circulation.forward(sent, forests, question, actor=office, at=clock.now())


def test_a_division_is_reminded_at_most_once_a_day(sent, office, session):
    with transaction():
        assert circulation.remind(sent, actor=office, at=clock.now()) == 1
    with pytest.raises(circulation.RemindedToday), transaction():
        circulation.remind(sent, actor=office, at=clock.now())
    with transaction():
        assert circulation.remind(sent, actor=office, at=clock.now() + timedelta(days=1)) == 1


def test_a_late_answer_is_recorded_as_stalled_and_still_counts_when_it_comes(sent, division_staff, office, session):
    late = clock.now() + timedelta(days=30)

    done = clocks.run(at=late)

    assert (done.stalled, done.failed) == (1, 0)
    session.refresh(sent)
    assert (sent.status, sent.stalled_at) == (CirculationStatus.STALLED, late)
    assert ("circulation_stalled", office.email) in kinds_of(session)
    answer(sent, DIFFICULT, division_staff, late)
    assert (sent.status, sent.stalled_at) == (CirculationStatus.ANSWERED, late)


def test_the_process_goes_on_without_a_division_that_never_answers(sent, proposal):
    clocks.run(at=clock.now() + timedelta(days=30))
    assert proposal.status is Status.CIRCULATED
    offered = workflow.steps_from(proposal.status, permissions_of(frozenset({Role.NPO_OFFICE})))
    assert Action.DRAFT_DECISION in {step.action for step in offered}


def test_a_division_renamed_during_a_circulation_keeps_its_question_under_the_new_name(
    sent, division_staff, administrator, session
):
    with transaction():
        division = sent.division
        successor = division_service.rename(
            division,
            "森林みどり課",
            "農林水産部",
            on=clock.today(),
            actor_id=administrator.id,
            at=clock.now(),
        )

    done = clocks.run(at=clock.now())

    assert (done.settled, done.failed) == (1, 0)
    before, after = session.scalars(select(CirculationRequest).order_by(CirculationRequest.id)).unique()
    assert (before.status, before.end_reason) == (CirculationStatus.MOVED, "課が森林みどり課になったため")
    assert (after.division_id, after.moved_from_id, after.sent_at, after.note) == (
        successor.id,
        before.id,
        before.sent_at,
        before.note,
    )
    # The person's role still names the former division: the work has not left their desk.
    assert [item.number for item in circulation_queries.waiting_for(division_staff)] == [sent.proposal.number]
    answer(after, DIFFICULT, division_staff)


def test_a_division_dissolved_without_a_follower_closes_its_question_and_the_office_is_told(
    sent, office, administrator, session
):
    with transaction():
        division_service.end(sent.division, last_on=clock.today(), actor_id=administrator.id, at=clock.now())

    done = clocks.run(at=clock.now() + timedelta(days=1))

    session.refresh(sent)
    assert (done.settled, sent.status) == (1, CirculationStatus.CLOSED)
    assert sent.end_reason == "課が終わり、あとをつぐ課が記録されていないため"
    assert ("circulation_closed", office.email) in kinds_of(session)
    assert sent.proposal.status is Status.CIRCULATED


def test_running_the_clocks_twice_changes_nothing_more(sent, session):
    late = clock.now() + timedelta(days=30)
    clocks.run(at=late)
    mails = len(kinds_of(session))

    done = clocks.run(at=late)

    assert (done.settled, done.stalled, done.lapsed, done.nudged, done.failed) == (0, 0, 0, 0, 0)
    assert len(kinds_of(session)) == mails


def test_only_the_office_sends_reminds_withdraws_and_forwards(sent, proposal, division_staff, npo_member, forests):
    question, at = Question(due_on=clock.today() + timedelta(days=10)), clock.now()
    acts = (
        lambda person: circulation.send_further(proposal, [forests], question, actor=person, at=at),
        lambda person: circulation.remind(sent, actor=person, at=at),
        lambda person: circulation.withdraw(sent, reason="理由", actor=person, at=at),
        lambda person: circulation.forward(sent, forests, question, actor=person, at=at),
    )
    for act, person in product(acts, (division_staff, npo_member)):
        with pytest.raises(DomainError, match="NPO担当課だけ"), transaction():
            act(person)


@pytest.mark.parametrize("code", list(AnswerCode))
def test_an_adoption_brings_in_the_divisions_that_were_willing(code, sent, division_staff, proposal):
    answer(sent, Said(code, "条件や理由です。"), division_staff)
    willing = circulation_queries.willing_divisions(proposal)
    is_willing = code in {AnswerCode.INTERESTED, AnswerCode.CONDITIONAL}
    assert [one.id for one in willing] == ([division_staff.division.id] if is_willing else [])
