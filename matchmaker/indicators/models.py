"""Official figures of the indicators, and the budgets of the programmes."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.foundation.database import ByValue, Model, Tenths


class Measure(StrEnum):
    TARGET = "target"
    ACTUAL = "actual"


class OfficialFigure(Model):
    """A figure as somebody printed it, with its source. A correction is a new row; the newest row counts."""

    __tablename__ = "official_figure"
    __table_args__ = (
        CheckConstraint("source <> ''", name="has_source"),
        CheckConstraint("value >= 0", name="not_negative"),
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


class ProgrammeBudget(Model):
    """The budget of one programme (事業) in one fiscal year, from the policy document."""

    __tablename__ = "programme_budget"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(String(80))
    basic_programme_code: Mapped[str] = mapped_column(String(10))
    basic_programme: Mapped[str] = mapped_column(String(80))
    fy: Mapped[int]
    budget_thousand_yen: Mapped[int]
    source: Mapped[str] = mapped_column(String(60))
