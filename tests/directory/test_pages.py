"""The directory for everybody, for members and for the office."""

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.directory.models import Division, Organisation, OrganisationField
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.text import search_form
from matchmaker.foundation.transaction import transaction
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture
from matchmaker.notices.models import Notice
from tests.support import records
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries


def _names(page):
    return [" ".join(heading.get_text().split()) for heading in parse(page.text).select(".card__title")]


def _edit(organisation, **other):
    typed = {
        "organisation_name": organisation.name,
        "kana": organisation.kana,
        "legal_form": organisation.legal_form.value,
        "corporate_number": organisation.corporate_number or "",
        "municipality": organisation.municipality_code or "",
        "prefecture": "",
        "address": organisation.address,
        "website": organisation.website,
        "description": organisation.description,
        "activity_fields": [field.value for field in organisation.fields],
        "contact_name": organisation.contact_name,
        "contact_email": organisation.contact_email,
        "contact_phone": organisation.contact_phone,
        "version": str(organisation.version),
    }
    return typed | other


@pytest.fixture
def waiting(database):
    return records.organisation(Side.NPO, name="確認待ちの会", is_verified=False)


def test_the_list_holds_verified_organisations_by_their_reading(client, npo, other_npo, company, waiting):
    assert _names(client.get("/organisations")) == ["伊勢湾の海を守る会", "津みなと運輸株式会社", "みえ子ども応援団"]


def test_the_list_can_be_ordered_newest_first(client, npo, other_npo):
    with transaction():
        other_npo.checked_at = clock.now()

    assert _names(client.get("/organisations?sort=new")) == ["伊勢湾の海を守る会", "みえ子ども応援団"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("side=npo", ["伊勢湾の海を守る会", "みえ子ども応援団"]),
        ("side=company", ["津みなと運輸株式会社"]),
        ("q=コドモ", []),
        ("q=子ども　みえ", ["みえ子ども応援団"]),
        ("q=%25", []),
        ("field=environment", ["伊勢湾の海を守る会"]),
        ("place=242012", ["津みなと運輸株式会社", "みえ子ども応援団"]),
        ("place=24:中勢", ["津みなと運輸株式会社", "みえ子ども応援団"]),
        ("place=24", ["津みなと運輸株式会社", "みえ子ども応援団"]),
        ("place=23", ["伊勢湾の海を守る会"]),
        ("side=npo&place=23&field=environment&q=海", ["伊勢湾の海を守る会"]),
        ("side=x&place=y&field=z&sort=w", ["伊勢湾の海を守る会", "津みなと運輸株式会社", "みえ子ども応援団"]),
    ],
)
def test_the_list_is_narrowed_by_the_address(client, npo, other_npo, company, query, names):
    with transaction():
        other_npo.prefecture, other_npo.municipality_code = Prefecture.AICHI, None
        other_npo.field_rows = [OrganisationField(field=ActivityField.ENVIRONMENT)]

    assert _names(client.get(f"/organisations?{query}")) == names


def test_a_filter_that_finds_nothing_says_what_to_do(client, npo):
    assert "条件をすべて外す" in main_text(client.get("/organisations?q=存在しない").text)


def test_other_names_in_the_address_are_not_taken_over(client, npo):
    page = client.get("/organisations?q=みえ&side=npo&_external=1&_scheme=javascript&endpoint=x&values=1")

    links = [link["href"] for link in parse(page.text).select(".applied-filters a")]
    assert len(links) == 3
    assert all(link.startswith("/organisations") and "javascript" not in link for link in links)


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three(client, npo):
    client.get("/organisations")
    with counted_queries() as one:
        client.get("/organisations")
    records.organisation(Side.NPO)
    records.organisation(Side.COMPANY)
    with counted_queries() as three:
        client.get("/organisations")

    assert len(one) == len(three)


def test_a_long_list_has_pages_that_keep_the_filter(client, database):
    for number in range(21):
        records.organisation(Side.NPO, name=f"団体{number:02d}", kana=f"ダンタイ{number:02d}")

    first = client.get("/organisations?side=npo")
    second = client.get("/organisations?side=npo&page=2")

    assert (len(_names(first)), _names(second)) == (20, ["団体20"])
    assert "/organisations?side=npo&page=2" in {link.get("href") for link in parse(first.text).select("a")}
    assert _names(client.get("/organisations?side=npo&page=99")) == ["団体20"]


def test_the_public_page_never_shows_the_contact_or_the_address(client, npo_client, npo):
    with transaction():
        npo.address, npo.contact_name, npo.contact_email = "栄町ひみつ1-1", "秘密花子", "himitsu@example.jp"

    for page in (client.get(f"/organisations/{npo.number}"), npo_client.get(f"/organisations/{npo.number}")):
        assert page.status_code == 200
        assert [text for text in ("ひみつ", "秘密花子", "himitsu@", "059-000-0000") if text in page.text] == []


def test_an_unverified_organisation_exists_for_its_members_and_the_office_only(
    app, client, npo_client, office_client, waiting
):
    from tests.support.client import sign_in

    own = sign_in(app.test_client(), records.member(waiting))
    address = f"/organisations/{waiting.number}"

    codes = [browser.get(address).status_code for browser in (client, npo_client, office_client, own)]

    assert codes == [404, 404, 200, 200]
    assert "NPO担当課の確認を待っています" in main_text(own.get(address).text)


def test_a_script_in_a_stored_website_is_not_a_link(client, npo):
    with transaction():
        npo.website = "javascript:alert(1)"
        npo.source_url = "javascript:alert(2)"

    assert "javascript:" not in client.get(f"/organisations/{npo.number}").text


def test_markup_in_a_description_is_text(client, npo):
    with transaction():
        npo.description = "<script>alert(1)</script>\n\n{{7*7}}"

    page = client.get(f"/organisations/{npo.number}").text
    assert "<script>alert" not in page
    assert "{{7*7}}" in main_text(page)


def test_a_member_changes_what_is_not_checked_and_stays_verified(npo_client, npo, session):
    typed = _edit(npo, description="新しい説明です。", contact_phone="059-111-2222", activity_fields=["culture-sports"])

    response = npo_client.post(f"/organisations/{npo.number}/edit", data=typed)

    assert response.location == f"/organisations/{npo.number}"
    session.refresh(npo)
    assert (npo.description, npo.contact_phone, npo.fields) == (
        "新しい説明です。",
        "059-111-2222",
        [ActivityField.CULTURE_SPORTS],
    )
    assert npo.verification is Verification.VERIFIED
    assert search_form("新しい説明") in npo.search_text


@pytest.mark.parametrize(
    "changed",
    [{"organisation_name": "別の名前の会"}, {"legal_form": "civic"}, {"corporate_number": "5000020240001"}],
)
def test_changing_what_was_checked_puts_an_organisation_back_to_waiting(npo_client, client, npo, session, changed):
    npo_client.post(f"/organisations/{npo.number}/edit", data=_edit(npo, **changed))

    session.refresh(npo)
    assert (npo.verification, npo.checked_at) == (Verification.WAITING, None)
    assert client.get(f"/organisations/{npo.number}").status_code == 404
    assert "確認するまで、団体の情報は公開されません" in npo_client.get("/account").text


def test_the_edit_page_says_beforehand_that_a_new_check_follows(npo_client, npo):
    assert "NPO担当課がもう一度確認します" in main_text(npo_client.get(f"/organisations/{npo.number}/edit").text)


def test_the_form_is_filled_with_what_is_stored(npo_client, npo):
    page = parse(npo_client.get(f"/organisations/{npo.number}/edit").text)

    assert page.find(id="organisation_name")["value"] == npo.name
    assert page.select_one("#municipality option[selected]")["value"] == "242012"
    assert [box["value"] for box in page.select("#activity_fields input[checked]")] == ["children"]
    assert [group["label"] for group in page.select("#municipality optgroup")] == [
        "北勢地域",
        "伊賀地域",
        "中勢地域",
        "南勢志摩地域",
        "東紀州地域",
    ]


def test_a_wrong_answer_keeps_what_was_typed(npo_client, npo, session):
    typed = _edit(npo, website="ftp://example.jp", description="直した説明")

    response = npo_client.post(f"/organisations/{npo.number}/edit", data=typed)

    assert set(errors_beside_fields(response.text)) == {"website"}
    assert "直した説明" in parse(response.text).find(id="description").get_text()
    session.refresh(npo)
    assert npo.description != "直した説明"


def test_two_members_at_once_get_the_page_with_both_texts(npo_client, npo, session):
    opened = _edit(npo)
    npo_client.post(f"/organisations/{npo.number}/edit", data=opened | {"description": "先に保存した説明"})

    response = npo_client.post(f"/organisations/{npo.number}/edit", data=opened | {"description": "後から来た説明"})

    assert response.status_code == 409
    text = main_text(response.text)
    assert ("先に保存した説明" in text, "後から来た説明" in text) == (True, True)
    form = parse(response.text).select_one("main form.post-button")
    resent = {}
    for field in form.select("input[type=hidden]"):
        resent.setdefault(field["name"], []).append(field["value"])
    assert npo_client.post(form["action"], data=resent).status_code == 303
    session.refresh(npo)
    assert (npo.description, npo.fields) == ("後から来た説明", [ActivityField.CHILDREN])


@pytest.mark.parametrize("version", ["", "x", "-1", "９" * 30, "9" * 40])
def test_a_missing_or_odd_version_is_a_conflict(npo_client, npo, version):
    assert npo_client.post(f"/organisations/{npo.number}/edit", data=_edit(npo, version=version)).status_code == 409


def test_others_cannot_change_an_organisation(other_npo_client, office_client, client, npo, waiting):
    def code(browser, organisation):
        return browser.post(f"/organisations/{organisation.number}/edit", data=_edit(organisation)).status_code

    assert (code(other_npo_client, npo), code(other_npo_client, waiting)) == (403, 404)
    assert (code(office_client, npo), code(client, npo)) == (403, 302)
    assert other_npo_client.get("/organisations/O-0000/edit").status_code == 404


def test_a_number_of_another_organisation_is_told_beside_its_field(npo_client, npo, company):
    with transaction():
        company.corporate_number = "5000020240001"

    response = npo_client.post(f"/organisations/{npo.number}/edit", data=_edit(npo, corporate_number="5000020240001"))

    assert "すでに登録されています" in errors_beside_fields(response.text)["corporate_number"]


def test_a_legal_form_from_outside_the_list_can_be_kept(npo_client, npo):
    with transaction():
        npo.legal_form = LegalForm.COMPANY

    assert npo_client.post(f"/organisations/{npo.number}/edit", data=_edit(npo)).status_code == 303


def test_the_queue_lists_who_waits_and_leaves_out_unconfirmed_sign_ups(office_client, waiting):
    hidden = records.organisation(Side.NPO, name="未確認の会", is_verified=False)
    records.member(hidden, email_confirmed_at=None)
    records.member(waiting)

    text = main_text(office_client.get("/organisations/verification").text)

    assert ("確認待ちの会" in text, "未確認の会" in text) == (True, False)


def test_the_queue_is_filtered_by_state(office_client, npo, waiting):
    assert npo.name in main_text(office_client.get("/organisations/verification?state=verified").text)
    assert "この状態の団体はありません" in main_text(
        office_client.get("/organisations/verification?state=refused").text
    )
    assert waiting.name in main_text(office_client.get("/organisations/verification?state=nonsense").text)


def test_the_office_verifies_with_mail_and_record(office_client, office, client, waiting, session):
    member = records.member(waiting)
    records.member(waiting, email_confirmed_at=None)

    response = office_client.post(f"/organisations/{waiting.number}/verification/verify")

    assert response.location == "/organisations/verification"
    session.refresh(waiting)
    assert (waiting.verification, waiting.checked_by_id, waiting.check_note) == (Verification.VERIFIED, office.id, "")
    assert session.execute(select(Notice.kind, Notice.to_email)).all() == [("organisation-verified", member.email)]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.tag.startswith("directory:"))).one()
    assert (entry.tag, entry.subject, entry.actor_id) == (
        "directory:organisation:verified",
        waiting.number,
        office.id,
    )
    assert client.get(f"/organisations/{waiting.number}").status_code == 200


def test_a_refusal_needs_a_reason_and_tells_it(app, office_client, waiting, session):
    from tests.support.client import sign_in

    member = records.member(waiting)
    address = f"/organisations/{waiting.number}/verification"

    empty = office_client.post(f"{address}/refuse", data={"reason": " \n "})
    assert set(errors_beside_fields(empty.text)) == {"reason"}
    assert office_client.post(f"{address}/refuse", data={"reason": "住所に実在しません。"}).status_code == 303

    session.refresh(waiting)
    assert (waiting.verification, waiting.check_note) == (Verification.REFUSED, "住所に実在しません。")
    [notice] = session.scalars(select(Notice)).all()
    assert "住所に実在しません。" in notice.body
    own = sign_in(app.test_client(), member)
    assert "住所に実在しません。" in main_text(own.get("/account").text)
    own.post(f"/organisations/{waiting.number}/edit", data=_edit(waiting, kana="カクニン", address="栄町1"))
    session.refresh(waiting)
    assert waiting.verification is Verification.WAITING


def test_a_second_answer_is_refused_and_changes_nothing(office_client, waiting, session):
    office_client.post(f"/organisations/{waiting.number}/verification/verify")
    office_client.post(f"/organisations/{waiting.number}/verification/refuse", data={"reason": "やはり違う"})

    assert "ほかの担当者が先に終えています" in office_client.get("/organisations/verification").text
    session.refresh(waiting)
    assert (waiting.verification, waiting.check_note) == (Verification.VERIFIED, "")


def test_the_check_page_shows_everything_that_was_entered(office_client, waiting):
    member = records.member(waiting, name="確認 恵子")

    text = main_text(office_client.get(f"/organisations/{waiting.number}/verification").text)

    shown = (waiting.name, waiting.contact_email, waiting.contact_phone, "三重県津市", "確認 恵子", member.email)
    assert [value for value in shown if value not in text] == []


def test_only_the_office_verifies(npo_client, approver_client, client, waiting):
    address = f"/organisations/{waiting.number}/verification"

    assert [browser.get(address).status_code for browser in (npo_client, approver_client, client)] == [403, 403, 302]
    assert npo_client.post(f"{address}/verify").status_code == 403


def test_the_administrator_begins_and_ends_divisions_and_the_office_sees_them(
    administrator_client, office_client, approver_client, session
):
    typed = {"name": "交通・ＮＰＯ課", "department": "環境生活部", "valid_from_on": "2026-04-01"}

    assert administrator_client.post("/divisions", data=typed).location == "/divisions"
    division = session.scalars(select(Division)).one()
    assert (division.name, division.valid_until_on) == ("交通・ＮＰＯ課", None)
    administrator_client.post(f"/divisions/{division.id}/end")
    session.refresh(division)
    assert division.valid_until_on == clock.today()
    administrator_client.post(f"/divisions/{division.id}/end")
    assert "すでに終了しています" in administrator_client.get("/divisions").text
    assert [one.get("/divisions").status_code for one in (office_client, approver_client)] == [200, 403]


def test_a_division_without_a_day_is_told_beside_the_field(administrator_client):
    for day in ("", "明日", "2026-02-30"):
        typed = {"name": "課", "department": "部", "valid_from_on": day}
        assert set(errors_beside_fields(administrator_client.post("/divisions", data=typed).text)) == {"valid_from_on"}


def test_numbers_are_given_without_gaps_even_after_a_refused_entry(client, npo, session):
    from tests.accounts.conftest import npo_sign_up

    with transaction():
        npo.corporate_number = "5000020240001"
    client.post("/sign-up/npo", data=npo_sign_up())
    client.post("/sign-up/npo", data=npo_sign_up(corporate_number=""))

    assert session.scalars(select(Organisation.number).where(Organisation.id != npo.id)).all() == ["O-0001"]
