"""What a project's page shows beside its facts: the working group, names then and now, and what the reader may do."""

from typing import Any

from flask_babel import gettext as _

from matchmaker.accounts.models import User
from matchmaker.blueprints.projects.taking_part import Seat
from matchmaker.directory.divisions import todays
from matchmaker.directory.names import current_of
from matchmaker.foundation import clock
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.projects import agreements, continuing, delivery, meetings, starting, workflow, working
from matchmaker.projects.delivery_terms import OPEN_REPORTS
from matchmaker.projects.models import Project
from matchmaker.projects.parties import parties_for
from matchmaker.projects.status import UNDERWAY, ProjectStatus


def working_side_of(project: Project, reader: User | None) -> dict[str, Any]:
    """Return the values for the template. Of a project that is only reported, nobody has anything to do here yet."""
    parties = parties_for(reader, project) if reader is not None else []
    is_open = project.status not in {ProjectStatus.REPORTED, ProjectStatus.REFUSED}
    side = starting.side_of(parties)
    is_starting = side is not None and project.status in UNDERWAY - {ProjectStatus.IN_PROGRESS}
    return {
        "start_lines": starting.checklist(project) if is_starting else [],
        "start_side": side,
        "seat": Seat(project, parties) if parties and is_open else None,
        "steps": _steps(project, parties) if is_open else [],
        "next_step": _next_step(project) if parties and is_open else None,
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


Next = tuple[str, str, dict[str, Any]]
"""A sentence, the endpoint on which it is done, and what its address needs."""


def _next_step(project: Project) -> Next | None:
    """What the parties do next."""
    if project.status is ProjectStatus.WORKING and project.form is None:
        return _next_of_working_group(project)
    if project.status is ProjectStatus.IN_PROGRESS:
        return _next_of_running(project)
    if project.status is ProjectStatus.AGREED and project.contracted_on is None:
        return _("契約などの手続きを、担当課が進めます。"), "step", {"action": "contract"}
    plain: dict[ProjectStatus, Next] = {
        ProjectStatus.AGREED: (_("準備ができたら、実施を始めます。"), "step", {"action": "start"}),
        ProjectStatus.CONTRACTED: (_("準備ができたら、実施を始めます。"), "step", {"action": "start"}),
        ProjectStatus.COMPLETED: (_("いっしょにふりかえります。"), "reflection_rounds", {}),
    }
    return plain.get(project.status)


def _next_of_running(project: Project) -> Next:
    report = next((row for row in delivery.list_reports(project) if row.status in OPEN_REPORTS), None)
    if report is None:
        return _("終わったら、県が完了を確定します。"), "delivery", {}
    sentence = _("%(kind)s（期限 %(day)s）", kind=report.kind.label, day=japanese_date(report.due_on))
    return sentence, "delivery_report", {"report_number": report.number}


def _next_of_working_group(project: Project) -> Next:
    version = agreements.newest_version(project)
    if not working.list_tasks(project):
        return _("だれが何をするかを決めます。"), "roles", {}
    if working.newest_choice(project) is None:
        return _("協働の形態を選びます。"), "choose_form", {}
    if version is None:
        return _("協定の文書をつくります。"), "write_agreement", {}
    names = "、".join(party.name for party in agreements.unsigned_parties(project, version))
    return _("署名を待っています：%(names)s", names=names), "agreement", {}
