"""The office enters the list of a division that answers by mail or telephone; the division confirms it or does not."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import round_closing
from matchmaker.permissions.grants import Role
from matchmaker.projects import report_round_queries, report_rounds, service
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer
from matchmaker.projects.report_round_terms import RoundAction
from matchmaker.projects.report_rounds import NewReport, RoundRefused
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review.work import work_of
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import field_values, opened
from tests.support.pages import main_text
from tests.support.projects import staff_of
from tests.support.round_records import CODE, FIRST, FY, answer_for, confirmed, facts, opened_round

ROUND = f"/projects/rounds/{CODE}"
MAIL = "11月20日のメール"


@pytest.fixture
def report_round(division_staff, office) -> ReportRound:
    return opened_round(office)


def hand_in(answer: RoundAnswer, actor, *, source=MAIL, has_none=True) -> None:
    with transaction():
        version = answer.version
        report_rounds.hand_in(
            answer, version=version, has_none=has_none, proxy_source=source, actor=actor, at=clock.now()
        )


def confirm(answer: RoundAnswer, actor, *, version: int | None = None) -> None:
    with transaction():
        seen = answer.version if version is None else version
        report_rounds.confirm_proxy(answer, version=seen, actor=actor, at=clock.now())


def history(report_round, answer) -> list[tuple[RoundAction, str, str]]:
    return [(row.action, row.actor.name, row.note) for row in report_round_queries.history_of(report_round, answer)]


def division_page(answer: RoundAnswer) -> str:
    return f"{ROUND}/divisions/{answer.division_id}"


def text_of(answer, code=200) -> str:
    assert answer.status_code == code, answer.text[-2000:]
    return main_text(answer.text)


def test_a_list_of_the_office_says_who_entered_it_from_what_and_that_nobody_confirmed(
    division_staff, office, report_round
):
    answer = answer_for(division_staff)
    with transaction():
        new = NewReport(facts(), CollaborationForm.SUBSIDY, FIRST)
        project = report_rounds.report(answer, new, actor=office, at=clock.now())

    hand_in(answer, office, has_none=False)

    assert (answer.handed_in_by, answer.proxy_source, answer.is_unconfirmed) == (office, MAIL, True)
    assert history(report_round, answer) == [(RoundAction.HAND_IN, office.name, f"代理入力\n1件\n受け取り方：{MAIL}")]
    said = db.session.scalars(select(ProjectEvent.note).where(ProjectEvent.project_id == project.id)).one()
    assert said == f"代理入力（{answer.division.name}から受け取った内容）"
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "office:report-round:hand-in"))
    assert (entry.actor_id, entry.detail) == (office.id, {"division": answer.division_id, "proxy": True})
    assert round_closing.open_matters(report_round).unconfirmed == [answer]


def test_the_office_says_from_where_it_has_the_list(division_staff, office, report_round):
    with pytest.raises(RoundRefused, match="どのように受け取ったか"):
        hand_in(answer_for(division_staff), office, source=" ")


def test_a_division_that_hands_in_itself_is_no_proxy(division_staff, office, report_round):
    answer = answer_for(division_staff)
    hand_in(answer, division_staff)
    assert (answer.proxy_source, answer.is_unconfirmed) == ("", False)
    assert history(report_round, answer) == [(RoundAction.HAND_IN, division_staff.name, "該当なし")]


def test_the_division_confirms_once_as_it_saw_the_list(division_staff, office, report_round):
    answer = answer_for(division_staff)
    hand_in(answer, office)
    kinds = [one.item.kind for one in work_of(division_staff, on=clock.today())]
    with pytest.raises(EditConflict):
        confirm(answer, division_staff, version=answer.version - 1)

    confirm(answer, division_staff)

    assert kinds == [WaitingKind.PROXY_LIST]
    assert (answer.confirmed_by, answer.is_unconfirmed) == (division_staff, False)
    assert history(report_round, answer)[-1] == (RoundAction.CONFIRM_PROXY, division_staff.name, "")
    assert work_of(division_staff, on=clock.today()) == []
    with pytest.raises(RoundRefused, match="ありません"):
        confirm(answer, division_staff)


def test_only_the_division_itself_confirms(division_staff, office, report_round):
    answer = answer_for(division_staff)
    hand_in(answer, office)
    other = staff_of(records.division("森林課"), "森林 五郎")
    for stranger in (other, office, records.staff(Role.NPO_OFFICE, name="事務局 花子")):
        with pytest.raises(RoundRefused, match="その課の人だけ"):
            confirm(answer, stranger)


def test_a_list_taken_back_by_the_division_is_its_own_again(division_staff, office, report_round):
    answer = answer_for(division_staff)
    hand_in(answer, office)
    with transaction():
        report_rounds.take_back(answer, version=answer.version, actor=division_staff, at=clock.now())
    assert (answer.handed_in_at, answer.proxy_source, answer.confirmed_at) == (None, "", None)
    assert history(report_round, answer)[0][2].startswith("代理入力")


def test_the_office_takes_back_only_what_it_entered_and_nobody_confirmed(
    division_staff, office, office_client, report_round
):
    answer = answer_for(division_staff)

    def take_back() -> None:
        with transaction():
            report_rounds.take_back(answer, version=answer.version, actor=office, at=clock.now())

    def is_offered() -> bool:
        return "提出を取り消して直す" in office_client.get(division_page(answer)).text

    hand_in(answer, division_staff)
    assert not is_offered()
    with pytest.raises(RoundRefused, match="課に取り消しを頼んでください"):
        take_back()
    with transaction():
        report_rounds.take_back(answer, version=answer.version, actor=division_staff, at=clock.now())
    hand_in(answer, office)
    assert is_offered()
    take_back()
    assert answer.handed_in_at is None
    hand_in(answer, office)
    confirm(answer, division_staff)
    assert not is_offered()
    with pytest.raises(RoundRefused, match="課に取り消しを頼んでください"):
        take_back()


def test_what_the_office_entered_is_confirmed_by_another_person_of_it(division_staff, office, report_round):
    answer = answer_for(division_staff)
    with transaction():
        new = NewReport(facts(), CollaborationForm.SUBSIDY, FIRST)
        project = report_rounds.report(answer, new, actor=office, at=clock.now())
    with pytest.raises(service.ReporterMayNotConfirm), transaction():
        service.confirm(project, actor=office, at=clock.now())


def test_closing_with_an_unconfirmed_list_asks_why_and_states_it(division_staff, office, office_client, report_round):
    answer = answer_for(division_staff)
    hand_in(answer, office)
    with pytest.raises(RoundRefused, match="理由"), transaction():
        round_closing.close(report_round, version=report_round.version, reason="", actor=office, at=clock.now())
    with transaction():
        version = report_round.version
        round_closing.close(report_round, version=version, reason="返事なし。", actor=office, at=clock.now())

    assert "課の確認はありません。" in text_of(office_client.get(division_page(answer)))
    with pytest.raises(RoundRefused, match="締め切られました"):
        confirm(answer, division_staff)


def test_the_office_enters_a_whole_list_on_the_forms_of_the_division(
    office_client, app, division_staff, office, report_round
):
    answer = answer_for(division_staff)
    last_year = confirmed(division_staff, office, "川の清掃", fy=FY - 1)
    query, page = f"?division={answer.division_id}", division_page(answer)
    assert f"{ROUND}/carry/{last_year.number}{query}" in office_client.get(page).text

    carry = office_client.get(f"{ROUND}/carry/{last_year.number}{query}")
    assert f"代理入力 {answer.division.department} {answer.division.name}" in main_text(carry.text)
    carried = office_client.post(f"{ROUND}/carry/{last_year.number}{query}", data=field_values(carry.text))
    form = field_values(office_client.get(f"{ROUND}/report{query}").text)
    typed = {
        "title": "里山の手入れ",
        "summary": "竹林を手入れする。",
        "partners-0-kind": "npo",
        "partners-0-name": "里山の会",
        "form_of_collaboration": "subsidy",
        "form_agreed_on": FIRST.isoformat(),
        "starts_on": FIRST.isoformat(),
        "ends_on": FIRST.isoformat(),
    }
    reported = office_client.post(f"{ROUND}/report{query}", data=form | typed)
    assert [(one.status_code, one.location) for one in (carried, reported)] == [(303, page), (303, page)]
    list_form = opened(office_client, page)
    empty = office_client.post(f"{ROUND}/hand-in{query}", data=list_form)
    done = office_client.post(f"{ROUND}/hand-in{query}", data=list_form | {"source": MAIL})

    assert "どのように受け取ったかを入力してください（例：11月20日のメール）" in text_of(empty, 422)
    assert (done.status_code, done.location) == (303, page)
    titles = db.session.scalars(
        select(Project.title).where(Project.status == ProjectStatus.REPORTED).order_by(Project.id)
    ).all()
    assert titles == ["川の清掃", "里山の手入れ"]
    assert "一覧あり（代理入力・課の確認なし）" in text_of(office_client.get(ROUND))
    own = sign_in(app.test_client(), division_staff)
    seen = own.get(ROUND)
    assert f"代理入力：NPO担当課の{office.name}が、この課に代わって提出しました（{MAIL}）：" in main_text(seen.text)
    assert "課の確認は、まだありません。" in main_text(seen.text)
    own.post(f"{ROUND}/confirm-proxy", data={"version": str(answer.version)})
    assert f"課の{division_staff.name}が内容を確認しました：" in text_of(own.get(ROUND))
    assert "一覧あり（代理入力・課が確認ずみ）" in text_of(office_client.get(ROUND))


def test_the_office_says_for_a_division_that_a_project_has_ended_and_takes_that_back(
    office_client, division_staff, office, report_round
):
    answer = answer_for(division_staff)
    last_year = confirmed(division_staff, office, "川の清掃", fy=FY - 1)
    query = f"?division={answer.division_id}"
    for word, offered in (("ended", []), ("not-ended", [last_year])):
        sent = office_client.post(f"{ROUND}/{word}/{last_year.number}{query}")
        assert (sent.status_code, sent.location) == (303, division_page(answer))
        assert report_round_queries.list_of(answer_for(division_staff)).offered == offered


def test_a_refused_entry_of_the_office_keeps_from_where_it_came(office_client, division_staff, report_round):
    answer = answer_for(division_staff)
    sent = opened(office_client, division_page(answer)) | {"source": MAIL}
    refused = office_client.post(f"{ROUND}/hand-in?division={answer.division_id}", data=sent)
    assert "1件もないときは「該当なし」を選んでください。" in text_of(refused, 409)
    assert field_values(refused.text)["source"] == [MAIL]


@pytest.mark.parametrize("page", ["report", "upload"])
def test_only_the_office_may_name_another_division(page, division_client, office_client, division_staff, report_round):
    other = records.division("森林課")
    division = answer_for(division_staff).division_id
    assert division_client.get(f"{ROUND}/{page}?division={division}").status_code == 403
    assert office_client.get(f"{ROUND}/{page}").status_code == 403
    assert office_client.get(f"{ROUND}/{page}?division={other.id}").status_code == 404
    assert office_client.get(f"{ROUND}/{page}?division=x").status_code == 404
    assert office_client.get(f"{ROUND}/{page}?division={division}").status_code == 200


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("proxy_source = 'x'", "proxy_is_handed_in"),
        ("confirmed_by_id = 1", "confirmed_at_iff_confirmed_by"),
        ("confirmed_by_id = 1, confirmed_at = '2026-01-01'", "confirmed_is_proxy"),
    ],
)
def test_the_database_itself_refuses_half_states(change, name, report_round):
    with pytest.raises(IntegrityError, match=name), transaction():
        db.session.execute(text(f"UPDATE report_round_answer SET {change}"))
