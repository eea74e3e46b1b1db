"""Each action from each status, through the service and on the database."""

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.notices.models import Notice
from matchmaker.projects.models import Project
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import steps
from matchmaker.review.models import ReviewEvent
from matchmaker.review.workflow import RELEASES, STEPS, Action, Step
from tests.support.reviewing import People, decision_of, proposal_at, take

TABLE = {(step.action, step.from_status): step for step in STEPS}
OUTCOMES = {action: outcome for outcome, action in RELEASES.items()}
SUBMISSIONS = {Status.DRAFT: Action.SUBMIT, Status.RETURNED_FOR_FIX: Action.RESUBMIT}
CELLS = [(action, status) for action in Action for status in Status]

PERMISSION_OF = {step.action: step.permission for step in STEPS}


def expected_step(action: Action, status: Status) -> Step | None:
    """The table's row; submitting is one act that finds by itself whether it is the first time."""
    if action in SUBMISSIONS.values():
        action = SUBMISSIONS.get(status, action)
    return TABLE.get((action, status))


def test_the_table_has_each_cell_once():
    assert len(TABLE) == len(STEPS)


@pytest.mark.parametrize(("action", "status"), CELLS, ids=lambda term: term.value)
def test_each_action_from_each_status_is_taken_or_refused(action, status, npo, people: People, session):
    proposal = proposal_at(npo, status, people, OUTCOMES.get(action, next(iter(RELEASES))))
    actor = people.who_has(PERMISSION_OF[action])
    step = expected_step(action, status)

    if step is None:
        with pytest.raises(steps.StepRefused, match="。"):
            take(action, proposal, actor)
        assert (proposal.status, session.scalars(select(ReviewEvent)).all()) == (status, [])
        return

    take(action, proposal, actor)

    to_status = step.to_status or decision_of(proposal).drafted_from
    assert proposal.status is to_status
    [event] = session.scalars(select(ReviewEvent)).all()
    assert (event.action, event.from_status, event.to_status, event.actor_id) == (
        step.action,
        status,
        to_status,
        actor.id,
    )
    tags = [entry.tag.partition(":")[2] for entry in session.scalars(select(AuditEntry))]
    assert [tag for tag in tags if tag.startswith("proposal:")] == [f"proposal:{step.action.value}"]
    mail = steps.NOTICE_OF.get(step.action)
    assert [notice.kind for notice in session.scalars(select(Notice))] == ([mail] if mail else [])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.action.value}-from-{step.from_status.value}")
def test_each_step_is_refused_to_everybody_without_its_permission(
    step, npo, people: People, other_npo_member, company_member, division_staff, administrator, session
):
    proposal = proposal_at(npo, step.from_status, people, OUTCOMES.get(step.action, next(iter(RELEASES))))
    allowed = people.who_has(step.permission)
    everybody = [people.owner, people.office, people.approver, other_npo_member, company_member]
    for person in [*everybody, division_staff, administrator]:
        if person.id == allowed.id:
            continue
        with pytest.raises(steps.StepRefused, match="役割ではできません"):
            take(step.action, proposal, person)
    assert proposal.status is step.from_status


@pytest.mark.parametrize("step", [step for step in STEPS if step.needs_reason], ids=lambda step: step.action.value)
@pytest.mark.parametrize("blank", ["", " \n　"])
def test_a_step_that_needs_its_reason_is_refused_without(step, blank, npo, people: People, session):
    proposal = proposal_at(npo, step.from_status, people)

    with pytest.raises(steps.ReasonNeeded):
        take(step.action, proposal, people.who_has(step.permission), reason=blank)

    assert proposal.status is step.from_status


def test_the_reason_of_a_draft_is_kept_with_the_decision_and_not_in_the_proposers_events(npo, people: People, session):
    proposal = proposal_at(npo, Status.ACCEPTED, people)

    take(Action.DRAFT_DECISION, proposal, people.office, reason="効果が見込めるため。")

    assert decision_of(proposal).reason == "効果が見込めるため。"
    assert [event.reason for event in session.scalars(select(ReviewEvent))] == [""]


@pytest.mark.parametrize("action", list(RELEASES.values()), ids=lambda action: action.value)
def test_only_an_adoption_opens_a_project(action, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECIDED, people, OUTCOMES[action])

    take(action, proposal, people.approver)

    opened = [(project.proposal_id, project.status.value) for project in session.scalars(select(Project))]
    assert opened == ([(proposal.id, "working")] if action is Action.ADOPT else [])
