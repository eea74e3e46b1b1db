"""Official figures of the indicators."""

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
