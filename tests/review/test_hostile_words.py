"""Strange words in the long forms of a decision and of what follows it: an answer, never an error page."""

import pytest
from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review.reconsideration_models import Reconsideration
from matchmaker.review.workflow import Action, Outcome
from tests.security.test_hostile_input import ALL, VALUES
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import parse
from tests.support.reviewing import People, decision_of, proposal_at, take

ANSWERS = {303, 409, 422}
CHOSEN = list(VALUES) if ALL else list(VALUES)[::5]


def names_in(html: str) -> list[str]:
    return [control["name"] for control in parse(html).select("main form[method=post] [name]")]


@pytest.mark.parametrize("kind", CHOSEN)
def test_no_words_break_a_draft_or_its_letter_or_its_papers(kind, npo, office_client, people: People):
    proposal = proposal_at(npo, Status.SCORED, people)
    path, value = f"/review/{proposal.number}", VALUES[kind]
    names = [name for name in names_in(office_client.get(path).text) if name.startswith("draft-decision-")]
    sources = {name: "text:issue" for name in names if name.endswith("-source")}
    said = dict.fromkeys(names, value) | sources | {"draft-decision-outcome": "adopt", "draft-decision-seen": "0"}

    drafted = office_client.post(f"{path}/draft-decision", data=said)

    assert drafted.status_code in ANSWERS
    decision = decision_of(proposal)
    letter = f"{path}/letters/{decision.id}"
    words = dict.fromkeys(["subject", "body", "sender", "public_text"], value) | {"version": "1"}
    assert office_client.post(letter, data=words).status_code in ANSWERS
    for address in (path, letter, f"{letter}.pdf", f"{path}/drafts/{decision.id}.pdf"):
        assert office_client.get(address).status_code == 200


@pytest.mark.parametrize("kind", CHOSEN)
def test_no_words_break_a_request_to_reconsider_or_its_answer(
    kind, app, npo, npo_client, approver_client, people: People
):
    proposal = proposal_at(npo, Status.DECIDED, people, Outcome.REJECT)
    take(Action.REJECT, proposal, people.approver)
    path, value = f"/proposals/{proposal.number}/reconsideration", VALUES[kind]

    asked = npo_client.post(path, data={"points-0-reason": value, "points-6-reason": value})

    assert asked.status_code in ANSWERS
    if asked.status_code == 303:
        office = sign_in(app.test_client(), records.staff(Role.NPO_OFFICE))
        [request] = db.session.scalars(select(Reconsideration))
        staff = f"/review/{proposal.number}/reconsiderations/{request.id}"
        said = {"version": "1", "verdict": "upheld", "answer": value}
        assert office.post(f"{staff}/answer", data=said).status_code in ANSWERS
        assert approver_client.post(f"{staff}/decide", data={"version": "2"}).status_code in ANSWERS
        assert approver_client.get(staff).status_code == 200
    assert npo_client.get(path).status_code == 200


@pytest.mark.parametrize("kind", CHOSEN)
def test_no_words_break_a_disclosure_request(kind, npo, office_client, approver_client, people: People):
    proposal = proposal_at(npo, Status.DECIDED, people)
    value = VALUES[kind]
    facts = {"received_on": "2026-11-20", "due_on": "2099-01-01"}

    made = office_client.post("/review/disclosures/new", data=facts | {"requester": value, "subject": value})

    assert made.status_code in ANSWERS
    odd_days = dict.fromkeys(["requester", "subject", "received_on", "due_on"], value)
    assert office_client.post("/review/disclosures/new", data=odd_days).status_code in ANSWERS
    if made.status_code == 303:
        path = made.location
        for step, names in (("items", ["item-number", "item-kinds"]), ("consult", ["consult-organisation"])):
            assert office_client.post(f"{path}/{step}", data=dict.fromkeys(names, value)).status_code in ANSWERS
        added = {"item-number": proposal.number, "item-kinds": ["proposal"]}
        assert office_client.post(f"{path}/items", data=added).status_code == 303
        for ending in ("", ".pdf", ".csv"):
            assert office_client.get(path + ending).status_code == 200
        said = {"decision-reason": value, "decision-version": value}
        assert approver_client.post(f"{path}/decide", data=said).status_code in ANSWERS
