"""The panel's part of the review page, and the steps that are taken on the panel's own pages."""

from flask_babel import lazy_gettext as _l

from matchmaker.accounts.models import User
from matchmaker.blueprints.review.panels import PANELS, STEP_PAGES, Panel
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review.panel import PanelView, view_of
from matchmaker.review.panel_decisions import is_open
from matchmaker.review.workflow import Action


def _find(user: User, proposal: Proposal) -> PanelView | None:
    """Nothing before there is anything to judge."""
    view = view_of(proposal)
    return view if view.lines or view.decisions or (is_open(proposal) and user.may(Permission.PANEL_MANAGE)) else None


PANELS.append(Panel("panel", _l("審査委員の採点"), _find))
STEP_PAGES.update({Action.PRESENT: "panel.present", Action.SCORE: "panel.decision"})
