"""What of the running projects waits for whom: signatures, reports, answers, minutes. A fixed number of queries."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.clock import JAPAN, now, today
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.projects.agreement_models import AgreementVersion
from matchmaker.projects.delivery_models import ChangeRequest, DeliveryReport
from matchmaker.projects.delivery_terms import WRITABLE_REPORTS, ReportStatus, RequestStatus
from matchmaker.projects.models import Project, ProjectDivision, ProjectPartner
from matchmaker.projects.parties import OFFICE_KEY, Acting, Party, acting_of, parties_of
from matchmaker.projects.status import ENDED, UNDERWAY, ProjectStatus
from matchmaker.projects.workflow import Part
from matchmaker.projects.working_models import ProjectMeeting

REPORT_SHOWN_BEFORE = timedelta(days=14)
"""A report waits for its writer from this long before its due day."""

PAGE_SIZE = 20

_PREFECTURE = {Part.OFFICE, Part.DIVISION}


def waiting_in_delivery(user: User) -> list[WaitingItem]:
    """Return what waits for a person in the projects that they take part in."""
    acting = acting_of(user)
    projects = list_taking_part(acting)
    if not projects:
        return []
    own = {project.id: acting.parties_in(project) for project in projects}
    by_id = {project.id: project for project in projects}
    return [
        *_signatures(by_id, own),
        *_reports(by_id, own, user),
        *_requests(by_id, own),
        *_standing_still(projects, own),
        *_contracts(projects, own),
        *_minutes(by_id, own),
    ]


def list_taking_part(acting: Acting) -> list[Project]:
    """Return the running projects of the person's organisation or division, or for the office all, newest first."""
    running = Project.status.in_({*UNDERWAY, ProjectStatus.COMPLETED})
    return list(db.session.scalars(_with_parties().where(running, *_of(acting)).order_by(Project.id.desc())))


def page_of_taking_part(acting: Acting, *, number: int) -> Page[Project]:
    """Return one page of all projects that the person takes part in, those that ended last."""
    where = [Project.status.not_in({ProjectStatus.REPORTED, ProjectStatus.REFUSED}), *_of(acting)]
    total = db.session.scalar(select(func.count()).select_from(Project).where(*where)) or 0
    number = max(1, min(number, -(-total // PAGE_SIZE)))
    ordered = _with_parties().where(*where).order_by(Project.status.in_(ENDED), Project.id.desc())
    items = db.session.scalars(ordered.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return Page(items=items, number=number, size=PAGE_SIZE, total=total)


def _with_parties() -> Select[Project]:
    return select(Project).options(
        selectinload(Project.partners).joinedload(ProjectPartner.organisation), selectinload(Project.divisions)
    )


def _of(acting: Acting) -> list[ColumnElement[bool]]:
    if acting.is_office:
        return []
    of_partner = select(ProjectPartner.project_id).where(ProjectPartner.organisation_id.in_(acting.organisation_ids))
    of_division = select(ProjectDivision.project_id).where(ProjectDivision.division_id.in_(acting.division_ids))
    return [Project.id.in_(of_partner.union(of_division))]


def _item(
    project: Project,
    kind: WaitingKind,
    page: str,
    since: datetime,
    *,
    who: str = "",
    note: str = "",
    due_on: date | None = None,
) -> WaitingItem:
    path = f"/projects/{project.number}" + (f"/{page}" if page else "")
    return WaitingItem(
        kind=kind, number=project.number, title=project.title, path=path, since=since, who=who, due_on=due_on, note=note
    )


def _signatures(by_id: dict[int, Project], own: dict[int, list[Party]]) -> Iterable[WaitingItem]:
    newest: dict[int, AgreementVersion] = {}
    query = select(AgreementVersion).where(AgreementVersion.project_id.in_(by_id)).order_by(AgreementVersion.number)
    for version in db.session.scalars(query):
        newest[version.project_id] = version
    for project_id, version in newest.items():
        project = by_id[project_id]
        if version.effective_on is not None or project.status not in UNDERWAY:
            continue
        signed = {row.party_key for row in version.signatures}
        if any(party.key not in signed for party in own[project_id]):
            missing = "、".join(party.name for party in parties_of(project) if party.key not in signed)
            yield _item(project, WaitingKind.SIGN_OFF, "agreement", version.written_at, who=missing)


def _reports(by_id: dict[int, Project], own: dict[int, list[Party]], user: User) -> Iterable[WaitingItem]:
    query = select(DeliveryReport).where(
        DeliveryReport.project_id.in_(by_id),
        DeliveryReport.status.in_({*WRITABLE_REPORTS, ReportStatus.SENT}),
    )
    told: set[tuple[int, WaitingKind]] = set()
    for report in db.session.scalars(query.order_by(DeliveryReport.due_on, DeliveryReport.id)):
        project = by_id[report.project_id]
        item = _report_item(project, report, own[project.id], user)
        if item is not None and (project.id, item.kind) not in told:
            told.add((project.id, item.kind))
            yield item


def _report_item(project: Project, report: DeliveryReport, own: list[Party], user: User) -> WaitingItem | None:
    page = f"reports/{report.number}"
    if report.status is ReportStatus.SENT:
        answers = any(party.part in _PREFECTURE and party.key != report.sent_by_key for party in own)
        if not answers or report.sent_by_id == user.id or report.sent_at is None:
            return None
        return _item(project, WaitingKind.REPORT_CHECK, page, report.sent_at, who=report.kind.label)
    begins = report.due_on - REPORT_SHOWN_BEFORE
    writes = any(party.part in {Part.NPO, Part.COMPANY} for party in own)
    if not _has_partner_that_signs_in(project):
        writes = any(party.part is Part.DIVISION for party in own)
    if not writes or (report.status is ReportStatus.DUE and begins > today()):
        return None
    since = report.answered_at if report.status is ReportStatus.RETURNED and report.answered_at else _morning(begins)
    return _item(
        project,
        WaitingKind.PROJECT_REPORT,
        page,
        min(since, now()),
        who=report.kind.label,
        due_on=report.due_on,
        note=report.answer if report.status is ReportStatus.RETURNED else "",
    )


def _requests(by_id: dict[int, Project], own: dict[int, list[Party]]) -> Iterable[WaitingItem]:
    query = select(ChangeRequest).where(ChangeRequest.project_id.in_(by_id), ChangeRequest.status == RequestStatus.OPEN)
    for request in db.session.scalars(query):
        project = by_id[request.project_id]
        keys = {party.key for party in own[project.id]}
        if keys and request.asked_by_key not in keys:
            page = f"requests/{request.number}"
            who = f"{request.asked_by_name}（{request.kind.label}）"
            yield _item(project, WaitingKind.CHANGE_REQUEST, page, request.asked_at, who=who)


def _standing_still(projects: list[Project], own: dict[int, list[Party]]) -> Iterable[WaitingItem]:
    for project in projects:
        if project.status is not ProjectStatus.STALLED or project.waiting_since_on is None:
            continue
        keys = {party.key for party in own[project.id]}
        if project.waiting_key in keys or OFFICE_KEY in keys:
            yield _item(
                project, WaitingKind.STANDSTILL, "", _morning(project.waiting_since_on), who=project.waiting_name
            )


def _contracts(projects: list[Project], own: dict[int, list[Party]]) -> Iterable[WaitingItem]:
    for project in projects:
        is_waiting = project.status is ProjectStatus.AGREED and project.contracted_on is None
        if is_waiting and project.form_agreed_on and any(party.part in _PREFECTURE for party in own[project.id]):
            who = project.form.label if project.form else ""
            yield _item(project, WaitingKind.CONTRACTING, "steps/contract", _morning(project.form_agreed_on), who=who)


def _minutes(by_id: dict[int, Project], own: dict[int, list[Party]]) -> Iterable[WaitingItem]:
    query = select(ProjectMeeting).where(
        ProjectMeeting.project_id.in_(by_id),
        ProjectMeeting.held_on < today(),
        ProjectMeeting.minutes == "",
        ProjectMeeting.cancelled_at.is_(None),
    )
    told: set[int] = set()
    for meeting in db.session.scalars(query.order_by(ProjectMeeting.held_on)):
        project = by_id[meeting.project_id]
        parts = {party.part for party in own[project.id]} - {Part.OFFICE}
        if parts and project.id not in told and project.status in UNDERWAY:
            told.add(project.id)
            page = f"meetings/{meeting.number}"
            who = _("第%(n)s回", n=meeting.number)
            yield _item(project, WaitingKind.MINUTES, page, _morning(meeting.held_on), who=who)


def _has_partner_that_signs_in(project: Project) -> bool:
    return any(party.part in {Part.NPO, Part.COMPANY} for party in parties_of(project))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=JAPAN)
