"""Consultations: slots of the prefecture, bookings of NPOs, and the record of each talk."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.consultations.forms import BookForm, LinkForm, MoveForm, NoteForm, OfferForm, ReasonForm
from matchmaker.blueprints.forms import typed_words
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import find_by_number
from matchmaker.review import consultation as service
from matchmaker.review import consultation_queries as queries
from matchmaker.review.consultation_models import Consultation, ConsultationSlot

bp = Blueprint("consultations", __name__, url_prefix="/consultations")

_SLOT = "/slots/<int(max=2147483647):offered_id>"
_ONE = "/<consultation_number:consultation_id>"


@bp.get("", endpoint="list")
@requires(Permission.PROPOSAL_WRITE)
def list_() -> ResponseReturnValue:
    """The slots that can be booked, and the organisation's own talks."""
    return render_template(
        "consultations/list.html",
        page=queries.list_bookable(at=clock.now(), page=page_number()),
        own=queries.list_own(acting_user()),
        organisation=acting_user().organisation,
        subject_of=queries.subject_of,
        now=clock.now(),
        url_for_page=lambda number: url_for("consultations.list", page=number),
    )


@bp.get("/slots")
@requires(Permission.CONSULTATION_MANAGE)
def slots() -> ResponseReturnValue:
    """The slots of the office or of the division, with who booked them."""
    return _slots_page()


@bp.route("/slots/new", methods=["GET", "POST"])
@requires(Permission.CONSULTATION_MANAGE)
def offer() -> ResponseReturnValue:
    """Offer one or more slots of a day."""
    form = OfferForm(list_divisions(on=clock.today()), acting_user())
    if form.validate_on_submit():
        try:
            with transaction():
                made = len(service.offer(form.offered(), actor=acting_user(), at=clock.now()))
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("%(count)s枠を出しました。NPOが申し込めます。", count=made), "success")
            return redirect(url_for("consultations.slots"), code=303)
    return render_template("consultations/offer.html", form=form), 422 if form.errors else 200


@bp.post(f"{_SLOT}/withdraw")
@requires(Permission.CONSULTATION_MANAGE)
def withdraw(offered_id: int) -> ResponseReturnValue:
    """Take a slot back, with the reason for those who booked it."""
    slot, form = _slot(offered_id), ReasonForm()
    if not service.keeps(slot, acting_user()):
        abort(403)
    if not form.validate_on_submit():
        return _slots_page(failed=(slot, form)), 422
    acted(
        lambda at: service.withdraw(slot, reason=form.reason.data, actor=acting_user(), at=at),
        _("枠を取り消しました。申し込んでいた団体に、メールで知らせます。"),
    )
    return redirect(url_for("consultations.slots"), code=303)


@bp.route(f"{_SLOT}/book", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def book(offered_id: int) -> ResponseReturnValue:
    """Take a seat, with a draft or a sentence."""
    slot = _slot(offered_id)
    form = BookForm(queries.list_drafts(acting_user()))
    if form.validate_on_submit():
        proposal = _own_proposal(form.proposal.data)
        try:
            with transaction():
                subject, at = form.subject.data, clock.now()
                made = service.book(slot, proposal=proposal, subject=subject, actor=acting_user(), at=at)
                number, made_id = made.number, made.id
        except service.TooEarly as refusal:
            form.proposal.errors = [str(refusal)]
            return render_template("consultations/book.html", form=form, slot=_slot(offered_id)), 422
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
            return render_template("consultations/book.html", form=form, slot=_slot(offered_id)), 409
        flash(_("申し込みました（%(number)s）。前の日までに、メールでもう一度知らせます。", number=number), "success")
        return redirect(url_for("consultations.show", consultation_id=made_id), code=303)
    return render_template("consultations/book.html", form=form, slot=slot), 422 if form.errors else 200


@bp.get(_ONE)
@requires(Permission.ACCOUNT_USE)
def show(consultation_id: int) -> ResponseReturnValue:
    """One talk: when and with whom, what it is about, and its record."""
    return _page(_found(consultation_id))


@bp.post(f"{_ONE}/move")
@requires(Permission.PROPOSAL_WRITE)
def move(consultation_id: int) -> ResponseReturnValue:
    """Change to another slot."""
    found = _own(consultation_id)
    form = MoveForm(queries.list_bookable_again(found, at=clock.now()))
    if not form.validate_on_submit():
        return _page(found, move_form=form), 422
    slot = _slot(int(form.slot.data))
    return _act(found, lambda at: service.move(found, slot, actor=acting_user(), at=at), _("日時を変えました。"))


@bp.post(f"{_ONE}/cancel")
@requires(Permission.ACCOUNT_USE)
def cancel(consultation_id: int) -> ResponseReturnValue:
    """Give a talk up, with the reason for the other side."""
    found, form = _party(consultation_id), ReasonForm()
    if not form.validate_on_submit():
        return _page(found, cancel_form=form), 422
    reason = form.reason.data
    return _act(
        found,
        lambda at: service.cancel(found, reason=reason, actor=acting_user(), at=at),
        _("取り消しました。相手にメールで知らせます。"),
    )


@bp.post(f"{_ONE}/proposal")
@requires(Permission.PROPOSAL_WRITE)
def link(consultation_id: int) -> ResponseReturnValue:
    """Say which proposal the talk is about."""
    found = _own(consultation_id)
    form = LinkForm(queries.list_drafts(acting_user()), found.proposal)
    if not form.validate_on_submit():
        return _page(found, link_form=form), 422
    proposal = _own_proposal(form.proposal.data)
    return _act(found, lambda at: service.link(found, proposal, actor=acting_user(), at=at), _("保存しました。"))


@bp.post(f"{_ONE}/notes")
@requires(Permission.ACCOUNT_USE)
def note(consultation_id: int) -> ResponseReturnValue:
    """Write down what was said and agreed; an NPO adds a remark in the same way."""
    found, form = _party(consultation_id), NoteForm()
    if not form.validate_on_submit():
        return _page(found, note_form=form), 422
    said = {name: form[name].data for name in ("attendees", "said", "agreed")}
    if acting_user().organisation is not None:
        said["agreed"] = ""
    return _act(
        found,
        lambda at: service.note(found, actor=acting_user(), at=at, **said),
        _("記録を書きました。相手にメールで知らせます。"),
        typed=typed_words(form, "said", "agreed"),
    )


@bp.post(f"{_ONE}/notes/<int(max=2147483647):record_id>/confirm")
@requires(Permission.PROPOSAL_WRITE)
def confirm(consultation_id: int, record_id: int) -> ResponseReturnValue:
    """The NPO confirms what was agreed."""
    found = _own(consultation_id)
    written = next((one for one in found.notes if one.id == record_id), None) or abort(404)
    return _act(
        found, lambda at: service.confirm(written, found, actor=acting_user(), at=at), _("合意した内容を確認しました。")
    )


def _act(
    found: Consultation, take: Callable[[datetime], object], done: str, typed: list[tuple[str, str]] | None = None
) -> ResponseReturnValue:
    number, found_id = found.number, found.id
    try:
        with transaction():
            take(clock.now())
    except DomainError as refusal:
        if typed:
            names = {"number": number, "consultation_id": found_id, "refusal": refusal, "typed": typed}
            return render_template("consultations/refused.html", **names), 409
        flash(str(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("consultations.show", consultation_id=found_id), code=303)


def _slots_page(failed: tuple[ConsultationSlot, ReasonForm] | None = None) -> str:
    page = queries.list_slots_for(acting_user(), page=page_number())
    return render_template(
        "consultations/slots.html",
        page=page,
        closed=queries.closed_bookings(acting_user(), page.items),
        subject_of=queries.subject_of,
        now=clock.now(),
        failed_slot=failed[0].id if failed else None,
        form=failed[1] if failed else ReasonForm(None),
        url_for_page=lambda number: url_for("consultations.slots", page=number),
    )


def _page(
    found: Consultation,
    *,
    move_form: MoveForm | None = None,
    cancel_form: ReasonForm | None = None,
    link_form: LinkForm | None = None,
    note_form: NoteForm | None = None,
) -> str:
    user, at = acting_user(), clock.now()
    is_own = _is_own(found)
    failed = move_form or cancel_form or link_form or note_form
    return render_template(
        "consultations/show.html",
        consultation=found,
        is_own=is_own,
        is_party=is_own or service.keeps(found.slot, user),
        is_ahead=found.cancelled_at is None and found.slot.starts_at > at,
        move_form=move_form or MoveForm(queries.list_bookable_again(found, at=at) if is_own else []),
        cancel_form=cancel_form or ReasonForm(None),
        link_form=link_form or LinkForm(queries.list_drafts(user) if is_own else [], found.proposal),
        note_form=note_form or NoteForm(None),
        **({"form": failed} if failed else {}),
    )


def _slot(offered_id: int) -> ConsultationSlot:
    return queries.find_slot(offered_id) or abort(404)


def _found(consultation_id: int) -> Consultation:
    return queries.find_for(acting_user(), consultation_id) or abort(404)


def _party(consultation_id: int) -> Consultation:
    found = _found(consultation_id)
    if not (_is_own(found) or service.keeps(found.slot, acting_user())):
        abort(403)
    return found


def _own(consultation_id: int) -> Consultation:
    found = _found(consultation_id)
    if not _is_own(found):
        abort(403)
    return found


def _is_own(found: Consultation) -> bool:
    organisation = acting_user().organisation
    return organisation is not None and organisation.id == found.organisation_id


def _own_proposal(number: str) -> Proposal | None:
    proposal = find_by_number(number) if number else None
    organisation = acting_user().organisation
    if proposal is not None and (organisation is None or proposal.organisation_id != organisation.id):
        abort(404)
    return proposal
