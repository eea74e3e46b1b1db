"""Looking back together: sealed sheets, talks, a summary that both sides agree to, lessons."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingKind
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects import reflection, reflection_queries, reflection_waiting, service
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.reflection import Answers
from matchmaker.projects.reflection_gaps import WIDE_GAP, gaps
from matchmaker.projects.reflection_models import ReflectionConsent, ReflectionRound
from matchmaker.projects.reflection_parties import coordinator_of, sides_of
from matchmaker.projects.reflection_questions import QUESTIONS, ReflectionParty, ReflectionStage
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from tests.support import records
from tests.support.client import InspectingClient, sign_in
from tests.support.pages import errors_beside_fields, main_text
from tests.support.queries import counted_queries

NPO, PREFECTURE = ReflectionParty.NPO, ReflectionParty.PREFECTURE
END = ReflectionStage.END
DAY = date(2026, 10, 1)
SECRET = "県の返事がおそくて困りました。"
SCORED = [one.key for one in QUESTIONS[END] if one.is_scored]


def full(score: int = 4, words: str = SECRET) -> Answers:
    return Answers(dict.fromkeys(SCORED, score), {"difficult": words})


@pytest.fixture
def project(npo: Organisation, approver: User) -> Project:
    proposal = records.proposal(npo, status=ProposalStatus.ADOPTED, title="放課後の学びの場")
    with transaction():
        made = service.open_from(proposal, actor=approver, at=clock.now())
        made.status, made.form, made.form_agreed_on = ProjectStatus.COMPLETED, CollaborationForm.CO_HOSTING, DAY
        made.starts_on = made.ends_on = DAY
    return made


@pytest.fixture
def coordinator(database: None) -> User:
    return records.staff(Role.COORDINATOR, name="協創 五郎")


@pytest.fixture
def round_(project: Project, office: User) -> ReflectionRound:
    return begun(project, office)


def begun(project: Project, office: User, stage: ReflectionStage = END) -> ReflectionRound:
    with transaction():
        due_on = clock.today() + timedelta(days=14)
        return reflection.begin(project, stage, due_on=due_on, actor=office, at=clock.now())


def handed_in(round_: ReflectionRound, side: ReflectionParty, actor: User, answers: Answers | None = None) -> None:
    with transaction():
        reflection.save_sheet(round_, side, answers or full(), version=0, actor=actor, at=clock.now())
        reflection.hand_in(round_, side, actor=actor, at=clock.now())


def both_in(round_: ReflectionRound, npo_member: User, office: User) -> None:
    handed_in(round_, NPO, npo_member, full(2))
    handed_in(round_, PREFECTURE, office, full(5, "会う日がなかなか決まりませんでした。"))


def summarised(round_: ReflectionRound, actor: User, summary: str = "目標の人数に届きました。") -> None:
    lessons = {3: "役割は、人の名前ではなく係の名前で決めておくと長続きします。"}
    with transaction():
        reflection.write_summary(
            round_, summary=summary, lessons=lessons, version=round_.version, actor=actor, at=clock.now()
        )


def agreed_to(round_: ReflectionRound, side: ReflectionParty, actor: User) -> bool:
    with transaction():
        return reflection.consent(round_, side, edition=round_.summary_edition, actor=actor, at=clock.now())


def address(round_: ReflectionRound, rest: str = "") -> str:
    return f"/projects/{round_.project.number}/reflection/{round_.position}{rest}"


# The rounds


@pytest.mark.parametrize("stage", list(ReflectionStage))
@pytest.mark.parametrize("status", list(ProjectStatus))
def test_each_stage_begins_in_its_states_and_is_refused_in_the_others(stage, status, project, npo, approver, office):
    other = records.proposal(npo, status=ProposalStatus.ADOPTED)
    with transaction():
        other_id = service.open_from(other, actor=approver, at=clock.now()).id
    with transaction():
        if status is ProjectStatus.STALLED:
            project.stalled_from, project.waiting_since_on, project.waiting_name = ProjectStatus.IN_PROGRESS, DAY, "県"
        if status is ProjectStatus.MERGED:
            project.merged_into_id, project.merged_on = other_id, DAY
        project.status = status
    if status in reflection.BEGINS_IN[stage]:
        assert begun(project, office, stage).stage is stage
    else:
        with pytest.raises(reflection.ReflectionRefused, match=status.label):
            begun(project, office, stage)


def test_a_round_does_not_begin_while_another_is_sealed(round_, project, office):
    with pytest.raises(reflection.ReflectionRefused, match="そろっていない"):
        begun(project, office)


def test_beginning_tells_both_sides(project, npo_member, office):
    clerk = records.staff(Role.DIVISION, name="担当 六郎")
    with transaction():
        project.divisions = [clerk.division]

    begun(project, office)

    told = db.session.scalars(select(Notice.to_user_id).where(Notice.kind == "reflection_begun")).all()
    assert sorted(told) == sorted([npo_member.id, clerk.id])


def test_a_company_partner_fills_in_a_sheet_of_its_own(project, company, office):
    with transaction():
        project.partners.append(ProjectPartner(kind=PartnerKind.COMPANY, organisation_id=company.id, name=company.name))

    assert sides_of(project) == [NPO, PREFECTURE, ReflectionParty.COMPANY]


# The seal


def test_nobody_of_the_other_side_reads_a_sheet_before_both_are_in(round_, npo_member, office, coordinator, app):
    with transaction():
        reflection.appoint(round_.project, coordinator, actor=office, at=clock.now())
    handed_in(round_, NPO, npo_member)

    for reader in (office, coordinator):
        client = sign_in(app.test_client(), reader)
        for rest in ("", "/sheet"):
            assert SECRET not in client.get(address(round_, rest)).text
        standing = reflection_queries.standing_of(reader, round_.project)
        assert reflection_queries.sheets_for(standing, round_) == []
    own = reflection_queries.standing_of(npo_member, round_.project)
    assert [sheet.party for sheet in reflection_queries.sheets_for(own, round_)] == [NPO]


def test_the_last_sheet_opens_all_of_them_to_those_who_take_part(round_, npo_member, office, npo_client):
    both_in(round_, npo_member, office)

    text = main_text(npo_client.get(address(round_)).text)
    assert round_.unsealed_at is not None
    assert SECRET in text
    assert "会う日がなかなか決まりませんでした。" in text
    assert "3段のちがい" in text


def test_others_do_not_learn_of_a_round_before_its_publication(round_, client, company_client, other_npo_client):
    for browser in (client, company_client, other_npo_client):
        assert browser.get(address(round_)).status_code == 404


def test_a_sheet_that_was_handed_in_can_be_taken_back_until_all_are_in(round_, npo_member, office):
    handed_in(round_, NPO, npo_member)
    with transaction():
        reflection.take_back(round_, NPO, actor=npo_member, at=clock.now())
    assert reflection.handed_in_sides(round_) == []

    sheet = reflection.sheet_of(round_, NPO)
    with transaction():
        reflection.save_sheet(round_, NPO, full(1), version=sheet.version, actor=npo_member, at=clock.now())
        reflection.hand_in(round_, NPO, actor=npo_member, at=clock.now())
    handed_in(round_, PREFECTURE, office)
    with pytest.raises(reflection.ReflectionRefused, match="もう開かれています"), transaction():
        reflection.take_back(round_, NPO, actor=npo_member, at=clock.now())


def test_an_incomplete_sheet_is_saved_and_not_handed_in(round_, npo_client):
    page = npo_client.post(address(round_, "/sheet"), data={"version": "0", "aims": "4", "then": "hand-in"})

    assert page.status_code == 422
    assert set(errors_beside_fields(page.text)) == {*SCORED} - {"aims"}
    assert reflection.sheet_of(round_, NPO).scores == {"aims": 4}
    assert reflection.handed_in_sides(round_) == []


def test_a_sheet_is_handed_in_from_its_page(round_, npo_client):
    answers = dict.fromkeys(SCORED, "3") | {"good": "会うたびに話が進みました。", "version": "0", "then": "hand-in"}

    npo_client.post(address(round_, "/sheet"), data=answers)

    assert "だれにも見えません" in main_text(npo_client.get(address(round_)).text)
    assert reflection.handed_in_sides(round_) == [NPO]


def test_two_people_of_one_side_see_both_texts(round_, npo, npo_client, npo_member):
    with transaction():
        reflection.save_sheet(round_, NPO, full(3, "先に保存した文"), version=0, actor=npo_member, at=clock.now())

    page = npo_client.post(address(round_, "/sheet"), data={"version": "0", "difficult": "あとから書いた文"})

    assert page.status_code == 409
    assert "先に保存した文" in page.text
    assert "あとから書いた文" in page.text


def test_an_old_sheet_is_not_saved_over_a_newer_one(round_, npo_member):
    with transaction():
        reflection.save_sheet(round_, NPO, full(), version=0, actor=npo_member, at=clock.now())
    with pytest.raises(EditConflict), transaction():
        reflection.save_sheet(round_, NPO, full(1), version=0, actor=npo_member, at=clock.now())


def test_the_office_opens_without_a_side_only_after_the_day_and_with_a_reason(round_, npo_member, office):
    handed_in(round_, NPO, npo_member)
    with pytest.raises(reflection.ReflectionRefused, match="期限が過ぎるまで"), transaction():
        reflection.open_early(round_, reason="県の担当が空席のため", actor=office, at=clock.now())
    late = clock.now() + timedelta(days=16)
    with pytest.raises(reflection.ReflectionRefused, match="理由を入力"), transaction():
        reflection.open_early(round_, reason=" ", actor=office, at=late)

    with transaction():
        reflection.open_early(round_, reason="県の担当が空席のため", actor=office, at=late)

    assert (round_.unsealed_at, round_.opened_early_reason) == (late, "県の担当が空席のため")


def test_an_empty_round_is_never_opened(round_, office):
    with pytest.raises(reflection.ReflectionRefused, match="まだない"), transaction():
        reflection.open_early(round_, reason="理由", actor=office, at=clock.now() + timedelta(days=16))


# Talks, summary, lessons


def test_the_coordinator_of_the_project_moderates_and_no_other(round_, npo_member, office, coordinator, app):
    both_in(round_, npo_member, office)
    other = records.staff(Role.COORDINATOR, name="協創 七郎")
    with transaction():
        reflection.appoint(round_.project, coordinator, actor=office, at=clock.now())
    said = {"held_on": clock.today().isoformat(), "notes": "たがいの見方を話しました。"}

    assert sign_in(app.test_client(), other).post(address(round_, "/talk"), data=said).status_code == 404
    moderator = sign_in(app.test_client(), coordinator)
    moderator.post(address(round_, "/talk"), data=said)

    assert "たがいの見方を話しました。" in main_text(moderator.get(address(round_)).text)
    assert [(talk.notes, talk.written_by_id) for talk in round_.talks] == [(said["notes"], coordinator.id)]


def test_a_new_coordinator_takes_the_place_of_the_one_before(project, office, coordinator):
    other = records.staff(Role.COORDINATOR, name="協創 七郎")
    for person in (coordinator, other):
        with transaction():
            reflection.appoint(project, person, actor=office, at=clock.now())

    assert coordinator_of(project).user_id == other.id


def test_nothing_is_public_before_every_side_agreed(round_, npo_member, office, client):
    both_in(round_, npo_member, office)
    summarised(round_, office)

    assert agreed_to(round_, NPO, npo_member) is False
    assert client.get(address(round_)).status_code == 404
    assert agreed_to(round_, PREFECTURE, office) is True

    text = main_text(client.get(address(round_)).text)
    assert "目標の人数に届きました。" in text
    assert SECRET not in text
    assert round_.project.status is ProjectStatus.REFLECTED


def test_a_rewritten_summary_asks_everybody_again(round_, npo_member, office):
    both_in(round_, npo_member, office)
    summarised(round_, office)
    agreed_to(round_, NPO, npo_member)

    summarised(round_, office, "目標の人数には届きませんでした。")

    assert reflection.consenting_sides(round_) == []
    assert [row.edition for row in db.session.scalars(select(ReflectionConsent))] == [1]


def test_agreeing_to_an_edition_that_was_rewritten_is_refused(round_, npo_member, office, npo_client):
    both_in(round_, npo_member, office)
    summarised(round_, office)
    summarised(round_, office, "新しいまとめ")

    page = npo_client.post(address(round_, "/consent"), data={"edition": "1"})

    assert page.status_code == 409
    assert "書き直されました" in page.text


def test_a_summary_is_written_on_its_page_and_shown_to_the_sides(round_, npo_member, office, office_client, npo_client):
    both_in(round_, npo_member, office)
    said = {"version": str(round_.version), "summary": "続ける価値があります。", "lesson_2": "日程は余裕をもって。"}

    office_client.post(address(round_, "/summary"), data=said)

    text = main_text(npo_client.get(address(round_)).text)
    assert "続ける価値があります。" in text
    assert "日程は余裕をもって。" in text
    assert "このまとめの公開に同意する" in npo_client.get(address(round_)).text


def test_lessons_appear_beside_the_section_that_they_concern(round_, npo_member, office, npo, npo_client, client):
    both_in(round_, npo_member, office)
    summarised(round_, office)
    agreed_to(round_, NPO, npo_member)
    agreed_to(round_, PREFECTURE, office)
    draft = records.proposal(npo, status=ProposalStatus.DRAFT)

    lesson = "役割は、人の名前ではなく係の名前で決めておくと長続きします。"
    assert lesson in npo_client.get(f"/proposals/{draft.public_number}/edit/3").text
    assert lesson not in npo_client.get(f"/proposals/{draft.public_number}/edit/2").text
    assert lesson in client.get("/projects/lessons").text
    assert lesson in client.get("/projects/lessons?section=3").text
    assert lesson not in client.get("/projects/lessons?section=1").text


def test_unpublished_lessons_are_nowhere(round_, npo_member, office, npo, npo_client, client):
    both_in(round_, npo_member, office)
    summarised(round_, office)
    draft = records.proposal(npo, status=ProposalStatus.DRAFT)

    for browser, page in ((client, "/projects/lessons"), (npo_client, f"/proposals/{draft.public_number}/edit/3")):
        assert "係の名前" not in browser.get(page).text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_lessons_costs_a_fixed_number_of_queries(rows, npo, npo_member, approver, office, client):
    for _ in range(rows):
        proposal = records.proposal(npo, status=ProposalStatus.ADOPTED)
        with transaction():
            project = service.open_from(proposal, actor=approver, at=clock.now())
            project.status, project.form, project.form_agreed_on = (
                ProjectStatus.COMPLETED,
                CollaborationForm.CO_HOSTING,
                DAY,
            )
            project.starts_on = project.ends_on = DAY
        one = begun(project, office)
        both_in(one, npo_member, office)
        summarised(one, office)
        agreed_to(one, NPO, npo_member)
        agreed_to(one, PREFECTURE, office)
    client.get("/projects/lessons")
    with counted_queries() as queries:
        client.get("/projects/lessons")
    assert len(queries) == LESSON_QUERIES


LESSON_QUERIES = 4


# The page that leads there


def test_the_projects_page_leads_those_who_take_part_to_the_reflection(round_, npo_client, client):
    page = f"/projects/{round_.project.number}"
    assert f"{page}/reflection" in npo_client.get(page).text
    assert f"{page}/reflection" not in client.get(page).text


def test_the_office_begins_a_round_and_names_a_coordinator_from_the_page(project, office_client, coordinator):
    page = f"/projects/{project.number}/reflection"
    due = (clock.today() + timedelta(days=10)).isoformat()

    office_client.post(f"{page}/begin", data={"stage": "end", "due_on": due})
    assert "ふりかえりを始めました" in office_client.get(page).text
    office_client.post(f"{page}/coordinator", data={"coordinator": str(coordinator.id)})

    assert coordinator_of(project).user_id == coordinator.id


def test_a_day_that_has_passed_is_refused_beside_its_field(project, office_client):
    page = office_client.post(
        f"/projects/{project.number}/reflection/begin", data={"stage": "end", "due_on": "2020-01-01"}
    )

    assert page.status_code == 422
    assert errors_beside_fields(page.text)["due_on"].endswith("明日からあとの日を入力してください")


def test_a_coordinator_finds_the_projects_accompanied(round_, office, coordinator, app):
    client: InspectingClient = sign_in(app.test_client(), coordinator)
    assert "いま頼まれている事業はありません" in client.get("/projects/coordinating").text
    with transaction():
        reflection.appoint(round_.project, coordinator, actor=office, at=clock.now())
    assert "放課後の学びの場" in client.get("/projects/coordinating").text


# The gaps, pure

_SCORES = st.dictionaries(st.sampled_from(SCORED), st.integers(1, 5))


@given(sheets=st.dictionaries(st.sampled_from(list(ReflectionParty)), _SCORES))
def test_gaps_hold_every_line_once_and_are_sorted_by_width(sheets):
    found = gaps(END, sheets)

    assert sorted(gap.question.key for gap in found) == sorted(SCORED)
    assert [gap.steps for gap in found] == sorted((gap.steps for gap in found), reverse=True)
    for gap in found:
        given_scores = [scores[gap.question.key] for scores in sheets.values() if gap.question.key in scores]
        assert sorted(gap.scores.values()) == sorted(given_scores)
        assert gap.steps == (max(given_scores) - min(given_scores) if len(given_scores) > 1 else 0)
        assert gap.is_wide == (gap.steps >= WIDE_GAP)


# What waits for whom


def kinds_waiting_for(person: User) -> list[WaitingKind]:
    return [item.kind for item in reflection_waiting.waiting_for(person)]


def test_each_step_waits_for_those_who_can_take_it(round_, npo_member, office, coordinator, company_member):
    with transaction():
        reflection.appoint(round_.project, coordinator, actor=office, at=clock.now())
    everybody = (npo_member, office, coordinator, company_member)

    def waiting() -> list[list[WaitingKind]]:
        return [kinds_waiting_for(person) for person in everybody]

    assert waiting() == [[WaitingKind.REFLECTION], [WaitingKind.REFLECTION], [], []]
    handed_in(round_, NPO, npo_member)
    assert waiting() == [[], [WaitingKind.REFLECTION], [], []]
    handed_in(round_, PREFECTURE, office)
    assert waiting() == [[], [], [WaitingKind.REFLECTION_SUMMARY], []]
    summarised(round_, coordinator)
    assert waiting() == [[WaitingKind.REFLECTION_CONSENT], [WaitingKind.REFLECTION_CONSENT], [], []]
    agreed_to(round_, NPO, npo_member)
    agreed_to(round_, PREFECTURE, office)
    assert waiting() == [[], [], [], []]


def test_without_a_coordinator_the_summary_waits_for_the_office(round_, npo_member, office):
    both_in(round_, npo_member, office)
    assert kinds_waiting_for(office) == [WaitingKind.REFLECTION_SUMMARY]
