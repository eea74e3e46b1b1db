"""Several people, or the clock twice, act on one circulation at the same moment."""

from datetime import timedelta

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.review import circulation
from matchmaker.review.circulation import Question, Said
from matchmaker.review.circulation_models import AnswerCode, CirculationAnswer, CirculationRequest
from tests.support import records
from tests.support.at_once import ends_at_once


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_two_officers_who_circulate_the_same_proposal_ask_its_division_once(app, proposal, forests, office, session):
    other = records.staff(Role.NPO_OFFICE, name="事務局 二郎")
    question = Question(due_on=clock.today() + timedelta(days=14))
    ids = proposal.id, forests.id

    def circulate_as(user_id: int):
        def act() -> None:
            circulation.circulate(
                db.session.get_one(Proposal, ids[0]),
                [db.session.get_one(Division, ids[1])],
                question,
                actor=db.session.get_one(User, user_id),
                at=clock.now(),
            )

        return act

    ends = ends_at_once(app, [circulate_as(office.id), circulate_as(other.id)])

    session.rollback()
    assert ends == ["StepRefused", "done"]
    assert count(CirculationRequest) == 1


def test_an_answer_and_a_withdrawal_at_once_end_in_one_of_them(app, sent, division_staff, office, session):
    request_id, people = sent.id, (division_staff.id, office.id)

    def answer() -> None:
        request = db.session.get_one(CirculationRequest, request_id)
        said = Said(AnswerCode.INTERESTED)
        circulation.answer(request, said, actor=db.session.get_one(User, people[0]), at=clock.now())

    def withdraw() -> None:
        request = db.session.get_one(CirculationRequest, request_id)
        circulation.withdraw(
            request, reason="もう聞きません。", actor=db.session.get_one(User, people[1]), at=clock.now()
        )

    ends = ends_at_once(app, [answer, withdraw])

    session.rollback()
    assert ends == ["RequestNotOpen", "done"]
    assert count(CirculationAnswer) == (1 if sent.status.value == "answered" else 0)
    assert (sent.ended_at is None) == (sent.status.value == "answered")


def test_two_clocks_at_once_call_a_division_late_once(app, sent, office, session):
    request_id, late = sent.id, clock.now() + timedelta(days=30)

    def stall() -> None:
        circulation.stall(db.session.get_one(CirculationRequest, request_id), at=late)

    ends = ends_at_once(app, [stall, stall, stall])

    session.rollback()
    assert ends == ["done", "done", "done"]
    mails = session.scalars(select(Notice).where(Notice.kind == "circulation_stalled")).all()
    assert [mail.to_email for mail in mails] == [office.email]
