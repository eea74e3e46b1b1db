"""The meeting's decision stands apart from the single scores, and does not hold without people, quorum and reasons."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import panel, panel_decisions, steps
from matchmaker.review.call_models import StageKind
from matchmaker.review.panel_decisions import MeetingRefused
from matchmaker.review.workflow import Outcome
from tests.support.panelling import assigned, declared, meeting, scored


@pytest.fixture
def seated(proposal, judges, office):
    rows = assigned(proposal, *judges, office=office)
    declared(*rows)
    return rows


def record(proposal, minutes, office):
    with transaction():
        seen = panel_decisions.newest_id(proposal)
        return panel_decisions.record(proposal, minutes, seen=seen, actor=office, at=clock.now())


def move(proposal, status):
    with transaction():
        proposal.status = status


def test_on_papers_the_decision_is_recorded_and_the_proposal_stays(proposal, seated, judges, office):
    decision = record(proposal, meeting(proposal, *judges, dissent="費用に無理がある。"), office)

    assert (proposal.status, decision.stage, decision.quorum) == (Status.ACCEPTED, StageKind.PAPERS, 1)
    assert [(one.name, one.dissent) for one in decision.members] == [
        ("委員 一", "費用に無理がある。"),
        ("委員 二", ""),
        ("委員 三", ""),
    ]


@pytest.mark.parametrize("status", [Status.SHORTLISTED, Status.PRESENTED])
def test_at_the_second_stage_it_is_the_step_that_ends_the_judging(proposal, seated, judges, office, status):
    move(proposal, status)
    record(proposal, meeting(proposal, *judges), office)

    assert proposal.status is Status.SCORED


def test_a_second_click_records_no_second_decision(proposal, seated, judges, office):
    for _time in range(2):
        with pytest.raises(MeetingRefused) if _time else nullcontext(), transaction():
            panel_decisions.record(proposal, meeting(proposal, *judges), seen=0, actor=office, at=clock.now())

    assert len(panel_decisions.list_of(proposal)) == 1


def test_without_a_presentation_the_decision_is_one_on_papers(proposal, seated, judges, office):
    move(proposal, Status.SHORTLISTED)

    assert record(proposal, meeting(proposal, *judges), office).stage is StageKind.PAPERS


def test_a_later_meeting_adds_a_decision_and_both_stay(proposal, seated, judges, office):
    move(proposal, Status.PRESENTED)
    record(proposal, meeting(proposal, *judges), office)
    second = replace(meeting(proposal, *judges), outcome=Outcome.REJECT, reason="資料の誤りがわかった。")
    record(proposal, second, office)

    assert [one.outcome for one in panel_decisions.list_of(proposal)] == [Outcome.REJECT, Outcome.ADOPT]
    assert panel.evidence_for(proposal).decision.outcome is Outcome.REJECT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quorum": 4}, "定足数の4人に足りません"),
        ({"present_ids": frozenset()}, "定足数"),
        ({"reasons": {}}, "審査基準ごとの理由"),
        ({"reasons": {"unknown": "理由"}}, "審査基準ごとの理由"),
        ({"outcome": Outcome.HOLD, "held_on": clock.today() + timedelta(days=1)}, "今日までの日"),
        ({"dissents": {0: "反対"}}, "出席者"),
    ],
)
def test_minutes_that_do_not_hold_are_refused_in_words(proposal, seated, judges, office, change, words):
    with pytest.raises(MeetingRefused, match=words):
        record(proposal, replace(meeting(proposal, *judges), **change), office)

    assert panel_decisions.list_of(proposal) == []


def test_a_result_that_the_stage_does_not_know_is_refused(proposal, seated, judges, office):
    move(proposal, Status.PRESENTED)

    with pytest.raises(MeetingRefused, match="第1次審査を通過"):
        record(proposal, replace(meeting(proposal, *judges), outcome=Outcome.SHORTLIST), office)


def test_neither_a_recused_judge_nor_a_stranger_sits_in_the_meeting(proposal, seated, judges, office):
    with transaction():
        panel.office_recusal(proposal, judges[0], kind=TieKind.OTHER, words="元の同僚", actor=office, at=clock.now())

    assert [one.name for one in panel_decisions.list_sitting(proposal)] == sorted(["委員 二", "委員 三"])
    for present in (judges[0], office):
        with pytest.raises(MeetingRefused, match="利害関係のある人"):
            record(proposal, meeting(proposal, present), office)


def test_going_on_without_a_meeting_says_why(proposal, seated, office):
    move(proposal, Status.SHORTLISTED)
    with pytest.raises(steps.ReasonNeeded), transaction():
        panel_decisions.go_without(proposal, reason=" ", actor=office, at=clock.now())
    with transaction():
        decision = panel_decisions.go_without(proposal, reason="書面で意見がまとまった。", actor=office, at=clock.now())

    assert (proposal.status, decision.outcome, decision.reason) == (Status.SCORED, None, "書面で意見がまとまった。")


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.SCORED, Status.ADOPTED])
def test_elsewhere_nobody_goes_on_without_a_meeting(proposal, seated, office, status):
    move(proposal, status)

    with pytest.raises(steps.StepRefused), transaction():
        panel_decisions.go_without(proposal, reason="理由", actor=office, at=clock.now())


def test_a_decision_can_rest_on_means_and_words_but_on_no_name(proposal, seated, judges, office):
    scored(seated[0], 5), scored(seated[1], 4)
    record(proposal, meeting(proposal, *judges), office)
    db.session.expire_all()

    evidence = panel.evidence_for(proposal)
    assert (evidence.sheets, evidence.mean, evidence.spread) == (2, 90, 20)
    first, second, *_more = evidence.criteria
    assert (first.mean, first.most_score, first.reason) == (Fraction(9, 2), 5, "課題のとらえ方がよい。")
    assert second.reason == ""


def test_without_anything_there_is_nothing_to_rest_on(proposal):
    evidence = panel.evidence_for(proposal)

    assert (evidence.decision, evidence.sheets, evidence.mean, evidence.spread) == (None, 0, None, None)
    assert {one.mean for one in evidence.criteria} == {None}
