"""The pages of calls, for the office and for everybody."""

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.review import calls
from matchmaker.review.call_models import Call, CallPhase
from tests.support import calling, records
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries


def written(client, **values):
    """The form of a new call, filled in."""
    day = clock.today()
    fields = {
        "title": "令和9年度 NPOからの協働事業提案",
        "aim": "新しい協働の形をさがします。",
        "opens_on": day.replace(year=day.year + 1, month=6, day=1).isoformat(),
        "closes_on": day.replace(year=day.year + 1, month=6, day=30).isoformat(),
        "papers_on": day.replace(year=day.year + 1, month=7, day=20).isoformat(),
    }
    return opened(client, "/calls/new") | fields | values


def stored(session):
    session.expire_all()
    return session.query(Call).order_by(Call.id.desc()).first()


def test_the_office_makes_a_call_looks_at_it_and_publishes_it(office_client, client, session):
    division = records.division("次世代育成課")
    theme = {
        "themes-0-title": "放課後の学びの場",
        "themes-0-division_id": str(division.id),
        "themes-0-issue": "足りない。",
    }

    made = office_client.post("/calls/new", data=written(office_client, **theme))
    call = stored(session)
    address, theme_address = f"/calls/{call.number}", f"/themes/{call.themes[0].number}"
    hidden = [client.get(one).status_code for one in (address, theme_address, f"{address}/history")]
    preview = main_text(office_client.get(address).text)
    office_client.post(f"{address}/publish")
    shown = [client.get(one).status_code for one in (address, theme_address, f"{address}/history")]

    assert made.location == address
    assert (hidden, shown) == ([404, 404, 404], [200, 200, 200])
    assert "これは下見です" in preview
    assert "これは下見です" not in main_text(office_client.get(address).text)
    assert [row.name for row in call.criteria][:2] == ["課題のとらえ方", "協働の新しさ"]
    text = main_text(client.get("/criteria").text)
    assert "令和9年度 NPOからの協働事業提案" in text
    assert "そのあと30分までに届いた提出は、受け付けます" in text


@pytest.mark.parametrize("key", ["chiba", "mobara", "obu", "model", "standing", "nothing"])
def test_each_set_of_published_criteria_begins_a_call(key, office_client):
    values = opened(office_client, f"/calls/new?template={key}")

    assert values["criteria-0-name"][0]


def test_wrong_days_and_rows_are_said_beside_their_fields(office_client, session):
    wrong = {
        "closes_on": "2026-01-01",
        "themes-2-issue": "名前のないテーマ",
        "criteria-0-least_score": "5",
        "criteria-0-most_score": "5",
        "criteria-1-weight": "11",
        "title": "",
    }

    answer = office_client.post("/calls/new", data=written(office_client, **wrong))

    assert answer.status_code == 422
    assert set(errors_beside_fields(answer.text)) == {
        "title",
        "themes-2-title",
        "criteria-0-most_score",
        "criteria-1-weight",
    }
    ordered = office_client.post("/calls/new", data=written(office_client, closes_on="2026-01-01"))
    assert set(errors_beside_fields(ordered.text)) == {"closes_on"}
    assert stored(session) is None


@pytest.mark.parametrize("name", ["grace_minutes", "fiscal_year", "themes-0-division_id", "accepts_free_theme"])
def test_a_choice_that_is_not_offered_is_refused_and_breaks_nothing(name, office_client, session):
    sent = written(office_client, **{name: "'; --", "themes-0-title": "テーマ"})

    assert office_client.post("/calls/new", data=sent).status_code == 422
    assert stored(session) is None


def test_a_call_that_is_not_ready_says_what_it_lacks(office_client, office, session):
    call = calling.call(office, CallPhase.DRAFT, eligibility="")

    answer = office_client.post(f"/calls/{call.number}/publish")

    assert "応募できる団体と事業を入力してください" in main_text(office_client.get(answer.location).text)


def test_a_published_call_is_changed_with_a_reason_that_everybody_can_read(office_client, client, office, session):
    call = calling.call(office, CallPhase.COMING)
    address = f"/calls/{call.number}/edit"
    sent = opened(office_client, address) | {"aim": "目的を書き直しました。"}

    without = office_client.post(address, data=sent)
    done = office_client.post(address, data=sent | {"change_reason": "説明会の質問を受けて。"})

    assert without.status_code == 422
    assert "変える理由を入力してください" in main_text(without.text)
    assert "目的を書き直しました。" in without.text
    assert done.location == f"/calls/{call.number}"
    page = client.get(f"/calls/{call.number}/history").text
    text = main_text(page)
    assert "変えた理由：説明会の質問を受けて。" in text
    assert "NPO担当課" in text
    assert office.name not in text
    assert [tag.get_text() for tag in parse(page).select("ins")] != []


def test_an_open_call_keeps_its_criteria_and_the_form_what_was_typed(office_client, office, session):
    call = calling.call(office, CallPhase.OPEN)
    address = f"/calls/{call.number}/edit"
    sent = opened(office_client, address) | {"criteria-0-name": "別の基準", "change_reason": "理由"}

    answer = office_client.post(address, data=sent)

    assert answer.status_code == 422
    assert "募集を始めたあとは、次のことは変えられません：審査基準。" in main_text(answer.text)
    assert 'value="別の基準"' in answer.text
    assert stored(session).criteria[0].name == "課題のとらえ方"


def test_two_people_who_change_a_call_find_both_texts(office_client, office, session):
    call = calling.call(office, CallPhase.DRAFT)
    address = f"/calls/{call.number}/edit"
    mine = opened(office_client, address) | {"title": "わたしの名前"}
    office_client.post(address, data=opened(office_client, address) | {"title": "先の名前"})

    conflict = office_client.post(address, data=mine)
    text = main_text(conflict.text)
    form = parse(conflict.text).select_one(".post-button")
    resent = [(field["name"], field["value"]) for field in form.select("input[name]")]
    saved = office_client.post(address, data=_multi(resent))

    assert conflict.status_code == 409
    assert "わたしの名前" in text
    assert "先の名前" in text
    assert saved.status_code == 303
    assert stored(session).title == "わたしの名前"


def _multi(pairs):
    values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def test_a_call_is_cancelled_with_its_reason_on_the_page(office_client, client, office, session):
    call = calling.call(office, CallPhase.OPEN)
    address = f"/calls/{call.number}"

    assert office_client.post(f"{address}/cancel", data={"reason": ""}).status_code == 422
    office_client.post(f"{address}/cancel", data={"reason": "予算が成立しなかったため。"})

    assert "予算が成立しなかったため。" in main_text(client.get(address).text)
    assert "終わった募集" in main_text(client.get("/criteria").text)


def test_last_years_call_is_copied_and_opened_for_writing(office_client, office, session):
    call = calling.theme_call(office, CallPhase.CLOSED)

    answer = office_client.post(f"/calls/{call.number}/copy")

    made = stored(session)
    assert answer.location == f"/calls/{made.number}/edit"
    assert (made.copied_from_id, made.title) == (call.id, call.title)
    assert office_client.get(answer.location).status_code == 200


def test_the_criteria_page_has_the_standing_ones_when_there_is_no_call(client):
    text = main_text(client.get("/criteria").text)

    assert "いま募集しているもの、これから始まると決まったものはありません" in text
    assert "協働の新しさ いまある協働の延長ではない、新しい協働の形か" in text
    assert "この仕組みの上で終わった募集は、まだありません" in text


def test_the_list_of_calls_counts_drafts_and_submissions_at_a_fixed_number_of_queries(
    office_client, office, npo, session
):
    first = calling.call(office, CallPhase.OPEN)
    records.proposal(npo, call_id=first.id)
    with counted_queries() as one:
        text = main_text(office_client.get("/calls").text)
    for _ in range(2):
        calling.call(office, CallPhase.COMING)
    with counted_queries() as three:
        office_client.get("/calls")

    assert "下書き1件、提出0件" in text
    assert len(one) == len(three)


def test_the_criteria_page_costs_the_same_for_one_and_three_calls(client, office, session):
    calling.call(office, CallPhase.COMING)
    with counted_queries() as one:
        client.get("/criteria")
    for _ in range(2):
        calling.call(office, CallPhase.OPEN)
    with counted_queries() as three:
        client.get("/criteria")

    assert len(one) == len(three)


def test_an_empty_list_of_calls_says_how_to_begin(office_client):
    assert "募集はまだありません" in main_text(office_client.get("/calls").text)


@pytest.mark.parametrize("kind", ["npo_client", "approver_client", "division_client", "administrator_client"])
def test_only_the_office_edits_calls(kind, office, request, session):
    call = calling.call(office, CallPhase.COMING)
    client = request.getfixturevalue(kind)

    codes = [client.get(path).status_code for path in ("/calls", "/calls/new", f"/calls/{call.number}/edit")]
    codes += [client.post(f"/calls/{call.number}/{verb}").status_code for verb in ("publish", "cancel", "copy")]

    assert codes == [403] * 6


def test_a_theme_says_who_asks_and_leads_to_its_call(client, office):
    call = calling.theme_call(office, CallPhase.OPEN)

    page = client.get(f"/themes/{call.themes[0].number}").text

    assert "環境生活部 次世代育成課" in main_text(page)
    assert parse(page).select_one(f'main a[href="/calls/{call.number}"]') is not None


def test_a_change_is_kept_when_the_call_is_published_by_somebody_meanwhile(office, session):
    call = calling.call(office, CallPhase.DRAFT)
    seen = call.version
    with transaction():
        calls.publish(call, actor=office, at=clock.now())

    with pytest.raises(calls.EditConflict), transaction():
        calls.change(call, calling.facts(), version=seen, reason="x", actor=office, at=clock.now())
