"""What a project's page shows beside its facts: the working group, names then and now, and what the reader may do."""

from typing import Any

from flask_babel import gettext as _

from matchmaker.accounts.models import User
from matchmaker.blueprints.projects.taking_part import Seat
from matchmaker.directory.divisions import todays
from matchmaker.directory.names import current_of
from matchmaker.foundation import clock
from matchmaker.projects import agreements, continuing, delivery, meetings, workflow, working
from matchmaker.projects.models import Project
from matchmaker.projects.parties import parties_for
from matchmaker.projects.status import ProjectStatus


def working_side_of(project: Project, reader: User | None) -> dict[str, Any]:
    """Return the values for the template. Of a project that is only reported, nobody has anything to do here yet."""
    parties = parties_for(reader, project) if reader is not None else []
    is_open = project.status not in {ProjectStatus.REPORTED, ProjectStatus.REFUSED}
    return {
        "seat": Seat(project, parties) if parties and is_open else None,
        "steps": _steps(project, parties) if is_open else [],
        "now_divisions": todays(project.divisions),
        "now_partners": {
            row.id: current_of(row.organisation).name
            for row in project.partners
            if row.organisation is not None and current_of(row.organisation).name != row.name
        },
        "meetings": [row for row in meetings.list_of(project) if row.is_public],
        "tasks": working.list_tasks(project) if project.form else [],
        "milestones": delivery.list_milestones(project),
        "in_force": agreements.version_in_force(project),
        "following": continuing.following_of(project),
        "waiting_days": (clock.today() - project.waiting_since_on).days if project.waiting_since_on else None,
    }


def _steps(project: Project, parties: list[Any]) -> list[tuple[str, str]]:
    """The steps with a page of their own that the reader may take now: address word and label."""
    parts = frozenset(party.part for party in parties if party.part is not None)
    possible = {step.action for step in workflow.steps_from(project.status, parts)}
    return [(action.value, _(label)) for action, label in workflow.BUTTONS.items() if action in possible]
