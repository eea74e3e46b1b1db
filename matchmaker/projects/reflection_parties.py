"""Who takes part in looking back on a project: the sides, and for which of them a person speaks."""

from collections.abc import Iterable

from sqlalchemy import select

from matchmaker.accounts.models import StaffRole, User
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Permission, Role
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, Party, parties_for, parties_of, people_of
from matchmaker.projects.reflection_models import ProjectCoordinator
from matchmaker.projects.reflection_questions import ReflectionParty
from matchmaker.projects.workflow import Part

_SIDES = {
    Part.NPO: ReflectionParty.NPO,
    Part.COMPANY: ReflectionParty.COMPANY,
    Part.DIVISION: ReflectionParty.PREFECTURE,
    Part.OFFICE: ReflectionParty.PREFECTURE,
}


def sides_of(project: Project) -> list[ReflectionParty]:
    """Return the sides that fill in a sheet: always the NPO and the prefecture, and companies that can sign in."""
    parts = {party.part for party in parties_of(project)}
    sides = [ReflectionParty.NPO, ReflectionParty.PREFECTURE]
    return [*sides, ReflectionParty.COMPANY] if Part.COMPANY in parts else sides


def side_of(user: User, project: Project) -> ReflectionParty | None:
    """Return the side that the person speaks for; the office speaks for the prefecture beside the divisions."""
    return side_of_parties(parties_for(user, project))


def side_of_parties(parties: Iterable[Party]) -> ReflectionParty | None:
    """Return the side of somebody who acts for these parties of one project."""
    sides = {_SIDES[party.part] for party in parties if party.part is not None}
    return next((side for side in ReflectionParty if side in sides), None)


def coordinator_of(project: Project) -> ProjectCoordinator | None:
    """Return the coordinator who accompanies the project now."""
    return db.session.scalar(
        select(ProjectCoordinator).where(
            ProjectCoordinator.project_id == project.id, ProjectCoordinator.ended_at.is_(None)
        )
    )


def coordinates(user: User, project: Project) -> bool:
    """Say whether the person accompanies this project as its coordinator."""
    if not user.may(Permission.REFLECTION_COORDINATE):
        return False
    current = coordinator_of(project)
    return current is not None and current.user_id == user.id


def list_coordinators() -> list[User]:
    """Return the people whom the office can ask to accompany a project, by name."""
    return list(
        db.session.scalars(
            select(User)
            .join(StaffRole, StaffRole.user_id == User.id)
            .where(StaffRole.role == Role.COORDINATOR, StaffRole.ended_at.is_(None), User.suspended_at.is_(None))
            .order_by(User.name, User.id)
        ).unique()
    )


def people_speaking_for(project: Project, side: ReflectionParty) -> list[User]:
    """Return the people who get a side's mails; the office stands in where no division takes part."""
    keys = [party.key for party in parties_of(project) if party.part and _SIDES[party.part] is side]
    if len(keys) > 1:
        keys = [key for key in keys if key != OFFICE_KEY]
    return people_of(project, keys)
