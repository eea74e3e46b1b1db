"""Views of saved lists: keeping one, reading it, making it again, taking it away."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.paging import Page
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.introductions import queries, saved_lists, vocabularies
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.kept_models import SavedList
from matchmaker.introductions.saved_lists import MOST_KEPT, SavedLine, lines_of
from matchmaker.introductions.sentences import criterion_label
from matchmaker.matching.weights import Criterion, from_data
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_public, sees_everything
from matchmaker.proposals.recusals import closed_numbers

_SAVED = "/saved-lists/<int(max=2147483647):saved_id>"
LINES_SIZE = 20


@bp.post("/matches/<proposal_number:number>/save")
@requires(Permission.MATCH_READ)
def save_list_of_proposal(number: str) -> ResponseReturnValue:
    """Keep the list of a proposal as it is now."""
    return _save(queries.find_ranked_proposal_for(acting_user(), number) or abort(404))


@bp.post("/matches/<interest_number:number>/save")
@requires(Permission.MATCH_READ)
def save_list_of_interest(number: str) -> ResponseReturnValue:
    """Keep the list of an interest as it is now."""
    return _save(queries.find_ranked_interest_for(acting_user(), number) or abort(404))


@bp.get("/saved-lists")
@requires(Permission.MATCH_READ)
def saved() -> ResponseReturnValue:
    """List what was kept."""
    return render_template(
        "introductions/saved_lists.html",
        page=saved_lists.list_for(acting_user(), page_number()),
        disclosure=disclosure_for(acting_user()),
        most=MOST_KEPT,
        url_for_page=lambda page: url_for("introductions.saved", page=page),
    )


@bp.get(_SAVED)
@requires(Permission.MATCH_READ)
def saved_list(saved_id: int) -> ResponseReturnValue:
    """Show a list as it was."""
    kept = _find(saved_id)
    closed, number = _closed(kept), page_number()
    lines = [line for line in lines_of(kept) if line.id not in closed]
    shown = lines[(number - 1) * LINES_SIZE : number * LINES_SIZE]
    return render_template(
        "introductions/saved_list.html",
        kept=kept,
        ruleset=from_data(kept.ruleset),
        vocabulary=vocabularies.label_of(kept.knowledge["vocabulary"]),
        page=Page(shown, number, LINES_SIZE, len(lines)),
        names=_names(kept, shown),
        criterion_labels={criterion.value: criterion_label(criterion) for criterion in Criterion},
        url_for_page=lambda page: url_for("introductions.saved_list", saved_id=saved_id, page=page),
    )


@bp.get(f"{_SAVED}/again")
@requires(Permission.MATCH_READ)
def saved_list_again(saved_id: int) -> ResponseReturnValue:
    """Make a list again from what was kept, and say whether it is the same."""
    kept = _find(saved_id)
    made, closed = saved_lists.make_again(kept, on=clock.today()), _closed(kept)
    return render_template(
        "introductions/saved_list_again.html",
        kept=kept,
        made=made,
        differences=[one for one in made.differences if one.id not in closed],
        vocabulary=vocabularies.label_of(kept.knowledge["vocabulary"]),
        most=LINES_SIZE,
    )


@bp.post(f"{_SAVED}/remove")
@requires(Permission.MATCH_READ)
def remove_saved_list(saved_id: int) -> ResponseReturnValue:
    """Take a list away."""
    kept = _find(saved_id)
    if kept.organisation_id != _organisation_id():
        abort(403)
    if not acted(lambda at: saved_lists.remove(saved_id, actor=acting_user(), at=at), _("保存した一覧を消しました。")):
        return redirect(url_for("introductions.saved_list", saved_id=saved_id), code=303)
    return redirect(url_for("introductions.saved"), code=303)


def _save(record: Proposal | Interest) -> ResponseReturnValue:
    user = acting_user()
    if not saved_lists.may_keep(user, record):
        abort(403)
    try:
        made = saved_lists.capture(record, on=clock.today())
        with transaction():
            saved_id = saved_lists.save(made, actor=user, at=clock.now()).id
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("introductions.saved"), code=303)
    flash(_("この一覧を保存しました。あとで同じ条件で計算し直せます。"), "success")
    return redirect(url_for("introductions.saved_list", saved_id=saved_id), code=303)


def _find(saved_id: int) -> SavedList:
    return saved_lists.find_for(acting_user(), saved_id) or abort(404)


def _closed(kept: SavedList) -> frozenset[str]:
    """What the person keeps out of is left out of a kept list too, unless it is their own organisation's."""
    is_own = kept.organisation_id is not None and kept.organisation_id == _organisation_id()
    return frozenset() if is_own else closed_numbers(acting_user())


def _organisation_id() -> int | None:
    organisation = acting_user().organisation
    return organisation.id if organisation else None


def _names(kept: SavedList, lines: list[SavedLine]) -> dict[str, tuple[str, str]]:
    """Return number and title by the id of the facts, of records that are still there; names as known today."""
    ids = [line.id for line in lines]
    if kept.proposal_id is not None:
        disclosure = disclosure_for(acting_user())
        found = db.session.scalars(select(Interest).where(Interest.number.in_(ids)))
        return {one.number: (one.number, disclosure.company(one)) for one in found}
    user = acting_user()
    proposals = db.session.scalars(select(Proposal).where(Proposal.draft_number.in_(ids)))
    # A proposal that was taken back may have a title by now that was never shown to anybody.
    known = (one for one in proposals if is_public(one) or sees_everything(user, one))
    return {one.draft_number: (one.public_number, one.title) for one in known}
