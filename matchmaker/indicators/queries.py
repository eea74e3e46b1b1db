"""Read the official figures, the budgets, and the figure that is counted from the projects.

The two kinds of figure never share a type: an official one has a source and no list of members, a counted one is its
list of members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import fiscal_year_of
from matchmaker.indicators.catalogue import INDICATORS, POLICY_YEARS, Indicator
from matchmaker.indicators.counting import (
    RULE_V1,
    CountingFacts,
    counted_years,
    judge,
    years_of_interest,
)
from matchmaker.indicators.models import Measure, OfficialFigure
from matchmaker.indicators.reasons import sentences_of
from matchmaker.projects import queries as projects
from matchmaker.projects.models import Project, ProjectDivision, ProjectPartner
from matchmaker.projects.money_models import ProgrammeBudget
from matchmaker.projects.status import PartnerKind, ProjectStatus


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """What is printed for one indicator and fiscal year; None where nothing is."""

    fy: int
    target: OfficialFigure | None
    actual: OfficialFigure | None


@dataclass(frozen=True, slots=True)
class LedgerFigure:
    """The projects that count in a fiscal year by one version of the rule, at one moment. Their number is the figure.

    ``left_out`` are confirmed projects of that year that the rule does not count.
    """

    fy: int
    members: Sequence[Project]
    left_out: Sequence[Project]
    rule_version: int
    as_of: datetime

    @property
    def value(self) -> int:
        return len(self.members)


@dataclass(frozen=True, slots=True)
class YearCounting:
    """Whether a project counts in a fiscal year, by which version of the rule, and the reasons as sentences."""

    fy: int
    is_counted: bool
    reasons: tuple[str, ...]
    rule_version: int


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
        select(OfficialFigure).where(OfficialFigure.indicator.in_(keys)).order_by(OfficialFigure.id)
    ).all()
    newest = {(row.indicator, row.reporting_fy, row.measure): row for row in rows}
    return {key: _years_of(key, newest) for key in keys}


def list_history(indicator: Indicator) -> Sequence[OfficialFigure]:
    """Return every actual ever entered for an indicator, newest first, corrected ones included."""
    return db.session.scalars(
        select(OfficialFigure)
        .where(OfficialFigure.indicator == indicator.key, OfficialFigure.measure == Measure.ACTUAL)
        .order_by(OfficialFigure.id.desc())
    ).all()


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


def ledger_figure(fy: int, *, at: datetime) -> LedgerFigure:
    """Return the projects that count in a fiscal year, in the order of their numbers."""
    members: list[Project] = []
    left_out: list[Project] = []
    for project in projects.list_confirmed_meeting(fy):
        (members if judge(_facts_of(project), fy).is_counted else left_out).append(project)
    return LedgerFigure(fy, members, left_out, RULE_V1.version, at)


def ledger_values() -> dict[int, int]:
    """Return how many projects count in each fiscal year that has any, without loading them."""
    values: dict[int, int] = {}
    has_npo = exists().where(ProjectPartner.project_id == Project.id, ProjectPartner.kind == PartnerKind.NPO)
    has_division = exists().where(ProjectDivision.project_id == Project.id)
    rows = db.session.execute(
        select(
            Project.form, Project.starts_on, Project.ends_on, Project.status, Project.merged_on, has_npo, has_division
        ).where(Project.confirmed_at.is_not(None), Project.form.is_not(None))
    )
    for form, starts_on, ends_on, status, merged_on, npos, divisions in rows:
        is_refused = status is ProjectStatus.REFUSED
        facts = CountingFacts(
            form, starts_on, ends_on, int(npos), int(divisions), True, is_refused, merged_on=merged_on
        )
        for fy in counted_years(facts):
            values[fy] = values.get(fy, 0) + 1
    return dict(sorted(values.items()))


def reasons_in(project: Project, fy: int) -> list[str]:
    """Return why a project counts in a fiscal year, or everything that speaks against it."""
    return sentences_of(project, judge(_facts_of(project), fy))


def counting_for(project: Project) -> list[YearCounting]:
    """Return for every fiscal year that the project's period meets, and for the current one, whether it counts."""
    facts = _facts_of(project)
    years = years_of_interest(facts, fiscal_year_of(clock.today()))
    verdicts = [judge(facts, fy) for fy in years]
    return [
        YearCounting(verdict.fy, verdict.is_counted, tuple(sentences_of(project, verdict)), verdict.rule_version)
        for verdict in verdicts
    ]


def _years_of(key: str, newest: dict[tuple[str, int, Measure], OfficialFigure]) -> list[OfficialYear]:
    years = sorted({*POLICY_YEARS, *(fy for indicator, fy, _measure in newest if indicator == key)})
    return [
        OfficialYear(fy, newest.get((key, fy, Measure.TARGET)), newest.get((key, fy, Measure.ACTUAL))) for fy in years
    ]


def _facts_of(project: Project) -> CountingFacts:
    return CountingFacts(
        form=project.form,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        npos=sum(partner.kind is PartnerKind.NPO for partner in project.partners),
        divisions=len(project.divisions),
        is_confirmed=project.confirmed_at is not None,
        is_refused=project.status is ProjectStatus.REFUSED,
        is_dissolved=project.status is ProjectStatus.DISSOLVED,
        merged_on=project.merged_on,
    )
