"""The steps of a project's life, on the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.projects import delivery, lifecycle
from matchmaker.projects.delivery_terms import ReportKind
from matchmaker.projects.events import FactMissing, ProjectNotInState
from matchmaker.projects.models import ProjectEvent
from matchmaker.projects.status import ProjectAction, ProjectStatus
from tests.support import records
from tests.support.projects import COMMISSION, TODAY, agreed, born, in_progress, staff_of

AT = clock.now()


def stalled(project, actor, *, key="", name="国際室", days=12):
    since = TODAY - timedelta(days=days)
    with transaction():
        lifecycle.stall(project, key=key, name=name, since_on=since, reason="返事を待つ。", actor=actor, at=AT)


def last_note(project):
    query = select(ProjectEvent).where(ProjectEvent.project_id == project.id).order_by(ProjectEvent.id.desc())
    event = db.session.scalars(query.limit(1)).one()
    return event.action, event.note


def test_a_standstill_says_who_is_waited_for_and_since_when_and_tells_them(npo, npo_member, approver, session):
    division = records.division()
    project, officer = born(npo, approver, division), staff_of(division, "環境 五郎")

    stalled(project, npo_member, key=f"division-{division.id}", name="")

    assert (project.status, project.stalled_from, project.waiting_name, project.waiting_since_on) == (
        ProjectStatus.STALLED,
        ProjectStatus.WORKING,
        f"{division.department} {division.name}",
        TODAY - timedelta(days=12),
    )
    told = session.scalars(select(Notice.to_user_id).where(Notice.kind == "project_stalled")).all()
    assert told == [officer.id]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": ""}, "だれを待っているか"),
        ({"days": -1}, "今日までの日"),
    ],
)
def test_a_standstill_without_its_facts_is_refused(said, sentence, npo, npo_member, approver):
    project = born(npo, approver)

    with pytest.raises(FactMissing, match=sentence):
        stalled(project, npo_member, **said)

    assert project.status is ProjectStatus.WORKING


def test_the_database_itself_refuses_a_standstill_without_its_day(npo, approver):
    project = born(npo, approver)

    with pytest.raises(IntegrityError), transaction():
        project.status = ProjectStatus.STALLED


@pytest.mark.parametrize("status", [ProjectStatus.WORKING, ProjectStatus.CONTRACTED, ProjectStatus.IN_PROGRESS])
def test_resume_goes_on_from_where_the_project_stood(status, npo, npo_member, approver):
    project = born(npo, approver)
    with transaction():
        project.status = status
    stalled(project, npo_member)

    with transaction():
        lifecycle.resume(project, reason="返事があった。", actor=npo_member, at=AT)

    assert (project.status, project.stalled_from, project.waiting_name, project.waiting_since_on) == (
        status,
        None,
        "",
        None,
    )


def test_rerouting_hands_the_project_to_another_division_and_ends_the_standstill(npo, npo_member, approver, office):
    before, after = records.division("国際室"), records.division("ダイバーシティ社会推進課")
    project = born(npo, approver, before)
    stalled(project, npo_member)

    with transaction():
        lifecycle.reroute(
            project, from_division=before, to_division=after, reason="所管がちがうため。", actor=office, at=AT
        )

    assert ([row.name for row in project.divisions], project.status) == ([after.name], ProjectStatus.WORKING)
    assert last_note(project) == (
        ProjectAction.REROUTE,
        "国際室 → 環境生活部 ダイバーシティ社会推進課\n所管がちがうため。",
    )


def test_rerouting_to_the_same_division_is_refused(npo, approver, office):
    division = records.division()
    project = born(npo, approver, division)

    with pytest.raises(FactMissing, match="すでに"), transaction():
        lifecycle.reroute(project, from_division=None, to_division=division, reason="理由", actor=office, at=AT)


def test_only_the_office_dissolves(npo, npo_member, approver, office):
    project = born(npo, approver)

    with pytest.raises(lifecycle.NotYours, match="NPO担当課だけ"), transaction():
        lifecycle.dissolve(project, reason="合意による。", actor=npo_member, at=AT)
    with transaction():
        lifecycle.dissolve(project, reason="合意による。", actor=office, at=AT)

    assert project.status is ProjectStatus.DISSOLVED


def test_a_project_dissolved_while_it_runs_ends_on_that_day_and_stays_confirmed(npo, approver, office):
    project = in_progress(born(npo, approver, records.division()), office)

    with transaction():
        lifecycle.dissolve(project, reason="合意による。", actor=office, at=AT)

    assert (project.ends_on, project.confirmed_by_id) == (TODAY, office.id)


def test_a_project_dissolved_before_it_began_never_counts(npo, approver, office):
    project = agreed(born(npo, approver, records.division()), office)
    with transaction():
        project.starts_on = TODAY + timedelta(days=5)

    with transaction():
        lifecycle.dissolve(project, reason="合意による。", actor=office, at=AT)

    assert (project.confirmed_at, project.confirmed_by_id) == (None, None)


def test_a_commission_starts_only_after_its_contract(npo, npo_member, approver, office):
    project = agreed(born(npo, approver, records.division()), office, **COMMISSION)

    assert project.status is ProjectStatus.AGREED
    with pytest.raises(FactMissing, match="手続き"), transaction():
        lifecycle.start(project, actor=npo_member, at=AT)
    with pytest.raises(lifecycle.NotYours), transaction():
        lifecycle.contract(project, on=TODAY, reason="契約した。", actor=npo_member, at=AT)
    with transaction():
        lifecycle.contract(project, on=TODAY, reason="環境第12号で契約した。", actor=office, at=AT)
    with transaction():
        lifecycle.start(project, actor=npo_member, at=AT)

    assert (project.status, project.contracted_on) == (ProjectStatus.IN_PROGRESS, TODAY)


def test_starting_sets_the_days_on_which_reports_are_due(npo, approver, office):
    project = in_progress(born(npo, approver, records.division()), office, days=200)

    due = [(row.number, row.kind, row.due_on) for row in delivery.list_reports(project)]

    assert due == [
        (1, ReportKind.PROGRESS, TODAY + timedelta(days=100)),
        (2, ReportKind.FINAL, TODAY + timedelta(days=230)),
    ]


def test_completion_waits_for_every_report(npo, approver, office):
    project = in_progress(born(npo, approver, records.division()), office)

    with pytest.raises(ProjectNotInState, match="報告が2件"), transaction():
        lifecycle.complete(project, settled_yen=None, reason="", actor=office, at=AT)
    for report in delivery.list_reports(project):
        with transaction():
            delivery.waive(report, project, reason="短い事業のため。", actor=office, at=AT)
    with transaction():
        lifecycle.complete(project, settled_yen=500_000, reason="", actor=office, at=AT)

    assert (project.status, project.settled_yen) == (ProjectStatus.COMPLETED, 500_000)


def test_more_than_the_budget_is_settled_only_with_a_sentence(npo, approver, office):
    project = in_progress(born(npo, approver, records.division()), office)
    for report in delivery.list_reports(project):
        with transaction():
            delivery.waive(report, project, reason="短い事業のため。", actor=office, at=AT)
    with transaction():
        project.budget_yen = 600_000

    with pytest.raises(FactMissing, match="100,000円こえます"), transaction():
        lifecycle.complete(project, settled_yen=700_000, reason="", actor=office, at=AT)
    with transaction():
        lifecycle.complete(project, settled_yen=700_000, reason="会場費が上がったため。", actor=office, at=AT)

    assert project.settled_yen == 700_000


def test_ending_without_looking_back_says_why(npo, approver, office):
    project = born(npo, approver)
    with transaction():
        project.status = ProjectStatus.COMPLETED

    with pytest.raises(FactMissing), transaction():
        lifecycle.close(project, reason=" ", actor=office, at=AT)
    with transaction():
        lifecycle.close(project, reason="一日だけの催しのため。", actor=office, at=AT)

    assert project.status is ProjectStatus.CLOSED


def test_looking_back_comes_after_completion_only(npo, approver, npo_member):
    project = born(npo, approver)

    with pytest.raises(DomainError), transaction():
        lifecycle.reflect(project, actor=npo_member, at=AT)
    with transaction():
        project.status = ProjectStatus.COMPLETED
    with transaction():
        lifecycle.reflect(project, actor=npo_member, at=AT)

    assert project.status is ProjectStatus.REFLECTED
