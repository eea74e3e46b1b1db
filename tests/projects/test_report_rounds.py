"""The yearly report round: asking, answering, comparing, confirming, and closing it with the year."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.audit.models import AuditEntry
from matchmaker.directory import divisions
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger, round_closing
from matchmaker.indicators.ledger import SnapshotRefused
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.permissions.grants import Role
from matchmaker.projects import continuing, report_round_pairs, report_rounds, service
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects.continuing import AlreadyContinued
from matchmaker.projects.report_round_models import PairDecision, ReportRound, RoundAnswer, RoundCarry
from matchmaker.projects.report_round_terms import CarryChoice, PairVerdict, RoundAction
from matchmaker.projects.report_rounds import CarryDates, NewReport, RoundRefused
from matchmaker.projects.service import NamedPartner, ReporterMayNotConfirm
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review.work import work_of
from tests.support import records
from tests.support.projects import staff_of
from tests.support.round_records import FIRST, FY, LAST, answer_for, confirmed, facts, opened_round, reported

AT = clock.now() + timedelta(hours=2)  # after whatever the fixtures do, however long the run is
TODAY = clock.today()


@pytest.fixture
def report_round(division_staff, office) -> ReportRound:
    return opened_round(office)


@pytest.fixture
def colleague(database):
    """A second person of the office."""
    return records.staff(Role.NPO_OFFICE, name="事務局 花子")


def hand_in(user, *, has_none=False) -> RoundAnswer:
    answer = answer_for(user)
    version = answer.version
    with transaction():
        report_rounds.hand_in(answer, version=version, has_none=has_none, actor=user, at=AT)
    return answer


def carry(user, project, *, dates=None):
    answer = answer_for(user)
    with transaction():
        return report_rounds.carry_over(answer, project, dates or CarryDates(FIRST, LAST, FIRST), actor=user, at=AT)


def close(report_round, actor, *, reason=""):
    version = report_round.version
    with transaction():
        return round_closing.close(report_round, version=version, reason=reason, actor=actor, at=AT)


def test_every_division_in_force_is_asked_and_an_ended_one_is_not(division_staff, office):
    other = records.division("森林課")
    ended = records.division("むかしの課")
    with transaction():
        divisions.end(ended, last_on=TODAY - timedelta(days=1), actor_id=office.id, at=AT)

    found = opened_round(office)

    assert {row.division_id for row in found.answers} == {division_staff.division.id, other.id}
    [event] = queries.history_of(found)
    assert (event.action, event.actor_id) == (RoundAction.OPEN, office.id)


@pytest.mark.parametrize(
    ("fy", "due_on", "said"),
    [
        (FY + 2, TODAY + timedelta(days=9), "まだ始まっていません"),
        (FY, TODAY - timedelta(days=1), "今日か、今日より後の日"),
    ],
    ids=["a year to come", "a due date that has passed"],
)
def test_a_round_that_makes_no_sense_is_refused(division_staff, office, fy, due_on, said):
    with pytest.raises(RoundRefused, match=said), transaction():
        round_closing.open_round(fy, due_on=due_on, note="", actor=office, at=AT)


def test_a_year_has_one_round_and_a_closed_year_gets_none(report_round, office):
    with pytest.raises(RoundRefused, match="すでに始まっています"):
        opened_round(office)
    with transaction():
        ledger.take(FY - 1, actor=office, at=AT, kind=SnapshotKind.CLOSING)
    with pytest.raises(RoundRefused, match="もう確定しています"):
        opened_round(office, fy=FY - 1)


def test_a_project_of_the_year_before_is_carried_over_with_its_parties(division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    found = opened_round(office)
    assert [row.id for row in queries.list_of(found.answers[0]).offered] == [before.id]

    following = carry(division_staff, before, dates=CarryDates(FIRST, LAST, FIRST, 300_000))

    assert (following.title, following.status, following.continues_id) == (
        before.title,
        ProjectStatus.REPORTED,
        before.id,
    )
    assert (following.starts_on, following.ends_on, following.budget_yen) == (FIRST, LAST, 300_000)
    assert [row.name for row in following.partners] == ["里山の会"]
    listed = queries.list_of(answer_for(division_staff))
    assert (list(listed.offered), [row.id for row in listed.projects]) == ([], [following.id])
    [said] = listed.carried
    assert (said.choice, said.following_id, said.said_by_id) == (CarryChoice.CONTINUED, following.id, division_staff.id)


def test_a_project_that_still_runs_this_year_or_is_not_confirmed_is_not_offered(division_staff, office):
    confirmed(division_staff, office, "二年の事業", fy=FY - 1, ends_on=LAST)
    reported(division_staff, "確認前の事業", fy=FY - 1)
    opened_round(office)

    listed = queries.list_of(answer_for(division_staff))

    assert list(listed.offered) == []
    assert [row.title for row in listed.projects] == ["二年の事業"]


def test_a_joint_project_that_one_division_carried_over_is_not_offered_to_the_other(division_staff, office):
    other = staff_of(records.division("森林課"), "森林 五郎")
    both = [division_staff.division.id, other.division.id]
    before = confirmed(division_staff, office, fy=FY - 1, division_ids=both)
    opened_round(office)

    following = carry(division_staff, before)

    listed = queries.list_of(answer_for(other))
    assert (list(listed.offered), [row.id for row in listed.projects]) == ([], [following.id])
    with pytest.raises(RoundRefused, match="もう答えています"):
        carry(other, before)


def test_a_continuation_that_the_office_refused_can_be_reported_again(division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    first = carry(division_staff, before)
    with transaction():
        service.refuse(first, reason="期間を確かめてください。", actor=office, at=AT)

    second = carry(division_staff, before, dates=CarryDates(FIRST, LAST - timedelta(days=1), FIRST))

    assert (first.continues_id, second.continues_id) == (None, before.id)
    [said] = queries.list_of(answer_for(division_staff)).carried
    assert said.following_id == second.id


def test_an_ended_project_is_no_longer_offered_until_that_is_taken_back(division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    answer = answer_for(division_staff)
    with transaction():
        report_rounds.say_ended(answer, before, actor=division_staff, at=AT)
    assert list(queries.list_of(answer).offered) == []

    with transaction():
        report_rounds.undo_ended(answer, before.number, actor=division_staff, at=AT)

    assert [row.id for row in queries.list_of(answer).offered] == [before.id]
    actions = [event.action for event in queries.history_of(answer.round, answer)]
    assert actions == [RoundAction.CARRY, RoundAction.UNDO]


def test_the_office_cannot_continue_what_a_division_carried_over(division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    following = carry(division_staff, before)

    with pytest.raises(AlreadyContinued, match=following.number), transaction():
        continuing.continue_next_year(before, actor=office, at=AT)


def test_a_report_must_meet_the_year_and_names_the_own_division(division_staff, report_round):
    answer = answer_for(division_staff)
    new = NewReport(facts(), CollaborationForm.SUBSIDY, FIRST)
    outside = replace(new, facts=facts(fy=FY - 1))
    with pytest.raises(RoundRefused, match="かかっていません"), transaction():
        report_rounds.report(answer, outside, actor=division_staff, at=AT)

    with transaction():
        made = report_rounds.report(answer, new, actor=division_staff, at=AT)

    assert [row.id for row in made.divisions] == [division_staff.division.id]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (FIRST - timedelta(days=300), FIRST),
        (LAST, LAST + timedelta(days=300)),
        (FIRST - timedelta(days=3000), LAST + timedelta(days=2000)),
    ],
    ids=["until 1 April", "from 31 March", "fifteen years"],
)
def test_a_period_that_touches_the_year_by_one_day_belongs_to_it(division_staff, report_round, starts_on, ends_on):
    new = NewReport(facts(starts_on=starts_on, ends_on=ends_on), CollaborationForm.SUBSIDY, FIRST)
    with transaction():
        made = report_rounds.report(answer_for(division_staff), new, actor=division_staff, at=AT)

    assert [row.id for row in queries.list_of(answer_for(division_staff)).projects] == [made.id]


def test_a_list_is_handed_in_by_a_named_person_and_taken_back(division_staff, report_round):
    reported(division_staff)

    answer = hand_in(division_staff)
    assert (answer.handed_in_by_id, answer.handed_in_at, answer.has_none) == (division_staff.id, AT, False)
    new = NewReport(facts("別の事業"), CollaborationForm.SUBSIDY, FIRST)
    with pytest.raises(RoundRefused, match="提出ずみ"), transaction():
        report_rounds.report(answer, new, actor=division_staff, at=AT)

    version = answer.version
    with transaction():
        report_rounds.take_back(answer, version=version, actor=division_staff, at=AT)
    assert (answer.handed_in_by_id, answer.handed_in_at) == (None, None)


def test_nothing_to_report_is_an_answer_only_when_there_is_nothing(division_staff, report_round):
    with pytest.raises(RoundRefused, match="「該当なし」を選んで"):
        hand_in(division_staff)
    reported(division_staff)
    with pytest.raises(RoundRefused, match="「該当なし」にはできません"):
        hand_in(division_staff, has_none=True)


def test_a_division_without_projects_hands_in_none(division_staff, report_round):
    answer = hand_in(division_staff, has_none=True)

    assert (answer.handed_in_by_id, answer.has_none) == (division_staff.id, True)


def test_a_list_with_an_unanswered_project_of_the_year_before_is_not_handed_in(division_staff, office):
    confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)

    with pytest.raises(RoundRefused, match="前の年度の事業1件"):
        hand_in(division_staff, has_none=True)


def test_of_two_people_of_one_division_the_second_sees_that_the_list_was_handed_in(division_staff, report_round):
    seen = answer_for(division_staff).version
    answer = hand_in(division_staff, has_none=True)
    with pytest.raises(RoundRefused, match="提出ずみ"), transaction():
        report_rounds.hand_in(answer, version=seen, has_none=True, actor=division_staff, at=AT)
    with pytest.raises(EditConflict), transaction():
        report_rounds.take_back(answer, version=seen, actor=division_staff, at=AT)


def test_a_renamed_division_answers_under_its_new_name(division_staff, office):
    before = confirmed(division_staff, office, fy=FY - 1)
    opened_round(office)
    with transaction():
        renamed = divisions.rename(division_staff.division, "新しい課", "新しい部", on=TODAY, actor_id=office.id, at=AT)
    successor = staff_of(renamed, "新しい 担当")

    following = carry(successor, before)

    assert [row.id for row in following.divisions] == [renamed.id]
    assert [row.id for row in queries.list_of(answer_for(successor)).projects] == [following.id]


def test_the_round_waits_for_the_division_and_for_the_office(division_staff, office, report_round):
    kinds = {WaitingKind.DIVISION_REPORT, WaitingKind.REPORT_ROUND}

    def waiting(user):
        return [
            (one.item.kind, one.item.number, one.due_on) for one in work_of(user, on=TODAY) if one.item.kind in kinds
        ]

    code, due_on = fiscal_year.code(FY), report_round.due_on
    assert waiting(division_staff) == [(WaitingKind.DIVISION_REPORT, code, due_on)]
    assert waiting(office) == [(WaitingKind.REPORT_ROUND, code, due_on)]
    hand_in(division_staff, has_none=True)
    assert waiting(division_staff) == []
    close(report_round, office)
    assert waiting(office) == []


def test_two_reports_of_one_project_are_found_and_become_one_with_both_divisions(division_staff, office, report_round):
    other = staff_of(records.division("森林課"), "森林 五郎")
    partners = [NamedPartner(PartnerKind.NPO, "里山の会"), NamedPartner(PartnerKind.COMPANY, "木の会社")]
    first = reported(division_staff, "里山の手入れ")
    second = reported(other, "里山の　手入れ！", partners=partners)
    [pair] = report_round_pairs.pairs_in(FY)
    assert (pair.first.id, pair.second.id) == (first.id, second.id)
    assert list(pair.alike) == ["名前が同じ", "団体の一部が同じ", "期間が同じ"]

    seen = (first.version, second.version)
    with transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.SAME, seen=seen, reason="両課の連名の協定による。", actor=office, at=AT
        )

    assert {row.id for row in first.divisions} == {division_staff.division.id, other.division.id}
    assert [row.name for row in first.partners] == ["里山の会", "木の会社"]
    assert (first.status, second.status, second.merged_into_id) == (
        ProjectStatus.REPORTED,
        ProjectStatus.MERGED,
        first.id,
    )
    assert report_round_pairs.pairs_in(FY) == []
    with transaction():
        service.confirm(first, actor=office, at=AT)
    assert [one.project_id for one in ledger.decide(FY, round_closing.counting_rules.in_force_for(FY))] == [first.id]


def test_two_confirmed_reports_of_one_project_count_once_after_the_decision(division_staff, office, report_round):
    other = staff_of(records.division("森林課"), "森林 五郎")
    first = confirmed(division_staff, office)
    second = confirmed(other, office)
    [pair] = report_round_pairs.pairs_in(FY)
    seen = (first.version, second.version)
    assert second.status is ProjectStatus.COMPLETED
    assert round_closing.open_matters(report_round).value == 2

    with transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.SAME, seen=seen, reason="同じ事業。", actor=office, at=AT
        )

    assert round_closing.open_matters(report_round).value == 1


def test_reports_said_to_be_different_both_stay_and_are_not_asked_about_again(division_staff, office, report_round):
    first, second = reported(division_staff, "川の清掃"), reported(division_staff, "海の清掃")
    [pair] = report_round_pairs.pairs_in(FY)
    assert list(pair.alike) == ["団体が同じ", "期間が同じ"]
    seen = (first.version, second.version)
    with transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.DIFFERENT, seen=seen, reason="川と海で別。", actor=office, at=AT
        )

    [kept] = report_round_pairs.pairs_in(FY)
    assert (kept.decision.verdict, kept.decision.reason) == (PairVerdict.DIFFERENT, "川と海で別。")
    assert round_closing.open_matters(report_round).undecided == []
    with pytest.raises(RoundRefused, match="もう判断されています"), transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.SAME, seen=seen, reason="やはり同じ。", actor=office, at=AT
        )


def test_a_pair_that_changed_since_it_was_seen_is_not_decided(division_staff, office, report_round):
    first, second = reported(division_staff, "川の清掃"), reported(division_staff, "海の清掃")
    [pair] = report_round_pairs.pairs_in(FY)
    with pytest.raises(EditConflict), transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.SAME, seen=(0, 0), reason="同じ。", actor=office, at=AT
        )
    assert (first.status, second.status) == (ProjectStatus.REPORTED, ProjectStatus.REPORTED)


def test_equal_names_in_periods_that_do_not_meet_are_no_pair(division_staff, office, report_round):
    middle = FIRST + timedelta(days=180)
    reported(division_staff, "祭り", ends_on=middle)
    reported(division_staff, "祭り", starts_on=middle + timedelta(days=1))

    assert report_round_pairs.pairs_in(FY) == []


def test_several_reports_are_confirmed_together_or_not_at_all(division_staff, office, report_round):
    first, second = reported(division_staff, "川の清掃"), reported(division_staff, "森の教室")
    with pytest.raises(EditConflict), transaction():
        report_rounds.confirm_all(report_round, [(first, first.version), (second, 0)], actor=office, at=AT)
    assert (first.confirmed_at, second.confirmed_at) == (None, None)

    seen = [(first, first.version), (second, second.version)]
    with transaction():
        numbers = report_rounds.confirm_all(report_round, seen, actor=office, at=AT)

    assert numbers == [first.number, second.number]
    assert {first.confirmed_by_id, second.confirmed_by_id} == {office.id}


def test_nobody_confirms_their_own_report_among_others(division_staff, office, report_round):
    division = records.division("森林課")
    with transaction():
        own = service.report(
            facts("窓口の事業", division_ids=[division.id]),
            form=CollaborationForm.SUBSIDY,
            form_agreed_on=FIRST,
            actor=office,
            at=AT,
        )
    seen = [(own, own.version)]

    with pytest.raises(RoundRefused, match=own.number) as refused, transaction():
        report_rounds.confirm_all(report_round, seen, actor=office, at=AT)

    assert isinstance(refused.value.__cause__, ReporterMayNotConfirm)
    assert own.confirmed_at is None


def test_closing_the_round_freezes_the_year_in_the_same_act(division_staff, office, report_round, session):
    project = confirmed(division_staff, office)
    hand_in(division_staff)

    snapshot = close(report_round, office)

    assert (report_round.closed_by_id, report_round.closed_at) == (office.id, AT)
    assert (snapshot.kind, snapshot.value, ledger.is_closed(FY)) == (SnapshotKind.CLOSING, 1, True)
    assert [one.project_number for one in ledger.stored_decisions(snapshot)] == [project.number]
    assert queries.history_of(report_round)[-1].action is RoundAction.CLOSE
    actions = session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["office:report-round:close", "office:ledger:closing"]


def test_what_is_open_asks_for_a_reason_before_closing(division_staff, office, report_round):
    waiting = reported(division_staff)
    matters = round_closing.open_matters(report_round)
    assert (len(matters.silent), [row.id for row in matters.awaiting], matters.value) == (1, [waiting.id], 0)
    with pytest.raises(RoundRefused, match="このまま締め切る理由"):
        close(report_round, office)
    assert (report_round.closed_at, ledger.is_closed(FY)) == (None, False)

    snapshot = close(report_round, office, reason="期限を2か月過ぎても返事がないため。")

    assert snapshot.value == 0
    assert queries.history_of(report_round)[-1].note == "期限を2か月過ぎても返事がないため。"


def test_a_year_that_runs_is_not_closed_on_31_march_but_on_1_april(division_staff, office):
    last = fiscal_year.last_day(FY + 1)
    report_round = opened_round(office, fy=FY + 1)

    assert not round_closing.may_close_on(report_round, last)
    assert round_closing.may_close_on(report_round, last + timedelta(days=1))
    with pytest.raises(RoundRefused, match="まだ終わっていません"):
        close(report_round, office, reason="早く締め切る。")
    assert report_round.closed_at is None


def test_the_ledger_of_a_year_with_an_open_round_is_closed_only_with_it(office, report_round):
    with pytest.raises(SnapshotRefused, match="取りまとめがまだ開いています"), transaction():
        ledger.take(FY, actor=office, at=AT, kind=SnapshotKind.CLOSING)


def test_the_second_of_two_closings_is_refused(office, colleague, report_round):
    seen = report_round.version
    close(report_round, office, reason="返事がないため。")

    with pytest.raises(RoundRefused, match="締め切られました"), transaction():
        round_closing.close(report_round, version=seen, reason="返事がないため。", actor=colleague, at=AT)


def test_a_due_date_changed_meanwhile_is_seen_before_closing(office, report_round):
    seen = report_round.version
    with transaction():
        report_rounds.change(
            report_round, version=seen, due_on=TODAY + timedelta(days=60), note="延ばします。", actor=office, at=AT
        )

    with pytest.raises(EditConflict), transaction():
        round_closing.close(report_round, version=seen, reason="返事がないため。", actor=office, at=AT)
    assert (report_round.closed_at, ledger.is_closed(FY)) == (None, False)


def test_after_closing_no_list_changes(division_staff, office, report_round):
    answer = hand_in(division_staff, has_none=True)
    close(report_round, office)
    version = answer.version

    for attempt in (
        lambda: report_rounds.take_back(answer, version=version, actor=division_staff, at=AT),
        lambda: report_rounds.report(
            answer, NewReport(facts(), CollaborationForm.SUBSIDY, FIRST), actor=division_staff, at=AT
        ),
        lambda: report_rounds.confirm_all(report_round, [], actor=office, at=AT),
    ):
        with pytest.raises(RoundRefused, match="締め切られました"), transaction():
            attempt()


@pytest.mark.parametrize(
    "row",
    [
        lambda one, project, at: RoundAnswer(round_id=one.id, division_id=one.answers[0].division_id),
        lambda one, project, at: ReportRound(
            fy=FY - 3, due_on=date(2026, 1, 1), opened_by_id=one.opened_by_id, opened_at=at, closed_at=at
        ),
        lambda one, project, at: RoundCarry(
            answer_id=one.answers[0].id,
            project_id=project.id,
            choice=CarryChoice.CONTINUED,
            said_by_id=one.opened_by_id,
            said_at=at,
        ),
        lambda one, project, at: PairDecision(
            first_id=project.id,
            second_id=project.id,
            verdict=PairVerdict.SAME,
            reason="同じ。",
            decided_by_id=one.opened_by_id,
            decided_at=at,
        ),
    ],
    ids=["a second answer", "closed by nobody", "continued without a project", "a pair of one"],
)
def test_the_database_itself_refuses_half_states(division_staff, office, report_round, session, row):
    project = reported(division_staff)
    made = row(report_round, project, AT)
    with pytest.raises(IntegrityError), transaction():
        session.add(made)


def test_the_database_refuses_an_answer_of_nobody_and_none_that_was_not_handed_in(report_round):
    [answer] = report_round.answers
    for values in ({"handed_in_at": AT}, {"has_none": True}):
        with pytest.raises(IntegrityError), transaction():
            for name, value in values.items():
                setattr(answer, name, value)
