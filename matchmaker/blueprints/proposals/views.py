"""Read proposals: the public list, one's own, one proposal, and those of earlier years."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.accounts.models import User
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.proposals import files, joining, levels, proxy_views, publishing, results, writing  # noqa: F401
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.filter_forms import PastFilterForm, PublicFilterForm, result_label, year_label
from matchmaker.blueprints.proposals.lookup import reader, visible
from matchmaker.blueprints.proposals.presentation import (
    answers_for,
    issue_of,
    places_of,
    rows_of_own,
    status_shown,
    tags_of,
)
from matchmaker.foundation import clock
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import is_listed, list_of
from matchmaker.introductions.exposure_log import reach_of
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import queries
from matchmaker.proposals.proxy import role_of
from matchmaker.proposals.proxy_queries import entry_of
from matchmaker.proposals.status import EDITABLE, NOT_PUBLIC
from matchmaker.review.call_queries import call_of, list_open, theme_of
from matchmaker.review.circulation_queries import waits_shown_to
from matchmaker.review.queries import history_for, steps_for
from matchmaker.review.workflow import Action


@bp.get("", endpoint="list")
@public
def list_() -> ResponseReturnValue:
    """List what NPOs ask others to join."""
    form = PublicFilterForm(request.args)
    page = queries.list_public(form.wanted(), on=clock.today(), page=page_number())
    return render_template(
        "proposals/list.html", form=form, page=page, tags_of=tags_of, places_of=places_of, issue_of=issue_of
    )


@bp.get("/past")
@public
def past() -> ResponseReturnValue:
    """List the proposals of earlier years with their published results."""
    form = PastFilterForm(request.args)
    page = queries.list_past(form.wanted(), page=page_number())
    return render_template(
        "proposals/past.html", form=form, page=page, year_label=year_label, result_label=result_label
    )


@bp.get("/mine")
@requires(Permission.PROPOSAL_WRITE)
def mine() -> ResponseReturnValue:
    """List the organisation's proposals with what to do next."""
    user = acting_user()
    return render_template(
        "proposals/mine.html",
        organisation=user.organisation,
        rows=rows_of_own(queries.list_own(user)),
        calls=list_open(clock.now()),
    )


@bp.get("/<proposal_number:number>")
@public
def show(number: str) -> ResponseReturnValue:
    """Show one proposal, as far as the reader may know it."""
    proposal, user = visible(number), reader()
    if number != proposal.public_number:
        return redirect(url_for("proposals.show", number=proposal.public_number), code=301)
    status, tone = status_shown(proposal, user)
    steps = {step.action for step in steps_for(user, proposal)} if user else set()
    return render_template(
        "proposals/show.html",
        proposal=proposal,
        status=status,
        tone=tone,
        groups=answers_for(user, proposal),
        is_own=queries.is_own(user, proposal),
        sees_everything=queries.sees_everything(user, proposal),
        is_public=queries.is_public(proposal),
        is_open=queries.is_open(proposal, clock.today()),
        is_editable=proposal.status in EDITABLE,
        may_publish=proposal.status not in NOT_PUBLIC,
        may_withdraw=Action.WITHDRAW in steps,
        interests=_interests_of(user),
        **results.result_of(proposal, sees_everything=queries.sees_everything(user, proposal)),
        history=history_for(user, proposal),
        waits=waits_shown_to(user, proposal),
        entered=entry_of(proposal),
        role_of=role_of,
        call=call_of(proposal),
        theme=theme_of(proposal),
        reach=reach_of(proposal) if queries.is_own(user, proposal) and proposal.is_published else None,
    )


def _interests_of(user: User | None) -> list[Interest]:
    """The company's interests that the proposal can be compared with now."""
    if user is None or user.organisation is None or not user.may(Permission.INTEREST_WRITE):
        return []
    return [interest for interest in list_of(user.organisation) if is_listed(interest, clock.today())]
