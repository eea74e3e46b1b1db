"""Colleagues: invited, joined, gone."""

from datetime import timedelta

from sqlalchemy import select

from matchmaker.accounts.models import Membership, OneTimeLink, User
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from tests.accounts.conftest import PASSWORD, link_in, with_password
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text


def _invite(client, session, email="kenji@example.jp"):
    response = client.post("/account/members", data={"email": email})
    assert response.location == "/account/members"
    return session.scalars(select(Notice).where(Notice.kind == "invitation").order_by(Notice.id.desc())).first()


def test_a_new_person_joins_by_invitation(npo_client, client, npo, session):
    notice = _invite(npo_client, session)
    assert npo.name in notice.subject

    page = client.get(link_in(notice))
    response = client.post(link_in(notice), data={"name": "山本健二", "password": PASSWORD})

    assert npo.name in main_text(page.text)
    assert response.location == "/sign-in"
    user = session.scalars(select(User).where(User.email == "kenji@example.jp")).one()
    assert (user.name, user.organisation, user.email_confirmed_at is not None) == ("山本健二", npo, True)
    assert client.post("/sign-in", data={"email": "kenji@example.jp", "password": PASSWORD}).status_code == 303


def test_an_invitation_works_once_and_for_seven_days(npo_client, client, session):
    notice = _invite(npo_client, session)
    link = session.scalars(select(OneTimeLink)).one()
    assert link.expires_at - link.made_at == timedelta(days=7)
    data = {"name": "山本健二", "password": PASSWORD}

    assert [client.post(link_in(notice), data=data).status_code for _number in range(2)] == [303, 410]


def test_an_existing_person_signs_in_and_joins(app, npo_client, client, npo, session):
    kenji = with_password(records.user(name="山本健二", email="kenji@example.jp"))
    notice = _invite(npo_client, session)

    assert "登録ずみです" in main_text(client.get(link_in(notice)).text)
    own = sign_in(app.test_client(), kenji)
    assert own.post(link_in(notice)).location == "/account"
    session.refresh(kenji)
    assert kenji.organisation == npo
    assert own.get("/account/members").status_code == 200


def test_an_invitation_is_only_for_the_address_it_went_to(app, npo_client, session):
    records.user(email="kenji@example.jp")
    notice = _invite(npo_client, session)
    other = sign_in(app.test_client(), records.user(email="other@example.jp"))

    assert "ほかのメールアドレスあて" in main_text(other.post(link_in(notice)).text)
    assert len(session.scalars(select(Membership)).all()) == 1


def test_a_member_of_another_organisation_must_leave_it_first(app, npo_client, company, session):
    busy = records.member(company, email="kenji@example.jp")
    notice = _invite(npo_client, session)
    own = sign_in(app.test_client(), busy)

    own.post(link_in(notice))

    assert "先にその団体を抜けてください" in own.get("/account").text
    session.refresh(busy)
    assert busy.organisation == company


def test_a_person_of_the_prefecture_cannot_join(app, npo_client, session):
    clerk = records.staff(Role.NPO_OFFICE, email="kenji@example.jp")
    notice = _invite(npo_client, session)
    own = sign_in(app.test_client(), clerk)

    own.post(link_in(notice))

    session.refresh(clerk)
    assert clerk.organisation is None


def test_a_colleague_cannot_be_invited_again(npo_client, npo_member):
    response = npo_client.post("/account/members", data={"email": npo_member.email})

    assert "すでにメンバー" in errors_beside_fields(response.text)["email"]


def test_a_double_press_invites_once_and_a_later_invitation_replaces_the_first(npo_client, client, session):
    first = _invite(npo_client, session)
    assert _invite(npo_client, session).id == first.id
    with transaction():
        session.scalars(select(OneTimeLink)).one().made_at -= timedelta(minutes=2)

    second = _invite(npo_client, session)

    assert (client.get(link_in(first)).status_code, client.get(link_in(second)).status_code) == (410, 200)


def test_an_invitation_can_be_withdrawn_by_the_organisation_only(npo_client, other_npo_client, client, session):
    notice = _invite(npo_client, session)

    other_npo_client.post("/account/members/withdraw-invitation", data={"email": "kenji@example.jp"})
    assert client.get(link_in(notice)).status_code == 200
    npo_client.post("/account/members/withdraw-invitation", data={"email": "kenji@example.jp"})
    assert client.get(link_in(notice)).status_code == 410


def test_ending_a_colleagues_membership_acts_at_once_and_is_mailed(app, npo_client, npo, session):
    kenji = records.member(npo, name="山本健二", email="kenji@example.jp")
    own = sign_in(app.test_client(), kenji)
    assert own.get("/account/members").status_code == 200
    address = f"/account/members/{kenji.membership.id}/end"

    assert "山本健二" in main_text(npo_client.get(address).text)
    assert npo_client.post(address).location == "/account/members"

    assert own.get("/account/members").status_code == 302
    session.refresh(kenji)
    assert kenji.organisation is None
    assert session.scalars(select(Notice.kind)).all() == ["membership-ended"]
    npo_client.post(address)
    assert len(session.scalars(select(Notice)).all()) == 1


def test_the_membership_of_another_organisation_does_not_exist(npo_client, company_member):
    address = f"/account/members/{company_member.membership.id}/end"

    assert (npo_client.get(address).status_code, npo_client.post(address).status_code) == (404, 404)
    assert npo_client.post(f"/account/members/{2**40}/end").status_code == 404


def test_leaving_keeps_the_account_and_gives_the_browser_a_new_sign_in(npo_client, npo_member, npo, session):
    records.member(npo)
    with npo_client.session_transaction() as cookie:
        before = cookie["_user_id"]

    assert npo_client.post("/account/leave").location == "/account"

    with npo_client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert npo_client.get("/account").status_code == 200
    assert npo_client.get("/account/members").status_code == 403
    session.refresh(npo_member)
    assert npo_member.organisation is None


def test_the_last_member_cannot_leave(npo_client, npo_member, session):
    npo_client.post("/account/leave")

    assert "最後の1人は抜けられません" in npo_client.get("/account/members").text
    session.refresh(npo_member)
    assert npo_member.organisation is not None


def test_staff_have_no_colleagues_page(office_client):
    assert office_client.get("/account/members").status_code == 403


def test_an_unconfirmed_sign_up_gives_way_to_an_invitation(npo_client, client, npo, waiting_npo, session):
    records.member(waiting_npo, email="kenji@example.jp", email_confirmed_at=None, created_at=clock.now())
    notice = _invite(npo_client, session)

    client.post(link_in(notice), data={"name": "山本健二", "password": PASSWORD})

    assert session.scalars(select(User).where(User.email == "kenji@example.jp")).one().organisation == npo
