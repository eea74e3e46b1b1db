import math
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger, planner_records
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.indicators.models import Measure
from matchmaker.indicators.planner import CONFIDENCE, FEWEST, WAY, Conversion, Stage, Step, forecast, wilson
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

cases = st.integers(1, 200).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried)))
settled = st.integers(FEWEST, 80).flatmap(lambda tried: st.builds(Conversion, st.integers(0, tried), st.just(tried)))
histories = st.fixed_dictionaries(dict.fromkeys(Step, settled))
waits = st.fixed_dictionaries({stage: st.integers(0, 15) for stage in Stage})


@given(cases)
def test_wilson_interval_holds_the_share_and_stays_between_none_and_all(case):
    moved, tried = case
    low, high = wilson(moved, tried)
    assert 0 <= low <= moved / tried <= high <= 1


@given(cases)
def test_wilson_interval_narrows_with_more_cases_of_the_same_share(case):
    moved, tried = case
    (low, high), (later_low, later_high) = wilson(moved, tried), wilson(moved * 4, tried * 4)
    assert later_high - later_low < high - low


@pytest.mark.parametrize(("moved", "tried"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_what_is_no_share(moved, tried):
    with pytest.raises(ValueError, match="a share needs cases"):
        wilson(moved, tried)


@given(counted=st.integers(0, 100), waiting=waits, history=histories)
def test_range_lies_between_the_count_and_all_that_waits_around_what_is_expected(counted, waiting, history):
    found = forecast(counted, waiting, history)
    assert counted <= found.low <= math.ceil(found.expected)
    assert math.floor(found.expected) <= found.high <= counted + sum(waiting.values())


@given(waiting=waits, history=histories, stage=st.sampled_from(Stage))
def test_one_more_that_waits_never_lowers_the_range(waiting, history, stage):
    before, after = forecast(0, waiting, history), forecast(0, waiting | {stage: waiting[stage] + 1}, history)
    assert (before.low <= after.low, before.high <= after.high) == (True, True)


@given(waiting=waits, history=histories, step=st.sampled_from(Step))
def test_no_range_while_a_needed_step_has_too_few_cases(waiting, history, step):
    found = forecast(3, waiting, history | {step: Conversion(FEWEST - 1, FEWEST - 1)})
    is_needed = any(waiting[stage] and step in way for stage, way in WAY.items())
    assert (found.has_range, found.too_few) == (not is_needed, (step,) if is_needed else ())


def test_range_without_anything_that_waits_is_the_count_even_without_history():
    found = forecast(58, {}, {step: Conversion(0, 0) for step in Step})
    assert (found.low, found.high, found.expected) == (58, 58, 58)


def test_back_test_on_simulated_years_keeps_what_the_range_promises():
    """Invent prefectures with conversions of their own; forecast each year from those before, then let it happen."""
    chance = random.Random(20261124)
    hits = tries = silent = 0
    for _prefecture in range(60):
        true = {step: chance.uniform(0.3, 0.95) for step in Step}
        settled = {step: Conversion(0, 0) for step in Step}
        for _year in range(8):
            waiting = {stage: chance.randint(0, 12) for stage in Stage}
            counted = chance.randint(30, 70)
            found = forecast(counted, waiting, settled)
            actual = counted + _happens(waiting, true, settled, chance)
            if not found.has_range:
                silent += 1
                continue
            tries += 1
            hits += found.low <= actual <= found.high
    assert silent >= 60  # nobody has a history in the first year
    assert tries > 300
    assert hits / tries >= CONFIDENCE


def _happens(waiting, true, settled, chance):
    """Send everything that waits its way, write down what became of it, and return how many came through."""
    through = 0
    for stage, count in waiting.items():
        for _one in range(count):
            came_through = True
            for step in WAY[stage]:
                moved = chance.random() < true[step]
                settled[step] = Conversion(settled[step].moved + moved, settled[step].tried + 1)
                if not moved:
                    came_through = False
                    break
            through += came_through
    return through


@pytest.fixture
def history(npo, office: User, add_project):
    """Enough settled cases of every step, and three things that wait."""
    proposals = [records.proposal(npo, status=ProposalStatus.ADOPTED) for _number in range(10)]
    for _number in range(2):
        records.proposal(npo, status=ProposalStatus.REJECTED)
    for place, proposal in enumerate(proposals):
        add_project(number=f"R8-P1{place:02d}", proposal_id=proposal.id)
    reporter = records.user()
    for place in range(10):
        add_project(number=f"R8-P2{place:02d}", reported_by_id=reporter.id, reported_at=clock.now())
    unsettled = {"confirmed_at": None, "confirmed_by_id": None}
    add_project(
        number="R8-P300",
        title="報告の事業",
        status=ProjectStatus.REPORTED,
        reported_by_id=reporter.id,
        reported_at=clock.now(),
        **unsettled,
    )
    add_project(
        number="R8-P301",
        title="話し合い中の事業",
        status=ProjectStatus.WORKING,
        form=None,
        form_agreed_on=None,
        **unsettled,
    )
    records.proposal(npo, status=ProposalStatus.ACCEPTED, title="審査中の提案", starts_on=date(2027, 1, 1))


def test_plan_reads_conversions_and_what_waits_from_the_records(history, publish):
    publish(PROJECTS, 2026, "22", measure=Measure.TARGET)
    plan = planner_records.plan(2026)
    assert (plan.target, plan.counted, plan.gap, plan.still_missing) == (22, 20, 2, 0)
    assert plan.history == {
        Step.ADOPTION: Conversion(10, 12),
        Step.AGREEMENT: Conversion(10, 10),
        Step.CONFIRMATION: Conversion(10, 10),
        Step.COUNTING: Conversion(20, 20),
    }
    assert plan.waiting == {Stage.AGREED: 0, Stage.REPORTED: 1, Stage.ADOPTED: 1, Stage.IN_REVIEW: 1}
    assert [one.title for one in plan.to_move] == ["報告の事業", "話し合い中の事業"]
    assert (plan.forecast.low, plan.forecast.high) == (20, 23)


def test_plan_counts_from_the_snapshot_alone(history, office):
    with transaction():
        project = db.session.scalars(select(Project).where(Project.number == "R8-P300")).one()
        project.status, project.confirmed_by_id = ProjectStatus.IN_PROGRESS, office.id
        project.confirmed_at = clock.now()
    before = planner_records.plan(2026)
    assert (before.counted, before.waiting[Stage.AGREED], before.waiting[Stage.REPORTED]) == (20, 1, 0)
    with transaction():
        ledger.take_open_years(actor=None, at=clock.now())
    after = planner_records.plan(2026)
    assert (after.counted, after.waiting[Stage.AGREED]) == (21, 0)


def test_proposals_of_another_year_do_not_wait_for_this_one(npo, database):
    records.proposal(npo, status=ProposalStatus.ACCEPTED, starts_on=date(2027, 4, 1), ends_on=date(2028, 3, 31))
    assert {fy: planner_records.plan(fy).waiting[Stage.IN_REVIEW] for fy in (2026, 2027)} == {2026: 0, 2027: 1}


def test_page_says_how_many_would_reach_the_target_and_links_to_each(office_client, history):
    page = office_client.get("/indicators/planner?target=22").get_data(as_text=True)
    assert "この2件が今月動けば届きます。" in main_text(page)
    assert [one["href"] for one in parse(page).select("main ol li a")] == [
        "/projects/R8-P300",
        "/projects/R8-P301",
    ]
    assert "見込み：20～23事業" in main_text(page)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("20", "目標に届いています。"),
        ("25", "この3件がすべて数えられても、あと2件足りません。"),
        ("", "この年度の目標は登録されていません"),
        ("x", "この年度の目標は登録されていません"),
        ("２１", "この1件が今月動けば届きます。"),
    ],
)
def test_page_answers_every_target(office_client, history, target, words):
    assert words in main_text(office_client.get(f"/indicators/planner?target={target}").get_data(as_text=True))


def test_page_says_that_there_is_too_little_history(office_client, npo):
    records.proposal(npo, status=ProposalStatus.ACCEPTED, starts_on=date(2027, 1, 1))
    page = main_text(office_client.get("/indicators/planner").get_data(as_text=True))
    assert "実績が少ないため幅を示せません。" in page


def test_page_sends_as_many_queries_for_more_that_waits(office_client, history, npo):
    with counted_queries() as few:
        office_client.get("/indicators/planner?target=40")
    for _number in range(3):
        records.proposal(npo, status=ProposalStatus.ACCEPTED, starts_on=date(2027, 1, 1))
    with counted_queries() as more:
        office_client.get("/indicators/planner?target=40")
    assert len(few) == len(more)


@pytest.mark.parametrize("who", ["npo_client", "company_client", "division_client"])
def test_others_do_not_see_the_planner(request, who):
    assert request.getfixturevalue(who).get("/indicators/planner").status_code == 403


def test_the_public_dashboard_draws_the_same_range(client, history):
    page = client.get("/dashboard").get_data(as_text=True)
    assert "見込み：20～23事業" in main_text(page)
    assert [one.get_text() for one in parse(page).select("svg rect.chart__forecast + text")] == ["20～23"]
