"""「あと一歩」: what would lift a pair, worked out only when somebody asks."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.introductions import matches, queries
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.next_steps import FIRST_PAGE, next_steps_of
from matchmaker.introductions.service import side_of
from matchmaker.permissions.grants import Permission


@bp.get("/matches/<proposal_number:number>~<interest_number:interest>/next-steps")
@requires(Permission.MATCH_READ)
def next_steps(number: str, interest: str) -> ResponseReturnValue:
    """Show the cheapest changes that would lift a pair, and what costs it most; the office sees the proposal's list."""
    user, today = acting_user(), clock.today()
    proposal, offered = queries.find_pair_for(user, number, interest, on=today) or abort(404)
    side = side_of(user, proposal, offered)
    return render_template(
        "introductions/next_steps.html",
        proposal=proposal,
        interest=offered,
        company_name=disclosure_for(user).company(offered),
        match=matches.explain(proposal, offered, on=today),
        found=next_steps_of(proposal, offered, seen_from=side or Side.NPO, on=today),
        side=side,
        first_page=FIRST_PAGE,
    )
