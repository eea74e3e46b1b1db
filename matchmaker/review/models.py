"""The record of the review, and decisions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.decision_models import DecisionGround, Letter, Referral
from matchmaker.review.workflow import Action, Outcome


class ReviewEvent(Model):
    """One step of a proposal's way. Rows are added, never edited."""

    __tablename__ = "review_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[Action] = mapped_column(ByValue(Action))
    from_status: Mapped[ProposalStatus] = mapped_column(ByValue(ProposalStatus))
    to_status: Mapped[ProposalStatus] = mapped_column(ByValue(ProposalStatus))
    reason: Mapped[str] = mapped_column(Text, default="")
    fix_due_on: Mapped[date | None]

    actor: Mapped[User | None] = relationship(lazy="joined")


class DecisionStage(Term):
    """How far a decision has come. What is decided but not told yet is provisional (仮決定)."""

    DRAFTED = "drafted", "起案（決裁待ち）"
    SENT_BACK = "sent-back", "差し戻し"
    DECIDED = "decided", "仮決定（通知前）"
    RELEASED = "released", "決定（通知ずみ）"


class Decision(Model):
    """The office's draft (起案), the approver's decision (決裁) and its release to the proposer.

    A sent-back draft stays; a new draft is a new row. The database itself refuses a decision by its own drafter,
    and a release before the decision.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> drafted_by_id", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_at_iff_decided_by"),
        CheckConstraint("(stage IN ('decided', 'released')) = (decided_at IS NOT NULL)", name="decided_at_iff_decided"),
        CheckConstraint("(stage = 'released') = (released_at IS NOT NULL)", name="released_at_iff_released"),
        CheckConstraint("(held_until_on IS NULL) = (awaits = '')", name="held_until_iff_awaits"),
        CheckConstraint("reopened_at IS NULL OR stage = 'released'", name="reopened_was_released"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    stage: Mapped[DecisionStage] = mapped_column(ByValue(DecisionStage), default=DecisionStage.DRAFTED)
    outcome: Mapped[Outcome] = mapped_column(ByValue(Outcome))
    drafted_from: Mapped[ProposalStatus] = mapped_column(ByValue(ProposalStatus), default=ProposalStatus.ACCEPTED)
    reason: Mapped[str] = mapped_column(Text)  # told to the proposer
    next_step: Mapped[str] = mapped_column(Text, default="")
    held_until_on: Mapped[date | None]  # for a decision to wait: until when, and for what
    awaits: Mapped[str] = mapped_column(Text, default="")
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]  # the result no longer stands: the proposal is judged anew
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship()
    drafted_by: Mapped[User] = relationship(foreign_keys=[drafted_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    grounds: Mapped[list[DecisionGround]] = relationship(cascade="all, delete-orphan", order_by=DecisionGround.position)
    referral: Mapped[Referral | None] = relationship(cascade="all, delete-orphan")
    letter: Mapped[Letter | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
