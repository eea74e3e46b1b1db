"""Who may know no more of a proposal than everybody does, because of a tie (利害関係)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal


class TieKind(Term):
    """What ties a person to the organisation that proposes."""

    OFFICER = "officer", "役員・会員（いま、または以前）"
    EMPLOYER = "employer", "勤務先・所属先"
    FUNDING = "funding", "委託・補助などの相手"
    JOINT_PROJECT = "joint-project", "いっしょに行った協働事業"
    FAMILY = "family", "家族・親族がかかわっている"
    RIVAL = "rival", "競合する団体・事業にかかわっている"
    OTHER = "other", "そのほか"


class RecusalSource(Term):
    """How the tie became known."""

    COMPUTED = "computed", "記録から"
    DECLARED = "declared", "本人の申告"
    OFFICE = "office", "事務局の判断"


_STANDING = text("lifted_at IS NULL")


class Recusal(Model):
    """A person who keeps out of one proposal (回避). Lifted ones stay.

    The database itself refuses a recusal without its reason, a lifting without one, and two that stand at once.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(lifted_at IS NULL) = (lift_reason = '')", name="lifted_at_iff_reason"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted_at_iff_lifted_by"),
        Index(
            "ix_recusal_one_standing",
            "proposal_id",
            "user_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    source: Mapped[RecusalSource] = mapped_column(ByValue(RecusalSource))
    kind: Mapped[TieKind] = mapped_column(ByValue(TieKind))
    reason: Mapped[str] = mapped_column(Text)
    recused_at: Mapped[datetime]
    recused_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))  # none: by the records alone
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    lift_reason: Mapped[str] = mapped_column(Text, default="")
    record: Mapped[str] = mapped_column(String(40), default="")  # the record behind a computed tie: "R8-P003"

    proposal: Mapped[Proposal] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
