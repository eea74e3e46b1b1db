"""The proposer asks to reconsider, another person answers, the approver decides."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import reconsideration, steps
from matchmaker.review.models import Decision, ReviewEvent
from matchmaker.review.reconsideration import WHOLE, YearCount
from matchmaker.review.reconsideration_models import Reconsideration, Verdict
from matchmaker.review.workflow import RELEASES, Action, Outcome
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text
from tests.support.reviewing import People, decision_of, proposal_at, take

REASONS = {"grasp": "調査の数をもう一度見てください。", "roles": "役割は表に書きました。"}


@pytest.fixture
def other_office(session) -> User:
    return records.staff(Role.NPO_OFFICE, name="事務 四郎")


@pytest.fixture
def rejected(npo, people: People) -> Proposal:
    proposal = proposal_at(npo, Status.DECIDED, people, Outcome.REJECT)
    take(Action.REJECT, proposal, people.approver)
    return proposal


def asked(proposal: Proposal, people: People, reasons=None, *, at=None, actor=None) -> Reconsideration:
    with transaction():
        request = reconsideration.ask(
            proposal, REASONS if reasons is None else reasons, actor=actor or people.owner, at=at or clock.now()
        )
        request_id = request.id
    return db.session.get_one(Reconsideration, request_id)


def answer(request: Reconsideration, verdict: Verdict, actor: User, *, version=None) -> None:
    with transaction():
        reconsideration.draft_answer(
            request,
            verdict,
            "調査の数を見直しました。",
            version=request.version if version is None else version,
            actor=actor,
            at=clock.now(),
        )


def decide(request: Reconsideration, actor: User) -> None:
    version = request.version
    with transaction():
        reconsideration.decide(request, version=version, actor=actor, at=clock.now())


def test_a_request_keeps_its_reasons_by_criterion_and_its_clock(rejected, people: People, session):
    request = asked(rejected, people, REASONS | {"novelty": " \n", WHOLE: "全体の理由です。"})

    assert [(one.criterion_name, one.reason) for one in request.points] == [
        ("課題のとらえ方", REASONS["grasp"]),
        ("役割の分担", REASONS["roles"]),
        ("結果の全体", "全体の理由です。"),
    ]
    assert request.answer_due_on == add_business_days(clock.today(), 20)
    assert request.decision_id == decision_of(rejected).id
    assert session.scalars(select(Notice.kind).order_by(Notice.id.desc())).first() == "reconsideration_asked"


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.value)
def test_only_a_result_that_says_no_can_be_reconsidered(status, npo, people: People):
    outcomes = {action: outcome for outcome, action in RELEASES.items()}
    told_by = reconsideration._RESULTS.get(status)
    if told_by is None:
        proposal = proposal_at(npo, status, people)
        with pytest.raises(reconsideration.CannotAsk):
            asked(proposal, people)
        return
    before = Status.SUBMITTED if told_by is Action.MARK_INELIGIBLE else Status.DECIDED
    proposal = proposal_at(npo, before, people, outcomes.get(told_by, Outcome.REJECT))
    take(told_by, proposal, people.office if told_by is Action.MARK_INELIGIBLE else people.approver)

    request = asked(proposal, people, {WHOLE: "見直してください。"})

    assert [one.reason for one in request.points] == ["見直してください。"]


def test_the_last_business_day_counts_and_the_next_day_does_not(rejected, people: People):
    last_day = add_business_days(clock.today(), 10) - clock.today()

    with pytest.raises(reconsideration.CannotAsk, match="期間が過ぎました"):
        asked(rejected, people, at=clock.now() + last_day + timedelta(days=1))
    assert asked(rejected, people, at=clock.now() + last_day).points


def test_a_request_without_reason_twice_or_by_another_is_refused(rejected, people: People, other_npo_member):
    with pytest.raises(reconsideration.PointsMissing):
        asked(rejected, people, {"grasp": " ", "unknown": "理由"})
    with pytest.raises(steps.StepRefused):
        asked(rejected, people, actor=other_npo_member)
    with pytest.raises(steps.StepRefused):
        asked(rejected, people, actor=people.office)
    asked(rejected, people)
    with pytest.raises(reconsideration.CannotAsk, match="すでに求めています"):
        asked(rejected, people)


def test_who_drafted_the_result_does_not_draft_the_answer(rejected, people: People):
    request = asked(rejected, people)

    with pytest.raises(reconsideration.FirstDrafterMayNotAnswer):
        answer(request, Verdict.UPHELD, people.office)
    with pytest.raises(steps.StepRefused):
        answer(request, Verdict.UPHELD, people.approver)


def test_an_upheld_result_is_answered_by_letter_and_stays(rejected, people: People, other_office, session):
    request = asked(rejected, people)
    answer(request, Verdict.UPHELD, other_office)
    decide(request, people.approver)

    assert (rejected.status, request.document_number, request.decided_by_id) == (
        Status.REJECTED,
        "協創第R8-2号",
        people.approver.id,
    )
    mail = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert (mail.kind, "調査の数を見直しました。" in mail.body, "協創第R8-2号" in mail.body) == (
        "reconsideration_answered",
        True,
        True,
    )
    assert decision_of(rejected).reopened_at is None


def test_a_reopened_result_goes_back_to_review_and_stays_on_record(
    rejected, people: People, other_office, client, session
):
    request = asked(rejected, people)
    answer(request, Verdict.REOPENED, other_office)
    decide(request, people.approver)

    assert rejected.status is Status.ACCEPTED
    assert decision_of(rejected).reopened_at is not None
    event = session.scalars(select(ReviewEvent).order_by(ReviewEvent.id.desc())).first()
    assert (event.action, event.reason) == (Action.REOPEN, "調査の数を見直しました。")
    page = main_text(client.get(f"/proposals/{rejected.number}").text)
    assert [words for words in ("見直しのために取り消しました", "不採択", "審査中") if words not in page] == []


def test_a_sent_back_answer_is_kept_for_the_next_draft(rejected, people: People, other_office):
    request = asked(rejected, people)
    answer(request, Verdict.UPHELD, other_office)
    version = request.version
    with transaction():
        reconsideration.send_back(
            request, "数を示してください。", version=version, actor=people.approver, at=clock.now()
        )

    assert (request.verdict, request.sent_back_answer, request.sent_back_reason) == (
        None,
        "調査の数を見直しました。",
        "数を示してください。",
    )
    answer(request, Verdict.REOPENED, other_office)
    assert (request.verdict, request.sent_back_reason) == (Verdict.REOPENED, "")


def test_steps_in_a_wrong_order_are_refused(rejected, people: People, other_office):
    request = asked(rejected, people)
    with pytest.raises(reconsideration.AnswerMoved):
        decide(request, people.approver)
    with pytest.raises(EditConflict):
        answer(request, Verdict.UPHELD, other_office, version=99)
    answer(request, Verdict.UPHELD, other_office)
    with pytest.raises(reconsideration.AnswerMoved):
        answer(request, Verdict.REOPENED, other_office)
    with pytest.raises(steps.StepRefused):
        decide(request, other_office)
    decide(request, people.approver)
    with pytest.raises(reconsideration.AnswerMoved):
        decide(request, people.approver)


def test_reopening_of_ones_own_accord_waits_for_the_answer_to_a_request(rejected, people: People):
    asked(rejected, people)

    with pytest.raises(reconsideration.RequestWaits):
        take(Action.REOPEN, rejected, people.approver)


def test_a_new_result_after_reopening_can_be_reconsidered_again(rejected, people: People, other_office, session):
    request = asked(rejected, people)
    answer(request, Verdict.REOPENED, other_office)
    decide(request, people.approver)
    take(Action.DRAFT_DECISION, rejected, other_office)
    with transaction():
        session.scalars(select(Decision).order_by(Decision.id.desc()).limit(1)).one().outcome = Outcome.REJECT
    take(Action.DECIDE, rejected, people.approver)
    take(Action.REJECT, rejected, people.approver)

    again = asked(rejected, people)

    assert (again.event_id != request.event_id, again.decision_id != request.decision_id) == (True, True)


def test_counts_are_public_and_name_nobody(rejected, npo, people: People, other_office, client):
    request = asked(rejected, people)
    answer(request, Verdict.UPHELD, other_office)
    decide(request, people.approver)

    assert reconsideration.count_by_year() == [YearCount(2026, asked=1, upheld=1, reopened=0, median_days=0)]
    page = main_text(client.get("/proposals/reconsiderations").text)
    assert ("令和8年度" in page, npo.name in page, rejected.title in page) == (True, False, False)


def test_the_whole_way_through_the_pages(
    app, rejected, npo_client, office_client, approver_client, people, other_office
):
    path = f"/proposals/{rejected.number}/reconsideration"
    assert "あと10営業日" in main_text(npo_client.get(path).text)
    empty = npo_client.post(path, data={})
    sent = npo_client.post(path, data={"points-0-reason": "調査の数を見てください。"})
    assert (empty.status_code, sent.status_code) == (422, 303)
    assert "県の回答を待っています" in main_text(npo_client.get(path).text)

    [request] = reconsideration.list_of(rejected)
    staff = f"/review/{rejected.number}/reconsiderations/{request.id}"
    assert "ほかの担当者が起案します" in main_text(office_client.get(staff).text)
    second = sign_in(app.test_client(), other_office)
    assert "調査の数を見てください。" in main_text(second.get(staff).text)
    wrong = second.post(f"{staff}/answer", data={"version": "1", "verdict": "upheld"})
    drafted = second.post(f"{staff}/answer", data={"version": "1", "verdict": "upheld", "answer": "変わりません。"})
    assert (wrong.status_code, drafted.status_code) == (422, 303)
    assert approver_client.post(f"{staff}/decide", data={"version": "2"}).status_code == 303
    assert "変わりません。" in main_text(npo_client.get(path).text)
    pdf = npo_client.get(f"/proposals/{rejected.number}/reconsiderations/{request.id}.pdf")
    assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")


def test_a_request_waits_for_other_drafters_and_then_for_the_approver(rejected, people: People, other_office):
    request = asked(rejected, people)
    waiting = [len(reconsideration.waiting_for(one)) for one in (people.office, other_office, people.approver)]
    answer(request, Verdict.UPHELD, other_office)
    then = [len(reconsideration.waiting_for(one)) for one in (people.office, other_office, people.approver)]

    assert (waiting, then) == ([0, 1, 0], [0, 0, 1])
