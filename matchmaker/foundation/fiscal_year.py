"""Fiscal years (1 April to 31 March) and Japanese eras.

A fiscal year is an ``int``: the calendar year of its 1 April. Its short code (``R8``, ``H23``) is used in addresses and
numbers. Fiscal year 2019 is 令和元年度 as a whole, also known as 平成31年度.

Source: 会計年度 地方自治法 第208条; 元号を改める政令 (平成31年政令第143号); practice of the prefectures for 2019
(令和元年度 for the whole year).
"""

import re
import unicodedata
from calendar import month_name
from datetime import date

_REIWA_STARTS_ON = date(2019, 5, 1)
_HEISEI_STARTS_ON = date(1989, 1, 8)
_SHOWA_STARTS_ON = date(1926, 12, 25)

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}


class NotAFiscalYear(ValueError):
    """The text does not name a fiscal year."""


def fiscal_year_of(day: date) -> int:
    """Return the fiscal year that a day falls in.

    >>> fiscal_year_of(date(2026, 3, 31)), fiscal_year_of(date(2026, 4, 1))
    (2025, 2026)
    """
    return day.year if day.month >= 4 else day.year - 1


def first_day(fy: int) -> date:
    """Return 1 April of the fiscal year.

    >>> first_day(2026)
    datetime.date(2026, 4, 1)
    """
    return date(fy, 4, 1)


def last_day(fy: int) -> date:
    """Return 31 March that ends the fiscal year.

    >>> last_day(2026)
    datetime.date(2027, 3, 31)
    """
    return date(fy + 1, 3, 31)


def fiscal_years_met(starts_on: date, ends_on: date) -> range:
    """Return every fiscal year that a period meets. Errors: ValueError when it ends before it starts.

    >>> list(fiscal_years_met(date(2026, 3, 31), date(2026, 4, 1)))
    [2025, 2026]
    """
    if ends_on < starts_on:
        raise ValueError("a period cannot end before it starts")
    return range(fiscal_year_of(starts_on), fiscal_year_of(ends_on) + 1)


def code(fy: int) -> str:
    """Return the short code used in addresses and numbers.

    >>> [code(fy) for fy in (2011, 2018, 2019, 2026)]
    ['H23', 'H30', 'R1', 'R8']
    """
    if fy >= 2019:
        return f"R{fy - 2018}"
    if fy >= 1989:
        return f"H{fy - 1988}"
    return f"S{fy - 1925}"


def label(fy: int) -> str:
    """Return the full Japanese name.

    >>> label(2019), label(2026), label(2011)
    ('令和元年度', '令和8年度', '平成23年度')
    """
    if fy >= 2019:
        era, year = "令和", fy - 2018
    elif fy >= 1989:
        era, year = "平成", fy - 1988
    else:
        era, year = "昭和", fy - 1925
    return f"{era}{'元' if year == 1 else year}年度"


def western_label(fy: int) -> str:
    """Return the name for readers who do not know the eras.

    >>> western_label(2026)
    'FY2026'
    """
    return f"FY{fy}"


def parse(text: str) -> int:
    """Return the fiscal year that a person wrote, in any of the usual ways.

    Errors: NotAFiscalYear.

    >>> [parse(text) for text in ("R8", "令和8年度", "Ｒ８", "令和元年度", "H31", "2019", "平成23")]
    [2026, 2026, 2026, 2019, 2019, 2019, 2011]
    >>> parse("来年度")
    Traceback (most recent call last):
    ...
    matchmaker.foundation.fiscal_year.NotAFiscalYear: 来年度
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = re.fullmatch(r"(令和|平成|昭和|[RHSrhs])?\s*(元|[0-9]{1,4})\s*(年度|年)?", plain)
    if match is None:
        raise NotAFiscalYear(text)
    era, year = match[1], 1 if match[2] == "元" else int(match[2])
    fy = _ERAS[era.upper()] + year if era else year
    if (era is None and len(match[2]) != 4) or year == 0 or not 1950 <= fy <= 2150:
        raise NotAFiscalYear(text)
    return fy


def japanese_date(day: date) -> str:
    """Return a day with its era.

    >>> japanese_date(date(2019, 4, 30)), japanese_date(date(2019, 5, 1)), japanese_date(date(2026, 11, 24))
    ('平成31年4月30日', '令和元年5月1日', '令和8年11月24日')
    """
    if day >= _REIWA_STARTS_ON:
        era, year = "令和", day.year - 2018
    elif day >= _HEISEI_STARTS_ON:
        era, year = "平成", day.year - 1988
    elif day >= _SHOWA_STARTS_ON:
        era, year = "昭和", day.year - 1925
    else:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def western_date(day: date) -> str:
    """Return a day as English texts write it.

    >>> western_date(date(2026, 11, 4))
    '4 November 2026'
    """
    return f"{day.day} {month_name[day.month]} {day.year}"
