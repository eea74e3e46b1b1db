"""The history of the prefecture's proposal scheme: a funnel of what is known, and the proposals themselves."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import public
from matchmaker.proposals import queries
from matchmaker.proposals.funnel import FUNNEL, MOST, FunnelStage

bp = Blueprint("history", __name__)


@bp.get("/history")
@public
def funnel() -> ResponseReturnValue:
    """Show how many were proposed, presented and adopted in each year, where that is known."""
    return render_template(
        "history/funnel.html",
        years=FUNNEL,
        stages=list(FunnelStage),
        most=MOST,
        known=queries.count_past_of_prefecture(),
        total=queries.count_past(),
    )
