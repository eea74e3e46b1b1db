"""Sign-up from the first screen to the first sign-in."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchmaker.accounts import links, sign_up
from matchmaker.accounts.models import Membership, OneTimeLink, OneTimeLinkKind, User
from matchmaker.audit.models import AuditEntry
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture
from matchmaker.notices.models import Notice
from tests.accounts.conftest import PASSWORD, link_in, npo_sign_up
from tests.support.pages import errors_beside_fields, main_text, parse


def _count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_sign_up_stores_person_and_organisation_and_mails_a_link(client, session):
    response = client.post("/sign-up/npo", data=npo_sign_up())

    assert (response.status_code, response.location) == (303, "/mail-sent/sign-up")
    [user] = session.scalars(select(User)).all()
    assert (user.name, user.email, user.email_confirmed_at, user.is_demo) == (
        "鈴木花子",
        "hanako@example.jp",
        None,
        False,
    )
    [organisation] = session.scalars(select(Organisation)).all()
    assert (organisation.number, organisation.side, organisation.verification) == (
        "O-0001",
        Side.NPO,
        Verification.WAITING,
    )
    assert (organisation.kana, organisation.legal_form) == ("ミエコドモオウエンダン", LegalForm.NPO)
    assert (organisation.corporate_number, organisation.prefecture) == ("5000020240001", Prefecture.MIE)
    assert (organisation.contact_name, organisation.contact_email) == ("鈴木花子", "hanako@example.jp")
    assert set(organisation.fields) == {ActivityField.CHILDREN, ActivityField.SOCIAL_EDUCATION}
    assert user.organisation == organisation
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_email) == ("confirm-email", "hanako@example.jp")
    assert notice.body.startswith("鈴木花子 様\n")


def test_a_company_signs_up_from_another_prefecture(client, session):
    typed = npo_sign_up(legal_form="company", municipality="", prefecture="23", industry="H", corporate_number="")
    del typed["activity_fields"]

    assert client.post("/sign-up/company", data=typed).status_code == 303
    [organisation] = session.scalars(select(Organisation)).all()
    assert (organisation.side, organisation.industry) == (Side.COMPANY, Industry.TRANSPORT)
    assert (organisation.prefecture, organisation.municipality_code) == (Prefecture.AICHI, None)


def test_the_link_needs_a_press_and_then_the_person_can_sign_in(client, session):
    client.post("/sign-up/npo", data=npo_sign_up())
    [notice] = session.scalars(select(Notice)).all()
    path = link_in(notice)

    assert "確認する" in main_text(client.get(path).text)
    assert session.scalars(select(User.email_confirmed_at)).all() == [None]
    assert client.post(path).location == "/sign-in"
    assert client.post("/sign-in", data={"email": "hanako@example.jp", "password": PASSWORD}).status_code == 303
    assert "NPO担当課の確認を待っています" in main_text(client.get("/account").text)
    tags = session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == [
        "directory:organisation:register",
        "account:user:sign-up",
        "account:user:confirm-email",
        "account:sign-in:done",
    ]


def test_a_link_works_once(client, session):
    client.post("/sign-up/npo", data=npo_sign_up())
    [notice] = session.scalars(select(Notice)).all()
    client.post(link_in(notice))

    assert [client.post(link_in(notice)).status_code, client.get(link_in(notice)).status_code] == [410, 410]


def test_a_link_ends_after_a_day(client, session):
    client.post("/sign-up/npo", data=npo_sign_up())
    [notice] = session.scalars(select(Notice)).all()
    with transaction():
        session.scalars(select(OneTimeLink)).one().expires_at = clock.now() - timedelta(seconds=1)

    assert client.get(link_in(notice)).status_code == 410
    assert client.post(link_in(notice)).status_code == 410


def test_an_unknown_link_is_answered_like_a_used_one(client):
    assert client.get("/sign-up/confirm/" + "x" * 43).status_code == 410
    assert client.get("/sign-up/confirm/" + "あ" * 500).status_code == 410


def test_of_many_uses_of_one_link_exactly_one_wins(app, database, session):
    import threading

    at = clock.now()
    with transaction():
        token = links.make(OneTimeLinkKind.INVITATION, email="a@example.jp", at=at)
    results = []

    def use():
        with app.app_context():
            try:
                with transaction():
                    links.use(OneTimeLinkKind.INVITATION, token, at=at)
                results.append("won")
            except links.LinkNotUsable:
                results.append("lost")

    threads = [threading.Thread(target=use) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["lost"] * 5 + ["won"]


def test_a_double_press_signs_up_once(client, session):
    first = client.post("/sign-up/npo", data=npo_sign_up())
    second = client.post("/sign-up/npo", data=npo_sign_up())

    assert (first.location, second.location) == ("/mail-sent/sign-up", "/mail-sent/sign-up")
    assert (_count(session, User), _count(session, Organisation), _count(session, Notice)) == (1, 1, 1)


def test_an_address_in_use_gets_the_same_screen_and_a_different_mail(client, member, session):
    fresh = client.post("/sign-up/npo", data=npo_sign_up(email="fresh@example.jp", corporate_number=""))
    known = client.post("/sign-up/npo", data=npo_sign_up(organisation_name="別の団体"))

    assert (fresh.status_code, fresh.location) == (known.status_code, known.location)
    mails = session.execute(select(Notice.kind, Notice.to_email).order_by(Notice.id)).all()
    assert [tuple(mail) for mail in mails] == [
        ("confirm-email", "fresh@example.jp"),
        ("address-in-use", "hanako@example.jp"),
    ]
    assert session.scalar(select(Organisation.id).where(Organisation.name == "別の団体")) is None


def test_signing_up_again_before_the_confirmation_replaces_the_first_try(client, session):
    client.post("/sign-up/npo", data=npo_sign_up())
    [first] = session.scalars(select(Notice)).all()
    client.post("/sign-up/npo", data=npo_sign_up(organisation_name="直した名前の会"))

    assert session.scalars(select(Organisation.name)).all() == ["直した名前の会"]
    assert client.get(link_in(first)).status_code == 410
    second = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert client.post(link_in(second)).location == "/sign-in"


def test_a_sign_up_that_nobody_confirms_gives_its_number_back(client, session):
    client.post("/sign-up/npo", data=npo_sign_up())
    with transaction():
        session.scalars(select(User)).one().created_at -= sign_up.ABANDONED_AFTER + timedelta(minutes=1)

    response = client.post("/sign-up/npo", data=npo_sign_up(email="other@example.jp"))

    assert response.status_code == 303
    assert session.scalars(select(User.email)).all() == ["other@example.jp"]
    assert _count(session, Membership) == 1


def test_a_taken_corporate_number_is_told_beside_its_field(client, npo, session):
    with transaction():
        npo.corporate_number = "5000020240001"

    response = client.post("/sign-up/npo", data=npo_sign_up())

    assert response.status_code == 422
    assert "すでに登録されています" in errors_beside_fields(response.text)["corporate_number"]
    assert _count(session, User) == 0


def test_full_width_input_is_taken_as_meant(client, session):
    typed = npo_sign_up(
        email="ＨＡＮＡＫＯ＠example.jp",
        corporate_number="５０００−０２０２４−０００１",
        kana="ﾐｴ こども",
        contact_phone="０５９－２２４－３０７０",
        website="ｈｔｔｐｓ：／／example.jp/",
    )

    assert client.post("/sign-up/npo", data=typed).status_code == 303
    organisation = session.scalars(select(Organisation)).one()
    assert (organisation.corporate_number, organisation.kana) == ("5000020240001", "ミエ コドモ")
    assert (organisation.contact_phone, organisation.website) == ("059-224-3070", "https://example.jp/")


BAD = [
    ({"name": " \u200b "}, "name", "名前を入力してください"),
    ({"name": "花" * 81}, "name", "80文字以内"),
    ({"email": "hanako"}, "email", "メールアドレスの形"),
    ({"email": "花子@example.jp"}, "email", "半角の英数字"),
    ({"email": "hanako@例え.jp"}, "email", "半角の英数字"),
    ({"password": "短い"}, "password", "12文字以上"),
    ({"password": "password2026!"}, "password", "推測されやすい"),
    ({"password": "海" * 40 + "x" * 89}, "password", "128文字以内"),
    ({"organisation_name": "会" * 121}, "organisation_name", "120文字以内"),
    ({"kana": "三重県"}, "kana", "ひらがなかカタカナ"),
    ({"kana": "🐟"}, "kana", "ひらがなかカタカナ"),
    ({"legal_form": "company"}, "legal_form", "種類を選んでください"),
    ({"legal_form": ""}, "legal_form", "種類を選んでください"),
    ({"corporate_number": "5000020240002"}, "corporate_number", "法人番号が正しくありません"),
    ({"corporate_number": "123"}, "corporate_number", "法人番号が正しくありません"),
    ({"corporate_number": "٣" * 13}, "corporate_number", "法人番号が正しくありません"),
    ({"municipality": ""}, "municipality", "市町を選んでください"),
    ({"municipality": "999999"}, "municipality", "一覧から"),
    ({"prefecture": "23"}, "municipality", "どちらか1つ"),
    ({"municipality": "", "prefecture": "99"}, "prefecture", "一覧から"),
    ({"website": "javascript:alert(1)"}, "website", "https://"),
    ({"website": "https://user:pass@example.jp/"}, "website", "https://"),
    ({"website": 'https://example.jp/" onclick="x'}, "website", "https://"),
    ({"website": "http://[::1"}, "website", "https://"),
    ({"description": ""}, "description", "1文でもよい"),
    ({"description": "長" * 2001}, "description", "2000文字以内"),
    ({"activity_fields": []}, "activity_fields", "1つ以上"),
    ({"activity_fields": ["hacking"]}, "activity_fields", "一覧から"),
    ({"contact_email": "x@"}, "contact_email", "メールアドレスの形"),
    ({"contact_phone": "でんわ"}, "contact_phone", "数字とハイフン"),
    ({"address": "町" * 201}, "address", "200文字以内"),
]


@pytest.mark.parametrize(
    ("typed", "field", "message"), BAD, ids=[f"{field}-{i}" for i, (_t, field, _m) in enumerate(BAD)]
)
def test_a_wrong_answer_is_told_beside_its_field_and_the_rest_is_kept(client, session, typed, field, message):
    response = client.post("/sign-up/npo", data=npo_sign_up(**typed))

    assert response.status_code == 422
    errors = errors_beside_fields(response.text)
    assert message in errors[field]
    assert set(errors) == {field}
    page = parse(response.text)
    if field != "organisation_name":
        assert page.find(id="organisation_name")["value"] == "みえ子ども応援団"
    assert page.find(id="password").get("value") in {None, ""}
    assert _count(session, User) == 0


def test_script_and_control_characters_are_kept_as_text(client, session):
    nasty = "<script>alert(1)</script>{{7*7}}\x00\x1b[31m🐟 'x' -- \u202e"

    response = client.post("/sign-up/npo", data=npo_sign_up(name=nasty, organisation_name=nasty, kana="漢字"))

    assert response.status_code == 422
    assert "<script>alert" not in response.text
    shown = parse(response.text).find(id="organisation_name")["value"]
    assert shown == "<script>alert(1)</script>{{7*7}}[31m🐟 'x' --"
    assert client.post("/sign-up/npo", data=npo_sign_up(name=nasty, organisation_name=nasty)).status_code == 303
    assert session.scalars(select(Organisation.name)).one() == shown


def test_a_post_without_any_field_is_a_page_with_errors(client):
    response = client.post("/sign-up/npo", data={})

    assert response.status_code == 422
    assert {"name", "email", "password", "organisation_name", "municipality"} <= set(
        errors_beside_fields(response.text)
    )


@pytest.mark.parametrize("side", ["npo", "company"])
def test_the_summary_of_errors_follows_the_page(client, side):
    page = parse(client.post(f"/sign-up/{side}", data={}).text)

    linked = [link["href"].removeprefix("#").removesuffix("-0") for link in page.select(".error-summary a")]
    on_page = [element["id"] for element in page.select("form [id]") if element["id"] in linked]
    assert linked == on_page
    assert len(linked) >= 8


def test_sign_up_mails_are_limited_for_an_address(client, session):
    codes = [
        client.post("/sign-up/npo", data=npo_sign_up(organisation_name=f"団体{number}")).status_code
        for number in range(6)
    ]

    assert codes == [303] * 5 + [429]


def test_the_first_screen_leads_to_both_sides(client):
    page = parse(client.get("/sign-up").text)

    assert {"/sign-up/npo", "/sign-up/company"} <= {link["href"] for link in page.select("main a")}


def test_both_forms_open(client):
    assert [client.get(f"/sign-up/{side}").status_code for side in ("npo", "company", "staff")] == [200, 200, 404]
