"""The day on which proposals are presented in public (公開プレゼンテーション)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.models import Division
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal


class SlotState(Term):
    """How a slot ended, or that it has yet to."""

    PLANNED = "planned", "予定"
    HELD = "held", "発表ずみ"
    NO_SHOW = "no-show", "欠席"
    CANCELLED = "cancelled", "中止"


class Asker(Term):
    """Who asked."""

    JUDGE = "judge", "審査委員"
    DIVISION = "division", "関係課"
    FLOOR = "floor", "会場"


class PresentationDay(Model):
    """One day with its lengths of talk, questions and changeover.

    The database itself refuses slots without length.
    """

    __tablename__ = "presentation_day"
    __table_args__ = (
        CheckConstraint("talk_minutes BETWEEN 1 AND 120", name="talk_in_range"),
        CheckConstraint("questions_minutes BETWEEN 0 AND 120", name="questions_in_range"),
        CheckConstraint("changeover_minutes BETWEEN 0 AND 60", name="changeover_in_range"),
        CheckConstraint("title <> ''", name="has_title"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(200), default="")
    starts_at: Mapped[datetime]
    talk_minutes: Mapped[int] = mapped_column(default=10)
    questions_minutes: Mapped[int] = mapped_column(default=10)
    changeover_minutes: Mapped[int] = mapped_column(default=5)
    published_at: Mapped[datetime | None]
    questions_released_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    slots: Mapped[list["PresentationSlot"]] = relationship(
        back_populates="day", lazy="selectin", order_by="PresentationSlot.position"
    )
    attendances: Mapped[list["PresentationAttendance"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="PresentationAttendance.division_id"
    )

    __mapper_args__ = {"version_id_col": version}


class PresentationSlot(Model):
    """One proposal's turn. Which clock runs is in the moments: talk, then questions, then the end.

    The database itself refuses a no-show or a cancelling without its reason, and clocks out of order.
    """

    __tablename__ = "presentation_slot"
    __table_args__ = (
        UniqueConstraint("day_id", "proposal_id"),
        CheckConstraint("(state IN ('no-show', 'cancelled')) = (reason <> '')", name="reason_iff_not_held"),
        CheckConstraint("questions_started_at IS NULL OR talk_started_at IS NOT NULL", name="talk_before_questions"),
        CheckConstraint("(state = 'held') = (ended_at IS NOT NULL)", name="ended_at_iff_held"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("presentation_day.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    state: Mapped[SlotState] = mapped_column(ByValue(SlotState), default=SlotState.PLANNED)
    reason: Mapped[str] = mapped_column(Text, default="")
    talk_started_at: Mapped[datetime | None]
    questions_started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    day: Mapped[PresentationDay] = relationship(back_populates="slots")
    proposal: Mapped[Proposal] = relationship(lazy="joined")
    questions: Mapped[list["PresentationQuestion"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="PresentationQuestion.id"
    )


class PresentationQuestion(Model):
    """A question from the floor or the panel, and its answer."""

    __tablename__ = "presentation_question"
    __table_args__ = (CheckConstraint("question <> ''", name="has_question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("presentation_slot.id"), index=True)
    asked_by: Mapped[Asker] = mapped_column(ByValue(Asker))
    asker: Mapped[str] = mapped_column(String(80), default="")  # a division's or a judge's name; never one of the floor
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]


class PresentationAttendance(Model):
    """How many people of a division came."""

    __tablename__ = "presentation_attendance"
    __table_args__ = (CheckConstraint("people BETWEEN 1 AND 999", name="people_in_range"),)

    day_id: Mapped[int] = mapped_column(ForeignKey("presentation_day.id", ondelete="CASCADE"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)
    people: Mapped[int]

    division: Mapped[Division] = relationship(lazy="joined")
