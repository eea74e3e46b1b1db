"""Names through the years: divisions and organisations, renamed or merged. Projects keep the name of their day."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.directory.blueprint import bp
from matchmaker.blueprints.directory.name_forms import MergeForm, RenameForm, SuccessorForm
from matchmaker.directory import divisions, names, queries
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.projects.continuing import refresh_names

_ORGANISATION = "/organisations/<organisation_number:number>"


@bp.route("/divisions/<int(max=2147483647):division_id>/successor", methods=["GET", "POST"])
@requires(Permission.DIVISION_KEEP)
def succeed_division(division_id: int) -> ResponseReturnValue:
    """Say under which name, or in which division, the work of a division goes on."""
    division = queries.find_division(division_id) or abort(404)
    form = SuccessorForm(division, queries.list_divisions(on=clock.today()))
    if form.validate_on_submit():
        try:
            with transaction():
                _succeed(division, form)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("記録しました。これまでの事業には、そのときの名前と、いまの名前が並びます。"), "success")
            return redirect(url_for("directory.divisions"), code=303)
    page = render_template("directory/succeed_division.html", form=form, division=division)
    return page, 422 if form.errors else 200


@bp.route(f"{_ORGANISATION}/names", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_VERIFY)
def organisation_names(number: str) -> ResponseReturnValue:
    """Show the names that an organisation bore, and enter a new one with its day."""
    organisation = _found(number)
    form = RenameForm(organisation)
    if form.validate_on_submit():
        actor_id, on = acting_user().id, _day(form.on.data)
        try:
            with transaction():
                names.rename(organisation, form.name.data, form.kana.data, on=on, actor_id=actor_id, at=clock.now())
                refresh_names(organisation=organisation)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("名前を変えました。前の名前でもさがせます。"), "success")
            return redirect(url_for("directory.organisation_names", number=number), code=303)
    return _names_page(organisation, form)


@bp.route(f"{_ORGANISATION}/merge", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_VERIFY)
def merge_organisation(number: str) -> ResponseReturnValue:
    """State that an organisation became part of another."""
    organisation = _found(number)
    form = MergeForm()
    if form.validate_on_submit():
        into = queries.find_by_number(form.into.data.upper())
        try:
            if into is None:
                raise names.CannotMerge(_("その番号の団体が見つかりません。番号を確かめてください（例：O-0012）。"))
            with transaction():
                names.merge(organisation, into, on=_day(form.on.data), actor_id=acting_user().id, at=clock.now())
                refresh_names(organisation=into)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("統合を記録しました。前の団体の名前でもさがせます。"), "success")
            return redirect(url_for("directory.show", number=number), code=303)
    page = render_template("directory/merge_organisation.html", form=form, organisation=organisation)
    return page, 422 if form.errors else 200


def _succeed(division: Division, form: SuccessorForm) -> None:
    on, actor_id, at = _day(form.on.data), acting_user().id, clock.now()
    if form.how.data == "rename":
        divisions.rename(division, form.name.data, form.department.data, on=on, actor_id=actor_id, at=at)
    else:
        successor = queries.find_division(int(form.successor.data)) or abort(404)
        divisions.merge_into(division, successor, on=on, actor_id=actor_id, at=at)
    refresh_names(division=division)


def _names_page(organisation: Organisation, form: RenameForm) -> ResponseReturnValue:
    page = render_template("directory/organisation_names.html", form=form, organisation=organisation)
    return page, 422 if request.method == "POST" else 200


def _found(number: str) -> Organisation:
    return queries.find_by_number(number) or abort(404)


def _day(day: date | None) -> date:
    if day is None:
        raise ValueError("the form was not validated")
    return day
