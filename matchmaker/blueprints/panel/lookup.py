"""Find what an address of the panel names, as far as the person may see it; every view begins here."""

from flask import abort
from flask_login import current_user

from matchmaker.blueprints.access import acting_user
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import is_recused
from matchmaker.review import call_queries, panel, presentation, queries
from matchmaker.review.call_models import Call
from matchmaker.review.panel_models import PanelAssignment
from matchmaker.review.presentation_models import PresentationDay, PresentationSlot

STANDING = "standing"
"""Stands in addresses for the proposals outside any call."""


def assigned(number: str) -> PanelAssignment:
    """Return the judge's own assignment; 404 for another's proposal, and for one that they keep out of."""
    return panel.find_for_judge(acting_user(), number) or abort(404)


def reviewed(number: str) -> Proposal:
    """Return a proposal for those who review it, or end with 404."""
    return queries.find_for(acting_user(), number) or abort(404)


def scope_of(scope: str) -> Call | None:
    """Return the call of a scope; None for the proposals outside any call; 404 for a call that is not there."""
    if scope == STANDING:
        return None
    return call_queries.find_for(acting_user(), scope) or abort(404)


def is_office() -> bool:
    """Say whether the reader prepares the presentations."""
    return bool(current_user.is_authenticated and current_user.may(Permission.PANEL_MANAGE))


def day_of(day_id: int) -> PresentationDay:
    """Return a day that the reader may see, or end with 404."""
    return presentation.find_day(day_id, is_office=is_office()) or abort(404)


def slot_of(day_id: int, slot_id: int) -> PresentationSlot:
    """Return a slot of the day; 404 for a proposal that the person keeps out of."""
    slot = next((one for one in day_of(day_id).slots if one.id == slot_id), None)
    if slot is None or is_recused(acting_user(), slot.proposal):
        abort(404)
    return slot
