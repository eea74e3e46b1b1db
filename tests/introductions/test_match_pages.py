from datetime import timedelta

import pytest

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import InterestStatus, RefusalKind
from matchmaker.matching.terms import ActivityField, ResourceKind, Theme
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company)


def titles(response):
    return [link.get_text(strip=True) for link in parse(response.text).select(".match-card .card__title a")]


def links(response):
    return [link["href"] for link in parse(response.text).select(".match-card .card__title a")]


def test_owner_sees_the_companies_that_suit_without_names(npo_client, proposal, interest):
    response = npo_client.get(f"/matches/{proposal.number}")
    assert titles(response) == ["運輸業、郵便業・三重県の企業"]
    assert links(response) == [f"/matches/{proposal.number}~{interest.number}"]
    assert "津みなと運輸" not in response.text
    card = parse(response.text).select_one(".match-card")
    numbers = [
        int(number.get_text().split("点")[0].split("/")[0].replace("−", "-"))
        for number in card.select(".score-part .score-bar__number")
    ]
    assert sum(numbers) == int(card.select_one(".match-card__points strong").get_text())
    assert all(sentence.get_text(strip=True) for sentence in card.select(".score-part__sentence"))


def test_company_sees_the_proposals_that_suit(company_client, proposal, interest):
    response = company_client.get(f"/matches/{interest.number}")
    assert titles(response) == ["放課後の学習支援を津市で広げる"]
    assert "みえ子ども応援団" in main_text(response.text)


def test_only_owner_and_office_read_a_list(
    app, client, office_client, other_npo_client, division_client, proposal, interest
):
    competitor = sign_in(app.test_client(), records.member(records.organisation(Side.COMPANY)))
    for number in (proposal.number, interest.number):
        assert office_client.get(f"/matches/{number}").status_code == 200
        assert other_npo_client.get(f"/matches/{number}").status_code == 404
        assert competitor.get(f"/matches/{number}").status_code == 404
        assert division_client.get(f"/matches/{number}").status_code == 403
        assert client.get(f"/matches/{number}").status_code == 302
    assert office_client.get("/matches/R8-9999").status_code == 404


def test_office_reads_the_companys_name(office_client, proposal, interest):
    assert titles(office_client.get(f"/matches/{proposal.number}")) == ["津みなと運輸株式会社"]


def test_unchecked_npo_learns_how_many_suit_and_nothing_of_whom(app, interest):
    waiting = records.organisation(Side.NPO, is_verified=False)
    draft = records.proposal(waiting)
    client = sign_in(app.test_client(), records.member(waiting))
    for path in ("", "/fit"):
        response = client.get(f"/matches/{draft.draft_number}{path}")
        assert "いま、合う可能性のある企業は1件です。" in response.text
        for secret in ("運輸業", "社員ボランティア", interest.number):
            assert secret not in response.text
    assert client.get(f"/matches/{draft.draft_number}~{interest.number}").status_code == 404


def test_own_draft_has_a_list_and_says_that_it_is_not_public(npo_client, npo, interest):
    draft = records.proposal(npo)
    response = npo_client.get(f"/matches/{draft.draft_number}")
    assert len(titles(response)) == 1
    assert "まだ企業に公開していないか" in main_text(response.text)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", {"文具", "海", "未定"}),
        ("subject=education", {"文具", "未定"}),
        ("subject=environment", {"海", "未定"}),
        ("place=242012", {"文具", "未定"}),
        ("place=23", {"海", "未定"}),
        ("kind=money", {"海"}),
        ("new=y", {"文具", "未定"}),
        ("subject=education&kind=money", set()),
        ("subject=nonsense&place=999999&kind=x&page=abc", {"文具", "海", "未定"}),
        ("number=K-1&_external=1&endpoint=x&interest=y", {"文具", "海", "未定"}),
    ],
)
def test_filters_narrow_the_list_of_companies(npo_client, proposal, company, asked, expected):
    long_ago = clock.now() - timedelta(days=60)
    goods = [(ResourceKind.GOODS, "文具", None, None)]
    numbers = {
        "文具": records.interest(company, offers=goods).number,
        "海": records.interest(
            company,
            themes=[Theme.ENVIRONMENT],
            place_codes=["23"],
            offers=[(ResourceKind.MONEY, "", None, None)],
            activated_at=long_ago,
        ).number,
        "未定": records.interest(company, themes=[], is_undecided=True, place_codes=["00"], offers=goods).number,
    }
    response = npo_client.get(f"/matches/{proposal.number}?{asked}")
    assert {link.partition("~")[2] for link in links(response)} == {numbers[name] for name in expected}


def test_filters_narrow_the_list_of_proposals(company_client, interest, npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED, title="学習")
    sea = [(ResourceKind.MONEY, "", None, None)]
    old = records.proposal(
        npo,
        status=ProposalStatus.SUBMITTED,
        title="海",
        fields=[ActivityField.ENVIRONMENT],
        place_codes=["24:北勢"],
        needs=sea,
    )
    with transaction():
        old.submitted_at = clock.now() - timedelta(days=60)
    found = {
        asked: set(titles(company_client.get(f"/matches/{interest.number}?{asked}")))
        for asked in ("subject=environment", "place=242012", "place=24", "kind=people", "new=y")
    }
    assert found == {
        "subject=environment": {"海"},
        "place=242012": {"学習"},
        "place=24": {"学習", "海"},
        "kind=people": {"学習"},
        "new=y": {"学習"},
    }


def test_empty_filter_says_what_to_change(npo_client, proposal, interest):
    response = npo_client.get(f"/matches/{proposal.number}?kind=money")
    assert "この条件に合う企業は、いまはありません。" in main_text(response.text)
    assert f'href="/matches/{proposal.number}"' in response.text


def test_empty_registry_says_so(npo_client, proposal, company_client, company):
    assert "いま公開されている企業の関心がありません。" in main_text(npo_client.get(f"/matches/{proposal.number}").text)


def test_page_behind_the_last_leads_back(npo_client, proposal, interest):
    text = main_text(npo_client.get(f"/matches/{proposal.number}?page=99").text)
    assert "このページには、もう相手がいません。" in text


def test_refused_pair_is_listed_apart_with_its_reason(npo_client, proposal, company):
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    records.interest(company, refusals=[refusal])
    text = main_text(npo_client.get(f"/matches/{proposal.number}").text)
    assert "条件が合う企業は、いまはありません。" in text
    assert "企業が受けないとしている分野の提案です。" in text


@pytest.mark.parametrize("asked", ["K-{n}", "k{n}", "ｋー{n}", "Ｋ－００{n}", " K {n} "])
def test_number_typed_in_any_way_leads_to_the_pair(npo_client, proposal, interest, asked):
    typed = asked.format(n=int(interest.number.removeprefix("K-")))
    response = npo_client.get(f"/matches/{proposal.number}", query_string={"other": typed})
    assert (response.status_code, response.location) == (302, f"/matches/{proposal.number}~{interest.number}")


def test_company_asks_about_a_proposal_that_does_not_appear(company_client, proposal, interest):
    response = company_client.get(f"/matches/{interest.number}", query_string={"other": proposal.number.lower()})
    assert response.location == f"/matches/{proposal.number}~{interest.number}"


def test_number_that_may_not_be_seen_is_answered_beside_the_field(npo_client, proposal, company):
    paused = records.interest(company, status=InterestStatus.PAUSED)
    for typed, expected in (
        (paused.number, "この番号は見つからないか、いまは公開されていません（準備中・休止中・期限切れなど）"),
        ("K-9999", "この番号は見つからないか、いまは公開されていません（準備中・休止中・期限切れなど）"),
        ("？？<script>", "番号を「K-0034」や「R8-0012」のように入力してください"),
    ):
        html = npo_client.get(f"/matches/{proposal.number}", query_string={"other": typed}).text
        assert errors_beside_fields(html) == {"other": f"エラー： {expected}"}
    assert parse(html).select_one("[name=other]")["value"] == "??<script>"


def test_lists_cost_the_same_queries_for_one_and_three(npo_client, company_client, proposal, interest, npo, company):
    urls = ((npo_client, f"/matches/{proposal.number}"), (company_client, f"/matches/{interest.number}"))
    counts = []
    for _round in range(2):
        for client, url in urls:
            client.get(url)
            with counted_queries() as statements:
                assert client.get(url).status_code == 200
            counts.append(len(statements))
        for _more in range(2):
            records.interest(company)
            records.proposal(npo, status=ProposalStatus.SUBMITTED)
    assert counts[:2] == counts[2:]


def test_pair_page_shows_both_sides_and_a_sum(npo_client, proposal, interest):
    response = npo_client.get(f"/matches/{proposal.number}~{interest.number}")
    text = main_text(response.text)
    assert "一覧では、上から1番目です。" in text
    for part in ("外国につながる子どもの学習支援が足りない。", "社員ボランティア（10人）", "みえ子ども応援団", "合計"):
        assert part in text
    assert "津みなと運輸" not in response.text


def test_pair_page_names_the_refusal_and_offers_no_request(npo_client, proposal, company):
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    refused = records.interest(company, refusals=[refusal])
    url = f"/matches/{proposal.number}~{refused.number}"
    response = npo_client.get(url)
    assert "この組み合わせは、次の理由で一覧に出ません。 企業が受けないとしている分野の提案です。" in main_text(
        response.text
    )
    assert not parse(response.text).select("[name=message]")
    assert npo_client.post(f"{url}/ask", data={"message": "お願いします"}).status_code == 409


def test_company_does_not_see_a_pair_with_an_unpublished_proposal(company_client, npo, interest):
    draft = records.proposal(npo)
    assert company_client.get(f"/matches/{draft.draft_number}~{interest.number}").status_code == 404


def test_pair_of_strangers_is_404(app, other_npo_client, proposal, interest):
    competitor = sign_in(app.test_client(), records.member(records.organisation(Side.COMPANY)))
    for client in (other_npo_client, competitor):
        assert client.get(f"/matches/{proposal.number}~{interest.number}").status_code == 404
        assert client.post(f"/matches/{proposal.number}~{interest.number}/ask").status_code == 404


def test_live_list_counts_what_is_typed_and_stores_nothing(npo_client, npo, company, session):
    draft = records.proposal(npo, title="", issue="", beneficiaries="", fields=[], place_codes=[], needs=[])
    sea = records.interest(company, policy="海岸の清掃と海洋ごみの調査を続けています。", place_codes=["24:北勢"])
    school = records.interest(company, policy="小学校の出前授業と学習支援を続けています。")
    version = draft.version

    def first(**typed):
        piece = parse(npo_client.post(f"/matches/{draft.draft_number}/fit", data=typed).text)
        return piece.select_one(".card__title a")["href"].partition("~")[2]

    assert first(issue="海岸の清掃と海洋ごみの調査を広げたい") == sea.number
    assert first(issue="小学校の学習支援を広げたい") == school.number
    broken = {"needs-0-kind": "people", "needs-0-amount": "９" * 40, "needs-0-unit": "people", "needs-1-kind": "x"}
    assert npo_client.post(f"/matches/{draft.draft_number}/fit", data=broken).status_code == 200
    session.expire_all()
    assert (draft.version, draft.issue, draft.needs) == (version, "", [])


def test_live_list_is_a_piece_without_a_page(npo_client, proposal, interest):
    html = npo_client.get(f"/matches/{proposal.number}/fit").text
    assert parse(html).html is None
    assert "合う可能性のある企業：1件。" in html


def test_office_reads_any_pair_with_names(office_client, npo, company):
    draft, paused = records.proposal(npo), records.interest(company, status=InterestStatus.PAUSED)
    text = main_text(office_client.get(f"/matches/{draft.draft_number}~{paused.number}").text)
    assert "津みなと運輸株式会社" in text
    assert "いまは一覧に出ません。この提案は公開されていないので、紹介を進められません。" in text
