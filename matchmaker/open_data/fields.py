"""Fields of open data: their kinds, how they are written in a table and in JSON. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from matchmaker.matching.terms import Term

SEPARATOR = ";"
"""Between the values of a list in one cell of a table."""


class FieldKind(Term):
    """What a field holds; the label is what the dictionary says."""

    TEXT = "text", "文字"
    NUMBER = "number", "数"
    WHOLE = "whole", "整数"
    DATE = "date", "日付（YYYY-MM-DD）"
    MOMENT = "moment", "日時（ISO 8601）"
    YES_NO = "yes-no", "はい・いいえ（true / false）"
    LIST = "list", "いくつもの値（表では ; で区切る）"
    LINK = "link", "アドレス（URL）"


@dataclass(frozen=True, slots=True)
class Field:
    """One field that everybody may have. ``may_be_empty`` when some rows have no value."""

    key: str
    label: str
    kind: FieldKind
    description: str = ""
    may_be_empty: bool = False


Value = str | int | bool | Decimal | date | datetime | list[str] | None
Row = Mapping[str, Value]


def cell(value: Value) -> str | int | Decimal | None:
    """Return a value as one cell of a table.

    >>> cell(["242012", "24:北勢"]), cell(True), cell(date(2026, 4, 1)), cell(None)
    ('242012;24:北勢', 'true', '2026-04-01', None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return SEPARATOR.join(value)
    return value


def plain(value: Value) -> Any:
    """Return a value as JSON holds it; a decimal becomes a number.

    >>> plain(Decimal("9.5")), plain(date(2026, 4, 1)), plain(["a"])
    (9.5, '2026-04-01', ['a'])
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


_SCHEMAS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.TEXT: {"type": "string"},
    FieldKind.NUMBER: {"type": "number"},
    FieldKind.WHOLE: {"type": "integer"},
    FieldKind.DATE: {"type": "string", "format": "date"},
    FieldKind.MOMENT: {"type": "string", "format": "date-time"},
    FieldKind.YES_NO: {"type": "boolean"},
    FieldKind.LIST: {"type": "array", "items": {"type": "string"}},
    FieldKind.LINK: {"type": "string", "format": "uri"},
}


def schema(field: Field) -> dict[str, Any]:
    """Return the JSON Schema of a field (OpenAPI 3.1, which takes a list of types).

    >>> schema(Field("a", "い", FieldKind.WHOLE, may_be_empty=True))
    {'type': ['integer', 'null'], 'title': 'い'}
    """
    found = dict(_SCHEMAS[field.kind])
    if field.may_be_empty:
        found["type"] = [found["type"], "null"]
    found["title"] = field.label
    if field.description:
        found["description"] = field.description
    return found
