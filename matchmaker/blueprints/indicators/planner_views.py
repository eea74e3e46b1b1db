"""The planner: how many are missing to the target, what waits, and what would close the gap."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import requires
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.indicators.planner import CONFIDENCE, FEWEST, Stage
from matchmaker.indicators.planner_records import plan
from matchmaker.permissions.grants import Permission


@bp.get("/planner")
@requires(Permission.REVIEW_READ)
def planner() -> ResponseReturnValue:
    """The current fiscal year's plan; ``target`` in the address tries a target out and stores nothing."""
    return render_template(
        "indicators/planner.html",
        indicator=PROJECTS,
        plan=plan(fiscal_year.fiscal_year_of(clock.today()), tried_target=_tried()),
        stages=Stage,
        fewest=FEWEST,
        confidence=CONFIDENCE,
    )


def _tried() -> int | None:
    typed = half_width(tidy_line(request.args.get("target", ""))).replace(",", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else None
