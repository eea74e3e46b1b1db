"""Score sheets: when they are taken, what is hidden until when, and what happens when the ground moves meanwhile."""

from datetime import timedelta

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import panel, presentation, score_sheets, service
from matchmaker.review.call_models import Call, CallCriterion, CallStage, StageKind
from matchmaker.review.criteria import STANDING, criteria_of
from matchmaker.review.panel_models import PanelAssignment
from matchmaker.review.presentation_models import PresentationSlot
from matchmaker.review.presentation_times import Lengths
from matchmaker.review.score_sheets import Occasion, Scored, SheetClosed
from matchmaker.review.workflow import Action
from tests.support import records
from tests.support.at_once import ends_at_once
from tests.support.panelling import assigned, declared, given, scored

OPEN = {
    Status.ACCEPTED: StageKind.PAPERS,
    Status.CIRCULATED: StageKind.PAPERS,
    Status.PRESENTED: StageKind.PRESENTATION,
}


@pytest.fixture
def assignment(proposal, judges, office):
    [row] = assigned(proposal, judges[0], office=office)
    declared(row)
    return row


def move(proposal, status):
    with transaction():
        proposal.status = status


def save(assignment, *scores, opened_as=0, at=None):
    with transaction():
        return score_sheets.save(
            assignment,
            given(assignment.proposal, *scores),
            comment="全体の意見",
            opened_as=opened_as,
            actor=assignment.judge,
            at=at or clock.now(),
        )


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.value)
def test_each_state_takes_a_sheet_or_says_in_a_sentence_why_not(assignment, status):
    proposal = assignment.proposal
    move(proposal, status)
    stage = OPEN.get(status, StageKind.PAPERS if status is Status.SHORTLISTED else None)

    if stage is None:
        with pytest.raises(SheetClosed, match="。"):
            save(assignment, 4)
        assert score_sheets.closed_because(proposal).endswith("。")
        return
    assert save(assignment, 4).stage is stage
    assert score_sheets.closed_because(proposal) == ""


def test_a_proposal_that_is_yet_to_be_presented_takes_no_sheet(assignment, office):
    with transaction():
        day = presentation.plan(
            presentation.DayFacts("発表会", "", clock.now(), Lengths()), actor=office, at=clock.now()
        )
        day.slots.append(PresentationSlot(proposal_id=assignment.proposal_id, position=1))
    move(assignment.proposal, Status.SHORTLISTED)

    with pytest.raises(SheetClosed, match="公開プレゼンテーションが終わると始まります"):
        save(assignment, 4)


def test_ties_come_before_scores(proposal, judges, office):
    [row] = assigned(proposal, judges[0], office=office)

    with pytest.raises(score_sheets.NotDeclared):
        save(row, 4)


def test_a_sheet_is_kept_while_it_is_written_and_handed_in_whole(assignment):
    save(assignment, 4, None)
    db.session.expire_all()
    [sheet] = assignment.sheets
    assert [entry.score for entry in sheet.entries] == [4, *[None] * (len(STANDING) - 1)]
    assert (sheet.submitted_at, panel.view_of(assignment.proposal).counting) == (None, [])

    with pytest.raises(score_sheets.SheetIncomplete, match=STANDING[1].name), transaction():
        score_sheets.submit(
            assignment,
            given(assignment.proposal, 4, None),
            comment="",
            opened_as=sheet.version,
            actor=assignment.judge,
            at=clock.now(),
        )
    db.session.expire_all()
    assert assignment.sheets[0].submitted_at is None


def test_a_score_without_its_reason_is_no_score(assignment):
    blank = {one.key: Scored(4, " ") for one in STANDING}

    with pytest.raises(score_sheets.SheetIncomplete), transaction():
        score_sheets.submit(assignment, blank, comment="", opened_as=0, actor=assignment.judge, at=clock.now())


def test_a_sheet_that_was_handed_in_never_changes(assignment):
    sheet = scored(assignment, 4)

    with pytest.raises(score_sheets.SheetSubmitted):
        save(assignment, 5, opened_as=sheet.version)


def test_two_windows_of_one_judge_do_not_overwrite_each_other(assignment):
    first = save(assignment, 4)

    with pytest.raises(EditConflict):
        save(assignment, 2, opened_as=0)
    assert save(assignment, 3, opened_as=first.version).entries[0].score == 3


def test_a_sheet_after_its_day_is_taken_and_marked(assignment):
    late_at = clock.now() + timedelta(days=15)
    with transaction():
        sheet = score_sheets.submit(
            assignment,
            given(assignment.proposal, 4),
            comment="",
            opened_as=0,
            actor=assignment.judge,
            at=late_at,
        )

    assert (sheet.is_late, sheet.counts) == (True, True)


def test_what_was_typed_before_the_withdrawal_stays_and_the_rest_is_refused(assignment, npo_member):
    kept = save(assignment, 4, None)
    with transaction():
        service.withdraw(assignment.proposal, actor=npo_member, at=clock.now())

    with pytest.raises(SheetClosed, match="取り下げた"):
        save(assignment, 4, opened_as=kept.version)
    db.session.expire_all()
    assert assignment.sheets[0].entries[0].score == 4


def test_others_stay_hidden_until_ones_own_sheet_is_in(proposal, judges, office):
    first, second, third = assigned(proposal, *judges, office=office)
    declared(first, second, third)
    occasion = Occasion(0, StageKind.PAPERS)
    scored(first, 5)
    save(third, 1)

    assert panel.list_others(second, occasion) == []
    scored(second, 3)
    assert [sheet.assignment_id for sheet in panel.list_others(second, occasion)] == [first.id]


def test_after_the_presentation_a_new_sheet_stands_beside_the_first(assignment):
    scored(assignment, 3)
    move(assignment.proposal, Status.PRESENTED)
    scored(assignment, 5)
    db.session.expire_all()

    assert [(sheet.stage, sheet.entries[0].score) for sheet in assignment.sheets] == [
        (StageKind.PAPERS, 3),
        (StageKind.PRESENTATION, 5),
    ]
    [counting] = panel.view_of(assignment.proposal).counting
    assert counting.entries[0].score == 5


def test_others_of_the_second_stage_stay_hidden_from_whoever_scored_the_first_only(proposal, judges, office):
    first, second, *_more = assigned(proposal, *judges, office=office)
    declared(first, second)
    scored(first, 3), scored(second, 3)
    move(proposal, Status.PRESENTED)
    scored(first, 5)

    assert panel.list_others(second, Occasion(0, StageKind.PRESENTATION)) == []


def test_a_reconsidered_proposal_takes_new_sheets_and_keeps_the_old(assignment, approver):
    from matchmaker.review.models import ReviewEvent

    scored(assignment, 3)
    with transaction():
        db.session.add(
            ReviewEvent(
                proposal_id=assignment.proposal_id,
                at=clock.now(),
                actor_id=approver.id,
                action=Action.REOPEN,
                from_status=Status.REJECTED,
                to_status=Status.ACCEPTED,
                reason="新しい資料",
            )
        )

    scored(assignment, 4)
    db.session.expire_all()

    assert [(sheet.reopenings, sheet.entries[0].score) for sheet in assignment.sheets] == [(0, 3), (1, 4)]
    assert score_sheets.occasion_of(assignment.sheets[1]).label == "再検討1回目・第1次審査（書類）"


def test_a_sheet_rests_on_the_criteria_of_the_call(npo, judges, office):
    with transaction():
        call = Call(
            number="R8-C1",
            fiscal_year_fy=2026,
            title="募集",
            opens_at=records.LONG_AGO,
            closes_at=records.LONG_AGO + timedelta(days=30),
            published_at=records.LONG_AGO,
            created_at=records.LONG_AGO,
            stages=[CallStage(kind=StageKind.PRESENTATION, held_on=clock.today())],
            criteria=[
                CallCriterion(position=1, name="新しさ", weight=2, least_score=0, most_score=10),
                CallCriterion(position=2, name="見込み", weight=1, least_score=1, most_score=5),
            ],
        )
        db.session.add(call)
    text = records.proposal(npo, status=Status.ACCEPTED, call_id=call.id)
    [row] = assigned(text, judges[0], office=office)
    declared(row)
    scored(row, 10, 5)
    move(text, Status.SHORTLISTED)

    assert [one.name for one in criteria_of(text)] == ["新しさ", "見込み"]
    assert panel.view_of(text).figures.totals == (100,)
    assert score_sheets.open_occasion(text) is None, "its call has a presentation"


def test_many_saves_of_one_sheet_at_once_store_one_and_lose_none_silently(app, assignment):
    ids = assignment.id

    def save():
        row = db.session.get_one(PanelAssignment, ids)
        score_sheets.save(row, given(row.proposal, 4), comment="", opened_as=0, actor=row.judge, at=clock.now())

    ends = ends_at_once(app, [save] * 6)

    assert ends == [*["EditConflict"] * 5, "done"]
