"""The panel: who judges what, what ties them, their score sheets, and what they decided together."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import ByValue, Model
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review.call_models import StageKind
from matchmaker.review.workflow import Outcome


class PanelAffiliation(Model):
    """An organisation or division that a judge works for or is an officer of, as the office knows it; ended ones stay.

    The database itself refuses one that names nothing, and kinds that no record can show.
    """

    __tablename__ = "panel_affiliation"
    __table_args__ = (
        CheckConstraint("name <> ''", name="has_name"),
        CheckConstraint("kind IN ('officer', 'employer')", name="kind_of_record"),
        CheckConstraint("organisation_id IS NULL OR division_id IS NULL", name="one_body"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[TieKind] = mapped_column(ByValue(TieKind))
    name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    division: Mapped[Division | None] = relationship(lazy="joined")


_CURRENT = text("ended_at IS NULL")


class PanelAssignment(Model):
    """A judge who is asked to score a proposal, on paper and after its presentation; ended ones stay.

    It names no stage: one panel judges both, and each judge looks at their own scores again after the presentation.
    Who shall judge the second stage only is assigned after the first, and who shall not is taken off with a reason.

    The database itself refuses the same judge twice on a proposal, and an end without its reason.
    """

    __tablename__ = "panel_assignment"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="ended_at_iff_reason"),
        Index(
            "ix_panel_assignment_one_current",
            "proposal_id",
            "judge_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_on: Mapped[date | None]
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    end_reason: Mapped[str] = mapped_column(Text, default="")

    proposal: Mapped[Proposal] = relationship()
    judge: Mapped[User] = relationship(foreign_keys=[judge_id])
    assigned_by: Mapped[User] = relationship(foreign_keys=[assigned_by_id])
    declarations: Mapped[list["TieDeclaration"]] = relationship(lazy="selectin", order_by="TieDeclaration.id")
    sheets: Mapped[list["ScoreSheet"]] = relationship(
        back_populates="assignment", lazy="selectin", order_by="ScoreSheet.id"
    )

    @property
    def has_declared(self) -> bool:
        """Whether the judge said that nothing ties them; a tie leads to a recusal instead."""
        return any(not row.has_tie for row in self.declarations)


class TieDeclaration(Model):
    """What a judge said about ties, with the words that they put their name to. Rows are added, never edited.

    The database itself refuses a declared tie without kind and words.
    """

    __tablename__ = "tie_declaration"
    __table_args__ = (
        CheckConstraint("has_tie = (kind IS NOT NULL)", name="kind_iff_tie"),
        CheckConstraint("NOT has_tie OR words <> ''", name="tie_has_words"),
        CheckConstraint("statement <> ''", name="has_statement"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("panel_assignment.id"), index=True)
    has_tie: Mapped[bool]
    kind: Mapped[TieKind | None] = mapped_column(ByValue(TieKind))
    words: Mapped[str] = mapped_column(Text, default="")
    statement: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]


class ScoreSheet(Model):
    """One judge's scores on one occasion; after the presentation a new sheet stands beside the first.

    The database itself refuses an exclusion without its reason and a lateness of what was never handed in.
    """

    __tablename__ = "score_sheet"
    __table_args__ = (
        UniqueConstraint("assignment_id", "stage", "reopenings"),
        CheckConstraint("(excluded_at IS NULL) = (exclude_reason = '')", name="excluded_at_iff_reason"),
        CheckConstraint("NOT is_late OR submitted_at IS NOT NULL", name="late_is_submitted"),
        CheckConstraint("reopenings >= 0", name="reopenings_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("panel_assignment.id"), index=True)
    stage: Mapped[StageKind] = mapped_column(ByValue(StageKind))
    reopenings: Mapped[int] = mapped_column(default=0)  # how often the proposal had come back for reconsideration
    comment: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    excluded_at: Mapped[datetime | None]
    exclude_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    assignment: Mapped[PanelAssignment] = relationship(back_populates="sheets")
    entries: Mapped[list["SheetEntry"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="SheetEntry.position"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def counts(self) -> bool:
        """Whether the sheet is part of the figures."""
        return self.submitted_at is not None and self.excluded_at is None


class SheetEntry(Model):
    """One criterion of a sheet, with the weight and range that it had when the sheet was written."""

    __tablename__ = "sheet_entry"
    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN least_score AND most_score", name="score_in_range"),
        CheckConstraint("most_score > least_score AND least_score >= 0", name="scores_in_order"),
        CheckConstraint("weight > 0", name="weight_positive"),
    )

    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheet.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    weight: Mapped[int]
    least_score: Mapped[int]
    most_score: Mapped[int]
    score: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class PanelDecision(Model):
    """What the panel decided together (審査会の判断), apart from the single scores. Rows are added; the newest counts.

    ``outcome`` is none where the step was taken without a meeting; then ``reason`` says why.
    The database itself refuses a decision without reason, and a meeting without its day, chair and quorum.
    """

    __tablename__ = "panel_decision"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(outcome IS NULL) = (held_on IS NULL)", name="held_on_iff_meeting"),
        CheckConstraint("(outcome IS NULL) = (chair = '')", name="chair_iff_meeting"),
        CheckConstraint("(outcome IS NULL) = (quorum IS NULL)", name="quorum_iff_meeting"),
        CheckConstraint("quorum IS NULL OR quorum >= 1", name="quorum_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    stage: Mapped[StageKind] = mapped_column(ByValue(StageKind))
    outcome: Mapped[Outcome | None] = mapped_column(ByValue(Outcome))
    held_on: Mapped[date | None]
    chair: Mapped[str] = mapped_column(String(80), default="")
    quorum: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[User] = relationship(lazy="joined")
    members: Mapped[list["PanelDecisionMember"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="PanelDecisionMember.user_id"
    )
    reasons: Mapped[list["PanelDecisionReason"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="PanelDecisionReason.position"
    )


class PanelDecisionMember(Model):
    """A judge who was at the meeting, under the name of that day; ``dissent`` is what they said against it."""

    __tablename__ = "panel_decision_member"

    decision_id: Mapped[int] = mapped_column(ForeignKey("panel_decision.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    dissent: Mapped[str] = mapped_column(Text, default="")


class PanelDecisionReason(Model):
    """What the panel says on one criterion."""

    __tablename__ = "panel_decision_reason"
    __table_args__ = (CheckConstraint("reason <> ''", name="has_reason"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("panel_decision.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
