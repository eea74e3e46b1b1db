"""The planner: how many are missing to the target, what waits, and what would close the gap."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import requires
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.blueprints.indicators.forms import TargetForm
from matchmaker.foundation import clock, fiscal_year
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.indicators.planner import CONFIDENCE, FEWEST, Stage
from matchmaker.indicators.planner_records import plan
from matchmaker.permissions.grants import Permission


@bp.get("/planner")
@requires(Permission.REVIEW_READ)
def planner() -> ResponseReturnValue:
    """The current fiscal year's plan; ``target`` in the address tries a target out and stores nothing."""
    form = TargetForm(request.args)
    tried = form.target.data if form.validate() else None
    return render_template(
        "indicators/planner.html",
        indicator=PROJECTS,
        form=form,
        plan=plan(fiscal_year.fiscal_year_of(clock.today()), tried_target=tried),
        stages=Stage,
        fewest=FEWEST,
        confidence=CONFIDENCE,
    )
