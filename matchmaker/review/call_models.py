"""Calls (募集): what is asked for, of whom, until when, and by which criteria it is judged. Data of a fiscal year."""

from datetime import date, datetime, timedelta

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term


class StageKind(Term):
    """The two stages at which a panel scores."""

    PAPERS = "papers", "第1次審査（書類）"
    PRESENTATION = "presentation", "第2次審査（公開プレゼンテーション）"


class CallPhase(Term):
    """Where a call stands at a moment."""

    DRAFT = "draft", "下書き（まだ公表していません）"
    COMING = "coming", "募集の前"
    OPEN = "open", "募集中"
    CLOSED = "closed", "募集は終わりました"
    CANCELLED = "cancelled", "中止しました"


class Call(Model):
    """One call of a fiscal year. It is drafted, published before it opens, and frozen from its opening on.

    The database itself refuses a call that closes before it opens, and a cancellation without its reason.
    """

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="period_in_order"),
        CheckConstraint("grace_minutes BETWEEN 0 AND 1440", name="grace_at_most_a_day"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason = '')", name="cancelled_at_iff_reason"),
        CheckConstraint("pass_percent IS NULL OR pass_percent BETWEEN 1 AND 100", name="pass_percent_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "R8-C1"
    fiscal_year_fy: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(120))
    aim: Mapped[str] = mapped_column(Text, default="")
    eligibility: Mapped[str] = mapped_column(Text, default="")
    publication_rules: Mapped[str] = mapped_column(Text, default="")
    accepts_free_theme: Mapped[bool] = mapped_column(default=True)
    consultation_from_on: Mapped[date | None]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    grace_minutes: Mapped[int] = mapped_column(default=0)
    pass_percent: Mapped[int | None]  # of the weighted total from which a proposal is normally adopted
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    themes: Mapped[list["CallTheme"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CallTheme.id"
    )
    stages: Mapped[list["CallStage"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CallStage.held_on"
    )
    criteria: Mapped[list["CallCriterion"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CallCriterion.position"
    )
    editions: Mapped[list["CallEdition"]] = relationship(viewonly=True, order_by="CallEdition.number")

    __mapper_args__ = {"version_id_col": version}

    @property
    def accepts_until_at(self) -> datetime:
        """The last moment at which a submission is taken: the deadline and its grace."""
        return self.closes_at + timedelta(minutes=self.grace_minutes)

    def phase(self, at: datetime) -> CallPhase:
        """Return where the call stands at a moment; the grace still counts as open."""
        if self.cancelled_at is not None:
            return CallPhase.CANCELLED
        if self.published_at is None:
            return CallPhase.DRAFT
        if at < self.opens_at:
            return CallPhase.COMING
        return CallPhase.OPEN if at <= self.accepts_until_at else CallPhase.CLOSED


class CallTheme(Model):
    """A theme that a division of the prefecture puts into the call (県募集テーマ)."""

    __tablename__ = "call_theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "T-0005"
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    issue: Mapped[str] = mapped_column(Text, default="")
    wish: Mapped[str] = mapped_column(Text, default="")

    division: Mapped[Division] = relationship(lazy="joined")


class CallStage(Model):
    """One stage of the judgement and the day it is held."""

    __tablename__ = "call_stage"
    __table_args__ = (UniqueConstraint("call_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StageKind] = mapped_column(ByValue(StageKind))
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(200), default="")


class CallCriterion(Model):
    """One published criterion (審査基準) with its weight and its range of scores."""

    __tablename__ = "call_criterion"
    __table_args__ = (
        UniqueConstraint("call_id", "position"),
        CheckConstraint("weight BETWEEN 1 AND 10", name="weight_in_range"),
        CheckConstraint("most_score > least_score AND least_score >= 0 AND most_score <= 10", name="scores_in_order"),
        CheckConstraint("name <> ''", name="has_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[int] = mapped_column(default=1)
    least_score: Mapped[int] = mapped_column(default=1)
    most_score: Mapped[int] = mapped_column(default=5)


class CallReminder(Model):
    """One mail to one person before a call closes. The database itself refuses a second one."""

    __tablename__ = "call_reminder"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    sent_at: Mapped[datetime]


class CallEdition(Model):
    """The words of a published call from one moment on. Rows are added, never edited; ``content`` is what people read.

    The words and not the rows are kept, because an edition must still say in ten years what was promised.
    """

    __tablename__ = "call_edition"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        CheckConstraint("number = 1 OR reason <> ''", name="change_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    number: Mapped[int]
    content: Mapped[list[list[str]]] = mapped_column(JSON)  # pairs of label and text, in reading order
    reason: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    saved_by: Mapped[User] = relationship(lazy="joined")
