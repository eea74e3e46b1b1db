"""The table of a project's life: each action in each state, for each part, is allowed or refused with a sentence."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation.transaction import transaction
from matchmaker.projects import lifecycle, service, workflow
from matchmaker.projects.status import ENDED, ProjectAction, ProjectStatus
from matchmaker.projects.workflow import STEP_ACTIONS, STEPS, Part
from tests.support import records
from tests.support.projects import born, place, staff_of, with_company

A, S = ProjectAction, ProjectStatus
RUNNING = {S.WORKING, S.AGREED, S.CONTRACTED, S.IN_PROGRESS}
UNDERWAY = RUNNING | {S.STALLED}
EVERYBODY = {Part.OFFICE, Part.DIVISION, Part.NPO, Part.COMPANY}
OFFICE, PREFECTURE = {Part.OFFICE}, {Part.OFFICE, Part.DIVISION}

WANTED: dict[ProjectAction, tuple[set[ProjectStatus], set[Part]]] = {
    A.CONFIRM: ({S.REPORTED}, OFFICE),
    A.REFUSE: ({S.REPORTED}, OFFICE),
    A.AGREE: ({S.WORKING, S.STALLED}, EVERYBODY),
    A.CONTRACT: ({S.AGREED}, PREFECTURE),
    A.START: ({S.AGREED, S.CONTRACTED}, EVERYBODY),
    A.STALL: (RUNNING, EVERYBODY),
    A.RESUME: ({S.STALLED}, EVERYBODY),
    A.REROUTE: (UNDERWAY, OFFICE),
    A.DISSOLVE: (UNDERWAY, OFFICE),
    A.COMPLETE: ({S.IN_PROGRESS}, PREFECTURE),
    A.REFLECT: ({S.COMPLETED}, EVERYBODY),
    A.CLOSE: ({S.COMPLETED, S.REFLECTED}, OFFICE),
    A.CONTINUE: ({S.COMPLETED, S.REFLECTED}, OFFICE),
    A.MERGE: (UNDERWAY | {S.REPORTED, S.COMPLETED, S.REFLECTED, S.CLOSED}, OFFICE),
    A.PART: ({S.MERGED}, OFFICE),
}
"""Where each action starts, and whose it is; written from the process, not from the table."""


def test_the_table_holds_exactly_the_wanted_steps():
    held = {
        action: (
            {step.from_status for step in STEPS if step.action is action},
            {part for step in STEPS if step.action is action for part in step.parts},
        )
        for action in STEP_ACTIONS
    }

    assert held == WANTED


def test_no_state_has_two_steps_of_one_action():
    keys = [(step.action, step.from_status) for step in STEPS]

    assert len(keys) == len(set(keys))


def test_every_state_but_the_ended_ones_leads_on_and_can_be_reached():
    left = {step.from_status for step in STEPS}
    reached = {step.to_status for step in STEPS} | {S.REPORTED, S.WORKING, S.AGREED}

    assert set(ProjectStatus) - left == ENDED - {S.CLOSED, S.MERGED}
    assert set(ProjectStatus) - reached == set()


@given(st.sampled_from(ProjectAction), st.sampled_from(ProjectStatus), st.frozensets(st.sampled_from(Part)), st.text())
def test_a_step_is_taken_only_as_the_table_says(action, status, parts, reason):
    rows = [step for step in STEPS if step.action is action and step.from_status is status]
    allowed = [step for step in rows if step.parts & parts and (reason.strip() or not step.needs_reason)]

    if allowed:
        assert workflow.take(action, status, parts, reason) == allowed[0]
    else:
        with pytest.raises(workflow.StepNotAllowed):
            workflow.take(action, status, parts, reason)


@pytest.fixture
def people(npo, npo_member, company, company_member, approver, office, session):
    """A project with an NPO, a company and a division, another one, and somebody for each part."""
    division = records.division()
    project, other = born(npo, approver, division), born(npo, approver)
    with_company(project, company)
    acting = {
        Part.OFFICE: office,
        Part.DIVISION: staff_of(division, "環境 五郎"),
        Part.NPO: npo_member,
        Part.COMPANY: company_member,
    }
    return project, other, acting


def test_every_action_in_every_state_is_taken_or_refused_with_a_sentence(people):
    project, other, acting = people
    wrong = []
    for status in ProjectStatus:
        with transaction():
            place(project, status, merged_into=other)
        for action, (part, person) in itertools.product(WANTED, acting.items()):
            states, parts = WANTED[action]
            found = _answer(project, action, person)
            is_right = found == "" if status in states and part in parts else found.endswith("。")
            if not is_right:
                wrong.append((status.value, action.value, part.value, found))

    assert wrong == []


def _answer(project, action, person) -> str:
    try:
        lifecycle.step_of(project, action, actor=person, reason="理由です。")
    except (lifecycle.NotYours, service.ProjectNotInState) as refusal:
        return str(refusal)
    return ""
