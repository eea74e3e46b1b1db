"""Money: shares of a programme's budget, payments, and what remains of the year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import money, money_rules
from matchmaker.projects.events import FactMissing
from matchmaker.projects.money import Amount, AmountInQuestion, InstalmentSettled, OverSpending
from matchmaker.projects.money_models import Allocation, ProgrammeBudget
from matchmaker.projects.money_rules import InstalmentKind, ProgrammeYear
from matchmaker.projects.status import ProjectStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text
from tests.support.projects import TODAY, born, staff_of

AT = clock.now()
PROGRAMME = "NPO視点による協創の地域づくり実践事業"
FY = 2026


@pytest.fixture
def programme(session):
    """A programme with 5,000 thousand yen in fiscal year 2026."""
    with transaction():
        session.add(
            ProgrammeBudget(
                programme=PROGRAMME,
                basic_programme_code="21403",
                basic_programme="「協創」の推進",
                fy=FY,
                budget_thousand_yen=5_000,
                source="試験の予算書",
            )
        )
    return PROGRAMME


@pytest.fixture
def project(npo, approver, programme):
    row = born(npo, approver, records.division())
    with transaction():
        row.budget_yen = 600_000
    return row


def given_to(project, office, yen=600_000, **values) -> Allocation:
    with transaction():
        return money.allocate(project, PROGRAMME, FY, Amount(yen, **values), actor=office, at=AT)


def planned(project, allocation, office, yen=400_000, kind=InstalmentKind.ADVANCE, **values):
    with transaction():
        return money.plan_instalment(project, allocation, kind, TODAY, Amount(yen, **values), actor=office, at=AT)


def paid(project, row, office, yen, **values) -> None:
    with transaction():
        money.pay(project, row, TODAY, Amount(yen, **values), version=row.version, actor=office, at=AT)


def test_what_remains_of_the_year_is_the_budget_less_every_share(project, npo, approver, office):
    other = born(npo, approver)
    given_to(project, office)
    given_to(other, office, 1_400_000)
    row = planned(project, money.money_of(project).allocations[0], office)
    paid(project, row, office, 400_000)

    [year] = money.programme_years(FY)

    assert (year.budget_yen, year.allocated_yen, year.paid_yen, year.remaining_yen) == (
        5_000_000,
        2_000_000,
        400_000,
        3_000_000,
    )
    assert money.programme_years(2027) == []


def test_more_than_remains_is_given_only_with_a_sentence(project, office):
    with pytest.raises(OverSpending, match="1,000,000円こえます"):
        given_to(project, office, 6_000_000, is_sure=True)
    row = given_to(project, office, 6_000_000, is_sure=True, over_reason="補正予算を要求している。")

    assert (row.yen, row.over_reason) == (6_000_000, "補正予算を要求している。")
    assert money.programme_year(PROGRAMME, FY).remaining_yen == -1_000_000


def test_a_year_without_a_budget_on_record_needs_the_sentence_too(project, office):
    with pytest.raises(OverSpending, match="登録されていない"), transaction():
        money.allocate(project, PROGRAMME, 2027, Amount(600_000), actor=office, at=AT)


def test_changing_a_share_counts_the_own_one_out_and_never_goes_below_what_is_promised(project, office):
    row = given_to(project, office, 4_000_000)
    planned(project, row, office, 3_000_000)

    given_to(project, office, 5_000_000)
    with pytest.raises(OverSpending, match="3,000,000円"):
        given_to(project, office, 2_000_000)

    assert row.yen == 5_000_000


@pytest.mark.parametrize(
    ("yen", "sentence"), [(6_000_000, "10倍以上"), (600, "千円より少ない"), (0, "0円"), (200_000_000, "まちがい")]
)
def test_an_improbable_amount_is_asked_about_before_it_is_stored(yen, sentence, project, office):
    with pytest.raises(AmountInQuestion, match=sentence):
        given_to(project, office, yen, over_reason="理由")

    assert money.money_of(project).allocations == []


def test_payments_beyond_the_share_need_a_sentence(project, office):
    allocation = given_to(project, office)
    first = planned(project, allocation, office, 400_000)

    with pytest.raises(OverSpending, match="100,000円こえます"):
        planned(project, allocation, office, 300_000, kind=InstalmentKind.SETTLEMENT)
    second = planned(project, allocation, office, 200_000, kind=InstalmentKind.SETTLEMENT)
    paid(project, first, office, 400_000)
    with pytest.raises(OverSpending, match="50,000円こえます"):
        paid(project, second, office, 250_000)
    paid(project, second, office, 250_000, over_reason="会場費が上がったため。")

    found = money.money_of(project)
    assert (found.allocated_yen, found.paid_yen, found.planned_yen) == (600_000, 650_000, 0)
    assert [row.over_reason for row in found.instalments] == ["", "会場費が上がったため。"]


def test_a_payment_is_made_once(project, office):
    row = planned(project, given_to(project, office), office)
    version = row.version
    paid(project, row, office, 400_000)

    for act in (
        lambda: money.pay(project, row, TODAY, Amount(400_000), version=version, actor=office, at=AT),
        lambda: money.cancel_instalment(project, row, reason="やめる。", version=version, actor=office, at=AT),
    ):
        with pytest.raises(InstalmentSettled), transaction():
            act()


def test_a_plan_that_somebody_changed_is_not_paid_by_an_old_page(project, office):
    row = planned(project, given_to(project, office), office)
    version = row.version
    with transaction():
        row.planned_yen = 300_000

    with pytest.raises(EditConflict), transaction():
        money.pay(project, row, TODAY, Amount(400_000), version=version, actor=office, at=AT)


def test_a_cancelled_plan_frees_its_money_and_says_why(project, office):
    allocation = given_to(project, office)
    row = planned(project, allocation, office, 600_000)

    with transaction():
        money.cancel_instalment(project, row, reason="精算でまとめる。", version=row.version, actor=office, at=AT)
    planned(project, allocation, office, 600_000, kind=InstalmentKind.FULL)

    assert [one.cancel_reason for one in money.money_of(project).instalments] == ["精算でまとめる。", ""]


def test_a_payment_far_outside_its_year_is_refused(project, office):
    allocation = given_to(project, office)

    with pytest.raises(FactMissing, match="令和8年度"), transaction():
        money.plan_instalment(
            project, allocation, InstalmentKind.FULL, date(2029, 5, 1), Amount(100_000), actor=office, at=AT
        )


def test_an_ended_project_is_given_nothing(project, office):
    with transaction():
        project.status = ProjectStatus.CLOSED

    with pytest.raises(FactMissing, match="終了"):
        given_to(project, office)


def test_the_database_itself_refuses_negative_money(project, office):
    allocation = given_to(project, office)

    with pytest.raises(IntegrityError), transaction():
        allocation.yen = -1


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_share_is_over_exactly_when_it_exceeds_what_remains(budget, allocated, yen):
    year = ProgrammeYear(PROGRAMME, FY, budget, allocated, 0)

    assert bool(money_rules.over_programme(year, yen)) == (yen > budget - allocated)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_payment_is_over_exactly_when_the_sum_exceeds_the_share(allocated, committed, yen):
    assert bool(money_rules.over_allocation(allocated, committed, yen)) == (committed + yen > allocated)


def test_the_pages_give_plan_and_pay_and_ask_about_an_odd_amount(app, project, npo_client, office_client, approver):
    base = f"/projects/{project.number}/money"
    officer = staff_of(project.divisions[0], "環境 五郎")
    division_client = sign_in(app.test_client(), officer)
    typed = {"programme": PROGRAMME, "fy": "R8", "yen": "600"}

    doubtful = office_client.post(f"{base}/allocate", data=typed)
    assert doubtful.status_code == 422
    assert "千円より少ない額です" in main_text(doubtful.text)
    assert office_client.post(f"{base}/allocate", data=typed | {"yen": "６００，０００"}).location == base
    [allocation] = money.money_of(project).allocations
    plan = {"allocation": str(allocation.id), "kind": "advance", "planned_on": TODAY.isoformat(), "yen": "400000"}
    assert division_client.post(f"{base}/new", data=plan).status_code == 303
    over = division_client.post(f"{base}/new", data=plan)
    assert (over.status_code, "200,000円こえます" in main_text(over.text)) == (422, True)
    pay = opened(division_client, f"{base}/1")
    assert division_client.post(f"{base}/1", data=pay).status_code == 303
    text = main_text(npo_client.get(base).text)
    assert ("支払ずみ 400,000円" in text, "割り当ての残り 200,000円" in text) == (True, True)
    assert [npo_client.get(f"{base}/{page}").status_code for page in ("new", "1", "allocate")] == [403, 403, 403]
    assert division_client.get(f"{base}/allocate").status_code == 403


def test_a_minus_is_refused_beside_the_field(project, office_client):
    typed = {"programme": PROGRAMME, "fy": "R8", "yen": "-600000"}

    answer = office_client.post(f"/projects/{project.number}/money/allocate", data=typed)

    assert list(errors_beside_fields(answer.text)) == ["yen"]


def test_the_office_enters_the_budget_of_another_year_with_its_source(office_client, programme, session):
    typed = {"programme": PROGRAMME, "thousand_yen": "7,500", "source": "令和9年度当初予算 3ページ"}

    assert office_client.post("/projects/programmes/R9", data=typed).status_code == 303
    assert office_client.post("/projects/programmes/R9", data=typed | {"thousand_yen": "8000"}).status_code == 303

    [year] = money.programme_years(2027)
    assert (year.budget_yen, year.allocated_yen) == (8_000_000, 0)
    kept = select(ProgrammeBudget.budget_thousand_yen).where(ProgrammeBudget.fy == 2027).order_by(ProgrammeBudget.id)
    assert session.scalars(kept).all() == [7_500, 8_000]
    assert office_client.post("/projects/programmes/R9", data=typed | {"source": ""}).status_code == 422


def test_a_budget_beyond_all_others_is_asked_about(office_client, programme):
    typed = {"programme": PROGRAMME, "thousand_yen": "7500000", "source": "予算書"}

    asked = office_client.post("/projects/programmes/R9", data=typed)

    assert (asked.status_code, "まちがいありませんか" in main_text(asked.text)) == (422, True)
    assert office_client.post("/projects/programmes/R9", data=typed | {"is_sure": "y"}).status_code == 303


def test_an_odd_budget_of_a_report_is_asked_about_beside_its_field(division_client, session):
    typed = opened(division_client, "/projects/report") | {
        "title": ["里山の竹を活かす"],
        "partners-0-kind": ["npo"],
        "partners-0-name": ["里山の会"],
        "form_of_collaboration": ["subsidy"],
        "form_agreed_on": [TODAY.isoformat()],
        "starts_on": [TODAY.isoformat()],
        "ends_on": [TODAY.isoformat()],
        "budget_yen": ["500"],
    }

    asked = division_client.post("/projects/report", data=typed)

    assert (asked.status_code, list(errors_beside_fields(asked.text))) == (422, ["budget_yen"])
    assert division_client.post("/projects/report", data=typed | {"is_sure": ["y"]}).status_code == 303


def test_an_odd_settled_sum_is_asked_about_before_completion(office_client, project):
    with transaction():
        project.status = ProjectStatus.IN_PROGRESS
    address = f"/projects/{project.number}/steps/complete"
    typed = opened(office_client, address) | {"settled_yen": ["60000000"], "reason": ["設備を加えたため。"]}

    asked = office_client.post(address, data=typed)

    assert (asked.status_code, list(errors_beside_fields(asked.text))) == (422, ["settled_yen"])
    assert office_client.post(address, data=typed | {"is_sure": ["y"]}).status_code == 303
