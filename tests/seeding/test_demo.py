from collections import Counter

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit.models import AuditEntry
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import queries as indicators
from matchmaker.interests.models import Interest
from matchmaker.introductions.models import Introduction
from matchmaker.permissions.grants import Role
from matchmaker.projects.models import Project
from matchmaker.proposals.models import PastProposal, Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.circulation_models import CirculationRequest
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.seeding import accounts, demo, policy
from matchmaker.seeding.accounts import ACCOUNTS, DEMO_PASSWORD, accounts_table
from matchmaker.seeding.demo import DemoNotAllowed, Loaded
from matchmaker.seeding.files import read_entries
from tests.support.databases import empty
from tests.support.pages import main_text


@pytest.fixture(scope="module")
def registry(app):
    """The whole demonstration, loaded once; the tests of this file only read it."""
    with app.app_context():
        with transaction():
            empty(db.session.connection(), Model.metadata.sorted_tables)
        policy.load(at=clock.now())
        yield demo.load(at=clock.now())
        db.session.rollback()


def everything(model):
    return db.session.scalars(select(model).order_by(*model.__table__.primary_key.columns)).all()


def invented(rows):
    return [row for row in rows if "架空" in (row.title if hasattr(row, "title") else row.name)]


def test_every_public_case_is_a_published_open_proposal_with_its_source(registry):
    rows = [row for row in everything(Proposal) if row.source_url]
    cases = read_entries("cases/proposals.jsonl")
    assert registry == Loaded(proposals=62, past_proposals=52)
    assert Counter((row.title, row.organisation.name, row.source_url) for row in rows) == Counter(
        (case["title"], case["organisation"], case["source_url"]) for case in cases
    )
    assert {(row.status, row.is_published, row.organisation.is_verified) for row in rows} == {
        (ProposalStatus.DRAFT, True, True)
    }
    assert min(row.open_until_on for row in rows) > clock.today()


def test_every_public_company_has_an_active_interest_with_themes_offers_and_source(registry):
    rows = [row for row in everything(Interest) if row.source_url]
    cases = {case["organisation"]: case for case in read_entries("cases/interests.jsonl")}
    assert {row.organisation.name for row in rows} == set(cases)
    for row in rows:
        case = cases[row.organisation.name]
        assert {theme.label for theme in row.themes} == set(case["themes"])
        assert [(offer.kind.label, offer.detail) for offer in row.offers] == [
            (offer["kind"], offer["detail"]) for offer in case["offers"]
        ]


def test_nothing_is_made_up_for_a_real_organisation(registry):
    for row in everything(Organisation):
        if row.source_url:
            assert (row.kana, row.corporate_number, row.contact_name, row.contact_email, row.contact_phone) == (
                "",
                None,
                "",
                "",
                "",
            )


def test_everything_without_a_source_says_that_it_is_invented(registry):
    for model in (Organisation, Proposal, Project):
        without_source = [row for row in everything(model) if not getattr(row, "source_url", "")]
        assert without_source
        assert invented(without_source) == without_source


def test_past_proposals_keep_their_results_and_sources(registry):
    rows = everything(PastProposal)
    assert Counter(row.result for row in rows) == Counter({"採択": 37, "unknown": 12, "不採択": 3})
    assert all(row.source_url.startswith("http") and row.title for row in rows)


def test_each_account_signs_in_with_the_documented_password_and_has_its_role(registry, app):
    client = app.test_client()
    for account in ACCOUNTS:
        answer = client.post("/sign-in", data={"email": account.email, "password": DEMO_PASSWORD})
        assert answer.status_code == 303, account.email
        client.post("/sign-out")
    users = {user.email: user for user in everything(User)}
    assert {account.email: users[account.email].roles for account in ACCOUNTS} == {
        account.email: frozenset({account.role}) for account in ACCOUNTS
    }
    assert all(user.is_demo for user in users.values())


def test_the_office_has_a_second_person_who_may_answer_what_the_first_one_drafted(registry):
    drafters = {row.drafted_by_id for row in everything(Decision)}
    office = [user.id for user in everything(User) if user.roles == {Role.NPO_OFFICE}]
    assert (len(office), len(set(office) - drafters)) == (2, 1)


def test_every_journey_can_be_walked_at_once(registry):
    statuses = Counter(row.status for row in everything(Proposal) if not row.source_url)
    assert statuses == Counter(
        {
            ProposalStatus.DRAFT: 2,
            ProposalStatus.SUBMITTED: 1,
            ProposalStatus.RETURNED_FOR_FIX: 1,
            ProposalStatus.CIRCULATED: 1,
            ProposalStatus.ACCEPTED: 1,
            ProposalStatus.SHORTLISTED: 1,
            ProposalStatus.DECISION_DRAFTED: 1,
            ProposalStatus.ADOPTED: 1,
            ProposalStatus.REFERRED: 1,
        }
    )
    assert Counter(row.status.value for row in everything(Introduction)) == Counter({"asked": 2, "talking": 1})
    assert {row.asked_by_side.value for row in everything(Introduction) if row.status.value == "asked"} == {
        "npo",
        "company",
    }
    assert Counter(row.stage for row in everything(Decision)) == Counter(
        {DecisionStage.RELEASED: 3, DecisionStage.DRAFTED: 1}
    )
    assert Counter(row.status.value for row in everything(Project))["reported"] == 2


def test_ledger_has_a_figure_for_the_current_year_and_a_project_in_two_years(registry):
    current = fiscal_year.fiscal_year_of(clock.today())
    counted = indicators.latest_snapshots()
    assert [counted[current + step].value for step in (-1, 0, 1)] == [2, 4, 1]
    assert indicators.left_out_of(counted[current]).items


def test_introductions_keep_the_score_as_it_stood(registry):
    for row in everything(Introduction):
        assert row.match["points"] == sum(part["points"] for part in row.match["parts"]) > 0


def test_demonstration_loaded_twice_is_stored_once(registry):
    before = {model.__tablename__: len(everything(model)) for model in (Proposal, Organisation, User, AuditEntry)}
    assert demo.load(at=clock.now()).was_there
    assert {
        model.__tablename__: len(everything(model)) for model in (Proposal, Organisation, User, AuditEntry)
    } == before


def test_pages_show_the_demonstration_and_its_banner(registry, app):
    client = app.test_client()
    for address in ("/", "/proposals", "/organisations", "/projects", "/proposals/past", "/search?q=海"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "これは公開されている事例から作ったデモです。" in answer.get_data(as_text=True), address
    assert "すべてデモのために作ったもので、実在しません。" in main_text(client.get("/about").get_data(as_text=True))


def test_numbers_go_on_where_the_demonstration_ends(registry):
    numbers = sorted(row.draft_number for row in everything(Proposal))
    assert numbers == [f"D-{number:04d}" for number in range(1, len(numbers) + 1)]


def test_circulation_has_an_answer_a_late_division_and_one_that_the_demonstration_can_answer(registry):
    rows = everything(CirculationRequest)
    assert [(row.division.name, row.status.value) for row in rows] == [
        ("デモ海岸課（架空）", "answered"),
        ("デモごみ対策課（架空）", "stalled"),
        ("デモ関係課（架空）", "waiting"),
    ]
    [own] = [row for row in rows if row.status.value == "waiting"]
    assert own.due_on > clock.today()


def test_demonstration_is_refused_where_it_is_not_allowed(app, database, monkeypatch):
    monkeypatch.setitem(app.config, "ALLOWS_DEMO", False)
    with pytest.raises(DemoNotAllowed):
        demo.load(at=clock.now())
    assert everything(User) == []


def test_command_refuses_with_its_reason_and_no_account(app, database, monkeypatch):
    monkeypatch.setitem(app.config, "ALLOWS_DEMO", False)
    result = app.test_cli_runner().invoke(args=["seed", "demo"])
    assert result.exit_code == 1
    assert "この環境では、デモのデータを入れられません。" in result.output
    assert DEMO_PASSWORD not in result.output


def test_accounts_table_names_each_account_and_the_password(app):
    result = app.test_cli_runner().invoke(args=["seed", "accounts-table"])
    assert result.exit_code == 0
    assert result.output.strip() == accounts_table()
    assert all(account.email in result.output for account in accounts.ACCOUNTS)
    assert DEMO_PASSWORD in result.output


def test_password_is_long_enough_for_staff():
    assert len(DEMO_PASSWORD) >= 15
    assert {account.role for account in ACCOUNTS} == set(Role)
