"""The rows of a division's sheet: each one a report, or what is wrong with it. Knows no database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from matchmaker.foundation import fiscal_year
from matchmaker.foundation.text import search_form
from matchmaker.projects.money_rules import question_about
from matchmaker.projects.report_round_cells import CellWrong, read_amount, read_day, read_line, read_term, read_text
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm

TITLE, SUMMARY, FORM, AGREED, STARTS, ENDS, BUDGET, DIVISIONS = (
    "事業の名前",
    "事業の内容",
    "協働の形態",
    "形態を決めた日",
    "始まる日",
    "終わる日",
    "事業費（円）",
    "ほかの担当課",
)
PARTNERS_IN_A_ROW = 4
KINDS = tuple(f"団体{number}の種類" for number in range(1, PARTNERS_IN_A_ROW + 1))
NAMES = tuple(f"団体{number}の名前" for number in range(1, PARTNERS_IN_A_ROW + 1))
COLUMNS = (
    TITLE, SUMMARY, FORM, AGREED, STARTS, ENDS, BUDGET,
    *(one for pair in zip(KINDS, NAMES, strict=True) for one in pair), DIVISIONS,
)  # fmt: skip
NEEDED = (TITLE, FORM, AGREED, STARTS, ENDS, KINDS[0], NAMES[0])

Cells = Mapping[str, object]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row, as the person reads it."""

    row: int
    column: str
    why: str
    is_question: bool = False


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What one row reports. ``row``: its number in the spreadsheet, the header being row 1 or lower."""

    row: int
    title: str
    summary: str
    form: CollaborationForm
    form_agreed_on: date
    starts_on: date
    ends_on: date
    budget_yen: int | None
    partners: tuple[tuple[PartnerKind, str], ...]
    division_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it was read: the rows that can be reported, and every fault of the others, in the order of the rows."""

    rows: Sequence[RowFacts]
    faults: Sequence[RowFault]

    @property
    def asks(self) -> bool:
        """Whether an amount was asked about that the person may say is right."""
        return any(fault.is_question for fault in self.faults)

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults})


def read_rows(
    rows: Iterable[tuple[int, Cells]],
    *,
    fy: int,
    today: date,
    divisions: Mapping[str, int],
    known: Mapping[tuple[str, date, date], str],
    is_sure: bool = False,
) -> Sheet:
    """Read the rows of a file against a fiscal year.

    ``rows``: row number and cells by column name, empty rows left out. ``divisions``: ids by name. ``known``: the
    numbers of the division's reports by ``key_of``; a row that repeats one of them, or an earlier row, is a fault.
    An odd amount is one too, unless the person ``is_sure``.
    """
    good: list[RowFacts] = []
    faults: list[RowFault] = []
    seen = dict(known)
    for number, cells in rows:
        reader = _Reader(number, cells)
        facts = reader.facts(fy, today, divisions)
        if facts is not None:
            if not is_sure and facts.budget_yen and (question := question_about(facts.budget_yen, None)):
                reader.faults.append(RowFault(number, BUDGET, question, is_question=True))
            key = key_of(facts.title, facts.starts_on, facts.ends_on)
            if key in seen:
                reader.fault(TITLE, f"同じ名前と期間の事業が、{seen[key]}にあります")
            else:
                seen[key] = f"{number}行目"
        if reader.faults or facts is None:
            faults += reader.faults
        else:
            good.append(facts)
    return Sheet(good, faults)


def key_of(title: str, starts_on: date, ends_on: date) -> tuple[str, date, date]:
    """Return by what two reports of one division are taken for the same."""
    return search_form(title), starts_on, ends_on


class _Reader:
    """Reads one row and collects all that is wrong with it, so that a person mends it once."""

    def __init__(self, row: int, cells: Cells) -> None:
        self.row, self.cells = row, cells
        self.faults: list[RowFault] = []

    def fault(self, column: str, why: str) -> None:
        self.faults.append(RowFault(self.row, column, why))

    def read(self, column: str, read: Callable[[object], Value]) -> Value | None:
        try:
            value = read(self.cells.get(column))
        except CellWrong as wrong:
            self.fault(column, str(wrong))
            return None
        if column in NEEDED and value in (None, ""):
            self.fault(column, "入力してください")
        return value

    def facts(self, fy: int, today: date, divisions: Mapping[str, int]) -> RowFacts | None:
        """Return the row's facts, or None when something is missing or cannot be read."""
        title = self.read(TITLE, lambda cell: read_line(cell, 120))
        summary = self.read(SUMMARY, lambda cell: read_text(cell, 2000))
        form = self.read(FORM, lambda cell: read_term(cell, CollaborationForm))
        agreed_on, starts_on, ends_on = (self.read(column, read_day) for column in (AGREED, STARTS, ENDS))
        budget = self.read(BUDGET, read_amount)
        partners, division_ids = self._partners(), self._divisions(divisions)
        self._check_days(fy, today, agreed_on, starts_on, ends_on)
        if self.faults or not (title and form and agreed_on and starts_on and ends_on):
            return None
        return RowFacts(
            self.row, title, summary or "", form, agreed_on, starts_on, ends_on, budget, partners, division_ids
        )

    def _partners(self) -> tuple[tuple[PartnerKind, str], ...]:
        found = []
        for kind_column, name_column in zip(KINDS, NAMES, strict=True):
            faults = len(self.faults)
            kind = self.read(kind_column, lambda cell: read_term(cell, PartnerKind))
            name = self.read(name_column, lambda cell: read_line(cell, 120))
            if len(self.faults) > faults:
                continue
            if kind and name:
                found.append((kind, name))
            elif kind or name:
                missing = name_column if kind else kind_column
                self.fault(missing, "団体の種類と名前は、両方を入力してください")
        if not self.faults and not any(kind is PartnerKind.NPO for kind, _name in found):
            self.fault(KINDS[0], "NPOを1つ以上入力してください。NPOの入らない事業は、協働事業として数えられません")
        return tuple(dict.fromkeys(found))

    def _divisions(self, divisions: Mapping[str, int]) -> tuple[int, ...]:
        names = self.read(DIVISIONS, lambda cell: read_line(cell, 500)) or ""
        ids = []
        for name in filter(None, names.replace(",", "、").replace("，", "、").split("、")):
            if name.strip() in divisions:
                ids.append(divisions[name.strip()])
            else:
                why = f"「{name.strip()[:40]}」という課は、いまありません。名前を「、」で区切って入力してください"
                self.fault(DIVISIONS, why)
        return tuple(dict.fromkeys(ids))

    def _check_days(
        self, fy: int, today: date, agreed_on: date | None, starts_on: date | None, ends_on: date | None
    ) -> None:
        if agreed_on and agreed_on > today:
            self.fault(AGREED, "今日までの日を入力してください")
        if not (starts_on and ends_on):
            return
        if ends_on < starts_on:
            self.fault(ENDS, "終わる日が、始まる日より前になっています")
        elif starts_on > fiscal_year.last_day(fy) or ends_on < fiscal_year.first_day(fy):
            self.fault(STARTS, f"期間が{fiscal_year.label(fy)}にかかっていません")
