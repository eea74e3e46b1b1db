"""How many companies take part, as counted at one moment, and the roll of those that want to be named."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import Model
from matchmaker.matching.terms import Term


class Participation(Term):
    """A way in which a company takes part."""

    INTERESTED = "interested", "関心を公開している企業"
    TALKING = "talking", "NPOと話し合っている企業"
    IN_PROJECT = "in-project", "協働事業に参加している企業"
    NEWLY_ACTIVE = "newly-active", "この年度に初めて活動した企業"


class ParticipationSnapshot(Model):
    """The companies that take part in a fiscal year at one moment. Rows are added, never edited; the newest counts."""

    __tablename__ = "participation_snapshot"
    __table_args__ = (
        UniqueConstraint("fy", "edition"),
        CheckConstraint("edition >= 1", name="edition_counts_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fy: Mapped[int]
    edition: Mapped[int]
    as_of: Mapped[datetime]
    members: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # Participation -> numbers of organisations, sorted
    digest: Mapped[str] = mapped_column(String(64))

    def numbers(self, measure: Participation) -> list[str]:
        """The organisations that are counted."""
        return self.members[measure.value]

    def value(self, measure: Participation) -> int:
        """The figure: as many as there are members."""
        return len(self.numbers(measure))


class RollEntry(Model):
    """A company lets itself be named on the public roll, until it leaves. It can come back with a row of its own."""

    __tablename__ = "roll_entry"
    __table_args__ = (
        CheckConstraint("(left_at IS NULL) = (left_by_id IS NULL)", name="left_at_iff_left_by"),
        CheckConstraint("left_at IS NULL OR left_at >= entered_at", name="leaves_after_entering"),
        Index(
            "ix_roll_entry_one_open",
            "organisation_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]
    left_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    left_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
