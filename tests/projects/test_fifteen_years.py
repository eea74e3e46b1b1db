"""Projects that live long: divisions and NPOs renamed and merged, projects continued and merged; nothing is lost."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory import divisions, names
from matchmaker.directory import queries as directory
from matchmaker.directory.divisions import CannotSucceed, current_id, line_of
from matchmaker.directory.models import Division
from matchmaker.directory.queries import DirectoryFilter
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import first_day, fiscal_year_of, last_day
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators.counting import CountingFacts, Obstacle, counted_years, judge
from matchmaker.indicators.queries import counting_for
from matchmaker.projects import continuing, parties, queries
from matchmaker.projects.continuing import CannotMerge
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.queries import ProjectFilter
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from tests.support import records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import main_text
from tests.support.projects import TODAY, born, in_progress, staff_of

AT = clock.now()


def division_of_2003() -> Division:
    with transaction():
        row = Division(name="NPOチーム", department="生活部", valid_from_on=date(2003, 4, 1))
        db.session.add(row)
    return row


def helpline(npo, division, office: User, **values) -> Project:
    """The project that the proposal of 2003 became: it has run ever since."""
    defaults = {
        "number": "H15-P001",
        "title": "子どもの声を受け止める電話",
        "status": ProjectStatus.IN_PROGRESS,
        "form": CollaborationForm.AGREEMENT,
        "form_agreed_on": date(2004, 1, 15),
        "starts_on": date(2004, 1, 15),
        "ends_on": date(2021, 3, 31),
        "confirmed_at": AT,
        "confirmed_by_id": office.id,
        "created_at": AT,
        "partners": [ProjectPartner(kind=PartnerKind.NPO, name=npo.name, organisation_id=npo.id)],
        "divisions": [division],
    }
    with transaction():
        project = Project(**(defaults | values))
        db.session.add(project)
    return project


def renamed(division, name, department, on, office) -> Division:
    with transaction():
        after = divisions.rename(division, name, department, on=on, actor_id=office.id, at=AT)
        continuing.refresh_names(division=division)
    return after


def test_a_project_of_2003_is_kept_across_two_renamings_of_its_division(client, npo, office):
    first = division_of_2003()
    project = helpline(npo, first, office)

    second = renamed(first, "男女共同参画・NPO課", "環境生活部", date(2008, 4, 1), office)
    third = renamed(second, "ダイバーシティ社会推進課", "環境生活部", date(2019, 4, 1), office)
    officer, stranger = staff_of(third, "担当 六郎"), staff_of(records.division("国際室"), "国際 七郎")

    text = main_text(client.get("/projects/H15-P001").text)
    assert "生活部 NPOチーム（いまは 環境生活部 ダイバーシティ社会推進課）" in text
    assert [(row.valid_from_on, row.valid_until_on) for row in (first, second, third)] == [
        (date(2003, 4, 1), date(2008, 3, 31)),
        (date(2008, 4, 1), date(2019, 3, 31)),
        (date(2019, 4, 1), None),
    ]
    assert [year.fy for year in counting_for(project)][:3] == [2003, 2004, 2005]
    assert list(counted_years(facts_of(project))) == list(range(2003, 2021))
    found = {
        words: [row.number for row in queries.list_public(ProjectFilter(text=words)).items]
        for words in ("NPOチーム", "ダイバーシティ", "国際室")
    }
    assert found == {"NPOチーム": ["H15-P001"], "ダイバーシティ": ["H15-P001"], "国際室": []}
    assert [bool(parties.parties_for(user, project)) for user in (officer, stranger)] == [True, False]


def facts_of(project: Project) -> CountingFacts:
    return CountingFacts(project.form, project.starts_on, project.ends_on, 1, 1, True, merged_on=project.merged_on)


def test_staff_of_the_old_name_and_of_a_merged_division_go_on_with_the_project(npo, office):
    first, other = division_of_2003(), records.division("国際室")
    project, old_staff = helpline(npo, first, office), staff_of(first, "旧課 八郎")
    with transaction():
        divisions.merge_into(first, other, on=TODAY, actor_id=office.id, at=AT)
    new_staff = staff_of(other, "国際 七郎")

    assert [one.key for user in (old_staff, new_staff) for one in parties.parties_for(user, project)] == [
        f"division-{first.id}",
        f"division-{first.id}",
    ]
    assert {one.id for one in parties.people_of(project, [f"division-{first.id}"])} == {old_staff.id, new_staff.id}


def test_staff_of_a_renamed_division_report_for_it_under_its_new_name(app, office):
    first = division_of_2003()
    reporter = staff_of(first, "旧課 八郎")
    after = renamed(first, "NPO課", "生活部", TODAY, office)
    browser = sign_in(app.test_client(), reporter)

    typed = opened(browser, "/projects/report")

    assert typed["division_ids"] == [str(after.id)]


@pytest.mark.parametrize(
    "case", ["same name", "before it began", "into itself", "into its successor", "into an ended one", "twice"]
)
def test_a_succession_that_cannot_be_is_refused(case, office):
    first, other = division_of_2003(), records.division("国際室")
    day = date(2020, 4, 1)
    values = {"actor_id": office.id, "at": AT}
    if case == "into its successor":
        renamed(first, "NPO課", "生活部", day, office)
    if case in {"into an ended one", "twice"}:
        with transaction():
            divisions.merge_into(other, first, on=date(2019, 4, 1), **values)
    acts = {
        "same name": lambda: divisions.rename(first, first.name, first.department, on=day, **values),
        "before it began": lambda: divisions.rename(first, "NPO課", "生活部", on=date(2003, 4, 1), **values),
        "into itself": lambda: divisions.merge_into(first, first, on=day, **values),
        "into its successor": lambda: divisions.merge_into(
            first, db.session.get(Division, first.successor_id), on=day, **values
        ),
        "into an ended one": lambda: divisions.merge_into(first, other, on=day, **values),
        "twice": lambda: divisions.merge_into(other, first, on=day, **values),
    }

    with pytest.raises(CannotSucceed, match=r"。$"), transaction():
        acts[case]()


@given(st.dictionaries(st.integers(1, 8), st.integers(1, 8), max_size=8))
def test_every_division_is_in_one_line_only(follows):
    lines = {line_of(one, follows) for one in range(1, 9)}

    assert all(one in line_of(one, follows) for one in range(1, 9))
    if not any(current_id(one, follows) in follows for one in follows):  # no rings, which the service refuses
        assert sum(map(len, lines)) == 8


def test_an_organisation_is_found_by_its_old_name_and_the_project_says_what_it_is_now(client, npo, approver, office):
    project, before = born(npo, approver), npo.name
    with transaction():
        names.rename(npo, "みえ子どもネット", "ミエコドモネット", on=date(2026, 10, 1), actor_id=office.id, at=AT)
        continuing.refresh_names(organisation=npo)

    def found(words):
        return [row.number for row in directory.list_public(DirectoryFilter(words=words), page=1).items]

    assert (found(before), found("子どもネット"), npo.is_verified) == ([npo.number], [npo.number], True)
    assert [(row.name, row.until_on) for row in npo.former_names] == [(before, date(2026, 9, 30))]
    assert f"{before} （いまは みえ子どもネット）" in main_text(client.get(f"/projects/{project.number}").text)
    assert queries.list_public(ProjectFilter(text="子どもネット")).total == 1


def test_members_of_the_organisation_that_another_became_part_of_take_its_place(
    npo, other_npo, npo_member, other_npo_member, approver, office
):
    project = born(npo, approver)

    with transaction():
        names.merge(npo, other_npo, on=TODAY, actor_id=office.id, at=AT)

    assert [bool(parties.parties_for(user, project)) for user in (npo_member, other_npo_member)] == [True, True]
    found = directory.list_public(DirectoryFilter(words=npo.name), page=1).items
    assert {row.number for row in found} == {npo.number, other_npo.number}


@pytest.mark.parametrize("case", ["itself", "a company", "twice", "one that merged", "one not checked"])
def test_a_merger_that_cannot_be_is_refused(case, npo, other_npo, company, office):
    third = records.organisation(Side.NPO, name="第三の会", is_verified=case != "one not checked")
    if case == "twice":
        with transaction():
            names.merge(npo, third, on=TODAY, actor_id=office.id, at=AT)
    if case == "one that merged":
        with transaction():
            names.merge(other_npo, third, on=TODAY, actor_id=office.id, at=AT)
    into = {"itself": npo, "a company": company, "twice": other_npo, "one not checked": third}.get(case, other_npo)

    with pytest.raises(names.CannotMerge, match=r"。$"), transaction():
        names.merge(npo, into, on=TODAY, actor_id=office.id, at=AT)


def test_a_continued_project_opens_the_next_year_with_the_parties_of_today(npo, approver, office):
    division = records.division()
    project = in_progress(born(npo, approver, division), office)
    with transaction():
        project.status = ProjectStatus.COMPLETED
        names.rename(npo, "みえ子どもネット", "", on=TODAY, actor_id=office.id, at=AT)
    after = renamed(division, "新しい課", "環境生活部", TODAY, office)

    with transaction():
        following = continuing.continue_next_year(project, actor=office, at=AT)

    assert (project.status, following.status, following.continues_id, following.form) == (
        ProjectStatus.CONTINUED,
        ProjectStatus.WORKING,
        project.id,
        None,
    )
    assert ([row.name for row in following.partners], [row.id for row in following.divisions]) == (
        ["みえ子どもネット"],
        [after.id],
    )
    next_year = fiscal_year_of(project.ends_on) + 1
    assert (following.starts_on, following.ends_on) == (first_day(next_year), last_day(next_year))


def merged(project, into, on, office) -> None:
    with transaction():
        continuing.merge(project, into, on=on, reason="同じ事業のため。", actor=office, at=AT)


def test_a_merged_project_is_kept_and_not_counted_twice(client, npo, office):
    division = division_of_2003()
    goes_on = helpline(npo, division, office, number="H15-P001", ends_on=date(2027, 3, 31))
    ends = helpline(npo, division, office, number="H15-P002", title="子どもの電話", ends_on=date(2027, 3, 31))

    merged(ends, goes_on, date(2020, 10, 1), office)

    assert list(counted_years(facts_of(ends))) == list(range(2003, 2020))
    assert judge(facts_of(ends), 2020).obstacles == (Obstacle.MERGED,)
    assert list(counted_years(facts_of(goes_on))) == list(range(2003, 2027))
    text = main_text(client.get("/projects/H15-P002").text)
    assert "令和2年10月1日に次の事業に統合されました： H15-P001" in text
    assert "令和2年10月1日に H15-P001 に統合されたため" in text


@pytest.mark.parametrize("case", ["itself", "ended", "reported"])
def test_a_project_merges_only_into_one_that_goes_on(case, npo, approver, office):
    project, other = born(npo, approver), born(npo, approver)
    with transaction():
        if case != "itself":
            other.status = ProjectStatus.CLOSED if case == "ended" else ProjectStatus.REPORTED

    with pytest.raises(CannotMerge, match=r"。$"):
        merged(project, project if case == "itself" else other, TODAY, office)


def test_the_office_renames_and_merges_divisions_on_a_page(office_client, npo_client, session):
    first, other = division_of_2003(), records.division("国際室")
    address = f"/divisions/{first.id}/successor"
    rename = {"how": "rename", "on": "2008-04-01", "name": "NPO課", "department": "生活部", "successor": ""}

    assert office_client.post(address, data=rename | {"name": ""}).status_code == 422
    assert office_client.post(address, data=rename).location == "/divisions"
    second = session.scalars(select(Division).where(Division.name == "NPO課")).one()
    merge = {"how": "merge", "on": "2020-04-01", "name": "", "department": "", "successor": str(other.id)}
    assert office_client.post(f"/divisions/{second.id}/successor", data=merge).location == "/divisions"
    again = office_client.post(address, data=rename | {"name": "別の課"})
    assert (again.status_code, "すでに記録されています" in main_text(again.text)) == (422, True)
    assert "環境生活部 国際室" in main_text(office_client.get("/divisions").text)
    assert npo_client.get(address).status_code == 403


def test_the_office_renames_and_merges_organisations_on_a_page(office_client, npo_client, client, npo, other_npo):
    before, address = npo.name, f"/organisations/{npo.number}"
    rename = {"name": "みえ子どもネット", "kana": "ミエコドモネット", "on": "2026-10-01"}

    assert office_client.post(f"{address}/names", data=rename).status_code == 303
    assert (
        office_client.post(f"{address}/names", data=rename | {"name": "別の名", "on": "2026-09-01"}).status_code == 422
    )
    assert f"前の名前 {before}（令和8年9月30日まで）" in main_text(client.get(address).text)
    assert office_client.post(f"{address}/merge", data={"into": "O-99999", "on": "2026-11-01"}).status_code == 422
    merge = {"into": other_npo.number.lower(), "on": "2026-11-01"}
    assert office_client.post(f"{address}/merge", data=merge).location == address
    assert f"いまは {other_npo.name}" in main_text(client.get(address).text)
    assert [npo_client.get(f"{address}/{page}").status_code for page in ("names", "merge")] == [403, 403]


def test_a_member_who_changes_the_name_keeps_the_old_one_findable(npo_client, npo):
    before, address = npo.name, f"/organisations/{npo.number}/edit"
    typed = opened(npo_client, address) | {"organisation_name": ["みえ子どもネット"]}

    assert npo_client.post(address, data=typed).status_code == 303
    db.session.refresh(npo)

    assert [(row.name, row.from_on, row.until_on) for row in npo.former_names] == [(before, None, TODAY)]
