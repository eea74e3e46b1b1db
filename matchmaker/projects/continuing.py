"""Projects through the years: continued in the next one, merged with another, and found under every name."""

from datetime import date, datetime

from sqlalchemy import or_, select

from matchmaker.accounts.models import User
from matchmaker.directory import divisions as division_names
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.names import current_of
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import first_day, fiscal_year_of, japanese_date, last_day
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import service
from matchmaker.projects.events import note
from matchmaker.projects.lifecycle import allowed, forget_standstill
from matchmaker.projects.models import Project, ProjectDivision, ProjectPartner
from matchmaker.projects.parties import all_keys, tell
from matchmaker.projects.status import ENDED, ProjectAction, ProjectStatus


class CannotMerge(DomainError):
    """The two projects cannot become one."""


class AlreadyContinued(DomainError):
    """A division has already reported the project's next year."""

    def __init__(self, number: str) -> None:
        super().__init__(_("この事業の次の年度は、%(number)s として、すでに報告されています。", number=number))


def continue_next_year(project: Project, *, actor: User, at: datetime) -> Project:
    """Open the project of the next fiscal year with the same parties under their names of today. Errors: ``allowed``.

    Its form is agreed anew; until then it does not count.
    """
    step = allowed(project, ProjectAction.CONTINUE, actor=actor)
    known = following_of(project)
    if known is not None:
        raise AlreadyContinued(known.number)
    fy = fiscal_year_of(project.ends_on) + 1 if project.ends_on else fiscal_year_of(day_of(at)) + 1
    todays = division_names.todays(project.divisions)
    divisions = {row.id: row for row in (todays.get(one.id, one) for one in project.divisions)}
    following = Project(
        number=service.new_number(at),
        title=project.title,
        summary=project.summary,
        status=ProjectStatus.WORKING,
        starts_on=first_day(fy),
        ends_on=last_day(fy),
        continues_id=project.id,
        created_at=at,
        partners=[_partner_today(row) for row in project.partners],
        divisions=list(divisions.values()),
    )
    service.store(following, ProjectAction.OPEN, actor=actor, at=at)
    project.status = step.to_status or project.status
    note(project, ProjectAction.CONTINUE, actor=actor, at=at, text=following.number)
    tell(project, "project_continued", all_keys(project), at=at, but=actor, following=following.number)
    return following


def merge(project: Project, into: Project, *, on: date, reason: str, actor: User, at: datetime) -> None:
    """Keep the record, but let another project go on for both from a day on; from its fiscal year only that one counts.

    Errors: those of ``allowed``; CannotMerge.
    """
    step = allowed(project, ProjectAction.MERGE, actor=actor, reason=reason)
    locked(into)
    if into.id == project.id:
        raise CannotMerge(_("同じ事業です。続ける事業の番号を入力してください。"))
    if into.status in ENDED or into.status is ProjectStatus.REPORTED:
        raise CannotMerge(
            _("%(number)sはいま「%(now)s」なので、統合する先にできません。", number=into.number, now=into.status.label)
        )
    forget_standstill(project)
    project.status, project.merged_into_id, project.merged_on = step.to_status or project.status, into.id, on
    text = _("%(day)sから %(number)s に統合", day=japanese_date(on), number=into.number)
    note(project, ProjectAction.MERGE, actor=actor, at=at, text=f"{text}\n{reason}")
    note(into, ProjectAction.EDIT, actor=actor, at=at, text=_("%(number)s を統合", number=project.number))
    tell(project, "project_merged", all_keys(project), at=at, but=actor, into=into.number, on=on, reason=reason)


def following_of(project: Project) -> Project | None:
    """Return the project of the next year that goes on with this one."""
    return db.session.scalar(select(Project).where(Project.continues_id == project.id))


def refresh_names(*, division: Division | None = None, organisation: Organisation | None = None) -> int:
    """After a renaming, let every project of the division's or organisation's line be found by the new name too."""
    found: list[Project] = []
    if division is not None:
        line = division_names.line_of(division.id, division_names.successors(on=division_names.EVER))
        ids = select(ProjectDivision.project_id).where(ProjectDivision.division_id.in_(line))
        found += db.session.scalars(select(Project).where(Project.id.in_(ids)))
    if organisation is not None:
        related = select(Organisation.id).where(
            or_(Organisation.id == organisation.id, Organisation.merged_into_id == organisation.id)
        )
        ids = select(ProjectPartner.project_id).where(ProjectPartner.organisation_id.in_(related))
        found += db.session.scalars(select(Project).where(Project.id.in_(ids)))
    for project in found:
        project.search_text = service.search_text_of(project)
    return len(found)


def _partner_today(row: ProjectPartner) -> ProjectPartner:
    today = current_of(row.organisation) if row.organisation is not None else None
    return ProjectPartner(
        kind=row.kind, organisation_id=today.id if today else None, name=today.name if today else row.name
    )
