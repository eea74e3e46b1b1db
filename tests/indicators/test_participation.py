from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import participation
from matchmaker.indicators.participation_models import ParticipationSnapshot, RollEntry
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.projects.models import ProjectPartner
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import main_text
from tests.support.queries import counted_queries

DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_fiscal_year_2026(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: DAY)
    monkeypatch.setattr(clock, "now", lambda: NOON)


def company(name, **values):
    return records.organisation(Side.COMPANY, name=name, **values)


def interest(of, *, since=NOON, **values):
    return records.interest(of, **({"activated_at": since, "valid_until_on": DAY + timedelta(days=90)} | values))


def talk(of_interest, npo, office, *, status=IntroductionStatus.TALKING, answered_at=NOON):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.introduction(
        proposal, of_interest, by=office, status=status, asked_at=answered_at or NOON, answered_at=answered_at
    )


def partner(of):
    return ProjectPartner(kind=PartnerKind.COMPANY, name=of.name, organisation_id=of.id)


def test_each_way_of_taking_part_counts_the_verified_companies(npo, office, add_project):
    shown, expired, waiting, working = (company(name) for name in ("公開", "期限切れ", "確認前", "事業"))
    interest(shown)
    talk(interest(expired, valid_until_on=DAY - timedelta(days=1)), npo, office)
    interest(waiting)
    with transaction():
        waiting.verification, waiting.checked_at = "waiting", None
    add_project(partners=[partner(working)])
    assert participation.count(DAY) == {
        "interested": [shown.number],
        "talking": [expired.number],
        "in-project": [working.number],
        "newly-active": sorted([shown.number, expired.number, working.number]),
    }


@pytest.mark.parametrize(
    ("moment", "is_new"),
    [(datetime(2026, 3, 31, 14, 59, tzinfo=UTC), False), (datetime(2026, 3, 31, 15, tzinfo=UTC), True)],
)
def test_newly_active_begins_at_midnight_of_the_first_of_april_in_japan(npo, moment, is_new):
    one = company("境目")
    interest(one, since=moment)
    assert participation.count(DAY)["newly-active"] == ([one.number] if is_new else [])


def test_a_company_that_took_part_before_is_not_new_by_a_second_act(npo, office):
    one = company("二度目")
    interest(one, since=datetime(2025, 6, 1, tzinfo=UTC))
    talk(interest(one), npo, office)
    assert participation.count(DAY)["newly-active"] == []


def test_a_merged_company_counts_as_the_one_that_goes_on(npo):
    old, new = company("前の会社"), company("続く会社")
    interest(old, since=datetime(2025, 6, 1, tzinfo=UTC))
    interest(new)
    with transaction():
        old.merged_into_id, old.merged_on = new.id, DAY
    assert participation.count(DAY) == {
        "interested": [new.number],
        "talking": [],
        "in-project": [],
        "newly-active": [],
    }


def test_projects_of_other_years_and_dissolved_ones_do_not_count(add_project):
    one = company("終わった会社")
    add_project(starts_on=date(2025, 4, 1), ends_on=date(2026, 3, 31), partners=[partner(one)])
    add_project(status=ProjectStatus.DISSOLVED, partners=[partner(one)])
    assert participation.count(DAY)["in-project"] == []


def test_a_count_is_kept_when_something_changed_and_stays_when_the_records_change(npo):
    with transaction():
        assert participation.take(at=NOON) is None
    one = interest(company("会社"))
    for _time in range(2):
        with transaction():
            participation.take(at=NOON)
    with transaction():
        one.status = InterestStatus.ENDED
    assert [(row.fy, row.edition) for row in db.session.scalars(select(ParticipationSnapshot))] == [(2026, 1)]
    assert participation.latest_by_year()[2026].members["interested"] == [one.organisation.number]


def test_verify_finds_a_count_of_companies_that_was_changed_behind_its_back(app, npo):
    runner = app.test_cli_runner()
    interest(company("ひのき建設"))
    with transaction():
        participation.take(at=NOON)
    sound = runner.invoke(args=["indicators", "verify"])
    interest(company("すぎ建設"))
    later = runner.invoke(args=["indicators", "verify"])
    with transaction():
        row = participation.latest(2026)
        row.members = row.members | {"talking": ["C-9999"]}
    changed = runner.invoke(args=["indicators", "verify"])

    assert (sound.exit_code, sound.output) == (0, "0 snapshots, 1 of companies, 0 faults\n")
    assert (later.exit_code, later.output.splitlines()[0]) == (
        0,
        "R8 of companies: the records have changed since the last count",
    )
    assert (changed.exit_code, changed.output.splitlines()[0]) == (
        1,
        "R8-1 of companies: the digest does not match the stored row",
    )


def test_page_shows_the_counts_and_names_only_companies_on_the_roll(client, app, company, company_member):
    named, silent = company, records.organisation(Side.COMPANY, name="名乗らない会社")
    interest(named)
    interest(silent)
    with transaction():
        participation.take(at=NOON)
        participation.enter_roll(named, actor=company_member, at=NOON)
    page = main_text(client.get("/indicators/participation").get_data(as_text=True))
    assert "令和8年度 2 0 0 2" in page
    assert (named.name in page, silent.name in page) == (True, False)


def test_members_sum_to_the_figure_and_are_open_to_the_office_alone(client, office_client, company_client, company):
    interest(company)
    office_client.post("/indicators/participation/count")
    page = office_client.get("/indicators/participation/R8")
    assert "関心を公開している企業：1社" in page.get_data(as_text=True)
    assert company.name in page.get_data(as_text=True)
    assert office_client.get("/indicators/participation/R7").status_code == 404
    assert [one.get("/indicators/participation/R8").status_code for one in (client, company_client)] == [302, 403]


def test_company_ticks_the_roll_gets_its_certificate_and_leaves_again(company_client, company):
    address = "/indicators/participation/mine"
    certificate = "/indicators/participation/certificate.pdf"
    company_client.post(address, data={"is_named": "y"})
    assert participation.list_roll() == []
    interest(company)
    assert company_client.get(certificate).status_code == 404
    company_client.post(address, data={"is_named": "y"})
    company_client.post(address, data={"is_named": "y"})
    assert [entry.organisation.name for entry in participation.list_roll()] == [company.name]
    paper = company_client.get(certificate)
    assert (paper.mimetype, paper.data[:5], b"/StructTreeRoot" in paper.data) == ("application/pdf", b"%PDF-", True)
    assert "is_named" in company_client.get(address).get_data(as_text=True)
    company_client.post(address)
    assert (participation.list_roll(), company_client.get(certificate).status_code) == ([], 404)
    assert len(db.session.scalars(select(RollEntry)).all()) == 1


@pytest.mark.parametrize("who", ["npo_client", "office_client"])
def test_others_have_no_page_of_a_company(request, who):
    assert request.getfixturevalue(who).get("/indicators/participation/mine").status_code == 403


def test_page_sends_as_many_queries_for_one_company_as_for_three(client, company_member):
    found = []
    for names in (["一"], ["二", "三"]):
        for name in names:
            one = company(name)
            interest(one)
            with transaction():
                participation.enter_roll(one, actor=company_member, at=NOON)
        with transaction():
            participation.take(at=NOON)
        client.get("/indicators/participation")  # the names of places are read once a process
        with counted_queries() as sent:
            client.get("/indicators/participation")
        found.append(len(sent))
    assert found[0] == found[1]
