"""The working group: meetings, the role matrix, the choice of form."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.projects import form_choice, meetings, reminders, working
from matchmaker.projects.events import FactMissing, ProjectNotInState
from matchmaker.projects.form_choice import FormAnswers, Procedure, ProposalType
from matchmaker.projects.meetings import MeetingFacts, MeetingSettled
from matchmaker.projects.status import ProjectStatus
from matchmaker.projects.working import FormDoesNotFit, TaskLine
from matchmaker.proposals.status import CollaborationForm
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text
from tests.support.projects import COMMISSION, TODAY, answers, born, staff_of

AT = clock.now()
F = CollaborationForm


def facts(**values) -> MeetingFacts:
    defaults = {
        "held_on": TODAY + timedelta(days=2),
        "begins": "13:00",
        "place": "アスト津3階",
        "purpose": "現状を知る",
        "is_public": True,
    }
    return MeetingFacts(**(defaults | values))


def planned(project, actor, **values):
    with transaction():
        return meetings.plan(project, facts(**values), actor=actor, at=AT)


def test_meetings_are_numbered_within_their_project_and_a_cancelled_one_keeps_its_number(npo, npo_member, approver):
    project, other = born(npo, approver), born(npo, approver)
    first, second = planned(project, npo_member), planned(project, npo_member)
    planned(other, npo_member)
    with transaction():
        meetings.cancel(project, second, reason="台風のため。", actor=npo_member, at=AT)
    third = planned(project, npo_member)

    assert [(row.number, row.cancel_reason) for row in meetings.list_of(project)] == [
        (1, ""),
        (2, "台風のため。"),
        (3, ""),
    ]
    assert (first.number, third.number) == (1, 3)


def test_minutes_name_who_came_by_party_and_none_are_written_before_the_day(npo, npo_member, approver):
    division = records.division()
    project = born(npo, approver, division)
    meeting = planned(project, npo_member, held_on=TODAY)
    partner, office = f"partner-{project.partners[0].id}", f"division-{division.id}"
    came = {partner: "鈴木、田中", office: "環境課 佐藤", "partner-0": "だれか"}

    with transaction():
        written = facts(held_on=TODAY, minutes="役割を話した。", attendance=came)
        meetings.change(project, meeting, written, version=meeting.version, actor=npo_member, at=AT)
    with pytest.raises(FactMissing, match="これから開く"):
        planned(project, npo_member, minutes="まだ開いていない。")

    assert [(row.party_key, row.people) for row in meeting.attendances] == [
        (partner, "鈴木、田中"),
        (office, "環境課 佐藤"),
    ]


def test_a_cancelled_meeting_is_changed_no_more_and_one_with_minutes_not_cancelled(npo, npo_member, approver):
    project = born(npo, approver)
    cancelled, held = planned(project, npo_member), planned(project, npo_member, held_on=TODAY, minutes="話した。")
    with transaction():
        meetings.cancel(project, cancelled, reason="集まれない。", actor=npo_member, at=AT)

    with pytest.raises(MeetingSettled), transaction():
        meetings.change(project, cancelled, facts(), version=cancelled.version, actor=npo_member, at=AT)
    with pytest.raises(MeetingSettled), transaction():
        meetings.cancel(project, held, reason="もう開いた。", actor=npo_member, at=AT)


def test_two_people_who_write_minutes_at_once_do_not_overwrite_each_other(npo, npo_member, approver):
    project = born(npo, approver)
    meeting = planned(project, npo_member, held_on=TODAY)
    seen = meeting.version
    with transaction():
        meetings.change(project, meeting, facts(held_on=TODAY, minutes="先。"), version=seen, actor=npo_member, at=AT)

    with pytest.raises(EditConflict), transaction():
        meetings.change(project, meeting, facts(held_on=TODAY, minutes="後。"), version=seen, actor=npo_member, at=AT)

    assert meeting.minutes == "先。"


def test_the_parties_are_reminded_of_a_meeting_once_for_each_day_that_is_set(npo, npo_member, approver, session):
    project = born(npo, approver)
    meeting = planned(project, npo_member)

    def remind() -> int:
        with transaction():
            return reminders.remind(at=AT).meetings

    told = [remind(), remind()]
    with transaction():
        moved = facts(held_on=TODAY + timedelta(days=3))
        meetings.change(project, meeting, moved, version=meeting.version, actor=npo_member, at=AT)
    told += [remind(), remind()]
    with transaction():
        meetings.cancel(project, meeting, reason="台風のため。", actor=npo_member, at=AT)

    assert [*told, remind()] == [1, 0, 1, 0, 0]
    mails = session.scalars(select(Notice).where(Notice.kind == "project_meeting_near")).all()
    assert [(mail.to_user_id, "アスト津3階" in mail.body) for mail in mails] == [(npo_member.id, True)] * 2


def test_the_public_reads_public_meetings_only_and_no_names_of_people(client, npo, npo_member, approver):
    project = born(npo, approver)
    key = f"partner-{project.partners[0].id}"
    came = {key: "出席した鈴木さん"}
    planned(project, npo_member, held_on=TODAY, minutes="公開の話。", attendance=came)
    planned(project, npo_member, held_on=TODAY, purpose="内々の相談", minutes="非公開の話。", is_public=False)

    text = main_text(client.get(f"/projects/{project.number}").text)

    shown = [words for words in ("現状を知る", "公開の話。", "内々の相談", "非公開の話。", "出席した") if words in text]
    assert shown == ["現状を知る", "公開の話。"]


def test_the_pages_plan_a_meeting_and_write_its_minutes(npo_client, npo, approver):
    project = born(npo, approver)
    address = f"/projects/{project.number}/meetings"
    typed = opened(npo_client, f"{address}/new") | {
        "held_on": [TODAY.isoformat()],
        "purpose": ["方向を決める"],
        "is_public": ["yes"],
    }

    assert npo_client.post(f"{address}/new", data=typed).location == address
    minutes = opened(npo_client, f"{address}/1") | {"minutes": ["役割を分けた。"], "attendances-0-people": ["鈴木"]}
    assert npo_client.post(f"{address}/1", data=minutes).status_code == 303
    assert "議事録あり" in main_text(npo_client.get(address).text)
    assert [row.people for row in meetings.find(project, 1).attendances] == ["鈴木"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": [""]}, "held_on"),
        ({"purpose": ["　"]}, "purpose"),
        ({"begins": ["25:00"]}, "begins"),
        ({"begins": ["昼すぎ"]}, "begins"),
        ({"minutes": ["まだ開いていない。"]}, "minutes"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_facts_of_a_meeting_are_told_beside_their_fields(wrong, field, npo_client, npo, approver):
    project = born(npo, approver)
    address = f"/projects/{project.number}/meetings/new"
    right = {"held_on": [(TODAY + timedelta(days=9)).isoformat()], "purpose": ["方向を決める"], "is_public": ["no"]}

    answer = npo_client.post(address, data=opened(npo_client, address) | right | wrong)

    assert (answer.status_code, list(errors_beside_fields(answer.text))) == (422, [field])


def test_the_role_matrix_begins_with_the_proposal_and_is_stored_as_a_whole(npo_client, npo, npo_member, approver):
    project = born(npo, approver)
    address = f"/projects/{project.number}/roles"
    first = opened(npo_client, address)
    assert (first["tasks-0-npo"], first["tasks-0-prefecture"]) == (["教室の運営"], ["広報と学校との調整"])

    typed = first | {"tasks-0-task": ["教室"], "tasks-1-task": ["広報"], "tasks-1-prefecture": ["県の広報紙"]}
    assert npo_client.post(address, data=typed).status_code == 303
    late = npo_client.post(address, data=typed | {"tasks-1-task": ["広報と案内"]})

    assert [(row.task, row.prefecture) for row in working.list_tasks(project)] == [
        ("教室", "広報と学校との調整"),
        ("広報", "県の広報紙"),
    ]
    assert (late.status_code, "広報と案内" in main_text(late.text)) == (409, True)


def test_a_task_that_nobody_does_is_refused(npo, npo_member, approver):
    project = born(npo, approver)

    with pytest.raises(FactMissing, match="「広報」"), transaction():
        working.divide_work(project, [TaskLine("広報")], actor=npo_member, at=AT)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({**COMMISSION, "procedure": Procedure.NONE}, "それ自体の手続き"),
        ({**COMMISSION, "procedure": Procedure.GRANT}, "それ自体の手続き"),
        ({**COMMISSION, "has_public_cost": False}, "県の費用を使う形"),
        ({"form": F.SUBSIDY, "has_public_cost": True}, "交付決定"),
        ({"form": F.COST_SHARE, "has_public_cost": True, "procedure": Procedure.GRANT}, "負担金の支出の決定"),
        ({"form": F.SPONSORSHIP, "has_public_cost": True, "procedure": Procedure.GRANT}, "費用を出せません"),
        ({"form": F.CO_HOSTING, "has_public_cost": True}, "契約型"),
        ({"form": F.AGREEMENT, "procedure": Procedure.TENDER}, "協働型"),
        ({"form": F.CO_HOSTING, "prefecture_specifies": True}, "「委託」"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_form_that_does_not_fit_its_answers_is_refused(chosen, sentence, npo, npo_member, approver):
    project = born(npo, approver)

    with pytest.raises(FormDoesNotFit, match=sentence), transaction():
        working.choose_form(project, answers(**chosen), actor=npo_member, at=AT)

    assert working.newest_choice(project) is None


@given(
    st.builds(
        FormAnswers,
        form=st.sampled_from(F),
        has_public_cost=st.booleans(),
        prefecture_specifies=st.booleans(),
        procedure=st.sampled_from(Procedure),
        grounds=st.just("理由"),
    )
)
def test_what_holds_has_a_procedure_exactly_when_it_costs(chosen):
    if form_choice.troubles(chosen):
        return
    is_contract = form_choice.type_of(chosen.form, chosen.has_public_cost) is ProposalType.CONTRACT

    assert (chosen.procedure is not Procedure.NONE) == chosen.has_public_cost == is_contract


def test_every_form_can_be_chosen_in_some_way():
    holds = {
        form
        for form in F
        for cost in (True, False)
        for procedure in Procedure
        if not form_choice.troubles(FormAnswers(form, cost, False, procedure, "理由"))
    }

    assert holds == set(F)


def test_the_form_page_says_what_does_not_fit_and_keeps_the_answers(npo_client, npo, approver):
    project = born(npo, approver)
    address = f"/projects/{project.number}/form"
    typed = {
        "has_public_cost": "no",
        "prefecture_specifies": "no",
        "form_of_collaboration": "commission",
        "procedure": "none",
        "grounds": "なんとなく委託。",
    }

    answer = npo_client.post(address, data=typed)

    text = main_text(answer.text)
    assert (answer.status_code, "それ自体の手続きがいります" in text, "なんとなく委託。" in text) == (422, True, True)


def test_an_ended_project_takes_no_more_records(npo, npo_member, approver):
    project = born(npo, approver)
    with transaction():
        project.status = ProjectStatus.CLOSED

    for act in (
        lambda: meetings.plan(project, facts(), actor=npo_member, at=AT),
        lambda: working.divide_work(project, [TaskLine("広報", npo="する")], actor=npo_member, at=AT),
        lambda: working.choose_form(project, answers(), actor=npo_member, at=AT),
    ):
        with pytest.raises(ProjectNotInState, match="終了"), transaction():
            act()


def test_only_those_who_take_part_open_the_pages(
    app, npo, npo_client, other_npo_client, company_client, office_client, division_client, approver, client
):
    division = records.division()
    project = born(npo, approver, division)
    officer_client = sign_in(app.test_client(), staff_of(division, "環境 五郎"))
    browsers = (npo_client, officer_client, office_client, other_npo_client, company_client, division_client)
    pages = ("meetings", "roles", "form", "agreement", "delivery", "money", "steps/stall")

    codes = {page: [one.get(f"/projects/{project.number}/{page}").status_code for one in browsers] for page in pages}

    assert codes == {page: [200, 200, 200, 403, 403, 403] for page in pages}
    assert client.get(f"/projects/{project.number}/meetings").status_code == 302


def test_the_daily_command_says_how_many_it_told(app, npo, npo_member, approver):
    planned(born(npo, approver), npo_member)

    runs = [app.test_cli_runner().invoke(args=["projects", "remind"]) for _ in range(2)]

    assert [(run.exit_code, run.output) for run in runs] == [
        (0, "1 meetings and 0 reports told\n"),
        (0, "0 meetings and 0 reports told\n"),
    ]
