"""Looking back together (ふりかえり): rounds, sealed sheets, talks, the public summary and its lessons."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.models import Project
from matchmaker.projects.reflection_questions import ReflectionParty, ReflectionStage


class ReflectionRound(Model):
    """One time that the sides of a project look back. Its sheets stay sealed until every side has handed in its own.

    The database itself refuses a round that was opened early without a reason, and a summary published without words.
    """

    __tablename__ = "reflection_round"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        CheckConstraint("position >= 1", name="position_counts_from_one"),
        CheckConstraint("opened_early_reason = '' OR unsealed_at IS NOT NULL", name="early_reason_needs_opening"),
        CheckConstraint("published_at IS NULL OR unsealed_at IS NOT NULL", name="published_after_unsealed"),
        CheckConstraint("published_at IS NULL OR summary <> ''", name="published_has_summary"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    position: Mapped[int]
    stage: Mapped[ReflectionStage] = mapped_column(ByValue(ReflectionStage))
    due_on: Mapped[date]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    begun_at: Mapped[datetime]
    unsealed_at: Mapped[datetime | None]
    opened_early_reason: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_edition: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    project: Mapped[Project] = relationship(lazy="joined")
    sheets: Mapped[list["ReflectionSheet"]] = relationship(lazy="selectin", order_by="ReflectionSheet.id")
    talks: Mapped[list["ReflectionTalk"]] = relationship(lazy="selectin", order_by="ReflectionTalk.id")
    lessons: Mapped[list["ReflectionLesson"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ReflectionLesson.section"
    )
    consents: Mapped[list["ReflectionConsent"]] = relationship(lazy="selectin", order_by="ReflectionConsent.id")

    __mapper_args__ = {"version_id_col": version}


class ReflectionSheet(Model):
    """What one side says. Words and scores are the side's own and read by nobody else before the round is unsealed."""

    __tablename__ = "reflection_sheet"
    __table_args__ = (UniqueConstraint("round_id", "party"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("reflection_round.id"), index=True)
    party: Mapped[ReflectionParty] = mapped_column(ByValue(ReflectionParty))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    saved_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    answers: Mapped[list["ReflectionAnswer"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    saved_by: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def scores(self) -> dict[str, int]:
        return {row.question: row.score for row in self.answers if row.score is not None}

    @property
    def words(self) -> dict[str, str]:
        return {row.question: row.words for row in self.answers if row.words}


class ReflectionAnswer(Model):
    """The answer to one question of a sheet."""

    __tablename__ = "reflection_answer"
    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_in_range"),
        CheckConstraint("score IS NULL OR words = ''", name="score_or_words"),
    )

    sheet_id: Mapped[int] = mapped_column(ForeignKey("reflection_sheet.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")


class ReflectionTalk(Model):
    """The record of one talk (ふりかえり会議). Rows are added, never edited."""

    __tablename__ = "reflection_talk"
    __table_args__ = (CheckConstraint("notes <> ''", name="has_notes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("reflection_round.id"), index=True)
    held_on: Mapped[date]
    notes: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]

    written_by: Mapped[User] = relationship()


class ReflectionConsent(Model):
    """A side's word that one edition of the summary may be published. Rows are added, never edited."""

    __tablename__ = "reflection_consent"
    __table_args__ = (UniqueConstraint("round_id", "party", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("reflection_round.id"), index=True)
    party: Mapped[ReflectionParty] = mapped_column(ByValue(ReflectionParty))
    edition: Mapped[int]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_at: Mapped[datetime]


class ReflectionLesson(Model):
    """What others should know when they write the same section of a proposal. Public with the summary."""

    __tablename__ = "reflection_lesson"
    __table_args__ = (
        UniqueConstraint("round_id", "section"),
        CheckConstraint("section BETWEEN 1 AND 5", name="section_of_a_proposal"),
        CheckConstraint("words <> ''", name="has_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("reflection_round.id", ondelete="CASCADE"), index=True)
    section: Mapped[int]
    words: Mapped[str] = mapped_column(Text)

    round: Mapped[ReflectionRound] = relationship(back_populates="lessons")


class ProjectCoordinator(Model):
    """A third person (コーディネーター) whom the office asked to accompany one project; ended ones stay."""

    __tablename__ = "project_coordinator"
    __table_args__ = (
        Index(
            "ix_project_coordinator_one_current",
            "project_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
