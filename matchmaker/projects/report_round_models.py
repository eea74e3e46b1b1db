"""Yearly report rounds: what the office asked, what each division answered, and what was decided on the way."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_terms import CarryChoice, PairVerdict, RoundAction


class ReportRound(Model):
    """The office asks every division for its collaborations of one fiscal year; closed together with the year."""

    __tablename__ = "report_round"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_at_iff_closed_by"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opening"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fy: Mapped[int] = mapped_column(unique=True)
    due_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])
    answers: Mapped[list["RoundAnswer"]] = relationship(back_populates="round", order_by="RoundAnswer.id")

    __mapper_args__ = {"version_id_col": version}


class RoundAnswer(Model):
    """One division's list, handed in by itself, or by the office from the division's mail or call (``proxy_source``).

    The database refuses a list handed in without its person, 該当なし that was not handed in, and a confirmation of
    anything but a proxy entry, or by the person who made it.
    """

    __tablename__ = "report_round_answer"
    __table_args__ = (
        UniqueConstraint("round_id", "division_id"),
        CheckConstraint("(handed_in_at IS NULL) = (handed_in_by_id IS NULL)", name="handed_in_at_iff_by"),
        CheckConstraint("NOT has_none OR handed_in_at IS NOT NULL", name="none_is_handed_in"),
        CheckConstraint("proxy_source = '' OR handed_in_at IS NOT NULL", name="proxy_is_handed_in"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_at_iff_confirmed_by"),
        CheckConstraint("confirmed_at IS NULL OR proxy_source <> ''", name="confirmed_is_proxy"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> handed_in_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("report_round.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    handed_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    handed_in_at: Mapped[datetime | None]
    has_none: Mapped[bool] = mapped_column(default=False)
    proxy_source: Mapped[str] = mapped_column(String(200), default="", server_default="")  # "11月20日のメール"
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    round: Mapped[ReportRound] = relationship(back_populates="answers")
    division: Mapped[Division] = relationship(lazy="joined")
    handed_in_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[handed_in_by_id])
    confirmed_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[confirmed_by_id])
    carries: Mapped[list["RoundCarry"]] = relationship(order_by="RoundCarry.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the office entered the list and the division has not said that it is right."""
        return bool(self.proxy_source) and self.confirmed_at is None


class RoundCarry(Model):
    """What a division said of last year's project. The database refuses a continued one without the following one."""

    __tablename__ = "report_round_carry"
    __table_args__ = (
        UniqueConstraint("answer_id", "project_id"),
        CheckConstraint("(choice = 'ended') = (following_id IS NULL)", name="following_unless_ended"),
        CheckConstraint("following_id IS NULL OR following_id <> project_id", name="not_its_own_following"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("report_round_answer.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    following_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    choice: Mapped[CarryChoice] = mapped_column(ByValue(CarryChoice))
    said_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    said_at: Mapped[datetime]

    project: Mapped[Project] = relationship(foreign_keys=[project_id], lazy="joined")
    following: Mapped[Project | None] = relationship(foreign_keys=[following_id], lazy="joined")


class PairDecision(Model):
    """Whether two reports that look alike are one project, who said so, and why. Rows are added; the newest counts.

    Two that were made one and parted again have two rows.
    """

    __tablename__ = "report_round_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id", "verdict"),
        CheckConstraint("first_id < second_id", name="pair_in_order"),
        CheckConstraint("reason <> ''", name="pair_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    verdict: Mapped[PairVerdict] = mapped_column(ByValue(PairVerdict))
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime]


class RoundEvent(Model):
    """One step of a round; ``division_id`` when it was one division's. Rows are added, never edited."""

    __tablename__ = "report_round_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("report_round.id"), index=True)
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[RoundAction] = mapped_column(ByValue(RoundAction))
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User] = relationship(lazy="joined")
    division: Mapped[Division | None] = relationship(lazy="joined")
