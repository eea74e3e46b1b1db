"""Find the proposal of an address, as far as the person may use it; every view begins here."""

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.blueprints.access import acting_user
from matchmaker.proposals import queries
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.service import TextIsClosed
from matchmaker.proposals.status import EDITABLE


def reader() -> User | None:
    """Return the person who is signed in, if any."""
    return acting_user() if current_user.is_authenticated else None


def visible(number: str) -> Proposal:
    """Return a proposal that the reader may see at all, or end with 404."""
    return queries.find_for(reader(), number) or abort(404)


def read_in_full(number: str) -> Proposal:
    """Return a proposal whose every answer the reader may see; others see the same 404 as for one that is not there."""
    proposal = visible(number)
    if not queries.sees_everything(reader(), proposal):
        abort(404)
    return proposal


def own(number: str) -> Proposal:
    """Return a proposal of the person's own organisation: 404 for one that they may not see, 403 for another's."""
    proposal = visible(number)
    if not queries.is_own(reader(), proposal):
        abort(403)
    return proposal


def own_editable(number: str) -> Proposal:
    """Return an own proposal whose text may be changed; one that was handed in leads to its page, which says so."""
    proposal = own(number)
    if proposal.status not in EDITABLE:
        flash(str(TextIsClosed()), "error")
        abort(redirect(url_for("proposals.show", number=proposal.public_number), code=303))
    return proposal
