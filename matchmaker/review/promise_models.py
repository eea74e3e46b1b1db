"""Promised response times, and the reminders sent because of them. Rows are added, never edited."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation.database import ByValue, Model


class Promise(Model):
    """In how many business days one kind of thing is answered, from which day on.

    The database itself refuses a promise of no days, one of more than a year, and one without its reason.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("business_days BETWEEN 1 AND 250", name="days_in_range"),
        CheckConstraint("release_days IS NULL OR release_days BETWEEN 1 AND 250", name="release_days_in_range"),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_promise_kind_valid_from_on", "kind", "valid_from_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[WaitingKind] = mapped_column(ByValue(WaitingKind))
    business_days: Mapped[int]
    release_days: Mapped[int | None]  # business days after the due day until the automatic release
    valid_from_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[User] = relationship(lazy="joined")


class Nudge(Model):
    """One reminder to one person on one day, whatever it holds: never two a day."""

    __tablename__ = "nudge"
    __table_args__ = (
        UniqueConstraint("user_id", "on"),
        CheckConstraint("items > 0", name="reminds_of_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    on: Mapped[date] = mapped_column(index=True)
    items: Mapped[int]
    sent_at: Mapped[datetime]
