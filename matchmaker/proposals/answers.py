"""The answers of a proposal as plain values, apart from how they are stored. Pure.

``Answers`` maps each question to: a text; a ``date`` or None; whole yen or None; True or False; for ``FIELDS`` a list
of ``ActivityField`` in the law's order; for ``PLACE_CODES`` and ``DIVISION_IDS`` a sorted list; for ``NEEDS`` a list
of ``Need``; for ``PREFERRED_FORM`` a ``CollaborationForm`` or None.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from matchmaker.matching.terms import ResourceKind, Unit
from matchmaker.proposals.questions import Question

Answers = Mapping[Question, Any]

MOST_NEEDS = 5


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that is asked for. An amount has a unit, and a unit an amount."""

    kind: ResourceKind
    detail: str = ""
    amount: int | None = None
    unit: Unit | None = None


def is_answered(value: object) -> bool:
    """Say whether something was answered. False is no answer, because a box left open says nothing; zero is one.

    >>> is_answered(0), is_answered(False), is_answered(""), is_answered([])
    (True, False, False, False)
    """
    return value is not None and value is not False and value not in ("", [])


def plain(value: Any) -> Any:
    """Return an answer in the form in which a version keeps it (JSON values only).

    >>> plain([Need(ResourceKind.PLACE, "教室")])
    [{'kind': 'place', 'detail': '教室', 'amount': None, 'unit': None}]
    >>> plain(date(2026, 4, 1))
    '2026-04-01'
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Need):
        return {name: plain(part) for name, part in asdict(value).items()}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def snapshot(answers: Answers) -> dict[str, Any]:
    """Return all answers as JSON values by the questions' names."""
    return {question.value: plain(value) for question, value in answers.items()}


def mark(answers: Answers) -> str:
    """Return what tells one state of some answers from another; sent along as a form's ``version``.

    It covers the answers of one screen and not the whole record, so that two people who edit different sections
    at the same time do not meet a conflict that is none.

    >>> mark({Question.TITLE: "海"}) == mark({Question.TITLE: "山"})
    False
    """
    text = json.dumps(snapshot(answers), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
