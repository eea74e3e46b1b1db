"""Enter official figures. Every function runs inside the caller's transaction."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.models import Measure, OfficialFigure


class AlreadyEntered(DomainError):
    """The newest row of the fiscal year says exactly the same."""

    def __init__(self) -> None:
        super().__init__(_("同じ年度・同じ数値・同じ出典が、すでに登録されています。"))


def enter_actual(
    indicator: Indicator, *, fy: int, value: Decimal, data_year_label: str, source: str, actor: User, at: datetime
) -> OfficialFigure:
    """Store an actual that somebody published; a correction is one more row. Errors: AlreadyEntered."""
    _wait_for_others(indicator)
    newest = db.session.scalar(
        select(OfficialFigure)
        .where(
            OfficialFigure.indicator == indicator.key,
            OfficialFigure.reporting_fy == fy,
            OfficialFigure.measure == Measure.ACTUAL,
        )
        .order_by(OfficialFigure.id.desc())
        .limit(1)
    )
    if newest and (newest.value, newest.data_year_label, newest.source) == (value, data_year_label, source):
        raise AlreadyEntered
    figure = OfficialFigure(
        indicator=indicator.key,
        reporting_fy=fy,
        measure=Measure.ACTUAL,
        value=value,
        data_year_label=data_year_label,
        source=source,
        entered_by_id=actor.id,
        entered_at=at,
    )
    db.session.add(figure)
    db.session.flush()
    audit.record(
        "indicators:figure:enter",
        indicator.key,
        actor_id=actor.id,
        at=at,
        figure=figure.id,
        fy=fy,
        value=str(value),
        replaces=newest.id if newest else None,
    )
    return figure


def _wait_for_others(indicator: Indicator) -> None:
    """Let one person at a time enter figures of an indicator, so that a double click is seen as one.

    Its rows cannot be locked for that: of the first figure there is none yet.
    """
    next_number(f"figure-{indicator.key}")
