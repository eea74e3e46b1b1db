from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.status import InterestStatus
from matchmaker.matching.terms import ActivityField, ResourceKind
from matchmaker.proposals.models import PastProposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import letters
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import Outcome
from tests.support import records
from tests.support.forms import opened
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries

READ_IN_FULL = ["{n}/versions", "{n}/attachments"]
WRITTEN = [
    "{n}/needs",
    "{n}/edit",
    *(f"{{n}}/edit/{i}" for i in range(1, 6)),
    "{n}/check",
    "{n}/publish",
    "{n}/withdraw",
]
POSTED = [
    "{n}/needs",
    "{n}/needs/autosave",
    "{n}/edit/1",
    "{n}/edit/1/autosave",
    "{n}/submit",
    "{n}/publish",
    "{n}/unpublish",
    "{n}/withdraw",
    "{n}/attachments",
    "{n}/attachments/" + "0" * 32 + "/remove",
]


def page(response):
    return response.get_data(as_text=True)


def titles(response):
    return [title.get_text(strip=True) for title in parse(page(response)).select("main .card__title")]


@pytest.fixture
def texts(session):
    """What a decision page would hold before and after its release."""

    def decide(proposal, office, approver, *, stage):
        at = clock.now()
        is_decided = stage is not DecisionStage.DRAFTED
        with transaction():
            session.add(
                decision := Decision(
                    proposal_id=proposal.id,
                    stage=stage,
                    outcome=Outcome.REFER,
                    reason="担当課との調整が必要なため",
                    next_step="事務局が協議の場を作ります",
                    drafted_by_id=office.id,
                    drafted_at=at,
                    decided_by_id=approver.id if is_decided else None,
                    decided_at=at if is_decided else None,
                    released_at=at if stage is DecisionStage.RELEASED else None,
                )
            )
            session.flush()
            letters.compose(decision, at=at)

    return decide


# --- who may open what ---


@pytest.mark.parametrize("address", ["new", "mine", "{n}", *READ_IN_FULL, *WRITTEN])
def test_every_page_of_a_draft_opens_for_its_owner(npo_client, npo, address):
    proposal = records.proposal(npo)
    assert npo_client.get("/proposals/" + address.format(n=proposal.draft_number)).status_code == 200


@pytest.mark.parametrize("address", ["{n}", *READ_IN_FULL, *WRITTEN])
def test_a_private_draft_is_not_there_for_another_organisation(other_npo_client, npo, address):
    proposal = records.proposal(npo)
    assert other_npo_client.get("/proposals/" + address.format(n=proposal.draft_number)).status_code == 404


@pytest.mark.parametrize("address", POSTED)
def test_nothing_can_be_done_to_a_private_draft_of_another_organisation(other_npo_client, npo, address, session):
    proposal = records.proposal(npo)
    before = (proposal.version, proposal.status)
    response = other_npo_client.post("/proposals/" + address.format(n=proposal.draft_number), data={"title": "x"})
    assert response.status_code == 404
    assert (proposal.version, proposal.status) == before
    assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize("address", POSTED)
def test_a_public_proposal_of_another_organisation_may_be_seen_but_not_touched(other_npo_client, npo, address):
    proposal = records.proposal(npo, is_published=True)
    before = (proposal.version, proposal.status)
    response = other_npo_client.post("/proposals/" + address.format(n=proposal.draft_number), data={"title": "x"})
    assert response.status_code == 403
    assert (proposal.version, proposal.status) == before


@pytest.mark.parametrize("address", READ_IN_FULL)
def test_versions_and_files_of_a_public_proposal_are_not_public(other_npo_client, company_client, npo, address):
    proposal = records.proposal(npo, is_published=True)
    for client in (other_npo_client, company_client):
        assert client.get("/proposals/" + address.format(n=proposal.draft_number)).status_code == 404


@pytest.mark.parametrize("address", ["new", "mine"])
def test_only_npo_members_write_proposals(company_client, office_client, client, address):
    for other in (company_client, office_client):
        assert other.get(f"/proposals/{address}").status_code == 403
    assert client.get(f"/proposals/{address}").location == f"/sign-in?next=/proposals/{address}"


@pytest.mark.parametrize("address", ["{n}", *READ_IN_FULL])
def test_those_who_review_read_everything(office_client, approver_client, npo, address):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    for client in (office_client, approver_client):
        assert client.get("/proposals/" + address.format(n=proposal.number)).status_code == 200


def test_a_division_and_a_company_do_not_see_what_is_not_public(division_client, company_client, client, npo):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    for other in (division_client, company_client, client):
        assert other.get(f"/proposals/{proposal.number}").status_code == 404


# --- one proposal ---

PLAN = ["根拠ヒミツ", "目的ヒミツ", "内容ヒミツ", "体制ヒミツ", "役割ヒミツ"]
BUDGET = ["内訳ヒミツ", "助成ヒミツ"]
SECRET = {
    "evidence": "根拠ヒミツ",
    "aim": "目的ヒミツ",
    "content": "内容ヒミツ",
    "team": "体制ヒミツ",
    "role_company": "役割ヒミツ",
    "budget_detail": "内訳ヒミツ",
    "other_grants": "助成ヒミツ",
}


def test_everybody_sees_the_public_part_and_nothing_else(client, npo):
    proposal = records.proposal(npo, is_published=True, **SECRET)
    text = main_text(page(client.get(f"/proposals/{proposal.draft_number}")))

    assert "ヒミツ" not in text
    assert "600,000円" not in text
    for shown in (
        proposal.title,
        proposal.issue,
        "みえ子ども応援団",
        "三重県津市",
        "子どもの健全育成を図る活動",
        "人材・専門技能：学習を手伝う社員（5人）",
        "提出前（相手をさがしています）",
    ):
        assert shown in text


@pytest.mark.parametrize(
    ("allowed", "shown", "hidden"),
    [
        (
            "publishes_plan",
            ["根拠ヒミツ", "目的ヒミツ", "内容ヒミツ", "体制ヒミツ", "役割ヒミツ"],
            ["内訳ヒミツ", "助成ヒミツ"],
        ),
        ("publishes_budget", ["内訳ヒミツ", "助成ヒミツ"], ["根拠ヒミツ", "目的ヒミツ", "内容ヒミツ", "体制ヒミツ"]),
    ],
)
def test_plan_and_budget_are_public_only_when_the_proposer_says_so(client, npo, allowed, shown, hidden):
    proposal = records.proposal(npo, is_published=True, **SECRET, **{allowed: True})
    text = main_text(page(client.get(f"/proposals/{proposal.draft_number}")))
    assert [word in text for word in (*shown, *hidden)] == [True] * len(shown) + [False] * len(hidden)


def test_owner_and_office_see_every_answer(npo_client, office_client, npo):
    proposal = records.proposal(npo, **SECRET)
    for client in (npo_client, office_client):
        text = main_text(page(client.get(f"/proposals/{proposal.draft_number}")))
        assert [word for word in SECRET.values() if word not in text] == []


@pytest.mark.parametrize("status", [ProposalStatus.WITHDRAWN, ProposalStatus.INELIGIBLE])
def test_a_proposal_that_ended_is_no_longer_public(client, npo_client, npo, status):
    proposal = records.proposal(npo, status=status, is_published=True)
    assert client.get(f"/proposals/{proposal.number}").status_code == 404
    assert titles(client.get("/proposals")) == []
    assert npo_client.get(f"/proposals/{proposal.number}").status_code == 200


def test_the_drafts_address_leads_to_the_official_number(client, npo_client, npo):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    for reader in (client, npo_client):
        response = reader.get("/proposals/D-0001")
        assert (response.status_code, response.location) == (301, "/proposals/R8-0001")


@pytest.mark.parametrize("number", ["R8-9999", "D-9999"])
def test_a_number_that_nobody_has_is_not_there(client, database, number):
    assert client.get(f"/proposals/{number}").status_code == 404


@pytest.mark.parametrize("status", [ProposalStatus.DECISION_DRAFTED, ProposalStatus.DECIDED])
def test_nothing_of_a_decision_shows_before_its_release(
    npo_client, client, office_client, npo, office, approver, texts, status
):
    proposal = records.proposal(npo, status=status)
    stage = DecisionStage.DRAFTED if status is ProposalStatus.DECISION_DRAFTED else DecisionStage.DECIDED
    texts(proposal, office, approver, stage=stage)
    for reader in (npo_client, client):
        for address in ("/proposals/R8-0001", "/proposals", "/proposals/past"):
            text = page(reader.get(address))
            assert "担当課との調整" not in text
            assert status.label not in text
        assert "審査中" in main_text(page(reader.get("/proposals/R8-0001")))
    assert status.label not in page(npo_client.get("/proposals/mine"))
    assert status.label in main_text(page(office_client.get("/proposals/R8-0001")))


def test_a_returned_proposal_looks_to_the_public_like_any_under_review(client, npo_client, npo):
    returned = records.proposal(npo, status=ProposalStatus.RETURNED_FOR_FIX)
    accepted = records.proposal(npo, status=ProposalStatus.ACCEPTED)
    tags = [
        str(parse(page(client.get(f"/proposals/{one.number}"))).select_one(".status")) for one in (returned, accepted)
    ]
    assert tags[0] == tags[1]
    assert "修正依頼中" in main_text(page(npo_client.get(f"/proposals/{returned.number}")))


def test_a_released_result_shows_with_its_reason(client, npo_client, npo, office, approver, texts):
    proposal = records.proposal(npo, status=ProposalStatus.REFERRED)
    texts(proposal, office, approver, stage=DecisionStage.RELEASED)
    for reader in (client, npo_client):
        text = main_text(page(reader.get("/proposals/R8-0001")))
        for shown in ("採択外（協議を仲介）", "担当課との調整が必要なため", "事務局が協議の場を作ります"):
            assert shown in text


def test_a_company_is_led_to_its_own_comparison_with_the_proposal(company_client, company, npo):
    records.proposal(npo, is_published=True)
    links = [link["href"] for link in parse(page(company_client.get("/proposals/D-0001"))).select("main .buttons a")]
    assert links == ["/interests/new"]

    records.interest(company)
    records.interest(company, status=InterestStatus.PAUSED)
    links = [link["href"] for link in parse(page(company_client.get("/proposals/D-0001"))).select("main .buttons a")]
    assert links == ["/matches/D-0001~K-0001"]


# --- publishing and withdrawing ---


def test_publishing_from_the_page_shows_what_will_be_seen_and_until_when(npo_client, client, npo):
    proposal = records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/publish")
    assert form["open_until_on"] == [(clock.today() + timedelta(days=183)).isoformat()]
    assert client.get("/proposals/D-0001").status_code == 404

    assert npo_client.post("/proposals/D-0001/publish", data=form).location == "/proposals/D-0001"
    assert proposal.open_until_on == clock.today() + timedelta(days=183)
    assert client.get("/proposals/D-0001").status_code == 200

    npo_client.post("/proposals/D-0001/unpublish")
    assert client.get("/proposals/D-0001").status_code == 404


def test_a_last_day_that_has_passed_is_refused(npo_client, npo):
    proposal = records.proposal(npo)
    response = npo_client.post("/proposals/D-0001/publish", data={"open_until_on": "2020-01-01"})
    assert response.status_code == 422
    assert proposal.is_published is False


def test_publishing_without_what_companies_must_see_is_refused_in_words(npo_client, npo):
    proposal = records.proposal(npo, issue="")
    npo_client.post("/proposals/D-0001/publish", data={})
    assert proposal.is_published is False
    assert "解決したい社会課題" in main_text(page(npo_client.get("/proposals/D-0001")))


def test_withdrawing_asks_first_and_then_ends_publication_too(npo_client, client, npo):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    assert "もとには戻せません" in main_text(page(npo_client.get("/proposals/R8-0001/withdraw")))
    assert proposal.status is ProposalStatus.SUBMITTED

    npo_client.post("/proposals/R8-0001/withdraw")
    assert (proposal.status, proposal.is_published) == (ProposalStatus.WITHDRAWN, False)
    assert client.get("/proposals/R8-0001").status_code == 404


def test_a_settled_proposal_offers_no_withdrawal(npo_client, npo):
    records.proposal(npo, status=ProposalStatus.ADOPTED)
    assert "取り下げる" not in main_text(page(npo_client.get("/proposals/R8-0001")))
    assert npo_client.get("/proposals/R8-0001/withdraw").location == "/proposals/R8-0001"


# --- versions ---


def test_versions_say_who_changed_what(npo_client, npo):
    records.proposal(npo)
    for aim in ("教室は週に1回ひらく。", "教室は週に2回ひらく。"):
        form = opened(npo_client, "/proposals/D-0001/edit/1")
        npo_client.post("/proposals/D-0001/edit/1", data=form | {"aim": aim})
    html = parse(page(npo_client.get("/proposals/D-0001/versions")))

    sections = html.select("main section")
    assert [section.h2.get_text(strip=True) for section in sections] == ["第2版", "第1版"]
    newest = sections[0]
    assert [heading.get_text(strip=True) for heading in newest.select("h3")] == ["目的"]
    assert "鈴木花子" in newest.get_text()
    assert ["2" in ins.get_text() for ins in newest.select("ins")] == [True]
    assert ["1" in out.get_text() for out in newest.select("del")] == [True]


def test_a_version_shows_places_needs_and_days_in_words(npo_client, npo):
    records.proposal(npo)
    form = opened(npo_client, "/proposals/D-0001/needs")
    npo_client.post("/proposals/D-0001/needs", data=form | {"needs-0-amount": "8", "place_codes": ["24:北勢"]})
    text = main_text(page(npo_client.get("/proposals/D-0001/versions")))
    for shown in ("人材・専門技能：学習を手伝う社員（8人）", "三重県北勢地域", "令和9年4月1日"):
        assert shown in text


# --- one's own ---


def test_ones_own_list_says_what_to_do_next(npo_client, npo, other_npo):
    records.proposal(npo, title="そろった下書き")
    records.proposal(npo, title="足りない下書き", goals="", aim="")
    records.proposal(npo, title="直すもの", status=ProposalStatus.RETURNED_FOR_FIX)
    records.proposal(npo, title="審査のもの", status=ProposalStatus.DECIDED)
    records.proposal(other_npo, title="よその提案", is_published=True)
    cards = {
        card.select_one(".card__title").get_text(strip=True): card.get_text(" ", strip=True)
        for card in parse(page(npo_client.get("/proposals/mine"))).select("main .card")
    }

    assert set(cards) == {"そろった下書き", "足りない下書き", "直すもの", "審査のもの"}
    assert "提出できます。 確認して提出する" in cards["そろった下書き"]
    assert "提出まで、あと2項目です。 つづきを書く" in cards["足りない下書き"]
    assert "直して、もう一度提出してください。 修正する" in cards["直すもの"]
    assert "結果はメールで知らせます。" in cards["審査のもの"]


def test_an_empty_own_list_says_how_to_begin(npo_client):
    assert parse(page(npo_client.get("/proposals/mine"))).select_one(".empty-state a")["href"] == "/proposals/new"


# --- the public list ---


@pytest.fixture
def five(npo, other_npo):
    unverified = records.organisation(Side.NPO, name="確認待ちの会", is_verified=False)
    today = clock.today()
    records.proposal(
        npo,
        title="海の教室",
        is_published=True,
        fields=[ActivityField.ENVIRONMENT],
        place_codes=["242039"],
        needs=[(ResourceKind.PLACE, "浜", None, None)],
        open_until_on=today,
    )
    yesterday = today - timedelta(days=1)
    records.proposal(
        other_npo, title="山の教室", status=ProposalStatus.ACCEPTED, place_codes=["24"], open_until_on=yesterday
    )
    records.proposal(npo, title="川の教室", status=ProposalStatus.ADOPTED, place_codes=["24:北勢"])
    records.proposal(npo, title="公開していない教室")
    records.proposal(unverified, title="確認待ちの教室", is_published=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["川の教室", "山の教室", "海の教室"]),
        ("field=environment", ["海の教室"]),
        ("field=nonsense", ["川の教室", "山の教室", "海の教室"]),
        ("place=242039", ["山の教室", "海の教室"]),
        ("place=24:南勢志摩", ["山の教室", "海の教室"]),
        ("place=242021", ["川の教室", "山の教室"]),
        ("place=24", ["川の教室", "山の教室", "海の教室"]),
        ("place=242039&exact=y", ["海の教室"]),
        ("exact=y", ["川の教室", "山の教室", "海の教室"]),
        ("place=23", []),
        ("need=place", ["海の教室"]),
        ("stage=seeking", ["海の教室"]),
        ("stage=review", ["山の教室"]),
        ("stage=adopted", ["川の教室"]),
        ("open=y", ["川の教室", "海の教室"]),
        ("q=ウミ", []),
        ("q=海ノ", ["海の教室"]),
        ("q=海の教室", ["海の教室"]),
        ("q=教室 伊勢湾", ["山の教室"]),
        ("q=公開していない", []),
        ("q=%25", []),
        ("sort=closing-soon", ["海の教室", "川の教室", "山の教室"]),
        ("sort=closing-soon&open=y&place=242021", ["川の教室"]),
        ("page=99", ["川の教室", "山の教室", "海の教室"]),
        ("_external=1&_scheme=javascript&_method=POST&_anchor=x&endpoint=y", ["川の教室", "山の教室", "海の教室"]),
    ],
)
def test_the_public_list_is_narrowed_by_its_address(client, five, query, expected):
    assert titles(client.get(f"/proposals?{query}")) == expected


@pytest.mark.parametrize("address", ["/proposals", "/proposals/past"])
def test_a_search_for_thousands_of_words_is_answered(client, database, address):
    assert client.get(address, query_string={"q": "海 " * 3000}).status_code == 200


def test_what_narrows_the_list_can_be_taken_off_one_by_one(client, five):
    html = parse(page(client.get("/proposals?q=教室&need=place&sort=closing-soon")))
    links = {link.get_text(strip=True): link["href"] for link in html.select(".applied-filters li a")}
    assert links == {
        "条件を外す：ことば：教室": "/proposals?need=place&sort=closing-soon",
        "条件を外す：必要なもの：場所・施設": "/proposals?q=%E6%95%99%E5%AE%A4&sort=closing-soon",
    }


def test_pages_of_the_list_keep_what_narrows_it(client, npo):
    for number in range(21):
        records.proposal(npo, title=f"教室{number}", is_published=True)
    html = parse(page(client.get("/proposals?q=教室")))
    assert len(html.select("main .card")) == 20
    assert html.select_one(".pagination a[rel=next]")["href"] == "/proposals?q=%E6%95%99%E5%AE%A4&page=2"


def test_an_empty_list_says_what_to_do(client, database):
    assert "公開されている提案は、まだありません。" in main_text(page(client.get("/proposals")))
    assert "条件を減らしてみてください" in main_text(page(client.get("/proposals?q=ない")))


@pytest.mark.parametrize("address", ["/proposals", "/proposals/mine"])
def test_lists_send_as_many_queries_for_three_rows_as_for_one(npo_client, npo, address):
    records.proposal(npo, is_published=True)
    npo_client.get(address)
    with counted_queries() as with_one:
        npo_client.get(address)
    for _ in range(2):
        records.proposal(npo, is_published=True)
    with counted_queries() as with_three:
        npo_client.get(address)
    assert len(with_three) == len(with_one)


# --- earlier years ---


@pytest.fixture
def past(session):
    rows = [
        ("MP001", 2003, "三重県の制度", "相談電話をつくる", "採択"),
        ("MP002", 2019, "亀山市の制度", "里山をまもる", "unknown"),
        ("MP003", 2012, "三重県の制度", "", "不採択"),
    ]
    with transaction():
        for code, year, scheme, title, result in rows:
            session.add(
                PastProposal(
                    code=code,
                    calendar_year=year,
                    scheme=scheme,
                    level="県",
                    title=title,
                    result=result,
                    source_url="https://example.jp/" + code,
                )
            )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["里山をまもる", "（名前は公開されていません）", "相談電話をつくる"]),
        ("year=2003", ["相談電話をつくる"]),
        ("year=1900", ["里山をまもる", "（名前は公開されていません）", "相談電話をつくる"]),
        ("scheme=亀山市の制度", ["里山をまもる"]),
        ("result=不採択", ["（名前は公開されていません）"]),
        ("q=里山", ["里山をまもる"]),
        ("q=%25", []),
    ],
)
def test_earlier_years_are_narrowed_by_their_address(client, past, query, expected):
    assert titles(client.get(f"/proposals/past?{query}")) == expected


def test_earlier_years_show_era_unknown_results_and_sources(client, past):
    html = parse(page(client.get("/proposals/past?year=2019")))
    card = html.select_one("main .card")
    assert "令和元年（2019年）" in card.get_text()
    assert card.select_one(".status").get_text(strip=True) == "不明"
    assert card.select_one("a")["href"] == "https://example.jp/MP002"


def test_an_organisation_that_is_refused_takes_its_proposals_out_of_sight(client, npo):
    records.proposal(npo, is_published=True)
    with transaction():
        npo.verification, npo.check_note = Verification.REFUSED, "実在を確認できない"
    assert client.get("/proposals/D-0001").status_code == 404
    assert titles(client.get("/proposals")) == []
