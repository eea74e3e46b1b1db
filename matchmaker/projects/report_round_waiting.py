"""What of the open report rounds waits for whom."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import code, label, last_day
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the lists that the person's division owes, and for the office the rounds that it has to close."""
    is_office = user.may(Permission.PROJECT_CONFIRM)
    if not is_office and (user.division is None or not user.may(Permission.PROJECT_REPORT)):
        return []
    query = select(ReportRound).where(ReportRound.closed_at.is_(None)).order_by(ReportRound.fy)
    rounds = db.session.scalars(query.options(selectinload(ReportRound.answers))).all()
    items = [_to_close(row) for row in rounds] if is_office else []
    if user.division is not None and rounds:
        desk = desk_of(user)
        for row in rounds:
            own = [answer for answer in row.answers if answer.division_id in desk]
            if any(answer.handed_in_at is None for answer in own):
                items.append(_to_answer(row))
            items += [_to_confirm(row, answer) for answer in own if answer.is_unconfirmed]
    return items


def _to_answer(row: ReportRound) -> WaitingItem:
    return WaitingItem(
        kind=WaitingKind.DIVISION_REPORT,
        number=code(row.fy),
        title=_("%(year)sの協働事業の一覧", year=label(row.fy)),
        path=f"/projects/rounds/{code(row.fy)}",
        since=row.opened_at,
        who=_("NPO担当課"),
        due_on=row.due_on,
    )


def _to_confirm(row: ReportRound, answer: RoundAnswer) -> WaitingItem:
    return WaitingItem(
        kind=WaitingKind.PROXY_LIST,
        number=code(row.fy),
        title=_("%(year)sの協働事業の一覧（代理入力）", year=label(row.fy)),
        path=f"/projects/rounds/{code(row.fy)}",
        since=answer.handed_in_at or row.opened_at,
        who=answer.handed_in_by.name if answer.handed_in_by else "",
        due_on=row.due_on if answer.handed_in_at and day_of(answer.handed_in_at) <= row.due_on else None,
    )


def _to_close(row: ReportRound) -> WaitingItem:
    silent = sum(answer.handed_in_at is None for answer in row.answers)
    return WaitingItem(
        kind=WaitingKind.REPORT_ROUND,
        number=code(row.fy),
        title=_("%(year)sの取りまとめ", year=label(row.fy)),
        path=f"/projects/rounds/{code(row.fy)}",
        since=row.opened_at,
        who=_("県の担当課"),
        due_on=max(row.due_on, last_day(row.fy) + timedelta(days=1)),
        note=_("まだ提出していない課：%(count)s", count=silent),
    )
