"""The dashboard: the policy's figures, what waits, and how fairly and fast it goes, for everybody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import public
from matchmaker.foundation import clock, fiscal_year
from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.dashboard import dashboard
from matchmaker.indicators.models import OfficialFigure
from matchmaker.indicators.planner import FEWEST
from matchmaker.indicators.queries import OfficialYear
from matchmaker.indicators.shares import FEWEST_SHOWN
from matchmaker.indicators.tiles import COLUMNS, ROWS
from matchmaker.review.response_times import FEWEST_SHOWN as FEWEST_ANSWERS

bp = Blueprint("dashboard", __name__)


@bp.get("/dashboard")
@public
def show() -> ResponseReturnValue:
    """All figures of the policy on one page, each with its table and the way to its records."""
    today = clock.today()
    shown = dashboard(fiscal_year.fiscal_year_of(today), on=today)
    return render_template(
        "dashboard/show.html",
        shown=shown,
        points={one.key: _points(one, shown.official[one.key]) for one in shown.indicators},
        columns=COLUMNS,
        rows=ROWS,
        fewest=FEWEST,
        fewest_shown=FEWEST_SHOWN,
        fewest_answers=FEWEST_ANSWERS,
    )


def _points(indicator: Indicator, years: list[OfficialYear]) -> list[dict[str, object]]:
    """The years of a chart as ``components/chart.html`` asks for them."""

    def drawn(figure: OfficialFigure | None) -> float | None:
        if figure is None:
            return None
        return float(figure.value) if indicator.decimals else int(figure.value)

    return [
        {"label": fiscal_year.code(year.fy), "target": drawn(year.target), "actual": drawn(year.actual)}
        for year in years
    ]
