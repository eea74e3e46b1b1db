"""Official figures of the indicators, and the breaks in their series."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model, Tenths


class Measure(StrEnum):
    TARGET = "target"
    ACTUAL = "actual"


class FigureState(StrEnum):
    """A figure that a person entered counts when another person has approved it."""

    WAITING = "waiting"
    APPROVED = "approved"
    DROPPED = "dropped"


class OfficialFigure(Model):
    """A figure as somebody printed it, with its source. A correction is a new row; the newest approved row counts.

    The database itself refuses an approval by the person who entered, and two rows of a year that wait at once.
    """

    __tablename__ = "official_figure"
    __table_args__ = (
        CheckConstraint("source <> ''", name="has_source"),
        CheckConstraint("value >= 0", name="not_negative"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved_at_iff_approved_by"),
        CheckConstraint("approved_by_id IS NULL OR state = 'approved'", name="approved_by_of_approved"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> entered_by_id", name="two_people"),
        Index(
            "ix_official_figure_one_waiting",
            "indicator",
            "reporting_fy",
            "measure",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), index=True)  # indicators.catalogue.Indicator.key
    reporting_fy: Mapped[int]
    measure: Mapped[Measure] = mapped_column(ByValue(Measure))
    value: Mapped[Decimal] = mapped_column(Tenths())
    data_year_label: Mapped[str] = mapped_column(String(20), default="")  # "22年": the year of the data, when it lags
    source: Mapped[str] = mapped_column(String(300))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]
    # What was stored before approvals were kept, and what the policy prints, counts as approved.
    state: Mapped[FigureState] = mapped_column(
        ByValue(FigureState), default=FigureState.APPROVED, server_default=FigureState.APPROVED.value
    )
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]

    entered_by: Mapped[User | None] = relationship(foreign_keys=[entered_by_id])


class SeriesBreak(Model):
    """From this fiscal year on an indicator is measured otherwise (another survey, another panel).

    Rows are added, never edited; the newest of a year counts, so that a break entered by mistake can be taken back.
    """

    __tablename__ = "series_break"
    __table_args__ = (CheckConstraint("note <> ''", name="has_note"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), index=True)  # indicators.catalogue.Indicator.key
    fy: Mapped[int]
    is_break: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)  # what changed and by which source; or why it was taken back
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]

    entered_by: Mapped[User] = relationship()
