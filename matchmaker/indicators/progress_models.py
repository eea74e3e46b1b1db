"""How the policy is judged to have progressed in a fiscal year (進展度), and why. Rows are added, never edited."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.indicators.progress_degree import ProgressDegree


class ProgressAssessment(Model):
    """One version of the judgement on a fiscal year: drafted by one person, approved by another.

    The newest approved version is shown to everybody; what follows it is a draft.
    """

    __tablename__ = "progress_assessment"
    __table_args__ = (
        UniqueConstraint("fy", "edition"),
        CheckConstraint("edition >= 1", name="edition_counts_from_one"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_at_iff_approved_by"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> drafted_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fy: Mapped[int]
    edition: Mapped[int]
    degree: Mapped[ProgressDegree] = mapped_column(ByValue(ProgressDegree))
    reason: Mapped[str] = mapped_column(Text)
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]

    drafted_by: Mapped[User] = relationship(foreign_keys=[drafted_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
