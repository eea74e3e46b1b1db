"""What of the reflections waits for whom: sheets, talks with a summary, consents. A fixed number of queries."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Permission
from matchmaker.projects.delivery_waiting import list_taking_part
from matchmaker.projects.models import Project
from matchmaker.projects.parties import acting_of
from matchmaker.projects.reflection import consenting_sides, handed_in_sides
from matchmaker.projects.reflection_models import ProjectCoordinator, ReflectionRound
from matchmaker.projects.reflection_parties import side_of_parties
from matchmaker.projects.reflection_questions import ReflectionParty


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the sheets, summaries and consents that wait for a person; the office stands in for a coordinator."""
    acting = acting_of(user)
    taking_part = {row.id: row for row in list_taking_part(acting)}
    coordinators = _coordinators()
    accompanied = {project_id for project_id, user_id in coordinators.items() if user_id == user.id}
    rounds = db.session.scalars(
        select(ReflectionRound)
        .where(ReflectionRound.project_id.in_({*taking_part, *accompanied}), ReflectionRound.published_at.is_(None))
        .order_by(ReflectionRound.id)
    ).all()
    items: list[WaitingItem] = []
    for round_ in rounds:
        project = taking_part.get(round_.project_id)
        side = side_of_parties(acting.parties_in(project)) if project else None
        moderates = round_.project_id in accompanied or (
            user.may(Permission.PROJECT_CONFIRM) and round_.project_id not in coordinators
        )
        items += _items(round_, side, moderates=moderates)
    return items


def _items(round_: ReflectionRound, side: ReflectionParty | None, *, moderates: bool) -> Iterable[WaitingItem]:
    if round_.unsealed_at is None:
        if side is not None and side not in handed_in_sides(round_):
            yield _item(round_, WaitingKind.REFLECTION, "/sheet", round_.begun_at, has_due_day=True)
    elif not round_.summary:
        if moderates:
            yield _item(round_, WaitingKind.REFLECTION_SUMMARY, "", round_.unsealed_at)
    elif side is not None and side in set(handed_in_sides(round_)) - set(consenting_sides(round_)):
        yield _item(round_, WaitingKind.REFLECTION_CONSENT, "", round_.unsealed_at)


def _item(
    round_: ReflectionRound, kind: WaitingKind, page: str, since: datetime, *, has_due_day: bool = False
) -> WaitingItem:
    project: Project = round_.project
    return WaitingItem(
        kind=kind,
        number=f"{project.number}-F{round_.position}",
        title=project.title,
        path=f"/projects/{project.number}/reflection/{round_.position}{page}",
        since=since,
        who=round_.stage.label,
        due_on=round_.due_on if has_due_day else None,
    )


def _coordinators() -> dict[int, int]:
    rows = db.session.execute(
        select(ProjectCoordinator.project_id, ProjectCoordinator.user_id).where(ProjectCoordinator.ended_at.is_(None))
    )
    return {row.project_id: row.user_id for row in rows}
