"""The queue and the decision page."""

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import StaffRole
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects.models import Project
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import workflow
from matchmaker.review.models import Decision, DecisionStage, ReviewEvent
from matchmaker.review.workflow import RELEASES, Action, Outcome
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries
from tests.support.reviewing import SECRET_NEXT_STEP, SECRET_REASON, People, decision_of, proposal_at, take


def sent_forms(html: str) -> dict[str, dict[str, str]]:
    """The forms of the page by the end of their address, each with the values it would send."""
    forms = {}
    for form in parse(html).select("main form[method=post]"):
        values = {}
        for control in form.select("[name]"):
            if control.name == "select":
                chosen = control.select_one("option[selected]") or control.select_one("option")
                values[control["name"]] = chosen["value"]
            elif control.name == "textarea":
                values[control["name"]] = control.get_text().lstrip("\r\n")
            elif control.get("type") not in {"checkbox", "radio"} or control.has_attr("checked"):
                values[control["name"]] = control.get("value", "")
        forms[form["action"].rpartition("/")[2]] = values
    return forms


def filled(draft: dict[str, str]) -> dict[str, str]:
    """A draft with a finding and a source under each criterion."""
    asked = {name for name in draft if name.endswith("-finding")}
    findings = dict.fromkeys(asked, "十分です。")
    return draft | findings | {name.replace("-finding", "-source"): "text:issue" for name in asked}


def stored(proposal: Proposal) -> Proposal:
    return db.session.scalars(select(Proposal).where(Proposal.id == proposal.id)).one()


def test_queue_shows_what_is_under_way_before_what_has_ended_and_no_drafts(office_client, npo, people: People):
    records.proposal(npo)
    adopted = proposal_at(npo, Status.ADOPTED, people)
    submitted = proposal_at(npo, Status.SUBMITTED, people)

    page = parse(office_client.get("/review").text)

    assert [link["href"] for link in page.select(".card a")] == [
        f"/review/{submitted.number}",
        f"/review/{adopted.number}",
    ]


def test_queue_says_since_when_a_proposal_waits(office_client, npo, people: People):
    proposal = proposal_at(npo, Status.SUBMITTED, people)
    take(Action.ACCEPT, proposal, people.office)

    assert "から（今日）" in main_text(office_client.get("/review").text)


def test_queue_filters_by_word_and_status(office_client, npo, people: People):
    proposal_at(npo, Status.SUBMITTED, people)
    found = records.proposal(npo, status=Status.ACCEPTED, title="里山の竹を活かす")

    page = parse(office_client.get("/review?status=accepted&q=活カス　竹").text)
    none = main_text(office_client.get("/review?q=里山 海").text)

    assert [link["href"] for link in page.select(".card a")] == [f"/review/{found.number}"]
    assert "この条件に合う提案はありません" in none


@pytest.mark.parametrize(
    "odd", ["status=nothing", "page=0", "page=-1", "page=99999999999999999999", "page=２", "stalled=x"]
)
def test_queue_reads_odd_addresses_as_nothing_asked(odd, office_client, npo, people: People):
    proposal_at(npo, Status.SUBMITTED, people)

    assert len(parse(office_client.get(f"/review?{odd}").text).select(".card")) == 1


def test_queue_sends_the_same_number_of_queries_for_one_and_three(office_client, npo, people: People):
    proposal_at(npo, Status.SUBMITTED, people)
    with counted_queries() as one:
        office_client.get("/review")
    for _ in range(2):
        proposal_at(npo, Status.SUBMITTED, people)
    with counted_queries() as three:
        office_client.get("/review")

    assert len(one) == len(three)


@pytest.mark.parametrize("kind", ["npo_client", "company_client", "division_client", "administrator_client"])
def test_review_pages_are_closed_to_others(kind, npo, people: People, request):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    client = request.getfixturevalue(kind)

    assert [client.get(path).status_code for path in ("/review", f"/review/{proposal.number}")] == [403, 403]


def test_review_page_of_a_draft_is_not_found(office_client, npo):
    draft = records.proposal(npo)

    assert office_client.get(f"/review/{draft.draft_number}").status_code == 404


def offered_to(person, status: Status) -> set[str]:
    """The table's steps as the page names them: every release is one button."""
    names = {step.action for step in workflow.steps_from(status, person.permissions)} - {Action.WITHDRAW}
    return {"release" if action in RELEASES.values() else action.value for action in names}


def steps_on(html: str) -> set[str]:
    """What the page offers: forms, and links to the pages that some steps have."""
    links = {link["data-step"] for link in parse(html).select("main a[data-step]")}
    return links | {name for name in sent_forms(html) if name in {*Action, "release"}}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT], ids=lambda s: s.value)
def test_decision_page_offers_each_reviewer_exactly_the_steps_of_the_table(
    status, office_client, approver_client, npo, people: People
):
    proposal = proposal_at(npo, status, people)

    offered = [steps_on(client.get(f"/review/{proposal.number}").text) for client in (office_client, approver_client)]

    assert offered == [offered_to(people.office, status), offered_to(people.approver, status)]


def test_the_office_brings_a_proposal_from_the_queue_to_a_draft_and_the_approver_to_a_result(
    office_client, approver_client, npo, people: People, session
):
    proposal = proposal_at(npo, Status.SUBMITTED, people)
    path = f"/review/{proposal.number}"

    take(Action.ACCEPT, proposal, people.office)
    draft = filled(sent_forms(office_client.get(path).text)["draft-decision"]) | {
        "draft-decision-outcome": "adopt",
        "draft-decision-reason": "県と行う効果が大きいため。",
        "draft-decision-next_step": "来月に打合せをします。",
    }
    assert office_client.post(f"{path}/draft-decision", data=draft).status_code == 303
    page = approver_client.get(path).text
    assert "県と行う効果が大きいため。" in main_text(page)
    assert approver_client.post(f"{path}/decide", data=sent_forms(page)["decide"]).status_code == 303

    decision = session.scalars(select(Decision).where(Decision.stage == DecisionStage.RELEASED)).one()
    assert (decision.outcome, decision.reason) == (Outcome.ADOPT, "県と行う効果が大きいため。")
    assert (decision.drafted_by_id, decision.decided_by_id) == (people.office.id, people.approver.id)
    assert stored(proposal).status is Status.ADOPTED
    assert [event.action for event in session.scalars(select(ReviewEvent).order_by(ReviewEvent.id))] == [
        Action.ACCEPT,
        Action.DRAFT_DECISION,
        Action.DECIDE,
        Action.ADOPT,
    ]
    [project] = session.scalars(select(Project)).all()
    assert (project.number, project.proposal_id, [row.name for row in project.partners]) == (
        "R8-P001",
        proposal.id,
        ["みえ子ども応援団"],
    )
    [accepted, result] = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert (accepted.kind, result.kind, result.to_user_id) == (
        "proposal_accepted",
        "decision_released",
        people.owner.id,
    )
    for words in (
        "採択",
        "県と行う効果が大きいため。",
        "来月に打合せをします。",
        "R8-P001",
        f"/proposals/{proposal.number}",
    ):
        assert words in result.body


def test_a_decision_that_is_not_released_stays_in_the_house_until_the_button_is_pressed(
    approver_client, npo, people: People, session
):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    path = f"/review/{proposal.number}"
    decide = sent_forms(approver_client.get(path).text)["decide"]
    del decide["decide-release_now"]

    approver_client.post(f"{path}/decide", data=decide)

    assert (stored(proposal).status, session.scalars(select(Notice)).all()) == (Status.DECIDED, [])
    approver_client.post(f"{path}/release", data=sent_forms(approver_client.get(path).text)["release"])
    assert stored(proposal).status is Status.ADOPTED
    assert [notice.kind for notice in session.scalars(select(Notice))] == ["decision_released"]


def test_a_draft_that_was_sent_back_is_the_start_of_the_next_one(office_client, approver_client, npo, people: People):
    proposal = proposal_at(npo, Status.SUBMITTED, people)
    take(Action.ACCEPT, proposal, people.office)
    take(Action.DRAFT_DECISION, proposal, people.office, reason=SECRET_REASON)
    path = f"/review/{proposal.number}"
    send_back = sent_forms(approver_client.get(path).text)["send-back"] | {"send-back-reason": "費用の根拠も書く。"}

    assert approver_client.post(f"{path}/send-back", data=send_back).status_code == 303

    page = office_client.get(path).text
    draft = sent_forms(page)["draft-decision"]
    assert "費用の根拠も書く。" in main_text(page)
    assert (draft["draft-decision-reason"], draft["draft-decision-outcome"]) == (SECRET_REASON, "adopt")
    assert draft["draft-decision-grounds-0-source"] == "text:issue"
    assert office_client.post(f"{path}/draft-decision", data=draft).status_code == 303
    stages = [decision.stage for decision in db.session.scalars(select(Decision).order_by(Decision.id))]
    assert stages[1:] == [DecisionStage.SENT_BACK, DecisionStage.DRAFTED]


@pytest.mark.parametrize("reason", ["", "　\u200b\n", "あ" * 2001])
def test_a_reason_that_is_missing_or_too_long_is_told_beside_its_field(reason, approver_client, npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    path = f"/review/{proposal.number}"
    typed = sent_forms(approver_client.get(path).text)["send-back"] | {"send-back-reason": reason}

    response = approver_client.post(f"{path}/send-back", data=typed)

    assert (response.status_code, list(errors_beside_fields(response.text))) == (422, ["send-back-reason"])


def test_to_refer_without_saying_what_happens_next_is_not_enough(office_client, npo, people: People):
    proposal = proposal_at(npo, Status.ACCEPTED, people)
    path = f"/review/{proposal.number}"
    typed = filled(sent_forms(office_client.get(path).text)["draft-decision"]) | {
        "draft-decision-grant_keys": ["wam"],
        "draft-decision-outcome": "refer",
        "draft-decision-reason": "担当課の事業と重なるため。",
        "draft-decision-next_step": "",
    }

    response = office_client.post(f"{path}/draft-decision", data=typed)

    assert (response.status_code, list(errors_beside_fields(response.text))) == (422, ["draft-decision-next_step"])


def test_a_second_click_acts_once_and_says_so(approver_client, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    path = f"/review/{proposal.number}"
    typed = sent_forms(approver_client.get(path).text)["send-back"] | {"send-back-reason": "費用の根拠も書く。"}

    answers = [approver_client.post(f"{path}/send-back", data=typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "「差し戻す」は、あなたがすでに行いました" in main_text(answers[1].text)
    assert len(session.scalars(select(ReviewEvent)).all()) == 1


def test_of_two_approvers_one_decides_and_the_other_keeps_the_reason_typed(
    app, approver_client, npo, people: People, session
):

    other_client = sign_in(app.test_client(), records.staff(Role.APPROVER, name="決裁 五郎"))
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    path = f"/review/{proposal.number}"
    first, second = (sent_forms(client.get(path).text) for client in (approver_client, other_client))

    decided = approver_client.post(f"{path}/decide", data=first["decide"])
    late = other_client.post(f"{path}/send-back", data=second["send-back"] | {"send-back-reason": "もう少し詳しく。"})

    assert (decided.status_code, late.status_code) == (303, 409)
    assert "もう少し詳しく。" in main_text(late.text)
    assert "決裁 次郎さんが" in main_text(late.text)
    assert stored(proposal).status is Status.ADOPTED


def test_the_drafter_with_both_roles_finds_no_button_and_is_refused(app, npo, people: People):

    with transaction():
        db.session.add(StaffRole(user_id=people.office.id, role=Role.APPROVER, granted_at=records.LONG_AGO))
    client = sign_in(app.test_client(), people.office)
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    path = f"/review/{proposal.number}"
    page = client.get(path).text

    assert "この起案をした人は、決裁できません" in main_text(page)
    forged = {"decide-seen": "0", "decide-decision_id": str(decision_of(proposal).id), "decide-release_now": "y"}
    refused = client.post(f"{path}/decide", data=forged)
    assert (refused.status_code, stored(proposal).status) == (409, Status.DECISION_DRAFTED)
    assert "起案した人は、決裁できません" in main_text(refused.text)
    assert "decide" not in sent_forms(page)


@pytest.mark.parametrize("forged", ["", "0", "999999", "x", "-1", "１", "9" * 40])
def test_a_decision_that_is_not_the_proposals_is_not_found(forged, approver_client, npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)

    answer = approver_client.post(
        f"/review/{proposal.number}/decide", data={"decide-seen": "0", "decide-decision_id": forged}
    )

    assert (answer.status_code, stored(proposal).status) == (404, Status.DECISION_DRAFTED)


def test_script_in_a_proposal_is_shown_as_text(office_client, npo, people: People):
    proposal = records.proposal(npo, status=Status.SUBMITTED, title="<script>alert(1)</script>", issue="<img src=x>")

    page = parse(office_client.get(f"/review/{proposal.number}").text)

    assert page.h1.get_text() == "<script>alert(1)</script>"
    assert not page.select("main script, main img")


def test_next_step_is_part_of_the_page_of_a_decision(approver_client, npo, people: People):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)

    assert SECRET_NEXT_STEP in main_text(approver_client.get(f"/review/{proposal.number}").text)
