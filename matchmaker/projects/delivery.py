"""What is due while the work runs: milestones, reports and their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects.delivery_models import DeliveryReport, Milestone
from matchmaker.projects.delivery_terms import (
    FINAL_REPORT_AFTER,
    WRITABLE_REPORTS,
    ReportKind,
    ReportStatus,
)
from matchmaker.projects.events import FactMissing, next_within, note, touch
from matchmaker.projects.lifecycle import NotYours, require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, Party, all_keys, parties_for, parties_of, tell
from matchmaker.projects.status import UNDERWAY, ProjectAction, ProjectStatus
from matchmaker.projects.workflow import Part

REPORTABLE = UNDERWAY | {ProjectStatus.COMPLETED}
"""States in which reports are planned, sent and answered."""

_PREFECTURE = {Part.OFFICE, Part.DIVISION}


class ReportNotOpen(DomainError):
    """The report was sent, answered or waived in the meantime."""


class AnswerYourOwn(DomainError):
    """Whoever sent a report cannot also accept it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "自分が出した報告は、自分では受理できません。ほかの担当者に確認を頼んでください（2人で確かめる決まりです）。"
            )
        )


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """What is to be reached by a day, and when it was."""

    title: str
    due_on: date
    reached_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReportText:
    """What a report says."""

    done: str
    results: str
    problems: str = ""
    spent_yen: int | None = None


def set_milestones(project: Project, lines: Sequence[MilestoneLine], *, actor: User, at: datetime) -> None:
    """Store the milestones anew, in the order of their days. Errors: ProjectNotInState."""
    require_underway(project, UNDERWAY, _("節目の変更"))
    kept = {(row.title, row.due_on): row for row in list_milestones(project)}
    wanted = {(line.title, line.due_on): line for line in lines}
    for key, row in kept.items():
        if key not in wanted:
            db.session.delete(row)
    for key, line in wanted.items():
        milestone = kept.get(key) or Milestone(project_id=project.id, title=line.title, due_on=line.due_on)
        milestone.reached_on = line.reached_on
        db.session.add(milestone)
    touch(project)
    note(project, ProjectAction.PLAN, actor=actor, at=at, text=_("節目を変えました。"))


def list_milestones(project: Project) -> Sequence[Milestone]:
    """Return the milestones by their days."""
    query = select(Milestone).where(Milestone.project_id == project.id)
    return db.session.scalars(query.order_by(Milestone.due_on, Milestone.id)).all()


def ask_for_report(project: Project, kind: ReportKind, due_on: date, *, actor: User, at: datetime) -> DeliveryReport:
    """Set another day on which a report is due. Errors: ProjectNotInState; NotYours for the partners."""
    require_underway(project, REPORTABLE, _("報告の予定"))
    _require_prefecture(project, actor)
    number = next_within(project, DeliveryReport.number)
    report = DeliveryReport(project_id=project.id, number=number, kind=kind, due_on=due_on)
    db.session.add(report)
    text = _("%(kind)s：期限 %(day)s", kind=kind.label, day=japanese_date(due_on))
    note(project, ProjectAction.PLAN, actor=actor, at=at, text=text)
    tell(project, "project_report_asked", partner_keys(project), at=at, but=actor, of_kind=kind.label, due_on=due_on)
    return report


def move_final_report(project: Project, ends_on: date) -> None:
    """Let the final report that is still due follow a new end of the project."""
    for report in list_reports(project):
        if report.kind is ReportKind.FINAL and report.status is ReportStatus.DUE:
            report.due_on = ends_on + FINAL_REPORT_AFTER


def send(
    report: DeliveryReport, project: Project, words: ReportText, *, version: int, actor: User, at: datetime
) -> None:
    """Hand a report in. Errors: EditConflict; ReportNotOpen; NotYours; ProjectNotInState."""
    require_underway(project, REPORTABLE, _("報告の提出"))
    locked(report)
    if report.version != version:
        raise EditConflict
    if report.status not in WRITABLE_REPORTS:
        raise _not_open(report)
    party = _speaks_for(project, actor)
    report.done, report.results, report.problems = words.done, words.results, words.problems
    report.spent_yen = words.spent_yen
    report.status, report.sent_at = ReportStatus.SENT, at
    report.sent_by_id, report.sent_by_key = actor.id, party.key
    report.answered_by_id, report.answered_at, report.answer = None, None, ""
    note(project, ProjectAction.DELIVER, actor=actor, at=at, text=report.kind.label)
    others = [one.key for one in parties_of(project) if one.part in _PREFECTURE and one.key != party.key]
    tell(project, "project_report_sent", others, at=at, but=actor, of_kind=report.kind.label, party=party.name)


def accept(report: DeliveryReport, project: Project, *, actor: User, at: datetime) -> None:
    """Take a report as it is. Errors: ReportNotOpen; AnswerYourOwn; NotYours."""
    _require_answerable(report, project, actor)
    _answer(report, project, ReportStatus.ACCEPTED, "", actor=actor, at=at)


def send_back(report: DeliveryReport, project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """Ask for a better report, and say what is missing. Errors: ReportNotOpen; AnswerYourOwn; NotYours; FactMissing."""
    _require_answerable(report, project, actor)
    if not reason.strip():
        raise FactMissing(_("直してほしいところを入力してください。"))
    _answer(report, project, ReportStatus.RETURNED, reason, actor=actor, at=at)


def waive(report: DeliveryReport, project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """State that a report is not needed, and why. Errors: ReportNotOpen; NotYours; FactMissing."""
    locked(report)
    _require_prefecture(project, actor)
    if report.status not in WRITABLE_REPORTS:
        raise _not_open(report)
    if not reason.strip():
        raise FactMissing(_("提出が不要な理由を入力してください。"))
    # A returned report that is waived was never accepted: what was sent stays readable in the history only.
    report.sent_at = report.sent_by_id = None
    report.sent_by_key = ""
    _answer(report, project, ReportStatus.WAIVED, reason, actor=actor, at=at)


def list_reports(project: Project) -> Sequence[DeliveryReport]:
    """Return the reports by the days on which they are due."""
    query = select(DeliveryReport).where(DeliveryReport.project_id == project.id)
    return db.session.scalars(query.order_by(DeliveryReport.due_on, DeliveryReport.id)).all()


def find_report(project: Project, number: int) -> DeliveryReport | None:
    """Return the report with this number."""
    return db.session.scalar(
        select(DeliveryReport)
        .where(DeliveryReport.project_id == project.id, DeliveryReport.number == number)
        .options(joinedload(DeliveryReport.sent_by), joinedload(DeliveryReport.answered_by))
    )


def may_answer(report: DeliveryReport, project: Project, user: User) -> bool:
    """Say whether the person can accept or return the report now."""
    if report.status is not ReportStatus.SENT or report.sent_by_id == user.id:
        return False
    return any(party.part in _PREFECTURE and party.key != report.sent_by_key for party in parties_for(user, project))


def partner_keys(project: Project) -> list[str]:
    """Return the keys of the parties that owe reports: the partners; without one that signs in, the divisions."""
    partners = [party.key for party in parties_of(project) if party.part in {Part.NPO, Part.COMPANY}]
    return partners or [party.key for party in parties_of(project) if party.part is Part.DIVISION]


def _answer(
    report: DeliveryReport, project: Project, status: ReportStatus, words: str, *, actor: User, at: datetime
) -> None:
    report.status, report.answer = status, words
    report.answered_by_id, report.answered_at = actor.id, at
    text = f"{report.kind.label}：{status.label}" + (f"\n{words}" if words else "")
    note(project, ProjectAction.ANSWER_REPORT, actor=actor, at=at, text=text)
    keys = [key for key in all_keys(project) if key != OFFICE_KEY]
    tell(
        project,
        "project_report_answered",
        keys,
        at=at,
        but=actor,
        of_kind=report.kind.label,
        status=status.label,
        reason=words,
    )


def _require_answerable(report: DeliveryReport, project: Project, actor: User) -> None:
    locked(report)
    _require_prefecture(project, actor)
    if report.status is not ReportStatus.SENT:
        raise _not_open(report)
    if report.sent_by_id == actor.id or not may_answer(report, project, actor):
        raise AnswerYourOwn


def _require_prefecture(project: Project, actor: User) -> None:
    if not any(party.part in _PREFECTURE for party in parties_for(actor, project)):
        raise NotYours(_("これは、県の担当課かNPO担当課だけができます。"))


def _speaks_for(project: Project, actor: User) -> Party:
    """A person of a partner speaks for it first; the office only when nobody else does."""
    own = parties_for(actor, project)
    if not own:
        raise NotYours(_("この事業に参加している団体・課だけができます。"))
    return own[0]


def _not_open(report: DeliveryReport) -> ReportNotOpen:
    return ReportNotOpen(
        _("この報告はいま「%(now)s」なので、その操作はできません。画面を開き直してください。", now=report.status.label)
    )
