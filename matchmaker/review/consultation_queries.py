"""Find consultations, each as far as the person may see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.directory.queries import page_of
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import closed_ids
from matchmaker.proposals.status import EDITABLE
from matchmaker.review.consultation_models import Consultation, ConsultationSlot


def find_for(user: User, consultation_id: int) -> Consultation | None:
    """Return a consultation of the person's organisation, of the division whose time it is, or any for the office."""
    return db.session.scalar(select(Consultation).where(Consultation.id == consultation_id, _visible_to(user)))


def find_slot(slot_id: int) -> ConsultationSlot | None:
    """Return a slot."""
    return db.session.get(ConsultationSlot, slot_id)


def list_bookable(*, at: datetime, page: int) -> Page[ConsultationSlot]:
    """Return a page of the slots that lie ahead, full ones included, the soonest first."""
    ahead = select(ConsultationSlot).where(ConsultationSlot.starts_at > at, ConsultationSlot.withdrawn_at.is_(None))
    return page_of(_with_bookings(ahead.order_by(ConsultationSlot.starts_at, ConsultationSlot.id)), page)


def list_bookable_again(consultation: Consultation, *, at: datetime) -> list[ConsultationSlot]:
    """Return up to a page of slots that a booking can be moved to."""
    return [
        slot for slot in list_bookable(at=at, page=1).items if slot.seats_left > 0 and slot.id != consultation.slot_id
    ]


def list_slots_for(user: User, *, page: int) -> Page[ConsultationSlot]:
    """Return a page of the slots that the person keeps, the latest first."""
    statement = select(ConsultationSlot)
    if user.division is not None:
        statement = statement.where(ConsultationSlot.division_id.in_(desk_of(user)))
    return page_of(
        _with_bookings(statement.order_by(ConsultationSlot.starts_at.desc(), ConsultationSlot.id.desc())), page
    )


def list_own(user: User) -> list[Consultation]:
    """Return the consultations of the person's organisation, the latest first."""
    if user.organisation is None:
        return []
    own = select(Consultation).where(Consultation.organisation_id == user.organisation.id)
    statement = own.options(selectinload(Consultation.proposal)).order_by(Consultation.id.desc())
    return list(db.session.scalars(statement).unique())


def list_of(proposal: Proposal) -> list[Consultation]:
    """Return the consultations about a proposal, the first talk on top; who may read them is the caller's question."""
    return list(
        db.session.scalars(
            select(Consultation)
            .join(Consultation.slot)
            .where(Consultation.proposal_id == proposal.id, Consultation.cancelled_at.is_(None))
            .order_by(ConsultationSlot.starts_at, Consultation.id)
        ).unique()
    )


def list_drafts(user: User) -> list[Proposal]:
    """Return the organisation's proposals that a talk can be about."""
    if user.organisation is None:
        return []
    return list(
        db.session.scalars(
            select(Proposal)
            .where(Proposal.organisation_id == user.organisation.id, Proposal.status.in_(sorted(EDITABLE)))
            .order_by(Proposal.saved_at.desc())
        )
    )


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the talks that are over and of which nobody of the prefecture wrote anything down yet."""
    if not user.may(Permission.CONSULTATION_MANAGE):
        return []
    kept_by = ConsultationSlot.division_id
    mine = kept_by.in_(desk_of(user)) if user.division else kept_by.is_(None)
    rows = db.session.scalars(
        select(Consultation)
        .join(Consultation.slot)
        .where(_visible_to(user), mine, Consultation.cancelled_at.is_(None), ConsultationSlot.ends_at <= clock.now())
        .options(selectinload(Consultation.proposal))
        .order_by(Consultation.id)
    ).unique()
    return [
        WaitingItem(
            WaitingKind.CONSULTATION,
            row.number,
            subject_of(row),
            f"/consultations/{row.number}",
            row.slot.ends_at,
            who=row.organisation.name,
        )
        for row in rows
        if not any(note.author.is_staff for note in row.notes)
    ]


def closed_bookings(user: User, slots: Sequence[ConsultationSlot]) -> frozenset[int]:
    """Return the ids of the bookings in slots that the person keeps the time of, but not what is talked about."""
    booked = [booking.id for slot in slots for booking in slot.bookings]
    open_ids = db.session.scalars(select(Consultation.id).where(Consultation.id.in_(booked), _visible_to(user)))
    return frozenset(booked) - frozenset(open_ids)


def subject_of(consultation: Consultation) -> str:
    """Return what a talk is about, in a line."""
    if consultation.proposal is not None and consultation.proposal.title:
        return consultation.proposal.title
    return consultation.subject.split("\n")[0][:60] or consultation.number


def _with_bookings(statement: Select[Any]) -> Select[Any]:
    return statement.options(selectinload(ConsultationSlot.bookings).selectinload(Consultation.proposal))


def _visible_to(user: User) -> ColumnElement[bool]:
    seen: list[ColumnElement[bool]] = []
    is_open = or_(Consultation.proposal_id.is_(None), Consultation.proposal_id.not_in(closed_ids(user)))
    if user.organisation is not None:
        seen.append(Consultation.organisation_id == user.organisation.id)
    if user.may(Permission.CONSULTATION_MANAGE) and user.division is not None:
        slots = select(ConsultationSlot.id).where(ConsultationSlot.division_id.in_(desk_of(user)))
        seen.append(Consultation.slot_id.in_(slots) & is_open)
    elif user.may(Permission.CONSULTATION_MANAGE) or user.may(Permission.REVIEW_READ):
        seen.append(is_open)
    return or_(Consultation.id.is_(None), *seen)
