"""Consultation before a call (事前意見交換): slots that the prefecture offers, bookings, and what was said."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import Model
from matchmaker.proposals.models import Proposal

_STANDING = text("cancelled_at IS NULL")


class ConsultationSlot(Model):
    """A time that the NPO office, or a division, keeps for talks. Withdrawn ones stay, with the reason.

    The database itself refuses a slot that ends before it begins, one without seats, and a withdrawal without words.
    """

    __tablename__ = "consultation_slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period_in_order"),
        CheckConstraint("seats BETWEEN 1 AND 20", name="seats_in_range"),
        CheckConstraint("place <> ''", name="has_place"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdraw_reason = '')", name="withdrawn_at_iff_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"), index=True)  # None: the NPO office
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    is_online: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(200))  # for an online talk: how one joins
    seats: Mapped[int] = mapped_column(default=1)
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    offered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str] = mapped_column(Text, default="")

    division: Mapped[Division | None] = relationship(lazy="joined")
    offered_by: Mapped[User] = relationship(lazy="joined")
    bookings: Mapped[list["Consultation"]] = relationship(back_populates="slot", order_by="Consultation.id")

    @property
    def standing_bookings(self) -> list["Consultation"]:
        return [booking for booking in self.bookings if booking.cancelled_at is None]

    @property
    def seats_left(self) -> int:
        return max(0, self.seats - len(self.standing_bookings))


class Consultation(Model):
    """An organisation's place in a slot, about a draft or about what it says in a sentence.

    The database itself refuses a second standing booking of one organisation in one slot.
    """

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint("proposal_id IS NOT NULL OR subject <> ''", name="has_subject"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by_id IS NULL)", name="cancelled_at_iff_by"),
        CheckConstraint("cancelled_at IS NULL OR cancel_reason <> ''", name="cancelled_has_reason"),
        Index(
            "ix_consultation_one_standing",
            "slot_id",
            "organisation_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("consultation_slot.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    subject: Mapped[str] = mapped_column(Text, default="")
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    reminded_at: Mapped[datetime | None]

    slot: Mapped[ConsultationSlot] = relationship(back_populates="bookings", lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    proposal: Mapped[Proposal | None] = relationship()
    booked_by: Mapped[User] = relationship(foreign_keys=[booked_by_id])
    notes: Mapped[list["ConsultationNote"]] = relationship(lazy="selectin", order_by="ConsultationNote.id")

    @property
    def number(self) -> str:
        """What people read aloud: "J-0012"."""
        return f"J-{self.id:04d}"


class ConsultationNote(Model):
    """What one side wrote down of a talk. Rows are added, never edited; the NPO may confirm what was agreed."""

    __tablename__ = "consultation_note"
    __table_args__ = (
        CheckConstraint("said <> ''", name="has_words"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_at_iff_by"),
        CheckConstraint("confirmed_at IS NULL OR agreed <> ''", name="confirmed_has_agreement"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    at: Mapped[datetime]
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    attendees: Mapped[str] = mapped_column(String(300), default="")
    said: Mapped[str] = mapped_column(Text)
    agreed: Mapped[str] = mapped_column(Text, default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    author: Mapped[User] = relationship(foreign_keys=[author_id], lazy="joined")
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id], lazy="joined")
