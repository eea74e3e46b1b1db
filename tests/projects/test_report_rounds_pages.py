"""The pages of a report round, as the office and a division use them."""

import io
import re

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects import report_rounds
from matchmaker.projects.status import ProjectStatus
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import main_text, parse
from tests.support.projects import staff_of
from tests.support.queries import counted_queries
from tests.support.round_records import (
    CODE,
    FIRST,
    FY,
    LAST,
    answer_for,
    confirmed,
    opened_round,
    reported,
    row,
    workbook,
)

ROUND = f"/projects/rounds/{CODE}"


@pytest.fixture
def report_round(division_staff, office):
    return opened_round(office)


def text_of(answer, code=200):
    assert answer.status_code == code, answer.get_data(as_text=True)[-2000:]
    return main_text(answer.get_data(as_text=True))


def upload(client, content, name="一覧.xlsx", **values):
    return client.post(f"{ROUND}/upload", data={"file": (io.BytesIO(content), name), **values})


def test_the_office_opens_a_round_from_the_reports_and_each_division_finds_it(
    office_client, division_client, division_staff
):
    assert 'href="/projects/rounds"' in office_client.get("/projects/reports").get_data(as_text=True)
    values = opened(office_client, "/projects/rounds/new")
    due_on = "2099-03-31"

    answer = office_client.post(
        "/projects/rounds/new", data=values | {"fy": CODE, "due_on": due_on, "note": "窓口は内線1234です。"}
    )

    assert (answer.status_code, answer.location) == (303, ROUND)
    said = text_of(division_client.get(ROUND))
    assert "提出の期限は令和81年3月31日です" in said
    assert "窓口は内線1234です。" in said
    assert "未提出" in text_of(division_client.get("/projects/rounds"))
    assert "年度の協働事業の一覧の提出" in text_of(division_client.get("/work"))
    assert "年度の取りまとめの締め切り" in text_of(office_client.get("/work"))


def test_a_round_without_its_due_date_or_for_a_past_day_is_not_opened(office_client, division_staff):
    for due_on in ("", "2001-01-01", "あした"):
        answer = office_client.post("/projects/rounds/new", data={"fy": CODE, "due_on": due_on})
        assert answer.status_code == 422
    assert queries.find_round(FY) is None


def test_pages_without_any_round_say_what_comes(office_client, division_client):
    assert "取りまとめは、まだありません" in text_of(division_client.get("/projects/rounds"))
    assert office_client.get(ROUND).status_code == 404


def test_a_division_carries_over_reports_and_hands_in(division_client, division_staff, office):
    before = confirmed(division_staff, office, "海辺の教室", fy=FY - 1)
    gone = confirmed(division_staff, office, "終わる事業", fy=FY - 1)
    opened_round(office)
    values = opened(division_client, f"{ROUND}/carry/{before.number}")
    assert (values["starts_on"], values["ends_on"]) == ([FIRST.isoformat()], [LAST.isoformat()])

    assert division_client.post(f"{ROUND}/carry/{before.number}", data=values).status_code == 303
    assert division_client.post(f"{ROUND}/ended/{gone.number}").status_code == 303
    said = text_of(division_client.get(ROUND))
    assert "すべて答えました。" in said
    assert f"{gone.number} 終わった" in said

    handing = opened(division_client, ROUND) | {"version": [str(answer_for(division_staff).version)]}
    answer = division_client.post(f"{ROUND}/hand-in", data={"version": handing["version"]})
    assert answer.status_code == 303
    said = text_of(division_client.get(ROUND))
    assert "担当課 三郎が提出しました" in said
    assert "一覧を提出する" not in said


def test_a_carried_over_period_out_of_order_stays_in_the_form(division_client, division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    values = opened(division_client, f"{ROUND}/carry/{before.number}")

    answer = division_client.post(
        f"{ROUND}/carry/{before.number}", data=values | {"starts_on": LAST.isoformat(), "ends_on": FIRST.isoformat()}
    )

    assert "終わる日は、始まる日と同じか、あとの日を入力してください" in text_of(answer, 422)


def test_a_project_that_changed_is_reported_in_a_form_filled_in_beforehand(division_client, division_staff, office):
    before = confirmed(division_staff, office, "海辺の教室", fy=FY - 1)
    opened_round(office)
    values = opened(division_client, f"{ROUND}/report?from={before.number}")
    assert (values["title"], values["partners-0-name"]) == (["海辺の教室"], ["里山の会"])

    sent = values | {
        "title": "海と山の教室",
        "starts_on": FIRST.isoformat(),
        "ends_on": LAST.isoformat(),
        "form_agreed_on": FIRST.isoformat(),
    }
    answer = division_client.post(f"{ROUND}/report?from={before.number}", data=sent)

    assert answer.status_code == 303
    [made] = queries.list_of(answer_for(division_staff)).projects
    assert (made.title, made.continues_id) == ("海と山の教室", before.id)


def test_a_report_outside_the_year_is_refused_beside_what_was_typed(division_client, division_staff, report_round):
    values = opened(division_client, f"{ROUND}/report") | {
        "title": "来年の事業",
        "partners-0-kind": "npo",
        "partners-0-name": "山の会",
        "form_of_collaboration": "subsidy",
        "starts_on": "2090-04-01",
        "ends_on": "2090-05-01",
        "form_agreed_on": FIRST.isoformat(),
    }

    said = division_client.post(f"{ROUND}/report", data=values)

    assert "かかっていません" in text_of(said, 422)
    assert 'value="来年の事業"' in said.get_data(as_text=True)


def test_a_sheet_without_a_fault_becomes_reports(division_client, division_staff, report_round):
    answer = upload(division_client, workbook(row(), row(**{"事業の名前": "森の教室", "始まる日": "令和7年4月1日"})))

    assert (answer.status_code, answer.location) == (303, ROUND)
    made = queries.list_of(answer_for(division_staff)).projects
    assert [(one.title, one.status) for one in made] == [
        ("川の清掃", ProjectStatus.REPORTED),
        ("森の教室", ProjectStatus.REPORTED),
    ]
    assert {one.reported_by_id for one in made} == {division_staff.id}


def test_a_sheet_with_a_fault_stores_nothing_until_the_good_rows_are_chosen(
    division_client, division_staff, report_round
):
    content = workbook(row(), row(**{"事業の名前": "森の教室", "始まる日": "春", "事業費（円）": "12万"}))

    said = text_of(upload(division_client, content), 422)

    assert "1行にまちがいがあります。まだ何も登録していません" in said
    assert "3行目 始まる日 日付として読めません。" in said
    assert "3行目 事業費（円） 円の数字だけで" in said
    assert queries.list_of(answer_for(division_staff)).projects == []

    assert upload(division_client, content, takes_good="y").status_code == 303
    assert [one.title for one in queries.list_of(answer_for(division_staff)).projects] == ["川の清掃"]


def test_a_sheet_of_only_wrong_rows_stores_nothing_even_when_good_rows_are_chosen(
    division_client, division_staff, report_round
):
    assert upload(division_client, workbook(row(**{"始まる日": "春"})), takes_good="y").status_code == 422
    assert queries.list_of(answer_for(division_staff)).projects == []


def test_an_odd_amount_is_asked_about_in_the_sheet_and_in_the_form(division_client, division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    address = f"{ROUND}/carry/{before.number}"
    values = opened(division_client, address) | {"budget_yen": "120"}
    content = workbook(row(**{"事業費（円）": 120}))

    assert 'name="is_sure"' in division_client.post(address, data=values).get_data(as_text=True)
    assert 'name="is_sure"' in upload(division_client, content).get_data(as_text=True)
    assert queries.list_of(answer_for(division_staff)).projects == []

    assert division_client.post(address, data=values | {"is_sure": "y"}).status_code == 303
    assert upload(division_client, content, is_sure="y").status_code == 303
    assert [one.budget_yen for one in queries.list_of(answer_for(division_staff)).projects] == [120, 120]


def test_the_same_sheet_sent_twice_is_reported_once(division_client, division_staff, report_round):
    content = workbook(row())
    assert upload(division_client, content).status_code == 303

    said = text_of(upload(division_client, content), 422)

    assert "同じ名前と期間の事業が、" in said
    assert len(queries.list_of(answer_for(division_staff)).projects) == 1


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "", "ファイルを選んでください"),
        (b"a,b", "一覧.csv", "Excelのファイル"),
        (b"PK\x03\x04", "一覧.xlsx", "こわれて"),
    ],
    ids=["none", "another kind", "broken"],
)
def test_a_file_that_cannot_be_read_is_said_so_beside_the_field(division_client, report_round, content, name, why):
    assert why in text_of(upload(division_client, content, name), 422)


def test_the_template_is_a_workbook(division_client, report_round):
    answer = division_client.get(f"{ROUND}/template.xlsx")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="collaborations-{CODE}.xlsx"'
    assert answer.data.startswith(b"PK")


def test_nothing_to_report_is_answered_with_one_tick(division_client, office_client, division_staff, report_round):
    version = answer_for(division_staff).version
    assert division_client.post(f"{ROUND}/hand-in", data={"version": version}).status_code == 303
    assert "1件もないときは「該当なし」" in division_client.get(ROUND).get_data(as_text=True)

    division_client.post(f"{ROUND}/hand-in", data={"version": version, "has_none": "y"})

    assert "（該当なし）" in text_of(division_client.get(ROUND))
    assert "担当課 三郎 該当なし" in text_of(office_client.get(ROUND))


def test_the_office_sees_who_has_not_answered_and_reads_each_list(office_client, division_staff, office):
    staff_of(records.division("森林課"), "森林 五郎")
    opened_round(office)
    reported(division_staff)

    page = office_client.get(ROUND)

    said = text_of(page)
    assert "2課のうち0課が提出しました" in said
    assert "確認を待っている報告が1件あります。" in said
    link = parse(page.get_data(as_text=True)).find("a", string=re.compile("担当課 三郎の課"))
    listed = office_client.get(link["href"])
    assert "里山の手入れ" in text_of(listed)
    assert "課が確認するまでは「課の確認なし」と示します。" in text_of(listed)  # the office may enter it by proxy


def test_a_division_that_was_not_asked_is_told_so_and_cannot_answer(app, division_staff, office, report_round):
    late = sign_in(app.test_client(), staff_of(records.division("新しい課"), "新しい 担当"))

    assert "あなたの課には頼んでいません" in text_of(late.get(ROUND))
    assert late.get(f"{ROUND}/report").status_code == 403


def test_reports_are_looked_at_once_more_before_they_are_confirmed_together(
    office_client, division_staff, report_round
):
    first, second = reported(division_staff, "川の清掃"), reported(division_staff, "森の教室")
    keys = [f"{one.number}.{one.version}" for one in (first, second)]

    check = office_client.post(f"{ROUND}/confirm", data={"chosen": keys})
    assert "2件です。" in text_of(check)
    assert first.confirmed_at is None

    assert office_client.post(f"{ROUND}/confirm", data={"chosen": keys, "is_looked_at": "1"}).status_code == 303
    statuses = [one.status for one in queries.list_of(answer_for(division_staff)).projects]
    assert statuses == [ProjectStatus.COMPLETED, ProjectStatus.COMPLETED]


def test_a_report_that_changed_since_it_was_seen_is_not_confirmed_with_others(
    office_client, division_staff, report_round
):
    project = reported(division_staff)

    answer = office_client.post(f"{ROUND}/confirm", data={"chosen": [f"{project.number}.99"], "is_looked_at": "1"})

    assert "選べない項目" in text_of(answer, 422)


def test_two_reports_are_compared_and_made_one(office_client, app, division_staff, office):
    other = staff_of(records.division("森林課"), "森林 五郎")
    opened_round(office)
    first, second = reported(division_staff), reported(other)
    address = f"{ROUND}/pairs/{first.number}/{second.number}"
    assert address in office_client.get(f"{ROUND}/pairs").get_data(as_text=True)
    values = opened(office_client, address)
    assert office_client.post(address, data=values | {"verdict": "same"}).status_code == 422

    answer = office_client.post(address, data=values | {"verdict": "same", "reason": "連名の協定のため。"})

    assert (answer.status_code, answer.location) == (303, f"{ROUND}/pairs")
    assert "里山の手入れ" in text_of(office_client.get(ROUND + f"/divisions/{other.division.id}"))
    assert office_client.get(address).status_code == 404
    listed = sign_in(app.test_client(), other).get(ROUND)
    assert "ほかの事業に統合" in text_of(listed)


def test_a_division_sees_that_its_report_looks_like_one_of_another(division_client, division_staff, office):
    other = staff_of(records.division("森林課"), "森林 五郎")
    opened_round(office)
    first, second = reported(division_staff), reported(other)

    said = text_of(division_client.get(ROUND))

    assert f"{first.number}（担当課 三郎の課）と{second.number}（森林課）は似ています：名前が同じ、団体が同じ" in said


def test_closing_shows_what_is_open_asks_why_and_freezes_the_year(office_client, division_staff, report_round):
    waiting = reported(division_staff)
    page = office_client.get(f"{ROUND}/close")
    said = text_of(page)
    assert "提出していない課（1）" in said
    assert waiting.number in said
    values = opened(office_client, f"{ROUND}/close")
    assert "このまま締め切る理由を入力してください" in text_of(office_client.post(f"{ROUND}/close", data=values), 409)

    answer = office_client.post(f"{ROUND}/close", data=values | {"reason": "返事がないため。"})

    assert (answer.status_code, answer.location) == (303, ROUND)
    assert ledger.is_closed(FY)
    assert "事務局 太郎が締め切りました" in text_of(office_client.get(ROUND))
    assert "締め切られました" in text_of(office_client.get(f"{ROUND}/close"))


def test_the_figure_page_does_not_close_a_year_whose_round_is_open(office_client, report_round):
    figure = f"/indicators/npo-prefecture-projects/{CODE}"
    page = office_client.get(figure).text
    assert f'href="{ROUND}"' in page
    assert f'action="{figure}/close"' not in page

    answer = office_client.post(f"{figure}/close", follow_redirects=True)

    assert "取りまとめがまだ開いています" in answer.get_data(as_text=True)
    assert not ledger.is_closed(FY)


def test_two_people_who_change_the_due_date_see_both_texts(office_client, report_round, office):
    values = opened(office_client, f"{ROUND}/change")
    with transaction():
        report_rounds.change(
            report_round,
            version=report_round.version,
            due_on=report_round.due_on,
            note="ほかの人のお知らせ",
            actor=office,
            at=clock.now(),
        )

    answer = office_client.post(f"{ROUND}/change", data=values | {"note": "わたしのお知らせ"})

    said = text_of(answer, 409)
    assert "わたしのお知らせ" in said
    assert "ほかの人のお知らせ" in said


def test_lists_send_a_fixed_number_of_statements(division_client, office_client, division_staff, office):
    opened_round(office)
    addresses = [
        (division_client, ROUND),
        (office_client, ROUND),
        (office_client, f"{ROUND}/pairs"),
        (office_client, f"{ROUND}/confirm"),
        (office_client, f"{ROUND}/close"),
        (office_client, "/projects/rounds"),
    ]

    def counts():
        found = []
        for client, address in addresses:
            with counted_queries() as statements:
                assert client.get(address).status_code == 200
            found.append(len(statements))
        return found

    def fill(number):
        confirmed(division_staff, office, f"去年の事業{number}", fy=FY - 1)
        reported(division_staff, f"今年の事業{number}")

    fill(0)
    fill(1)
    counts()
    few = counts()
    for number in range(2, 6):
        fill(number)

    assert counts() == few
