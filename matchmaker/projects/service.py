"""What people do to projects. Every function runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project, ProjectEvent, ProjectPartner
from matchmaker.projects.status import NEEDS_REASON, PartnerKind, ProjectAction, ProjectStatus, moves_from
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import CollaborationForm


class ProjectNotInState(DomainError):
    """The project's state has no such step."""


class ReporterMayNotConfirm(DomainError):
    """The person who reported a project wants to confirm it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "自分が報告した事業は、自分では確認できません。"
                "ほかの担当者に確認を頼んでください（2人で確かめる決まりです）。"
            )
        )


class AlreadyReported(DomainError):
    """The same person has reported the same project before: most likely a second click. ``number`` is the first one."""

    def __init__(self, number: str) -> None:
        super().__init__(_("同じ内容の報告（%(number)s）を、すでに受け付けています。", number=number))
        self.number = number


class FactMissing(DomainError):
    """Something without which the step makes no sense was not given."""


@dataclass(frozen=True, slots=True)
class NamedPartner:
    """A party as it was typed; an organisation of the directory is found by its name."""

    kind: PartnerKind
    name: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What can be said of a project beside its form."""

    title: str
    summary: str
    partners: Sequence[NamedPartner]
    division_ids: Sequence[int]
    starts_on: date | None
    ends_on: date | None
    budget_yen: int | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The form in which the parties agreed to work together, on which day, and for how long."""

    form: CollaborationForm
    agreed_on: date
    starts_on: date
    ends_on: date
    division_ids: Sequence[int]


def require_version(project: Project, version: int) -> None:
    """Lock the project and make sure that it is as the person saw it. Errors: EditConflict."""
    locked(project)
    if project.version != version:
        raise EditConflict


def open_from(proposal: Proposal, *, actor: User, at: datetime) -> Project:
    """Begin the project of an adopted proposal. Its form is agreed later; until then it does not count."""
    owner = proposal.organisation
    project = Project(
        number=_new_number(at),
        proposal_id=proposal.id,
        title=proposal.title,
        summary=proposal.issue,
        status=ProjectStatus.WORKING,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        created_at=at,
        partners=[ProjectPartner(kind=PartnerKind.NPO, organisation_id=owner.id, name=owner.name)],
        divisions=list(proposal.divisions),
    )
    _store(project, ProjectAction.OPEN, actor=actor, at=at)
    return project


def report(facts: ProjectFacts, *, form: CollaborationForm, form_agreed_on: date, actor: User, at: datetime) -> Project:
    """Record a collaboration that a division carries out with NPOs. It counts after somebody else confirmed it.

    Errors: FactMissing, AlreadyReported.
    """
    _require_parties(facts.partners, facts.division_ids)
    if facts.starts_on is None or facts.ends_on is None:
        raise FactMissing(_("始まる日と終わる日を入力してください。"))
    number = _new_number(at)  # locks the series, so that of two equal reports at once the second sees the first
    _refuse_second_report(facts, actor)
    project = Project(
        number=number,
        status=ProjectStatus.REPORTED,
        form=form,
        form_agreed_on=form_agreed_on,
        reported_by_id=actor.id,
        reported_at=at,
        created_at=at,
    )
    _fill(project, facts)
    _store(project, ProjectAction.REPORT, actor=actor, at=at)
    return project


def _refuse_second_report(facts: ProjectFacts, actor: User) -> None:
    first = db.session.scalar(
        select(Project.number).where(
            Project.reported_by_id == actor.id,
            Project.status == ProjectStatus.REPORTED,
            Project.title == facts.title,
            Project.starts_on == facts.starts_on,
            Project.ends_on == facts.ends_on,
        )
    )
    if first is not None:
        raise AlreadyReported(first)


def confirm(project: Project, *, actor: User, at: datetime) -> None:
    """Vouch for a reported project; from now on it counts. Errors: ProjectNotInState, ReporterMayNotConfirm."""
    locked(project)
    _require_status(project, {ProjectStatus.REPORTED}, _("確認"))
    if project.reported_by_id == actor.id:
        raise ReporterMayNotConfirm
    project.confirmed_by_id, project.confirmed_at = actor.id, at
    project.status = _status_on(day_of(at), project)
    _note(project, ProjectAction.CONFIRM, actor=actor, at=at)
    _tell_reporter(project, "project_confirmed", at=at)


def refuse(project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """Say that a reported project cannot be confirmed, and why. Errors: ProjectNotInState, FactMissing."""
    locked(project)
    _require_status(project, {ProjectStatus.REPORTED}, _("回答"))
    _require_reason(reason)
    project.status = ProjectStatus.REFUSED
    _note(project, ProjectAction.REFUSE, actor=actor, at=at, note=reason)
    _tell_reporter(project, "project_refused", at=at, reason=reason)


def agree(project: Project, agreement: Agreement, *, actor: User, at: datetime) -> None:
    """Record the form that the parties of an adopted project agreed; this confirms the project for counting.

    Errors: ProjectNotInState, FactMissing.
    """
    locked(project)
    _require_status(project, {ProjectStatus.WORKING, ProjectStatus.STALLED}, _("合意の記録"))
    if project.form is not None:
        raise ProjectNotInState(_("この事業の協働の形態は、すでに記録されています。"))
    _require_parties([NamedPartner(row.kind, row.name) for row in project.partners], agreement.division_ids)
    project.form, project.form_agreed_on = agreement.form, agreement.agreed_on
    project.starts_on, project.ends_on = agreement.starts_on, agreement.ends_on
    project.divisions = _divisions(agreement.division_ids)
    project.status = ProjectStatus.AGREED
    project.confirmed_by_id, project.confirmed_at = actor.id, at
    project.search_text = _search_text(project)
    _note(project, ProjectAction.AGREE, actor=actor, at=at, note=agreement.form.label)


def edit(project: Project, facts: ProjectFacts, *, actor: User, at: datetime) -> None:
    """Change what is known of a project. Errors: FactMissing when a counted project would lose what it counts by."""
    locked(project)
    if project.form is not None:
        _require_parties(facts.partners, facts.division_ids)
        if facts.starts_on is None or facts.ends_on is None:
            raise FactMissing(_("協働の形態が決まっている事業では、始まる日と終わる日を空にできません。"))
    _fill(project, facts)
    _note(project, ProjectAction.EDIT, actor=actor, at=at)


def move(project: Project, to_status: ProjectStatus, *, reason: str, actor: User, at: datetime) -> None:
    """Set the next state. Errors: ProjectNotInState, FactMissing when a state that must say why does not.

    A project that is dissolved ends on that day; one that had not begun is no longer confirmed, so it never counts.
    """
    locked(project)
    if to_status not in moves_from(project.status, has_form=project.form is not None):
        raise ProjectNotInState(
            _(
                "この事業はいま「%(now)s」なので、「%(to)s」にはできません。画面を開き直して、状態を確認してください。",
                now=project.status.label,
                to=to_status.label,
            )
        )
    if to_status in NEEDS_REASON:
        _require_reason(reason)
    before = project.status
    project.status = to_status
    if to_status is ProjectStatus.DISSOLVED:
        _end_on(project, day_of(at))
    note = "\n".join(part for part in (f"{before.label} → {to_status.label}", reason) if part)
    _note(project, ProjectAction.MOVE, actor=actor, at=at, note=note)


def _new_number(at: datetime) -> str:
    fy = fiscal_year.fiscal_year_of(day_of(at))
    return f"{fiscal_year.code(fy)}-P{next_number(f'project-{fy}'):03d}"


def _store(project: Project, action: ProjectAction, *, actor: User, at: datetime) -> None:
    project.search_text = _search_text(project)
    db.session.add(project)
    db.session.flush()
    _note(project, action, actor=actor, at=at)


def _note(project: Project, action: ProjectAction, *, actor: User, at: datetime, note: str = "") -> None:
    db.session.add(ProjectEvent(project_id=project.id, at=at, actor_id=actor.id, action=action, note=note))
    tag = f"{_source(actor)}:project:{action.value}"
    audit.record(tag, project.number, actor_id=actor.id, at=at, status=project.status.value)


def _source(actor: User) -> str:
    if actor.may(Permission.PROJECT_CONFIRM):
        return "office"
    return "approver" if actor.may(Permission.DECISION_DECIDE) else "division"


def _fill(project: Project, facts: ProjectFacts) -> None:
    project.title, project.summary = facts.title, facts.summary
    project.starts_on, project.ends_on = facts.starts_on, facts.ends_on
    project.budget_yen = facts.budget_yen
    project.partners = _partners(facts.partners)
    project.divisions = _divisions(facts.division_ids)
    project.search_text = _search_text(project)


def _partners(named: Iterable[NamedPartner]) -> list[ProjectPartner]:
    """Tie each name to the verified organisation that bears it, when exactly one does."""
    wanted = list(dict.fromkeys(named))
    found = db.session.scalars(
        select(Organisation).where(
            Organisation.name.in_([partner.name for partner in wanted]),
            Organisation.verification == Verification.VERIFIED,
        )
    ).all()
    return [
        ProjectPartner(kind=partner.kind, name=partner.name, organisation_id=_only_one(partner, found))
        for partner in wanted
    ]


def _only_one(partner: NamedPartner, found: Sequence[Organisation]) -> int | None:
    side = {PartnerKind.NPO: Side.NPO, PartnerKind.COMPANY: Side.COMPANY}.get(partner.kind)
    ids = [row.id for row in found if row.name == partner.name and row.side is side]
    return ids[0] if len(ids) == 1 else None


def _divisions(ids: Sequence[int]) -> list[Division]:
    return list(db.session.scalars(select(Division).where(Division.id.in_(ids)).order_by(Division.id)).all())


def _search_text(project: Project) -> str:
    names = [row.name for row in project.partners] + [row.name for row in project.divisions]
    return search_form(" ".join([project.number, project.title, project.summary, *names]))


def _status_on(day: date, project: Project) -> ProjectStatus:
    """Where a reported project stands by its period; reports always have one."""
    if project.starts_on and day < project.starts_on:
        return ProjectStatus.AGREED
    if project.ends_on and day > project.ends_on:
        return ProjectStatus.COMPLETED
    return ProjectStatus.IN_PROGRESS


def _end_on(project: Project, day: date) -> None:
    if project.starts_on and project.starts_on > day:
        project.confirmed_at = project.confirmed_by_id = None
    elif project.ends_on is None or project.ends_on > day:
        project.ends_on = day


def _require_status(project: Project, allowed: set[ProjectStatus], step: str) -> None:
    if project.status not in allowed:
        raise ProjectNotInState(
            _(
                "この事業はいま「%(now)s」なので、%(step)sはできません。画面を開き直して、状態を確認してください。",
                now=project.status.label,
                step=step,
            )
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise FactMissing(_("理由を入力してください。"))


def _require_parties(partners: Iterable[NamedPartner], division_ids: Sequence[int]) -> None:
    if not any(partner.kind is PartnerKind.NPO for partner in partners):
        raise FactMissing(_("NPOを1つ以上入れてください。NPOの入らない事業は、協働事業として数えられません。"))
    if not division_ids:
        raise FactMissing(_("県の担当課を1つ以上選んでください。"))


def _tell_reporter(project: Project, kind: str, *, at: datetime, reason: str = "") -> None:
    reporter = project.reported_by
    if reporter is not None and reporter.is_active:
        notices.queue(
            kind,
            to_email=reporter.email,
            to_user_id=reporter.id,
            at=at,
            name=reporter.name,
            title=project.title,
            number=project.number,
            status=project.status.label,
            reason=reason,
        )
