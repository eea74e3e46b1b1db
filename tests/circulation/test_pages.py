"""The pages of a circulation: what each person sees, and what an answer leads to."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.attachments import service as attachments
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.proposals import service as proposals
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import circulation, clocks
from matchmaker.review.circulation import Said
from matchmaker.review.circulation_models import AnswerCode, CirculationAnswer, CirculationRequest, CirculationStatus
from tests.circulation.conftest import circulate
from tests.support import records
from tests.support.client import sign_in
from tests.support.files import PDF
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries


def test_division_reads_the_text_and_answers(division_client, sent, session):
    number = sent.proposal.number
    page = division_client.get(f"/circulation/{number}")
    assert page.status_code == 200
    assert "週1回の教室を開く。" in main_text(page.text)
    assert "既存の事業との関係を教えてください。" in main_text(page.text)

    answered = division_client.post(
        f"/circulation/{number}",
        data={"code": "conditional", "comment": "会場は貸せます。", "contact": "山田 059-000-0000"},
    )

    assert (answered.status_code, answered.location) == (303, f"/circulation/{number}")
    given = session.scalars(select(CirculationAnswer)).one()
    assert (given.code, given.comment, given.contact) == (
        AnswerCode.CONDITIONAL,
        "会場は貸せます。",
        "山田 059-000-0000",
    )
    assert "会場は貸せます。" in main_text(division_client.get(f"/circulation/{number}").text)


def test_answer_without_its_words_stays_on_the_page_with_the_error_beside_the_field(division_client, sent):
    page = division_client.post(f"/circulation/{sent.proposal.number}", data={"code": "difficult", "comment": ""})

    assert page.status_code == 422
    assert errors_beside_fields(page.text) == {
        "comment": "エラー： 「関心あり」以外のときは、理由や条件を入力してください"
    }


def test_answer_that_came_too_late_keeps_the_typed_words(division_client, sent, office):
    with transaction():
        circulation.withdraw(sent, reason="別の課に聞くため。", actor=office, at=clock.now())

    page = division_client.post(
        f"/circulation/{sent.proposal.number}", data={"code": "difficult", "comment": "長い返事です。"}
    )

    assert page.status_code == 409
    assert "長い返事です。" in main_text(page.text)


def test_division_sees_only_what_was_sent_to_it(app, sent):
    stranger = sign_in(app.test_client(), records.staff(Role.DIVISION, name="別の課の人"))
    assert stranger.get(f"/circulation/{sent.proposal.number}").status_code == 404
    assert sent.proposal.title not in stranger.get("/circulation").text


def test_text_of_a_withdrawn_question_is_closed_to_the_division(division_client, sent, office):
    with transaction():
        circulation.withdraw(sent, reason="別の課に聞くため。", actor=office, at=clock.now())

    page = main_text(division_client.get(f"/circulation/{sent.proposal.number}").text)

    assert "週1回の教室を開く。" not in page
    assert "別の課に聞くため。" in page


def test_files_are_handed_to_the_asked_division_only(app, npo, npo_member, office, division_staff, division_client):
    proposal = records.proposal(npo)
    with attachments.received("計画.pdf", io.BytesIO(PDF)) as stored, transaction():
        public_id = proposals.attach(proposal, stored, actor=npo_member, at=clock.now()).public_id
    with transaction():
        proposal.status, proposal.number, proposal.submitted_at = Status.ACCEPTED, "R8-0077", clock.now()
    circulate(proposal, [division_staff.division], office)
    stranger = sign_in(app.test_client(), records.staff(Role.DIVISION, name="別の課の人"))

    address = f"/circulation/R8-0077/files/{public_id}"

    with division_client.get(address) as handed:
        assert (handed.status_code, handed.data) == (200, PDF)
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("who", ["npo_client", "company_client", "approver_client", "administrator_client", "client"])
def test_circulation_of_a_division_is_closed_to_others(who, sent, request):
    browser = request.getfixturevalue(who)
    codes = [browser.get(path).status_code for path in ("/circulation", f"/circulation/{sent.proposal.number}")]
    assert codes in ([403, 403], [302, 302])


def test_office_circulates_to_the_divisions_that_the_proposer_named(
    office_client, proposal, division_staff, forests, session
):
    with transaction():
        proposal.divisions = [forests]
    page = parse(office_client.get(f"/review/{proposal.number}/circulation").text)
    assert [box["value"] for box in page.select("[name=division_ids][checked]")] == [str(forests.id)]

    due_on = (clock.today() + timedelta(days=20)).isoformat()
    sent = office_client.post(
        f"/review/{proposal.number}/circulation",
        data={"division_ids": [str(forests.id), str(division_staff.division.id)], "due_on": due_on, "note": "よろしく"},
    )

    assert sent.status_code == 303
    rows = session.scalars(select(CirculationRequest).order_by(CirculationRequest.division_id)).unique().all()
    assert {row.division_id for row in rows} == {forests.id, division_staff.division.id}
    assert {row.due_on.isoformat() for row in rows} == {due_on}
    assert proposal.status is Status.CIRCULATED


def test_office_is_asked_for_a_division_and_a_day_that_lies_ahead(office_client, proposal, forests):
    page = office_client.post(
        f"/review/{proposal.number}/circulation", data={"due_on": clock.today().isoformat(), "note": ""}
    )
    assert page.status_code == 422
    assert set(errors_beside_fields(page.text)) == {"division_ids", "due_on"}
    assert proposal.status is Status.ACCEPTED


def test_office_reminds_withdraws_and_forwards_on_one_page(
    office_client, sent, division_staff, forests, session, office
):
    number = sent.proposal.number
    base = f"/review/{number}/circulation/{sent.id}"

    assert office_client.post(f"{base}/remind").status_code == 303
    assert office_client.post(f"{base}/remind").status_code == 409
    assert office_client.post(f"{base}/withdraw", data={}).status_code == 422
    with transaction():
        said = Said(AnswerCode.OUTSIDE_REMIT, "林業の話です。", suggested=forests)
        circulation.answer(sent, said, actor=division_staff, at=clock.now())
    page = office_client.get(f"/review/{number}/circulation").text
    assert "林業の話です。" in main_text(page)
    due_on = (clock.today() + timedelta(days=9)).isoformat()

    prefix = f"forward-{sent.id}-"
    forwarded = office_client.post(
        f"{base}/forward", data={f"{prefix}division_id": str(forests.id), f"{prefix}due_on": due_on}
    )

    assert forwarded.status_code == 303
    newest = session.scalars(select(CirculationRequest).order_by(CirculationRequest.id.desc())).unique().first()
    assert (newest.division_id, newest.moved_from_id) == (forests.id, sent.id)
    withdrawing = {f"withdraw-{newest.id}-reason": "もう聞かなくてよくなりました。"}
    taken_back = office_client.post(f"/review/{number}/circulation/{newest.id}/withdraw", data=withdrawing)
    assert taken_back.status_code == 303
    session.refresh(newest)
    assert newest.status is CirculationStatus.WITHDRAWN


def test_a_request_of_another_proposal_is_not_found(office_client, sent, npo):
    other = records.proposal(npo, status=Status.ACCEPTED)
    assert office_client.post(f"/review/{other.number}/circulation/{sent.id}/remind").status_code == 404


def test_proposer_sees_who_is_waited_for_since_when_but_not_the_words(
    npo_client, client, sent, division_staff, session
):
    with transaction():
        circulation.answer(sent, Said(AnswerCode.DIFFICULT, "予算がありません。"), actor=division_staff, at=clock.now())
    address = f"/proposals/{sent.proposal.number}"

    own, strangers = main_text(npo_client.get(address).text), main_text(client.get(address).text)

    assert "担当課 三郎の課" in own
    assert "返事ずみ" in own
    assert "予算がありません。" not in own
    assert "困難" not in own
    assert "担当課 三郎の課" not in strangers


def test_proposer_reads_what_the_divisions_said_after_the_result(npo_client, sent, division_staff, proposal, session):
    with transaction():
        circulation.answer(sent, Said(AnswerCode.DIFFICULT, "予算がありません。"), actor=division_staff, at=clock.now())
    with transaction():
        proposal.status = Status.REJECTED

    page = main_text(npo_client.get(f"/proposals/{proposal.number}").text)

    assert "困難" in page
    assert "予算がありません。" in page


def test_a_stalled_answer_is_shown_to_the_proposer_and_on_the_review_page(npo_client, office_client, sent):
    clocks.run(at=clock.now() + timedelta(days=30))

    assert "停滞（期限を過ぎています）" in main_text(npo_client.get(f"/proposals/{sent.proposal.number}").text)
    assert "停滞（期限を過ぎています）" in main_text(office_client.get(f"/review/{sent.proposal.number}").text)


def test_review_page_shows_the_answers_to_office_and_approver(
    office_client, approver_client, sent, division_staff, session
):
    with transaction():
        said = Said(AnswerCode.CONDITIONAL, "会場は貸せます。", contact="山田 059-000-0000")
        circulation.answer(sent, said, actor=division_staff, at=clock.now())

    pages = [main_text(one.get(f"/review/{sent.proposal.number}").text) for one in (office_client, approver_client)]

    assert ["会場は貸せます。" in page for page in pages] == [True, True]
    assert ["山田 059-000-0000" in page for page in pages] == [True, False]


def test_list_of_a_division_costs_a_fixed_number_of_queries(division_client, sent, npo, office, division_staff):
    division_client.get("/circulation")
    with counted_queries() as one:
        division_client.get("/circulation")
    for _ in range(2):
        circulate(records.proposal(npo, status=Status.ACCEPTED), [division_staff.division], office)
    with counted_queries() as three:
        division_client.get("/circulation")
    assert len(one) == len(three)


def test_empty_list_says_what_will_come(division_client):
    assert "まだありません" in main_text(division_client.get("/circulation").text)
