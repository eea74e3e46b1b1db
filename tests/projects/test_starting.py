"""The checklist before the work begins: each side ticks for itself."""

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import queries, starting
from matchmaker.projects.events import ProjectNotInState
from matchmaker.projects.lifecycle import NotYours
from matchmaker.projects.starting_models import StartItem, StartSide
from matchmaker.projects.status import ProjectAction, ProjectStatus
from tests.support.pages import main_text, parse
from tests.support.projects import born


@pytest.fixture
def project(npo, approver, division_staff):
    return born(npo, approver, division_staff.division)


def tick(project, actor, *chosen, seen=()) -> None:
    with transaction():
        starting.tick(project, chosen, seen=seen, actor=actor, at=clock.now())


def ticked(project) -> dict[StartItem, list[StartSide]]:
    found = {line.item: [side for side, check in line.checks.items() if check] for line in starting.checklist(project)}
    return {item: sides for item, sides in found.items() if sides}


def test_a_thing_is_settled_when_both_sides_ticked_it(project, npo_member, division_staff):
    tick(project, npo_member, StartItem.CONTRACT, StartItem.INSURANCE)
    tick(project, division_staff, StartItem.CONTRACT)

    assert ticked(project) == {
        StartItem.CONTRACT: [StartSide.PARTNERS, StartSide.PREFECTURE],
        StartItem.INSURANCE: [StartSide.PARTNERS],
    }
    assert [line.item for line in starting.checklist(project) if line.is_settled] == [StartItem.CONTRACT]


def test_a_colleagues_tick_in_the_meantime_stays_and_a_second_press_changes_nothing(project, office, division_staff):
    tick(project, division_staff, StartItem.ROLES)
    tick(project, office, StartItem.SCHEDULE)
    tick(project, office, StartItem.SCHEDULE)

    assert ticked(project) == {StartItem.ROLES: [StartSide.PREFECTURE], StartItem.SCHEDULE: [StartSide.PREFECTURE]}


def test_a_tick_is_taken_back_and_the_history_keeps_both(project, npo_member):
    tick(project, npo_member, StartItem.ACCOUNT)
    tick(project, npo_member, seen=[StartItem.ACCOUNT])

    assert ticked(project) == {}
    notes = [row.note for row in queries.history_for(npo_member, project) if row.action is ProjectAction.PREPARE]
    assert notes == [
        f"団体・企業側の確認\n✓ {StartItem.ACCOUNT.label}",
        f"団体・企業側の確認\n取り消し：{StartItem.ACCOUNT.label}",
    ]


def test_strangers_and_ended_projects_tick_nothing(project, npo_member, other_npo_member):
    with pytest.raises(NotYours):
        tick(project, other_npo_member, StartItem.ROLES)
    with transaction():
        project.status = ProjectStatus.CLOSED
    with pytest.raises(ProjectNotInState):
        tick(project, npo_member, StartItem.ROLES)


def test_the_project_page_shows_the_list_to_the_parties_and_takes_the_ticks(project, client, npo_client):
    assert "始める前の確認" not in main_text(client.get(f"/projects/{project.number}").text)
    boxes = parse(npo_client.get(f"/projects/{project.number}").text).select("[name=item]")

    answer = npo_client.post(f"/projects/{project.number}/start", data={"item": ["roles", "nonsense"]})

    assert [box["value"] for box in boxes] == [item.value for item in StartItem]
    assert answer.headers["Location"] == f"/projects/{project.number}#start"
    page = parse(npo_client.get(f"/projects/{project.number}").text)
    assert [box["value"] for box in page.select("[name=item][checked]")] == ["roles"]
    assert [box["value"] for box in page.select("[name=seen]")] == ["roles"]
