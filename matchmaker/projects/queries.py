"""Find projects; what is not public is found only for those whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.foundation.text import search_words
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project, ProjectDivision, ProjectEvent, ProjectPartner
from matchmaker.projects.parties import parties_for
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import CollaborationForm

PAGE_SIZE = 20
NAMES_OFFERED = 500


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """What a list is narrowed to; None and "" narrow nothing."""

    text: str = ""
    form: CollaborationForm | None = None
    fy: int | None = None
    status: ProjectStatus | None = None


def list_public(wanted: ProjectFilter, *, number: int = 1) -> Page[Project]:
    """Return confirmed projects and those born from adopted proposals, newest first."""
    where = [public_clause(), *_narrowing(wanted)]
    return _page(where, number=number, order=(Project.id.desc(),))


def find_for(user: User | None, number: str) -> Project | None:
    """Return a project that the person (None: anybody) may see."""
    return db.session.scalar(
        select(Project)
        .where(Project.number == number, visible_to(user))
        .options(
            joinedload(Project.proposal),
            joinedload(Project.reported_by),
            joinedload(Project.continues),
            joinedload(Project.merged_into),
            selectinload(Project.partners).joinedload(ProjectPartner.organisation),
        )
    )


def find_of(proposal: Proposal) -> Project | None:
    """Return the project that an adopted proposal became."""
    return db.session.scalar(select(Project).where(Project.proposal_id == proposal.id))


def list_reports_for(user: User, *, number: int = 1) -> Page[Project]:
    """Return reported projects, those that wait for confirmation first: the office's all, a division's own."""
    where: list[ColumnElement[bool]] = [Project.reported_by_id.is_not(None)]
    if not user.may(Permission.PROJECT_CONFIRM):
        where.append(_concerns(user))
    waiting_first = (Project.status != ProjectStatus.REPORTED, Project.reported_at.desc(), Project.id.desc())
    return _page(where, number=number, order=waiting_first)


def list_without_form(user: User) -> Sequence[Project]:
    """Return adopted projects whose form the office has still to agree, oldest first."""
    if not user.may(Permission.PROJECT_CONFIRM):
        return []
    open_statuses = (ProjectStatus.WORKING, ProjectStatus.STALLED)
    query = select(Project).where(Project.form.is_(None), Project.status.in_(open_statuses)).order_by(Project.id)
    return db.session.scalars(query.options(selectinload(Project.partners))).all()


def count_waiting() -> int:
    """Return how many reports wait for confirmation."""
    query = select(func.count()).select_from(Project).where(Project.status == ProjectStatus.REPORTED)
    return db.session.scalar(query) or 0


def list_confirmed_meeting(fy: int) -> Sequence[Project]:
    """Return every confirmed project with an agreed form whose period meets the fiscal year, with its parties."""
    return db.session.scalars(
        select(Project)
        .where(
            Project.confirmed_at.is_not(None),
            Project.form.is_not(None),
            Project.starts_on <= fiscal_year.last_day(fy),
            Project.ends_on >= fiscal_year.first_day(fy),
        )
        .options(
            selectinload(Project.partners).joinedload(ProjectPartner.organisation), selectinload(Project.divisions)
        )
        .order_by(Project.id)
    ).all()


def history_for(user: User | None, project: Project) -> Sequence[ProjectEvent]:
    """Return what happened, oldest first, to those who take part: the office, its divisions, its partners."""
    if user is None or not (user.may(Permission.PROJECT_CONFIRM) or takes_part(user, project)):
        return []
    query = select(ProjectEvent).where(ProjectEvent.project_id == project.id).order_by(ProjectEvent.id)
    return db.session.scalars(query).all()


def last_event(project: Project) -> ProjectEvent | None:
    """Return what happened last, and who did it."""
    query = select(ProjectEvent).where(ProjectEvent.project_id == project.id)
    return db.session.scalar(query.order_by(ProjectEvent.id.desc()).limit(1))


def takes_part(user: User, project: Project) -> bool:
    """Say whether the person reported the project, or acts for one of its parties."""
    return project.reported_by_id == user.id or bool(parties_for(user, project))


def list_organisation_names() -> Sequence[str]:
    """Return names of verified organisations, to choose partners from: the first ones by reading, ``NAMES_OFFERED``."""
    query = select(Organisation.name).where(Organisation.verification == Verification.VERIFIED)
    return db.session.scalars(query.order_by(Organisation.kana, Organisation.name).limit(NAMES_OFFERED)).all()


def list_fiscal_years() -> list[int]:
    """Return the fiscal years that the periods of public projects meet, newest first."""
    first, last = db.session.execute(
        select(func.min(Project.starts_on), func.max(Project.ends_on)).where(public_clause())
    ).one()
    if first is None or last is None:
        return []
    return list(reversed(fiscal_year.fiscal_years_met(first, max(first, last))))


def _page(where: Sequence[ColumnElement[bool]], *, number: int, order: Sequence[ColumnElement[Any]]) -> Page[Project]:
    total = db.session.scalar(select(func.count()).select_from(Project).where(*where)) or 0
    number = max(1, min(number, -(-total // PAGE_SIZE)))
    query = select(Project).where(*where).order_by(*order).offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    items = db.session.scalars(
        query.options(selectinload(Project.partners), selectinload(Project.divisions), joinedload(Project.reported_by))
    ).all()
    return Page(items=items, number=number, size=PAGE_SIZE, total=total)


def _narrowing(wanted: ProjectFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        Project.search_text.contains(word, autoescape=True) for word in search_words(wanted.text)
    ]
    if wanted.form is not None:
        where.append(Project.form == wanted.form)
    if wanted.status is not None:
        where.append(Project.status == wanted.status)
    if wanted.fy is not None:
        where += [
            Project.starts_on <= fiscal_year.last_day(wanted.fy),
            Project.ends_on >= fiscal_year.first_day(wanted.fy),
        ]
    return where


def public_clause() -> ColumnElement[bool]:
    """What everybody may see, as a condition: confirmed projects and those born from adopted proposals."""
    return and_(
        or_(Project.confirmed_at.is_not(None), Project.proposal_id.is_not(None)),
        Project.status != ProjectStatus.REFUSED,
    )


def visible_to(user: User | None) -> ColumnElement[bool]:
    """What a person (None: anybody) may see, as a condition."""
    if user is None:
        return public_clause()
    if user.may(Permission.PROJECT_CONFIRM):
        return Project.id.is_not(None)
    return or_(public_clause(), _concerns(user))


def _concerns(user: User) -> ColumnElement[bool]:
    """Reported by the person, or a matter of the person's division under any of its names."""
    of_division = select(ProjectDivision.project_id).where(ProjectDivision.division_id.in_(desk_of(user)))
    return or_(Project.reported_by_id == user.id, Project.id.in_(of_division))
