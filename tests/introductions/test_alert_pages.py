"""The pages on which people save searches and look after them."""

import re
from datetime import datetime

import pytest
import time_machine
from sqlalchemy import select

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import saved_searches
from matchmaker.introductions.alert_times import Frequency, Weekday
from matchmaker.introductions.models import SavedSearch
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.notices.models import Notice
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=JAPAN)
DAILY = {"frequency": "daily", "threshold": "400", "weekday": "monday"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company)


def kept(session):
    session.rollback()
    return session.scalars(select(SavedSearch).order_by(SavedSearch.id)).all()


def flashes(client):
    return main_text(client.get("/alerts").text)


def test_the_list_of_proposals_offers_to_save_its_conditions(company_client, client, proposal, session):
    page = parse(company_client.get("/proposals?field=children&open=y&sort=new&page=1").text)
    link = page.find("a", string="この条件を保存して、新しい提案をメールで受け取る")["href"]
    assert link == "/alerts/new?field=children&open=y"
    assert "/alerts/new" not in client.get("/proposals").text

    text = main_text(company_client.get(link).text)
    assert "活動の分野：子どもの健全育成を図る活動、受付中だけ" in text
    assert "にメールが届きます。いま一覧に出ているものは送りません。" in text
    response = company_client.post(link, data={"frequency": "weekly", "weekday": "friday"})

    assert (response.status_code, response.location) == (303, "/alerts")
    [search] = kept(session)
    assert (search.kind, search.filters, search.frequency, search.weekday, search.threshold_points) == (
        SavedSearchKind.PROPOSALS,
        {"field": "children", "open": "y"},
        Frequency.WEEKLY,
        Weekday.FRIDAY,
        None,
    )
    assert "条件を保存しました。次のお知らせは令和8年11月27日 8時00分です" in flashes(company_client)


def test_matches_pages_offer_mails_to_their_owners_alone(
    npo_client, company_client, office_client, proposal, interest, session
):
    for client, number in ((npo_client, proposal.number), (company_client, interest.number)):
        page = parse(client.get(f"/matches/{number}?place=242012&kind=people&new=y").text)
        link = page.find("a", string="新しい候補をメールで受け取る")["href"]
        assert link == f"/matches/{number}/alert?place=242012&kind=people"
        assert client.post(link, data=DAILY | {"threshold": "450"}).status_code == 303
        assert "新しい候補をメールで受け取る" not in office_client.get(f"/matches/{number}").text
        assert office_client.get(link).status_code == 403

    assert [(one.kind, one.filters, one.threshold_points, one.next_at) for one in kept(session)] == [
        (kind, {"place": "242012", "kind": "people"}, 450, datetime(2026, 11, 25, 8, tzinfo=JAPAN))
        for kind in (SavedSearchKind.PROPOSAL_MATCHES, SavedSearchKind.INTEREST_MATCHES)
    ]


def test_each_threshold_says_how_many_reach_it_now(npo_client, proposal, interest):
    options = parse(npo_client.get(f"/matches/{proposal.number}/alert").text).select("#threshold option")

    assert [option["value"] for option in options] == [str(points) for points in range(200, 701, 50)]
    assert options[0].get_text() == "200点以上（いま1件）"
    assert options[-1].get_text() == "700点以上（いま0件）"


def test_nobody_saves_the_matches_of_others(app, client, other_npo_client, proposal, interest):
    rival = sign_in(app.test_client(), records.member(records.organisation(Side.COMPANY)))
    for number in (proposal.number, interest.number, "R8-9999", "K-9999"):
        for stranger in (other_npo_client, rival):
            assert stranger.get(f"/matches/{number}/alert").status_code == 404
            assert stranger.post(f"/matches/{number}/alert", data=DAILY).status_code == 404
    assert client.get("/alerts").location == "/sign-in?next=/alerts"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"frequency": "never"}, {"frequency": "エラー： 頻度を1つ選んでください"}),
        ({"frequency": ""}, {"frequency": "エラー： 頻度を1つ選んでください"}),
        ({"frequency": "weekly", "weekday": "x"}, {"weekday": "エラー： 選べない項目です。選びなおしてください"}),
        ({"threshold": "-5"}, {"threshold": "エラー： 選べない項目です。選びなおしてください"}),
        ({"threshold": "9" * 40}, {"threshold": "エラー： 選べない項目です。選びなおしてください"}),
        ({"threshold": "４００"}, {"threshold": "エラー： 選べない項目です。選びなおしてください"}),
    ],
)
def test_choices_that_are_not_offered_are_refused_beside_their_field(npo_client, proposal, session, typed, errors):
    saved_before = DAILY | typed
    response = npo_client.post(f"/matches/{proposal.number}/alert", data=saved_before)

    assert response.status_code == 422
    assert errors_beside_fields(response.text) == errors
    assert kept(session) == []


def test_an_address_full_of_nonsense_saves_what_the_list_would_show(company_client, session):
    nonsense = "q=%00%F0%9F%98%80%3Cb%3E&field=x&place=24:x&need=&stage=decided&open=false&_external=1&page=9&q=2"
    assert "😀&lt;b&gt;" in company_client.get(f"/alerts/new?{nonsense}").text
    assert company_client.post(f"/alerts/new?{nonsense}", data=DAILY).status_code == 303

    assert [one.filters for one in kept(session)] == [{"q": "😀<b>"}]
    assert 'href="/proposals?q=%F0%9F%98%80%3Cb%3E"' in company_client.get("/alerts").text


def test_the_same_condition_or_too_many_lead_back_with_the_reason(company_client, company_member, session):
    for number in range(20):
        assert company_client.post(f"/alerts/new?q={number}", data=DAILY).status_code == 303
    flashes(company_client)
    company_client.post("/alerts/new?q=7", data=DAILY)
    assert "同じ条件は、もう保存してあります。" in flashes(company_client)
    company_client.post("/alerts/new?q=20", data=DAILY)
    assert "保存できる条件は20件までです。" in flashes(company_client)

    assert len(kept(session)) == 20


def test_the_page_without_searches_says_where_to_save_one(npo_client, company_client, office_client):
    for client, url in (
        (npo_client, "/proposals/mine"),
        (company_client, "/interests/mine"),
        (office_client, "/proposals"),
    ):
        page = client.get("/alerts")
        assert "保存した条件は、まだありません。" in main_text(page.text)
        assert parse(page.text).select_one(".empty-state a")["href"] == url


def test_a_search_is_paused_resumed_changed_and_deleted(npo_client, proposal, interest, session):
    npo_client.post(f"/matches/{proposal.number}/alert", data=DAILY)
    [search] = kept(session)
    text = flashes(npo_client)
    assert f"提案 {proposal.number} に合う企業 お知らせ中 条件 400点以上" in text
    assert "次のお知らせ 令和8年11月25日 8時00分" in text

    npo_client.post(f"/alerts/{search.id}/pause")
    assert "次のお知らせ ありません（令和8年11月24日から止めています）" in flashes(npo_client)
    npo_client.post(f"/alerts/{search.id}/resume")
    assert "次のお知らせ 令和8年11月25日 8時00分" in flashes(npo_client)

    edit = npo_client.get(f"/alerts/{search.id}/edit")
    assert parse(edit.text).select_one("#threshold option[selected]")["value"] == "400"
    assert npo_client.post(f"/alerts/{search.id}/edit", data={"frequency": "x"}).status_code == 422
    hourly = {"frequency": "hourly", "threshold": "300", "weekday": "sunday"}
    assert npo_client.post(f"/alerts/{search.id}/edit", data=hourly).status_code == 303
    text = flashes(npo_client)
    assert "300点以上" in text
    assert "次のお知らせ 令和8年11月24日 10時00分" in text

    path = f"/alerts/{search.id}/delete"
    assert [npo_client.post(path).status_code for _twice in range(2)] == [303, 303]
    assert kept(session) == []


def test_searches_of_others_are_not_found(npo_client, company_client, company_member, session):
    company_client.post("/alerts/new", data=DAILY)
    [search] = kept(session)
    for number in (search.id, 2**31 - 1, 2**40, 10**30):
        assert npo_client.get(f"/alerts/{number}/edit").status_code == 404
        for verb in ("edit", "pause", "resume"):
            assert npo_client.post(f"/alerts/{number}/{verb}", data=DAILY).status_code == 404
    npo_client.post(f"/alerts/{search.id}/delete")

    assert [(one.id, one.paused_at) for one in kept(session)] == [(search.id, None)]


def test_the_page_promises_no_mail_that_is_not_sent(app, session):
    waiting = records.organisation(Side.NPO, is_verified=False)
    client = sign_in(app.test_client(), records.member(waiting))
    reason = "事務局による団体の確認がすむまで、メールを送りません。"
    assert f"保存はできますが、{reason}" in main_text(client.get("/alerts/new").text)
    client.post("/alerts/new", data=DAILY)

    text = flashes(client)

    assert f"条件を保存しました。{reason}" in text
    assert (
        f"いまは送れません 条件 すべて いまの一覧を見る ：条件 頻度 毎日（朝8時） 変更する ：頻度 次のお知らせ {reason}"
        in text
    )
    assert "令和8年11月25日" not in text


def test_a_person_who_left_learns_nothing_more_of_the_matches(npo_client, npo_member, proposal, interest, session):
    npo_client.post(f"/matches/{proposal.number}/alert", data=DAILY)
    [search] = kept(session)
    assert "200点以上（いま1件）" in npo_client.get(f"/alerts/{search.id}/edit").text
    with transaction():
        npo_member.memberships[0].ended_at = clock.now()

    page = npo_client.get(f"/alerts/{search.id}/edit")

    assert "200点以上" in page.text
    assert "いま1件" not in page.text
    assert proposal.title not in page.text + npo_client.get("/alerts").text
    assert "いまは、どの団体のメンバーでもないので、メールを送りません。" in flashes(npo_client)


def test_a_search_whose_record_ended_says_so(npo_client, company_client, proposal, interest, session):
    npo_client.post(f"/matches/{proposal.number}/alert", data=DAILY)
    company_client.post(f"/matches/{interest.number}/alert", data=DAILY)
    for status in (ProposalStatus.WITHDRAWN, ProposalStatus.SUBMITTED):
        with transaction():
            proposal.status = status
            proposal.open_until_on = clock.today().replace(day=23)
            interest.valid_until_on = clock.today().replace(day=23)
        expected = {
            ProposalStatus.WITHDRAWN: "この提案は「取り下げ」なので、メールを送りません。",
            ProposalStatus.SUBMITTED: "この提案は募集の期限が過ぎているので、メールを送りません。",
        }
        assert expected[status] in flashes(npo_client)
    assert "この関心は、いま公開されていない（準備中・休止中・期限切れなど）ので、メールを送りません。" in flashes(
        company_client
    )


def test_a_late_command_is_not_hidden(npo_client, proposal, session):
    npo_client.post("/alerts/new", data=DAILY | {"frequency": "hourly"})
    with time_machine.travel(datetime(2026, 11, 24, 10, 1, tzinfo=JAPAN), tick=False):
        assert "次のお知らせ まもなく（予定： 令和8年11月24日 10時00分 ）" in flashes(npo_client)


def test_the_page_costs_the_same_queries_for_one_and_three(npo_client, proposal, interest, npo):
    counts = []
    for _round in range(2):
        for path in ("/alerts/new", f"/matches/{proposal.number}/alert"):
            npo_client.post(f"{path}?place={'242012' if _round else '24'}", data=DAILY)
        npo_client.get("/alerts")
        with counted_queries() as statements:
            npo_client.get("/alerts")
        counts.append(len(statements))
    assert counts[0] == counts[1]


# --- The link in a mail


@pytest.fixture
def stop_path(app, npo_member, npo, other_npo, session):
    """The link in a mail that the person got."""
    search = saved_searches.sketch(npo_member, None, {})
    with transaction():
        saved_searches.save(search, threshold=None, frequency=Frequency.HOURLY, weekday=None, at=clock.now())
    records.proposal(other_npo, status=ProposalStatus.SUBMITTED)
    with time_machine.travel(datetime(2026, 11, 24, 10, tzinfo=JAPAN), tick=False):
        app.test_cli_runner().invoke(args=["alerts", "send"])
    session.rollback()
    body = session.scalars(select(Notice.body).where(Notice.kind == "saved-search-digest")).one()
    return re.search(r"http://localhost(/alerts/stop/\S+)", body)[1]


def test_the_link_in_a_mail_stops_its_search_without_a_sign_in(client, stop_path, session):
    page = main_text(client.get(stop_path).text)
    assert "次の条件に合う新しいものを知らせるメールを止めます。 公開されている提案" in page
    assert "すべてのお知らせを止める" not in page
    assert [one.paused_at for one in kept(session)] == [None]

    responses = [client.post(stop_path) for _twice in range(2)]

    assert [(one.status_code, one.location) for one in responses] == [(303, stop_path)] * 2
    assert [one.paused_at for one in kept(session)] == [TUESDAY]
    assert "このお知らせのメールは止まっています。" in main_text(client.get(stop_path).text)


def test_the_page_of_the_link_tells_nothing_of_the_person(client, stop_path, npo_member):
    html = client.get(stop_path).text
    assert npo_member.email not in html
    assert npo_member.name not in html


def test_a_link_that_was_not_made_here_stops_nothing(client, stop_path, session, app, monkeypatch):
    forged = [
        stop_path[:-9] + ("A" if stop_path[-9] != "A" else "B") + stop_path[-8:],
        "/alerts/stop/1",
        "/alerts/stop/1.x",
        "/alerts/stop/%00",
    ]
    for path in forged:
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 404
            assert "このリンクは使えません。" in main_text(response.text)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key of sufficient length for this")
    assert client.get(stop_path).status_code == 404
    assert [one.paused_at for one in kept(session)] == [None]


@pytest.fixture
def two_searches(npo_member, npo, stop_path, session):
    """The search of the link, and another one of the same person."""
    other = saved_searches.sketch(npo_member, None, {"open": "y"})
    with transaction():
        saved_searches.save(other, threshold=None, frequency=Frequency.DAILY, weekday=None, at=clock.now())
    return kept(session)


def test_the_link_leaves_other_searches_alone_unless_asked(client, stop_path, two_searches, session):
    client.post(stop_path)
    assert [one.paused_at for one in kept(session)] == [TUESDAY, None]
    text = main_text(client.get(stop_path).text)
    assert "ほかに、1件の条件のお知らせを送っています。" in text

    client.post(stop_path, data={"what": "all"})

    assert [one.paused_at for one in kept(session)] == [TUESDAY, TUESDAY]
    assert "ほかに、" not in main_text(client.get(stop_path).text)


def test_a_stopped_search_has_no_next_time_and_gets_one_when_it_goes_on(client, npo_client, stop_path, session):
    client.post(stop_path)
    assert "ありません（令和8年11月24日から止めています）" in main_text(npo_client.get("/alerts").text)
    npo_client.post(f"/alerts/{kept(session)[0].id}/resume")
    [search] = kept(session)
    assert (search.paused_at, search.next_at) == (None, datetime(2026, 11, 24, 10, tzinfo=JAPAN))


def test_a_mail_program_stops_the_searches_of_a_mail_with_one_post(app, stop_path, two_searches, session, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert app.test_client().post(stop_path).status_code == 400
    address = stop_path.replace("/stop/", "/unsubscribe/")
    answer = app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "お知らせのメールを止めました。\n")
    assert [one.paused_at for one in kept(session)] == [TUESDAY, None]


def test_what_only_opens_the_address_of_a_mail_program_is_led_to_the_page(client, stop_path, session):
    address = stop_path.replace("/stop/", "/unsubscribe/")
    opened, without_the_word = client.get(address), client.post(address)
    assert (opened.status_code, opened.location) == (302, stop_path)
    assert without_the_word.status_code == 400
    assert client.post(f"{address[:-9]}x", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert [one.paused_at for one in kept(session)] == [None]


def test_the_mail_names_the_address_for_mail_programs(app, stop_path, session):
    notice = session.scalars(select(Notice).where(Notice.kind == "saved-search-digest")).one()
    assert notice.unsubscribe_url == "http://localhost" + stop_path.replace("/stop/", "/unsubscribe/")


def test_a_mail_about_several_searches_has_a_link_for_each(app, client, npo, npo_member, other_npo, session):
    mine = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    for search in (saved_searches.sketch(npo_member, None, {}), saved_searches.sketch(npo_member, mine, {})):
        threshold = None if search.kind is SavedSearchKind.PROPOSALS else 200
        with transaction():
            saved_searches.save(search, threshold=threshold, frequency=Frequency.HOURLY, weekday=None, at=clock.now())
    records.proposal(other_npo, status=ProposalStatus.SUBMITTED)
    records.interest(records.organisation(Side.COMPANY))
    with time_machine.travel(datetime(2026, 11, 24, 10, tzinfo=JAPAN), tick=False):
        app.test_cli_runner().invoke(args=["alerts", "send"])
    session.rollback()
    body = session.scalars(select(Notice.body).where(Notice.kind == "saved-search-digest")).one()
    of_matches, of_the_list, of_both = re.findall(r"http://localhost(/alerts/stop/\S+)", body)

    client.post(of_the_list)
    assert [one.paused_at is None for one in kept(session)] == [False, True]
    assert "提案 R8-0001 に合う企業（200点以上）" in main_text(client.get(of_matches).text)
    client.post(of_both)
    assert [one.paused_at is None for one in kept(session)] == [False, False]
