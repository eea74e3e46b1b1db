"""検討会: planned, held and put on record, or cancelled with the reason. Each keeps its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects.events import FactMissing, next_within, note
from matchmaker.projects.lifecycle import require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, all_keys, parties_of, tell
from matchmaker.projects.status import UNDERWAY, ProjectAction
from matchmaker.projects.working_models import MeetingAttendance, ProjectMeeting


class MeetingSettled(DomainError):
    """The meeting was cancelled, or its minutes stand already."""


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What is known of a meeting; ``attendance``: names of people by the key of their party."""

    held_on: date
    begins: str
    place: str
    purpose: str
    is_public: bool
    minutes: str = ""
    attendance: Mapping[str, str] | None = None


def plan(project: Project, facts: MeetingFacts, *, actor: User, at: datetime) -> ProjectMeeting:
    """Put the next meeting on record, planned or already held, and tell the other parties.

    Errors: ProjectNotInState; FactMissing for minutes of a meeting to come.
    """
    require_underway(project, UNDERWAY, _("検討会の記録"))
    meeting = ProjectMeeting(project_id=project.id, number=next_within(project, ProjectMeeting.number))
    _fill(project, meeting, facts, at=at)
    db.session.add(meeting)
    note(project, ProjectAction.MEET, actor=actor, at=at, text=_line(meeting))
    if meeting.held_on >= day_of(at) and not meeting.minutes:
        tell(project, "project_meeting_planned", _invited(project), at=at, but=actor, **_told(meeting))
    return meeting


def change(
    project: Project, meeting: ProjectMeeting, facts: MeetingFacts, *, version: int, actor: User, at: datetime
) -> None:
    """Change a planned meeting, or write its minutes.

    Errors: EditConflict; MeetingSettled when it was cancelled; FactMissing for minutes of a meeting to come.
    """
    locked(meeting)
    if meeting.version != version:
        raise EditConflict
    if meeting.cancelled_at is not None:
        raise MeetingSettled(_("この検討会は中止されています。もう一度開くときは、新しい検討会を記録してください。"))
    before = (meeting.held_on, meeting.begins, meeting.place)
    had_minutes = bool(meeting.minutes)
    _fill(project, meeting, facts, at=at)
    text = _line(meeting) + ("\n" + _("議事録を書きました。") if meeting.minutes and not had_minutes else "")
    note(project, ProjectAction.MEET, actor=actor, at=at, text=text)
    has_moved = before != (meeting.held_on, meeting.begins, meeting.place)
    if has_moved and meeting.held_on >= day_of(at):
        tell(project, "project_meeting_planned", _invited(project), at=at, but=actor, **_told(meeting))


def cancel(project: Project, meeting: ProjectMeeting, *, reason: str, actor: User, at: datetime) -> None:
    """Call a meeting off; its number stays. Errors: MeetingSettled, FactMissing."""
    locked(meeting)
    if meeting.cancelled_at is not None or meeting.minutes_at is not None:
        raise MeetingSettled(_("この検討会は、すでに中止されたか、議事録が書かれています。"))
    if not reason.strip():
        raise FactMissing(_("中止の理由を入力してください。"))
    meeting.cancelled_at, meeting.cancel_reason = at, reason
    note(project, ProjectAction.MEET, actor=actor, at=at, text=_("第%(n)s回を中止", n=meeting.number) + f"\n{reason}")
    tell(project, "project_meeting_cancelled", _invited(project), at=at, but=actor, reason=reason, **_told(meeting))


def list_of(project: Project) -> Sequence[ProjectMeeting]:
    """Return the meetings of a project by their numbers."""
    query = select(ProjectMeeting).where(ProjectMeeting.project_id == project.id)
    return db.session.scalars(query.order_by(ProjectMeeting.number)).all()


def find(project: Project, number: int) -> ProjectMeeting | None:
    """Return the meeting with this number."""
    return db.session.scalar(
        select(ProjectMeeting).where(ProjectMeeting.project_id == project.id, ProjectMeeting.number == number)
    )


def _fill(project: Project, meeting: ProjectMeeting, facts: MeetingFacts, *, at: datetime) -> None:
    if facts.minutes and facts.held_on > day_of(at):
        raise FactMissing(_("これから開く検討会には、議事録を書けません。開いた日を確かめてください。"))
    meeting.held_on, meeting.begins, meeting.place = facts.held_on, facts.begins, facts.place
    meeting.purpose, meeting.is_public = facts.purpose, facts.is_public
    if facts.minutes != meeting.minutes:
        meeting.minutes = facts.minutes
        meeting.minutes_at = at if facts.minutes else None
    if facts.attendance is not None:
        kept = {row.party_key: row for row in meeting.attendances}
        meeting.attendances = [
            _attendance(kept.get(party.key), party.key, party.name, people)
            for party in parties_of(project)
            if (people := facts.attendance.get(party.key, ""))
        ]


def _attendance(row: MeetingAttendance | None, key: str, name: str, people: str) -> MeetingAttendance:
    row = row or MeetingAttendance(party_key=key, party_name=name)
    row.people = people
    return row


def _invited(project: Project) -> list[str]:
    """The parties at the table; the office follows through the record."""
    return [key for key in all_keys(project) if key != OFFICE_KEY]


def _line(meeting: ProjectMeeting) -> str:
    return _("第%(n)s回：%(purpose)s", n=meeting.number, purpose=meeting.purpose)


def _told(meeting: ProjectMeeting) -> dict[str, object]:
    return {
        "meeting_number": meeting.number,
        "held_on": meeting.held_on,
        "begins": meeting.begins,
        "place": meeting.place,
        "purpose": meeting.purpose,
    }
