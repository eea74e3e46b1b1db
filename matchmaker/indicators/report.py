"""The 成果レポート of a fiscal year: targets and actuals, attainment, progress with its reason, cost beside outcome.

The layout is the prefecture's: 現状値 and years as columns, 目標値 and 実績値 as rows, 目標達成状況 as a ratio. What
nobody printed stays empty. The figure of the ledger stands apart, read from its newest snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from matchmaker.foundation import fiscal_year
from matchmaker.indicators import attainment, progress, queries
from matchmaker.indicators.catalogue import BASE_FY, INDICATORS, POLICY_YEARS, Indicator, Kind
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.models import OfficialFigure, SeriesBreak
from matchmaker.indicators.progress_models import ProgressAssessment
from matchmaker.indicators.queries import OfficialYear, ProgrammeYears

POLICY = "施策214　NPOの参画による「協創」の社会づくり"
DEPARTMENT = "環境生活部"
GOAL = (
    "県民の皆さんや企業等から、NPOの活動に必要な資源(資金、人材、情報など)が提供される仕組みが強化され、"
    "NPOが自立して活動する環境が整備されています。\n"
    "また、NPOとさまざまな主体がめざす姿を共有するとともに、お互いに力を合わせて社会づくりを進めていくための"
    "体制が整備されています。"
)
"""平成27年度末での到達目標. Source: 三重県「平成25年度当初予算 施策別取組概要」施策214."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One indicator: what is printed for each year of the report, and how far the report's own year attained."""

    indicator: Indicator
    years: tuple[OfficialYear, ...]
    attained: Decimal | None
    breaks: tuple[SeriesBreak, ...]


@dataclass(frozen=True, slots=True)
class BasicProgramme:
    """The budgets of one basic programme in 千円: of its programmes, and their sum."""

    code: str
    title: str
    programmes: tuple[ProgrammeYears, ...]

    def total(self, fy: int) -> int | None:
        """Return the sum of a fiscal year; None where no budget is printed."""
        known = [one.thousand_yen[fy] for one in self.programmes if fy in one.thousand_yen]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report of a fiscal year says."""

    fy: int
    years: tuple[int, ...]
    lines: tuple[ReportLine, ...]
    progress: ProgressAssessment | None
    basic_programmes: tuple[BasicProgramme, ...]
    budget_years: tuple[int, ...]
    snapshot: LedgerSnapshot | None

    def of_kind(self, kind: Kind) -> list[ReportLine]:
        """Return the lines of one group of indicators."""
        return [line for line in self.lines if line.indicator.kind is kind]

    def budget(self, fy: int) -> int | None:
        """Return the sum of all programmes in 千円; None where no budget is printed."""
        known = [total for one in self.basic_programmes if (total := one.total(fy)) is not None]
        return sum(known) if known else None

    @property
    def sources(self) -> list[str]:
        """Return where the figures and budgets were printed, each once."""
        figures = [one for line in self.lines for year in line.years for one in (year.target, year.actual) if one]
        budgets = [one.source for basic in self.basic_programmes for one in basic.programmes]
        return list(dict.fromkeys([*(one.source for one in figures), *budgets]))


def report_of(fy: int) -> Report:
    """Return the report of a fiscal year. An actual of a later year is not in it; targets are printed ahead."""
    official = queries.official_years_of()
    breaks = queries.breaks_of()
    years = tuple(sorted({*POLICY_YEARS, fy, *(year.fy for found in official.values() for year in found)}))
    basic_programmes = _basic_programmes(queries.list_budgets())
    return Report(
        fy=fy,
        years=years,
        lines=tuple(_line(one, official[one.key], breaks[one.key], years, fy) for one in INDICATORS),
        progress=progress.in_force(progress.list_versions(fy)),
        basic_programmes=basic_programmes,
        budget_years=_budget_years(basic_programmes),
        snapshot=queries.latest_snapshots().get(fy),
    )


def report_years(current_fy: int) -> range:
    """Return the fiscal years that have a report: from the first year with a target to the current one."""
    return range(BASE_FY, current_fy + 1)


def written(indicator: Indicator, figure: OfficialFigure | None) -> str:
    """Return a value as the report prints it, with the year of its data where that lags; "" where there is none."""
    if figure is None:
        return ""
    value = f"{indicator.written(figure.value)}{indicator.unit}"
    return f"{value}\n（{figure.data_year_label}）" if figure.data_year_label else value


def column_label(fy: int) -> str:
    """Return the head of a year's column.

    >>> column_label(2011), column_label(2013)
    ('平成23年度（現状値）', '平成25年度')
    """
    return f"{fiscal_year.label(fy)}（現状値）" if fy == BASE_FY else fiscal_year.label(fy)


def _line(
    indicator: Indicator,
    official: Sequence[OfficialYear],
    breaks: Sequence[SeriesBreak],
    years: Sequence[int],
    fy: int,
) -> ReportLine:
    known = {year.fy: year for year in official}
    shown = []
    for one in years:
        year = known.get(one, OfficialYear(one, None, None))
        shown.append(year if one <= fy else OfficialYear(one, year.target, None))
    own = next(year for year in shown if year.fy == fy)
    return ReportLine(
        indicator=indicator,
        years=tuple(shown),
        attained=attainment.ratio(_value(own.actual), _value(own.target)),
        breaks=tuple(one for one in breaks if one.fy in years),
    )


def _basic_programmes(programmes: Sequence[ProgrammeYears]) -> tuple[BasicProgramme, ...]:
    codes = dict.fromkeys((one.basic_programme_code, one.basic_programme) for one in programmes)
    return tuple(
        BasicProgramme(code, title, tuple(one for one in programmes if one.basic_programme_code == code))
        for code, title in codes
    )


def _budget_years(basic_programmes: Sequence[BasicProgramme]) -> tuple[int, ...]:
    years = {fy for basic in basic_programmes for one in basic.programmes for fy in one.thousand_yen}
    return tuple(sorted(years))


def _value(figure: OfficialFigure | None) -> Decimal | None:
    return figure.value if figure else None
