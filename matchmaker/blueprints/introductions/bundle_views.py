"""Bundles: companies that together bring what a proposal needs."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.foundation import clock
from matchmaker.interests.queries import reads_all
from matchmaker.introductions import queries
from matchmaker.introductions.bundles import joint_offers
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.queries import is_open
from matchmaker.proposals.status import EDITABLE


@bp.get("/matches/<proposal_number:number>/bundles")
@requires(Permission.MATCH_READ)
def bundles(number: str) -> ResponseReturnValue:
    """Show who could join forces for a proposal, to its owner and the office."""
    user = acting_user()
    proposal = queries.find_ranked_proposal_for(user, number) or abort(404)
    may_read = reads_all(user) or proposal.organisation.is_verified
    return render_template(
        "introductions/bundles.html",
        proposal=proposal,
        found=joint_offers(proposal, on=clock.today()) if may_read else None,
        disclosure=disclosure_for(user),
        is_open=is_open(proposal, clock.today()),
        may_edit=not reads_all(user) and proposal.status in EDITABLE,
    )
