"""Promised and kept response times on their public page, and the office's way to change them."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import circulation, promises
from matchmaker.review.circulation import Said
from matchmaker.review.circulation_models import AnswerCode
from matchmaker.review.models import ReviewEvent
from matchmaker.review.promises import Promises
from matchmaker.review.response_times import FEWEST_SHOWN, Answered, ResponseTime, measured, response_times
from matchmaker.review.workflow import Action
from tests.circulation.conftest import circulate
from tests.support import records
from tests.support.pages import errors_beside_fields, main_text
from tests.support.queries import counted_queries
from tests.work.test_queue import returned


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


MONDAY = date(2026, 11, 16)


def screened(*lasting: int) -> list[Answered]:
    """Screenings that began on one Monday and lasted so many calendar days."""
    return [Answered(WaitingKind.SCREENING, moment(MONDAY), moment(MONDAY + timedelta(days=days))) for days in lasting]


def test_median_and_share_are_of_the_real_business_days():
    promise = Promises([]).of(WaitingKind.SCREENING, MONDAY)

    found = measured(promise, screened(1, 2, 3, 4, 30), Promises([]))

    # 30 days later is 16 December: 21 business days, beyond the promised ten.
    assert found == ResponseTime(promise, 5, Fraction(3), 80)


def test_too_few_answers_show_no_median():
    promise = Promises([]).of(WaitingKind.SCREENING, MONDAY)
    assert measured(promise, screened(1, 2, 3, 4), Promises([])) == ResponseTime(promise, 4, None, None)


def test_answers_of_a_circulation_are_measured_to_the_first_answer(npo, office, division_staff, session):
    for _ in range(FEWEST_SHOWN):
        [asked] = circulate(records.proposal(npo, status=Status.ACCEPTED), [division_staff.division], office)
        for code in (AnswerCode.INTERESTED, AnswerCode.DIFFICULT):
            with transaction():
                circulation.answer(asked, Said(code, "理由です。"), actor=division_staff, at=clock.now())

    times = {one.kind: one for one in response_times(on=clock.today())}

    assert (times[WaitingKind.CIRCULATION].count, times[WaitingKind.CIRCULATION].median) == (FEWEST_SHOWN, Fraction(0))
    assert times[WaitingKind.CIRCULATION].kept_percent == 100


def test_a_withdrawal_is_no_answer(npo, session):
    proposal = returned(npo, due_on=clock.today() + timedelta(days=3))
    with transaction():
        session.add(
            ReviewEvent(
                proposal_id=proposal.id,
                at=clock.now(),
                action=Action.WITHDRAW,
                from_status=Status.RETURNED_FOR_FIX,
                to_status=Status.WITHDRAWN,
            )
        )
    times = {one.kind: one.count for one in response_times(on=clock.today())}
    assert times[WaitingKind.FIXING] == 0


def test_everybody_sees_every_promise_and_is_told_where_too_little_is_known(client, database):
    page = main_text(client.get("/response-times").text)
    assert all(kind.label in page for kind in WaitingKind)
    assert "実績が少ないため出していません" in page
    assert "10営業日" in page


def test_only_the_office_changes_a_promise(office_client, npo_client, division_client, client, office, session):
    address = "/response-times/screening"
    assert [one.get(address).status_code for one in (client, npo_client, division_client)] == [302, 403, 403]
    valid_from_on = clock.today() + timedelta(days=1)

    saved = office_client.post(
        address,
        data={
            "version": "0",
            "business_days": "７",
            "valid_from_on": valid_from_on.isoformat(),
            "reason": "早くするため。",
        },
    )

    assert saved.status_code == 303
    [row] = promises.list_versions(WaitingKind.SCREENING)
    assert (row.business_days, row.release_days, row.valid_from_on) == (7, None, valid_from_on)
    assert "早くするため。" in main_text(office_client.get(address).text)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"business_days": "0"}, "business_days"),
        ({"business_days": "251"}, "business_days"),
        ({"business_days": ""}, "business_days"),
        ({"reason": ""}, "reason"),
        ({"valid_from_on": "2020-01-01"}, "valid_from_on"),
    ],
)
def test_a_promise_that_cannot_be_is_refused_beside_its_field(changed, wrong, office_client):
    valid = {
        "version": "0",
        "business_days": "7",
        "valid_from_on": (clock.today() + timedelta(days=1)).isoformat(),
        "reason": "理由",
    }
    page = office_client.post("/response-times/screening", data=valid | changed)
    assert page.status_code == 422
    assert set(errors_beside_fields(page.text)) == {wrong}


def test_two_people_of_the_office_do_not_overwrite_each_other(office_client):
    data = {
        "version": "0",
        "business_days": "7",
        "valid_from_on": (clock.today() + timedelta(days=1)).isoformat(),
        "reason": "理由",
    }
    codes = [office_client.post("/response-times/screening", data=data).status_code for _ in range(2)]
    assert codes == [303, 409]


def test_an_unknown_kind_is_not_found(office_client):
    assert office_client.get("/response-times/nonsense").status_code == 404


def test_page_costs_a_fixed_number_of_queries(client, npo):
    client.get("/response-times")
    returned(npo, due_on=clock.today() + timedelta(days=3))
    with counted_queries() as one:
        client.get("/response-times")
    returned(npo, due_on=clock.today() + timedelta(days=3))
    returned(npo, due_on=clock.today() + timedelta(days=3))
    with counted_queries() as three:
        client.get("/response-times")
    assert len(one) == len(three)


def test_office_suspends_a_late_proposal_and_resumes_it(office_client, npo, session):
    proposal = returned(npo, due_on=clock.today() - timedelta(days=7))
    address = f"/review/{proposal.number}"
    assert "休止する" in main_text(office_client.get(f"{address}/lapse").text)

    assert office_client.post(f"{address}/lapse").status_code == 303
    session.refresh(proposal)
    assert proposal.status is Status.LAPSED
    assert office_client.post(f"{address}/lapse").status_code == 409
    assert office_client.post(f"{address}/resume", data={}).status_code == 422
    due_on = (clock.today() + timedelta(days=14)).isoformat()
    resumed = office_client.post(f"{address}/resume", data={"reason": "連絡がありました。", "fix_due_on": due_on})

    assert resumed.status_code == 303
    session.refresh(proposal)
    assert proposal.status is Status.RETURNED_FOR_FIX


def test_pages_of_a_step_that_is_not_possible_say_so(office_client, npo):
    proposal = records.proposal(npo, status=Status.SUBMITTED)
    for step in ("lapse", "resume"):
        page = office_client.get(f"/review/{proposal.number}/{step}")
        assert (page.status_code, "提出ずみ（受理待ち）" in main_text(page.text)) == (200, True)


def test_owner_of_a_suspended_proposal_is_told_how_to_go_on(npo_client, npo):
    proposal = records.proposal(npo, status=Status.LAPSED)
    for address in (f"/proposals/{proposal.number}", "/proposals/mine"):
        assert "NPO担当課に連絡してください。" in main_text(npo_client.get(address).text)
