"""Circulation (回付): what the office asked of which division, and every answer that was given."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal


class AnswerCode(Term):
    """What a division thinks of a proposal (見解)."""

    INTERESTED = "interested", "関心あり"
    CONDITIONAL = "conditional", "条件つきで可能"
    OUTSIDE_REMIT = "outside-remit", "所管外"
    OVERLAPS = "overlaps", "既存の事業と重複"
    DIFFICULT = "difficult", "困難"


WILLING = frozenset({AnswerCode.INTERESTED, AnswerCode.CONDITIONAL})
"""Answers after which a division takes part when the proposal is adopted."""


class CirculationStatus(Term):
    """Where one request to one division stands."""

    WAITING = "waiting", "返事待ち"
    STALLED = "stalled", "停滞（期限を過ぎています）"
    ANSWERED = "answered", "返事ずみ"
    WITHDRAWN = "withdrawn", "依頼を取り消し"
    MOVED = "moved", "後の課に引きつぎ"
    CLOSED = "closed", "課の終了により終わり"


OPEN = frozenset({CirculationStatus.WAITING, CirculationStatus.STALLED})
"""A division owes an answer."""

ENDED = frozenset({CirculationStatus.WITHDRAWN, CirculationStatus.MOVED, CirculationStatus.CLOSED})
"""Ended without an answer, with a reason."""

_OPEN_SQL = text("status IN ('waiting', 'stalled')")


class CirculationRequest(Model):
    """One question to one division. It stays when it is withdrawn, moved or closed.

    The database itself refuses a second open question to the same division, a stalled one without its moment, and an
    end without its reason.
    """

    __tablename__ = "circulation_request"
    __table_args__ = (
        CheckConstraint("status <> 'stalled' OR stalled_at IS NOT NULL", name="stalled_has_moment"),
        CheckConstraint(
            "(status IN ('withdrawn', 'moved', 'closed')) = (ended_at IS NOT NULL)", name="ended_at_iff_ended"
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="end_has_reason"),
        CheckConstraint("moved_from_id IS NULL OR moved_from_id <> id", name="moved_from_another"),
        Index(
            "ix_circulation_request_one_open",
            "proposal_id",
            "division_id",
            unique=True,
            sqlite_where=_OPEN_SQL,
            postgresql_where=_OPEN_SQL,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    status: Mapped[CirculationStatus] = mapped_column(
        ByValue(CirculationStatus), default=CirculationStatus.WAITING, index=True
    )
    note: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))  # None: moved by the clock
    sent_at: Mapped[datetime]
    stalled_at: Mapped[datetime | None]  # stays when the answer comes after all
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("circulation_request.id"))
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship()
    division: Mapped[Division] = relationship(lazy="joined")
    sent_by: Mapped[User | None] = relationship()
    answers: Mapped[list["CirculationAnswer"]] = relationship(
        back_populates="request", lazy="selectin", order_by="CirculationAnswer.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def answer(self) -> "CirculationAnswer | None":
        """What the division says now: its last answer."""
        return self.answers[-1] if self.answers else None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class CirculationAnswer(Model):
    """What a division answered at one moment. A change of mind is one more row.

    The database itself refuses anything but plain interest without words, and a suggestion beside another answer than
    "outside our remit".
    """

    __tablename__ = "circulation_answer"
    __table_args__ = (
        CheckConstraint("code = 'interested' OR comment <> ''", name="comment_unless_interested"),
        CheckConstraint("suggested_division_id IS NULL OR code = 'outside-remit'", name="suggestion_if_outside_remit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("circulation_request.id"), index=True)
    code: Mapped[AnswerCode] = mapped_column(ByValue(AnswerCode))
    comment: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    suggested_division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime]

    request: Mapped[CirculationRequest] = relationship(back_populates="answers")
    suggested_division: Mapped[Division | None] = relationship(lazy="joined")
    answered_by: Mapped[User] = relationship(lazy="joined")
