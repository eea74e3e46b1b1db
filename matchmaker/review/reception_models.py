"""The office's answers to the checklist of reception (形式審査)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term


class ReceptionAnswer(Term):
    """How an item of the checklist was answered."""

    YES = "yes", "はい（問題なし）"
    NO = "no", "いいえ（対象外の理由になる）"
    ASK = "ask", "提案者に確かめる"


class ReceptionCheck(Model):
    """One item of the checklist, answered for one submission of a proposal: ``round`` counts its submissions.

    The database itself refuses a second answer to the same item in a round, and an answer other than yes without words.
    """

    __tablename__ = "reception_check"
    __table_args__ = (
        UniqueConstraint("proposal_id", "round", "item_key"),
        CheckConstraint("answer = 'yes' OR note <> ''", name="note_unless_yes"),
        CheckConstraint("round > 0", name="round_counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    round: Mapped[int]
    item_key: Mapped[str] = mapped_column(String(40))
    answer: Mapped[ReceptionAnswer] = mapped_column(ByValue(ReceptionAnswer))
    note: Mapped[str] = mapped_column(Text, default="")
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime]

    checked_by: Mapped[User] = relationship(lazy="joined")
