from datetime import date, timedelta

import pytest

from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import queries, stages
from matchmaker.indicators.stages import FunnelStage, StageFilter
from matchmaker.matching.terms import LegalForm
from matchmaker.proposals.recusal_models import RecusalSource, TieKind
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import ties
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

DAY = date(2026, 11, 24)
LAST_YEAR = clock.now().replace(year=2025, month=10)


@pytest.fixture
def register(npo, company, office, add_project):
    """Proposals at every stage, in two years, some of them not public; and a project that a division reported."""
    at = clock.now().replace(year=2026, month=10)
    records.proposal(npo)
    hidden = {"is_published": False}
    for submitted_at in (LAST_YEAR, at):
        for status in (ProposalStatus.ACCEPTED, ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN):
            records.proposal(npo, status=status, submitted_at=submitted_at)
        records.proposal(npo, status=ProposalStatus.SUBMITTED, submitted_at=submitted_at, **hidden)
        records.proposal(npo, status=ProposalStatus.ADOPTED, submitted_at=submitted_at, **hidden)
        adopted = records.proposal(npo, status=ProposalStatus.ADOPTED, submitted_at=submitted_at)
        add_project(proposal_id=adopted.id)
        records.introduction(adopted, records.interest(company), by=office)
    add_project()


def _figures():
    return stages.funnel(stages.begun(queries.latest_snapshots(), on=DAY), on=DAY)


def _members(stage, fy=None, user=None):
    return stages.members(StageFilter(stage, fy), stages.begun(queries.latest_snapshots(), on=DAY), user=user)


def test_every_figure_is_the_length_of_its_list_for_those_who_review_and_for_everybody_with_what_is_not_public(
    register, office
):
    found = _figures()
    figures = {(stage, None): found.all_years[stage] for stage in FunnelStage} | {
        (stage, fy): found.by_year[fy][stage] for fy in found.years for stage in FunnelStage
    }

    assert figures == {cell: _members(*cell, user=office).page.total for cell in figures}
    assert figures == {cell: _members(*cell).figure for cell in figures}
    assert figures == {cell: len(_members(*cell, user=office).page.items) for cell in figures}


def test_funnel_counts_each_proposal_in_the_year_of_its_submission(register):
    found = _figures()
    a_year = {
        FunnelStage.SUBMITTED: 6,
        FunnelStage.TALKED: 1,
        FunnelStage.SETTLED: 3,
        FunnelStage.ADOPTED: 2,
        FunnelStage.AGREED: 1,
        FunnelStage.COUNTED: 1,
    }
    assert (found.years, found.by_year) == ((2026, 2025), {2026: a_year, 2025: a_year})
    assert found.all_years == {stage: 2 * count for stage, count in a_year.items()}


def test_a_project_of_a_year_to_come_is_not_counted_yet(npo, add_project):
    add_project(
        proposal_id=records.proposal(npo, status=ProposalStatus.ADOPTED).id,
        starts_on=date(2027, 4, 1),
        ends_on=date(2028, 3, 31),
    )
    found = _figures().all_years
    assert set(queries.latest_snapshots()) == {2026, 2027}
    assert (found[FunnelStage.AGREED], found[FunnelStage.COUNTED]) == (1, 0)


def test_funnel_of_an_empty_register_has_no_years(database):
    assert _figures() == stages.Funnel((), dict.fromkeys(FunnelStage, 0), {})


def test_everybody_sees_the_public_members_and_how_many_are_not_public(register):
    shown = {stage: (_members(stage).page.total, _members(stage).hidden) for stage in FunnelStage}
    assert shown == {
        FunnelStage.SUBMITTED: (6, 6),
        FunnelStage.TALKED: (0, 2),
        FunnelStage.SETTLED: (4, 2),
        FunnelStage.ADOPTED: (2, 2),
        FunnelStage.AGREED: (2, 0),
        FunnelStage.COUNTED: (2, 0),
    }


def test_the_year_ends_at_midnight_in_japan(npo):
    first = stages._begin(2026)
    for moment in (first - timedelta(seconds=1), first):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, submitted_at=moment)
    found = _figures()
    assert {fy: counts[FunnelStage.SUBMITTED] for fy, counts in found.by_year.items()} == {2025: 1, 2026: 1}
    assert [len(_members(FunnelStage.SUBMITTED, fy).page.items) for fy in (2024, 2025, 2026)] == [0, 1, 1]


def test_who_keeps_out_of_a_proposal_does_not_find_it_among_the_members(npo, office, approver):
    proposal = records.proposal(npo, status=ProposalStatus.ACCEPTED)
    with transaction():
        ties.recuse(
            proposal,
            office,
            RecusalSource.OFFICE,
            ties.Tie(TieKind.FAMILY, "親族が役員です。"),
            actor=approver,
            at=clock.now(),
        )
    found = _members(FunnelStage.SUBMITTED, user=office)
    assert (found.page.total, found.hidden) == (0, 1)


def test_each_figure_of_the_page_leads_to_its_list(client, register):
    page = parse(client.get("/dashboard").get_data(as_text=True))
    links = page.select("a[href^='/dashboard/stages/']")
    assert len(links) == len(FunnelStage) * 3
    for link in links:
        figure = int(link.find(string=True))
        lead = parse(client.get(link["href"]).get_data(as_text=True)).select_one(".lead").get_text()
        assert f"{figure}件です" in lead, link["href"]


def test_public_list_says_how_many_are_not_public_and_whose_talks_are_nobody_elses_business(client, register):
    assert "このうち6件は、公開されていません。一覧には、公開されている6件を出しています。" in main_text(
        client.get("/dashboard/stages/submitted").get_data(as_text=True)
    )
    talked = client.get("/dashboard/stages/talked").get_data(as_text=True)
    assert "2件の一覧は公開していません" in main_text(talked)
    assert not parse(talked).select("main a[href^='/proposals/']")


def test_those_who_review_narrow_the_list_by_region_and_kind_and_others_do_not(app, client, register, office):
    address = f"/dashboard/stages/settled?region=%E4%BC%8A%E8%B3%80&kind={LegalForm.NPO.value}"
    assert "全部で6件です" in main_text(client.get(address).get_data(as_text=True))
    assert "全部で0件です" in main_text(sign_in(app.test_client(), office).get(address).get_data(as_text=True))


def test_those_who_review_find_the_lists_behind_the_shares(app, client, register, office):
    def links(page):
        return [link["href"] for link in parse(page.get_data(as_text=True)).select("a[href*='region=']")]

    assert links(client.get("/dashboard")) == []
    [link] = links(sign_in(app.test_client(), office).get("/dashboard"))
    assert "全部で6件です" in main_text(sign_in(app.test_client(), office).get(link).get_data(as_text=True))


@pytest.mark.parametrize("address", ["/dashboard/stages/none", "/dashboard/stages/adopted?fy=next"])
def test_no_such_list_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_a_list_of_many_costs_as_many_queries_as_one_of_few(client, npo, add_project):
    found = []
    for number in (1, 3):
        for _one in range(number):
            add_project(proposal_id=records.proposal(npo, status=ProposalStatus.ADOPTED).id)
        sent = []
        for stage in ("submitted", "counted"):
            client.get(f"/dashboard/stages/{stage}")
            with counted_queries() as queries_sent:
                client.get(f"/dashboard/stages/{stage}")
            sent.append(len(queries_sent))
        found.append(sent)
    assert found[0] == found[1]


def test_the_current_year_is_named_in_the_address_as_in_every_other(client, register):
    page = client.get(f"/dashboard/stages/adopted?fy={fiscal_year.code(2026)}").get_data(as_text=True)
    assert "令和8年度に提出された提案では、2件です。" in main_text(page)
