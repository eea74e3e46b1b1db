"""Views of introductions: what was asked, and the answers."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.forms import AcceptForm, DeclineForm
from matchmaker.blueprints.introductions.presentation import TONES, next_step, url_for_page
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.queries import reads_all
from matchmaker.introductions import queries, saved_lists, service
from matchmaker.introductions.declined import effect_of, effect_sentence
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.matches import from_snapshot
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.queries import Box
from matchmaker.introductions.sides import contact_rows
from matchmaker.introductions.status import DeclineReason, IntroductionStatus
from matchmaker.permissions.grants import Permission

Contacts = list[tuple[str, list[dict[str, str]]]]


@bp.get("/introductions", endpoint="list")
@requires(Permission.MATCH_READ)
def list_() -> ResponseReturnValue:
    """List what was asked of the organisation and what it asked; the office reads all."""
    user = acting_user()
    asked_box = request.args.get("box", "")
    box = Box.ALL if reads_all(user) else Box.SENT if asked_box == Box.SENT else Box.RECEIVED
    page = queries.list_introductions_for(user, box, page_number())
    return render_template(
        "introductions/list.html",
        box=box.value,
        page=page,
        disclosure=disclosure_for(user),
        waiting=queries.count_waiting_for(user) if box is not Box.ALL else 0,
        next_step=next_step,
        tones=TONES,
        url_for_page=url_for_page,
    )


@bp.get("/introductions/<introduction_number:introduction_id>")
@requires(Permission.MATCH_READ)
def show(introduction_id: int) -> ResponseReturnValue:
    """Show one introduction; where it opens contacts, who looked is written down first."""
    introduction = _find(introduction_id)
    opens_contacts = service.may_see_contacts(introduction, acting_user())
    if opens_contacts:
        with transaction():
            service.record_contact_view(introduction, actor=acting_user(), at=clock.now())
    contacts = _contacts(introduction) if opens_contacts else []
    return _page(introduction, AcceptForm(), DeclineForm(), contacts)


@bp.post("/introductions/<introduction_number:introduction_id>/accept")
@requires(Permission.INTRODUCTION_ANSWER)
def accept(introduction_id: int) -> ResponseReturnValue:
    """Agree to talk."""
    introduction, form = _find(introduction_id), AcceptForm()
    if not form.validate_on_submit():
        return _page(introduction, form, DeclineForm(formdata=None)), 422
    try:
        with transaction():
            service.accept(introduction, answer=form.answer.data, actor=acting_user(), at=clock.now())
        flash(_("話し合いを始めることを、相手に伝えました。連絡先が見られます。"), "success")
    except DomainError as refusal:
        return _refused(introduction_id, refusal, typed=form.answer.data)
    return redirect(url_for("introductions.show", introduction_id=introduction_id), code=303)


@bp.post("/introductions/<introduction_number:introduction_id>/decline")
@requires(Permission.INTRODUCTION_ANSWER)
def decline(introduction_id: int) -> ResponseReturnValue:
    """Say no with a reason."""
    introduction, form = _find(introduction_id), DeclineForm()
    if not form.validate_on_submit():
        return _page(introduction, AcceptForm(formdata=None), form), 422
    reason = DeclineReason(form.reason.data)
    try:
        with transaction():
            service.decline(introduction, reason=reason, words=form.words.data, actor=acting_user(), at=clock.now())
        flash(_("見送ることを、理由といっしょに相手に伝えました。"), "success")
    except DomainError as refusal:
        return _refused(introduction_id, refusal, typed=form.words.data)
    return redirect(url_for("introductions.show", introduction_id=introduction_id), code=303)


@bp.post("/introductions/<introduction_number:introduction_id>/close")
@requires(Permission.INTRODUCTION_ANSWER)
def close(introduction_id: int) -> ResponseReturnValue:
    """Take a request back, or end the talks."""
    introduction = _find(introduction_id)
    acted(lambda at: service.close(introduction, actor=acting_user(), at=at), _("この紹介を終了しました。"))
    return redirect(url_for("introductions.show", introduction_id=introduction_id), code=303)


def _refused(introduction_id: int, refusal: DomainError, *, typed: str) -> ResponseReturnValue:
    """Say why an answer came too late; words that were typed stay on the page."""
    flash(str(refusal), "error")
    if not typed:
        return redirect(url_for("introductions.show", introduction_id=introduction_id), code=303)
    page = _page(_find(introduction_id), AcceptForm(formdata=None), DeclineForm(formdata=None), unsent=typed)
    return page, 409


def _find(introduction_id: int) -> Introduction:
    return queries.find_introduction_for(acting_user(), introduction_id) or abort(404)


def _page(
    introduction: Introduction,
    accept_form: AcceptForm,
    decline_form: DeclineForm,
    contacts: Contacts | None = None,
    unsent: str = "",
) -> str:
    user = acting_user()
    side = service.side_of(user, introduction.proposal, introduction.interest)
    is_asked = introduction.status is IntroductionStatus.ASKED
    return render_template(
        "introductions/show.html",
        introduction=introduction,
        tone=TONES[introduction.status],
        company_name=disclosure_for(user).company(introduction.interest),
        asked_by_npo=introduction.asked_by_side is Side.NPO,
        side=side,
        match=from_snapshot(introduction.match),
        saved_list=saved_lists.find_of_introduction(user, introduction),
        may_answer=is_asked and side is not None and side is not introduction.asked_by_side,
        may_withdraw=is_asked and side is introduction.asked_by_side,
        trouble=service.trouble_of(introduction.proposal, introduction.interest, at=clock.now()) if is_asked else None,
        contacts=contacts or [],
        unsent=unsent,
        views=queries.list_contact_views(introduction) if side and introduction.was_accepted else [],
        next_step=next_step(introduction, is_asker=side is introduction.asked_by_side),
        decline_effect=effect_sentence(effect_of(introduction, clock.today())),
        accept_form=accept_form,
        decline_form=decline_form,
    )


def _contacts(introduction: Introduction) -> Contacts:
    return [
        (_("NPOの連絡先"), contact_rows(introduction.proposal.organisation)),
        (_("企業の連絡先"), contact_rows(introduction.interest.organisation)),
    ]
