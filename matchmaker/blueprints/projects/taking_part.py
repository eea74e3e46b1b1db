"""What the pages of a project's parties share: who may open them, and how a step is taken as one act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import TextAreaField

from matchmaker.blueprints.access import acting_user
from matchmaker.blueprints.forms import Form, hidden_number, typed_words
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import queries
from matchmaker.projects.lifecycle import NotYours
from matchmaker.projects.models import Project
from matchmaker.projects.parties import Party, parties_for
from matchmaker.projects.workflow import Part
from matchmaker.proposals.differences import difference


@dataclass(frozen=True, slots=True)
class Seat:
    """A project with the parties that the person acts for in it; there is at least one."""

    project: Project
    parties: Sequence[Party]

    @property
    def is_prefecture(self) -> bool:
        return any(party.part in {Part.OFFICE, Part.DIVISION} for party in self.parties)

    @property
    def is_office(self) -> bool:
        return any(party.part is Part.OFFICE for party in self.parties)

    @property
    def keys(self) -> set[str]:
        return {party.key for party in self.parties}


def take_seat(number: str) -> Seat:
    """Return the person's seat: 404 for a project that they may not see, 403 for one that they take no part in."""
    project = queries.find_for(acting_user(), number) or abort(404)
    parties = parties_for(acting_user(), project)
    if not parties:
        abort(403)
    return Seat(project, parties)


def take_seat_of_prefecture(number: str) -> Seat:
    """Return a seat of the division or the office; 403 for the partners."""
    seat = take_seat(number)
    if not seat.is_prefecture:
        abort(403)
    return seat


def page_of(template: str, seat: Seat, form: Form | None = None, **values: Any) -> ResponseReturnValue:
    """Show a page of the project; with a form that was refused, as such."""
    page = render_template(template, project=seat.project, seat=seat, form=form, **values)
    return page, 422 if form is not None and form.errors else 200


def act(
    seat: Seat,
    form: Form,
    take: Callable[[datetime], object],
    *,
    done: str,
    to: str,
    again: Callable[[DomainError], ResponseReturnValue] | None = None,
    conflict: Callable[[], ResponseReturnValue] | None = None,
) -> ResponseReturnValue:
    """Take one step as one act and go on to another page.

    ``again``: shows the form once more when it can be mended there; ``conflict``: when somebody else was first.
    """
    try:
        with transaction():
            take(clock.now())
    except EditConflict as refusal:
        return conflict() if conflict is not None else refused(seat, form, refusal)
    except NotYours as refusal:
        return refused(seat, form, refusal, code=403)
    except DomainError as refusal:
        return again(refusal) if again is not None else refused(seat, form, refusal)
    flash(done, "success")
    return redirect(to, code=303)


def refused(seat: Seat, form: Form, refusal: DomainError, *, code: int = 409) -> ResponseReturnValue:
    """Say why the step was not taken, where the project stands, and what was typed."""
    names = [field.short_name for field in form if isinstance(field, TextAreaField)] if request.method == "POST" else []
    typed = typed_words(form, *names)
    page = render_template("projects/refused.html", project=seat.project, refusal=refusal, typed=typed)
    return page, code


def conflict_page(
    what: str, texts: Sequence[tuple[str, str, str]], *, address: str, version: tuple[str, int]
) -> ResponseReturnValue:
    """Show both texts, pairs of mine and theirs by their label, and let one's own be saved over the other."""
    name, number = version
    kept = [(key, value) for key, value in request.form.items(multi=True) if key not in {"csrf_token", name}]
    conflict = {
        "what": what,
        "by": None,
        "at": None,
        "fields": [
            {"label": label, "mine": mine, "theirs": theirs, "changes": difference(theirs, mine)}
            for label, mine, theirs in texts
            if mine != theirs
        ],
        "edit_url": address,
        "resend": {"url": address, "values": [*kept, (name, str(number))]},
    }
    return render_template("errors/conflict.html", conflict=conflict), 409


def seen_version(form: Form) -> int:
    """Return the version that the page showed."""
    return hidden_number(form.version.data)


def address(seat: Seat, endpoint: str, **values: Any) -> str:
    """Return the address of another page of the project."""
    return url_for(f"projects.{endpoint}", number=seat.project.number, **values)


def yen(amount: int | None) -> str:
    """Return an amount as pages write it."""
    return "" if amount is None else _("%(yen)s円", yen=f"{amount:,}")
