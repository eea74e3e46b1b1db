"""The page that shows which companies together bring what a proposal needs."""

import pytest
from sqlalchemy import select

from matchmaker.directory.terms import Side
from matchmaker.introductions.models import Introduction
from matchmaker.matching.terms import Industry, ResourceKind, Unit
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

MONEY, PLACE, GOODS = ResourceKind.MONEY, ResourceKind.PLACE, ResourceKind.GOODS


@pytest.fixture
def proposal(npo):
    needs = [(MONEY, "会場費", 300_000, Unit.YEN), (PLACE, "教室", None, None)]
    return records.proposal(npo, status=ProposalStatus.SUBMITTED, needs=needs)


def offering(name, *offers, company=None):
    owner = company or records.organisation(Side.COMPANY, name=name, industry=Industry.FINANCE)
    return records.interest(owner, offers=list(offers))


def tables(response):
    return [
        [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in table.select("tbody tr")]
        for table in parse(response.text).select("table")
    ]


def test_two_companies_that_cover_together_come_first_and_say_what_is_missing(npo_client, proposal):
    bank = offering("百五銀行", (MONEY, "寄付", 280_000, Unit.YEN))
    shop = offering("駅前商店", (PLACE, "店の2階", None, None))

    response = npo_client.get(f"/matches/{proposal.number}/bundles")

    assert tables(response)[0] == [
        ["会場費", "300,000円", "280,000円", "20,000円", "93%", "なし"],
        ["教室", "量の指定なし", "あり", "なし", "100%", "なし"],
    ]
    text = main_text(response.text)
    assert "資金があと20,000円あれば、「会場費」がそろいます。" in text
    assert "「会場費」に、寄付 （280,000円）" in text.replace("寄付（", "寄付 （")
    assert "「教室」に、店の2階 （量は登録されていません）" in text.replace("2階（", "2階 （")
    buttons = [link["href"] for link in parse(response.text).select("main section:first-of-type a.button")]
    assert sorted(buttons) == sorted(f"/matches/{proposal.number}~{one.number}" for one in (bank, shop))


def test_names_stay_back_from_the_npo_and_are_shown_to_the_office(npo_client, office_client, proposal):
    offering("百五銀行", (MONEY, "百五銀行の寄付", 300_000, Unit.YEN))
    url = f"/matches/{proposal.number}/bundles"
    assert "百五銀行" not in npo_client.get(url).text
    assert "金融業、保険業・三重県の企業" in npo_client.get(url).text
    assert "百五銀行" in office_client.get(url).text


def test_an_amount_that_cannot_be_compared_is_to_be_asked_for(npo_client, proposal):
    bank = offering("百五銀行", (MONEY, "寄付", None, None))
    response = npo_client.get(f"/matches/{proposal.number}/bundles")
    assert tables(response) == [
        [
            ["会場費", "300,000円", "0円", "300,000円", "0%", f"金融業、保険業・三重県の企業（{bank.number}）"],
            ["教室", "量の指定なし", "なし", "1つ以上", "0%", "なし"],
        ]
    ]
    text = main_text(response.text)
    assert f"{PLACE.label}を出せる相手が1つあれば、「教室」がそろいます。" in text
    assert "量がくらべられないので、相手に聞いてください。" in text


def test_two_interests_of_one_company_do_not_stand_together(npo_client, proposal, company):
    offering("", (MONEY, "寄付", 300_000, Unit.YEN), company=company)
    offering("", (PLACE, "店の2階", None, None), company=company)
    response = npo_client.get(f"/matches/{proposal.number}/bundles")
    titles = [one.get_text(strip=True) for one in parse(response.text).select("main h2")]
    assert titles == ["組み合わせ1：1社", "組み合わせ2：1社"]


def test_a_company_that_said_no_is_left_out(npo_client, company_client, proposal, company, session):
    only = offering("", (MONEY, "寄付", 300_000, Unit.YEN), company=company)
    npo_client.post(f"/matches/{proposal.number}~{only.number}/ask", data={"message": "お願いします"})
    number = session.scalars(select(Introduction)).one().number
    company_client.post(f"/introductions/{number}/decline", data={"reason": "timing"})
    response = npo_client.get(f"/matches/{proposal.number}/bundles")
    assert "必要なものと同じ種類のものを出せる企業が、いまはありません。" in main_text(response.text)


def test_without_needs_the_page_leads_to_them(npo_client, npo):
    draft = records.proposal(npo, needs=[])
    response = npo_client.get(f"/matches/{draft.draft_number}/bundles")
    assert "必要なものが、まだ入力されていません。" in main_text(response.text)
    assert f'href="/proposals/{draft.draft_number}/needs"' in response.text


def test_only_the_owner_and_the_office_read_bundles_and_an_unchecked_npo_waits(app, other_npo_client, proposal):
    offering("百五銀行", (MONEY, "寄付", 300_000, Unit.YEN))
    assert other_npo_client.get(f"/matches/{proposal.number}/bundles").status_code == 404
    waiting = records.organisation(Side.NPO, is_verified=False)
    draft = records.proposal(waiting)
    client = sign_in(app.test_client(), records.member(waiting))
    text = main_text(client.get(f"/matches/{draft.draft_number}/bundles").text)
    assert "企業の組み合わせは、事務局による団体の確認がすむと見られます。" in text
    assert "寄付" not in text


def test_the_list_leads_to_the_bundles(npo_client, proposal):
    offering("百五銀行", (MONEY, "寄付", 300_000, Unit.YEN))
    response = npo_client.get(f"/matches/{proposal.number}")
    assert f'href="/matches/{proposal.number}/bundles"' in response.text


def test_bundles_cost_the_same_queries_for_one_and_three(npo_client, proposal):
    counts = []
    for _round in range(2):
        offering("", (MONEY, "寄付", 100_000, Unit.YEN))
        npo_client.get(f"/matches/{proposal.number}/bundles")
        with counted_queries() as statements:
            npo_client.get(f"/matches/{proposal.number}/bundles")
        counts.append(len(statements))
        offering("", (PLACE, "店の2階", None, None))
    assert counts[0] == counts[1]
