"""What the pages of the vocabulary print: rows and changes in words, and both texts of a conflict."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.blueprints.introductions.vocabulary_forms import RowForm
from matchmaker.introductions.vocabularies import RowChange
from matchmaker.introductions.vocabulary_draft import Draft, Line
from matchmaker.introductions.vocabulary_rules import (
    KEYS,
    Names,
    cell,
    column_label,
    dependants_of,
    key_of,
    table_hint,
    table_label,
    title_of,
)
from matchmaker.matching.vocabulary import COLUMNS, Row


def names_in(now: Draft) -> Names:
    """Names for all rows that the draft shows, those that it retires included."""
    rows, base = now.tables(), now.base.tables
    return Names.of({table: [*base[table], *rows[table]] for table in COLUMNS})


def words_of(table: str, names: Names) -> dict[str, Any]:
    """What the pages of a table print their rows with."""
    return {
        "table": table,
        "title_of": lambda row: title_of(table, row, names),
        "cell": lambda column, row: cell(column, row, names),
        "column_label": lambda column: column_label(table, column),
        "table_label": table_label,
        "table_hint": table_hint,
        "shown": [column for column in COLUMNS[table] if column not in {*KEYS[table], "label", "reason"}],
        "keys": KEYS[table],
    }


def fallen_with(now: Draft, line: Line, names: Names) -> list[tuple[str, str]]:
    """The rows that would be retired with a row: the label of their table, and what each says."""
    rows = now.tables()
    return [
        (table_label(table), title_of(table, row, names))
        for table, key in dependants_of(line.table, line.key, rows)
        for row in rows[table]
        if key_of(table, row) == key
    ]


def changes_said(changes: list[RowChange], names: Names) -> dict[str, Any]:
    """The changes by table, each with its name and the values that differ."""
    said: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        row = change.after or change.before or {}
        said.setdefault(change.table, []).append(
            {
                "title": title_of(change.table, row, names),
                "before": change.before,
                "after": change.after,
                "reason": change.reason,
                "differences": _differences(change, names),
            }
        )
    return {"changes": said, "table_label": table_label, "count": len(changes)}


def conflict_of(now: Draft, line: Line, form: RowForm) -> dict[str, Any]:
    """Both texts of each column that differs; the row may have left the tables meanwhile."""
    table, key, names, mine = line.table, line.key, names_in(now), form.to_row()
    saved = now.find(table, key)
    change = saved.change if saved is not None else None
    address = url_for("introductions.vocabulary_row", table=table, key=key)
    return {
        "what": _("「%(title)s」の行", title=title_of(table, mine, names)),
        "by": change.changed_by.name if change is not None else None,
        "at": change.changed_at if change is not None else None,
        "fields": [
            {
                "label": column_label(table, column),
                "mine": cell(column, mine, names),
                "theirs": cell(column, saved.row, names) if saved is not None else "",
                "changes": None,
            }
            for column in COLUMNS[table]
            if saved is None or mine[column] != saved.row[column]
        ],
        "edit_url": address if saved is not None else url_for("introductions.vocabulary_table", table=table),
        "resend": {"url": address, "values": [*_sent(form), ("seen", now.stamp_of(table, key))]} if saved else None,
    }


def _differences(change: RowChange, names: Names) -> list[tuple[str, str, str]]:
    before, after = change.before or {}, change.after or {}
    return [
        (column_label(change.table, column), _said(column, change.before, names), _said(column, change.after, names))
        for column in COLUMNS[change.table]
        if column not in KEYS[change.table] and before.get(column) != after.get(column)
    ]


def _said(column: str, row: Row | None, names: Names) -> str:
    return cell(column, row, names) if row else ""


def _sent(form: RowForm) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    for field in form:
        if field.name not in {"seen", "csrf_token"}:
            values = field.data if isinstance(field.data, list) else [field.data or ""]
            sent += [(field.name, str(value)) for value in values]
    return sent
