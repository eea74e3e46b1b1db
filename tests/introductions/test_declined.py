"""What a No does afterwards: in both lists, on the pages of the pair, and in the words that both sides read."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRegion
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import DeclineReason, IntroductionStatus
from matchmaker.matching.declines import POINTS_DEDUCTED
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse

DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _on_a_fixed_day():
    with time_machine.travel("2026-11-24T10:00:00+09:00", tick=True):
        yield


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company)


@pytest.fixture
def decline(npo_client, company_client, proposal, interest, session):
    """The NPO asks, the company says no."""

    def declined(reason):
        npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "お願いします"})
        introduction = session.scalars(select(Introduction).order_by(Introduction.id.desc())).first()
        company_client.post(f"/introductions/{introduction.number}/decline", data={"reason": reason})
        session.expire_all()
        assert introduction.status is IntroductionStatus.DECLINED
        return introduction

    return declined


def listed(client, number):
    """The points of each card, by where it leads."""
    cards = parse(client.get(f"/matches/{number}").text).select(".match-card")
    return {
        card.select_one(".card__title a")["href"]: int(
            card.select_one(".match-card__points strong").get_text().replace("−", "-")
        )
        for card in cards
    }


def part_points(html):
    numbers = parse(html).select(".score-part .score-bar__number")
    return [int(one.get_text().split("点")[0].split("/")[0].replace("−", "-")) for one in numbers]


def test_a_no_for_the_time_being_hides_the_pair_from_both_lists_and_says_until_when(
    npo_client, company_client, proposal, interest, decline
):
    introduction = decline("timing")
    sentence = (
        "見送り（理由：時期が合わない）のため、おたがいの一覧に出していません。令和9年5月24日から、また出します。"
    )
    for client, number in ((npo_client, proposal.number), (company_client, interest.number)):
        page = client.get(f"/matches/{number}")
        assert listed(client, number) == {}
        assert "見送りのため表示していない相手：1件" in main_text(page.text)
        assert f'href="/matches/{number}/declined"' in page.text
        declined = client.get(f"/matches/{number}/declined")
        assert sentence in main_text(declined.text)
        assert "見送った側：企業" in main_text(declined.text)
        assert introduction.number in declined.text
        assert sentence in main_text(client.get(f"/introductions/{introduction.number}").text)
        assert sentence in main_text(client.get(f"/matches/{proposal.number}~{interest.number}").text)


def test_the_pair_is_back_on_the_day_that_was_told(app, npo_member, proposal, interest, decline):
    introduction = decline("timing")
    pair = f"/matches/{proposal.number}~{interest.number}"
    for day, expected in (("2027-05-23", False), ("2027-05-24", True)):
        with time_machine.travel(f"{day}T09:00:00+09:00"):
            with transaction():
                proposal.open_until_on = clock.today() + timedelta(days=1)
            client = sign_in(app.test_client(), npo_member)
            assert (pair in listed(client, proposal.number)) is expected
    with time_machine.travel("2027-05-24T09:00:00+09:00"):
        client = sign_in(app.test_client(), npo_member)
        said = "見送りから時間がたったので、令和9年5月24日から、また一覧に出しています。"
        assert said in main_text(client.get(f"/introductions/{introduction.number}").text)
        assert "見送りのために出していない相手は、いまはありません。" in main_text(
            client.get(f"/matches/{proposal.number}/declined").text
        )


def test_the_pair_is_back_as_soon_as_the_named_field_changes(npo_client, proposal, interest, decline):
    decline("other-region")
    pair = f"/matches/{proposal.number}~{interest.number}"
    assert "どちらかが「地域」を変えると、また出します。" in main_text(npo_client.get(pair).text)
    with transaction():
        interest.policy = "方針を書き直しました。"
        interest.saved_at = clock.now()
    assert pair not in listed(npo_client, proposal.number)
    with transaction():
        interest.region_rows.append(InterestRegion(place_code="242012"))
        interest.saved_at = clock.now()
    assert pair in listed(npo_client, proposal.number)
    assert "見送りのあとで「地域」が変わったので、また一覧に出しています。" in main_text(npo_client.get(pair).text)


def test_another_reason_lowers_the_points_by_a_part_of_its_own(npo_client, company_client, proposal, interest, decline):
    pair = f"/matches/{proposal.number}~{interest.number}"
    before = listed(npo_client, proposal.number)[pair]
    decline("other")
    for client, number in ((npo_client, proposal.number), (company_client, interest.number)):
        assert listed(client, number) == {pair: before - POINTS_DEDUCTED}
        html = client.get(pair).text
        parts = part_points(html)
        assert (parts[-1], sum(parts)) == (-POINTS_DEDUCTED, before - POINTS_DEDUCTED)
        assert "100点を引いています。令和9年5月24日から、もとの点に戻ります。" in main_text(html)


def test_a_lowered_pair_stands_behind_those_that_now_have_more_points(npo_client, company, proposal, interest, decline):
    rival = records.interest(company, policy="地域の未来を支えています。")
    urls = [f"/matches/{proposal.number}~{one.number}" for one in (interest, rival)]
    first = list(listed(npo_client, proposal.number))
    assert sorted(first) == sorted(urls)
    decline("other")
    points = listed(npo_client, proposal.number)
    assert list(points.values()) == sorted(points.values(), reverse=True)
    assert next(iter(points)) == urls[1]
    assert "一覧では、上から2番目です。" in main_text(npo_client.get(urls[0]).text)


def test_only_the_declined_pair_is_touched(npo_client, company, npo, proposal, interest, decline):
    decline("no-capacity")
    other = records.interest(company)
    second = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    assert list(listed(npo_client, proposal.number)) == [f"/matches/{proposal.number}~{other.number}"]
    assert len(listed(npo_client, second.number)) == 2


def test_each_reason_says_beside_itself_what_it_will_do(npo_client, company_client, proposal, interest, session):
    npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "お願いします"})
    introduction = session.scalars(select(Introduction)).one()
    html = company_client.get(f"/introductions/{introduction.number}").text
    labels = {one["value"]: one.find_next("label").get_text(strip=True) for one in parse(html).select("[name=reason]")}
    assert set(labels) == {reason.value for reason in DeclineReason}
    assert labels["timing"] == "時期が合わない：6か月のあいだ、おたがいの一覧に出しません"
    assert labels["other-theme"] == (
        "テーマが合わない：どちらかが「活動の分野・テーマ」を変えるまで、おたがいの一覧に出しません"
    )
    assert labels["other"] == "その他：6か月のあいだ、点数を100点引きます（一覧には残ります）"


def test_strangers_do_not_read_what_was_declined(other_npo_client, office_client, proposal, interest, decline):
    decline("timing")
    for number in (proposal.number, interest.number):
        assert other_npo_client.get(f"/matches/{number}/declined").status_code == 404
        assert "見送り（理由：時期が合わない）" in main_text(office_client.get(f"/matches/{number}/declined").text)


def test_a_hidden_pair_cannot_be_asked_about_before_the_day_that_its_page_names(
    app, npo_client, npo_member, proposal, interest, decline, session
):
    decline(DeclineReason.TIMING)
    pair = f"/matches/{proposal.number}~{interest.number}"
    page = npo_client.get(pair)
    sentence = (
        "見送り（理由：時期が合わない）があったため、いまは紹介を依頼できません。令和9年5月24日から、また依頼できます。"
    )
    assert sentence in main_text(page.text)
    assert parse(page.text).select_one("form[action$='/ask']") is None

    refused = npo_client.post(f"{pair}/ask", data={"message": "もう一度お願いします"})

    assert refused.status_code == 409
    assert sentence in main_text(refused.text)
    assert "もう一度お願いします" in main_text(refused.text)
    assert session.query(Introduction).count() == 1
    with time_machine.travel("2027-05-24T09:00:00+09:00", tick=True):
        with transaction():
            proposal.open_until_on = interest.valid_until_on = clock.today()
        client = sign_in(app.test_client(), npo_member)
        assert parse(client.get(pair).text).select_one("form[action$='/ask']") is not None
        assert client.post(f"{pair}/ask", data={"message": "新しい年度になりました"}).status_code == 303
    assert session.query(Introduction).count() == 2


def test_a_pair_that_waits_for_a_change_says_which_and_leads_to_where_it_is_made(
    company_client, npo_client, proposal, interest, decline
):
    decline(DeclineReason.OTHER_REGION)
    pair = f"/matches/{proposal.number}~{interest.number}"
    sentence = "どちらかが「地域」を変えると、また依頼できます。"
    company_page, npo_page = company_client.get(pair).text, npo_client.get(pair).text
    assert sentence in main_text(company_page)
    assert sentence in main_text(npo_page)
    assert parse(company_page).select_one(f"main a[href='/interests/{interest.number}/edit']") is not None
    assert company_client.post(f"{pair}/ask", data={"message": "どうですか"}).status_code == 409
    with transaction():
        interest.region_rows.append(InterestRegion(place_code="242012"))
        interest.saved_at = clock.now()
    assert company_client.post(f"{pair}/ask", data={"message": "地域を広げました"}).status_code == 303


def test_a_lowered_pair_can_be_asked_about_again(npo_client, proposal, interest, decline, session):
    decline(DeclineReason.OTHER)
    asked = npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "もう一度"})
    assert asked.status_code == 303
    assert session.query(Introduction).count() == 2
