"""The steps of a project's life. ``workflow`` says whose they are; every function runs in the caller's transaction."""

from datetime import date, datetime

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import workflow
from matchmaker.projects.delivery_models import DeliveryReport
from matchmaker.projects.delivery_terms import OPEN_REPORTS, standard_due_days
from matchmaker.projects.events import FactMissing, ProjectNotInState, next_within, note
from matchmaker.projects.form_choice import needs_procedure
from matchmaker.projects.models import Project
from matchmaker.projects.parties import all_keys, find_party, parts_of, tell
from matchmaker.projects.status import ProjectAction, ProjectStatus
from matchmaker.projects.working_models import FormChoice

_OWNERS = {
    workflow.Part.OFFICE: "NPO担当課",
    workflow.Part.DIVISION: "県の担当課",
    workflow.Part.NPO: "NPO",
    workflow.Part.COMPANY: "企業",
}


class NotYours(DomainError):
    """The step belongs to another party."""


def allowed(project: Project, action: ProjectAction, *, actor: User, reason: str = "") -> workflow.Step:
    """Lock the project and return the step that the action takes from where it stands. Errors: those of ``step_of``."""
    locked(project)
    return step_of(project, action, actor=actor, reason=reason)


def step_of(project: Project, action: ProjectAction, *, actor: User, reason: str = "") -> workflow.Step:
    """Return the step that the action takes from where the project stands.

    Errors: ProjectNotInState, NotYours, FactMissing when the reason is missing.
    """
    parts = parts_of(actor, project)
    try:
        return workflow.take(action, project.status, parts, reason)
    except workflow.NotYourStep as refusal:
        owners = _owners(action, project.status)
        raise NotYours(
            _("「%(action)s」は、%(owners)sだけができます。", action=action.label, owners=owners)
        ) from refusal
    except workflow.ReasonMissing as refusal:
        raise FactMissing(_("理由を入力してください。")) from refusal
    except workflow.StepNotAllowed as refusal:
        raise ProjectNotInState(
            _(
                "この事業はいま「%(now)s」なので、「%(action)s」はできません。画面を開き直して、状態を確認してください。",
                now=project.status.label,
                action=action.label,
            )
        ) from refusal


def stall(project: Project, *, key: str, name: str, since_on: date, reason: str, actor: User, at: datetime) -> None:
    """Say that the project stands still: for whom it waits (a party's key, or a name), and since which day.

    Errors: those of ``allowed``; FactMissing without anybody who is waited for, or with a day to come.
    """
    step = allowed(project, ProjectAction.STALL, actor=actor, reason=reason)
    party = find_party(project, key)
    waited_for = party.name if party else name
    if not waited_for:
        raise FactMissing(_("だれを待っているかを選ぶか、入力してください。"))
    if since_on > day_of(at):
        raise FactMissing(_("待ち始めた日は、今日までの日を入力してください。"))
    project.stalled_from, project.waiting_since_on = project.status, since_on
    project.waiting_key, project.waiting_name = (party.key if party else ""), waited_for
    project.status = step.to_status or project.status
    text = _("%(name)sを%(day)sから待っています。", name=waited_for, day=japanese_date(since_on)) + f"\n{reason}"
    note(project, ProjectAction.STALL, actor=actor, at=at, text=text)
    keys = [party.key] if party else all_keys(project)
    tell(project, "project_stalled", keys, at=at, but=actor, waited_for=waited_for, since=since_on, reason=reason)


def resume(project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """Go on from where the project stood before it stalled. Errors: those of ``allowed``."""
    allowed(project, ProjectAction.RESUME, actor=actor)
    _leave_standstill(project)
    note(project, ProjectAction.RESUME, actor=actor, at=at, text=reason)


def reroute(
    project: Project, *, from_division: Division | None, to_division: Division, reason: str, actor: User, at: datetime
) -> None:
    """Hand the project from one division to another; a standstill ends. Errors: those of ``allowed``; FactMissing."""
    allowed(project, ProjectAction.REROUTE, actor=actor, reason=reason)
    ids = {row.id for row in project.divisions}
    if to_division.id in ids:
        raise FactMissing(_("その課は、すでにこの事業の担当課です。ほかの課を選んでください。"))
    if from_division is not None and from_division.id not in ids:
        raise FactMissing(_("代わる前の課は、この事業の担当課ではありません。画面を開き直してください。"))
    kept = [row for row in project.divisions if from_division is None or row.id != from_division.id]
    project.divisions = [*kept, to_division]
    if project.status is ProjectStatus.STALLED:
        _leave_standstill(project)
    before = from_division.name if from_division else _("（なし）")
    text = f"{before} → {to_division.department} {to_division.name}\n{reason}"
    note(project, ProjectAction.REROUTE, actor=actor, at=at, text=text)
    tell(project, "project_rerouted", all_keys(project), at=at, but=actor, division=to_division.name, reason=reason)


def dissolve(project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """Let the parties part. Errors: those of ``allowed``.

    The project ends on that day; one that had not begun is no longer confirmed, so it never counts.
    """
    step = allowed(project, ProjectAction.DISSOLVE, actor=actor, reason=reason)
    end_early(project, step, ProjectAction.DISSOLVE, reason=reason, actor=actor, at=at)


def end_early(
    project: Project, step: workflow.Step, action: ProjectAction, *, reason: str, actor: User, at: datetime
) -> None:
    """Carry the end out, after somebody who may has decided it."""
    forget_standstill(project)
    project.status = step.to_status or project.status
    day = day_of(at)
    if project.starts_on and project.starts_on > day:
        project.confirmed_at = project.confirmed_by_id = None
    elif project.ends_on is None or project.ends_on > day:
        project.ends_on = day
    note(project, action, actor=actor, at=at, text=reason)
    tell(project, "project_dissolved", all_keys(project), at=at, but=actor, reason=reason)


def contract(project: Project, *, on: date, reason: str, actor: User, at: datetime) -> None:
    """Record that the procedure which the form needs (tender, grant decision …) is settled.

    Errors: those of ``allowed``; FactMissing without a word on what was settled.
    """
    step = allowed(project, ProjectAction.CONTRACT, actor=actor)
    if not reason.strip():
        raise FactMissing(_("どの手続きを、いつ終えたかを入力してください（契約の名前や交付決定の番号など）。"))
    if on > day_of(at):
        raise FactMissing(_("手続きを終えた日は、今日までの日を入力してください。"))
    project.contracted_on, project.status = on, step.to_status or project.status
    note(project, ProjectAction.CONTRACT, actor=actor, at=at, text=f"{japanese_date(on)}\n{reason}")
    tell(project, "project_contracted", all_keys(project), at=at, but=actor, reason=reason)


def start(project: Project, *, actor: User, at: datetime) -> None:
    """Begin the work, and set the days on which reports are due.

    Errors: those of ``allowed``; FactMissing when the form still needs its procedure.
    """
    step = allowed(project, ProjectAction.START, actor=actor)
    if project.form and project.contracted_on is None and _needs_procedure(project):
        raise FactMissing(
            _(
                "「%(form)s」には契約や交付決定などの手続きがいります。手続きを記録してから始めてください。",
                form=project.form.label,
            )
        )
    project.status = step.to_status or project.status
    if project.starts_on and project.ends_on:
        first = next_within(project, DeliveryReport.number)
        due = enumerate(standard_due_days(project.starts_on, project.ends_on), start=first)
        db.session.add_all(
            DeliveryReport(project_id=project.id, number=number, kind=kind, due_on=due_on)
            for number, (kind, due_on) in due
        )
    note(project, ProjectAction.START, actor=actor, at=at)
    tell(project, "project_started", all_keys(project), at=at, but=actor)


def complete(project: Project, *, settled_yen: int | None, reason: str, actor: User, at: datetime) -> None:
    """Confirm the completion (確定) and the sum that was spent.

    Errors: those of ``allowed``; ProjectNotInState while a report is open; FactMissing when more than the budget was
    spent and nothing says why.
    """
    step = allowed(project, ProjectAction.COMPLETE, actor=actor)
    open_reports = db.session.scalar(
        select(func.count())
        .select_from(DeliveryReport)
        .where(DeliveryReport.project_id == project.id, DeliveryReport.status.in_(OPEN_REPORTS))
    )
    if open_reports:
        raise ProjectNotInState(
            _(
                "受理していない報告が%(count)s件あるので、完了を確定できません。"
                "受理するか、いらない報告は理由をつけて「提出は不要」としてください。",
                count=open_reports,
            )
        )
    if settled_yen is not None and project.budget_yen is not None and settled_yen > project.budget_yen:
        over = f"{settled_yen - project.budget_yen:,}"
        if not reason.strip():
            raise FactMissing(_("確定額が事業費を%(over)s円こえます。理由を入力してください。", over=over))
    project.settled_yen, project.status = settled_yen, step.to_status or project.status
    note(project, ProjectAction.COMPLETE, actor=actor, at=at, text=reason)
    tell(project, "project_completed", all_keys(project), at=at, but=actor)


def reflect(project: Project, *, actor: User, at: datetime) -> None:
    """State that the parties have looked back together (ふりかえり); who may do so, the reflection itself says.

    Errors: ProjectNotInState.
    """
    require_underway(project, frozenset({ProjectStatus.COMPLETED}), _("ふりかえりの終了"))
    project.status = ProjectStatus.REFLECTED
    note(project, ProjectAction.REFLECT, actor=actor, at=at)


def close(project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """End the record; without a ふりかえり it must say why. Errors: those of ``allowed``."""
    step = allowed(project, ProjectAction.CLOSE, actor=actor, reason=reason)
    project.status = step.to_status or project.status
    note(project, ProjectAction.CLOSE, actor=actor, at=at, text=reason)


def require_underway(project: Project, statuses: frozenset[ProjectStatus], what: str) -> None:
    """Lock the project and make sure that it is in one of the states. Errors: ProjectNotInState."""
    locked(project)
    if project.status not in statuses:
        raise ProjectNotInState(
            _("この事業はいま「%(now)s」なので、%(what)sはできません。", now=project.status.label, what=what)
        )


def _leave_standstill(project: Project) -> None:
    project.status = project.stalled_from or project.status
    forget_standstill(project)


def forget_standstill(project: Project) -> None:
    """Clear who is waited for; the caller sets the next state."""
    project.stalled_from = project.waiting_since_on = None
    project.waiting_key = project.waiting_name = ""


def _needs_procedure(project: Project) -> bool:
    newest = db.session.scalar(
        select(FormChoice.has_public_cost)
        .where(FormChoice.project_id == project.id)
        .order_by(FormChoice.id.desc())
        .limit(1)
    )
    return project.form is not None and needs_procedure(project.form, bool(newest))


def _owners(action: ProjectAction, status: ProjectStatus) -> str:
    step = next(one for one in workflow.STEPS if one.action is action and one.from_status is status)
    return "・".join(_(_OWNERS[part]) for part in workflow.Part if part in step.parts)
