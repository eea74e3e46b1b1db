"""The vocabulary as editions: the draft and its pages, a table as a file, the effect before it is used, the history."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import (
    kept_readings,
    ranking,
    saved_lists,
    vocabularies,
    vocabulary_draft,
    vocabulary_files,
)
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.ranking import MatchRegistry
from matchmaker.introductions.vocabulary_draft import CannotChange, CannotMakeEdition, FaultyRow, Hand, State, draft
from matchmaker.introductions.vocabulary_models import VocabularyChange, VocabularyContent, VocabularyEdition
from matchmaker.introductions.vocabulary_progress import progress
from matchmaker.introductions.vocabulary_rules import faults_of, tidied_row
from matchmaker.matching.rereading import reread
from matchmaker.matching.vocabulary import COLUMNS, Knowledge, built_in, using
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.at_once import codes_at_once
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

LANTERN = {"code": "lantern", "label": "灯籠", "words": "灯籠 灯籠流し", "reason": "地域の行事"}
LINK = {"line": "line-bank", "topic": "lantern", "weight_percent": "60", "reason": "地域の行事に協賛する"}


@pytest.fixture
def hand(administrator):
    return Hand(administrator, clock.now())


def put(table, row, hand, key=None):
    seen = draft().stamp_of(table, key) if key else ""
    with transaction():
        return vocabulary_draft.put(table, row, key=key, seen=seen, by=hand)


def retire(table, key, hand):
    seen = draft().stamp_of(table, key)
    with transaction():
        return vocabulary_draft.retire(table, key, reason="いまは使わない", seen=seen, by=hand)


def make(hand, *, days=0):
    seen = draft().stamp
    with transaction():
        return vocabulary_draft.make_edition(
            reason="年度の見直し", in_force_from_on=clock.today() + timedelta(days=days), seen=seen, by=hand
        )


def a_line():
    """Some line of business of the program, and a topic that it is not linked to."""
    knowledge = built_in()
    code = knowledge.lines_of_business[0].code
    topic = next(one.code for one in knowledge.topics if one.code not in knowledge.line_topics[code])
    return code, topic


def test_the_built_in_edition_is_in_force_while_nobody_made_another(database):
    assert vocabularies.in_force(clock.today()) is built_in()
    assert [(one.number, one.label) for one in vocabularies.list_editions()] == [(1, "2026-1")]
    assert draft().tables() == {table: list(rows) for table, rows in built_in().tables.items()}


def test_a_draft_holds_only_what_differs_and_changes_no_list(hand, session):
    line, _topic = a_line()
    put("topics", LANTERN, hand)
    put("line_topics", {**LINK, "line": line}, hand)
    put("topics", {**LANTERN, "label": "灯籠まつり"}, hand, key="lantern")
    now = draft()
    assert {(row.table_name, row.key) for row in session.scalars(select(VocabularyChange))} == {
        ("topics", "lantern"),
        ("line_topics", f"{line}/lantern"),
    }
    assert (now.count, now.find("topics", "lantern").state) == (2, State.ADDED)
    assert now.knowledge().topic_labels["lantern"] == "灯籠まつり"
    assert now.knowledge().line_topics[line]["lantern"] == 0.6
    assert vocabularies.in_force(clock.today()) is built_in()


def test_a_row_changed_back_is_no_change(hand):
    first = dict(built_in().tables["line_topics"][0])
    key = f"{first['line']}/{first['topic']}"
    put("line_topics", {**first, "weight_percent": "11"}, hand, key=key)
    assert (draft().count, draft().find("line_topics", key).state) == (1, State.CHANGED)
    put("line_topics", first, hand, key=key)
    assert draft().count == 0


def test_a_retired_topic_takes_the_rows_that_name_it_along_and_brings_them_back(hand):
    topic = built_in().topics[0].code
    named = [
        row for table in ("term_topics", "line_topics") for row in built_in().tables[table] if row["topic"] == topic
    ]
    assert retire("topics", topic, hand) == len(named) + 1
    assert topic not in draft().knowledge().topic_labels
    assert draft().count == len(named) + 1
    with transaction():
        vocabulary_draft.undo("topics", topic, by=hand)
    assert draft().count == 0


def test_a_row_that_others_need_cannot_be_taken_back_alone(hand):
    line, _topic = a_line()
    put("topics", LANTERN, hand)
    put("line_topics", {**LINK, "line": line}, hand)
    with pytest.raises(CannotChange, match="ほかの表の行が使っている"), transaction():
        vocabulary_draft.undo("topics", "lantern", by=hand)
    assert draft().count == 2


def test_neighbours_are_neighbours_of_each_other(hand):
    put("neighbours", {"prefecture": "24", "neighbours": "23 01", "reason": "試し"}, hand, key="24")
    knowledge = draft().knowledge()
    assert knowledge.neighbours["24"] == {"23", "01"}
    assert all(("24" in knowledge.neighbours[one]) is (one in {"23", "01"}) for one in knowledge.neighbours)
    with transaction():
        vocabulary_draft.undo("neighbours", "24", by=hand)
    assert draft().count == 0
    with pytest.raises(CannotChange, match="外せません"):
        retire("neighbours", "24", hand)


@pytest.mark.parametrize(
    ("table", "changed", "column", "sentence"),
    [
        ("topics", {"code": "Café"}, "code", "半角の英小文字で始めて"),
        ("topics", {"code": built_in().topics[0].code}, "code", "同じものがもうあります"),
        ("topics", {"label": ""}, "label", "名前を入力してください"),
        ("topics", {"label": built_in().topics[0].label}, "label", "同じ名前の行があります"),
        ("topics", {"words": " 　 "}, "words", "1つ以上"),
        ("topics", {"words": "灯籠 の"}, "words", "「の」のような"),
        ("topics", {"words": "あ" * 31}, "words", "長すぎます"),
        ("topics", {"reason": ""}, "reason", "理由か出典を入力してください"),
        ("topics", {"reason": "あ" * 201}, "reason", "200文字以内"),
        ("line_topics", {"weight_percent": "0"}, "weight_percent", "1から100まで"),
        ("line_topics", {"weight_percent": "半分"}, "weight_percent", "1から100まで"),
        ("line_topics", {"topic": "nothing"}, "topic", "選べない課題です"),
        ("line_topics", {"line": ""}, "line", "選べない本業です"),
        ("crosswalk", {"source": "nothing"}, "source", "選べないものです"),
        ("crosswalk", {"target_vocabulary": "sdg", "target": "1"}, "target", "テーマへ、またはテーマからSDGsへ"),
        ("term_topics", {"vocabulary": "sdg", "term": "1"}, "vocabulary", "分野・テーマ・業種のどれか"),
        ("wide_regions", {"prefectures": "48"}, "prefectures", "「48」という都道府県はありません"),
        ("wide_regions", {"prefectures": ""}, "prefectures", "1つ以上"),
        ("neighbours", {"neighbours": "24"}, "neighbours", "自分自身"),
    ],
)
def test_each_fault_is_said_in_a_sentence_of_its_column(table, changed, column, sentence):
    line, topic = a_line()
    sound = {
        "topics": LANTERN,
        "line_topics": {"line": line, "topic": topic, "weight_percent": "５０％", "reason": "理由"},
        "crosswalk": {
            "source_vocabulary": "field",
            "source": "consumer",
            "target_vocabulary": "theme",
            "target": "digital",
            "weight_percent": "10",
            "reason": "理由",
        },
        "term_topics": {
            "vocabulary": "theme",
            "term": "digital",
            "topic": topic,
            "weight_percent": "9",
            "reason": "理由",
        },
        "wide_regions": {"name": "伊勢湾", "prefectures": "24 23", "reason": "理由"},
        "neighbours": {"prefecture": "24", "neighbours": "23", "reason": "理由"},
    }[table]
    tables = built_in().tables
    is_new = table != "neighbours"
    assert faults_of(table, tidied_row(table, sound), tables, is_new=is_new) == {}
    faults = faults_of(table, tidied_row(table, sound | changed), tables, is_new=is_new)
    assert list(faults) == [column]
    assert sentence in faults[column]


def test_every_row_of_the_program_is_sound_but_for_a_reason_that_it_may_not_state():
    tables = built_in().tables
    for table, rows in tables.items():
        for row in rows:
            assert tidied_row(table, row) == row
            expected = {"reason"} if row["reason"] == "" else set()
            assert set(faults_of(table, row, tables, is_new=False)) == expected, (table, row)


def test_the_one_who_was_slower_sees_both_texts(hand):
    first = dict(built_in().tables["line_topics"][0])
    key = f"{first['line']}/{first['topic']}"
    seen = draft().stamp_of("line_topics", key)
    put("line_topics", {**first, "weight_percent": "11"}, hand, key=key)
    with pytest.raises(EditConflict), transaction():
        vocabulary_draft.put("line_topics", {**first, "weight_percent": "12"}, key=key, seen=seen, by=hand)
    with pytest.raises(EditConflict), transaction():
        vocabulary_draft.retire("line_topics", key, reason="外す", seen=seen, by=hand)
    assert draft().find("line_topics", key).row["weight_percent"] == "11"


def test_an_edition_is_in_force_from_its_day_and_empties_the_draft(hand, session):
    put("topics", LANTERN, hand)
    edition = make(hand, days=3)
    today = clock.today()
    assert draft().count == 0
    assert vocabularies.in_force(today + timedelta(days=2)) is built_in()
    assert "lantern" in vocabularies.in_force(today + timedelta(days=3)).topic_labels
    assert (edition.number, edition.label) == (2, f"{today.year}-2")
    [change] = vocabularies.changes_of(edition)
    assert (change.table, change.key, change.before, change.after, change.reason) == (
        "topics",
        "lantern",
        None,
        LANTERN,
        "地域の行事",
    )
    entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "administrator:vocabulary:make")).one()
    assert entry.detail == {
        "digest": edition.digest,
        "in_force_from_on": (today + timedelta(days=3)).isoformat(),
        "rows": 1,
    }


def test_an_edition_is_what_was_looked_at_and_begins_in_order(hand):
    with pytest.raises(CannotMakeEdition, match="変えたところがありません"):
        make(hand)
    put("topics", LANTERN, hand)
    seen = draft().stamp
    put("topics", {**LANTERN, "code": "lantern-two", "label": "提灯", "words": "提灯"}, hand)
    with pytest.raises(CannotMakeEdition, match="確認したあとで変わりました"), transaction():
        vocabulary_draft.make_edition(reason="r", in_force_from_on=clock.today(), seen=seen, by=hand)
    with pytest.raises(CannotMakeEdition, match="以降"):
        make(hand, days=-1)
    make(hand, days=5)
    retire("topics", "lantern", hand)
    with pytest.raises(CannotMakeEdition, match="以降"):
        make(hand, days=4)
    assert make(hand, days=5).number == 3


def test_an_edition_and_its_tables_are_never_changed(hand, session):
    put("topics", LANTERN, hand)
    make(hand)
    for act in (
        lambda: setattr(session.scalars(select(VocabularyEdition)).one(), "reason", "別の理由"),
        lambda: session.delete(session.scalars(select(VocabularyEdition)).one()),
        lambda: setattr(session.scalars(select(VocabularyContent)).one(), "packed", b""),
    ):
        with pytest.raises(RuntimeError, match="never changed"), transaction():
            act()


# Lists


@pytest.fixture
def proposal(npo):
    return records.proposal(
        npo, status=ProposalStatus.SUBMITTED, title="灯籠流しを続ける", issue="灯籠を作る人が足りない。"
    )


@pytest.fixture
def interest(company):
    records.interest(company, policy="道路をつくります。")
    return records.interest(company, policy="灯籠流しを応援します。")


def business_points(registry, proposal):
    lines = registry.interests_for(proposal_facts(proposal), clock.today(), owner=proposal.organisation_id)
    return {line.id: (line.parts["business"], line.points) for line in lines}


def test_every_worker_uses_the_new_edition_within_one_request(hand, proposal, interest):
    workers = [MatchRegistry(lambda: None), MatchRegistry(lambda: None)]
    before = [business_points(worker, proposal) for worker in workers]
    put("topics", LANTERN, hand)
    assert [business_points(worker, proposal) for worker in workers] == before
    make(hand)
    after = [business_points(worker, proposal) for worker in workers]
    assert before[0] == before[1]
    assert after[0] == after[1] == business_points(MatchRegistry(lambda: None), proposal)
    assert after[0][interest.number][0] > before[0][interest.number][0]
    explained = workers[0].explain([(proposal_facts(proposal), interest_facts(interest))], clock.today())[0]
    business = next(part for part in explained.score.parts if part.criterion == "business")
    assert "灯籠" in business.proposal_values
    assert explained.score.points == after[0][interest.number][1]


def renewals_done():
    for thread in ranking.threading.enumerate():
        if thread.name == "match-renewal":
            thread.join()


def test_a_large_registry_answers_under_the_old_edition_until_all_is_read_again(
    monkeypatch, hand, proposal, interest, administrator_client
):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 0)
    monkeypatch.setattr("matchmaker.introductions.vocabulary_progress.MEASURED_AS_A_WHOLE_UP_TO", 0)
    registry = MatchRegistry(lambda: None)
    before = business_points(registry, proposal)
    registry.keep_readings(clock.now())
    put("topics", LANTERN, hand)
    make(hand)
    shown = progress(clock.today())
    assert (shown.done, shown.total, shown.percent) == (0, 3, 0)
    assert "3件のうち0件（0%）が終わりました。" in main_text(administrator_client.get("/vocabulary").text)

    during = business_points(registry, proposal)
    renewals_done()
    db.session.rollback()

    assert during == before
    assert progress(clock.today()) is None
    assert business_points(registry, proposal) == business_points(MatchRegistry(lambda: None), proposal) != before


def test_a_worker_that_starts_after_a_new_edition_encodes_nothing_again(hand, proposal, interest):
    first = MatchRegistry(lambda: None)
    business_points(first, proposal)
    first.keep_readings(clock.now())
    put("topics", LANTERN, hand)
    make(hand)
    # Another worker was stopped after the first record.
    knowledge = vocabularies.in_force(clock.today())
    [one, *_rest] = first._index.readings.pool()
    with using(knowledge):
        kept_readings.store(reread([one], built_in(), knowledge), "", clock.now())
    read = []

    class Watched(MatchRegistry):
        def _recall(self, records_read, readings, knowledge):
            super()._recall(records_read, readings, knowledge)
            read.extend(readings.pool())

    worker = Watched(lambda: None)
    assert business_points(worker, proposal)[interest.number][0] > 0
    assert {proposal.draft_number, interest.number} < {facts.id for facts, _kept in read}
    assert len(read) == 3


def test_a_saved_list_is_made_again_under_its_own_edition(
    hand, proposal, interest, npo_member, npo_client, monkeypatch
):
    captured = saved_lists.capture(proposal, on=clock.today())
    with transaction():
        first = saved_lists.save(captured, actor=npo_member, at=clock.now())
    put("topics", LANTERN, hand)
    make(hand)
    captured = saved_lists.capture(proposal, on=clock.today())
    with transaction():
        second = saved_lists.save(captured, actor=npo_member, at=clock.now())
    retire("topics", "lantern", hand)
    put("topics", {**LANTERN, "code": "procession", "label": "行列", "words": "流し"}, hand)
    make(hand)
    monkeypatch.setattr(vocabularies, "_remembered", {})

    again = [saved_lists.make_again(one, on=clock.today()) for one in (first, second)]

    assert first.digest != second.digest
    assert [(one.is_same, one.changed_knowledge) for one in again] == [(True, ()), (True, ())]
    labels = [vocabularies.label_of(one.knowledge["vocabulary"]) for one in (first, second)]
    assert labels == ["2026-1", f"{clock.today().year}-2"]
    text = main_text(npo_client.get(f"/saved-lists/{second.id}/again").text)
    assert "同じ結果になりました。" in text
    assert f"使ったことばとつながりの表の版 {clock.today().year}-2" in text


def test_a_list_outlives_the_tables_of_an_older_program(proposal, interest, npo_member, monkeypatch, session):
    """What a release changes in the program's own tables is no edition, but a list keeps the tables that it used."""
    older = Knowledge({**built_in().tables, "topics": (*built_in().tables["topics"], LANTERN)})
    with monkeypatch.context() as before:
        before.setattr(vocabularies, "built_in", lambda: older)
        captured = saved_lists.capture(proposal, on=clock.today())
        with transaction():
            kept = saved_lists.save(captured, actor=npo_member, at=clock.now())
    assert kept.knowledge["vocabulary"] == older.digest
    assert saved_lists.make_again(kept, on=clock.today()).is_same
    assert vocabularies.label_of(older.digest) == ""


def test_an_introduction_keeps_the_edition_of_its_match(npo_client, proposal, interest, session):
    npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "お願いします"})
    assert session.scalars(select(Introduction)).one().match["vocabulary"] == built_in().digest


# Pages


def test_only_administrators_edit_the_vocabulary(office_client, npo_client, client, administrator_client):
    for address in ("/vocabulary", "/vocabulary/topics", "/vocabulary/topics/new", "/vocabulary/preview"):
        assert administrator_client.get(address).status_code == 200
        assert office_client.get(address).status_code == 403
        assert npo_client.get(address).status_code == 403
        assert client.get(address).status_code == 302


def test_the_start_shows_each_table_and_the_editions(administrator_client):
    page = administrator_client.get("/vocabulary")
    links = [one["href"] for one in parse(page.text).select("main table a")]
    assert links == [f"/vocabulary/{table}" for table in COLUMNS]
    text = main_text(page.text)
    assert "下書きに変えたところはありません。" in text
    assert "2026-1 使用中" in text
    assert parse(administrator_client.get("/rulesets").text).select_one("main a[href='/vocabulary']") is not None


def test_a_table_is_searched_by_any_of_its_words(administrator_client, hand):
    row = built_in().tables["line_topics"][0]
    text = main_text(administrator_client.get("/vocabulary/line_topics", query_string={"words": row["reason"]}).text)
    assert row["reason"] in text
    assert "条件に合う行は1行です。" in text
    nothing = main_text(administrator_client.get("/vocabulary/line_topics", query_string={"words": "ない言葉"}).text)
    assert "この条件に合う行はありません。" in nothing
    put("topics", LANTERN, hand)
    changed = administrator_client.get("/vocabulary/topics", query_string={"changed": "y"}).text
    assert "灯籠 加えた行" in main_text(changed)
    assert len(parse(changed).select("main tbody tr")) == 1


@pytest.mark.parametrize("table", COLUMNS)
def test_every_row_page_shows_its_row_and_saves_it_unchanged(administrator_client, table):
    lines = draft().lines(table)
    line = lines[len(lines) // 2]
    address = f"/vocabulary/{table}/row"
    page = administrator_client.get(address, query_string={"key": line.key})
    form = parse(page.text).select_one("main form[action*='/row?']")
    sent = {}
    for box in form.select("input, select, textarea"):
        if box.get("type") == "checkbox":
            if box.has_attr("checked"):
                sent.setdefault(box["name"], []).append(box["value"])
        elif box.name == "select":
            sent[box["name"]] = box.select_one("option[selected]")["value"]
        else:
            sent[box["name"]] = box.get_text() if box.name == "textarea" else box.get("value", "")
    answer = administrator_client.post(form["action"], data={**sent, "reason": line.row["reason"] or "理由を加える"})
    assert answer.status_code == 303
    assert draft().count == (0 if line.row["reason"] else 1)
    assert {**draft().find(table, line.key).row, "reason": ""} == {**line.row, "reason": ""}


def test_a_new_row_is_added_and_wrong_ones_are_refused_beside_their_fields(administrator_client):
    line, topic = a_line()
    address = "/vocabulary/line_topics/new"
    wrong = administrator_client.post(
        address, data={"line": line, "topic": topic, "weight_percent": "200", "reason": ""}
    )
    assert wrong.status_code == 422
    assert errors_beside_fields(wrong.text) == {
        "weight_percent": "エラー： 1から100までの数で入力してください",
        "reason": "エラー： 理由か出典を入力してください",
    }
    assert parse(wrong.text).select_one("#weight_percent")["value"] == "200"
    assert parse(wrong.text).select_one("#topic option[selected]")["value"] == topic
    right = administrator_client.post(
        address, data={"line": line, "topic": topic, "weight_percent": "４０", "reason": "社史による"}
    )
    assert right.status_code == 303
    assert draft().find("line_topics", f"{line}/{topic}").row["weight_percent"] == "40"
    doubled = administrator_client.post(
        address, data={"line": line, "topic": topic, "weight_percent": "50", "reason": "もう一度"}
    )
    assert errors_beside_fields(doubled.text) == {"topic": "エラー： 同じものがもうあります。その行を直してください。"}


def test_a_term_is_chosen_with_its_vocabulary(administrator_client):
    sent = {"source": "theme/digital", "target": "sdg/17", "weight_percent": "30", "reason": "連携の手段になる"}
    assert administrator_client.post("/vocabulary/crosswalk/new", data=sent).status_code == 303
    row = draft().find("crosswalk", "theme/digital/sdg/17").row
    assert (row["source_vocabulary"], row["source"], row["target_vocabulary"], row["target"]) == (
        "theme",
        "digital",
        "sdg",
        "17",
    )
    wrong = administrator_client.post("/vocabulary/crosswalk/new", data={**sent, "source": "field/tourism"})
    assert "テーマへ、またはテーマからSDGsへ" in errors_beside_fields(wrong.text)["target"]


def test_two_who_edit_a_row_see_both_texts_and_lose_nothing(app, administrator_client, hand):
    first = dict(built_in().tables["line_topics"][0])
    key = f"{first['line']}/{first['topic']}"
    address = f"/vocabulary/line_topics/row?key={key}"
    seen = parse(administrator_client.get(address).text).select_one("main form [name=seen]")["value"]
    put("line_topics", {**first, "weight_percent": "11"}, hand, key=key)

    late = administrator_client.post(address, data={"weight_percent": "12", "reason": "別の理由", "seen": seen})

    assert late.status_code == 409
    text = main_text(late.text)
    assert "管理 四郎" in text
    assert "あなたの入力 12 いま保存されている内容 11" in text
    form = parse(late.text).select_one("form.post-button")
    again = {one["name"]: one["value"] for one in form.select("input")}
    assert administrator_client.post(form["action"], data=again).status_code == 303
    assert draft().find("line_topics", key).row["weight_percent"] == "12"


def test_a_row_is_retired_with_a_reason_and_taken_back(administrator_client):
    topic = built_in().topics[0]
    address = f"/vocabulary/topics/row?key={topic.code}"
    page = parse(administrator_client.get(address).text)
    form = page.select_one("main form[action*='/retire']")
    seen = form.select_one("[name=retire_seen]")["value"]
    assert "いっしょに外れます。" in page.get_text()
    silent = administrator_client.post(form["action"], data={"retire_seen": seen, "retire_reason": " "})
    assert silent.status_code == 422
    assert errors_beside_fields(silent.text) == {"retire_reason": "エラー： 外す理由か出典を入力してください"}
    done = administrator_client.post(
        form["action"], data={"retire_seen": seen, "retire_reason": "対象の事業が終わった"}
    )
    assert done.status_code == 303
    retired = main_text(administrator_client.get(address).text)
    assert "外す理由：対象の事業が終わった" in retired
    assert draft().find("topics", topic.code).state is State.RETIRED
    administrator_client.post(f"/vocabulary/topics/undo?key={topic.code}")
    assert draft().count == 0


def test_the_preview_shows_changes_moves_and_quality_and_leads_to_the_edition(
    administrator_client, hand, proposal, interest, npo
):
    records.proposal(npo, status=ProposalStatus.SUBMITTED)
    put("topics", LANTERN, hand)
    page = administrator_client.get("/vocabulary/preview")
    text = main_text(page.text)
    assert "変えた行（1行）" in text
    assert "表す語：灯籠 灯籠流し" in text
    assert "本当の相手の順位（MRR） 0." in text
    assert "上がる提案" in text
    assert "津みなと運輸" not in text
    form = parse(page.text).select_one("main form[method=post]")
    sent = {one["name"]: one.get("value", "") for one in form.select("input")}
    silent = administrator_client.post("/vocabulary/preview", data={**sent, "reason": ""})
    assert errors_beside_fields(silent.text) == {"reason": "エラー： この版の理由を入力してください"}

    answer = administrator_client.post("/vocabulary/preview", data={**sent, "reason": "伝統の行事を加える"})

    assert (answer.status_code, answer.location) == (303, "/vocabulary")
    start = main_text(administrator_client.get("/vocabulary").text)
    assert "伝統の行事を加える" in start
    assert f"{clock.today().year}-2 使用中" in start
    edition = main_text(administrator_client.get("/vocabulary/editions/2").text)
    assert "前の版から変えた行（1行）" in edition
    assert "灯籠 加えた行" in edition
    assert administrator_client.get("/vocabulary/editions/3").status_code == 404


def test_a_draft_that_changed_while_it_was_looked_at_is_shown_again(administrator_client, hand):
    put("topics", LANTERN, hand)
    form = parse(administrator_client.get("/vocabulary/preview").text).select_one("main form[method=post]")
    sent = {one["name"]: one.get("value", "") for one in form.select("input")} | {"reason": "見直し"}
    put("topics", {**LANTERN, "label": "灯籠まつり"}, hand, key="lantern")
    late = administrator_client.post("/vocabulary/preview", data=sent)
    assert late.status_code == 409
    assert "確認したあとで変わりました" in late.text
    assert "灯籠まつり" in main_text(late.text)
    assert vocabularies.newest() is None


def test_an_empty_preview_says_what_to_do(administrator_client):
    assert "下書きに変えたところはありません。" in main_text(administrator_client.get("/vocabulary/preview").text)


def test_the_whole_draft_is_taken_back(administrator_client, hand):
    put("topics", LANTERN, hand)
    sent = {"seen": draft().stamp}
    put("topics", {**LANTERN, "label": "提灯"}, hand, key="lantern")
    administrator_client.post("/vocabulary/draft/discard", data=sent)
    assert draft().count == 1
    administrator_client.post("/vocabulary/draft/discard", data={"seen": draft().stamp})
    assert draft().count == 0


def test_an_earlier_edition_is_put_into_the_draft(administrator_client, hand):
    put("topics", LANTERN, hand)
    make(hand)
    retire("topics", built_in().topics[3].code, hand)
    page = parse(administrator_client.get("/vocabulary").text)
    form = page.select_one("main form[action$='/editions/1/restore']")
    assert page.select_one("main form[action$='/editions/2/restore']") is None
    sent = {one["name"]: one["value"] for one in form.select("input")}

    assert administrator_client.post(form["action"], data=sent).status_code == 303

    assert draft().tables() == {table: list(rows) for table, rows in built_in().tables.items()}
    assert [(line.key, line.change.reason) for line in draft().lines("topics") if line.change] == [
        ("lantern", "版を戻すため")
    ]
    assert administrator_client.post(form["action"], data=sent).status_code == 303
    assert "ほかの人が先に更新しました。" in administrator_client.get("/vocabulary").text
    make(hand)
    assert vocabularies.in_force(clock.today()).digest == built_in().digest
    assert administrator_client.post("/vocabulary/editions/9/restore").status_code == 404


def test_tables_and_rows_that_do_not_exist_are_not_found(administrator_client):
    for address in (
        "/vocabulary/nothing",
        "/vocabulary/nothing/new",
        "/vocabulary/nothing/csv",
        "/vocabulary/nothing/upload",
        "/vocabulary/topics/row",
        "/vocabulary/topics/row?key=%00",
        "/vocabulary/neighbours/new",
        "/vocabulary/editions/1",
    ):
        assert administrator_client.get(address).status_code == 404, address
    assert administrator_client.post("/vocabulary/nothing/undo").status_code == 404


def test_a_list_of_rows_costs_the_same_queries_however_many_were_changed(administrator_client, hand):
    counts = []
    for number in range(3):
        put("topics", {**LANTERN, "code": f"lantern-{number}", "label": f"灯籠{number}"}, hand)
        with counted_queries() as queries:
            administrator_client.get("/vocabulary/topics?changed=y")
        counts.append(len(queries))
    assert counts[0] == counts[2]


# Files


def download(client, table):
    return client.get(f"/vocabulary/{table}/csv").data


def send(client, table, data, reason="資料の更新"):
    stamp = parse(client.get(f"/vocabulary/{table}/upload").text).select_one("[name=seen]")["value"]
    sent = {"file": (io.BytesIO(data), "table.csv"), "retire_reason": reason, "seen": stamp}
    return client.post(f"/vocabulary/{table}/upload", data=sent, content_type="multipart/form-data")


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_that_is_written_and_read_again_changes_nothing(administrator_client, table):
    data = download(administrator_client, table)
    assert send(administrator_client, table, data).status_code == 303
    assert draft().count == 0


def test_a_file_adds_changes_and_retires_rows(administrator_client):
    lines = download(administrator_client, "line_topics").decode("utf-8-sig").splitlines()
    line, topic = a_line()
    labels = built_in().lines_of_business[0].label, built_in().topic_labels[topic]
    first = lines[1].split(",")
    changed = [lines[0], ",".join([*first[:2], "7", *first[3:]]), *lines[3:], f"{labels[0]},{labels[1]},33,新しい資料"]
    answer = send(administrator_client, "line_topics", "\r\n".join(changed).encode("cp932"), reason="資料から消えた")
    assert answer.status_code == 303
    states = sorted(line.state.value for line in draft().lines("line_topics") if line.change)
    assert states == ["added", "changed", "retired"]
    assert draft().find("line_topics", f"{line}/{topic}").row["weight_percent"] == "33"
    retired = next(line for line in draft().lines("line_topics") if line.state is State.RETIRED)
    assert retired.change.reason == "資料から消えた"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "CSVファイルを選んでください"),
        (b"a,b\r\n1,2\r\n", "1行目の見出しがちがいます。"),
        ("記号,名前,表す語,理由・出典\r\n".encode(), "見出しのほかに行がありません。"),
        (b"\x81", "文字の形式が読めません。"),
        (b'a,"b\r\n', "CSVとして読めません。"),
    ],
)
def test_a_file_that_is_no_table_is_refused(administrator_client, data, sentence):
    answer = send(administrator_client, "topics", data)
    assert answer.status_code == 422
    assert sentence in errors_beside_fields(answer.text)["file"]
    assert draft().count == 0


def test_a_file_that_is_too_large_or_too_long_is_refused(administrator_client, monkeypatch):
    data = download(administrator_client, "topics")
    monkeypatch.setattr(vocabulary_files, "MOST_ROWS", 10)
    assert "行が多すぎます（10行まで）" in errors_beside_fields(send(administrator_client, "topics", data).text)["file"]
    monkeypatch.setattr(vocabulary_files, "LARGEST_FILE", 10)
    assert "ファイルが大きすぎます" in errors_beside_fields(send(administrator_client, "topics", data).text)["file"]


def test_the_faults_of_a_file_are_listed_by_their_lines_and_nothing_is_taken(administrator_client):
    data = "code,label,words,reason\r\nsea,海,海,理由\r\nsea,山,,理由\r\n=x,森,森,\r\n"
    answer = send(administrator_client, "topics", data.encode())
    text = main_text(answer.text)
    assert answer.status_code == 422
    assert "3行目 表す語：表す語を1つ以上" in text
    assert "3行目 同じ行が2つ以上あります" in text
    assert "4行目 記号：半角の英小文字で始めて" in text
    assert "4行目 理由・出典：理由か出典を入力してください" in text
    assert draft().count == 0


def test_a_file_of_neighbours_has_to_be_whole_and_mutual(administrator_client):
    lines = download(administrator_client, "neighbours").decode("utf-8-sig").splitlines()
    text = main_text(send(administrator_client, "neighbours", "\r\n".join(lines[:-1]).encode()).text)
    assert "1行目 この表には、47の都道府県の行が1つずつ必要です" in text
    alone = lines[1].split(",")
    lines[1] = ",".join([alone[0], "沖縄県", alone[2]])
    text = main_text(send(administrator_client, "neighbours", "\r\n".join(lines).encode()).text)
    assert "2行目 となりの都道府県の行にも、この都道府県を書いてください" in text


def test_a_file_is_not_put_over_a_draft_that_changed_meanwhile(administrator_client, hand):
    data = download(administrator_client, "topics")
    stamp = draft().stamp
    put("topics", LANTERN, hand)
    sent = {"file": (io.BytesIO(data), "t.csv"), "retire_reason": "古い", "seen": stamp}
    answer = administrator_client.post("/vocabulary/topics/upload", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert draft().count == 1


def at_once(app, administrator, sends):
    """The status codes of requests that are sent at the same moment, each from a browser of its own."""
    clients = [sign_in(app.test_client(), administrator) for _send in sends]
    pairs = zip(clients, sends, strict=True)
    codes = codes_at_once(app, [lambda client=client, send=send: send(client) for client, send in pairs])
    db.session.rollback()
    return codes


def test_changes_of_several_rows_at_once_are_all_kept(app, administrator):
    rows = [{**LANTERN, "code": f"lantern-{n}", "label": f"灯籠{n}"} for n in range(4)]
    sends = [lambda client, row=row: client.post("/vocabulary/topics/new", data=row) for row in rows]
    assert at_once(app, administrator, sends) == [303] * 4
    assert {line.key for line in draft().lines("topics") if line.change} == {row["code"] for row in rows}


def test_of_changes_of_one_row_at_once_one_is_kept_and_the_others_see_it(app, administrator):
    first = built_in().tables["line_topics"][0]
    key = f"{first['line']}/{first['topic']}"
    stamp = draft().stamp_of("line_topics", key)
    sends = [
        lambda client, n=n: client.post(
            f"/vocabulary/line_topics/row?key={key}", data={"weight_percent": str(n), "reason": "試し", "seen": stamp}
        )
        for n in (11, 12, 13, 14)
    ]
    assert at_once(app, administrator, sends) == [303, 409, 409, 409]
    assert draft().count == 1


def test_a_draft_becomes_one_edition_however_often_it_is_pressed(app, administrator, hand):
    put("topics", LANTERN, hand)
    sent = {"seen": draft().stamp, "in_force_from_on": clock.today().isoformat(), "reason": "見直し"}
    sends = [lambda client: client.post("/vocabulary/preview", data=sent)] * 3
    assert at_once(app, administrator, sends) == [303, 409, 409]
    assert [one.number for one in vocabularies.list_editions()] == [2, 1]


def test_a_wrong_row_is_no_row_at_all(hand):
    with pytest.raises(FaultyRow) as refusal:
        put("topics", {**LANTERN, "words": ""}, hand)
    assert list(refusal.value.faults) == ["words"]
    assert draft().count == 0
