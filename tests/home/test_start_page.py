from datetime import date

import pytest

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger
from matchmaker.interests.status import InterestStatus
from matchmaker.proposals.status import ProposalStatus
from matchmaker.seeding import policy
from tests.support import records
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries


def doors(html: str) -> list[tuple[str, str]]:
    """Each way in with its address."""
    return [(door.h2.get_text(), door.a["href"]) for door in parse(html).select(".door")]


def figures(html: str) -> dict[str, str]:
    return {div.dt.get_text(): div.dd.get_text() for div in parse(html).select(".live-figures > div")}


def test_visitor_finds_one_way_in_for_each_audience(client):
    assert doors(client.get("/").get_data(as_text=True)) == [
        ("NPO・市民活動団体の方", "/sign-up/npo"),
        ("企業の方", "/sign-up/company"),
        ("県民の方", "/proposals"),
    ]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("npo_client", ["/work", "/proposals/mine", "/introductions", "/proposals/new", "/consultations"]),
        ("company_client", ["/work", "/interests/mine", "/introductions", "/proposals"]),
        (
            "office_client",
            [
                "/work",
                "/review",
                "/calls",
                "/consultations/slots",
                "/proposals/proxy",
                "/organisations/verification",
                "/exposure",
                "/projects/reports",
            ],
        ),
        ("approver_client", ["/work", "/review"]),
        ("division_client", ["/work", "/circulation", "/consultations/slots", "/projects/reports"]),
        ("administrator_client", ["/work", "/accounts"]),
    ],
)
def test_person_who_signed_in_finds_the_ways_in_of_their_role(request, who, expected):
    html = request.getfixturevalue(who).get("/").get_data(as_text=True)
    assert [address for _title, address in doors(html)] == expected


def test_every_way_in_leads_somewhere(npo_client, office_client, company_client):
    for browser in (npo_client, office_client, company_client):
        for _title, address in doors(browser.get("/").get_data(as_text=True)):
            assert browser.get(address).status_code == 200


def test_npo_is_told_of_what_waits_and_of_its_drafts(npo_client, npo):
    records.proposal(npo)
    page = main_text(npo_client.get("/").get_data(as_text=True))
    assert "下書きの提案が1件あります" in page
    assert "あなたを待っているものは、いまはありません。" in page


def test_office_is_told_how_much_waits(office_client, npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.organisation(Side.NPO, is_verified=False)
    page = main_text(office_client.get("/").get_data(as_text=True))
    assert "あなたを待っているものが2件あります。" in page


def test_live_figures_count_only_what_everybody_may_see(client, npo, company):
    hidden = records.organisation(Side.NPO, is_verified=False)
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.proposal(npo)
    records.proposal(npo, status=ProposalStatus.SUBMITTED, open_until_on=date(2020, 1, 1))
    records.proposal(hidden, status=ProposalStatus.SUBMITTED)
    records.interest(company)
    records.interest(company, status=InterestStatus.PAUSED)
    assert figures(client.get("/").get_data(as_text=True)) == {
        "相手を募集中の提案": "1",
        "企業の関心": "1",
        "協働事業": "0",
    }


def test_latest_proposals_stand_first_and_five_are_shown(client, npo):
    for number in range(7):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, title=f"{number}番目の提案")
    shown = [link.get_text() for link in parse(client.get("/").get_data(as_text=True)).select(".card__title a")]
    assert shown == ["6番目の提案", "5番目の提案", "4番目の提案", "3番目の提案", "2番目の提案"]


def test_empty_register_says_what_to_do(client):
    page = client.get("/").get_data(as_text=True)
    assert "募集中の提案は、まだありません。" in page
    assert parse(page).select_one(".empty-state a")["href"] == "/sign-up/npo"


def test_indicator_is_shown_with_its_printed_value_and_target_and_the_counted_one_apart(client, database):
    with transaction():
        policy.add_figures(at=clock.now())
        ledger.take_open_years(actor=None, at=clock.now())
    items = [
        item.get_text() for item in parse(client.get("/").get_data(as_text=True)).select("main ul:not([class]) li")
    ]
    assert items[:2] == ["公式の実績：平成23年度に58事業（内訳は公表されていません）", "公式の目標：平成27年度に75事業"]
    assert items[2].startswith("このサイトの台帳で")


def test_start_page_sends_as_many_queries_for_one_proposal_as_for_three(client, npo, other_npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    client.get("/")
    with counted_queries() as one:
        client.get("/")
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.proposal(other_npo, status=ProposalStatus.SUBMITTED)
    with counted_queries() as three:
        client.get("/")
    assert len(one) == len(three)


def test_an_unknown_address_is_a_page_of_its_own(client):
    assert client.get("/nowhere").status_code == 404
