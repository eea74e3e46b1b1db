import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.indicators import queries
from matchmaker.indicators.models import OfficialFigure
from matchmaker.projects.models import ProjectPartner
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

MEMBERS = "/indicators/npo-prefecture-projects/R8/members"
GOOD = {"year": "平成24年度", "value": "12.1", "data_year_label": "", "source": "成果レポート 120ページ"}


def rows_of(html: str, caption: str) -> list[list[str]]:
    """The body rows of the table with this caption, each as the texts of its cells."""
    table = next(one for one in parse(html).find_all("table") if one.caption and caption in one.caption.get_text())
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.select("tbody tr")
    ]


def test_list_shows_the_four_indicators_with_targets_and_says_where_none_is_printed(client, policy_figures):
    rows = rows_of(client.get("/indicators").get_data(as_text=True), "4つの指標")
    assert rows == [
        [
            "NPO・ボランティア・市民活動に参加している住民の割合 （%）",
            "9.5 平成23年度",
            "12.5",
            "15.0",
            "示されていません",
            "20.0",
        ],
        [
            "NPO法人に対する寄付金総額 （千円）",
            "124,938 22年のデータ 平成23年度",
            "140,000 23年のデータ",
            "160,000 24年のデータ",
            "示されていません",
            "200,000 26年のデータ",
        ],
        ["認定NPO法人数 （法人）", "1 平成23年度", "5", "10", "示されていません", "30"],
        ["NPOと県の連携・協働事業数 （事業）", "58 平成23年度", "65", "70", "示されていません", "75"],
    ]


def test_list_draws_a_chart_for_each_indicator_with_its_table(client, policy_figures):
    page = parse(client.get("/indicators").get_data(as_text=True))
    assert [len(figure.select("svg rect.chart__actual")) for figure in page.select("figure.chart")] == [1, 1, 1, 1]
    assert all(figure.table for figure in page.select("figure.chart"))
    assert "平成26年度の目標は、資料に示されていません。" in page.get_text()


def test_list_without_any_figure_still_is_a_page(client):
    assert client.get("/indicators").status_code == 200


def test_official_and_counted_figures_never_stand_in_one_table(client, policy_figures, add_project):
    add_project()
    page = parse(client.get("/indicators/npo-prefecture-projects").get_data(as_text=True))
    with_official = [table for table in page.find_all("table") if "75" in table.get_text()]
    with_counted = [table for table in page.find_all("table") if table.select("a[href$='/R8/members']")]
    assert with_official
    assert len(with_counted) == 1
    assert not any(table in with_official for table in with_counted)
    year, count, state, as_of, members = rows_of(str(page), "台帳")[0]
    assert (year, count, state, members) == ("令和8年度", "1", "年度の途中", "1事業の一覧 ：令和8年度")
    assert as_of.endswith("の時点（集計 R8-1、途中の集計、数え方 第1版）")


def test_show_prints_the_definition_or_says_that_there_is_none(client, policy_figures):
    assert "「参加している」と答えた人の割合" in client.get("/indicators/participation-rate").get_data(as_text=True)
    page = main_text(client.get("/indicators/certified-npo-corporations").get_data(as_text=True))
    assert "定義は資料に示されていません" in page


def test_show_names_the_source_of_each_year(client, policy_figures):
    html = client.get("/indicators/npo-prefecture-projects").get_data(as_text=True)
    source = "三重県「平成25年度当初予算 施策別取組概要」施策214"
    assert rows_of(html, "公式の数値と出典") == [
        ["平成23年度", "示されていません", "58", source],
        ["平成24年度", "65", "示されていません", source],
        ["平成25年度", "70", "示されていません", source],
        ["平成26年度", "示されていません", "示されていません", "―"],
        ["平成27年度", "75", "示されていません", source],
    ]


def test_unknown_indicator_is_not_found(client):
    assert client.get("/indicators/unknown").status_code == 404


def test_figure_links_to_its_members(client, policy_figures, add_project):
    add_project()
    add_project()
    page = parse(client.get("/indicators/npo-prefecture-projects/R8").get_data(as_text=True))
    link = page.select_one(".big-figure a")
    assert (link["href"], link.strong.get_text()) == (MEMBERS, "2")


def test_members_list_as_many_projects_as_the_figure_says_each_linked_and_with_its_reason(client, add_project):
    added = [add_project(), add_project(starts_on=date(2025, 10, 1), ends_on=date(2026, 9, 30))]
    html = client.get(MEMBERS).get_data(as_text=True)
    assert "台帳で数えた事業は、全部で2事業です。" in html
    assert [link["href"] for link in parse(html).select("tbody th a")] == [f"/projects/{one.number}" for one in added]
    assert [row[3].endswith("が令和8年度にかかるため") for row in rows_of(html, "数えた事業")] == [True, True]


def test_members_of_h23_say_that_the_list_was_never_published(client, policy_figures):
    page = client.get("/indicators/npo-prefecture-projects/H23/members").get_data(as_text=True)
    assert "公式の実績は58事業です" in main_text(page)
    assert "内訳は公表されていません" in main_text(page)
    assert not parse(page).select("table")


def test_figure_of_h23_shows_the_printed_value_and_no_counted_one(client, policy_figures):
    page = main_text(client.get("/indicators/npo-prefecture-projects/H23").get_data(as_text=True))
    assert "実績 58事業" in page
    assert "内訳は公表されていません" in page
    assert "この年度は、台帳でまだ数えていません。" in page


def test_figure_of_h26_has_no_target(client, policy_figures):
    page = main_text(client.get("/indicators/npo-prefecture-projects/H26").get_data(as_text=True))
    assert "この年度の公式の目標と実績は、資料に示されていません。" in page


def test_members_say_which_confirmed_projects_are_left_out_and_why(client, add_project):
    add_project(title="海の写真展", form=CollaborationForm.SPONSORSHIP)
    page = main_text(client.get(MEMBERS).get_data(as_text=True))
    assert "海の写真展 ：協働の形態が「後援」で、数え方の対象に入っていないため" in page


def test_h31_and_r1_are_one_year_with_one_address(client):
    for tail in ("", "/members", "/members.csv"):
        answer = client.get(f"/indicators/npo-prefecture-projects/H31{tail}")
        assert (answer.status_code, answer.location) == (301, f"/indicators/npo-prefecture-projects/R1{tail}")


@pytest.mark.parametrize("code", ["H22", "R30", "S60", "X1", "R0"])
def test_year_without_a_page_is_not_found(client, code):
    assert client.get(f"/indicators/npo-prefecture-projects/{code}").status_code == 404


def test_year_of_a_future_project_has_a_page(client, add_project):
    add_project(ends_on=date(2030, 3, 31))
    assert client.get("/indicators/npo-prefecture-projects/R11/members").status_code == 200


def test_members_turn_pages_and_an_odd_page_is_the_nearest(client, add_project, monkeypatch):
    monkeypatch.setattr(queries.members_of, "__kwdefaults__", {"number": 1, "size": 2})
    for _ in range(3):
        add_project()
    titles = [
        [link.get_text() for link in parse(client.get(f"{MEMBERS}?page={page}").get_data(as_text=True)).select("th a")]
        for page in ("1", "2", "99", "-1", "x")
    ]
    first, second = ["協働事業1", "協働事業2"], ["協働事業3"]
    assert titles == [first, second, second, first, first]


@pytest.mark.parametrize("address", ["/indicators", MEMBERS, "/indicators/npo-prefecture-projects/R8"])
def test_pages_send_as_many_queries_for_one_project_as_for_three(client, policy_figures, add_project, address):
    add_project()
    client.get(address)
    with counted_queries() as one:
        client.get(address)
    add_project(starts_on=date(2024, 4, 1))
    add_project(starts_on=date(2025, 4, 1))
    with counted_queries() as three:
        client.get(address)
    assert len(one) == len(three)


def test_csv_of_members_holds_every_member_and_no_formula(client, add_project, npo):
    partners = [
        ProjectPartner(kind=PartnerKind.NPO, name="＠の会"),
        ProjectPartner(kind=PartnerKind.COMPANY, name="会社"),
    ]
    add_project(title="=SUM(A1)", partners=partners)
    answer = client.get(f"{MEMBERS}.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="members-R8.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][:8] == [
        "令和8年度",
        "R8-P001",
        "'=SUM(A1)",
        "委託",
        "'＠の会、会社",
        "ダイバーシティ社会推進課",
        "2026-04-01",
        "2027-03-31",
    ]
    assert len(rows) == 2


def test_csv_of_figures_holds_only_printed_values(client, policy_figures):
    rows = list(csv.reader(io.StringIO(client.get("/indicators/figures.csv").data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 16
    assert ["NPOと県の連携・協働事業数", "活動指標", "事業", "平成23年度", "2011", "実績値", "58"] in [
        row[:7] for row in rows
    ]
    assert not [row for row in rows if row[3] == "平成26年度"]


def test_budgets_add_up_to_the_totals_of_the_policy(client, policy_budgets):
    html = client.get("/indicators/budgets").get_data(as_text=True)
    sums = {row[0]: row[1:] for row in rows_of(html, "予算額") if row[0].endswith("の計")}
    assert sums == {
        "21401の計": ["61,440", "57,518"],
        "21402の計": ["60,080", "6,468"],
        "21403の計": ["52,984", "17,312"],
    }
    total = [cell.get_text() for cell in parse(html).select("tfoot td")]
    assert total == ["174,504", "81,298"]


def test_budgets_without_any_say_so(client):
    assert "予算は、まだ登録されていません。" in client.get("/indicators/budgets").get_data(as_text=True)


def test_office_enters_an_actual_with_its_source(office_client, policy_figures):
    answer = office_client.post("/indicators/participation-rate/enter", data=GOOD)
    assert (answer.status_code, answer.location) == (303, "/indicators/participation-rate")
    page = office_client.get("/indicators/participation-rate").get_data(as_text=True)
    assert "平成24年度の数値を入力しました。" in page
    assert "平成24年度の実績：12.1%（成果レポート 120ページ、入力 事務局 太郎）" in main_text(page)
    assert ["平成24年度", "12.5", "示されていません"] in [row[:3] for row in rows_of(page, "公式の数値と出典")]


def test_a_figure_that_waits_is_shown_to_nobody_else_and_counts_when_approved(
    app, client, office_client, approver_client, policy_figures
):
    office_client.post("/indicators/participation-rate/enter", data=GOOD)
    [figure] = queries.list_waiting()
    places = ("/indicators/participation-rate", "/indicators/figures.csv", "/api/v1/indicator-figures?page_size=100")
    assert [place for place in places if "12.1" in client.get(place).get_data(as_text=True)] == []
    assert office_client.post(f"/indicators/figures/{figure.id}/approve").status_code == 403
    answer = approver_client.post(f"/indicators/figures/{figure.id}/approve")
    assert (answer.status_code, answer.location) == (303, "/indicators/participation-rate")
    assert [place for place in places if "12.1" in client.get(place).get_data(as_text=True)] == list(places)


def test_an_unlikely_value_is_asked_about_before_it_is_stored(office_client, policy_figures):
    typed = {"year": "H24", "value": "130,000,000", "source": "報告"}
    address = "/indicators/donations-to-npo-corporations/enter"
    answer = office_client.post(address, data=typed)
    html = answer.get_data(as_text=True)
    assert (answer.status_code, queries.list_waiting()) == (422, [])
    assert "入力した値は130,000,000千円で、10倍以上ちがいます。" in main_text(html)
    assert parse(html).find(id="value")["value"] == "130,000,000"
    assert office_client.post(address, data=typed | {"is_sure": "y"}).status_code == 303
    assert [int(row.value) for row in queries.list_waiting()] == [130_000_000]


@pytest.mark.parametrize("value", ["124,938,000", "125", "0"])
def test_a_value_in_another_unit_or_none_is_asked_about_and_kept_in_the_form(office_client, policy_figures, value):
    typed = {"year": "H23", "value": value, "source": "報告"}
    answer = office_client.post("/indicators/donations-to-npo-corporations/enter", data=typed)
    assert (answer.status_code, queries.list_waiting()) == (422, [])
    assert "10倍以上ちがいます。単位は千円で合っていますか。" in main_text(answer.text)
    assert parse(answer.text).find(id="value")["value"] == value


def test_heisei_31_and_reiwa_1_are_one_year_of_a_figure(office_client, policy_figures):
    typed = {"value": "60", "source": "報告"}
    address = "/indicators/npo-prefecture-projects/enter"
    first = office_client.post(address, data=typed | {"year": "平成31年度"})
    second = office_client.post(address, data=typed | {"year": "令和元年度"})
    assert (first.status_code, "すでに登録されています" in main_text(second.text)) == (303, True)
    assert [(row.reporting_fy, int(row.value)) for row in queries.list_waiting()] == [(2019, 60)]


def test_a_target_of_a_later_year_can_be_entered(office_client, policy_figures):
    typed = {"measure": "target", "year": "R9", "value": "80", "source": "新しい計画 5ページ"}
    assert office_client.post("/indicators/npo-prefecture-projects/enter", data=typed).status_code == 303
    [figure] = queries.list_waiting()
    assert (figure.measure, figure.reporting_fy, int(figure.value)) == ("target", 2027, 80)


def test_an_entry_is_given_up_once(office_client, policy_figures):
    office_client.post("/indicators/participation-rate/enter", data=GOOD)
    [figure] = queries.list_waiting()
    codes = [office_client.post(f"/indicators/figures/{figure.id}/drop").status_code for _ in range(2)]
    assert (codes, queries.list_waiting()) == ([303, 404], [])


def test_a_break_of_the_series_stands_beside_the_figures(client, office_client, policy_figures):
    typed = {"year": "H26", "note": "e-モニターの会社が変わった"}
    assert office_client.post("/indicators/participation-rate/break", data=typed).status_code == 303
    words = "※平成26年度から調べ方が変わりました：e-モニターの会社が変わった"
    pages = ("/indicators", "/indicators/participation-rate")
    assert [page for page in pages if words in main_text(client.get(page).get_data(as_text=True))] == list(pages)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"source": ""}, "source", "出典を入力してください"),
        ({"source": "あ" * 301}, "source", "300文字まで"),
        ({"year": ""}, "year", "年度を入力してください"),
        ({"year": "来年"}, "year", "年度がわかりません"),
        ({"year": "令和9年度"}, "year", "まだ始まっていない年度"),
        ({"value": ""}, "value", "数値を数字で入力してください"),
        ({"value": "たくさん"}, "value", "数字だけで入力してください"),
        ({"value": "100.1"}, "value", "0から100.0までの数"),
        ({"value": "-1"}, "value", "0から100.0までの数"),
        ({"value": "NaN"}, "value", "0から100.0までの数"),
        ({"value": "1e400"}, "value", "0から100.0までの数"),
        ({"value": "12.34"}, "value", "小数は1けたまで"),
    ],
)
def test_wrong_entry_is_answered_beside_its_field_and_kept(office_client, policy_figures, change, field, message):
    typed = GOOD | change
    answer = office_client.post("/indicators/participation-rate/enter", data=typed)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert list(errors_beside_fields(html)) == [field]
    assert message in errors_beside_fields(html)[field]
    assert {name: parse(html).find(id=name)["value"] for name in typed if name != field} == {
        name: text for name, text in typed.items() if name != field
    }


def test_full_width_input_and_separators_are_taken_as_typed(office_client, policy_figures):
    typed = {"year": "Ｈ２４", "value": "１２３，４５６千円", "data_year_label": "23年", "source": "報告"}
    assert office_client.post("/indicators/donations-to-npo-corporations/enter", data=typed).status_code == 303
    newest = db.session.scalars(select(OfficialFigure).order_by(OfficialFigure.id.desc())).first()
    assert (newest.reporting_fy, int(newest.value), newest.data_year_label) == (2012, 123456, "23年")


def test_count_of_corporations_takes_no_decimals(office_client, policy_figures):
    answer = office_client.post("/indicators/certified-npo-corporations/enter", data=GOOD)
    assert "小数は0けたまで" in errors_beside_fields(answer.get_data(as_text=True))["value"]


def test_second_press_of_the_button_stores_nothing_more(office_client, policy_figures):
    office_client.post("/indicators/participation-rate/enter", data=GOOD)
    answer = office_client.post("/indicators/participation-rate/enter", data=GOOD)
    assert "すでに登録されています" in answer.get_data(as_text=True)
    assert len(db.session.scalars(select(OfficialFigure)).all()) == 17


@pytest.mark.parametrize("who", ["npo_client", "company_client", "division_client", "approver_client"])
def test_others_may_not_enter_figures(request, who):
    assert request.getfixturevalue(who).get("/indicators/participation-rate/enter").status_code == 403


def test_visitor_is_asked_to_sign_in_before_entering(client):
    assert client.get("/indicators/participation-rate/enter").status_code == 302
