"""What of the indicators waits for approval by a second person."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators import catalogue, counting_rules, progress
from matchmaker.indicators.ledger_models import CountingRuleEdition
from matchmaker.indicators.models import FigureState, Measure, OfficialFigure
from matchmaker.indicators.progress_models import ProgressAssessment
from matchmaker.permissions.grants import Permission


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the figures, judgements and counting rules that somebody else put up and the person may approve."""
    if not user.may(Permission.DECISION_DECIDE):
        return []
    return [*_figures(user), *_judgements(user), *_rules(user)]


def _figures(user: User) -> list[WaitingItem]:
    rows = db.session.scalars(
        select(OfficialFigure)
        .where(OfficialFigure.state == FigureState.WAITING, _by_others(OfficialFigure.entered_by_id, user))
        .order_by(OfficialFigure.id)
        .options(joinedload(OfficialFigure.entered_by))
    )
    return [_figure(row, indicator) for row in rows if (indicator := catalogue.find(row.indicator))]


def _figure(row: OfficialFigure, indicator: catalogue.Indicator) -> WaitingItem:
    return WaitingItem(
        kind=WaitingKind.FIGURE_APPROVAL,
        number=f"{fiscal_year.code(row.reporting_fy)}-{row.id}",
        title=_(
            "%(indicator)s：%(year)sの%(measure)s %(value)s%(unit)s",
            indicator=indicator.title,
            year=fiscal_year.label(row.reporting_fy),
            measure=_("目標値") if row.measure is Measure.TARGET else _("実績値"),
            value=indicator.written(row.value),
            unit=indicator.unit,
        ),
        path=f"/indicators/{indicator.key}#waiting",
        since=row.entered_at,
        who=row.entered_by.name if row.entered_by else "",
    )


def _judgements(user: User) -> list[WaitingItem]:
    return [
        WaitingItem(
            kind=WaitingKind.PROGRESS_APPROVAL,
            number=f"{fiscal_year.code(row.fy)}-{row.edition}",
            title=_("%(year)sの進展度：%(degree)s", year=fiscal_year.label(row.fy), degree=row.degree.label),
            path=f"/indicators/report/{fiscal_year.code(row.fy)}#progress",
            since=row.drafted_at,
            who=row.drafted_by.name,
        )
        for row in progress.list_waiting(_by_others(ProgressAssessment.drafted_by_id, user))
    ]


def _rules(user: User) -> list[WaitingItem]:
    return [
        WaitingItem(
            kind=WaitingKind.RULE_ADOPTION,
            number=_("第%(version)s版", version=row.version),
            title=_("%(year)sからの数え方の案", year=fiscal_year.label(row.in_force_from_fy)),
            path=f"/indicators/counting-rules/{row.version}",
            since=row.drafted_at,
            who=row.drafted_by.name,
        )
        for row in counting_rules.list_waiting(_by_others(CountingRuleEdition.drafted_by_id, user))
    ]


def _by_others(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], user: User
) -> ColumnElement[bool]:
    """What one put up oneself waits for somebody else."""
    return column.is_distinct_from(user.id)
