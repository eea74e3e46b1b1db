"""The years of an indicator as ``components/chart.html`` draws them."""

from dataclasses import dataclass
from decimal import Decimal

from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.outlook import Outlook
from matchmaker.indicators.queries import OfficialYear


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One fiscal year of a chart; ``low`` and ``high`` are the range of a forecast."""

    fy: int
    target: float | None
    actual: float | None
    low: float | None = None
    high: float | None = None


def points_of(indicator: Indicator, years: list[OfficialYear], outlook: Outlook | None = None) -> list[ChartPoint]:
    """Return the points of a chart, that of a forecast included."""

    def drawn(value: Decimal | None) -> float | None:
        if value is None:
            return None
        return float(value) if indicator.decimals else int(value)

    known = {year.fy: year for year in years}
    ranged = outlook if outlook and outlook.has_range else None
    found = []
    for fy in sorted({*known, *([ranged.fy] if ranged else [])}):
        year = known.get(fy)
        found.append(
            ChartPoint(
                fy,
                drawn(year.target.value) if year and year.target else None,
                drawn(year.actual.value) if year and year.actual else None,
                *((drawn(ranged.low), drawn(ranged.high)) if ranged and ranged.fy == fy else ()),
            )
        )
    return found
