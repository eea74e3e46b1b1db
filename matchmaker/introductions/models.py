"""Introductions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.terms import Side
from matchmaker.foundation.database import ByValue, Model
from matchmaker.interests.models import Interest
from matchmaker.introductions.status import DeclineReason, IntroductionStatus
from matchmaker.proposals.models import Proposal

_OPEN = text("status IN ('asked', 'talking')")


class Introduction(Model):
    """One side asked to be introduced to the other; names and contacts open only after acceptance.

    The database itself refuses a second open introduction of the same pair and a decline without its reason.
    """

    __tablename__ = "introduction"
    __table_args__ = (
        CheckConstraint("(status = 'declined') = (decline_reason IS NOT NULL)", name="reason_iff_declined"),
        CheckConstraint("status <> 'asked' OR answered_at IS NULL", name="asked_is_unanswered"),
        CheckConstraint("status NOT IN ('talking', 'declined') OR answered_at IS NOT NULL", name="answer_has_moment"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at_iff_closed"),
        Index(
            "ix_introduction_one_open",
            "proposal_id",
            "interest_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id"), index=True)
    status: Mapped[IntroductionStatus] = mapped_column(
        ByValue(IntroductionStatus), default=IntroductionStatus.ASKED, index=True
    )
    asked_by_side: Mapped[Side] = mapped_column(ByValue(Side))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    message: Mapped[str] = mapped_column(Text)
    match: Mapped[dict[str, Any]] = mapped_column(JSON)  # points, parts and ruleset version as they stood when asked
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    decline_reason: Mapped[DeclineReason | None] = mapped_column(ByValue(DeclineReason))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship(lazy="joined")
    interest: Mapped[Interest] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def pair(self) -> str:
        """Both numbers as in the address of the pair's page."""
        return f"{self.proposal.public_number}~{self.interest.number}"

    @property
    def was_accepted(self) -> bool:
        """Whether both sides agreed to talk, now or before it was closed."""
        return self.answered_at is not None and self.decline_reason is None

    @property
    def number(self) -> str:
        """The number in addresses: ``pair`` names the two, this the asking."""
        return f"S-{self.id:04d}"
