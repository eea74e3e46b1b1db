"""Requests to reconsider a result (再検討の求め)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal
from matchmaker.review.models import ReviewEvent


class Verdict(Term):
    """What the answer to a request says."""

    UPHELD = "upheld", "結果は変わりません"
    REOPENED = "reopened", "審査をやり直します"


class Reconsideration(Model):
    """The proposer asks to reconsider one result; one person drafts the answer, another decides it.

    The database itself refuses a second request about the same result, an answer by its drafter, and half an answer.
    """

    __tablename__ = "reconsideration"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> drafted_by_id", name="two_people"),
        CheckConstraint("(drafted_by_id IS NULL) = (verdict IS NULL)", name="drafted_iff_verdict"),
        CheckConstraint("(drafted_by_id IS NULL) = (drafted_at IS NULL)", name="drafted_by_iff_drafted_at"),
        CheckConstraint("(verdict IS NULL) = (answer = '')", name="verdict_iff_answer"),
        CheckConstraint("decided_by_id IS NULL OR drafted_by_id IS NOT NULL", name="decided_was_drafted"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_by_iff_decided_at"),
        CheckConstraint("(document_number IS NULL) = (decided_at IS NULL)", name="number_iff_decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("review_event.id"), unique=True)  # the step that told the result
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    answer_due_on: Mapped[date]
    verdict: Mapped[Verdict | None] = mapped_column(ByValue(Verdict))
    answer: Mapped[str] = mapped_column(Text, default="")
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime | None]
    sent_back_reason: Mapped[str] = mapped_column(Text, default="")
    sent_back_answer: Mapped[str] = mapped_column(Text, default="")  # the draft that was sent back last
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    document_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship()
    event: Mapped[ReviewEvent] = relationship()
    drafted_by: Mapped[User | None] = relationship(foreign_keys=[drafted_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    points: Mapped[list["ReconsiderationPoint"]] = relationship(
        cascade="all, delete-orphan", order_by="ReconsiderationPoint.position"
    )

    __mapper_args__ = {"version_id_col": version}


class ReconsiderationPoint(Model):
    """What the proposer says about one criterion."""

    __tablename__ = "reconsideration_point"
    __table_args__ = (
        UniqueConstraint("reconsideration_id", "position"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reconsideration_id: Mapped[int] = mapped_column(ForeignKey("reconsideration.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    criterion_key: Mapped[str] = mapped_column(String(40))
    criterion_name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
