"""The sheet of a round: what people type into it, and files that are no sheets."""

import contextlib
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from matchmaker.foundation import clock
from matchmaker.foundation.fiscal_year import japanese_date, label
from matchmaker.projects import report_round_sheet
from matchmaker.projects.report_round_cells import CellWrong, read_amount, read_day, words_of
from matchmaker.projects.report_round_rows import COLUMNS, RowFault, Sheet, key_of, read_rows
from matchmaker.projects.report_round_sheet import MOST_ROWS, SheetRefused
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm
from tests.support.round_records import FIRST, FY, LAST, row, workbook

TODAY = clock.today()
DAYS = st.dates(date(1989, 1, 8), date(2099, 12, 31))


def read(*rows, known=None) -> Sheet:
    found = report_round_sheet.read_file("一覧.xlsx", io.BytesIO(workbook(*rows)))
    return read_rows(found, fy=FY, today=TODAY, divisions={"森林課": 7}, known=known or {})


def faults(**values) -> list[RowFault]:
    return list(read(row(**values)).faults)


@given(DAYS)
def test_a_day_is_read_back_from_every_way_of_writing_it(day):
    full_width = day.isoformat().translate(str.maketrans("0123456789-", "０１２３４５６７８９／"))
    ways = [day, datetime(day.year, day.month, day.day), japanese_date(day), day.isoformat(), full_width]
    ways.append(f"{day.year}年{day.month}月{day.day}日")

    assert [read_day(way) for way in ways] == [day] * len(ways)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_is_a_day_or_nothing_or_said_to_be_wrong(cell):
    for reads, kinds in ((read_day, date | None), (read_amount, int | None)):
        try:
            value = reads(cell)
        except CellWrong:
            continue
        assert isinstance(value, kinds)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和８年４月１日", date(2026, 4, 1)),
        ("R8.4.1", date(2026, 4, 1)),
        ("Ｒ８／４／１", date(2026, 4, 1)),
        ("r8-4-1", date(2026, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成31年5月1日", date(2019, 5, 1)),
        ("H31.3.31", date(2019, 3, 31)),
        ("　2026-04-01　", date(2026, 4, 1)),
    ],
)
def test_eras_and_codes_are_days(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize("typed", ["令和0年4月1日", "26-4-1", "来年の春", "2026-13-01", "令和8年2月30日", "1", 46113.0])
def test_what_is_no_day_is_said_to_be_none(typed):
    with pytest.raises(CellWrong):
        read_day(typed)


def test_a_filled_in_row_becomes_a_report():
    sheet = read(
        row(
            **{
                "協働の形態": "補助",
                "形態を決めた日": "令和7年4月1日" if FY == 2025 else FIRST,
                "始まる日": FIRST.isoformat(),
                "終わる日": japanese_date(LAST),
                "事業費（円）": "１，２００，０００円",
                "団体2の種類": "企業",
                "団体2の名前": "株式会社みなと",
                "ほかの担当課": "森林課",
            }
        )
    )

    assert sheet.faults == []
    [one] = sheet.rows
    assert (one.row, one.title, one.form, one.budget_yen) == (2, "川の清掃", CollaborationForm.SUBSIDY, 1_200_000)
    assert (one.form_agreed_on, one.starts_on, one.ends_on) == (FIRST, FIRST, LAST)
    assert one.partners == ((PartnerKind.NPO, "川の会"), (PartnerKind.COMPANY, "株式会社みなと"))
    assert one.division_ids == (7,)


@pytest.mark.parametrize(
    ("values", "column", "why"),
    [
        ({"事業の名前": None}, "事業の名前", "入力してください"),
        ({"事業の名前": "長" * 121}, "事業の名前", "120文字までで入力してください（いま121文字）"),
        ({"協働の形態": "なかよく"}, "協働の形態", "のどれかを選んでください"),
        ({"形態を決めた日": "2099-04-01"}, "形態を決めた日", "今日までの日を入力してください"),
        ({"始まる日": LAST, "終わる日": FIRST}, "終わる日", "終わる日が、始まる日より前になっています"),
        ({"始まる日": "2001-04-01", "終わる日": "2002-03-31"}, "始まる日", f"期間が{label(FY)}にかかっていません"),
        ({"始まる日": "春ごろ"}, "始まる日", "日付として読めません"),
        ({"事業費（円）": "120万円"}, "事業費（円）", "円の数字だけで入力してください"),
        ({"事業費（円）": -5}, "事業費（円）", "円の数字だけで入力してください"),
        ({"事業費（円）": 1.5}, "事業費（円）", "小数は使えません"),
        ({"団体1の種類": "企業"}, "団体1の種類", "NPOを1つ以上入力してください"),
        ({"団体2の名前": "名前だけの会"}, "団体2の種類", "両方を入力してください"),
        ({"ほかの担当課": "まぼろし課"}, "ほかの担当課", "「まぼろし課」という課は、いまありません"),
    ],
)
def test_a_wrong_cell_comes_back_with_its_row_and_a_sentence(values, column, why):
    [fault] = faults(**values)

    assert (fault.row, fault.column) == (2, column)
    assert why in fault.why


def test_all_faults_of_a_row_come_back_at_once_and_good_rows_stay_apart():
    sheet = read(
        row(**{"事業の名前": "よい事業"}),
        row(**{"事業の名前": None, "始まる日": "春", "事業費（円）": "十万"}),
    )

    assert [one.title for one in sheet.rows] == ["よい事業"]
    assert [(one.row, one.column) for one in sheet.faults] == [(3, "事業の名前"), (3, "始まる日"), (3, "事業費（円）")]
    assert sheet.faulty_rows == 1


def test_a_row_that_repeats_an_earlier_row_or_a_known_report_is_a_fault():
    known = {key_of("森の教室", FIRST, LAST): "R7-P001"}
    sheet = read(row(), row(), row(**{"事業の名前": "森の　教室".replace("　", "")}), known=known)

    assert [(one.row, one.why) for one in sheet.faults] == [
        (3, "同じ名前と期間の事業が、2行目にあります"),
        (4, "同じ名前と期間の事業が、R7-P001にあります"),
    ]


def test_an_odd_amount_is_asked_about_and_taken_when_the_person_is_sure():
    found = [(2, row(**{"事業費（円）": 120}))]
    asked = read_rows(found, fy=FY, today=TODAY, divisions={}, known={})
    assert (asked.rows, asked.asks, [one.column for one in asked.faults]) == ([], True, ["事業費（円）"])

    sure = read_rows(found, fy=FY, today=TODAY, divisions={}, known={}, is_sure=True)

    assert ([one.budget_yen for one in sure.rows], sure.faults) == ([120], [])


def test_the_template_is_read_back_with_all_its_headings_and_no_row():
    made = report_round_sheet.template(FY, ["森林課"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))

    assert book.get_sheet_by_index(0).to_python()[0] == list(COLUMNS)
    assert any("森林課" in words_of(cell) for line in book.get_sheet_by_index(1).to_python() for cell in line)
    with pytest.raises(SheetRefused, match="入力された行がありません"):
        report_round_sheet.read_file("様式.xlsx", io.BytesIO(made))


def test_headings_are_found_in_any_order_under_a_title_line():
    columns = ("終わる日", *[column for column in COLUMNS if column != "終わる日"])
    content = workbook(row(), columns=columns, title="令和7年度 協働事業")

    [(number, cells)] = report_round_sheet.read_file("一覧.xlsx", io.BytesIO(content))

    assert (number, cells["事業の名前"], cells["終わる日"]) == (3, "川の清掃", LAST)


def test_a_missing_column_or_heading_is_named():
    without = tuple(column for column in COLUMNS if column != "終わる日")
    with pytest.raises(SheetRefused, match="「終わる日」の列がありません"):
        report_round_sheet.read_file("一覧.xlsx", io.BytesIO(workbook(row(), columns=without)))
    with pytest.raises(SheetRefused, match="見出しの行が見つかりません"):
        report_round_sheet.read_file("一覧.xlsx", io.BytesIO(workbook(row(), columns=("なまえ",))))


def test_too_many_rows_are_refused():
    with pytest.raises(SheetRefused, match="行が多すぎます"):
        read(*[row(**{"事業の名前": f"事業{number}"}) for number in range(MOST_ROWS + 1)])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("一覧.csv", b"a,b", "Excelのファイル"),
        ("一覧.xlsx", b"", "空です"),
        ("一覧.xlsx", b"%PDF-1.7", "合っていません"),
        ("一覧.xlsx", b"PK\x03\x04 broken", "こわれている"),
        ("一覧.xlsx", b"x" * (2 * 1024 * 1024 + 1), "大きすぎます"),
    ],
    ids=["another kind", "empty", "a PDF by another name", "broken", "too large"],
)
def test_a_file_that_is_no_sheet_is_refused(name, content, why):
    with pytest.raises(SheetRefused, match=why):
        report_round_sheet.read_file(name, io.BytesIO(content))


def changed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The same workbook with its first sheet edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.infolist():
            data = before.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                assert old in data
                data = data.replace(old, new)
            after.writestr(member.filename, data)
    return out.getvalue()


@pytest.mark.parametrize("place", [b"XFD2", b"A1048576", b"a2", b"&#65;2"])
def test_a_cell_in_the_far_corner_is_refused_before_it_fills_the_memory(place):
    content = changed(workbook(row()), b'r="A2"', b'r="' + place + b'"')
    with pytest.raises(SheetRefused, match="遠くのセル"):
        report_round_sheet.read_file("一覧.xlsx", io.BytesIO(content))


def test_a_sheet_in_another_encoding_cannot_hide_its_cells():
    content = workbook(row())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("xl/worksheets/sheet1.xml")
    with pytest.raises(SheetRefused, match="文字コード"):
        report_round_sheet.read_file("一覧.xlsx", io.BytesIO(changed(content, text, text.decode().encode("utf-16"))))


@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused_but_never_breaks_the_page(at, noise):
    content = bytearray(workbook(row()))
    content[at % len(content) : at % len(content) + len(noise)] = noise

    with contextlib.suppress(SheetRefused):
        assert report_round_sheet.read_file("一覧.xlsx", io.BytesIO(bytes(content)))
