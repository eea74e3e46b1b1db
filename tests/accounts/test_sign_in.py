"""Sign in, sign out, and sessions that die."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts import passwords, sessions
from matchmaker.accounts.models import SignIn, SignInAttempt
from matchmaker.audit.models import AuditEntry
from matchmaker.blueprints.accounts.routes import local_path
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from tests.accounts.conftest import PASSWORD, link_in, with_password
from tests.support import records
from tests.support.pages import errors_beside_fields, main_text

WRONG = "メールアドレスかパスワードがちがいます"


def _post(client, email="hanako@example.jp", password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def _tags(session):
    return list(session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)))


def test_the_right_password_signs_in_and_is_written_down(client, member, session):
    response = _post(client)

    assert (response.status_code, response.location) == (303, "/proposals/mine")
    assert client.get("/account").status_code == 200
    [sign_in] = session.scalars(select(SignIn)).all()
    assert (sign_in.user_id, len(sign_in.token_hash)) == (member.id, 64)
    assert _tags(session) == ["account:sign-in:done"]


def test_the_address_may_be_typed_in_full_width_and_capitals(client, member):
    assert _post(client, email=" Ｈａｎａｋｏ＠ＥＸＡＭＰＬＥ．ＪＰ ").status_code == 303


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client, member, session):
    wrong = _post(client, password="kawa to mori to kaze")
    unknown = _post(client, email="nobody@example.jp")

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert WRONG in main_text(wrong.text)
    assert wrong.text.replace("hanako@example.jp", "") == unknown.text.replace("nobody@example.jp", "")
    assert _tags(session) == ["account:sign-in:failed", "account:sign-in:failed"]


def test_an_unknown_address_costs_a_hash_too(client, member, monkeypatch):
    compared = []
    real = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda stored, typed: compared.append(stored) or real(stored, typed))

    _post(client, email="nobody@example.jp")

    assert compared == [""]


@pytest.mark.parametrize(
    ("email", "password", "fields"),
    [
        ("", "", {"email", "password"}),
        ("花子", PASSWORD, {"email"}),
        ("a" * 300 + "@example.jp", PASSWORD, {"email"}),
        ("<script>alert(1)</script>", PASSWORD, {"email"}),
    ],
)
def test_what_cannot_be_an_address_is_told_beside_the_field(client, member, email, password, fields):
    response = _post(client, email=email, password=password)

    assert response.status_code == 422
    assert set(errors_beside_fields(response.text)) == fields
    assert "<script>alert" not in response.text


def test_an_endless_password_is_only_wrong(client, member):
    assert WRONG in main_text(_post(client, password="海" * 100_000).text)


def test_the_eleventh_wrong_try_for_an_account_is_refused_even_with_the_right_password(client, member):
    for _number in range(10):
        assert _post(client, password="kawa to mori to kaze").status_code == 422

    response = _post(client)

    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 301
    assert "分ほどで使えるようになります" in main_text(response.text)


def test_the_thirty_first_wrong_try_from_one_source_is_refused(client, member):
    codes = [_post(client, email=f"person{number}@example.com").status_code for number in range(31)]

    assert codes == [422] * 30 + [429]


def test_the_limit_ends_after_five_minutes(client, member, session):
    for _number in range(10):
        _post(client, password="kawa to mori to kaze")
    with transaction():
        for attempt in session.scalars(select(SignInAttempt)):
            attempt.at -= timedelta(minutes=5, seconds=1)

    assert _post(client).status_code == 303


def test_successes_do_not_count(client, member):
    codes = [_post(client).status_code for _number in range(12)]

    assert codes == [303] * 12


def test_the_throttle_stores_neither_the_address_nor_the_source(client, member, session):
    _post(client, password="kawa to mori to kaze")

    [attempt] = session.scalars(select(SignInAttempt)).all()
    assert (len(attempt.account_hash), len(attempt.source_hash), attempt.has_failed) == (64, 64, True)


def test_a_forwarded_address_does_not_make_a_new_source(client, member):
    codes = [
        client.post(
            "/sign-in",
            data={"email": f"person{number}@example.com", "password": PASSWORD},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(31)
    ]

    assert codes[-1] == 429


def test_each_sign_in_gets_a_new_token_and_ends_the_earlier_one_of_the_browser(client, member, session):
    _post(client)
    [first] = session.scalars(select(SignIn.token_hash)).all()
    _post(client)
    [second] = session.scalars(select(SignIn.token_hash)).all()

    assert first != second


def test_a_token_planted_before_the_sign_in_does_not_survive_it(client, member):
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["left"] = "over"
    _post(client)

    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted"
        assert "left" not in cookie


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "evil",
        "http:evil.example",
        "///evil.example",
    ],
)
def test_a_target_outside_the_site_is_not_followed(client, member, target):
    assert local_path(target) is None
    assert _post(client, next=target).location == "/proposals/mine"


def test_a_target_on_the_site_is_followed(client, member):
    asked = client.get("/account")
    assert asked.location == "/sign-in?next=/account"
    assert _post(client, next="/account?tab=1").location == "/account?tab=1"


def test_signing_out_ends_the_sign_in_in_the_database_and_clears_the_browser(client, member, session):
    _post(client)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)

    response = client.post("/sign-out")

    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert session.scalars(select(SignIn)).all() == []
    with client.session_transaction() as cookie:
        cookie.update(stolen)
    assert client.get("/account").location == "/sign-in?next=/account"


def test_a_suspended_person_is_told_so_only_with_the_right_password(client, member):
    with transaction():
        member.suspended_at = clock.now()

    assert "止められています" in main_text(_post(client).text)
    assert WRONG in main_text(_post(client, password="kawa to mori to kaze").text)
    assert client.get("/account").status_code == 302


def test_an_unconfirmed_person_gets_the_confirmation_again(client, member, session):
    with transaction():
        member.email_confirmed_at = None

    response = _post(client)
    _post(client)

    assert response.location == "/mail-sent/sign-up"
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_email) == ("confirm-email", "hanako@example.jp")
    client.post(link_in(notice))
    assert _post(client).location == "/proposals/mine"


def test_staff_with_a_password_under_15_characters_must_choose_a_longer_one(client, database, session):
    with_password(records.staff(Role.NPO_OFFICE, email="office@example.jp"), "umi to yama!!")

    response = _post(client, email="office@example.jp", password="umi to yama!!")

    assert response.location == "/mail-sent/short-password"
    [notice] = session.scalars(select(Notice)).all()
    assert client.post(link_in(notice), data={"password": "umi to yama!!"}).status_code == 422
    assert client.post(link_in(notice), data={"password": "umi to yama to k"}).status_code == 303
    assert _post(client, email="office@example.jp", password="umi to yama to k").status_code == 303


def test_an_old_hash_is_renewed_at_sign_in(client, member, session):
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with transaction():
        member.password_hash = old

    _post(client)
    session.refresh(member)

    assert member.password_hash != old
    assert not passwords.is_outdated(member.password_hash)
    assert _post(client).status_code == 303


def test_a_demo_account_signs_in_only_where_demonstrations_are_allowed(app, client, member, monkeypatch):
    with transaction():
        member.is_demo = True
    assert _post(client).status_code == 303

    monkeypatch.setitem(app.config, "ALLOWS_DEMO", False)

    assert client.get("/account").status_code == 302
    assert WRONG in main_text(_post(client).text)


@pytest.mark.parametrize(
    ("role", "idle", "absolute"), [(None, 60, 12 * 60), (Role.NPO_OFFICE, 30, 8 * 60)], ids=["member", "staff"]
)
def test_a_sign_in_ends_when_idle_and_at_its_absolute_end(npo, role, idle, absolute):
    user = records.staff(role) if role else records.member(npo)
    at = clock.now()
    with transaction():
        token = sessions.begin(user, at=at)

    def lives_after(minutes, seen_before):
        with transaction():
            sessions.mark_seen(token, at=at + timedelta(minutes=minutes - seen_before))
        return sessions.find(token, at=at + timedelta(minutes=minutes)) is not None

    assert (lives_after(100, idle), lives_after(100, idle + 1)) == (True, False)
    assert (lives_after(absolute, 1), lives_after(absolute + 1, 1)) == (True, False)
