"""The day of presentations: order, clocks, how a slot ends, and who may know what of it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import panel, presentation, service, steps
from matchmaker.review.presentation import NotDueForPresentation, OrderStands, SlotRefused
from matchmaker.review.presentation_models import Asker, SlotState
from matchmaker.review.presentation_times import Lengths, drawn, planned_starts
from tests.support import records

ONE = datetime(2026, 9, 5, 13, 0, tzinfo=JAPAN)
FACTS = presentation.DayFacts("公開プレゼンテーション", "アスト津", ONE, Lengths())


@pytest.fixture
def texts(npo):
    return [records.proposal(npo, status=Status.SHORTLISTED, title=f"提案 {number}") for number in (1, 2, 3)]


@pytest.fixture
def day(texts, office):
    with transaction():
        made = presentation.plan(FACTS, actor=office, at=clock.now())
        presentation.place(made, texts, actor=office, at=clock.now())
    return made


def act(step, *args, office, at=None, **values):
    with transaction():
        return step(*args, actor=office, at=at or clock.now(), **values)


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 60), st.integers(0, 60), st.integers(0, 30))
def test_only_slots_that_take_place_take_time(happens, talk, questions, changeover):
    lengths = Lengths(talk, questions, changeover)
    starts = planned_starts(ONE, lengths, happens)

    assert starts == [ONE + sum(happens[:place]) * lengths.slot for place in range(len(happens))]


@given(st.lists(st.integers(1, 99), unique=True, max_size=9), st.integers(0, 2**63))
def test_a_lot_keeps_everybody_and_can_be_drawn_again(ids, seed):
    assert sorted(drawn(ids, seed)) == sorted(ids)
    assert drawn(ids, seed) == drawn(ids[::-1], seed)


def test_slots_follow_each_other_every_25_minutes(day):
    starts = [one.starts_at.astimezone(JAPAN).strftime("%H:%M") for one in presentation.programme(day)]

    assert starts == ["13:00", "13:25", "13:50"]


def test_only_proposals_that_wait_for_it_get_a_slot(day, npo, office):
    adopted = records.proposal(npo, status=Status.ADOPTED)

    with pytest.raises(NotDueForPresentation, match="採択"):
        act(presentation.place, day, [adopted], office=office)
    assert presentation.list_due(office, day) == []


def test_the_order_is_drawn_or_moved_until_the_first_talk(day, office):
    first, second, third = [slot.id for slot in day.slots]
    act(presentation.move, day.slots[2], earlier=True, office=office)
    assert [slot.id for slot in day.slots] == [first, third, second]
    act(presentation.move, day.slots[0], earlier=True, office=office)
    act(presentation.draw_order, day, office=office)
    assert sorted(slot.id for slot in day.slots) == sorted([first, second, third])
    act(presentation.start_talk, day.slots[0], office=office)

    for step in (presentation.draw_order,):
        with pytest.raises(OrderStands):
            act(step, day, office=office)
    with pytest.raises(OrderStands):
        act(presentation.move, day.slots[0], earlier=False, office=office)


def test_the_clock_runs_from_talk_to_questions_to_the_end_and_takes_the_step(day, office):
    slot, at = day.slots[0], clock.now()
    assert presentation.clock_of(day, at).phase == "waiting"
    act(presentation.start_talk, slot, office=office, at=at)
    talk = presentation.clock_of(day, at)
    assert (talk.phase, talk.ends_at) == ("talk", at + timedelta(minutes=10))
    act(presentation.start_questions, slot, office=office, at=at + timedelta(minutes=9))
    questions = presentation.clock_of(day, at)
    assert (questions.phase, questions.ends_at) == ("questions", at + timedelta(minutes=19))
    act(presentation.finish, slot, office=office)

    assert (slot.state, slot.proposal.status) == (SlotState.HELD, Status.PRESENTED)
    assert presentation.clock_of(day, at).slot.id == day.slots[1].id


def test_a_button_pressed_by_mistake_is_taken_back(day, office):
    slot = day.slots[0]
    act(presentation.start_talk, slot, office=office)
    act(presentation.start_again, slot, office=office)

    assert (slot.talk_started_at, presentation.clock_of(day, clock.now()).phase) == (None, "waiting")


def test_two_talks_do_not_run_at_once_and_questions_need_a_talk(day, office):
    act(presentation.start_talk, day.slots[0], office=office)

    with pytest.raises(SlotRefused, match="ほかの発表"):
        act(presentation.start_talk, day.slots[1], office=office)
    with pytest.raises(SlotRefused, match="まだ始まっていません"):
        act(presentation.start_questions, day.slots[1], office=office)


def test_pressing_start_twice_keeps_the_first_moment(day, office):
    at = clock.now()
    act(presentation.start_talk, day.slots[0], office=office, at=at)
    act(presentation.start_talk, day.slots[0], office=office, at=at + timedelta(minutes=3))

    assert day.slots[0].talk_started_at == at


@pytest.mark.parametrize("state", [SlotState.NO_SHOW, SlotState.CANCELLED])
def test_a_slot_that_was_not_held_says_why_and_leaves_the_proposal(day, office, state):
    slot = day.slots[0]
    with pytest.raises(steps.ReasonNeeded):
        act(presentation.drop, slot, state, reason=" ", office=office)
    act(presentation.drop, slot, state, reason="電車が止まった。", office=office)

    assert (slot.state, slot.reason, slot.proposal.status) == (state, "電車が止まった。", Status.SHORTLISTED)
    starts = [one.starts_at.astimezone(JAPAN).strftime("%H:%M") for one in presentation.programme(day)]
    assert starts == ["13:00", "13:00", "13:25"]
    for step in (presentation.start_talk, presentation.finish, presentation.start_again):
        with pytest.raises(SlotRefused, match=state.label):
            act(step, slot, office=office)


def test_a_withdrawn_proposal_does_not_begin_to_talk(day, office, npo_member):
    slot = day.slots[0]
    with transaction():
        service.withdraw(slot.proposal, actor=npo_member, at=clock.now())

    with pytest.raises(SlotRefused, match="枠を中止に"):
        act(presentation.start_talk, slot, office=office)


def test_a_proposal_withdrawn_during_its_talk_is_held_and_stays_withdrawn(day, office, npo_member):
    slot = day.slots[0]
    act(presentation.start_talk, slot, office=office)
    with transaction():
        service.withdraw(slot.proposal, actor=npo_member, at=clock.now())
    act(presentation.finish, slot, office=office)

    assert (slot.state, slot.proposal.status) == (SlotState.HELD, Status.WITHDRAWN)


def test_all_that_are_left_can_be_ended_at_once(day, office):
    act(presentation.drop, day.slots[0], SlotState.NO_SHOW, reason="欠席", office=office)

    assert act(presentation.finish_all, day, office=office) == 2
    assert [slot.state for slot in day.slots] == [SlotState.NO_SHOW, SlotState.HELD, SlotState.HELD]
    assert [slot.proposal.status for slot in day.slots] == [Status.SHORTLISTED, Status.PRESENTED, Status.PRESENTED]


def test_questions_are_kept_without_the_names_of_people_on_the_floor(day, office):
    slot = day.slots[0]
    row = act(
        presentation.note_question,
        slot,
        asked_by=Asker.FLOOR,
        asker="津 太郎",
        question="続けられますか。",
        answer="はい。",
        office=office,
    )

    assert (row.asker, [one.question for one in slot.questions]) == ("", ["続けられますか。"])


def test_questions_are_released_after_the_programme_and_then_stay(day, office):
    slot = day.slots[0]
    row = act(
        presentation.note_question,
        slot,
        asked_by=Asker.JUDGE,
        asker="委員 一",
        question="費用は。",
        answer="",
        office=office,
    )
    with pytest.raises(SlotRefused, match="先に、プログラム"):
        act(presentation.release_questions, day, office=office)
    act(presentation.publish, day, office=office)
    act(presentation.release_questions, day, office=office)

    with pytest.raises(SlotRefused, match="公開ずみ"):
        act(presentation.drop_question, slot, row, office=office)


def test_attendance_is_stated_corrected_and_taken_out(day, office):
    division = records.division()
    counts = []
    for people in (3, 5, 0, 0):
        act(presentation.note_attendance, day, division.id, people, office=office)
        counts.append([(row.division_id, row.people) for row in day.attendances])

    assert counts == [[(division.id, 3)], [(division.id, 5)], [], []]


def test_a_change_over_a_colleagues_change_is_refused(day, office):
    version = day.version
    act(presentation.change, day, FACTS, opened_as=version, office=office)
    act(
        presentation.change,
        day,
        presentation.DayFacts("別の名前", "津", ONE, Lengths(5, 5, 5)),
        opened_as=day.version,
        office=office,
    )

    with pytest.raises(EditConflict):
        act(presentation.change, day, FACTS, opened_as=version, office=office)
    assert (day.title, presentation.lengths_of(day).slot) == ("別の名前", timedelta(minutes=15))


def test_everybody_sees_titles_of_public_proposals_only(day, texts):
    with transaction():
        texts[0].is_published = False
    db.session.expire_all()

    shown = [(one.title, one.organisation) for one in presentation.programme(day)]
    assert shown[0] == ("（公開していない提案）", "")
    assert shown[1][0] == "提案 2"


def test_who_keeps_out_of_a_proposal_sees_nothing_of_its_slot(day, office):
    with transaction():
        panel.office_recusal(
            day.slots[0].proposal, office, kind=TieKind.FAMILY, words="家族です。", actor=office, at=clock.now()
        )

    known = [one.is_known for one in presentation.programme_for(office, day)]
    assert known == [False, True, True]
