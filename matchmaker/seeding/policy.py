"""The policy's own figures, budgets and places. Loading twice changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from matchmaker.directory import places
from matchmaker.directory.models import Division, Municipality
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators.models import Measure, OfficialFigure
from matchmaker.matching.terms import Prefecture
from matchmaker.projects.money_models import ProgrammeBudget
from matchmaker.seeding.files import read_rows
from matchmaker.seeding.municipalities import list_municipalities

SOURCES = {"policy_214": "三重県「平成25年度当初予算 施策別取組概要」施策214"}

# The day from which the register knows a division; when it was founded is not in the sources.
KNOWN_FROM = date(2012, 4, 1)


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows of each kind were new."""

    figures: int
    budgets: int
    municipalities: int
    divisions: int


def load(*, at: datetime) -> Added:
    """Store what is not stored yet, and correct names and regions of municipalities."""
    municipalities = list_municipalities()
    _add_regions(municipalities)
    with transaction():
        added = Added(
            figures=add_figures(at=at),
            budgets=add_budgets(),
            municipalities=_store_municipalities(municipalities),
            divisions=_add_new(_divisions(), _stored_divisions()),
        )
    places.forget_loaded()
    return added


def add_figures(*, at: datetime) -> int:
    """Add the printed targets and actuals that are missing, inside the caller's transaction; return how many."""
    return _add_new(_figures(at), _stored_figures())


def add_budgets() -> int:
    """Add the printed budgets that are missing, inside the caller's transaction; return how many."""
    return _add_new(_budgets(), _stored_budgets())


def _add_new(rows: Iterable[tuple[tuple[object, ...], object]], stored: set[tuple[object, ...]]) -> int:
    """Add each row whose identity is not stored; return how many."""
    new = [row for identity, row in rows if identity not in stored]
    db.session.add_all(new)
    return len(new)


def _figures(at: datetime) -> list[tuple[tuple[object, ...], OfficialFigure]]:
    found: list[tuple[tuple[object, ...], OfficialFigure]] = []
    for row in read_rows("indicators.csv"):
        for measure in Measure:
            if row[measure.value]:
                figure = OfficialFigure(
                    indicator=row["indicator_key"],
                    reporting_fy=int(row["reporting_fy"]),
                    measure=measure,
                    value=Decimal(row[measure.value]),
                    data_year_label=row["data_year_label"],
                    source=SOURCES[row["source"]],
                    entered_at=at,
                )
                found.append(((figure.indicator, figure.reporting_fy, measure, figure.source), figure))
    return found


def _stored_figures() -> set[tuple[object, ...]]:
    # A corrected figure keeps its first row: only the rows that this file once added are compared.
    return {
        tuple(row)
        for row in db.session.execute(
            select(
                OfficialFigure.indicator, OfficialFigure.reporting_fy, OfficialFigure.measure, OfficialFigure.source
            ).where(OfficialFigure.entered_by_id.is_(None))
        )
    }


def _budgets() -> list[tuple[tuple[object, ...], ProgrammeBudget]]:
    return [
        (
            (row["programme"], int(row["fy"])),
            ProgrammeBudget(
                programme=row["programme"],
                basic_programme_code=row["basic_programme_code"],
                basic_programme=row["basic_programme"],
                fy=int(row["fy"]),
                budget_thousand_yen=int(row["budget_thousand_yen"]),
                source=SOURCES[row["source"]],
            ),
        )
        for row in read_rows("programmes.csv")
    ]


def _stored_budgets() -> set[tuple[object, ...]]:
    return {tuple(row) for row in db.session.execute(select(ProgrammeBudget.programme, ProgrammeBudget.fy))}


def _divisions() -> list[tuple[tuple[object, ...], Division]]:
    return [
        (
            (row["department"], row["name"]),
            Division(department=row["department"], name=row["name"], valid_from_on=KNOWN_FROM),
        )
        for row in read_rows("divisions.csv")
    ]


def _stored_divisions() -> set[tuple[object, ...]]:
    return {tuple(row) for row in db.session.execute(select(Division.department, Division.name))}


def _add_regions(municipalities: list[Municipality]) -> None:
    """Give Mie's municipalities their regions. Errors: KeyError when the postal data lacks one of them."""
    known = {row.code: row for row in municipalities if row.prefecture is Prefecture.MIE}
    for row in read_rows("municipalities.csv"):
        municipality = known[row["local_government_code"]]
        municipality.name, municipality.region, municipality.area = row["name"], row["region"], row["area"]


def _store_municipalities(municipalities: list[Municipality]) -> int:
    stored = {row.code: row for row in db.session.scalars(select(Municipality))}
    for row in municipalities:
        known = stored.get(row.code)
        if known is None:
            db.session.add(row)
        else:
            known.name, known.kana, known.region, known.area = row.name, row.kana, row.region, row.area
    return len(municipalities) - len(stored.keys() & {row.code for row in municipalities})
