from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.queries import match_evidence
from matchmaker.introductions.status import DeclineReason, IntroductionStatus
from matchmaker.notices.models import Notice
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

NAME_CANARY, PERSON_CANARY, MAIL_CANARY, PHONE_CANARY = (
    "カナリア商事",
    "金糸雀 花",
    "canary@example.jp",
    "090-1234-5678",
)
NPO_PERSON, NPO_MAIL, NPO_PHONE = "雲雀 空", "lark@example.jp", "090-8765-4321"


@pytest.fixture
def company(database):
    return records.organisation(
        Side.COMPANY,
        name=f"{NAME_CANARY}株式会社",
        contact_name=PERSON_CANARY,
        contact_email=MAIL_CANARY,
        contact_phone=PHONE_CANARY,
        description=f"{NAME_CANARY}は荷物を運びます。",
        website="https://canary.example.jp",
        address="津市金糸雀町1",
    )


@pytest.fixture
def npo(database):
    return records.organisation(
        Side.NPO, name="みえ子ども応援団", contact_name=NPO_PERSON, contact_email=NPO_MAIL, contact_phone=NPO_PHONE
    )


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company, policy=f"{NAME_CANARY}の方針です。")


@pytest.fixture
def ask_url(proposal, interest):
    return f"/matches/{proposal.number}~{interest.number}/ask"


@pytest.fixture
def asked(npo_client, ask_url, company_member, session):
    npo_client.post(ask_url, data={"message": "いっしょに教室を開きませんか。"})
    return session.scalars(select(Introduction)).one()


def url(introduction, verb=""):
    return f"/introductions/{introduction.number}{verb}"


def status(session, introduction):
    session.expire_all()
    return introduction.status


def tags(session):
    return list(session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)))


def mails(session):
    return [(one.kind, one.to_email) for one in session.scalars(select(Notice).order_by(Notice.id))]


def test_npo_asks_and_the_company_is_told(npo_client, ask_url, company_member, session):
    response = npo_client.post(ask_url, data={"message": "  いっしょに教室を開きませんか。 "})
    introduction = session.scalars(select(Introduction)).one()
    assert (response.status_code, response.location) == (303, url(introduction))
    assert (introduction.status, introduction.asked_by_side, introduction.message) == (
        IntroductionStatus.ASKED,
        Side.NPO,
        "いっしょに教室を開きませんか。",
    )
    assert introduction.match["points"] == sum(part["points"] for part in introduction.match["parts"])
    assert mails(session) == [("introduction-asked", company_member.email)]
    assert tags(session) == ["member:introduction:ask"]


def test_company_asks_and_the_npo_is_told(company_client, ask_url, npo_member, session):
    company_client.post(ask_url, data={"message": "力になれそうです。"})
    introduction = session.scalars(select(Introduction)).one()
    assert introduction.asked_by_side is Side.COMPANY
    assert mails(session) == [("introduction-asked", npo_member.email)]
    notice = session.scalars(select(Notice)).one()
    for secret in (NAME_CANARY, PERSON_CANARY, MAIL_CANARY, PHONE_CANARY, "力になれそうです。"):
        assert secret not in notice.subject + notice.body
    assert f"http://localhost{url(introduction)}" in notice.body


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("", "相手へのメッセージを入力してください"),
        (" 　\n\x00", "相手へのメッセージを入力してください"),
        ("あ" * 1001, "1,000文字以内で入力してください"),
    ],
)
def test_message_out_of_bounds_is_refused_beside_its_field(npo_client, ask_url, session, message, expected):
    response = npo_client.post(ask_url, data={"message": message})
    assert response.status_code == 422
    assert errors_beside_fields(response.text) == {"message": f"エラー： {expected}"}
    assert session.scalars(select(Introduction)).all() == []


def test_longest_message_is_taken(npo_client, ask_url, session):
    assert npo_client.post(ask_url, data={"message": "あ" * 1000}).status_code == 303


def test_second_request_leads_to_the_first(npo_client, company_client, ask_url, asked, session):
    for client, text in (
        (npo_client, "この相手には、もう依頼を送っています。返事をお待ちください。"),
        (company_client, "この相手から、先に依頼が届いています。このページで返事ができます。"),
    ):
        response = client.post(ask_url, data={"message": "もう一度"})
        assert response.location == url(asked)
        assert text in main_text(client.get(response.location).text)
    assert len(session.scalars(select(Introduction)).all()) == 1


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        ("unpublish", "この提案は公開されていないので、紹介を進められません。"),
        ("close", "この提案は、募集の期限が過ぎています。"),
        ("doubt", "団体と企業の両方を事務局が確認するまで、紹介を進められません。"),
    ],
)
def test_npo_cannot_ask_while_something_is_missing(app, npo, npo_member, interest, office, spoil, text, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    client = sign_in(app.test_client(), npo_member)
    ask = f"/matches/{proposal.number}~{interest.number}/ask"
    with transaction():
        if spoil == "unpublish":
            proposal.is_published = False
        elif spoil == "close":
            proposal.open_until_on = clock.today() - timedelta(days=1)
        else:
            npo.verification, npo.checked_at = Verification.WAITING, None
    response = client.post(ask, data={"message": "お願いします"})
    if spoil == "doubt":
        assert response.status_code == 404
    else:
        assert response.status_code == 409
        assert text in main_text(response.text)
        assert "お願いします" in response.text
    assert session.scalars(select(Introduction)).all() == []


def test_new_draft_that_is_not_published_cannot_ask(npo_client, npo, interest, session):
    draft = records.proposal(npo)
    pair = f"/matches/{draft.draft_number}~{interest.number}"
    assert not parse(npo_client.get(pair).text).select("[name=message]")
    assert npo_client.post(f"{pair}/ask", data={"message": "お願いします"}).status_code == 409
    assert session.scalars(select(Introduction)).all() == []


def test_office_reads_but_does_not_ask_or_answer(office_client, asked, ask_url):
    assert office_client.get(url(asked)).status_code == 200
    assert office_client.get("/introductions").status_code == 200
    assert office_client.post(ask_url, data={"message": "x"}).status_code == 403
    assert office_client.post(url(asked, "/accept")).status_code == 403


def test_strangers_learn_nothing_of_an_introduction(app, client, other_npo_client, division_client, asked):
    competitor = sign_in(app.test_client(), records.member(records.organisation(Side.COMPANY)))
    for stranger in (other_npo_client, competitor):
        assert stranger.get(url(asked)).status_code == 404
        for verb in ("/accept", "/decline", "/close"):
            assert stranger.post(url(asked, verb), data={"reason": "timing"}).status_code == 404
        assert asked.number not in stranger.get("/introductions").text
    assert division_client.get(url(asked)).status_code == 403
    assert client.get(url(asked)).status_code == 302
    assert client.get("/introductions/S-9999").status_code == 302


def test_company_accepts_and_both_see_names_and_contacts(npo_client, company_client, asked, npo_member, session):
    response = company_client.post(url(asked, "/accept"), data={"answer": "よろこんで"})
    assert response.location == url(asked)
    assert status(session, asked) is IntroductionStatus.TALKING
    assert mails(session)[-1] == ("introduction-accepted", npo_member.email)
    for reader in (npo_client, company_client):
        text = main_text(reader.get(url(asked)).text)
        contacts = (NAME_CANARY, PERSON_CANARY, MAIL_CANARY, PHONE_CANARY, NPO_PERSON, NPO_MAIL, NPO_PHONE)
        for shown in (*contacts, "よろこんで"):
            assert shown in text
    assert tags(session)[1:] == ["member:introduction:accept", "member:contact:view", "member:contact:view"]
    page = parse(npo_client.get(url(asked)).text)
    views = [item.get_text(" ", strip=True).split()[-1] for item in page.select("details.disclosure li")]
    assert views[:3] == ["みえ子ども応援団", f"{NAME_CANARY}株式会社", "みえ子ども応援団"]


def test_contacts_are_shown_to_nobody_else(office_client, npo_client, company_client, asked):
    company_client.post(url(asked, "/accept"), data={})
    html = office_client.get(url(asked)).text
    for secret in (PERSON_CANARY, MAIL_CANARY, PHONE_CANARY, NPO_PERSON, NPO_MAIL, NPO_PHONE):
        assert secret not in html


def test_accepting_twice_acts_once(company_client, asked, session):
    for _press in range(2):
        assert company_client.post(url(asked, "/accept"), data={}).status_code == 303
    assert tags(session).count("member:introduction:accept") == 1
    assert [kind for kind, _to in mails(session)].count("introduction-accepted") == 1


def test_colleague_who_answers_later_is_told_who_was_faster(app, company, company_client, asked, session):
    colleague = sign_in(app.test_client(), records.member(company))
    company_client.post(url(asked, "/accept"), data={})
    response = colleague.post(url(asked, "/decline"), data={"reason": "timing"})
    assert "ほかの担当者が先に返事をしました（話し合い中）。" in main_text(colleague.get(response.location).text)
    assert status(session, asked) is IntroductionStatus.TALKING


def test_words_of_an_answer_that_came_too_late_stay_on_the_page(app, company, company_client, asked, session):
    colleague = sign_in(app.test_client(), records.member(company))
    company_client.post(url(asked, "/accept"), data={})
    response = colleague.post(url(asked, "/decline"), data={"reason": "timing", "words": "春にまた。"})
    assert response.status_code == 409
    assert "春にまた。" in main_text(response.text)
    assert (status(session, asked), asked.answer) == (IntroductionStatus.TALKING, "")


def test_company_declines_with_a_reason_that_the_npo_reads(npo_client, company_client, asked, npo_member, session):
    sent = {"reason": "no-capacity", "words": "来年度にまた。"}
    for _press in range(2):
        company_client.post(url(asked, "/decline"), data=sent)
    assert status(session, asked) is IntroductionStatus.DECLINED
    assert asked.decline_reason is DeclineReason.NO_CAPACITY
    assert tags(session) == ["member:introduction:ask", "member:introduction:decline"]
    assert mails(session)[-1] == ("introduction-declined", npo_member.email)
    response = npo_client.get(url(asked))
    assert "見送り（理由：いまは余力がない）" in main_text(response.text)
    assert "来年度にまた。" in main_text(response.text)
    assert NAME_CANARY not in response.text


def test_decline_without_a_known_reason_is_refused_with_the_words_kept(company_client, asked, session):
    for reason in ({}, {"reason": "x"}):
        response = company_client.post(url(asked, "/decline"), data={**reason, "words": "また今度"})
        assert response.status_code == 422
        assert errors_beside_fields(response.text) == {"reason": "エラー： 理由を1つ選んでください"}
        assert parse(response.text).select_one("[name=words]").get_text().strip() == "また今度"
    assert status(session, asked) is IntroductionStatus.ASKED


def test_asking_side_cannot_answer_itself(npo_client, asked, session):
    for verb, sent in (("/accept", {}), ("/decline", {"reason": "timing"})):
        npo_client.post(url(asked, verb), data=sent)
    assert status(session, asked) is IntroductionStatus.ASKED
    assert not parse(npo_client.get(url(asked)).text).select("[name=reason]")


def test_request_is_taken_back_by_its_own_side_only(npo_client, company_client, asked, company_member, session):
    company_client.post(url(asked, "/close"))
    assert status(session, asked) is IntroductionStatus.ASKED
    for _press in range(2):
        npo_client.post(url(asked, "/close"))
    assert status(session, asked) is IntroductionStatus.CLOSED
    assert mails(session)[-1] == ("introduction-closed", company_member.email)
    company_client.post(url(asked, "/accept"), data={})
    assert "この依頼は、すでに終了しています。" in main_text(company_client.get(url(asked)).text)
    assert asked.was_accepted is False
    assert NAME_CANARY not in npo_client.get(url(asked)).text


def test_pair_may_be_asked_again_after_a_decline_that_hides_nothing(
    npo_client, company_client, ask_url, asked, session
):
    company_client.post(url(asked, "/decline"), data={"reason": "other"})
    assert npo_client.post(ask_url, data={"message": "年度が変わりました。"}).status_code == 303
    assert len(session.scalars(select(Introduction)).all()) == 2


def test_end_of_talks_hides_contacts_and_keeps_the_name(npo_client, company_client, asked, session):
    company_client.post(url(asked, "/accept"), data={})
    company_client.post(url(asked, "/close"))
    assert status(session, asked) is IntroductionStatus.CLOSED
    html = npo_client.get(url(asked)).text
    assert NAME_CANARY in html
    for secret in (PERSON_CANARY, MAIL_CANARY, PHONE_CANARY):
        assert secret not in html


@pytest.mark.parametrize("spoil", ["withdraw", "expire", "doubt"])
def test_answer_says_what_happened_in_between(company_client, npo, interest, proposal, asked, session, spoil):
    with transaction():
        if spoil == "withdraw":
            proposal.status = ProposalStatus.WITHDRAWN
        elif spoil == "expire":
            interest.valid_until_on = clock.today() - timedelta(days=1)
        else:
            npo.verification, npo.checked_at = Verification.WAITING, None
    text = {
        "withdraw": "この提案は公開されていないので、紹介を進められません。",
        "expire": f"企業の関心（{interest.number}）が「期限切れ」なので、紹介を進められません。",
        "doubt": "団体と企業の両方を事務局が確認するまで、紹介を進められません。",
    }[spoil]
    page = company_client.get(url(asked))
    assert text in main_text(page.text)
    assert not parse(page.text).select("[name=answer]")
    company_client.post(url(asked, "/accept"), data={})
    assert status(session, asked) is IntroductionStatus.ASKED
    company_client.post(url(asked, "/decline"), data={"reason": "timing"})
    assert status(session, asked) is IntroductionStatus.DECLINED


def test_paused_interest_stays_readable_for_the_npo_it_talks_with(npo_client, interest, company_client, asked):
    company_client.post(url(asked, "/accept"), data={})
    company_client.post(f"/interests/{interest.number}/pause")
    assert npo_client.get(f"/interests/{interest.number}").status_code == 200
    assert npo_client.get(f"/matches/{asked.pair}").status_code == 200


def test_no_page_of_the_npo_names_the_company_before_it_agrees(npo_client, proposal, interest, asked, session):
    pages = [
        "/",
        "/introductions",
        "/introductions?box=sent",
        url(asked),
        f"/interests/{interest.number}",
        f"/matches/{proposal.number}",
        f"/matches/{proposal.number}/fit",
        f"/matches/{proposal.number}~{interest.number}",
    ]
    for page in pages:
        response = npo_client.get(page)
        assert response.status_code == 200
        for secret in (NAME_CANARY, PERSON_CANARY, MAIL_CANARY, PHONE_CANARY, "canary.example.jp", "金糸雀町"):
            assert secret not in response.text, f"{secret} on {page}"


def test_no_page_of_the_company_shows_the_npos_contacts_before_it_agrees(company_client, proposal, interest, asked):
    pages = [
        "/introductions",
        url(asked),
        f"/matches/{interest.number}",
        f"/matches/{proposal.number}~{interest.number}",
    ]
    for page in pages:
        html = company_client.get(page).text
        for secret in (NPO_PERSON, NPO_MAIL, NPO_PHONE):
            assert secret not in html, f"{secret} on {page}"


def test_lists_say_what_to_do_next(npo_client, company_client, asked):
    assert "内容を読んで、返事をしてください。" in main_text(company_client.get("/introductions").text)
    assert "相手の返事を待っています。" in main_text(npo_client.get("/introductions?box=sent").text)
    assert "届いた依頼はまだありません。" in main_text(npo_client.get("/introductions").text)
    assert "まだ依頼を送っていません。" in main_text(company_client.get("/introductions?box=sent").text)


def test_list_costs_the_same_queries_for_one_and_three(npo_client, company, proposal, npo, asked, session):
    counts = []
    for _round in range(2):
        with counted_queries() as statements:
            npo_client.get("/introductions?box=sent")
        counts.append(len(statements))
        for _more in range(2):
            other = records.interest(company)
            npo_client.post(f"/matches/{proposal.number}~{other.number}/ask", data={"message": "お願いします"})
    assert counts[0] == counts[1]


def test_evidence_lists_best_matches_and_introductions_without_hidden_names(npo, company, proposal, interest, asked):
    named = records.interest(records.organisation(Side.COMPANY, name="公開株式会社"), shows_name=True)
    evidence = match_evidence(proposal)
    assert {match.interest_number: match.public_name for match in evidence.matches} == {
        interest.number: "運輸業、郵便業・三重県の企業",
        named.number: "公開株式会社",
    }
    assert all(match.points > 0 and match.sentence.endswith("。") for match in evidence.matches)
    assert [(one.number, one.status, one.asked_by_side) for one in evidence.introductions] == [
        (asked.number, IntroductionStatus.ASKED, Side.NPO)
    ]
