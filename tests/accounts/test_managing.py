"""What administrators do with accounts, on pages and on the command line."""

import pytest
from sqlalchemy import select

from matchmaker.accounts import demo
from matchmaker.accounts.models import StaffRole, User
from matchmaker.app import create_app
from matchmaker.audit.models import AuditEntry
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from tests.accounts.conftest import PASSWORD, link_in, with_password
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text
from tests.support.queries import counted_queries


@pytest.fixture
def admin(app, administrator):
    with_password(administrator)
    return sign_in(app.test_client(), administrator)


def _grant(client, user, **data):
    return client.post(f"/accounts/{user.id}/roles", data={"current_password": PASSWORD, **data})


def test_the_list_finds_people_by_name_and_address(admin, npo_member, company_member):
    assert "田中一郎" not in main_text(admin.get("/accounts?q=鈴木").text)
    assert "鈴木花子" in main_text(admin.get("/accounts?q=鈴木").text)
    assert "田中一郎" in main_text(admin.get(f"/accounts?q={company_member.email}").text)
    assert "この条件に合うアカウントはありません" in main_text(admin.get("/accounts?q=%25%25").text)


def test_the_list_is_filtered_by_state(admin, npo_member, office):
    text = main_text(admin.get("/accounts?state=staff").text)

    assert ("事務局 太郎" in text, "鈴木花子" in text) == (True, False)


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three(admin, npo):
    records.member(npo)
    with counted_queries() as one:
        admin.get("/accounts")
    records.member(npo)
    records.staff(Role.DIVISION)
    with counted_queries() as three:
        admin.get("/accounts")

    assert len(one) == len(three)


@pytest.mark.parametrize("page", ["0", "-1", "999999999999999999999", "x", "1.5"])
def test_an_odd_page_number_is_no_fault(admin, page):
    assert admin.get(f"/accounts?page={page}").status_code == 200


def test_suspending_ends_every_sign_in_at_once_and_can_be_undone(app, admin, npo_member, npo_client):
    assert npo_client.get("/account").status_code == 200

    admin.post(f"/accounts/{npo_member.id}/suspend")
    assert npo_client.get("/account").status_code == 302

    admin.post(f"/accounts/{npo_member.id}/restore")
    assert npo_client.get("/account").status_code == 302
    assert sign_in(app.test_client(), npo_member).get("/account").status_code == 200


def test_a_second_press_of_suspend_is_only_told(admin, npo_member, session):
    admin.post(f"/accounts/{npo_member.id}/suspend")
    admin.post(f"/accounts/{npo_member.id}/suspend")

    assert "すでに終わっています" in admin.get(f"/accounts/{npo_member.id}").text
    assert session.scalars(select(AuditEntry.tag).where(AuditEntry.tag == "account:user:suspend")).all() == [
        "account:user:suspend"
    ]


def test_administrators_cannot_lock_themselves_out(admin, administrator, session):
    admin.post(f"/accounts/{administrator.id}/suspend")
    [role] = administrator.staff_roles
    admin.post(f"/accounts/{administrator.id}/roles/{role.id}/end")

    assert admin.get("/accounts").status_code == 200


def test_a_role_is_given_and_works_after_a_new_sign_in(app, admin, administrator, session):
    person = records.user(name="新任 五郎")
    own = sign_in(app.test_client(), person)

    assert _grant(admin, person, role="npo-office").location == f"/accounts/{person.id}"

    assert own.get("/account").status_code == 302
    assert sign_in(app.test_client(), person).get("/organisations/verification").status_code == 200
    role = session.scalars(select(StaffRole).where(StaffRole.user_id == person.id)).one()
    assert (role.role, role.granted_by_id, role.ended_at) == (Role.NPO_OFFICE, administrator.id, None)


def test_a_role_needs_the_administrators_own_password(admin, session):
    person = records.user()

    response = _grant(admin, person, role="npo-office", current_password="kawa to mori to kaze")

    assert set(errors_beside_fields(response.text)) == {"current_password"}
    assert session.scalar(select(StaffRole.id).where(StaffRole.user_id == person.id)) is None


def test_the_division_role_needs_a_division_and_others_refuse_one(admin, session):
    person, division = records.user(), records.division()

    assert "division" in errors_beside_fields(_grant(admin, person, role="division").text)
    assert "division" in errors_beside_fields(_grant(admin, person, role="panel", division=str(division.id)).text)
    assert "role" in errors_beside_fields(_grant(admin, person, role="npo").text)
    assert _grant(admin, person, role="division", division=str(division.id)).status_code == 303
    session.refresh(person)
    assert person.division == division


def test_a_member_of_an_organisation_gets_no_role_of_the_prefecture(admin, npo_member, session):
    _grant(admin, npo_member, role="npo-office")

    assert "県の役割を付けられません" in admin.get(f"/accounts/{npo_member.id}").text
    session.refresh(npo_member)
    assert npo_member.roles == {Role.NPO}


def test_a_role_ends_at_once(admin, office, office_client):
    [role] = office.staff_roles

    admin.post(f"/accounts/{office.id}/roles/{role.id}/end")

    assert office_client.get("/organisations/verification").status_code == 302
    assert admin.post(f"/accounts/{office.id}/roles/{role.id + 1000}/end").status_code == 404


def test_a_reset_is_mailed_and_never_shown(admin, npo_member, session):
    response = admin.post(f"/accounts/{npo_member.id}/mail-reset")

    [notice] = session.scalars(select(Notice)).all()
    token = link_in(notice).rpartition("/")[2]
    assert token not in response.text
    assert token not in admin.get(f"/accounts/{npo_member.id}").text


def test_an_account_for_the_prefecture_is_made_with_a_link_for_its_owner(admin, client, session):
    division = records.division()
    typed = {"name": "新任 五郎", "email": "Goro@example.jp", "role": "division", "division": str(division.id)}

    refused = admin.post("/accounts/new", data=typed | {"email": "goro", "role": "panel", "current_password": ""})
    assert set(errors_beside_fields(refused.text)) == {"email", "division", "current_password"}
    response = admin.post("/accounts/new", data=typed | {"current_password": PASSWORD})

    user = session.scalars(select(User).where(User.email == "goro@example.jp")).one()
    assert (response.location, user.name, user.division) == (f"/accounts/{user.id}", "新任 五郎", division)
    [notice] = session.scalars(select(Notice)).all()
    assert client.post(link_in(notice), data={"password": PASSWORD}).location == "/sign-in"
    again = admin.post("/accounts/new", data=typed | {"current_password": PASSWORD})
    assert "すでにあります" in errors_beside_fields(again.text)["email"]


def test_everybody_else_is_refused(npo_client, office_client, npo_member):
    assert [client.get("/accounts").status_code for client in (npo_client, office_client)] == [403, 403]
    assert office_client.post(f"/accounts/{npo_member.id}/suspend").status_code == 403


def test_an_account_that_does_not_exist_is_404(admin):
    assert [admin.get(f"/accounts/{number}").status_code for number in (10**6, 2**31, 2**70)] == [404, 404, 404]


def _run(app, *arguments):
    return app.test_cli_runner().invoke(args=["accounts", *arguments])


def test_the_command_makes_a_staff_account_whose_link_sets_the_password(app, client, session):
    result = _run(app, "create-staff", "--email", "Ryoko@example.jp", "--name", "涼子", "--role", "npo-office")

    assert result.exit_code == 0
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_email) == ("staff-account", "ryoko@example.jp")
    assert f"http://localhost{link_in(notice)}" in result.output
    assert client.post("/sign-in", data={"email": "ryoko@example.jp", "password": ""}).status_code == 422
    assert client.post(link_in(notice), data={"password": PASSWORD}).location == "/sign-in"
    assert client.post("/sign-in", data={"email": "ryoko@example.jp", "password": PASSWORD}).status_code == 303
    user = session.scalars(select(User)).one()
    assert (user.roles, user.email_confirmed_at is not None) == ({Role.NPO_OFFICE}, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--email", "ryoko", "--name", "涼子", "--role", "npo-office"), "--email: ryoko is not"),
        (("--email", "ryoko@example.jp", "--name", " ", "--role", "npo-office"), "--name needs 1 to 80"),
        (("--email", "ryoko@example.jp", "--name", "涼子", "--role", "npo"), "'npo' is not one of"),
        (("--email", "ryoko@example.jp", "--name", "涼子", "--role", "division"), "関係課では必ず"),
        (
            ("--email", "ryoko@example.jp", "--name", "涼子", "--role", "division", "--division", "ない課"),
            "0 divisions are called ない課",
        ),
    ],
)
def test_the_command_refuses_wrong_input_with_code_2(app, session, arguments, message):
    result = _run(app, "create-staff", *arguments)

    assert (result.exit_code, message in result.output) == (2, True)
    assert session.scalars(select(User)).all() == []


def test_the_command_refuses_a_known_address(app, npo_member, session):
    result = _run(app, "create-staff", "--email", npo_member.email, "--name", "涼子", "--role", "panel")

    assert result.exit_code == 2


def test_the_command_suspends(app, npo_client, npo_member):
    assert _run(app, "suspend", "--email", npo_member.email).exit_code == 0
    assert npo_client.get("/account").status_code == 302
    assert _run(app, "suspend", "--email", "nobody@example.jp").exit_code == 2


def test_the_banner_stands_only_over_a_demonstration(client, npo_member):
    assert "公開されている事例から作ったデモ" not in client.get("/sign-in").text
    with transaction():
        npo_member.is_demo = True

    assert "公開されている事例から作ったデモ" in client.get("/sign-in").text


@pytest.fixture
def start_production(app, monkeypatch):
    """Start a production application on a database; its connections are closed afterwards."""
    started = []

    def start(url=app.config["SQLALCHEMY_DATABASE_URI"]):
        for name, value in {
            "SECRET_KEY": "x" * 40,
            "AUDIT_KEY": "y" * 40,
            "DATABASE_URL": url,
            "BASE_URL": "https://example.jp",
            "SMTP_HOST": "mail.example.jp",
            "MAIL_FROM": "no-reply@example.jp",
        }.items():
            monkeypatch.setenv(name, value)
        started.append(create_app("production"))
        return started[-1]

    yield start
    for one in started:
        with one.app_context():
            db.engine.dispose()


def test_production_does_not_start_with_demo_accounts(start_production, npo_member):
    with transaction():
        npo_member.is_demo = True

    with pytest.raises(demo.DemoAccountsInProduction):
        start_production()


def test_production_starts_without_them_and_has_no_outbox_page(start_production, database):
    production = start_production()

    assert production.test_client().get("/outbox", base_url="https://example.jp").status_code == 404


def test_production_starts_on_an_empty_database(start_production, tmp_path):
    assert start_production(f"sqlite:///{tmp_path / 'empty.db'}").config["IS_PRODUCTION"]
