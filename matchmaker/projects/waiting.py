"""What of the projects waits for whom."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Permission
from matchmaker.projects import report_round_waiting
from matchmaker.projects.delivery_waiting import waiting_in_delivery
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus


def waiting_for(user: User) -> list[WaitingItem]:
    """Return what the office has to confirm or agree, what the yearly rounds ask for, and what waits in projects."""
    return [*_for_the_office(user), *report_round_waiting.waiting_for(user), *waiting_in_delivery(user)]


def _for_the_office(user: User) -> list[WaitingItem]:
    """The reports that somebody else reported, and the projects without an agreed form."""
    if not user.may(Permission.PROJECT_CONFIRM):
        return []
    rows = db.session.scalars(
        select(Project)
        .where(
            or_(
                (Project.status == ProjectStatus.REPORTED) & (func.coalesce(Project.reported_by_id, 0) != user.id),
                (Project.status == ProjectStatus.WORKING) & Project.form.is_(None),
            )
        )
        .options(selectinload(Project.partners))
        .order_by(Project.id)
    )
    return [
        WaitingItem(
            kind=WaitingKind.REPORT_CONFIRMATION
            if row.status is ProjectStatus.REPORTED
            else WaitingKind.FORM_AGREEMENT,
            number=row.number,
            title=row.title,
            path=f"/projects/{row.number}",
            since=row.reported_at or row.created_at,
            who="、".join(partner.name for partner in row.partners),
        )
        for row in rows
    ]
