"""Read the official figures, the budgets, and the counts of the ledger.

The two kinds of figure never share a type: an official one has a source and no list of members, a counted one comes
from a snapshot and is the number of its members.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import fiscal_year_of
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.indicators import counting_rules
from matchmaker.indicators.catalogue import INDICATORS, POLICY_YEARS, Indicator
from matchmaker.indicators.counting import CountingFacts, judge, years_of_interest
from matchmaker.indicators.facts import facts_of
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.models import FigureState, Measure, OfficialFigure, SeriesBreak
from matchmaker.indicators.reasons import sentences_of
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.projects.models import Project
from matchmaker.projects.money_models import ProgrammeBudget
from matchmaker.projects.states import Recorded, recorded_of

MEMBERS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """What is printed for one indicator and fiscal year; None where nothing is."""

    fy: int
    target: OfficialFigure | None
    actual: OfficialFigure | None


@dataclass(frozen=True, slots=True)
class YearCounting:
    """Whether a project counts in a fiscal year, as the newest snapshot decided, and the reasons as sentences.

    ``is_counted`` is None, and there is no moment, where the year was never counted; then ``reasons`` say what the next
    count will decide. ``next_reasons`` are given when the next count will decide otherwise than the last.
    """

    fy: int
    is_counted: bool | None
    reasons: tuple[str, ...]
    rule_version: int
    as_of: datetime | None = None
    next_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeYears:
    """The budgets of one programme in 千円, by fiscal year."""

    programme: str
    basic_programme_code: str
    basic_programme: str
    source: str
    thousand_yen: dict[int, int]


def official_years(indicator: Indicator) -> list[OfficialYear]:
    """Return the years that the policy prints and every later one that has a figure, oldest first."""
    return official_years_of([indicator])[indicator.key]


def official_years_of(indicators: Sequence[Indicator] = INDICATORS) -> dict[str, list[OfficialYear]]:
    """Return ``official_years`` of several indicators, by their keys."""
    keys = [indicator.key for indicator in indicators]
    rows = db.session.scalars(
        select(OfficialFigure).where(OfficialFigure.indicator.in_(keys), is_approved()).order_by(OfficialFigure.id)
    ).all()
    newest = {(row.indicator, row.reporting_fy, row.measure): row for row in rows}
    return {key: _years_of(key, newest) for key in keys}


def list_history(indicator: Indicator) -> Sequence[OfficialFigure]:
    """Return every approved figure of an indicator, newest first, corrected ones included."""
    return db.session.scalars(
        select(OfficialFigure)
        .where(OfficialFigure.indicator == indicator.key, is_approved())
        .order_by(OfficialFigure.id.desc())
    ).all()


def list_waiting(indicator: Indicator | None = None) -> Sequence[OfficialFigure]:
    """Return the figures that wait for approval, oldest first; of all indicators when none is named."""
    query = select(OfficialFigure).where(OfficialFigure.state == FigureState.WAITING).order_by(OfficialFigure.id)
    if indicator is not None:
        query = query.where(OfficialFigure.indicator == indicator.key)
    return db.session.scalars(query.options(joinedload(OfficialFigure.entered_by))).all()


def find_waiting(identity: int) -> OfficialFigure | None:
    """Return a figure that waits for approval."""
    return db.session.scalar(
        select(OfficialFigure).where(OfficialFigure.id == identity, OfficialFigure.state == FigureState.WAITING)
    )


def last_known(indicator: Indicator, measure: Measure, fy: int) -> OfficialFigure | None:
    """Return the approved figure with which one of a fiscal year is compared: the nearest year's, of the same measure.

    Where none of the measure is known, the other measure serves.
    """
    rows = db.session.scalars(
        select(OfficialFigure)
        .where(OfficialFigure.indicator == indicator.key, is_approved())
        .order_by(OfficialFigure.id)
    ).all()
    of_measure = [row for row in rows if row.measure is measure] or rows
    return min(of_measure, key=lambda row: (abs(row.reporting_fy - fy), row.reporting_fy, -row.id), default=None)


def breaks_of(indicators: Sequence[Indicator] = INDICATORS) -> dict[str, list[SeriesBreak]]:
    """Return the breaks in force of each indicator, by its key, oldest year first."""
    keys = [indicator.key for indicator in indicators]
    rows = db.session.scalars(select(SeriesBreak).where(SeriesBreak.indicator.in_(keys)).order_by(SeriesBreak.id))
    newest = {(row.indicator, row.fy): row for row in rows}
    return {key: [row for (of, _fy), row in sorted(newest.items()) if of == key and row.is_break] for key in keys}


def is_approved() -> ColumnElement[bool]:
    """Only these figures are shown to anybody but those who enter and approve them."""
    return OfficialFigure.state == FigureState.APPROVED


def list_budgets() -> list[ProgrammeYears]:
    """Return the programmes in the order of their basic programmes, then as the policy lists them."""
    found: dict[str, ProgrammeYears] = {}
    for row in db.session.scalars(
        select(ProgrammeBudget).order_by(ProgrammeBudget.basic_programme_code, ProgrammeBudget.id)
    ):
        programme = found.setdefault(
            row.programme,
            ProgrammeYears(row.programme, row.basic_programme_code, row.basic_programme, row.source, {}),
        )
        programme.thousand_yen[row.fy] = row.budget_thousand_yen
    return list(found.values())


def latest_snapshots() -> dict[int, LedgerSnapshot]:
    """Return the newest snapshot of each fiscal year that was counted, oldest year first."""
    rows = db.session.scalars(select(LedgerSnapshot).where(is_newest()).order_by(LedgerSnapshot.fy))
    return {row.fy: row for row in rows}


def is_newest() -> ColumnElement[bool]:
    """The snapshot of its fiscal year that counts the latest moment; one that looks back is made later and is older."""
    latest_first = (LedgerSnapshot.as_of.desc(), LedgerSnapshot.edition.desc())
    place = func.row_number().over(partition_by=LedgerSnapshot.fy, order_by=latest_first)
    ranked = select(LedgerSnapshot.id, place.label("place")).subquery()
    return LedgerSnapshot.id.in_(select(ranked.c.id).where(ranked.c.place == 1))


def list_snapshots(fy: int) -> Sequence[LedgerSnapshot]:
    """Return every snapshot of a fiscal year, the latest moment first."""
    return db.session.scalars(
        select(LedgerSnapshot)
        .where(LedgerSnapshot.fy == fy)
        .order_by(LedgerSnapshot.as_of.desc(), LedgerSnapshot.edition.desc())
        .options(joinedload(LedgerSnapshot.taken_by))
    ).all()


def find_snapshot(fy: int, edition: int) -> LedgerSnapshot | None:
    """Return one snapshot of a fiscal year."""
    return db.session.scalar(select(LedgerSnapshot).where(LedgerSnapshot.fy == fy, LedgerSnapshot.edition == edition))


def members_of(snapshot: LedgerSnapshot, *, number: int = 1, size: int = MEMBERS_A_PAGE) -> Page[CountDecision]:
    """Return a page of the projects that a snapshot counts, in the order of their numbers."""
    number = max(1, min(number, -(-snapshot.value // size)))
    items = db.session.scalars(_decisions(snapshot, is_counted=True).offset((number - 1) * size).limit(size)).all()
    return Page(items=items, number=number, size=size, total=snapshot.value)


def list_members(snapshot: LedgerSnapshot) -> Iterator[CountDecision]:
    """Yield every project that a snapshot counts, without holding all of them."""
    yield from db.session.scalars(_decisions(snapshot, is_counted=True).execution_options(yield_per=500))


def left_out_of(snapshot: LedgerSnapshot, *, number: int = 1, size: int = MEMBERS_A_PAGE) -> Page[CountDecision]:
    """Return a page of the confirmed projects of the year that the snapshot does not count."""
    statement = _decisions(snapshot, is_counted=False)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = max(1, min(number, -(-total // size)))
    items = db.session.scalars(statement.offset((number - 1) * size).limit(size)).all()
    return Page(items=items, number=number, size=size, total=total)


def counting_for(project: Project) -> list[YearCounting]:
    """Return for every fiscal year that the project's period meets, and for the current one, whether it counts."""
    recorded = recorded_of(project)
    facts = facts_of(recorded)
    years = years_of_interest(facts, fiscal_year_of(clock.today()))
    snapshots = {fy: row for fy, row in latest_snapshots().items() if fy in years}
    decisions = {
        row.snapshot_id: row
        for row in db.session.scalars(
            select(CountDecision).where(
                CountDecision.project_id == project.id,
                CountDecision.snapshot_id.in_([row.id for row in snapshots.values()]),
            )
        )
    }
    return [_counting(recorded, facts, fy, snapshots.get(fy), decisions) for fy in years]


def _counting(
    project: Recorded,
    facts: CountingFacts,
    fy: int,
    snapshot: LedgerSnapshot | None,
    decisions: dict[int, CountDecision],
) -> YearCounting:
    verdict = judge(facts, fy, counting_rules.in_force_for(fy))
    now = tuple(sentences_of(project, verdict))
    if snapshot is None:
        return YearCounting(fy, None, now, verdict.rule_version)
    decision = decisions.get(snapshot.id)
    if decision is not None:
        is_counted, reasons = decision.is_counted, tuple(decision.reasons.splitlines())
    else:
        is_counted = False
        reasons = (_("この集計のあとで、記録または確認されたため"),) if verdict.is_counted else now
    changes = verdict.is_counted != is_counted and snapshot.kind is SnapshotKind.INTERIM
    return YearCounting(fy, is_counted, reasons, snapshot.rule_version, snapshot.as_of, now if changes else ())


def _decisions(snapshot: LedgerSnapshot, *, is_counted: bool) -> Select[CountDecision]:
    return (
        select(CountDecision)
        .where(CountDecision.snapshot_id == snapshot.id, CountDecision.is_counted == is_counted)
        .order_by(CountDecision.position)
    )


def _years_of(key: str, newest: dict[tuple[str, int, Measure], OfficialFigure]) -> list[OfficialYear]:
    years = sorted({*POLICY_YEARS, *(fy for indicator, fy, _measure in newest if indicator == key)})
    return [
        OfficialYear(fy, newest.get((key, fy, Measure.TARGET)), newest.get((key, fy, Measure.ACTUAL))) for fy in years
    ]
