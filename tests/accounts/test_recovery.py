"""Passwords forgotten, set anew and changed."""

from datetime import timedelta

from sqlalchemy import select

from matchmaker.accounts import passwords, recovery, sessions
from matchmaker.accounts.models import OneTimeLink, SignIn
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from tests.accounts.conftest import PASSWORD, link_in
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields

NEW = "kawa to mori to kaze"


def _ask(client, email="hanako@example.jp"):
    return client.post("/password/forgotten", data={"email": email})


def test_a_known_and_an_unknown_address_get_the_same_answer(client, member, session):
    known, unknown = _ask(client), _ask(client, "nobody@example.jp")

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert session.scalars(select(Notice.to_email)).all() == ["hanako@example.jp"]


def test_asking_costs_a_hash_whether_or_not_there_is_an_account(client, member, monkeypatch):
    compared = []
    monkeypatch.setattr(passwords, "is_right", lambda stored, typed: compared.append(stored))

    _ask(client)
    _ask(client, "nobody@example.jp")

    assert compared == [None, None]


def test_the_mailed_link_sets_the_password_and_ends_every_sign_in(client, app, member, session):
    elsewhere = sign_in(app.test_client(), member)
    assert elsewhere.get("/account").status_code == 200
    _ask(client)
    [notice] = session.scalars(select(Notice)).all()

    response = client.post(link_in(notice), data={"password": NEW})

    assert response.location == "/sign-in"
    assert elsewhere.get("/account").status_code == 302
    assert client.post("/sign-in", data={"email": member.email, "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": member.email, "password": NEW}).status_code == 303
    assert session.scalars(select(Notice.kind).order_by(Notice.id)).all() == ["reset-password", "password-changed"]


def test_the_mailed_link_works_once_and_for_an_hour(client, member, session):
    _ask(client)
    [notice] = session.scalars(select(Notice)).all()
    with transaction():
        session.scalars(select(OneTimeLink)).one().expires_at = clock.now()
    assert client.post(link_in(notice), data={"password": NEW}).status_code == 410

    with transaction():
        link = session.scalars(select(OneTimeLink)).one()
        assert link.expires_at - link.made_at <= timedelta(hours=1)
        link.expires_at = clock.now() + timedelta(minutes=1)
    assert client.post(link_in(notice), data={"password": NEW}).status_code == 303
    assert client.post(link_in(notice), data={"password": PASSWORD}).status_code == 410


def test_a_newer_link_replaces_the_older_one(client, member, session):
    _ask(client)
    first = session.scalars(select(Notice)).one()
    with transaction():
        for link in session.scalars(select(OneTimeLink)):
            link.made_at -= timedelta(minutes=2)
    _ask(client)
    second = session.scalars(select(Notice).order_by(Notice.id.desc())).first()

    assert client.get(link_in(first)).status_code == 410
    assert client.get(link_in(second)).status_code == 200


def test_a_double_press_mails_one_link(client, member, session):
    _ask(client)
    _ask(client)

    assert len(session.scalars(select(Notice)).all()) == 1


def test_a_weak_new_password_is_told_beside_its_field(client, member, session):
    _ask(client)
    [notice] = session.scalars(select(Notice)).all()

    response = client.post(link_in(notice), data={"password": "hanako hanako"})

    assert response.status_code == 422
    assert set(errors_beside_fields(response.text)) == {"password"}


def test_asking_is_limited_for_an_address(client, member):
    assert [_ask(client).status_code for _number in range(6)] == [303] * 5 + [429]


def test_a_suspended_person_and_a_demo_account_get_no_link(client, member, session):
    with transaction():
        member.suspended_at = clock.now()
    _ask(client)
    with transaction():
        member.suspended_at, member.is_demo = None, True
    _ask(client)

    assert session.scalars(select(Notice)).all() == []


def test_changing_the_password_needs_the_current_one_and_ends_other_sign_ins(app, member, session):
    here, there = sign_in(app.test_client(), member), sign_in(app.test_client(), member)

    wrong = here.post("/account/password", data={"current_password": NEW, "password": NEW})
    assert errors_beside_fields(wrong.text) == {"current_password": "エラー： いまのパスワードがちがいます"}
    assert there.get("/account").status_code == 200

    right = here.post("/account/password", data={"current_password": PASSWORD, "password": NEW})
    assert right.location == "/account"
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 302)
    session.refresh(member)
    assert passwords.is_right(member.password_hash, NEW)


def test_guessing_the_current_password_is_limited(app, member):
    here = sign_in(app.test_client(), member)

    codes = [
        here.post("/account/password", data={"current_password": "kawa to mori", "password": NEW}).status_code
        for _number in range(11)
    ]

    assert codes == [422] * 10 + [429]


def test_a_password_changed_meanwhile_is_not_overwritten(member):
    import pytest

    with pytest.raises(recovery.PasswordChangedMeanwhile), transaction():
        recovery.change_password(member, checked_hash="another", password_hash="new", token="", at=clock.now())


def test_the_account_page_lists_the_browsers_and_signs_out_the_others(app, member, session):
    here = app.test_client()
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    here.post("/sign-in", data={"email": member.email, "password": PASSWORD}, headers={"User-Agent": chrome})
    there = sign_in(app.test_client(), member)

    page = here.get("/account").text
    assert "Chrome / Windows" in page
    assert "名前の分からない端末" in page

    assert here.post("/account/sign-ins/end-others").location == "/account"
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 302)
    assert len(session.scalars(select(SignIn)).all()) == 1


def test_the_name_can_be_changed(app, member, session):
    here = sign_in(app.test_client(), member)

    assert here.post("/account/name", data={"name": "　"}).status_code == 422
    assert here.post("/account/name", data={"name": " 鈴木 はなこ "}).location == "/account"
    session.refresh(member)
    assert member.name == "鈴木 はなこ"


def test_sign_ins_that_are_over_are_deleted_at_the_next_one(member, session):
    at = clock.now()
    with transaction():
        sessions.begin(member, at=at - timedelta(hours=13))
    with transaction():
        token = sessions.begin(member, at=at)

    assert session.scalars(select(SignIn.token_hash)).all() == [sessions.hash_token(token)]
