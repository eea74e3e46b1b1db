"""What people do to projects, on the database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects import queries, service
from matchmaker.projects.events import FactMissing, ProjectNotInState
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.service import Agreement, NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from tests.support import records
from tests.support.projects import place

TODAY = clock.today()


def facts(division_ids: list[int], **values) -> ProjectFacts:
    defaults = {
        "title": "里山の竹を活かす",
        "summary": "竹林を手入れして、竹炭をつくる。",
        "partners": [NamedPartner(PartnerKind.NPO, "里山の会")],
        "division_ids": division_ids,
        "starts_on": TODAY - timedelta(days=10),
        "ends_on": TODAY + timedelta(days=300),
        "budget_yen": 500_000,
    }
    return ProjectFacts(**(defaults | values))


def reported(by: User, **values) -> Project:
    division = by.division or records.division()
    with transaction():
        return service.report(
            facts(**({"division_ids": [division.id]} | values)),
            form=CollaborationForm.CO_HOSTING,
            form_agreed_on=TODAY,
            actor=by,
            at=clock.now(),
        )


def opened(npo, approver, **values) -> Project:
    proposal = records.proposal(npo, status=ProposalStatus.ADOPTED, **values)
    with transaction():
        return service.open_from(proposal, actor=approver, at=clock.now())


def agreement(**values) -> Agreement:
    defaults = {
        "form": CollaborationForm.AGREEMENT,
        "agreed_on": TODAY,
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=100),
        "division_ids": [records.division().id],
    }
    return Agreement(**(defaults | values))


def agreed(npo, approver, office, **values) -> Project:
    project, wanted = opened(npo, approver), agreement(**values)
    with transaction():
        service.agree(project, wanted, confirmed_by=office, actor=office, at=clock.now())
    return project


def actions_of(project: Project) -> list[ProjectAction]:
    query = select(ProjectEvent).where(ProjectEvent.project_id == project.id).order_by(ProjectEvent.id)
    return [event.action for event in db.session.scalars(query)]


def test_open_from_takes_the_parties_and_the_period_of_the_proposal_and_does_not_count(npo, approver):
    project = opened(npo, approver)

    assert (project.number, project.status, project.form, project.confirmed_at) == (
        "R8-P001",
        ProjectStatus.WORKING,
        None,
        None,
    )
    assert [(row.kind, row.name, row.organisation_id) for row in project.partners] == [
        (PartnerKind.NPO, npo.name, npo.id)
    ]
    assert (project.starts_on, project.ends_on) == (date(2027, 4, 1), date(2028, 3, 31))
    assert actions_of(project) == [ProjectAction.OPEN]


def test_numbers_of_projects_follow_each_other_whatever_they_come_from(npo, approver, division_staff):
    numbers = [opened(npo, approver).number, reported(division_staff).number, opened(npo, approver).number]

    assert numbers == ["R8-P001", "R8-P002", "R8-P003"]


def test_report_waits_for_somebody_else_and_ties_known_names_to_the_directory(npo, company, division_staff):
    project = reported(
        division_staff,
        partners=[
            NamedPartner(PartnerKind.NPO, npo.name),
            NamedPartner(PartnerKind.COMPANY, company.name),
            NamedPartner(PartnerKind.OTHER, npo.name),
            NamedPartner(PartnerKind.NPO, "知らない会"),
        ],
    )

    assert (project.status, project.confirmed_at) == (ProjectStatus.REPORTED, None)
    assert [row.organisation_id for row in project.partners] == [npo.id, company.id, None, None]


def test_a_name_that_two_organisations_bear_is_tied_to_neither(npo, division_staff):
    records.organisation(Side.NPO, name=npo.name)

    project = reported(division_staff, partners=[NamedPartner(PartnerKind.NPO, npo.name)])

    assert [row.organisation_id for row in project.partners] == [None]


@pytest.mark.parametrize(
    "missing",
    [
        {"partners": []},
        {"partners": [NamedPartner(PartnerKind.COMPANY, "竹林株式会社")]},
        {"division_ids": []},
        {"starts_on": None},
        {"ends_on": None},
    ],
    ids=["no partner", "no npo", "no division", "no start", "no end"],
)
def test_report_without_what_it_counts_by_is_refused_and_leaves_nothing(missing, division_staff, session):
    with pytest.raises(FactMissing):
        reported(division_staff, **missing)

    assert session.scalars(select(Project)).all() == []


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        (1, 10, ProjectStatus.AGREED),
        (-1, 0, ProjectStatus.IN_PROGRESS),
        (0, 0, ProjectStatus.IN_PROGRESS),
        (-10, -1, ProjectStatus.COMPLETED),
    ],
)
def test_confirm_places_a_report_by_its_period_and_tells_the_reporter(
    first, last, status, division_staff, office, session
):
    project = reported(division_staff, starts_on=TODAY + timedelta(days=first), ends_on=TODAY + timedelta(days=last))

    with transaction():
        service.confirm(project, actor=office, at=clock.now())

    assert (project.status, project.confirmed_by_id) == (status, office.id)
    assert [(notice.kind, notice.to_user_id) for notice in session.scalars(select(Notice))] == [
        ("project_confirmed", division_staff.id)
    ]


def test_who_reported_may_not_confirm(office):
    project = reported(office)

    with pytest.raises(service.ReporterMayNotConfirm), transaction():
        service.confirm(project, actor=office, at=clock.now())

    assert (project.status, project.confirmed_at) == (ProjectStatus.REPORTED, None)


def test_the_database_itself_refuses_a_confirmation_by_the_reporter(office):
    project = reported(office)

    with pytest.raises(IntegrityError), transaction():
        project.confirmed_by_id, project.confirmed_at = office.id, clock.now()


def test_refuse_says_why_to_the_reporter(division_staff, office, session):
    project = reported(division_staff)

    with transaction():
        service.refuse(project, reason="期間の根拠がわからないため。", actor=office, at=clock.now())

    assert project.status is ProjectStatus.REFUSED
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.kind, notice.to_user_id, "期間の根拠がわからないため。" in notice.body) == (
        "project_refused",
        division_staff.id,
        True,
    )


@pytest.mark.parametrize("status", [status for status in ProjectStatus if status is not ProjectStatus.REPORTED])
def test_only_a_report_that_waits_is_confirmed_or_refused(status, division_staff, office):
    project, other = reported(division_staff), reported(division_staff, title="ほかの事業")
    with transaction():
        place(project, status, merged_into=other)

    for act in (
        lambda: service.confirm(project, actor=office, at=clock.now()),
        lambda: service.refuse(project, reason="理由", actor=office, at=clock.now()),
    ):
        with pytest.raises(ProjectNotInState), transaction():
            act()

    assert project.status is status


def test_agree_gives_the_form_and_confirms(npo, approver, office):
    project = agreed(npo, approver, office)

    assert (project.status, project.form, project.form_agreed_on, project.contracted_on, project.confirmed_by_id) == (
        ProjectStatus.CONTRACTED,
        CollaborationForm.AGREEMENT,
        TODAY,
        TODAY,
        office.id,
    )
    assert actions_of(project) == [ProjectAction.OPEN, ProjectAction.AGREE]


def test_a_form_with_a_procedure_of_its_own_is_agreed_but_not_contracted(npo, approver, office):
    project = agreed(npo, approver, office, form=CollaborationForm.COMMISSION, needs_procedure=True)

    assert (project.status, project.contracted_on) == (ProjectStatus.AGREED, None)


def test_agree_twice_is_refused(npo, approver, office):
    project, again = agreed(npo, approver, office), agreement()

    with pytest.raises(ProjectNotInState), transaction():
        service.agree(project, again, confirmed_by=office, actor=office, at=clock.now())


def test_agree_without_a_division_is_refused(npo, approver, office):
    project, without = opened(npo, approver), agreement(division_ids=[])

    with pytest.raises(FactMissing, match="担当課"), transaction():
        service.agree(project, without, confirmed_by=office, actor=office, at=clock.now())

    assert project.form is None


def test_edit_of_a_counted_project_keeps_what_it_counts_by(npo, approver, office):
    project = agreed(npo, approver, office)
    division_id = project.divisions[0].id

    for missing in ({"partners": []}, {"division_ids": []}, {"starts_on": None}, {"ends_on": None}):
        with pytest.raises(FactMissing), transaction():
            service.edit(project, facts(**({"division_ids": [division_id]} | missing)), actor=office, at=clock.now())

    assert (project.title, project.partners[0].name) == ("放課後の学習支援を津市で広げる", npo.name)


def test_edit_of_a_project_without_a_form_may_leave_its_period_open(npo, approver, office):
    project = opened(npo, approver)

    with transaction():
        service.edit(project, facts([], starts_on=None, ends_on=None), actor=office, at=clock.now())

    assert (project.title, project.starts_on, actions_of(project)[-1]) == ("里山の竹を活かす", None, ProjectAction.EDIT)


def test_require_version_refuses_what_somebody_else_saved_first(npo, approver, office):
    project = opened(npo, approver)
    seen = project.version
    with transaction():
        service.edit(project, facts([]), actor=office, at=clock.now())

    with pytest.raises(EditConflict), transaction():
        service.require_version(project, seen)


def test_list_confirmed_meeting_holds_each_project_in_each_year_that_it_meets(npo, approver, office, division_staff):
    two_years = agreed(npo, approver, office, starts_on=date(2026, 3, 31), ends_on=date(2026, 4, 1))
    last_day = agreed(npo, approver, office, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    first_day = agreed(npo, approver, office, starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31))
    reported(division_staff, starts_on=date(2026, 3, 1), ends_on=date(2026, 5, 1))
    opened(npo, approver, starts_on=date(2026, 3, 1), ends_on=date(2026, 5, 1))

    found = {fy: [project.id for project in queries.list_confirmed_meeting(fy)] for fy in (2024, 2025, 2026, 2027)}

    assert found == {2024: [], 2025: [two_years.id, last_day.id], 2026: [two_years.id, first_day.id], 2027: []}


def test_who_finds_which_project(npo, npo_member, approver, office, division_staff, company_member):
    other_division = records.staff(Role.DIVISION, name="ほかの課の人")
    born_here, waiting = opened(npo, approver), reported(division_staff)
    with transaction():
        refused = service.report(
            facts([division_staff.division.id], title="別の事業"),
            form=CollaborationForm.SUBSIDY,
            form_agreed_on=TODAY,
            actor=division_staff,
            at=clock.now(),
        )
        service.refuse(refused, reason="重複", actor=office, at=clock.now())

    def found(user: User | None) -> list[str]:
        return [p.number for p in (born_here, waiting, refused) if queries.find_for(user, p.number)]

    everything = [born_here.number, waiting.number, refused.number]
    assert {
        "nobody": found(None),
        "npo": found(npo_member),
        "company": found(company_member),
        "office": found(office),
        "division": found(division_staff),
        "other division": found(other_division),
    } == {
        "nobody": [born_here.number],
        "npo": [born_here.number],
        "company": [born_here.number],
        "office": everything,
        "division": everything,
        "other division": [born_here.number],
    }


def test_history_is_for_those_who_take_part(npo, npo_member, approver, office, company_member):
    project = opened(npo, approver)

    lengths = [len(queries.history_for(user, project)) for user in (None, company_member, npo_member, office)]

    assert lengths == [0, 0, 1, 1]
