"""What people do to projects. Every function runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory import divisions as division_names
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.names import current_of
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.notices import service as notices
from matchmaker.projects.events import FactMissing, ProjectNotInState, note
from matchmaker.projects.lifecycle import allowed, forget_standstill
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import CollaborationForm


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
    needs_procedure: bool = False


def require_version(project: Project, version: int) -> None:
    """Lock the project and make sure that it is as the person saw it. Errors: EditConflict."""
    locked(project)
    if project.version != version:
        raise EditConflict


def open_from(proposal: Proposal, *, actor: User, at: datetime, divisions: Iterable[Division] = ()) -> Project:
    """Begin the project of an adopted proposal with the divisions that it named, and these others.

    Its form is agreed later; until then it does not count.
    """
    owner = proposal.organisation
    project = Project(
        number=new_number(at),
        proposal_id=proposal.id,
        title=proposal.title,
        summary=proposal.issue,
        status=ProjectStatus.WORKING,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        created_at=at,
        partners=[ProjectPartner(kind=PartnerKind.NPO, organisation_id=owner.id, name=owner.name)],
        divisions=list(dict.fromkeys([*proposal.divisions, *divisions])),
    )
    store(project, ProjectAction.OPEN, actor=actor, at=at)
    return project


def report(
    facts: ProjectFacts, *, form: CollaborationForm, form_agreed_on: date, actor: User, at: datetime, text: str = ""
) -> Project:
    """Record a collaboration that a division carries out with NPOs. It counts after somebody else confirmed it.

    ``text`` is said in the first line of its history. Errors: FactMissing, AlreadyReported.
    """
    _require_parties(facts.partners, facts.division_ids)
    if facts.starts_on is None or facts.ends_on is None:
        raise FactMissing(_("始まる日と終わる日を入力してください。"))
    number = new_number(at)  # locks the series, so that of two equal reports at once the second sees the first
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
    store(project, ProjectAction.REPORT, actor=actor, at=at, text=text)
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
    """Vouch for a reported project; from now on it counts. Errors: those of ``allowed``; ReporterMayNotConfirm."""
    allowed(project, ProjectAction.CONFIRM, actor=actor)
    if project.reported_by_id == actor.id:
        raise ReporterMayNotConfirm
    project.confirmed_by_id, project.confirmed_at = actor.id, at
    project.status = status_after_report(project, day_of(at))
    note(project, ProjectAction.CONFIRM, actor=actor, at=at)
    _tell_reporter(project, "project_confirmed", at=at)


def refuse(project: Project, *, reason: str, actor: User, at: datetime) -> None:
    """Say that a reported project cannot be confirmed, and why. Errors: those of ``allowed``."""
    allowed(project, ProjectAction.REFUSE, actor=actor, reason=reason)
    project.status = ProjectStatus.REFUSED
    note(project, ProjectAction.REFUSE, actor=actor, at=at, text=reason)
    _tell_reporter(project, "project_refused", at=at, reason=reason)


def agree(project: Project, agreement: Agreement, *, confirmed_by: User, actor: User, at: datetime) -> None:
    """Record the form that the parties of an adopted project agreed, and confirm the project for counting.

    ``confirmed_by``: who of the office vouches for it; ``actor``: whose signature was the last one. A form without a
    procedure of its own has all it needs: it counts as contracted at once. Errors: ProjectNotInState, FactMissing.
    """
    locked(project)
    if project.form is not None or project.status not in {ProjectStatus.WORKING, ProjectStatus.STALLED}:
        raise ProjectNotInState(_("この事業の協働の形態は、すでに記録されています。"))
    _require_parties([NamedPartner(row.kind, row.name) for row in project.partners], agreement.division_ids)
    forget_standstill(project)
    project.form, project.form_agreed_on = agreement.form, agreement.agreed_on
    project.starts_on, project.ends_on = agreement.starts_on, agreement.ends_on
    project.divisions = _divisions(agreement.division_ids)
    project.status = ProjectStatus.AGREED if agreement.needs_procedure else ProjectStatus.CONTRACTED
    project.contracted_on = None if agreement.needs_procedure else agreement.agreed_on
    project.confirmed_by_id, project.confirmed_at = confirmed_by.id, at
    project.search_text = search_text_of(project)
    note(project, ProjectAction.AGREE, actor=actor, at=at, text=agreement.form.label)


def edit(project: Project, facts: ProjectFacts, *, actor: User, at: datetime) -> None:
    """Change what is known of a project. Errors: FactMissing when a counted project would lose what it counts by."""
    locked(project)
    if project.form is not None:
        _require_parties(facts.partners, facts.division_ids)
        if facts.starts_on is None or facts.ends_on is None:
            raise FactMissing(_("協働の形態が決まっている事業では、始まる日と終わる日を空にできません。"))
    _fill(project, facts)
    note(project, ProjectAction.EDIT, actor=actor, at=at)


def new_number(at: datetime) -> str:
    """Take the next number of the fiscal year."""
    fy = fiscal_year.fiscal_year_of(day_of(at))
    return f"{fiscal_year.code(fy)}-P{next_number(f'project-{fy}'):03d}"


def store(project: Project, action: ProjectAction, *, actor: User, at: datetime, text: str = "") -> None:
    """Add a new project with the first line of its history."""
    project.search_text = search_text_of(project)
    db.session.add(project)
    db.session.flush()
    note(project, action, actor=actor, at=at, text=text)


def _fill(project: Project, facts: ProjectFacts) -> None:
    project.title, project.summary = facts.title, facts.summary
    project.starts_on, project.ends_on = facts.starts_on, facts.ends_on
    project.budget_yen = facts.budget_yen
    project.partners = _partners(facts.partners, project.partners)
    project.divisions = _divisions(facts.division_ids)
    project.search_text = search_text_of(project)


def _partners(named: Iterable[NamedPartner], known: Iterable[ProjectPartner]) -> list[ProjectPartner]:
    """Keep the parties that stay, and tie each new name to the verified organisation that alone bears it."""
    kept = {(row.kind, row.name): row for row in known}
    wanted = list(dict.fromkeys(named))
    found = db.session.scalars(
        select(Organisation).where(
            Organisation.name.in_([partner.name for partner in wanted]),
            Organisation.verification == Verification.VERIFIED,
        )
    ).all()
    return [
        kept.get((partner.kind, partner.name))
        or ProjectPartner(kind=partner.kind, name=partner.name, organisation_id=_only_one(partner, found))
        for partner in wanted
    ]


def _only_one(partner: NamedPartner, found: Sequence[Organisation]) -> int | None:
    side = {PartnerKind.NPO: Side.NPO, PartnerKind.COMPANY: Side.COMPANY}.get(partner.kind)
    ids = [row.id for row in found if row.name == partner.name and row.side is side]
    return ids[0] if len(ids) == 1 else None


def _divisions(ids: Sequence[int]) -> list[Division]:
    return list(db.session.scalars(select(Division).where(Division.id.in_(ids)).order_by(Division.id)).all())


def search_text_of(project: Project) -> str:
    """Return the text in which searches look: what it is called, and every name that a party bore or bears."""
    names = [row.name for row in project.partners]
    organisations = [row.organisation for row in project.partners if row.organisation is not None]
    names += [one for row in organisations for one in (row.name, current_of(row).name)]
    last = division_names.todays(project.divisions, on=division_names.EVER)
    names += [row.name for row in (*project.divisions, *last.values())]
    return search_form(" ".join([project.number, project.title, project.summary, *dict.fromkeys(names)]))


def status_after_report(project: Project, day: date) -> ProjectStatus:
    """Return where a reported and confirmed project stands by its period; reports always have one."""
    if project.starts_on and day < project.starts_on:
        return ProjectStatus.AGREED
    if project.ends_on and day > project.ends_on:
        return ProjectStatus.COMPLETED
    return ProjectStatus.IN_PROGRESS


def _require_parties(partners: Iterable[NamedPartner], division_ids: Sequence[int]) -> None:
    if not any(partner.kind is PartnerKind.NPO for partner in partners):
        raise FactMissing(_("NPOを1つ以上入れてください。NPOの入らない事業は、協働事業として数えられません。"))
    if not division_ids:
        raise FactMissing(_("県の担当課を1つ以上選んでください。"))


def _tell_reporter(project: Project, kind: str, *, at: datetime, reason: str = "") -> None:
    reporter = project.reported_by
    if reporter is not None and reporter.is_active:
        notices.tell(
            reporter,
            kind,
            at=at,
            title=project.title,
            number=project.number,
            status=project.status.label,
            reason=reason,
        )
