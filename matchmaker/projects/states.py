"""What was on record of a project at any moment: kept with each step, so that a count can be made as of then.

Rows begin with the step that made them; of projects that are older than the table, the first row is what was on record
when it was brought in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import db
from matchmaker.matching.terms import LegalForm
from matchmaker.projects.models import Project, ProjectPartner, ProjectState
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm


@dataclass(frozen=True, slots=True)
class RecordedPartner:
    """A party; ``legal_form`` is known of organisations of the directory, as it is today."""

    kind: PartnerKind
    name: str
    legal_form: LegalForm | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is or was on record of a project, as far as counting asks for it."""

    project_id: int
    number: str
    title: str
    status: ProjectStatus
    form: CollaborationForm | None
    starts_on: date | None
    ends_on: date | None
    confirmed_at: datetime | None
    merged_into: str | None
    merged_on: date | None
    partners: tuple[RecordedPartner, ...]
    divisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Then:
    """All projects as they were at a moment. ``without_history``: ids of those whose state of then nobody kept."""

    projects: Sequence[Recorded]
    without_history: frozenset[int]


def keep(project: Project, *, at: datetime) -> None:
    """Add a row when what is on record has changed since the newest one."""
    db.session.flush()  # parties get their order by their ids
    newest = newest_of(project)
    values = _values(project)
    if newest is None or any(getattr(newest, name) != value for name, value in values.items()):
        db.session.add(ProjectState(project_id=project.id, at=at, **values))


def newest_of(project: Project, *where: ColumnElement[bool]) -> ProjectState | None:
    """Return the newest row of a project, or the newest for which something more holds."""
    query = select(ProjectState).where(ProjectState.project_id == project.id, *where)
    return db.session.scalar(query.order_by(ProjectState.id.desc()).limit(1))


def after(row: ProjectState) -> ProjectState | None:
    """Return the next row of the same project."""
    query = select(ProjectState).where(ProjectState.project_id == row.project_id, ProjectState.id > row.id)
    return db.session.scalar(query.order_by(ProjectState.id).limit(1))


def recorded_of(project: Project) -> Recorded:
    """Return what is on record now; the project's parties are loaded."""
    return Recorded(
        project_id=project.id,
        number=project.number,
        title=project.title,
        status=project.status,
        form=project.form,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        confirmed_at=project.confirmed_at,
        merged_into=project.merged_into.number if project.merged_into else None,
        merged_on=project.merged_on,
        partners=tuple(
            RecordedPartner(row.kind, row.name, row.organisation.legal_form if row.organisation else None)
            for row in project.partners
        ),
        divisions=tuple(row.name for row in project.divisions),
    )


def then(moment: datetime) -> Then:
    """Return what was on record of every project at a moment.

    Where no row is as old as that, the oldest one stands in, or today's record; a confirmation is looked at by its own
    moment then.
    """
    oldest: dict[int, ProjectState] = {}
    found: dict[int, ProjectState] = {}
    for row in db.session.scalars(select(ProjectState).order_by(ProjectState.at, ProjectState.id)):
        oldest.setdefault(row.project_id, row)
        if row.at <= moment:
            found[row.project_id] = row
    projects = db.session.scalars(
        select(Project)
        .order_by(Project.id)
        .options(
            selectinload(Project.partners).joinedload(ProjectPartner.organisation),
            selectinload(Project.divisions),
            selectinload(Project.merged_into),
        )
    ).all()
    names = _Names.of({**oldest, **found}.values(), {row.id: row.number for row in projects})
    return Then(
        [_then(row, found.get(row.id), oldest.get(row.id), names, moment) for row in projects],
        frozenset(row.id for row in projects if row.id not in found),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What rows name by id and nobody renames: a division under another name is another one."""

    projects: Mapping[int, str]
    divisions: Mapping[int, str]
    legal_forms: Mapping[int, LegalForm]

    @classmethod
    def of(cls, rows: Iterable[ProjectState], projects: Mapping[int, str]) -> "_Names":
        organisations = {one for row in rows for _kind, _name, one in row.partners if one is not None}
        divisions = db.session.scalars(select(Division))
        found = db.session.scalars(select(Organisation).where(Organisation.id.in_(organisations)))
        return cls(projects, {row.id: row.name for row in divisions}, {row.id: row.legal_form for row in found})


def _then(
    project: Project, found: ProjectState | None, oldest: ProjectState | None, names: _Names, moment: datetime
) -> Recorded:
    if found is not None:
        return _recorded(project, found, names)
    guessed = _recorded(project, oldest, names) if oldest else recorded_of(project)
    is_later = guessed.confirmed_at is not None and guessed.confirmed_at > moment
    return replace(guessed, confirmed_at=None) if is_later else guessed


def _recorded(project: Project, row: ProjectState, names: _Names) -> Recorded:
    return Recorded(
        project_id=project.id,
        number=project.number,
        title=row.title,
        status=row.status,
        form=row.form,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        confirmed_at=row.confirmed_at,
        merged_into=names.projects[row.merged_into_id] if row.merged_into_id else None,
        merged_on=row.merged_on,
        partners=tuple(
            RecordedPartner(PartnerKind(kind), name, names.legal_forms.get(one) if one else None)
            for kind, name, one in row.partners
        ),
        divisions=tuple(names.divisions[one] for one in row.division_ids),
    )


def _values(project: Project) -> dict[str, object]:
    return {
        "title": project.title,
        "status": project.status,
        "form": project.form,
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "confirmed_at": project.confirmed_at,
        "merged_into_id": project.merged_into_id,
        "merged_on": project.merged_on,
        "partners": [
            [row.kind.value, row.name, row.organisation_id] for row in sorted(project.partners, key=lambda row: row.id)
        ],
        "division_ids": sorted(row.id for row in project.divisions),
    }
