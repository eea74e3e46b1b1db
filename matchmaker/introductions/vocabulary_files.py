"""A whole table of the vocabulary as a file: written with names instead of codes, read with either."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.introductions.vocabulary_draft import Draft, Hand, State, begin, draft, settle, write
from matchmaker.introductions.vocabulary_rules import (
    FIXED_ROWS,
    Names,
    cell,
    column_label,
    dependants_of,
    faults_of,
    key_of,
    tidied_row,
    vocabulary_label,
)
from matchmaker.matching.terms import Prefecture
from matchmaker.matching.vocabulary import COLUMNS, VOCABULARIES, Row

LARGEST_FILE = 1_000_000
MOST_ROWS = 5_000
FAULTS_SHOWN = 20
_QUOTED = ("'=", "'+", "'-", "'@")
"""How a file that we wrote keeps a spreadsheet from running a text as a formula."""


@dataclass(frozen=True, slots=True)
class FaultyLine:
    """One line of a file that cannot be taken; lines are counted from 1, the head's."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What a file did to the draft, in rows; ``retired`` counts those that named a retired row."""

    added: int
    changed: int
    retired: int


class UnreadableFile(Exception):
    """The file is no table of this kind; the text says why."""


def head_of(table: str) -> list[str]:
    """Return the head of a table's file."""
    return [column_label(table, column) for column in COLUMNS[table]]


def cells_of(table: str, rows: Iterable[Row], names: Names) -> Iterator[list[str]]:
    """Return the lines of a table's file: names in the place of codes."""
    for row in rows:
        yield [cell(column, row, names) for column in COLUMNS[table]]


def read_file(table: str, data: bytes, names: Names) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file with their line numbers. Errors: UnreadableFile."""
    if len(data) > LARGEST_FILE:
        raise UnreadableFile(_("ファイルが大きすぎます（1MBまで）。"))
    try:
        lines = list(csv.reader(io.StringIO(_decoded(data)), strict=True))
    except csv.Error as fault:
        raise UnreadableFile(_('CSVとして読めません。「"」の閉じ忘れなどを確かめてください。')) from fault
    head = [one.strip() for one in lines[0]] if lines else []
    if head not in (head_of(table), list(COLUMNS[table])):
        raise UnreadableFile(
            _("1行目の見出しがちがいます。「%(head)s」の順にしてください。", head="、".join(head_of(table)))
        )
    body = [(number, line) for number, line in enumerate(lines[1:], start=2) if any(one.strip() for one in line)]
    if not body:
        raise UnreadableFile(_("見出しのほかに行がありません。"))
    if len(body) > MOST_ROWS:
        raise UnreadableFile(_("行が多すぎます（%(most)s行まで）。", most=MOST_ROWS))
    codes = _codes(names)
    return [(number, _row(table, line, codes)) for number, line in body]


def faults_in(table: str, rows: Sequence[tuple[int, Row]]) -> list[FaultyLine]:
    """Return what is wrong with the rows of a file that is to become a whole table, in their order."""
    now = draft()
    wanted = {**now.tables(), table: [row for _number, row in rows]}
    counts = Counter(key_of(table, row) for _number, row in rows)
    known = {line.key: line.row for line in now.lines(table)}
    found: list[FaultyLine] = []
    for number, row in rows:
        key = key_of(table, row)
        faults = faults_of(table, row, wanted, is_new=False)
        if row["reason"] == "" and known.get(key) == row:
            del faults["reason"]  # a row of the program's edition that states none, unchanged
        found += [FaultyLine(number, f"{column_label(table, column)}：{one}") for column, one in faults.items()]
        if counts[key] > 1:
            found.append(FaultyLine(number, _("同じ行が2つ以上あります")))
        if table in FIXED_ROWS and not faults and _is_one_sided(row, rows):
            found.append(FaultyLine(number, _("となりの都道府県の行にも、この都道府県を書いてください")))
    if table in FIXED_ROWS and counts.keys() != known.keys():
        found.append(FaultyLine(1, _("この表には、47の都道府県の行が1つずつ必要です")))
    return found


def upload(table: str, rows: Sequence[Row], *, reason: str, seen: str, by: Hand) -> Uploaded:
    """Make a table of the draft what a faultless file says, inside the caller's transaction.

    What is not in the file is retired for ``reason``, with the rows that name it; ``seen`` is the draft's stamp.
    Errors: EditConflict; CannotChange.
    """
    now = begin()
    if now.stamp != seen:
        raise EditConflict
    wanted = {key_of(table, row): row for row in rows}
    known = {line.key: line for line in now.lines(table)}
    changed = [
        key for key, line in known.items() if key in wanted and (line.state is State.RETIRED or wanted[key] != line.row)
    ]
    added = [key for key in wanted if key not in known]
    for key in [*changed, *added]:
        write(now, (table, key), wanted[key], wanted[key]["reason"] or reason, by)
    retired = list(_retired_by(now, table, wanted))
    for place in retired:
        write(now, place, None, reason, by)
    settle("upload", table, by)
    return Uploaded(len(added), len(changed), len(retired))


def _retired_by(now: Draft, table: str, wanted: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    tables = now.tables()
    for row in tables[table]:
        key = key_of(table, row)
        if key not in wanted:
            yield table, key
            yield from dependants_of(table, key, tables)


def _is_one_sided(row: Row, rows: Sequence[tuple[int, Row]]) -> bool:
    named = {one["prefecture"]: one["neighbours"].split() for _number, one in rows}
    return any(row["prefecture"] not in named.get(other, ()) for other in row["neighbours"].split())


def _decoded(data: bytes) -> str:
    """Spreadsheets write UTF-8 with a mark, or the Japanese code page of Windows."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("文字の形式が読めません。UTF-8のCSVで保存してください。"))


def _codes(names: Names) -> dict[str, dict[str, str]]:
    """Return by column what a name stands for; columns of terms are told apart by their vocabulary's code."""
    prefectures = {one.label: one.value for one in Prefecture}
    vocabularies = {vocabulary_label(one): one for one in VOCABULARIES}
    return {
        "topic": {label: code for code, label in names.topics.items()},
        "line": {label: code for code, label in names.lines.items()},
        "prefectures": prefectures,
        "vocabularies": vocabularies,
    }


def _row(table: str, line: Sequence[str], codes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    values = [one[1:] if one.startswith(_QUOTED) else one for one in line]
    typed = dict(zip(COLUMNS[table], values, strict=False))
    for column in COLUMNS[table]:
        value = typed.get(column, "").strip()
        if column in {"topic", "line"}:
            value = codes[column].get(value, value)
        elif column in {"prefecture", "neighbours", "prefectures"}:
            value = " ".join(codes["prefectures"].get(one, one) for one in value.split())
        elif column in {"source_vocabulary", "target_vocabulary", "vocabulary"}:
            value = codes["vocabularies"].get(value, value)
        typed[column] = value
    for column, kind in (("source", "source_vocabulary"), ("target", "target_vocabulary"), ("term", "vocabulary")):
        if column in typed:
            typed[column] = _term_code(typed[kind], typed[column])
    return tidied_row(table, typed)


def _term_code(vocabulary: str, value: str) -> str:
    terms = VOCABULARIES.get(vocabulary, ())
    return next((term.value for term in terms if value in {term.label, f"{term.value} {term.label}"}), value)
