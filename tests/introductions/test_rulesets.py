"""The weights as versioned data: made, previewed, used, remembered."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions import ruleset_preview, rulesets
from matchmaker.introductions.facts import proposal_facts
from matchmaker.introductions.kept_models import RulesetVersion
from matchmaker.introductions.matches import explain, snapshot
from matchmaker.introductions.ranking import MatchRegistry
from matchmaker.introductions.rulesets import CannotMakeRuleset
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.terms import LegalForm, Theme
from matchmaker.matching.weights import STANDARD, Criterion, InvalidRuleset, as_data, from_data
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.pages import errors_beside_fields, main_text, parse

REGION_FIRST = replace(STANDARD, version="t", region=1000, words=0, bigrams=0, meaning=0, needs=0, theme=0, business=0)


@pytest.fixture
def npo_proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def company_interest(company):
    return records.interest(company)


def make(administrator, ruleset=REGION_FIRST, *, days=0, base=1):
    with transaction():
        return rulesets.make(
            ruleset,
            reason="地域を重くする",
            in_force_from_on=clock.today() + timedelta(days=days),
            base=base,
            actor=administrator,
            at=clock.now(),
        )


def asked(**changed):
    weights = {name: STANDARD.weight(Criterion(name)) for name in list(map(str, Criterion))[:7]}
    values = {**weights, "one_sidedness": 0, "pool_percent": 90, "conditions": [one.value for one in list(Refusal)[2:]]}
    return {**values, **changed}


def test_the_built_in_ruleset_is_in_force_while_nobody_made_another(database):
    assert rulesets.in_force(clock.today()) == STANDARD
    assert [(one.number, one.ruleset) for one in rulesets.list_editions()] == [(1, STANDARD)]


def test_a_new_edition_is_in_force_from_its_day_and_the_history_says_what_changed(administrator):
    make(administrator, replace(STANDARD, words=140, region=315), days=3)
    today = clock.today()

    assert rulesets.in_force(today + timedelta(days=2)) == STANDARD
    assert rulesets.in_force(today + timedelta(days=3)).region == 315
    newest, built_in = rulesets.list_editions()
    assert [(one.label, one.before, one.after) for one in newest.changes] == [
        ("言葉の重なり", "240", "140"),
        ("地域", "215", "315"),
    ]
    assert (newest.number, newest.version.made_by.name, newest.version.reason) == (2, "管理 四郎", "地域を重くする")
    assert newest.version.digest == newest.ruleset.digest
    assert built_in.changes == ()


def test_the_one_who_was_slower_looks_again_before_a_second_edition_is_made(administrator):
    make(administrator)
    with pytest.raises(CannotMakeRuleset, match="ほかの人が先に"):
        make(administrator, STANDARD, base=1)
    with pytest.raises(CannotMakeRuleset, match="同じ"):
        make(administrator, REGION_FIRST, base=2)
    assert len(rulesets.list_editions()) == 2


def test_an_edition_never_begins_before_today_or_before_the_one_before_it(administrator):
    with pytest.raises(CannotMakeRuleset, match="以降"):
        make(administrator, days=-1)
    make(administrator, days=5)
    with pytest.raises(CannotMakeRuleset, match="以降"):
        make(administrator, STANDARD, days=4, base=2)
    make(administrator, STANDARD, days=5, base=2)
    assert rulesets.in_force(clock.today() + timedelta(days=5)) == replace(STANDARD, version=f"{clock.today().year}-3")


def test_an_edition_is_never_changed_or_taken_away(administrator, session):
    make(administrator)
    for act in (lambda row: setattr(row, "reason", "別の理由"), session.delete):
        with pytest.raises(RuntimeError, match="never changed"), transaction():
            act(session.scalars(select(RulesetVersion)).one())


def test_every_worker_uses_the_new_weights_within_one_request(administrator, npo_proposal, company_interest):
    workers = [MatchRegistry(lambda: None), MatchRegistry(lambda: None)]

    def parts():
        facts, owner = proposal_facts(npo_proposal), npo_proposal.organisation_id
        return [worker.interests_for(facts, clock.today(), owner=owner)[0].parts for worker in workers]

    assert [one[Criterion.NEEDS] > 0 for one in parts()] == [True, True]
    make(administrator)
    assert [one[Criterion.NEEDS] for one in parts()] == [0, 0]
    assert [one[Criterion.REGION] for one in parts()] == [1000, 1000]


def test_a_match_names_the_ruleset_that_it_was_made_with(administrator, npo_proposal, company_interest):
    version = make(administrator)
    kept = snapshot(explain(npo_proposal, company_interest, on=clock.today()))

    assert (kept["ruleset"], kept["digest"]) == (version.label, version.digest)


def test_a_switched_off_condition_refuses_nobody(administrator, npo_proposal, company):
    refusal = InterestRefusal(kind=RefusalKind.OUTSIDE_REGIONS, value="yes")
    offered = records.interest(company, place_codes=["13"], refusals=[refusal])
    assert explain(npo_proposal, offered, on=clock.today()).refusals != ()
    conditions = tuple(one for one in Refusal if one is not Refusal.OUTSIDE_REGIONS)
    make(administrator, replace(STANDARD, hard_conditions=conditions))
    assert explain(npo_proposal, offered, on=clock.today()).refusals == ()


def test_what_has_ended_can_never_be_switched_on_again():
    with pytest.raises(InvalidRuleset, match="ended"):
        replace(STANDARD, hard_conditions=(Refusal.PROPOSAL_CLOSED,))


def test_a_ruleset_survives_being_kept():
    conditions = (Refusal.INTEREST_EXPIRED, Refusal.PROPOSAL_CLOSED)
    edited = replace(STANDARD, version="2026-9", hard_conditions=conditions, pool_percent=12)
    assert from_data(as_data(edited)) == edited
    assert from_data(as_data(edited)).digest == edited.digest


def test_only_administrators_edit_weights(office_client, npo_client, client):
    for address in ("/rulesets", "/rulesets/new", "/rulesets/preview"):
        assert office_client.get(address).status_code == 403
        assert npo_client.get(address).status_code == 403
        assert client.get(address).status_code == 302


def test_the_list_shows_the_weights_in_force_and_leads_to_a_new_one(administrator_client):
    response = administrator_client.get("/rulesets")
    assert "2026-1 使用中" in main_text(response.text)
    assert parse(response.text).select_one("main a.button")["href"] == "/rulesets/new"


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"words": "-5"}, "words", "0より小さい数は使えません"),
        ({"words": "－５"}, "words", "0より小さい数は使えません"),
        ({"region": "多い"}, "region", "数字だけで入力してください"),
        ({"region": ""}, "region", "数を入力してください"),
        ({"needs": "1001"}, "needs", "1,000以下"),
        ({"pool_percent": "101"}, "pool_percent", "100以下"),
        ({"words": "290"}, "words", "合計が1,050点です。50点へらして"),
        ({"words": "140"}, "words", "合計が900点です。100点ふやして"),
        (dict.fromkeys(list(map(str, Criterion))[:7], "0"), "words", "すべての重みが0です"),
        ({"level_municipality": "101"}, "level_municipality", "100以下"),
        ({"level_elsewhere": "-1"}, "level_elsewhere", "0より小さい数は使えません"),
        ({"neutral_theme": ""}, "neutral_theme", "数を入力してください"),
        ({"neutral_needs": "130"}, "neutral_needs", "100以下"),
        ({"level_area": "80"}, "level_region", "「同じ生活圏」（80%）より遠いので、80以下の数にしてください"),
        ({"level_nationwide": "90"}, "level_nationwide", "「企業が対象とする都道府県」（74%）より遠いので、74以下"),
        ({"level_elsewhere": "20"}, "level_elsewhere", "「となりの都道府県」（10%）より遠いので、10以下"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_beside_the_field_and_kept(
    administrator_client, changed, field, sentence
):
    response = administrator_client.get("/rulesets/preview", query_string=asked(**changed))
    assert response.status_code == 422
    assert sentence in errors_beside_fields(response.text)[field]
    boxes = {one["name"]: one.get("value", "") for one in parse(response.text).select("main input[type=text]")}
    assert {name: boxes[name] for name in changed} == changed


def test_the_preview_shows_who_rises_and_falls_and_changes_nothing(
    administrator_client, npo, other_npo, company, company_interest
):
    near = records.proposal(npo, status=ProposalStatus.SUBMITTED, title="近くの提案", issue="税のしくみを学ぶ。")
    records.proposal(
        other_npo,
        status=ProposalStatus.SUBMITTED,
        title="三重県内で荷物を運ぶ次の世代を支える",
        issue="荷物を運ぶ社員ボランティアと文具の在庫。",
        place_codes=["13"],
    )
    weights = dict.fromkeys(list(map(str, Criterion))[:7], "0") | {"region": "1000"}
    response = administrator_client.get("/rulesets/preview", query_string=asked(**weights))
    text = main_text(response.text)
    assert response.status_code == 200
    rises = parse(response.text).find("h3", string="上がる提案").find_next("table").get_text(" ")
    falls = parse(response.text).find("h3", string="下がる提案").find_next("table").get_text(" ")
    assert (near.number in rises, near.number in falls, "はじめての提案" in rises) == (True, False, True)
    assert "三重県内で荷物を運ぶ次の世代を支える" in falls
    assert "本当の相手の順位（MRR） 0." in text
    assert "津みなと運輸" not in text
    assert rulesets.newest() is None


def test_the_preview_leads_to_using_the_weights(administrator_client, session, npo_proposal, company_interest):
    weights = asked(words=140, region=315)
    page = parse(administrator_client.get("/rulesets/preview", query_string=weights).text)
    form = page.select_one("main form[method=post]")
    assert parse_qs(urlsplit(form["action"]).query)["region"] == ["315"]
    sent = {one["name"]: one.get("value", "") for one in form.select("input")} | {"reason": "地域の声を受けて"}

    response = administrator_client.post(form["action"], data=sent)

    assert (response.status_code, response.location) == (303, "/rulesets")
    text = main_text(administrator_client.get("/rulesets").text)
    assert "地域の声を受けて" in text
    assert "地域 215 → 315" in text
    assert rulesets.in_force(clock.today()).region == 315
    entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "administrator:ruleset:make")).one()
    assert entry.detail["changes"] == ["言葉の重なり: 240 > 140", "地域: 215 > 315"]


def test_using_weights_needs_a_reason_and_a_fresh_comparison(administrator, administrator_client):
    address = "/rulesets/preview"
    day = clock.today().isoformat()
    silent = administrator_client.post(
        address, query_string=asked(words=140, region=315), data={"base": "1", "in_force_from_on": day, "reason": " "}
    )
    assert silent.status_code == 422
    assert errors_beside_fields(silent.text) == {"reason": "エラー： 変える理由を入力してください"}
    make(administrator)
    late = administrator_client.post(
        address, query_string=asked(), data={"base": "1", "in_force_from_on": day, "reason": "戻す"}
    )
    assert late.status_code == 409
    assert "ほかの人が先に新しい重みを作りました" in late.text
    assert parse(late.text).select_one("[name=base]")["value"] == "2"
    assert parse(late.text).select_one("#reason").get_text(strip=True) == "戻す"


def test_small_and_first_time_npos_are_counted_apart(npo, company_interest):
    small = records.organisation(Side.NPO, legal_form=LegalForm.CIVIC)
    records.proposal(small, status=ProposalStatus.SUBMITTED, title="一つめ")
    records.proposal(small, status=ProposalStatus.SUBMITTED, title="二つめ")
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    pool = MatchRegistry(lambda: None).pool(clock.today())

    found = ruleset_preview.preview(pool, REGION_FIRST, clock.today())

    assert (found.marked.count, found.others.count) == (3, 1)
    assert found.compared == found.listed == (4, 1)


def test_the_same_weights_move_nobody(npo_proposal, company_interest, company):
    records.interest(company, themes=[Theme.ENVIRONMENT])
    pool = MatchRegistry(lambda: None).pool(clock.today())

    found = ruleset_preview.preview(pool, replace(STANDARD, version="other"), clock.today())

    moves = (found.rising_proposals, found.falling_proposals, found.rising_interests, found.falling_interests)
    assert moves == ([], [], [], [])


def test_quality_on_the_known_cases_is_that_of_the_rulesets(database):
    pool = MatchRegistry(lambda: None).pool(clock.today())
    found = ruleset_preview.quality(pool, REGION_FIRST)

    assert [(one.direction, one.measure.value) for one in found] == [
        ("proposals", "MRR"),
        ("proposals", "R@10"),
        ("interests", "MRR"),
        ("interests", "R@10"),
    ]
    assert all(one.before.value > one.after.value for one in found)
    assert all(one.difference.value == pytest.approx(one.after.value - one.before.value) for one in found)


def test_the_preview_of_an_empty_registry_is_a_page(administrator_client):
    response = administrator_client.get("/rulesets/preview", query_string=asked(words=140, region=315))
    assert response.status_code == 200
    assert "上がる提案はありません。" in main_text(response.text)


def test_a_large_registry_is_compared_by_an_even_part_of_it(monkeypatch, npo, company):
    monkeypatch.setattr(ruleset_preview, "MOST_COMPARED", 2)
    for number in range(5):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, title=f"提案{number}")
        records.interest(company)
    pool = MatchRegistry(lambda: None).pool(clock.today())

    found = ruleset_preview.preview(pool, REGION_FIRST, clock.today())

    assert (found.compared, found.listed) == ((2, 2), (5, 5))


def test_region_levels_and_neutral_shares_are_part_of_an_edition(
    administrator_client, session, npo_proposal, company_interest
):
    before = explain(npo_proposal, company_interest, on=clock.today())
    weights = asked(level_municipality="90", level_area="90", level_nationwide="5", neutral_theme="0")
    page = parse(administrator_client.get("/rulesets/preview", query_string=weights).text)
    form = page.select_one("main form[method=post]")
    sent = {one["name"]: one.get("value", "") for one in form.select("input")} | {"reason": "近さの差を小さくする"}
    assert administrator_client.post(form["action"], data=sent).status_code == 303

    used = rulesets.in_force(clock.today())

    assert used.levels == replace(STANDARD.levels, municipality=90, area=90, nationwide=5)
    assert used.neutral == replace(STANDARD.neutral, theme=0)
    assert from_data(session.scalars(select(RulesetVersion)).one().ruleset).digest == used.digest
    assert [(one.label, one.before, one.after) for one in rulesets.list_editions()[0].changes] == [
        ("地域の近さ：同じ市町", "100%", "90%"),
        ("地域の近さ：同じ生活圏", "92%", "90%"),
        ("地域の近さ：全国を対象とする企業・提案", "50%", "5%"),
        ("記入がないとき：テーマ", "30%", "0%"),
    ]
    after = explain(npo_proposal, company_interest, on=clock.today())
    region = [next(part.points for part in one.parts if part.label == "地域") for one in (before, after)]
    assert region[0] != region[1]
    assert "同じ市町 90%" in main_text(administrator_client.get("/rulesets").text)


def test_an_address_that_names_weights_alone_keeps_the_shares(administrator_client):
    page = parse(administrator_client.get("/rulesets/new", query_string=asked(words=140, region=315)).text)
    assert (page.select_one("#level_served")["value"], page.select_one("#words")["value"]) == ("74", "140")


def test_conditions_that_do_not_exist_are_refused(administrator_client):
    response = administrator_client.get("/rulesets/preview", query_string=asked(conditions=["interest-expired", "x"]))
    assert response.status_code == 422
    assert "選べない項目" in response.text
