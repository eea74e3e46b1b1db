"""Offer, book, move and record consultations (事前意見交換). Every function runs inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from matchmaker.accounts.desks import desk_of, division_today
from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import call_queries
from matchmaker.review.consultation_models import Consultation, ConsultationNote, ConsultationSlot
from matchmaker.review.joining import moment_in_words
from matchmaker.review.steps import members_of

REMINDED_BEFORE = timedelta(hours=36)
"""A run every morning reaches each talk of that day and of the next one."""

MOST_SLOTS_AT_ONCE = 12


class SlotNotOffered(DomainError):
    """The slot would lie in the past, or belong to a division of others."""


class CannotBook(DomainError):
    """The slot is full, over or withdrawn, or the organisation has it already."""


class TooEarly(DomainError):
    """The consultation time of the call that the draft is written for has not begun."""


class NotYours(DomainError):
    """Only the two sides of a talk change it."""


class TalkIsOver(DomainError):
    """A talk that was cancelled, or has begun, is not moved or cancelled."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Consecutive slots of the same kind. ``division_id`` None: the NPO office."""

    starts_at: datetime
    minutes: int
    count: int
    place: str
    is_online: bool
    seats: int
    division_id: int | None = None


def offer(offered: Offered, *, actor: User, at: datetime) -> list[ConsultationSlot]:
    """Offer slots one after the other; a division offers its own time only. Errors: SlotNotOffered."""
    if offered.starts_at <= at:
        raise SlotNotOffered(_("これからの日時を入力してください。"))
    own = division_today(actor)
    if own is not None and offered.division_id != own.id:
        raise SlotNotOffered(_("自分の課の枠だけを出せます。"))
    length = timedelta(minutes=offered.minutes)
    slots = [
        ConsultationSlot(
            division_id=offered.division_id,
            starts_at=offered.starts_at + place * length,
            ends_at=offered.starts_at + (place + 1) * length,
            is_online=offered.is_online,
            place=offered.place,
            seats=offered.seats,
            offered_by_id=actor.id,
            offered_at=at,
        )
        for place in range(min(offered.count, MOST_SLOTS_AT_ONCE))
    ]
    db.session.add_all(slots)
    db.session.flush()
    audit.record("staff:consultation:offer", f"slot {slots[0].id}", actor_id=actor.id, at=at, count=len(slots))
    return slots


def withdraw(slot: ConsultationSlot, *, reason: str, actor: User, at: datetime) -> None:
    """Take a slot back; who had booked it is told and asked to choose another. Errors: TalkIsOver, NotYours."""
    locked(slot)
    _require_keeper(slot, actor)
    if slot.withdrawn_at is not None or slot.starts_at <= at:
        raise TalkIsOver(_("この枠は、すでに終わったか、取り消されています。"))
    slot.withdrawn_at, slot.withdraw_reason = at, reason
    for booking in slot.standing_bookings:
        _cancel(booking, reason, actor=actor, at=at)
    audit.record("staff:consultation:withdraw", f"slot {slot.id}", actor_id=actor.id, at=at)


def book(slot: ConsultationSlot, *, proposal: Proposal | None, subject: str, actor: User, at: datetime) -> Consultation:
    """Take a seat in a slot for the person's organisation. Errors: CannotBook, TooEarly."""
    organisation = actor.organisation
    if organisation is None:
        raise CannotBook(_("団体の人だけが申し込めます。"))
    _require_begun(proposal, at)
    _require_free(slot, organisation.id, at)
    consultation = Consultation(
        slot=slot,
        organisation_id=organisation.id,
        proposal_id=proposal.id if proposal else None,
        subject=subject,
        booked_by_id=actor.id,
        booked_at=at,
    )
    db.session.add(consultation)
    db.session.flush()
    audit.record("npo:consultation:book", consultation.number, actor_id=actor.id, at=at, slot=slot.id)
    _tell_both(consultation, "consultation_booked", at=at)
    return consultation


def move(consultation: Consultation, slot: ConsultationSlot, *, actor: User, at: datetime) -> None:
    """Change to another slot; subject and notes go along. Errors: TalkIsOver, CannotBook."""
    locked(consultation)
    _require_ahead(consultation, at)
    old = consultation.slot
    if slot.id == old.id:
        return
    _require_free(slot, consultation.organisation_id, at)
    before, keeper = moment_in_words(old.starts_at), old.offered_by
    consultation.slot, consultation.reminded_at = slot, None
    db.session.flush()
    audit.record("npo:consultation:move", consultation.number, actor_id=actor.id, at=at, slot=slot.id)
    _tell_both(consultation, "consultation_moved", at=at, before=before)
    if keeper.id != slot.offered_by_id:
        _tell(keeper, consultation, "consultation_moved", at=at, before=before)


def cancel(consultation: Consultation, *, reason: str, actor: User, at: datetime) -> None:
    """Give up a talk that lies ahead; both sides are told. Errors: TalkIsOver."""
    locked(consultation)
    _require_ahead(consultation, at)
    _cancel(consultation, reason, actor=actor, at=at)


def link(consultation: Consultation, proposal: Proposal | None, *, actor: User, at: datetime) -> None:
    """Say which proposal a talk is about, so that its record stands beside it. Errors: NotYours, TooEarly."""
    locked(consultation)
    if proposal is not None and proposal.organisation_id != consultation.organisation_id:
        raise NotYours(_("自分の団体の提案だけを選べます。"))
    if consultation.slot.starts_at > at:
        _require_begun(proposal, at)
    if proposal is None and not consultation.subject:
        raise NotYours(_("話したいことが入力されていないため、提案を外せません。"))
    consultation.proposal_id = proposal.id if proposal else None
    subject = proposal.public_number if proposal else ""
    audit.record("npo:consultation:link", consultation.number, actor_id=actor.id, at=at, proposal=subject)


def note(
    consultation: Consultation, *, attendees: str, said: str, agreed: str = "", actor: User, at: datetime
) -> ConsultationNote:
    """Write down what was said and agreed; the other side is told. Errors: TalkIsOver."""
    locked(consultation)
    if consultation.cancelled_at is not None:
        raise TalkIsOver(_("取り消された意見交換には、記録を書けません。"))
    written = ConsultationNote(
        consultation_id=consultation.id, at=at, author_id=actor.id, attendees=attendees, said=said, agreed=agreed
    )
    consultation.notes.append(written)
    db.session.flush()
    source = "staff" if actor.organisation is None else "npo"
    audit.record(f"{source}:consultation:note", consultation.number, actor_id=actor.id, at=at, note=written.id)
    if actor.organisation is None:
        for person in members_of(consultation.organisation_id):
            _tell(person, consultation, "consultation_noted", at=at)
    else:
        _tell(consultation.slot.offered_by, consultation, "consultation_noted", at=at)
    return written


def confirm(written: ConsultationNote, consultation: Consultation, *, actor: User, at: datetime) -> None:
    """The NPO agrees that this is what was agreed; a second press changes nothing. Errors: NotYours."""
    locked(written)
    if actor.organisation is None or actor.organisation.id != consultation.organisation_id or not written.agreed:
        raise NotYours(_("合意した内容を確認できるのは、申し込んだ団体の人だけです。"))
    if written.confirmed_at is None:
        written.confirmed_at, written.confirmed_by_id = at, actor.id
        audit.record("npo:consultation:confirm", consultation.number, actor_id=actor.id, at=at, note=written.id)


def remind_due(*, at: datetime) -> int:
    """Queue a reminder to both sides of each talk that is near; return how many talks."""
    due = (
        select(Consultation)
        .join(Consultation.slot)
        .where(
            Consultation.cancelled_at.is_(None),
            Consultation.reminded_at.is_(None),
            ConsultationSlot.starts_at > at,
            ConsultationSlot.starts_at <= at + REMINDED_BEFORE,
        )
        .order_by(Consultation.id)
    )
    found = db.session.scalars(due).unique().all()
    for consultation in found:
        consultation.reminded_at = at
        _tell_both(consultation, "consultation_reminder", at=at)
    db.session.flush()
    return len(found)


def keeps(slot: ConsultationSlot, user: User) -> bool:
    """Say whether the person manages the slot: the office all, a division its own."""
    if not user.may(Permission.CONSULTATION_MANAGE):
        return False
    return user.division is None or slot.division_id in desk_of(user)


def _require_keeper(slot: ConsultationSlot, actor: User) -> None:
    if not keeps(slot, actor):
        raise NotYours(_("自分の課の枠だけを取り消せます。"))


def _require_begun(proposal: Proposal | None, at: datetime) -> None:
    call = call_queries.call_of(proposal) if proposal else None
    if call and call.consultation_from_on and day_of(at) < call.consultation_from_on:
        raise TooEarly(
            _(
                "「%(title)s」の事前意見交換は、%(day)sから申し込めます。その日になったら、もう一度申し込んでください。",
                title=call.title,
                day=japanese_date(call.consultation_from_on),
            )
        )


def _require_free(slot: ConsultationSlot, organisation_id: int, at: datetime) -> None:
    locked(slot)
    db.session.refresh(slot, ["bookings"])
    if slot.withdrawn_at is not None or slot.starts_at <= at:
        raise CannotBook(_("この枠は、もう申し込めません。ほかの枠を選んでください。"))
    standing = slot.standing_bookings
    if any(booking.organisation_id == organisation_id for booking in standing):
        raise CannotBook(_("この枠には、すでに申し込んでいます。"))
    if len(standing) >= slot.seats:
        raise CannotBook(
            _("この枠は、いっぱいになりました。入力した内容は下に残っています。ほかの枠を選んでください。")
        )


def _require_ahead(consultation: Consultation, at: datetime) -> None:
    if consultation.cancelled_at is not None:
        raise TalkIsOver(_("この意見交換は、すでに取り消されています。"))
    if consultation.slot.starts_at <= at:
        raise TalkIsOver(_("始まった意見交換は、変えたり取り消したりできません。記録に書いてください。"))


def _cancel(consultation: Consultation, reason: str, *, actor: User, at: datetime) -> None:
    consultation.cancelled_at, consultation.cancelled_by_id, consultation.cancel_reason = at, actor.id, reason
    db.session.flush()
    audit.record("member:consultation:cancel", consultation.number, actor_id=actor.id, at=at)
    _tell_both(consultation, "consultation_cancelled", at=at, reason=reason)


def _tell_both(consultation: Consultation, kind: str, *, at: datetime, **values: str) -> None:
    for person in [*members_of(consultation.organisation_id), consultation.slot.offered_by]:
        _tell(person, consultation, kind, at=at, **values)


def _tell(person: User, consultation: Consultation, kind: str, *, at: datetime, **values: str) -> None:
    slot = consultation.slot
    notices.tell(
        person,
        kind,
        at=at,
        number=consultation.number,
        organisation=consultation.organisation.name,
        starts=moment_in_words(slot.starts_at),
        place=slot.place,
        with_whom=slot.division.name if slot.division else _("NPO担当課"),
        **values,
    )
