"""Write a proposal: two screens to a matchable one, five sections to one that can be submitted."""

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
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import service
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.questions import section as section_at
from matchmaker.proposals.status import EDITABLE
from matchmaker.review import service as review


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def new() -> ResponseReturnValue:
    """The first screen: what it is about."""
    organisation = acting_user().organisation or abort(403)
    form = OutlineForm(fields=[field.value for field in organisation.fields])
    if form.validate_on_submit():
        answers = form.answers()
        with transaction():
            proposal = service.create_draft(organisation, answers, actor=acting_user(), at=clock.now())
            number = proposal.public_number
        return redirect(url_for("proposals.needs", number=number), code=303)
    return render_template("proposals/new.html", form=form), _status_of(form)


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
            return _conflict(form, number, _("地域・時期・必要なもの"))
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
        "proposals/edit.html", proposal=proposal, tasks=tasks_of(proposal), missing=missing_links(proposal)
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
            return _conflict(form, number, part.label)
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("proposals.section", number=number, section=section), code=303)
        flash(_("「%(section)s」を保存しました。", section=part.label), "success")
        if request.form.get("then") == "next" and section < len(SECTIONS):
            return redirect(url_for("proposals.section", number=number, section=section + 1), code=303)
        return redirect(url_for("proposals.edit", number=number), code=303)
    return render_template("proposals/section.html", form=form, proposal=proposal, section=part), _status_of(form)


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
        version=service.version_of(proposal, tuple(Question)),
    )


@bp.post("/<proposal_number:number>/submit")
@requires(Permission.PROPOSAL_SUBMIT)
def submit(number: str) -> ResponseReturnValue:
    """Hand the proposal to the office, as it was read."""
    proposal = own(number)
    read_as = request.form.get("version")
    try:
        with transaction():
            if read_as:
                service.require_unchanged(proposal, read_as)
            review.submit(proposal, actor=acting_user(), at=clock.now())
            number = proposal.public_number
    except DomainError as refusal:
        flash(str(refusal), "error")
        back_to = "proposals.check" if proposal.status in EDITABLE else "proposals.show"
        return redirect(url_for(back_to, number=proposal.public_number), code=303)
    flash(_("提案を提出しました。受付番号は %(number)s です。", number=number), "success")
    return redirect(url_for("proposals.show", number=number), code=303)


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


def _conflict(form: AnswersForm, number: str, what: str) -> ResponseReturnValue:
    saved = own(number)
    named = _("提案 %(number)s の「%(what)s」", number=saved.public_number, what=what)
    return render_template("errors/conflict.html", conflict=conflict_of(form, saved, what=named)), 409


def _status_of(form: AnswersForm) -> int:
    return 422 if form.errors else 200
