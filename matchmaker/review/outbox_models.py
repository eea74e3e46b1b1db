"""Results that are released together."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import Model
from matchmaker.review.call_models import Call
from matchmaker.review.models import Decision


class ResultRelease(Model):
    """The release of a call's decided results at one moment (一斉通知). Its decisions are fixed when it is ordered.

    It is waiting, done, cancelled, or refused with the words of the refusal; the database itself refuses two of these.
    """

    __tablename__ = "result_release"
    __table_args__ = (
        CheckConstraint("done_at IS NULL OR cancelled_at IS NULL", name="done_or_cancelled"),
        CheckConstraint("refusal = '' OR done_at IS NULL", name="refused_is_not_done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    release_at: Mapped[datetime] = mapped_column(index=True)
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ordered_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(Text, default="")

    call: Mapped[Call] = relationship(lazy="joined")
    ordered_by: Mapped[User] = relationship(lazy="joined")
    decisions: Mapped[list[Decision]] = relationship(secondary="result_release_decision", order_by=Decision.id)

    @property
    def is_waiting(self) -> bool:
        return self.done_at is None and self.cancelled_at is None and not self.refusal


class ResultReleaseDecision(Model):
    """One decision of a release."""

    __tablename__ = "result_release_decision"

    release_id: Mapped[int] = mapped_column(ForeignKey("result_release.id", ondelete="CASCADE"), primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
