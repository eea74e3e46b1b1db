"""Enter official figures, approve them, and mark breaks. Every function runs inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.models import FigureState, Measure, OfficialFigure, SeriesBreak


class AlreadyEntered(DomainError):
    """The newest row of the fiscal year says exactly the same."""

    def __init__(self) -> None:
        super().__init__(_("同じ年度・同じ数値・同じ出典が、すでに登録されています。"))


class FigureRefused(DomainError):
    """The figure or break cannot be stored or approved as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure as a person entered it."""

    fy: int
    value: Decimal
    source: str
    data_year_label: str = ""
    measure: Measure = Measure.ACTUAL


def enter(indicator: Indicator, entry: Entry, *, actor: User, at: datetime) -> OfficialFigure:
    """Store a figure that somebody published; it counts when another person approves it. A correction is one more row.

    Errors: AlreadyEntered; FigureRefused while another entry of the same year waits.
    """
    _wait_for_others(indicator)
    rows = db.session.scalars(
        select(OfficialFigure)
        .where(
            OfficialFigure.indicator == indicator.key,
            OfficialFigure.reporting_fy == entry.fy,
            OfficialFigure.measure == entry.measure,
            OfficialFigure.state != FigureState.DROPPED,
        )
        .order_by(OfficialFigure.id.desc())
        .limit(1)
    ).all()
    newest = rows[0] if rows else None
    if newest and (newest.value, newest.data_year_label, newest.source) == (
        entry.value,
        entry.data_year_label,
        entry.source,
    ):
        raise AlreadyEntered
    if newest and newest.state is FigureState.WAITING:
        raise FigureRefused(_("この年度の別の入力が、承認を待っています。先にそれを承認するか、取りやめてください。"))
    figure = OfficialFigure(
        indicator=indicator.key,
        reporting_fy=entry.fy,
        measure=entry.measure,
        value=entry.value,
        data_year_label=entry.data_year_label,
        source=entry.source,
        entered_by_id=actor.id,
        entered_at=at,
        state=FigureState.WAITING,
    )
    db.session.add(figure)
    db.session.flush()
    audit.record(
        "indicators:figure:enter",
        indicator.key,
        actor_id=actor.id,
        at=at,
        figure=figure.id,
        fy=entry.fy,
        measure=entry.measure.value,
        value=str(entry.value),
        replaces=newest.id if newest else None,
    )
    return figure


def approve(figure: OfficialFigure, *, actor: User, at: datetime) -> None:
    """Let an entered figure count. Errors: FigureRefused, also for the person who entered it."""
    _require_waiting(figure)
    if figure.entered_by_id == actor.id:
        raise FigureRefused(
            _("入力した人は、承認できません。ほかの人に承認を頼んでください（2人で決める決まりです）。")
        )
    figure.state, figure.approved_by_id, figure.approved_at = FigureState.APPROVED, actor.id, at
    audit.record("approver:figure:approve", figure.indicator, actor_id=actor.id, at=at, figure=figure.id)


def drop(figure: OfficialFigure, *, actor: User, at: datetime) -> None:
    """Give up a figure that waits; it stays on record. Errors: FigureRefused."""
    _require_waiting(figure)
    figure.state = FigureState.DROPPED
    audit.record("indicators:figure:drop", figure.indicator, actor_id=actor.id, at=at, figure=figure.id)


def mark_break(indicator: Indicator, *, fy: int, is_break: bool, note: str, actor: User, at: datetime) -> SeriesBreak:
    """Say from which fiscal year an indicator is measured otherwise, or take that back. Errors: FigureRefused."""
    _wait_for_others(indicator)
    if not note.strip():
        raise FigureRefused(_("何が変わったかを入力してください。"))
    before = db.session.scalar(
        select(SeriesBreak)
        .where(SeriesBreak.indicator == indicator.key, SeriesBreak.fy == fy)
        .order_by(SeriesBreak.id.desc())
        .limit(1)
    )
    if not is_break and not (before and before.is_break):
        raise FigureRefused(_("この年度には、調査方法の変更は記録されていません。"))
    if before and (before.is_break, before.note) == (is_break, note):
        raise FigureRefused(_("同じ内容が、すでに記録されています。"))
    row = SeriesBreak(
        indicator=indicator.key, fy=fy, is_break=is_break, note=note, entered_by_id=actor.id, entered_at=at
    )
    db.session.add(row)
    audit.record("indicators:series:break", indicator.key, actor_id=actor.id, at=at, fy=fy, is_break=is_break)
    return row


def _require_waiting(figure: OfficialFigure) -> None:
    locked(figure)
    if figure.state is not FigureState.WAITING:
        raise FigureRefused(_("この入力は、もう承認されたか、取りやめられました。画面を開き直してください。"))


def _wait_for_others(indicator: Indicator) -> None:
    """Let one person at a time enter figures of an indicator, so that a double click is seen as one.

    Its rows cannot be locked for that: of the first figure there is none yet.
    """
    next_number(f"figure-{indicator.key}")
