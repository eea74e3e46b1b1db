"""Write a proposal: two screens to a matchable one, five sections to one that can be submitted."""

import re
from datetime import datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.forms import SECTION_FORMS, AnswersForm, NeedsForm, OutlineForm
from matchmaker.blueprints.proposals.lookup import own, own_editable
from matchmaker.blueprints.proposals.presentation import all_answers, conflict_of, missing_links, tasks_of
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.projects.reflection_queries import lessons_for
from matchmaker.proposals import service
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.questions import section as section_at
from matchmaker.proposals.status import EDITABLE
from matchmaker.review import joining
from matchmaker.review import service as review
from matchmaker.review.call_queries import call_of


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def new() -> ResponseReturnValue:
    """The first screen: what it is about."""
    organisation = _organisation()
    form = OutlineForm(fields=[field.value for field in organisation.fields])
    if form.validate_on_submit():
        kept = _kept_by_autosave(form)
        try:
            with transaction():
                proposal = _create_or_save(organisation, kept, form, clock.now())
                number = proposal.public_number
        except EditConflict:
            if kept is None:
                raise
            saved, page = own(kept.draft_number), url_for("proposals.section", number=kept.draft_number, section=1)
            return _conflict(form, saved, section_at(1).label, _numbered(saved, form.screen), page)
        return redirect(url_for("proposals.needs", number=number), code=303)
    return render_template("proposals/new.html", form=form), _status_of(form)


@bp.post("/new/autosave")
@requires(Permission.PROPOSAL_WRITE)
def autosave_new() -> ResponseReturnValue:
    """Keep the first screen while it is being typed: the first words make the draft, its number goes along."""
    organisation, form, at = _organisation(), OutlineForm(), clock.now()
    form.validate()
    kept = _kept_by_autosave(form)
    if kept is None and not any(form[name].data for name in ("title", "issue", "beneficiaries")):
        return jsonify(saved_at=at.isoformat(), version="")
    try:
        with transaction():
            proposal = _create_or_save(organisation, kept, form, at, is_autosave=True)
    except DomainError as refusal:
        return jsonify(error=str(refusal)), 409
    return jsonify(saved_at=at.isoformat(), version=_numbered(proposal, form.screen))


@bp.route("/<proposal_number:number>/needs", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def needs(number: str) -> ResponseReturnValue:
    """The second screen: where, when and what is needed; beside it, who fits."""
    proposal = own_editable(number)
    form = NeedsForm(proposal)
    if form.validate_on_submit():
        try:
            with transaction():
                at = clock.now()
                _save(proposal, form, at)
                _publish_or_not(proposal, is_published=form.is_published.data, at=at)
        except EditConflict:
            saved = own(number)
            version = service.version_of(saved, form.screen)
            return _conflict(form, saved, _("地域・時期・必要なもの"), version, request.path)
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("proposals.needs", number=number), code=303)
        _tell_saved(own(number))
        return redirect(url_for("introductions.matches_for_proposal", number=number), code=303)
    return render_template("proposals/needs.html", form=form, proposal=proposal), _status_of(form)


@bp.post("/<proposal_number:number>/needs/autosave")
@requires(Permission.PROPOSAL_WRITE)
def autosave_needs(number: str) -> ResponseReturnValue:
    """Keep the second screen while it is being filled in. Publishing waits for the button."""
    proposal = own(number)
    return _autosave(proposal, NeedsForm(proposal))


@bp.get("/<proposal_number:number>/edit")
@requires(Permission.PROPOSAL_WRITE)
def edit(number: str) -> ResponseReturnValue:
    """The task list: five sections and how far each is."""
    proposal = own_editable(number)
    return render_template(
        "proposals/edit.html",
        proposal=proposal,
        tasks=tasks_of(proposal),
        missing=missing_links(proposal),
        rule=joining.rule_of(proposal),
    )


@bp.route("/<proposal_number:number>/edit/<int:section>", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def section(number: str, section: int) -> ResponseReturnValue:
    """One section. It is stored however little is filled in."""
    proposal = own_editable(number)
    part, form = _section(section), _form_of(section, proposal)
    if form.validate_on_submit():
        try:
            with transaction():
                _save(proposal, form, clock.now())
        except EditConflict:
            saved = own(number)
            return _conflict(form, saved, part.label, service.version_of(saved, form.screen), request.path)
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("proposals.section", number=number, section=section), code=303)
        flash(_("「%(section)s」を保存しました。", section=part.label), "success")
        if request.form.get("then") == "next" and section < len(SECTIONS):
            return redirect(url_for("proposals.section", number=number, section=section + 1), code=303)
        return redirect(url_for("proposals.edit", number=number), code=303)
    lessons = lessons_for(proposal, part.number)
    page = render_template("proposals/section.html", form=form, proposal=proposal, section=part, lessons=lessons)
    return page, _status_of(form)


@bp.post("/<proposal_number:number>/edit/<int:section>/autosave")
@requires(Permission.PROPOSAL_WRITE)
def autosave(number: str, section: int) -> ResponseReturnValue:
    """Keep a section while it is being typed."""
    proposal = own(number)
    _section(section)
    return _autosave(proposal, _form_of(section, proposal))


@bp.get("/<proposal_number:number>/check")
@requires(Permission.PROPOSAL_SUBMIT)
def check(number: str) -> ResponseReturnValue:
    """Read everything once more before it is submitted; what is missing comes first."""
    proposal = own_editable(number)
    return render_template(
        "proposals/check.html",
        proposal=proposal,
        missing=missing_links(proposal),
        groups=all_answers(proposal),
        call=call_of(proposal),
        chosen_call=joining.chosen_value(proposal),
        is_too_late=joining.is_too_late(proposal, at=clock.now()),
        rule=joining.rule_of(proposal),
        version=service.version_of(proposal, tuple(Question)),
    )


@bp.post("/<proposal_number:number>/submit")
@requires(Permission.PROPOSAL_SUBMIT)
def submit(number: str) -> ResponseReturnValue:
    """Hand the proposal to the office, as it was read."""
    proposal = own(number)
    # The moment of arrival counts against a deadline, not the moment at which the database is free.
    read_as, read_for, at = request.form.get("version"), request.form.get("call"), clock.now()
    try:
        with transaction():
            if read_as:
                service.require_unchanged(proposal, read_as)
            if read_for is not None and read_for != joining.chosen_value(proposal):
                raise EditConflict
            review.submit(proposal, actor=acting_user(), at=at)
            number = proposal.public_number
    except DomainError as refusal:
        flash(str(refusal), "error")
        back_to = "proposals.check" if proposal.status in EDITABLE else "proposals.show"
        return redirect(url_for(back_to, number=proposal.public_number), code=303)
    flash(_("提案を提出しました。受付番号は %(number)s です。", number=number), "success")
    return redirect(url_for("proposals.show", number=number), code=303)


def _organisation() -> Organisation:
    return acting_user().organisation or abort(403)


def _numbered(proposal: Proposal, screen: tuple[Question, ...]) -> str:
    """The first screen has no number in its address; it travels with the version."""
    return f"{proposal.draft_number} {service.version_of(proposal, screen)}"


def _kept_by_autosave(form: OutlineForm) -> Proposal | None:
    """Return the draft that this first screen already is, if any; ``version`` keeps what tells its state."""
    kept = re.fullmatch(r"(D-[0-9]{4,8}) ([0-9a-f]+)", form.version.data or "")
    if kept is None:
        return None
    form.version.data = kept[2]
    return own_editable(kept[1])


def _create_or_save(
    organisation: Organisation, kept: Proposal | None, form: OutlineForm, at: datetime, *, is_autosave: bool = False
) -> Proposal:
    if kept is None:
        return service.create_draft(organisation, form.answers(), actor=acting_user(), at=at)
    write = service.autosave if is_autosave else service.save
    opened_as = form.version.data or ""
    write(kept, form.answers(), screen=form.screen, opened_as=opened_as, actor=acting_user(), at=at)
    return kept


def _section(number: int) -> Any:
    try:
        return section_at(number)
    except IndexError:
        abort(404)


def _form_of(number: int, proposal: Proposal) -> AnswersForm:
    form: AnswersForm = SECTION_FORMS[number](proposal)
    return form


def _save(proposal: Proposal, form: AnswersForm, at: datetime) -> None:
    service.save(
        proposal, form.answers(), screen=form.screen, opened_as=form.version.data or "", actor=acting_user(), at=at
    )


def _autosave(proposal: Proposal, form: AnswersForm) -> ResponseReturnValue:
    """Store what can be stored and leave the rest to the person; a refusal is told in words."""
    form.validate()
    at = clock.now()
    try:
        with transaction():
            service.autosave(
                proposal,
                form.answers(),
                screen=form.screen,
                opened_as=form.version.data or "",
                actor=acting_user(),
                at=at,
            )
    except DomainError as refusal:
        return jsonify(error=str(refusal)), 409
    return jsonify(saved_at=at.isoformat(), version=service.version_of(proposal, form.screen))


def _publish_or_not(proposal: Proposal, *, is_published: bool, at: datetime) -> None:
    if is_published:
        service.publish(proposal, actor=acting_user(), at=at)
    else:
        service.unpublish(proposal, actor=acting_user(), at=at)


def _tell_saved(proposal: Proposal) -> None:
    if proposal.is_published and not proposal.organisation.is_verified:
        flash(_("保存しました。事務局が団体の確認をすませると、企業に公開されます。"), "success")
    elif proposal.is_published:
        flash(_("保存しました。提案は企業に公開されています。"), "success")
    else:
        flash(_("保存しました。提案はまだ公開されていません。"), "success")


def _conflict(form: AnswersForm, saved: Proposal, what: str, version: str, edit_url: str) -> ResponseReturnValue:
    named = _("提案 %(number)s の「%(what)s」", number=saved.public_number, what=what)
    conflict = conflict_of(form, saved, what=named, version=version, edit_url=edit_url)
    return render_template("errors/conflict.html", conflict=conflict), 409


def _status_of(form: AnswersForm) -> int:
    return 422 if form.errors else 200
