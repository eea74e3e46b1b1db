"""Find what an address of the review names, as far as the person may see it; every view begins here."""

from flask import abort

from matchmaker.blueprints.access import acting_user
from matchmaker.proposals.models import Proposal
from matchmaker.review import queries
from matchmaker.review.models import Decision
from matchmaker.review.panel import owes_sheet


def found(number: str) -> Proposal:
    """Return a proposal under review, or end with 404; with 403 for its judge whose own sheet is not in yet.

    The page tells what the others gave, and so do the sources of a decision.
    """
    proposal = queries.find_for(acting_user(), number) or abort(404)
    if owes_sheet(acting_user(), proposal):
        abort(403)
    return proposal


def found_decision(proposal: Proposal, decision_id: int) -> Decision:
    """Return one decision of the proposal, or end with 404."""
    return queries.find_decision_for(acting_user(), proposal, decision_id) or abort(404)
