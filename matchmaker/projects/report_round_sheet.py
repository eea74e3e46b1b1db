"""The spreadsheet of a round: the template that divisions fill in, and the file that comes back."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from matchmaker.attachments import sniffing
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.projects.report_round_cells import words_of
from matchmaker.projects.report_round_rows import AGREED, COLUMNS, ENDS, FORM, KINDS, NEEDED, STARTS, Cells
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm

LARGEST_BYTES = 2 * sniffing.MEBIBYTE
LARGEST_UNPACKED_BYTES = 20 * sniffing.MEBIBYTE
MOST_ROWS = 500
_ROWS_LOOKED_AT = 5_000
_COLUMNS_LOOKED_AT = 100
_HEADER_WITHIN = 10
_PLACE = re.compile(rb"""\br\s*=\s*["']([^"']{0,40})["']""")
_REFERENCE = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")


class SheetRefused(DomainError):
    """The file as a whole cannot be read; the text says why."""


def template(fy: int, division_names: Sequence[str]) -> bytes:
    """Return the sheet to fill in: one row for each project, with drop-downs, and a second sheet that explains it."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet(_("事業の一覧"))
        needed = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True})
        other = book.add_format({"bold": True, "border": 1, "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.freeze_panes(1, 1)
        for place, name in enumerate(COLUMNS):
            page.write_string(0, place, name, needed if name in NEEDED else other)
            page.set_column(place, place, 30 if place < 2 else 16, day if name in (AGREED, STARTS, ENDS) else None)
        _offer(page, FORM, [term.label for term in CollaborationForm])
        for column in KINDS:
            _offer(page, column, [term.label for term in PartnerKind])
        _explain(book, fy, division_names)
    return out.getvalue()


def read_file(name: str, file: IO[bytes]) -> list[tuple[int, Cells]]:
    """Return the filled rows of the first sheet: row number and cells by column name. Errors: SheetRefused.

    ``file``: seekable. Nothing is read by its own word: the size, what it unpacks to and where its cells lie are
    looked at before the cells are read, since one cell in the last corner would fill the memory.
    """
    _require_sound(sniffing.shown_name(name), file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        table = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise SheetRefused(_("ファイルを読み取れません。様式をダウンロードして、入力し直してください。")) from error
    return _rows_of(table)


def _rows_of(table: Sequence[Sequence[object]]) -> list[tuple[int, Cells]]:
    header_at, places = _header(table)
    rows: list[tuple[int, Cells]] = []
    for number, line in enumerate(table[header_at + 1 :], start=header_at + 2):
        cells = {column: line[place] for column, place in places.items() if place < len(line)}
        if any(tidy_line(words_of(cell)) for cell in cells.values()):
            rows.append((number, cells))
    if not rows:
        raise SheetRefused(_("入力された行がありません。見出しの下の行に、1行に1つの事業を入力してください。"))
    if len(rows) > MOST_ROWS:
        raise SheetRefused(
            _("行が多すぎます（%(count)s行）。%(most)s行までに分けてください。", count=len(rows), most=MOST_ROWS)
        )
    return rows


def _header(table: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]]:
    """Find the row of headings by their names, wherever it stands among the first rows, in any order."""
    wanted = {half_width(column): column for column in COLUMNS}
    for number, line in enumerate(table[:_HEADER_WITHIN]):
        names = [half_width(tidy_line(words_of(cell))) for cell in line]
        places = {wanted[name]: place for place, name in reversed(list(enumerate(names))) if name in wanted}
        if COLUMNS[0] in places:
            missing = [column for column in NEEDED if column not in places]
            if missing:
                raise SheetRefused(_("見出し「%(names)s」の列がありません。", names="」「".join(missing)))
            return number, places
    raise SheetRefused(_("見出しの行が見つかりません。様式をダウンロードして、見出しを変えずに使ってください。"))


def _require_sound(name: str, file: IO[bytes]) -> None:
    if sniffing.extension_of(name) != "xlsx":
        raise SheetRefused(_("Excelのファイル（.xlsx）を選んでください。"))
    if file.seek(0, 2) > LARGEST_BYTES:
        raise SheetRefused(_("ファイルが大きすぎます。2MB以下にしてください。"))
    try:
        sniffing.media_type_of(name, file)
    except sniffing.FileRefused as refusal:
        raise SheetRefused(_("%(why)s。", why=refusal.refusal.label)) from refusal
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > LARGEST_UNPACKED_BYTES:
            raise SheetRefused(_("ファイルの中身が大きすぎます。要らない行やシートを消してください。"))
        for member in members:
            content = archive.read(member)
            # Any part can be a sheet; without its zero bytes, text in UTF-16 reads like text in UTF-8.
            if b"sheetData" in content.replace(b"\0", b""):
                _require_near(content)
    file.seek(0)


def _is_plain(content: bytes) -> bool:
    """Say whether a text would show its element names as they are: not in an encoding of two bytes a letter."""
    return content[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" not in content[:4]


def _require_near(content: bytes) -> None:
    """Refuse cells far outside, and texts in which they could not be seen."""
    if not _is_plain(content):
        raise SheetRefused(_("ファイルの文字コードを読めません。もとのソフトで保存しなおしてください。"))
    for place in _PLACE.findall(content):
        reference = _REFERENCE.fullmatch(place)
        is_near = reference is not None and int(reference[2]) <= _ROWS_LOOKED_AT
        if reference is None or not is_near or _column(reference[1]) > _COLUMNS_LOOKED_AT:
            raise SheetRefused(
                _("表の外の遠くのセルに、何かが入っています。要らない行と列を消して、保存しなおしてください。")
            )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _offer(page: xlsxwriter.worksheet.Worksheet, column: str, choices: list[str]) -> None:
    place = COLUMNS.index(column)
    page.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": choices})


def _explain(book: xlsxwriter.Workbook, fy: int, division_names: Iterable[str]) -> None:
    page = book.add_worksheet(_("書き方"))
    page.set_column(0, 0, 90)
    lines = [
        _("%(year)sに行った、県とNPOの連携・協働事業を、1行に1つ入力してください。", year=fiscal_year.label(fy)),
        _("色のついた見出しの列は、必ず入力してください。見出しの文字は変えないでください。"),
        _("日付は「2026-04-01」「令和8年4月1日」「R8.4.1」のどれでも入力できます。"),
        _("期間は、%(year)sに1日でもかかっていれば入力できます。", year=fiscal_year.label(fy)),
        _("事業費は、円の数字だけを入力してください。わからないときは、空のままにしてください。"),
        _("「ほかの担当課」には、いっしょに行う県の課の名前を「、」で区切って入力してください。自分の課は要りません。"),
        _("いまある課："),
        *(f"・{name}" for name in division_names),
    ]
    for row, line in enumerate(lines):
        page.write_string(row, 0, line)
