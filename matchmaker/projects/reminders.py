"""Early word of meetings and reports: once for each day that was set, however often it runs.

What is overdue stands in the one mail a day about a person's work (``review.clocks``).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.projects.delivery import REPORTABLE, partner_keys
from matchmaker.projects.delivery_models import DeliveryReport, SentReminder
from matchmaker.projects.delivery_terms import WRITABLE_REPORTS
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, all_keys, tell
from matchmaker.projects.status import UNDERWAY
from matchmaker.projects.working_models import ProjectMeeting

MEETING_TOLD_BEFORE = timedelta(days=3)
REPORT_TOLD_BEFORE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many meetings and reports somebody was reminded of."""

    meetings: int
    reports: int


def remind(*, at: datetime) -> Reminded:
    """Queue the reminders of a day, inside the caller's transaction."""
    today = day_of(at)
    return Reminded(_meetings(today, at), _reports(today, at))


def _meetings(today: date, at: datetime) -> int:
    rows = db.session.execute(
        select(ProjectMeeting, Project)
        .join(Project, Project.id == ProjectMeeting.project_id)
        .where(
            ProjectMeeting.held_on.between(today, today + MEETING_TOLD_BEFORE),
            ProjectMeeting.cancelled_at.is_(None),
            ProjectMeeting.minutes == "",
            Project.status.in_(UNDERWAY),
        )
        .order_by(ProjectMeeting.id)
    ).all()
    told = 0
    for meeting, project in rows:
        if _is_first(f"meeting {meeting.id}", f"on {meeting.held_on}", at):
            keys = [key for key in all_keys(project) if key != OFFICE_KEY]
            tell(
                project,
                "project_meeting_near",
                keys,
                at=at,
                meeting_number=meeting.number,
                held_on=meeting.held_on,
                begins=meeting.begins,
                place=meeting.place,
                purpose=meeting.purpose,
            )
            told += 1
    return told


def _reports(today: date, at: datetime) -> int:
    rows = db.session.execute(
        select(DeliveryReport, Project)
        .join(Project, Project.id == DeliveryReport.project_id)
        .where(
            DeliveryReport.due_on.between(today, today + REPORT_TOLD_BEFORE),
            DeliveryReport.status.in_(WRITABLE_REPORTS),
            Project.status.in_(REPORTABLE),
        )
        .order_by(DeliveryReport.id)
    ).all()
    told = 0
    for report, project in rows:
        if _is_first(f"report {report.id}", f"before {report.due_on}", at):
            tell(
                project,
                "project_report_near",
                partner_keys(project),
                at=at,
                of_kind=report.kind.label,
                due_on=report.due_on,
                report_number=report.number,
            )
            told += 1
    return told


def _is_first(subject: str, stage: str, at: datetime) -> bool:
    known = select(SentReminder.id).where(SentReminder.subject == subject, SentReminder.stage == stage)
    if db.session.scalar(known) is not None:
        return False
    db.session.add(SentReminder(subject=subject, stage=stage, at=at))
    return True
