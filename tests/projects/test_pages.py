"""The pages about projects."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.projects import service
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.service import Agreement, NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from tests.support import records
from tests.support.client import InspectingClient, sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

TODAY = clock.today()


def born_here(npo, approver: User, **values) -> Project:
    proposal = records.proposal(npo, status=ProposalStatus.ADOPTED, **values)
    with transaction():
        return service.open_from(proposal, actor=approver, at=clock.now())


def reported(by: User, title: str = "里山の竹を活かす") -> Project:
    facts = ProjectFacts(
        title=title,
        summary="竹林を手入れして、竹炭をつくる。",
        partners=[NamedPartner(PartnerKind.NPO, "里山の会")],
        division_ids=[(by.division or records.division()).id],
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=300),
    )
    with transaction():
        return service.report(facts, form=CollaborationForm.SUBSIDY, form_agreed_on=TODAY, actor=by, at=clock.now())


def agreed(npo, approver: User, office: User) -> Project:
    project, division = born_here(npo, approver), records.division()
    wanted = Agreement(CollaborationForm.AGREEMENT, TODAY, TODAY, TODAY + timedelta(days=100), [division.id])
    with transaction():
        service.agree(project, wanted, confirmed_by=office, actor=office, at=clock.now())
    return project


def stored(project: Project) -> Project:
    return db.session.scalars(select(Project).where(Project.id == project.id)).one()


def sent(client: InspectingClient, address: str, action: str = "") -> dict[str, str | list[str]]:
    """What a form of the page would send as it stands: the only form, or the one whose address ends in ``action``."""
    forms = parse(client.get(address).text).select("main form[method=post]")
    form = next(form for form in forms if form.get("action", "").endswith(action))
    values: dict[str, str | list[str]] = {}
    for control in form.select("[name]"):
        if control.name == "textarea":
            values[control["name"]] = control.get_text().lstrip("\r\n")
        elif control.name == "select":
            chosen = control.select_one("[selected]") or control.select_one("option")
            values[control["name"]] = chosen["value"]
        elif control.get("type") not in {"checkbox", "radio"}:
            values[control["name"]] = control.get("value", "")
        elif control.has_attr("checked"):
            values[control["name"]] = control["value"]
    return values


def a_report(client: InspectingClient, **values) -> dict[str, str | list[str]]:
    return (
        sent(client, "/projects/report")
        | {
            "title": "里山の竹を活かす",
            "summary": "竹炭をつくる。",
            "partners-0-kind": "npo",
            "partners-0-name": "里山の会",
            "form_of_collaboration": "subsidy",
            "form_agreed_on": TODAY.isoformat(),
            "starts_on": TODAY.isoformat(),
            "ends_on": (TODAY + timedelta(days=30)).isoformat(),
            "budget_yen": "５００，０００",
        }
        | values
    )


def test_list_shows_what_was_born_here_and_what_was_confirmed(client, npo, approver, office, division_staff):
    here, waiting, confirmed = (
        born_here(npo, approver),
        reported(division_staff, "待つ事業"),
        reported(division_staff, "確認ずみの事業"),
    )
    with transaction():
        service.confirm(confirmed, actor=office, at=clock.now())

    page = parse(client.get("/projects").text)

    assert [link["href"] for link in page.select(".card a")] == [f"/projects/{p.number}" for p in (confirmed, here)]
    assert waiting.number not in page.get_text()


@pytest.mark.parametrize(
    ("address", "is_found"),
    [
        ("q=竹　里山", True),
        ("q=R8-P001", True),
        ("q=海", False),
        ("form=subsidy", True),
        ("form=agreement", False),
        ("fy=R8", True),
        ("fy=R20", False),
        ("fy=x", True),
        ("status=in-progress", True),
        ("status=closed", False),
        ("status=reported", True),
        ("page=0", True),
        ("page=99999", True),
        ("q=%25", False),
    ],
)
def test_list_narrows_by_what_the_address_asks(address, is_found, client, office, division_staff):
    project = reported(division_staff)
    with transaction():
        service.confirm(project, actor=office, at=clock.now())

    assert (len(parse(client.get(f"/projects?{address}").text).select(".card")) == 1) is is_found


def test_list_sends_the_same_number_of_queries_for_one_and_three(client, npo, approver):
    born_here(npo, approver)
    with counted_queries() as one:
        client.get("/projects")
    for _ in range(2):
        born_here(npo, approver)
    with counted_queries() as three:
        client.get("/projects")

    assert len(one) == len(three)


def test_reports_send_the_same_number_of_queries_for_one_and_three(office_client, division_staff):
    reported(division_staff)
    with counted_queries() as one:
        office_client.get("/projects/reports")
    for _ in range(2):
        reported(records.staff(Role.DIVISION))
    with counted_queries() as three:
        office_client.get("/projects/reports")

    assert len(one) == len(three)


def test_show_says_in_which_years_the_project_counts(client, npo, approver, office):
    project = agreed(npo, approver, office)

    text = main_text(client.get(f"/projects/{project.number}").text)

    assert "が「協定」の形で行い、実施期間" in text
    assert "手続き" not in text


def test_a_report_that_waits_is_not_found_by_the_public_and_other_divisions(
    app, client, division_client, division_staff
):
    project = reported(division_staff)
    other_client = sign_in(app.test_client(), records.staff(Role.DIVISION, name="ほかの課の人"))

    answers = [c.get(f"/projects/{project.number}").status_code for c in (client, other_client, division_client)]

    assert answers == [404, 404, 200]


@pytest.mark.parametrize("kind", ["npo_client", "company_client", "approver_client", "administrator_client"])
def test_the_office_steps_are_closed_to_others(kind, npo, approver, request):
    project = born_here(npo, approver)
    browser = request.getfixturevalue(kind)

    for address in ("reports", "report", f"{project.number}/edit"):
        assert browser.get(f"/projects/{address}").status_code == 403
    for step in ("confirm", "refuse", "edit"):
        assert browser.post(f"/projects/{project.number}/{step}").status_code == 403


def test_a_division_reports_its_own_and_the_office_confirms(division_client, office_client, division_staff, session):
    typed = a_report(division_client)
    assert typed["division_ids"] == str(division_staff.division.id)

    answer = division_client.post("/projects/report", data=typed)

    assert (answer.status_code, answer.location) == (303, "/projects/R8-P001")
    assert "報告ずみ（確認前）" in main_text(division_client.get("/projects/reports").text)
    assert "確認を待っている報告が1件あります" in main_text(office_client.get("/projects/reports").text)
    confirm = sent(office_client, "/projects/R8-P001", "/confirm")
    assert office_client.post("/projects/R8-P001/confirm", data=confirm).status_code == 303
    project = session.scalars(select(Project)).one()
    assert (project.status, project.budget_yen, project.reported_by_id) == (
        ProjectStatus.IN_PROGRESS,
        500_000,
        division_staff.id,
    )


def test_a_double_click_on_report_reports_once(division_client, session):
    typed = a_report(division_client)

    answers = [division_client.post("/projects/report", data=typed).location for _ in range(2)]

    assert answers == ["/projects/R8-P001"] * 2
    assert session.scalars(select(Project.number)).all() == ["R8-P001"]


def test_a_double_click_on_edit_saves_once(office_client, npo, approver, office, session):
    project = agreed(npo, approver, office)
    address = f"/projects/{project.number}/edit"
    typed = sent(office_client, address) | {"title": "新しい名前"}

    answers = [office_client.post(address, data=typed).status_code for _ in range(2)]

    assert answers == [303, 303]
    edits = select(ProjectEvent.action).where(ProjectEvent.action == ProjectAction.EDIT)
    assert session.scalars(edits).all() == [ProjectAction.EDIT]


def test_a_division_that_leaves_itself_out_is_told_beside_the_field(division_client):
    other = records.division("ほかの課")

    answer = division_client.post("/projects/report", data=a_report(division_client, division_ids=[str(other.id)]))

    assert answer.status_code == 422
    assert "自分の課の事業だけを報告できます" in errors_beside_fields(answer.text)["division_ids"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "　"}, "title"),
        ({"title": "あ" * 121}, "title"),
        ({"summary": "あ" * 2001}, "summary"),
        ({"form_of_collaboration": ""}, "form_of_collaboration"),
        ({"form_of_collaboration": "x"}, "form_of_collaboration"),
        ({"form_agreed_on": "9999-99-99"}, "form_agreed_on"),
        ({"form_agreed_on": (TODAY + timedelta(days=1)).isoformat()}, "form_agreed_on"),
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": (TODAY - timedelta(days=1)).isoformat()}, "ends_on"),
        ({"budget_yen": "五百円"}, "budget_yen"),
        ({"partners-0-name": "あ" * 121}, "partners-0-name"),
        ({"partners-0-kind": "x"}, "partners-0-kind"),
        ({"partners-1-name": "竹林株式会社"}, "partners-1-kind"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_answers_of_a_report_are_told_beside_their_fields(wrong, field, division_client, session):
    typed = a_report(division_client, **wrong)

    answer = division_client.post("/projects/report", data=typed)

    assert answer.status_code == 422
    assert list(errors_beside_fields(answer.text)) == [field]
    assert session.scalars(select(Project)).all() == []


def test_a_report_without_an_npo_is_told_in_the_summary_and_keeps_what_was_typed(division_client):
    typed = a_report(division_client, **{"partners-0-kind": "company", "partners-0-name": "<b>竹林</b>株式会社"})

    answer = division_client.post("/projects/report", data=typed)

    assert "NPOを1つ以上入力してください" in main_text(answer.text)
    assert parse(answer.text).select_one("[name=partners-0-name]")["value"] == "<b>竹林</b>株式会社"


def test_who_reported_finds_no_button_and_is_refused(office_client, office):
    project = reported(office)
    page = office_client.get(f"/projects/{project.number}").text

    assert "自分が報告した事業は、自分では確認できません" in main_text(page)
    assert not parse(page).select("form[action$='/confirm']")
    answer = office_client.post(f"/projects/{project.number}/confirm", data={"confirm-version": str(project.version)})
    assert (answer.status_code, stored(project).status) == (409, ProjectStatus.REPORTED)


def test_refuse_needs_a_reason_and_tells_it(office_client, division_client, division_staff):
    project = reported(division_staff)
    address = f"/projects/{project.number}"
    form = sent(office_client, address, "/refuse")

    without = office_client.post(f"{address}/refuse", data=form)
    given = office_client.post(f"{address}/refuse", data=form | {"refuse-reason": "期間の根拠がわからないため。"})

    assert (without.status_code, list(errors_beside_fields(without.text))) == (422, ["refuse-reason"])
    assert given.status_code == 303
    assert "期間の根拠がわからないため。" in main_text(division_client.get(address).text)


def test_two_people_who_edit_at_once_see_both_texts_and_either_can_be_kept(office_client, npo, approver, office):
    project = agreed(npo, approver, office)
    address = f"/projects/{project.number}/edit"
    mine, theirs = (sent(office_client, address) for _ in range(2))
    office_client.post(address, data=theirs | {"title": "先に保存した名前"})

    late = office_client.post(address, data=mine | {"title": "あとから保存した名前"})

    text = main_text(late.text)
    assert late.status_code == 409
    assert "先に保存した名前" in text
    assert "あとから保存した名前" in text
    assert stored(project).title == "先に保存した名前"
    resend = parse(late.text).select_one("main form[method=post]")
    again: dict[str, list[str]] = {}
    for control in resend.select("[name]"):
        again.setdefault(control["name"], []).append(control["value"])
    assert office_client.post(resend["action"], data=again).status_code == 303
    assert stored(project).title == "あとから保存した名前"
    assert [row.id for row in stored(project).divisions] == [row.id for row in db.session.scalars(select(Division))]


def test_edit_of_a_project_with_its_form_asks_for_what_it_counts_by(office_client, npo, approver, office):
    project = agreed(npo, approver, office)
    address = f"/projects/{project.number}/edit"
    typed = sent(office_client, address) | {"starts_on": "", "ends_on": ""}
    del typed["division_ids"]

    answer = office_client.post(address, data=typed)

    assert (answer.status_code, sorted(errors_beside_fields(answer.text))) == (
        422,
        ["division_ids", "ends_on", "starts_on"],
    )


def test_edit_keeps_a_division_that_has_ended(office_client, npo, approver, office):
    project = agreed(npo, approver, office)
    [division] = project.divisions
    with transaction():
        division.valid_until_on = TODAY - timedelta(days=1)
    address = f"/projects/{project.number}/edit"

    assert office_client.post(address, data=sent(office_client, address)).status_code == 303

    assert [row.id for row in stored(project).divisions] == [division.id]
