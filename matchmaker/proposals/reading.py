"""Answers as people read them: the same words on pages, in versions and in conflicts."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from matchmaker.directory.places import label_of
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.matching.terms import ActivityField, ResourceKind, Unit
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import CollaborationForm

_BOXES = frozenset(
    {
        Question.DECLARES_NO_POLITICS_OR_RELIGION,
        Question.DECLARES_NO_ORGANISED_CRIME,
        Question.PUBLISHES_PLAN,
        Question.PUBLISHES_BUDGET,
    }
)


def readable(question: Question, value: Any, division_names: Mapping[int, str]) -> str:
    """Return an answer, given as a version keeps it (``answers.plain``), in words; "" when there is none.

    ``division_names`` maps ids of divisions to their names; an unknown one is left out.
    """
    if question in _BOXES:
        return _("はい") if value else _("いいえ")
    if value is None or value in ("", []):
        return ""
    if question is Question.DIVISION_IDS:
        return "、".join(division_names[known] for known in value if known in division_names)
    return _IN_WORDS.get(question, str)(value)


def need_in_words(kind: str, detail: str = "", amount: int | None = None, unit: str | None = None) -> str:
    """Return one need in a line: 「人材・専門技能：学習を手伝う社員（5人）」."""
    words = ResourceKind(kind).label
    if detail:
        words += f"：{detail}"
    if amount is not None and unit is not None:
        words += f"（{amount:,}{Unit(unit).label}）"
    return words


def _day(value: str) -> str:
    return japanese_date(date.fromisoformat(value))


def _yen(value: int) -> str:
    return _("%(amount)s円", amount=f"{value:,}")


_IN_WORDS: dict[Question, Callable[[Any], str]] = {
    Question.STARTS_ON: _day,
    Question.ENDS_ON: _day,
    Question.OPEN_UNTIL_ON: _day,
    Question.BUDGET_YEN: _yen,
    Question.OWN_FUNDS_YEN: _yen,
    Question.FIELDS: lambda codes: "、".join(ActivityField(code).label for code in codes),
    Question.PLACE_CODES: lambda codes: "、".join(label_of(code) for code in codes),
    Question.NEEDS: lambda needs: "\n".join(need_in_words(**need) for need in needs),
    Question.PREFERRED_FORM: lambda value: CollaborationForm(value).label,
}
