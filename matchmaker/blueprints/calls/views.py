"""Calls: the office's editor, the public pages, and the published criteria."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.calls.forms import CallForm, CancelForm, NewCallForm
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.differences import difference
from matchmaker.proposals.queries import division_names
from matchmaker.review import call_queries, calls
from matchmaker.review.call_facts import in_words
from matchmaker.review.call_models import Call, CallPhase
from matchmaker.review.criteria import STANDING
from matchmaker.review.criteria_templates import template, templates

bp = Blueprint("calls", __name__)

TONES = {
    CallPhase.DRAFT: "neutral",
    CallPhase.COMING: "info",
    CallPhase.OPEN: "success",
    CallPhase.CLOSED: "neutral",
    CallPhase.CANCELLED: "danger",
}


@bp.get("/criteria")
@public
def criteria() -> ResponseReturnValue:
    """By what a proposal is judged: the calls that are open or will open, and the standing criteria."""
    at = clock.now()
    return render_template(
        "calls/criteria.html",
        current=call_queries.list_current(at),
        past=call_queries.list_past(at, page=page_number()),
        standing=STANDING,
        phase_of=_phase_of,
        url_for_page=lambda number: url_for("calls.criteria", page=number, _anchor="past"),
    )


@bp.get("/calls/<call_number:number>")
@public
def show(number: str) -> ResponseReturnValue:
    """One call; to the office also one that nobody else sees yet."""
    call = call_queries.find_for(_reader(), number) or abort(404)
    return render_template("calls/show.html", call=call, phase_of=_phase_of, cancel_form=CancelForm(None))


@bp.get("/calls/<call_number:number>/history")
@public
def history(number: str) -> ResponseReturnValue:
    """What was changed in a published call, when and why."""
    call = call_queries.find_for(_reader(), number) or abort(404)
    return render_template("calls/history.html", call=call, editions=call_queries.list_editions(call))


@bp.get("/themes/<theme_number:number>")
@public
def theme(number: str) -> ResponseReturnValue:
    """One theme of a division."""
    found, call = call_queries.find_theme_for(_reader(), number) or abort(404)
    return render_template("calls/theme.html", theme=found, call=call, phase_of=_phase_of)


@bp.get("/calls", endpoint="list")
@requires(Permission.CALL_EDIT)
def list_() -> ResponseReturnValue:
    """All calls of the office, with how many write for them."""
    page = call_queries.list_of_office(page=page_number())
    return render_template(
        "calls/list.html",
        page=page,
        counts=call_queries.count_proposals(page.items),
        phase_of=_phase_of,
        url_for_page=lambda number: url_for("calls.list", page=number),
    )


@bp.route("/calls/new", methods=["GET", "POST"])
@requires(Permission.CALL_EDIT)
def new() -> ResponseReturnValue:
    """Begin a call with one of the published sets of criteria."""
    chosen = template(request.args.get("template", ""))
    form = NewCallForm(list_divisions(on=clock.today()), chosen)
    if form.validate_on_submit():
        fy = int(form.fiscal_year.data)
        with transaction():
            number = calls.draft(form.facts(), fiscal_year=fy, actor=acting_user(), at=clock.now()).number
        flash(
            _("%(number)s を下書きとして保存しました。公表するまで、事務局だけに見えます。", number=number), "success"
        )
        return redirect(url_for("calls.show", number=number), code=303)
    return render_template("calls/new.html", form=form, chosen=chosen, templates=templates()), _status_of(form)


@bp.route("/calls/<call_number:number>/edit", methods=["GET", "POST"])
@requires(Permission.CALL_EDIT)
def edit(number: str) -> ResponseReturnValue:
    """Change a call; a published one with the reason."""
    call = _found(number)
    form = CallForm(list_divisions(), calls.facts_of(call), version=call.version)
    if form.validate_on_submit():
        reason = form.change_reason.data
        try:
            with transaction():
                facts, version = form.facts(), form.seen_version
                calls.change(call, facts, version=version, reason=reason, actor=acting_user(), at=clock.now())
        except EditConflict:
            return render_template("errors/conflict.html", conflict=_conflict(_found(number), form)), 409
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
            return render_template("calls/edit.html", form=form, call=_found(number), phase_of=_phase_of), 422
        flash(_("募集を保存しました。"), "success")
        return redirect(url_for("calls.show", number=number), code=303)
    return render_template("calls/edit.html", form=form, call=call, phase_of=_phase_of), _status_of(form)


@bp.post("/calls/<call_number:number>/publish")
@requires(Permission.CALL_EDIT)
def publish(number: str) -> ResponseReturnValue:
    """Show a call to everybody."""
    call = _found(number)
    acted(
        lambda at: calls.publish(call, actor=acting_user(), at=at),
        _("公表しました。審査基準のページと、この募集のページに出ています。"),
    )
    return redirect(url_for("calls.show", number=number), code=303)


@bp.post("/calls/<call_number:number>/cancel")
@requires(Permission.CALL_EDIT)
def cancel(number: str) -> ResponseReturnValue:
    """End a call before its time, with the reason."""
    call, form = _found(number), CancelForm()
    if not form.validate_on_submit():
        return render_template("calls/show.html", call=call, phase_of=_phase_of, cancel_form=form, form=form), 422
    acted(
        lambda at: calls.cancel(call, reason=form.reason.data, actor=acting_user(), at=at),
        _("募集を中止しました。この募集に書いている団体に、メールで知らせます。"),
    )
    return redirect(url_for("calls.show", number=number), code=303)


@bp.post("/calls/<call_number:number>/copy")
@requires(Permission.CALL_EDIT)
def copy(number: str) -> ResponseReturnValue:
    """Begin the next year's call with this one's words, a year later."""
    call = _found(number)
    with transaction():
        made = calls.copy(call, actor=acting_user(), at=clock.now()).number
    flash(_("%(old)s を写して %(new)s をつくりました。日付は1年あとです。", old=number, new=made), "success")
    return redirect(url_for("calls.edit", number=made), code=303)


def _reader() -> User | None:
    return acting_user() if current_user.is_authenticated else None


def _found(number: str) -> Call:
    return call_queries.find_for(acting_user(), number) or abort(404)


def _phase_of(call: Call) -> tuple[CallPhase, str]:
    phase = call.phase(clock.now())
    return phase, TONES[phase]


def _status_of(form: CallForm) -> int:
    return 422 if form.errors else 200


def _conflict(call: Call, form: CallForm) -> dict[str, Any]:
    """Both texts where they differ, and how to save one's own after all."""
    names, last = division_names(), call_queries.last_edition(call)
    mine, theirs = dict(in_words(form.facts(), names)), dict(in_words(calls.facts_of(call), names))
    address = url_for("calls.edit", number=call.number)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    return {
        "what": _("募集 %(number)s", number=call.number),
        "by": last.saved_by.name if last else None,
        "at": last.saved_at if last else None,
        "fields": [
            {"label": label, "mine": text, "theirs": theirs[label], "changes": difference(theirs[label], text)}
            for label, text in mine.items()
            if text != theirs[label]
        ],
        "edit_url": address,
        "resend": {"url": address, "values": [*typed, ("version", str(call.version))]},
    }
