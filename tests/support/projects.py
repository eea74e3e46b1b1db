"""Make projects for tests and bring them to where a test begins."""

from datetime import date, timedelta
from typing import Any

from matchmaker.accounts.models import StaffRole, User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.projects import agreements, lifecycle, service, working
from matchmaker.projects.agreements import Draft
from matchmaker.projects.form_choice import FormAnswers, Procedure
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.parties import OFFICE_KEY, parties_for, parties_of
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from tests.support import records

TODAY = clock.today()


def staff_of(division: Division, name: str) -> User:
    """A person of a division that exists already."""
    person = records.user(name=name)
    with transaction():
        db.session.add(
            StaffRole(user_id=person.id, role=Role.DIVISION, division_id=division.id, granted_at=records.LONG_AGO)
        )
    return person


def born(npo: Organisation, approver: User, division: Division | None = None, **values: Any) -> Project:
    """A project that an adopted proposal became; it is WORKING."""
    proposal = records.proposal(npo, status=ProposalStatus.ADOPTED, **values)
    with transaction():
        project = service.open_from(proposal, actor=approver, at=clock.now())
        if division is not None:
            project.divisions = [division]
    return project


def with_company(project: Project, company: Organisation) -> None:
    """Let a company take part."""
    with transaction():
        project.partners.append(ProjectPartner(kind=PartnerKind.COMPANY, organisation_id=company.id, name=company.name))


def answers(**values: Any) -> FormAnswers:
    """A choice of form that holds: a committee without public cost."""
    defaults: dict[str, Any] = {
        "form": CollaborationForm.COMMITTEE,
        "has_public_cost": False,
        "prefecture_specifies": False,
        "procedure": Procedure.NONE,
        "grounds": "費用がなく、いっしょに運営するため。",
    }
    return FormAnswers(**(defaults | values))


COMMISSION = {
    "form": CollaborationForm.COMMISSION,
    "has_public_cost": True,
    "prefecture_specifies": True,
    "procedure": Procedure.NEGOTIATED,
    "grounds": "地方自治法施行令第167条の2第1項第2号による。",
}


def written(project: Project, actor: User, *, starts_on: date = TODAY, days: int = 200, **choice: Any) -> None:
    """Choose a form and write the next version of the agreement."""
    with transaction():
        working.choose_form(project, answers(**choice), actor=actor, at=clock.now())
    write(project, actor, starts_on=starts_on, days=days)


def write(project: Project, actor: User, *, starts_on: date = TODAY, days: int = 200, text: str = "合意する。") -> None:
    """Write the next version of the agreement."""
    newest = agreements.newest_version(project)
    draft = Draft(text, starts_on, starts_on + timedelta(days=days))
    with transaction():
        agreements.write(project, draft, based_on=newest.number if newest else 0, actor=actor, at=clock.now())


def sign(project: Project, actor: User, key: str = "", *, number: int | None = None, on: date = TODAY) -> None:
    """Sign the newest version: for the party named, or for the first that the person acts for."""
    newest = agreements.newest_version(project)
    wanted = number if number is not None else (newest.number if newest else 0)
    key = key or parties_for(actor, project)[0].key
    with transaction():
        agreements.sign(
            project, number=wanted, key=key, signer=actor.name, title="", signed_on=on, actor=actor, at=clock.now()
        )


def sign_all(project: Project, office: User) -> None:
    """Let the office record everybody's paper, and sign last itself."""
    for party in parties_of(project):
        if party.key != OFFICE_KEY:
            sign(project, office, party.key)
    sign(project, office, OFFICE_KEY)


def agreed(project: Project, office: User, **choice: Any) -> Project:
    """Bring a project to its agreement, signed by all."""
    written(project, office, **choice)
    sign_all(project, office)
    return project


def in_progress(project: Project, office: User, **choice: Any) -> Project:
    """Bring a project to where the work is done."""
    agreed(project, office, **choice)
    with transaction():
        if project.status is ProjectStatus.AGREED:
            lifecycle.contract(project, on=TODAY, reason="契約した。", actor=office, at=clock.now())
    with transaction():
        lifecycle.start(project, actor=office, at=clock.now())
    return project


def place(project: Project, status: ProjectStatus, *, merged_into: Project) -> None:
    """Put a project into a state as it stands in the database, inside the caller's transaction."""
    is_stalled, is_merged = status is ProjectStatus.STALLED, status is ProjectStatus.MERGED
    other_id, _version = merged_into.id, project.version  # both are read before anything is half changed
    project.status = status
    project.stalled_from = ProjectStatus.WORKING if is_stalled else None
    project.waiting_since_on = TODAY if is_stalled else None
    project.merged_into_id = other_id if is_merged else None
    project.merged_on = TODAY if is_merged else None
