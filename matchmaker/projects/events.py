"""The record of a project's life, and the refusals that its steps share."""

from datetime import datetime

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.status import ProjectAction


class ProjectNotInState(DomainError):
    """The project's state has no such step."""


class FactMissing(DomainError):
    """Something without which the step makes no sense was not given."""


def note(project: Project, action: ProjectAction, *, actor: User, at: datetime, text: str = "") -> None:
    """Add a line to the project's history and to the audit."""
    db.session.add(ProjectEvent(project_id=project.id, at=at, actor_id=actor.id, action=action, note=text))
    tag = f"{_source(actor)}:project:{action.value}"
    audit.record(tag, project.number, actor_id=actor.id, at=at, status=project.status.value)


def _source(actor: User) -> str:
    if actor.may(Permission.PROJECT_CONFIRM):
        return "office"
    if actor.may(Permission.DECISION_DECIDE):
        return "approver"
    return "division" if actor.may(Permission.PROJECT_REPORT) else "member"
