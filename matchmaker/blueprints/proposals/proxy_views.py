"""Proposals entered for an NPO: the enterer's pages, and the owner's confirmation by a link or a code."""

from datetime import datetime

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.forms import SECTION_FORMS
from matchmaker.blueprints.proposals.joining import ChooseCallForm
from matchmaker.blueprints.proposals.presentation import all_answers, conflict_of
from matchmaker.blueprints.proposals.proxy_forms import CodeForm, ConfirmForm, KnownNpoForm, NewNpoForm
from matchmaker.directory import service as directory
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import proxy, service
from matchmaker.proposals import proxy_queries as queries
from matchmaker.proposals.completeness import missing_answers, state_of
from matchmaker.proposals.proxy_models import Channel, ConfirmedBy, ProxyEntry
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.questions import section as section_at
from matchmaker.review import joining, proxy_submission

_ENTRY = "/proxy/<proposal_number:number>"


@bp.get("/proxy")
@requires(Permission.PROXY_ENTER)
def proxy_list() -> ResponseReturnValue:
    """What was entered for others, and how far each is."""
    return render_template(
        "proposals/proxy_list.html",
        page=queries.list_for(acting_user(), page=page_number()),
        url_for_page=lambda number: url_for("proposals.proxy_list", page=number),
    )


@bp.route("/proxy/new", methods=["GET", "POST"])
@requires(Permission.PROXY_ENTER)
def proxy_new() -> ResponseReturnValue:
    """Begin for an NPO that is registered."""
    form = KnownNpoForm()
    if form.validate_on_submit():
        with transaction():
            entry = proxy.enter(
                form.organisation or abort(404), Channel(form.channel.data), actor=acting_user(), at=clock.now()
            )
            number = entry.proposal.draft_number
        return redirect(url_for("proposals.proxy_section", number=number, section=1), code=303)
    return render_template("proposals/proxy_new.html", form=form), 422 if form.errors else 200


@bp.route("/proxy/new-organisation", methods=["GET", "POST"])
@requires(Permission.PROXY_ENTER)
def proxy_new_organisation() -> ResponseReturnValue:
    """Begin for an NPO that is not registered yet; it waits for the office's check like any other."""
    form = NewNpoForm()
    if form.validate_on_submit():
        user, at, facts = acting_user(), clock.now(), form.facts(contact_name="", contact_email="")
        try:
            with transaction():
                organisation = directory.register(facts, side=Side.NPO, actor_id=user.id, at=at)
                entry = proxy.enter(organisation, Channel(form.channel.data), actor=user, at=at)
                number = entry.proposal.draft_number
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return redirect(url_for("proposals.proxy_section", number=number, section=1), code=303)
    return render_template("proposals/proxy_new_organisation.html", form=form), 422 if form.errors else 200


@bp.get(_ENTRY)
@requires(Permission.PROXY_ENTER)
def proxy_show(number: str) -> ResponseReturnValue:
    """How far an entry is, and what to do next."""
    entry = _found(number)
    answers, today = service.answers_of(entry.proposal), clock.today()
    return render_template(
        "proposals/proxy_show.html",
        entry=entry,
        sections=[(part, state_of(part, answers, on=today)) for part in SECTIONS],
        missing=missing_answers(answers, on=today),
        rule=joining.rule_of(entry.proposal),
        may_submit=proxy_submission.may_submit(entry),
        may_reopen=proxy.may_reopen(entry),
    )


@bp.route(f"{_ENTRY}/edit/<int:section>", methods=["GET", "POST"])
@requires(Permission.PROXY_ENTER)
def proxy_section(number: str, section: int) -> ResponseReturnValue:
    """One section of the text, as the paper or the caller says it."""
    entry = _found(number)
    if not 1 <= section <= len(SECTIONS):
        abort(404)
    part, form = section_at(section), SECTION_FORMS[section](entry.proposal)
    if form.validate_on_submit():
        try:
            with transaction():
                proxy.require_writable(entry)
                opened_as, at = form.version.data or "", clock.now()
                service.save(
                    entry.proposal,
                    form.answers(),
                    screen=form.screen,
                    opened_as=opened_as,
                    actor=acting_user(),
                    at=at,
                )
        except EditConflict:
            saved = _found(number).proposal
            version = service.version_of(saved, form.screen)
            conflict = conflict_of(form, saved, what=part.label, version=version, edit_url=request.path)
            return render_template("errors/conflict.html", conflict=conflict), 409
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("proposals.proxy_show", number=number), code=303)
        flash(_("「%(section)s」を保存しました。", section=part.label), "success")
        if section == len(SECTIONS):
            return redirect(url_for("proposals.proxy_show", number=number), code=303)
        return redirect(url_for("proposals.proxy_section", number=number, section=section + 1), code=303)
    page = render_template("proposals/proxy_section.html", form=form, entry=entry, section=part)
    return page, 422 if form.errors else 200


@bp.post(f"{_ENTRY}/reopen")
@requires(Permission.PROXY_ENTER)
def proxy_reopen(number: str) -> ResponseReturnValue:
    """Mend what the owner refused or the office returned."""
    entry = _found(number)
    acted(
        lambda at: proxy.reopen(entry, actor=acting_user(), at=at),
        _("直せるようになりました。直したら、もう一度、団体に確認を頼んでください。"),
    )
    return redirect(url_for("proposals.proxy_show", number=number), code=303)


@bp.route(f"{_ENTRY}/call", methods=["GET", "POST"])
@requires(Permission.PROXY_ENTER)
def proxy_call(number: str) -> ResponseReturnValue:
    """Say for which call the paper is, as the owner wrote on it."""
    entry = _found(number)
    form = ChooseCallForm(entry.proposal)
    if form.validate_on_submit():
        try:
            with transaction():
                proxy.require_writable(entry)
                joining.choose(entry.proposal, form.choice.data, actor=acting_user(), at=clock.now())
        except DomainError as refusal:
            flash(str(refusal), "error")
        else:
            flash(_("応募する募集を保存しました。"), "success")
        return redirect(url_for("proposals.proxy_show", number=number), code=303)
    return render_template("proposals/proxy_call.html", form=form, entry=entry), 422 if form.errors else 200


@bp.post(f"{_ENTRY}/ask")
@requires(Permission.PROXY_ENTER)
def proxy_ask(number: str) -> ResponseReturnValue:
    """Mail the confirming link to the organisation."""
    entry = _found(number)
    acted(lambda at: proxy.ask(entry, actor=acting_user(), at=at), _("団体の連絡先に、確認のメールを送ります。"))
    return redirect(url_for("proposals.proxy_show", number=number), code=303)


@bp.post(f"{_ENTRY}/code")
@requires(Permission.PROXY_ENTER)
def proxy_code(number: str) -> ResponseReturnValue:
    """Make a code and show it once, on a sheet that can be posted or read out."""
    entry = _found(number)
    try:
        with transaction():
            code = proxy.make_code(entry, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("proposals.proxy_show", number=number), code=303)
    entry = _found(number)
    # The address comes from the settings and never from the request.
    address = current_app.config["BASE_URL"] + url_for("proposals.proxy_enter_code")
    groups = all_answers(entry.proposal)
    return render_template("proposals/proxy_sheet.html", entry=entry, code=code, address=address, groups=groups)


@bp.post(f"{_ENTRY}/submit")
@requires(Permission.PROXY_ENTER)
def proxy_submit(number: str) -> ResponseReturnValue:
    """Hand in what the owner confirmed while it could not be submitted yet."""
    entry = _found(number)
    acted(
        lambda at: proxy_submission.submit_confirmed(entry, actor=acting_user(), at=at),
        _("団体が確認した提案を提出しました。"),
    )
    return redirect(url_for("proposals.proxy_show", number=number), code=303)


@bp.route("/proxy/confirm/<token>", methods=["GET", "POST"])
@public
def proxy_confirm(token: str) -> ResponseReturnValue:
    """The owner reads what was entered for them; only the button confirms."""
    entry = proxy.find_by_link(token, at=clock.now())
    if entry is None:
        return render_template("proposals/proxy_not_usable.html"), 410
    return _answer(entry, ConfirmedBy.LINK, ConfirmForm(), token=token)


@bp.route("/proxy/code", methods=["GET", "POST"], endpoint="proxy_enter_code")
@public
def proxy_enter_code() -> ResponseReturnValue:
    """The way for people without mail: number and code open the text, and the button confirms it."""
    form, at = CodeForm(), clock.now()
    if not form.validate_on_submit():
        return render_template("proposals/proxy_code.html", form=form), 422 if form.errors else 200
    with transaction():
        entry = proxy.find_by_code(form.number.data.upper(), form.code.data.replace("-", ""), at=at)
        found_id = entry.id if entry else None
    if entry is None or found_id is None:
        form.form_errors.append(
            _(
                "番号かコードが違います。5回まちがえると使えなくなります。使えないときは、伝えた人に新しいコードを頼んでください。"
            )
        )
        return render_template("proposals/proxy_code.html", form=form), 422
    return _answer(entry, ConfirmedBy.CODE, ConfirmForm(), token="")


def _answer(entry: ProxyEntry, way: ConfirmedBy, form: ConfirmForm, *, token: str) -> ResponseReturnValue:
    then = request.form.get("then")
    if then not in {"confirm", "refuse"} or not form.validate():
        return _confirm_page(entry, form), 422 if form.errors else 200
    if then == "refuse" and not form.reason.data:
        form.reason.errors = [_("どこが違うかを入力してください")]
        return _confirm_page(entry, form), 422
    organisation_is_known, at = entry.proposal.organisation.is_verified, clock.now()
    try:
        with transaction():
            if then == "refuse":
                proxy.refuse(entry, way, reason=form.reason.data, token=token, at=at)
            else:
                _confirm(entry, way, form, token, at)
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _confirm_page(entry, form), 409
    return render_template(
        "proposals/proxy_done.html", entry=entry, is_refused=then == "refuse", is_known=organisation_is_known
    )


def _confirm(entry: ProxyEntry, way: ConfirmedBy, form: ConfirmForm, token: str, at: datetime) -> None:
    """Confirming submits, where the office knows the organisation: a deadline counts the owner's press."""
    if request.form.get("as_standing"):
        joining.choose(entry.proposal, joining.STANDING, actor=entry.entered_by, at=at)
    proxy.confirm(entry, way, read_as=form.version.data or "", token=token, at=at)
    if proxy_submission.may_submit(entry):
        proxy_submission.submit_confirmed(entry, actor=None, at=at)


def _confirm_page(entry: ProxyEntry, form: ConfirmForm) -> str:
    proposal = entry.proposal
    return render_template(
        "proposals/proxy_confirm.html",
        entry=entry,
        form=form,
        groups=all_answers(proposal),
        entered_by=proxy.role_of(entry),
        rule=joining.rule_of(proposal),
        is_too_late=joining.is_too_late(proposal, at=clock.now()),
        version=service.version_of(proposal, tuple(Question)),
    )


def _found(number: str) -> ProxyEntry:
    return queries.find_for(acting_user(), number) or abort(404)
