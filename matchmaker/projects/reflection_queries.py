"""Read what people said when they looked back, as far as the reader may know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload, lazyload

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.matching.terms import ActivityField
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project
from matchmaker.projects.reflection_models import (
    ProjectCoordinator,
    ReflectionLesson,
    ReflectionRound,
    ReflectionSheet,
)
from matchmaker.projects.reflection_parties import coordinates, side_of
from matchmaker.projects.reflection_questions import ReflectionParty
from matchmaker.proposals.models import Proposal, ProposalField

PAGE_SIZE = 20
LESSONS_SHOWN = 3

_WITH_PROJECT = (
    joinedload(ReflectionLesson.round).options(
        lazyload("*"), joinedload(ReflectionRound.project).options(lazyload("*"))
    ),
)
"""A list of lessons names their projects and reads nothing else of the rounds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to the reflection of one project."""

    side: ReflectionParty | None
    is_coordinator: bool
    is_office: bool

    @property
    def takes_part(self) -> bool:
        return self.side is not None or self.is_coordinator or self.is_office

    @property
    def may_moderate(self) -> bool:
        """Write down talks and the summary."""
        return self.is_coordinator or self.is_office


def standing_of(user: User | None, project: Project) -> Standing:
    """Return the person's part: the side spoken for, the coordinator, the office; nothing of these for others."""
    if user is None:
        return Standing(None, False, False)
    return Standing(side_of(user, project), coordinates(user, project), user.may(Permission.PROJECT_CONFIRM))


@dataclass(frozen=True, slots=True)
class ReflectionOfProject:
    """What a project's page tells of its reflection: the reader's part, and the rounds that the reader may know."""

    standing: Standing
    rounds: Sequence[ReflectionRound]


def of_project(user: User | None, project: Project) -> ReflectionOfProject:
    """Return what the page of a project shows."""
    standing, rounds = standing_of(user, project), list_rounds(project)
    known = rounds if standing.takes_part else [row for row in rounds if row.published_at is not None]
    return ReflectionOfProject(standing, known)


def list_rounds(project: Project) -> Sequence[ReflectionRound]:
    """Return the rounds of a project in their order. They hold sealed sheets: show those of ``sheets_for`` alone."""
    query = select(ReflectionRound).where(ReflectionRound.project_id == project.id).order_by(ReflectionRound.position)
    return db.session.scalars(query).all()


def find_round(project: Project, position: int) -> ReflectionRound | None:
    """Return one round of a project."""
    return db.session.scalar(
        select(ReflectionRound).where(ReflectionRound.project_id == project.id, ReflectionRound.position == position)
    )


def sheets_for(standing: Standing, round_: ReflectionRound) -> list[ReflectionSheet]:
    """Return the sheets that the reader may read: one's own side's; after the unsealing all that were handed in."""
    if not standing.takes_part:
        return []
    if round_.unsealed_at is not None:
        found = [row for row in round_.sheets if row.handed_in_at is not None]
    else:
        found = [row for row in round_.sheets if row.party is standing.side]
    return sorted(found, key=lambda row: list(ReflectionParty).index(row.party))


def list_coordinated(user: User) -> Sequence[Project]:
    """Return the projects that a coordinator accompanies now, the newest first."""
    return db.session.scalars(
        select(Project)
        .join(ProjectCoordinator, ProjectCoordinator.project_id == Project.id)
        .where(ProjectCoordinator.user_id == user.id, ProjectCoordinator.ended_at.is_(None))
        .order_by(Project.id.desc())
    ).all()


def list_last_rounds(project_ids: Sequence[int]) -> Sequence[ReflectionRound]:
    """Return the newest round of each of these projects."""
    newest = (
        select(func.max(ReflectionRound.id))
        .where(ReflectionRound.project_id.in_(project_ids))
        .group_by(ReflectionRound.project_id)
    )
    return db.session.scalars(select(ReflectionRound).where(ReflectionRound.id.in_(newest))).all()


def lessons_for(proposal: Proposal, section: int) -> Sequence[ReflectionLesson]:
    """Return published lessons for a section of a proposal: those of its own fields first, then the newest."""
    shares_field = case((_of_fields(proposal.fields), 1), else_=0)
    return db.session.scalars(
        select(ReflectionLesson)
        .join(ReflectionRound)
        .where(ReflectionLesson.section == section, ReflectionRound.published_at.is_not(None))
        .order_by(shares_field.desc(), ReflectionRound.published_at.desc(), ReflectionLesson.id.desc())
        .limit(LESSONS_SHOWN)
        .options(*_WITH_PROJECT)
    ).all()


def list_lessons(section: int | None, field: ActivityField | None, *, number: int = 1) -> Page[ReflectionLesson]:
    """Return a page of all published lessons, the newest first."""
    where: list[ColumnElement[bool]] = [ReflectionRound.published_at.is_not(None)]
    if section is not None:
        where.append(ReflectionLesson.section == section)
    if field is not None:
        where.append(_of_fields([field]))
    total = db.session.scalar(select(func.count()).select_from(ReflectionLesson).join(ReflectionRound).where(*where))
    total = total or 0
    number = max(1, min(number, -(-total // PAGE_SIZE)))
    items = db.session.scalars(
        select(ReflectionLesson)
        .join(ReflectionRound)
        .where(*where)
        .order_by(ReflectionRound.published_at.desc(), ReflectionLesson.id.desc())
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
        .options(*_WITH_PROJECT)
    ).all()
    return Page(items=items, number=number, size=PAGE_SIZE, total=total)


def list_overdue(on: date) -> Sequence[ReflectionRound]:
    """Return sealed rounds whose day has passed, the longest waiting first."""
    return db.session.scalars(
        select(ReflectionRound)
        .where(ReflectionRound.unsealed_at.is_(None), ReflectionRound.due_on < on)
        .order_by(ReflectionRound.due_on, ReflectionRound.id)
    ).all()


def _of_fields(fields: Sequence[ActivityField]) -> ColumnElement[bool]:
    of_field = select(ProposalField.proposal_id).where(ProposalField.field.in_(fields))
    of_projects = select(Project.id).where(Project.proposal_id.in_(of_field))
    return ReflectionRound.project_id.in_(of_projects)
