"""Milestones, reports and their answers, requests to change or stop, and what waits for whom."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.projects import change_requests, delivery, lifecycle, meetings, reminders
from matchmaker.projects.change_requests import RequestAnswered, RequestOpen
from matchmaker.projects.delivery import AnswerYourOwn, MilestoneLine, ReportNotOpen, ReportText
from matchmaker.projects.delivery_models import ChangeRequest, SentReminder
from matchmaker.projects.delivery_terms import ReportKind, ReportStatus, RequestKind, RequestStatus
from matchmaker.projects.events import FactMissing, ProjectNotInState
from matchmaker.projects.lifecycle import NotYours
from matchmaker.projects.meetings import MeetingFacts
from matchmaker.projects.status import ProjectStatus
from matchmaker.projects.waiting import waiting_for
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text
from tests.support.projects import COMMISSION, TODAY, agreed, born, in_progress, staff_of, written
from tests.support.queries import counted_queries

AT = clock.now()
WORDS = ReportText(done="教室を10回開いた。", results="30人が通った。", spent_yen=300_000)


@pytest.fixture
def running(npo, npo_member, approver, office):
    """A project that runs, and somebody of its division."""
    division = records.division()
    project = in_progress(born(npo, approver, division), office)
    return project, staff_of(division, "環境 五郎")


def due(project, actor, *, days=5):
    with transaction():
        return delivery.ask_for_report(project, ReportKind.PROGRESS, TODAY + timedelta(days=days), actor=actor, at=AT)


def handed_in(project, report, actor):
    with transaction():
        delivery.send(report, project, WORDS, version=report.version, actor=actor, at=AT)


def waiting(user, kind):
    return [(item.number, item.path, item.due_on) for item in waiting_for(user) if item.kind is kind]


def test_a_report_is_sent_returned_with_a_reason_sent_again_and_accepted(running, npo_member):
    project, officer = running
    report = due(project, officer)
    seen = []

    handed_in(project, report, npo_member)
    seen.append(report.status)
    with transaction():
        delivery.send_back(report, project, reason="人数の内訳を書いてください。", actor=officer, at=AT)
    seen.append((report.status, report.answer))
    handed_in(project, report, npo_member)
    seen.append((report.status, report.answer))
    with transaction():
        delivery.accept(report, project, actor=officer, at=AT)

    assert [*seen, report.status, report.answered_by_id] == [
        ReportStatus.SENT,
        (ReportStatus.RETURNED, "人数の内訳を書いてください。"),
        (ReportStatus.SENT, ""),
        ReportStatus.ACCEPTED,
        officer.id,
    ]


def test_nobody_accepts_a_report_of_the_own_side(running, npo_member, office):
    project, officer = running
    first, second = due(project, officer), due(project, officer)
    handed_in(project, first, npo_member)
    handed_in(project, second, officer)

    with pytest.raises(NotYours), transaction():
        delivery.accept(first, project, actor=npo_member, at=AT)
    with pytest.raises(AnswerYourOwn), transaction():
        delivery.accept(second, project, actor=officer, at=AT)
    with transaction():
        delivery.accept(second, project, actor=office, at=AT)

    assert (first.status, second.status) == (ReportStatus.SENT, ReportStatus.ACCEPTED)


def test_the_database_itself_refuses_a_report_accepted_by_its_writer(running, npo_member):
    project, officer = running
    report = due(project, officer)
    handed_in(project, report, npo_member)

    with pytest.raises(IntegrityError), transaction():
        report.status, report.answered_by_id = ReportStatus.ACCEPTED, npo_member.id


def test_a_report_that_moved_on_is_not_written_over(running, npo_member):
    project, officer = running
    report = due(project, officer)
    seen = report.version
    handed_in(project, report, npo_member)

    with pytest.raises(EditConflict), transaction():
        delivery.send(report, project, WORDS, version=seen, actor=npo_member, at=AT)
    with pytest.raises(ReportNotOpen), transaction():
        delivery.send(report, project, WORDS, version=report.version, actor=npo_member, at=AT)
    with pytest.raises(ReportNotOpen), transaction():
        delivery.waive(report, project, reason="いらない。", actor=officer, at=AT)


@pytest.mark.parametrize("verb", [delivery.send_back, delivery.waive])
def test_a_return_and_a_waiver_say_why(verb, running, npo_member):
    project, officer = running
    report = due(project, officer)
    if verb is delivery.send_back:
        handed_in(project, report, npo_member)

    with pytest.raises(FactMissing), transaction():
        verb(report, project, reason=" ", actor=officer, at=AT)


def test_only_the_prefecture_sets_days_for_reports(running, npo_member):
    project, _officer = running

    with pytest.raises(NotYours), transaction():
        delivery.ask_for_report(project, ReportKind.FINAL, TODAY, actor=npo_member, at=AT)


def test_a_report_is_announced_once_before_each_day_and_left_to_the_daily_mail_after(
    running, npo_member, office, session
):
    project, officer = running
    report = due(project, officer, days=10)

    def remind(days: int) -> int:
        with transaction():
            return reminders.remind(at=AT + timedelta(days=days)).reports

    assert [remind(0), remind(1), remind(11), remind(12)] == [1, 0, 0, 0]
    with transaction():
        report.due_on = TODAY + timedelta(days=20)
    assert remind(13) == 1
    told = session.scalars(select(Notice.to_user_id).where(Notice.kind == "project_report_near")).all()
    assert told == [npo_member.id, npo_member.id]
    assert len(session.scalars(select(SentReminder)).all()) == 2


def test_milestones_are_stored_as_a_whole_and_two_people_at_once_see_both(npo_client, running):
    project, _officer = running
    address = f"/projects/{project.number}/milestones"
    typed = opened(npo_client, address) | {
        "milestones-0-title": ["教室を始める"],
        "milestones-0-due_on": ["2027-01-10"],
        "milestones-1-title": ["まとめ"],
        "milestones-1-due_on": ["2026-12-20"],
    }

    assert npo_client.post(address, data=typed).status_code == 303
    late = npo_client.post(address, data=typed | {"milestones-1-title": ["まとめの会"]})

    assert [row.title for row in delivery.list_milestones(project)] == ["まとめ", "教室を始める"]
    assert (late.status_code, "まとめの会" in main_text(late.text)) == (409, True)


def test_a_milestone_that_is_reached_keeps_its_row(running, npo_member):
    project, _officer = running
    line = MilestoneLine("教室を始める", TODAY)
    with transaction():
        delivery.set_milestones(project, [line, MilestoneLine("やめる", TODAY)], actor=npo_member, at=AT)
    first = delivery.list_milestones(project)[0].id
    with transaction():
        reached = MilestoneLine("教室を始める", TODAY, reached_on=TODAY)
        delivery.set_milestones(project, [reached], actor=npo_member, at=AT)

    assert [(row.id, row.reached_on) for row in delivery.list_milestones(project)] == [(first, TODAY)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"milestones-0-due_on": ["2027-01-10"]}, "milestones-0-title"),
        ({"milestones-0-title": ["まとめ"]}, "milestones-0-title"),
        (
            {
                "milestones-0-title": ["まとめ"],
                "milestones-0-due_on": ["2027-01-10"],
                "milestones-0-reached_on": ["2099-01-01"],
            },
            "milestones-0-reached_on",
        ),
    ],
    ids=["no name", "no day", "reached tomorrow"],
)
def test_wrong_milestones_are_told_beside_their_fields(wrong, field, npo_client, running):
    project, _officer = running
    address = f"/projects/{project.number}/milestones"

    answer = npo_client.post(address, data=opened(npo_client, address) | wrong)

    assert (answer.status_code, list(errors_beside_fields(answer.text))) == (422, [field])


def asked(project, actor, kind=RequestKind.STOP):
    with transaction():
        return change_requests.ask(project, kind, what="ここで区切る。", reason="人が足りない。", actor=actor, at=AT)


def test_a_stop_that_the_other_side_accepts_ends_the_project_on_that_day(running, npo_member):
    project, officer = running
    request = asked(project, npo_member)

    with pytest.raises(NotYours, match="申請した側"), transaction():
        change_requests.answer(request, project, is_accepted=True, words="", actor=npo_member, at=AT)
    with transaction():
        change_requests.answer(request, project, is_accepted=True, words="わかりました。", actor=officer, at=AT)

    assert (request.status, project.status, project.ends_on) == (
        RequestStatus.ACCEPTED,
        ProjectStatus.DISSOLVED,
        TODAY,
    )


def test_a_no_says_why_and_changes_nothing(running, npo_member):
    project, officer = running
    request = asked(project, officer)

    with pytest.raises(FactMissing), transaction():
        change_requests.answer(request, project, is_accepted=False, words=" ", actor=npo_member, at=AT)
    with transaction():
        change_requests.answer(request, project, is_accepted=False, words="続けたい。", actor=npo_member, at=AT)
    with pytest.raises(RequestAnswered), transaction():
        change_requests.answer(request, project, is_accepted=True, words="", actor=npo_member, at=AT)

    assert (request.status, project.status) == (RequestStatus.DECLINED, ProjectStatus.IN_PROGRESS)


def test_one_request_at_a_time_waits(running, npo_member, session):
    project, officer = running
    first = asked(project, npo_member)

    with pytest.raises(RequestOpen):
        asked(project, officer)
    with pytest.raises(NotYours), transaction():
        change_requests.withdraw(first, project, actor=officer, at=AT)
    with transaction():
        change_requests.withdraw(first, project, actor=npo_member, at=AT)
    second = asked(project, officer)

    assert [(row.number, row.status) for row in session.scalars(select(ChangeRequest).order_by(ChangeRequest.id))] == [
        (1, RequestStatus.WITHDRAWN),
        (2, RequestStatus.OPEN),
    ]
    assert second.asked_by_name == "環境生活部 ダイバーシティ社会推進課"


def test_a_stop_that_is_answered_after_the_project_ended_is_refused(running, npo_member, office):
    project, officer = running
    request = asked(project, npo_member)
    with transaction():
        lifecycle.dissolve(project, reason="合意による。", actor=office, at=AT)

    with pytest.raises(ProjectNotInState), transaction():
        change_requests.answer(request, project, is_accepted=True, words="", actor=officer, at=AT)

    assert request.status is RequestStatus.OPEN


def test_the_pages_carry_a_report_and_a_request_through(app, running, npo_client, office_client):
    project, officer = running
    base = f"/projects/{project.number}"
    division_client = sign_in(app.test_client(), officer)
    new = {"kind": "progress", "due_on": (TODAY + timedelta(days=3)).isoformat()}

    assert division_client.post(f"{base}/reports/new", data=new).status_code == 303
    number = delivery.list_reports(project)[0].number
    written = opened(npo_client, f"{base}/reports/{number}", "form[data-leave-guard]")
    typed = written | {"done": ["開いた。"], "results": ["30人。"]}
    assert npo_client.post(f"{base}/reports/{number}", data=typed).status_code == 303
    late = npo_client.post(f"{base}/reports/{number}", data=typed | {"done": ["もう一度書いた。"]})
    assert (late.status_code, "もう一度書いた。" in main_text(late.text)) == (409, True)
    assert npo_client.post(f"{base}/reports/{number}/answer", data={"verdict": "accepted"}).status_code == 403
    without = division_client.post(f"{base}/reports/{number}/answer", data={"verdict": "returned"})
    assert (without.status_code, list(errors_beside_fields(without.text))) == (422, ["reason"])
    assert division_client.post(f"{base}/reports/{number}/answer", data={"verdict": "accepted"}).status_code == 303
    asking = {"kind": "change", "what": "会場を変える。", "reason": "雨のため。"}
    assert npo_client.post(f"{base}/requests/new", data=asking).status_code == 303
    assert npo_client.post(f"{base}/requests/1", data={"verdict": "yes"}).status_code == 403
    assert division_client.post(f"{base}/requests/1", data={"verdict": "yes"}).status_code == 303
    text = main_text(office_client.get(f"{base}/delivery").text)
    assert ("受理ずみ" in text, "認めた" in text) == (True, True)


def test_what_waits_is_said_to_those_who_can_act(npo, npo_member, approver, office, company_member):
    division = records.division()
    officer = staff_of(division, "環境 五郎")
    signing, contracting = born(npo, approver, division), born(npo, approver, division)
    written(signing, npo_member)
    agreed(contracting, office, **COMMISSION)
    running = in_progress(born(npo, approver, division), office)
    report = due(running, officer)
    asked(running, npo_member)
    held = MeetingFacts(TODAY - timedelta(days=1), "", "", "決める", is_public=False)
    with transaction():
        meetings.plan(running, held, actor=npo_member, at=AT)
    stalled = born(npo, approver, division)
    with transaction():
        lifecycle.stall(
            stalled, key=f"division-{division.id}", name="", since_on=TODAY, reason="返事", actor=npo_member, at=AT
        )

    def said(user):
        return {kind: waiting(user, kind) for kind in kinds if waiting(user, kind)}

    kinds = (
        WaitingKind.SIGN_OFF,
        WaitingKind.CONTRACTING,
        WaitingKind.PROJECT_REPORT,
        WaitingKind.CHANGE_REQUEST,
        WaitingKind.MINUTES,
        WaitingKind.STANDSTILL,
    )
    at = {name: f"/projects/{row.number}" for name, row in (("s", signing), ("c", contracting), ("r", running))}
    sign_off = [(signing.number, f"{at['s']}/agreement", None)]
    contract = [(contracting.number, f"{at['c']}/steps/contract", None)]
    answer = [(running.number, f"{at['r']}/requests/1", None)]
    minutes = [(running.number, f"{at['r']}/meetings/1", None)]
    standstill = [(stalled.number, f"/projects/{stalled.number}", None)]
    assert said(company_member) == {}
    assert said(npo_member) == {
        WaitingKind.SIGN_OFF: sign_off,
        WaitingKind.PROJECT_REPORT: [(running.number, f"{at['r']}/reports/{report.number}", report.due_on)],
        WaitingKind.MINUTES: minutes,
    }
    assert said(officer) == {
        WaitingKind.SIGN_OFF: sign_off,
        WaitingKind.CONTRACTING: contract,
        WaitingKind.CHANGE_REQUEST: answer,
        WaitingKind.MINUTES: minutes,
        WaitingKind.STANDSTILL: standstill,
    }
    assert said(office) == {
        WaitingKind.SIGN_OFF: sign_off,
        WaitingKind.CONTRACTING: contract,
        WaitingKind.CHANGE_REQUEST: answer,
        WaitingKind.STANDSTILL: standstill,
    }


def test_the_list_of_own_projects_sends_the_same_number_of_queries_for_one_and_three(
    npo_client, npo, npo_member, approver
):
    written(born(npo, approver), npo_member)
    with counted_queries() as one:
        npo_client.get("/projects/mine")
    for _ in range(2):
        written(born(npo, approver), npo_member)
    with counted_queries() as three:
        npo_client.get("/projects/mine")

    assert len(one) == len(three)


def test_the_list_of_own_projects_shows_what_waits_and_nothing_of_others(
    npo_client, other_npo_client, npo, npo_member, approver
):
    project = born(npo, approver)
    written(project, npo_member)

    own, other = (main_text(one.get("/projects/mine").text) for one in (npo_client, other_npo_client))

    assert ("協定や計画への同意" in own, project.number in own, project.number in other) == (True, True, False)
