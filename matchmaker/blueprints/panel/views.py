"""All pages of the panel, and how its figures are printed."""

from datetime import datetime

from matchmaker.blueprints.panel import assigning, deciding, judging, presentations  # noqa: F401
from matchmaker.blueprints.panel.blueprint import bp
from matchmaker.foundation.clock import JAPAN
from matchmaker.review.panel_models import ScoreSheet
from matchmaker.review.panel_scores import shown, total
from matchmaker.review.score_sheets import marks_of, occasion_of

__all__ = ["bp"]

bp.add_app_template_filter(shown, "points")


@bp.app_template_filter()
def clock_time(at: datetime) -> str:
    """The time of day in Japan: 13時05分."""
    local = at.astimezone(JAPAN)
    return f"{local.hour}時{local.minute:02d}分"


@bp.app_template_filter()
def sheet_total(sheet: ScoreSheet) -> str:
    """The total of a sheet that was handed in, out of 100."""
    return shown(total(marks_of(sheet)))


@bp.app_template_filter()
def sheet_occasion(sheet: ScoreSheet) -> str:
    """When the sheet was written, in words."""
    return occasion_of(sheet).label
