"""Staff of a renamed or merged division act for the one that took over: from its first day on, and no day before."""

from datetime import timedelta

import pytest

from matchmaker.accounts.desks import desk_of, division_today
from matchmaker.directory import divisions
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import parties, report_round_queries, report_rounds
from matchmaker.projects import queries as projects
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import circulation, circulation_queries, clocks, consultation, consultation_queries
from matchmaker.review.circulation_models import CirculationRequest, CirculationStatus
from tests.circulation.conftest import circulate
from tests.support import records
from tests.support.projects import born, staff_of

DAY_OF, DAY_BEFORE = 0, 1


@pytest.fixture
def other_staff():
    """A person of the division that takes over."""
    return staff_of(records.division("国際室"), "国際 七郎")


def merged(former, latter, administrator, days_ahead: int) -> None:
    """Another division takes over in so many days."""
    on = clock.today() + timedelta(days=days_ahead)
    with transaction():
        divisions.merge_into(former, latter, on=on, actor_id=administrator.id, at=clock.now())


def test_the_line_of_a_person_is_that_of_the_day(division_staff, other_staff, administrator):
    former, latter = division_staff.division, other_staff.division
    merged(former, latter, administrator, DAY_BEFORE)
    before = [(desk_of(user), division_today(user).id) for user in (division_staff, other_staff)]
    with transaction():
        former.valid_until_on = clock.today() - timedelta(days=1)
    on_the_day = [(desk_of(user), division_today(user).id) for user in (division_staff, other_staff)]

    assert before == [({former.id}, former.id), ({latter.id}, latter.id)]
    assert on_the_day == [({former.id, latter.id}, latter.id)] * 2


@pytest.mark.parametrize(("days_ahead", "sees"), [(DAY_BEFORE, False), (DAY_OF, True)])
def test_a_circulation_reaches_the_staff_of_both_names(
    days_ahead, sees, npo, office, division_staff, other_staff, administrator
):
    of_former = records.proposal(npo, status=Status.ACCEPTED)
    of_latter = records.proposal(npo, status=Status.ACCEPTED)
    circulate(of_former, [division_staff.division], office)
    circulate(of_latter, [other_staff.division], office)
    merged(division_staff.division, other_staff.division, administrator, days_ahead)

    found = [
        circulation_queries.find_for_desk(user, proposal.number) is not None
        for user, proposal in ((division_staff, of_latter), (other_staff, of_former))
    ]
    waits = [len(circulation_queries.waiting_for(user)) for user in (division_staff, other_staff)]

    assert (found, waits) == ([sees, sees], [2, 2] if sees else [1, 1])
    assert len(circulation.people_of(other_staff.division.id)) == (2 if sees else 1)


@pytest.mark.parametrize(("days_ahead", "sees"), [(DAY_BEFORE, False), (DAY_OF, True)])
def test_slots_are_kept_by_the_staff_of_both_names(
    days_ahead, sees, division_staff, other_staff, npo_member, administrator
):
    slots = []
    for user in (division_staff, other_staff):
        wanted = consultation.Offered(clock.now() + timedelta(days=3), 60, 1, "県庁", False, 1, user.division.id)
        with transaction():
            slots += consultation.offer(wanted, actor=user, at=clock.now())
    with transaction():
        talk = consultation.book(slots[1], proposal=None, subject="森", actor=npo_member, at=clock.now())
    merged(division_staff.division, other_staff.division, administrator, days_ahead)

    kept = [consultation.keeps(slot, user) for slot in slots for user in (division_staff, other_staff)]
    listed = [row.id for row in consultation_queries.list_slots_for(division_staff, page=1).items]

    assert kept == [True, sees, sees, True]
    assert sorted(listed) == [slot.id for slot in slots[: 2 if sees else 1]]
    assert (consultation_queries.find_for(division_staff, talk.id) is not None) is sees


def test_from_the_day_on_slots_are_offered_in_the_new_name(division_staff, other_staff, administrator):
    former, latter = division_staff.division, other_staff.division
    merged(former, latter, administrator, DAY_OF)

    def offer(division_id: int):
        wanted = consultation.Offered(clock.now() + timedelta(days=3), 60, 1, "県庁", False, 1, division_id)
        with transaction():
            return consultation.offer(wanted, actor=division_staff, at=clock.now())

    assert [slot.division_id for slot in offer(latter.id)] == [latter.id]
    with pytest.raises(consultation.SlotNotOffered, match="自分の課"):
        offer(former.id)


@pytest.mark.parametrize(("days_ahead", "sees"), [(DAY_BEFORE, False), (DAY_OF, True)])
def test_projects_and_reports_are_a_matter_of_both_names(
    days_ahead, sees, npo, division_staff, other_staff, office, approver, administrator
):
    project = born(npo, approver, other_staff.division)
    with transaction():
        project.reported_by_id, project.reported_at = other_staff.id, clock.now()
    with transaction():
        due_on = clock.today() + timedelta(days=20)
        opened = report_rounds.open_round(2026, due_on=due_on, note="", actor=office, at=clock.now())
    merged(division_staff.division, other_staff.division, administrator, days_ahead)

    acts = [bool(parties.parties_for(user, project)) for user in (division_staff, other_staff)]
    found = [row.number for row in projects.list_reports_for(division_staff).items]
    owed = {report_round_queries.answer_of(user, opened).division_id for user in (division_staff, other_staff)}

    assert (acts, found) == ([sees, True], [project.number] if sees else [])
    assert len(owed) == (1 if sees else 2)


def test_a_division_merged_in_mid_circulation_answers_once_for_both(
    npo, office, division_staff, other_staff, administrator, session
):
    proposal = records.proposal(npo, status=Status.ACCEPTED)
    circulate(proposal, [division_staff.division, other_staff.division], office)
    merged(division_staff.division, other_staff.division, administrator, DAY_OF)

    done = clocks.run(at=clock.now())

    assert (done.settled, done.failed) == (1, 0)
    rows = session.query(CirculationRequest).order_by(CirculationRequest.id).all()
    assert [row.status for row in rows] == [CirculationStatus.MOVED, CirculationStatus.WAITING]
    assert [len(circulation_queries.waiting_for(user)) for user in (division_staff, other_staff)] == [1, 1]


def test_the_staff_of_a_division_dissolved_in_mid_circulation_owe_nothing_and_get_no_other_desk(
    npo, office, division_staff, other_staff, administrator
):
    proposal = records.proposal(npo, status=Status.ACCEPTED)
    [request] = circulate(proposal, [division_staff.division], office)
    with transaction():
        divisions.end(
            division_staff.division,
            last_on=clock.today() - timedelta(days=1),
            actor_id=administrator.id,
            at=clock.now(),
        )

    done = clocks.run(at=clock.now())

    assert (done.settled, request.status) == (1, CirculationStatus.CLOSED)
    assert circulation_queries.waiting_for(division_staff) == []
    assert desk_of(division_staff) == {division_staff.division.id}
