"""The record of a project's life, and the refusals that its steps share."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import flag_modified

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.permissions.grants import Permission
from matchmaker.projects import states
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.status import ProjectAction


class ProjectNotInState(DomainError):
    """The project's state has no such step."""


class FactMissing(DomainError):
    """Something without which the step makes no sense was not given."""


def note(project: Project, action: ProjectAction, *, actor: User, at: datetime, text: str = "") -> None:
    """Add a line to the project's history and to the audit, and keep what is on record after the step."""
    states.keep(project, at=at)
    db.session.add(ProjectEvent(project_id=project.id, at=at, actor_id=actor.id, action=action, note=text))
    tag = f"{_source(actor)}:project:{action.value}"
    audit.record(tag, project.number, actor_id=actor.id, at=at, status=project.status.value)


def next_within(project: Project, column: InstrumentedAttribute[int]) -> int:
    """Return the next number of a series within a project, which must be locked: 1, 2, 3 …"""
    model = column.class_
    return (db.session.scalar(select(func.max(column)).where(model.project_id == project.id)) or 0) + 1


def touch(project: Project) -> None:
    """Give the project a new version: what hangs on it changed, and two people who change it at once must notice."""
    flag_modified(project, "title")


def _source(actor: User) -> str:
    if actor.may(Permission.PROJECT_CONFIRM):
        return "office"
    if actor.may(Permission.DECISION_DECIDE):
        return "approver"
    return "division" if actor.may(Permission.PROJECT_REPORT) else "member"
