"""Which fields of a proposal are kept narrower than usual."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.foundation.database import ByValue, Model
from matchmaker.permissions.levels import Level, Restriction, WithholdingReason
from matchmaker.proposals.questions import Question


class FieldLevel(Model):
    """The level of one field, chosen by the owner (without reason) or by the office (with its reason).

    The database itself refuses a period out of order, an office's level without reason, and information of a
    deliberation that would be kept back without end.
    """

    __tablename__ = "field_level"
    __table_args__ = (
        UniqueConstraint("proposal_id", "question", "is_by_office"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="period_in_order"),
        CheckConstraint("is_by_office = (reason IS NOT NULL)", name="office_says_why"),
        CheckConstraint("reason IS NULL OR reason <> 'deliberation' OR until_on IS NOT NULL", name="deliberation_ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    question: Mapped[Question] = mapped_column(ByValue(Question))
    is_by_office: Mapped[bool] = mapped_column(default=False)
    level: Mapped[Level] = mapped_column(ByValue(Level))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[WithholdingReason | None] = mapped_column(ByValue(WithholdingReason))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime]

    @property
    def restriction(self) -> Restriction:
        return Restriction(self.level, self.from_on, self.until_on, self.reason)
