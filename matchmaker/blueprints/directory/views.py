"""Organisations for everybody, for their members, and for the office that verifies them."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries as accounts
from matchmaker.accounts import verification
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.directory import name_views
from matchmaker.blueprints.directory.blueprint import bp
from matchmaker.blueprints.directory.conflicts import conflict_of
from matchmaker.blueprints.directory.forms import DivisionForm, FilterForm, RefusalForm, edit_form
from matchmaker.blueprints.forms import hidden_number
from matchmaker.directory import divisions as division_service
from matchmaker.directory import queries, service
from matchmaker.directory.models import Organisation
from matchmaker.directory.places import label_of
from matchmaker.directory.service import NumberTaken
from matchmaker.directory.terms import Verification
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission

__all__ = ["bp", "name_views"]

_ORGANISATION = "/organisations/<organisation_number:number>"


@bp.get("/organisations")
@public
def list() -> ResponseReturnValue:
    """List the verified organisations."""
    form = FilterForm(request)
    wanted = form.wanted()
    page = queries.list_public(wanted, page=page_number())
    return render_template("directory/list.html", form=form, page=page, applied=_applied(form))


@bp.get(_ORGANISATION)
@public
def show(number: str) -> ResponseReturnValue:
    """Show the public facts of an organisation."""
    organisation = queries.find_by_number(number)
    if organisation is None or not (organisation.is_verified or _is_own(organisation) or _may_verify()):
        abort(404)
    return render_template("directory/show.html", organisation=organisation, is_own=_is_own(organisation))


@bp.route(f"{_ORGANISATION}/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def edit(number: str) -> ResponseReturnValue:
    """Change one's own organisation."""
    organisation = _own_or_refuse(number)
    form = edit_form(organisation)
    if not form.validate_on_submit():
        page = render_template("directory/edit.html", form=form, organisation=organisation)
        return page, 200 if request.method == "GET" else 422
    user = acting_user()
    facts = form.facts(contact_name=user.name, contact_email=user.email)
    version = hidden_number(form.version.data)
    try:
        with transaction():
            needs_check = service.change(organisation, facts, version=version, actor_id=user.id, at=clock.now())
    except EditConflict:
        return render_template("errors/conflict.html", conflict=conflict_of(organisation, form)), 409
    except NumberTaken as refusal:
        form.corporate_number.errors = [str(refusal)]
        return render_template("directory/edit.html", form=form, organisation=organisation), 422
    if needs_check:
        flash(_("保存しました。NPO担当課が内容を確認するまで、団体の情報は公開されません。"), "success")
    else:
        flash(_("保存しました。"), "success")
    return redirect(url_for("directory.show", number=number), code=303)


@bp.get("/organisations/verification")
@requires(Permission.ORGANISATION_VERIFY)
def verification_queue() -> ResponseReturnValue:
    """List the organisations by the state of their check."""
    typed = request.args.get("state", "")
    state = Verification(typed) if typed in set(Verification) else Verification.WAITING
    page = accounts.list_for_verification(state, page=page_number())
    return render_template("directory/verification_queue.html", page=page, state=state, states=Verification)


@bp.get(f"{_ORGANISATION}/verification")
@requires(Permission.ORGANISATION_VERIFY)
def check(number: str) -> ResponseReturnValue:
    """Show all that was entered, with both answers."""
    return _check_page(_found(number), RefusalForm())


@bp.post(f"{_ORGANISATION}/verification/verify")
@requires(Permission.ORGANISATION_VERIFY)
def verify(number: str) -> ResponseReturnValue:
    """State that the organisation is what it says."""
    organisation = _found(number)
    acted(
        lambda at: verification.verify(organisation, actor=acting_user(), at=at),
        _("確認しました。団体の方にメールで知らせます。"),
    )
    return redirect(url_for("directory.verification_queue"), code=303)


@bp.post(f"{_ORGANISATION}/verification/refuse")
@requires(Permission.ORGANISATION_VERIFY)
def refuse(number: str) -> ResponseReturnValue:
    """State that this could not be found out, with the reason."""
    organisation = _found(number)
    form = RefusalForm()
    if not form.validate():
        return _check_page(organisation, form), 422
    acted(
        lambda at: verification.refuse(organisation, reason=form.reason.data, actor=acting_user(), at=at),
        _("「確認できない」と記録しました。理由を団体の方にメールで知らせます。"),
    )
    return redirect(url_for("directory.verification_queue"), code=303)


@bp.route("/divisions", methods=["GET", "POST"])
@requires(Permission.DIVISION_KEEP)
def divisions() -> ResponseReturnValue:
    """List the divisions and enter another one."""
    form = DivisionForm()
    if not form.validate_on_submit():
        page = render_template("directory/divisions.html", form=form, divisions=queries.list_divisions())
        return page, 200 if request.method == "GET" else 422
    with transaction():
        division_service.begin(
            form.name.data,
            form.department.data,
            on=form.valid_from_on.data,
            actor_id=acting_user().id,
            at=clock.now(),
        )
    flash(_("課を加えました。"), "success")
    return redirect(url_for("directory.divisions"), code=303)


@bp.post("/divisions/<int(max=2147483647):division_id>/end")
@requires(Permission.DIVISION_KEEP)
def end_division(division_id: int) -> ResponseReturnValue:
    """Let a division end today."""
    division = queries.find_division(division_id) or abort(404)
    acted(
        lambda at: division_service.end(division, last_on=clock.today(), actor_id=acting_user().id, at=at),
        _("課を終了しました。これまでの記録には名前が残ります。"),
    )
    return redirect(url_for("directory.divisions"), code=303)


def _is_own(organisation: Organisation) -> bool:
    return current_user.is_authenticated and current_user.organisation == organisation


def _may_verify() -> bool:
    return current_user.is_authenticated and current_user.may(Permission.ORGANISATION_VERIFY)


def _found(number: str) -> Organisation:
    return queries.find_by_number(number) or abort(404)


def _own_or_refuse(number: str) -> Organisation:
    """Another organisation that is public may be seen but not changed (403); others do not exist (404)."""
    organisation = _found(number)
    if not _is_own(organisation):
        abort(403 if organisation.is_verified else 404)
    return organisation


def _check_page(organisation: Organisation, form: RefusalForm) -> str:
    members = accounts.list_members(organisation)
    return render_template("directory/check.html", organisation=organisation, form=form, memberships=members)


def _applied(form: FilterForm) -> Any:
    """The filters that narrow now, each with the address without it."""
    wanted = form.wanted()
    named = (
        ("q", wanted.words and _("ことば：%(words)s", words=wanted.words)),
        ("side", wanted.side and wanted.side.label),
        ("field", wanted.field and wanted.field.label),
        ("place", wanted.place and label_of(wanted.place)),
    )
    return [(label, form.address(**{name: ""})) for name, label in named if label]
