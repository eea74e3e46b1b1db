"""What people type into the cells of a sheet, read as days, amounts and words. Pure."""

import re
from datetime import date, datetime
from typing import TypeVar

from matchmaker.foundation.text import half_width, tidy, tidy_line
from matchmaker.matching.terms import Term

LARGEST_AMOUNT = 999_999_999_999

_ERAS = {"令和": 2018, "平成": 1988, "R": 2018, "H": 1988}
_DAY = re.compile(r"(令和|平成|[RH])?\.?\s*(元|[0-9]{1,4})\s*[年./-]\s*([0-9]{1,2})\s*[月./-]\s*([0-9]{1,2})\s*日?")

AnyTerm = TypeVar("AnyTerm", bound=Term)


class CellWrong(ValueError):
    """The cell cannot be read; the text, in Japanese, says what is expected."""


def read_day(cell: object) -> date | None:
    """Return the day of a cell: a date of the spreadsheet, or a text in any of the usual ways; None when it is empty.

    An era is taken by its count of years, so that 平成31年5月1日 and 令和元年5月1日 are one day. Errors: CellWrong.

    >>> [read_day(text).isoformat() for text in ("令和8年4月1日", "Ｒ８．４．１", "H31/4/30", "２０２６-０４-０１")]
    ['2026-04-01', '2026-04-01', '2019-04-30', '2026-04-01']
    >>> read_day("令和元年5月1日") == read_day("平成31年5月1日") == date(2019, 5, 1)
    True
    >>> read_day("令和8年2月30日")
    Traceback (most recent call last):
    ...
    matchmaker.projects.report_round_cells.CellWrong: 暦にない日です
    """
    if isinstance(cell, datetime):
        return _sane(cell.date())
    if isinstance(cell, date):
        return _sane(cell)
    typed = half_width(tidy_line(words_of(cell)))
    if not typed:
        return None
    match = _DAY.fullmatch(typed.upper())
    if match is None or (match[1] is None and len(match[2]) != 4):
        raise CellWrong("日付として読めません。「令和8年4月1日」か「2026-04-01」のように入力してください")
    year = 1 if match[2] == "元" else int(match[2])
    if year == 0:
        raise CellWrong("暦にない日です")
    try:
        return _sane(date(_ERAS.get(match[1] or "", 0) + year, int(match[3]), int(match[4])))
    except ValueError as error:
        if isinstance(error, CellWrong):
            raise
        raise CellWrong("暦にない日です") from error


def read_amount(cell: object) -> int | None:
    """Return whole yen, None when the cell is empty. Errors: CellWrong for units, fractions and negative values.

    >>> read_amount("１，２００，０００円"), read_amount(500000.0), read_amount("")
    (1200000, 500000, None)
    >>> read_amount("120万円")
    Traceback (most recent call last):
    ...
    matchmaker.projects.report_round_cells.CellWrong: 円の数字だけで入力してください（「120万円」ではなく「1200000」）
    """
    if isinstance(cell, bool) or (isinstance(cell, float) and not cell.is_integer()):
        raise CellWrong("円の数字だけで入力してください（小数は使えません）")
    typed = str(int(cell)) if isinstance(cell, int | float) else half_width(tidy_line(words_of(cell)))
    typed = re.sub(r"[,、]", "", typed).removeprefix("¥").removeprefix("\\").removesuffix("円").strip()
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit():
        raise CellWrong("円の数字だけで入力してください（「120万円」ではなく「1200000」）")
    if len(typed) > 15 or int(typed) > LARGEST_AMOUNT:
        raise CellWrong("数が大きすぎます")
    return int(typed)


def read_line(cell: object, most: int) -> str:
    """Return a text of one line. Errors: CellWrong when it is longer than ``most`` characters.

    >>> read_line(" 学びの\\n場 ", 20)
    '学びの 場'
    """
    return _fitting(tidy_line(words_of(cell)), most)


def read_text(cell: object, most: int) -> str:
    """Return a text of several lines. Errors: CellWrong when it is longer than ``most`` characters."""
    return _fitting(tidy(words_of(cell)), most)


def read_term(cell: object, terms: type[AnyTerm]) -> AnyTerm | None:
    """Return the term whose label the cell holds, None when it is empty. Errors: CellWrong, with the choices."""
    typed = half_width(tidy_line(words_of(cell)))
    if not typed:
        return None
    for term in terms:
        if half_width(term.label) == typed:
            return term
    raise CellWrong(f"{'、'.join(term.label for term in terms)}のどれかを選んでください")


def words_of(cell: object) -> str:
    """Return what a cell says, a whole number without its decimal point.

    >>> words_of(2026.0), words_of(None), words_of(" a ")
    ('2026', '', ' a ')
    """
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _fitting(text: str, most: int) -> str:
    if len(text) > most:
        raise CellWrong(f"{most}文字までで入力してください（いま{len(text)}文字）")
    return text


def _sane(day: date) -> date:
    if not 1989 <= day.year <= 2150:
        raise CellWrong("日付の年を確認してください")
    return day
