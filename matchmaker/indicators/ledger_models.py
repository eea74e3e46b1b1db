"""The ledger: what was counted when, by which rule, and the decision on each project. Rows are added, never edited."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.indicators.snapshots import SnapshotKind


class CountingRuleEdition(Model):
    """A version of the counting rule after the built-in first: drafted by one person, adopted by another.

    Version 1 is part of the program (``counting.RULE_V1``). An edition that was not adopted counts nothing.
    """

    __tablename__ = "counting_rule_edition"
    __table_args__ = (
        CheckConstraint("version >= 2", name="after_the_built_in"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(adopted_at IS NULL) = (adopted_by_id IS NULL)", name="adopted_at_iff_adopted_by"),
        CheckConstraint("(dropped_at IS NULL) OR (adopted_at IS NULL)", name="dropped_or_adopted"),
        CheckConstraint("adopted_by_id IS NULL OR adopted_by_id <> drafted_by_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)  # counting.as_data
    in_force_from_fy: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime]
    adopted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    adopted_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]

    drafted_by: Mapped[User] = relationship(foreign_keys=[drafted_by_id])
    adopted_by: Mapped[User | None] = relationship(foreign_keys=[adopted_by_id])


class LedgerSnapshot(Model):
    """The count of one fiscal year at one moment. The closing one freezes the year; corrections follow with a reason.

    The database itself refuses a second closing of a year, and a correction without its reason.
    """

    __tablename__ = "ledger_snapshot"
    __table_args__ = (
        UniqueConstraint("fy", "edition"),
        CheckConstraint("edition >= 1", name="edition_counts_from_one"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("kind <> 'correction' OR reason <> ''", name="correction_has_reason"),
        CheckConstraint("as_of <= taken_at", name="as_of_not_ahead"),
        Index(
            "ix_ledger_snapshot_one_closing",
            "fy",
            unique=True,
            sqlite_where=text("kind = 'closing'"),
            postgresql_where=text("kind = 'closing'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fy: Mapped[int]
    edition: Mapped[int]
    kind: Mapped[SnapshotKind] = mapped_column(ByValue(SnapshotKind))
    as_of: Mapped[datetime]
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    # What could not be counted as it was at ``as_of``.
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    value: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))

    taken_by: Mapped[User | None] = relationship()

    @property
    def rule_version(self) -> int:
        return int(self.rule["version"])


class CountDecision(Model):
    """Whether one project counts in one snapshot, with all that was known of it then."""

    __tablename__ = "count_decision"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "project_id"),
        UniqueConstraint("snapshot_id", "position"),
        CheckConstraint("is_counted = (obstacles = '')", name="counted_iff_no_obstacle"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("ledger_snapshot.id"))
    position: Mapped[int]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    project_number: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(40))  # proposals.status.CollaborationForm
    parties: Mapped[str] = mapped_column(Text)
    divisions: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    is_counted: Mapped[bool]
    obstacles: Mapped[str] = mapped_column(String(200), default="")  # counting.Obstacle, separated by spaces
    reasons: Mapped[str] = mapped_column(Text)  # one sentence a line, as it was said then

    snapshot: Mapped[LedgerSnapshot] = relationship()
