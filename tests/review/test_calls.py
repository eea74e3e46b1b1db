"""Calls: what may be changed when, and what stays on record."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import call_queries, calls, joining
from matchmaker.review.call_facts import (
    FROZEN_ONCE_OPEN,
    CriterionFacts,
    StageFacts,
    closing_of,
    dates_out_of_order,
    in_words,
    missing_to_publish,
    moved_a_year,
    opening_of,
    year_later,
)
from matchmaker.review.call_models import CallEdition, CallPhase, CallTheme, StageKind
from matchmaker.review.criteria import criteria_of
from matchmaker.review.criteria_templates import templates
from tests.support import calling, records


def change(call, office, facts, *, reason="説明会での質問を受けて、わかりやすくするため。", version=None):
    with transaction():
        seen = call.version if version is None else version
        calls.change(call, facts, version=seen, reason=reason, actor=office, at=clock.now())


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_a_year_later_is_the_same_day_or_the_last_of_february(day):
    later = year_later(day)

    assert (later.year, later.month) == (day.year + 1, day.month)
    assert later.day == (28 if (day.month, day.day) == (2, 29) else day.day)


def test_a_call_takes_submissions_from_midnight_to_the_last_second_of_its_grace(office, session):
    call = calling.call(office, CallPhase.OPEN, grace_minutes=30)
    opens_at, last = call.opens_at, call.closes_at + timedelta(minutes=30)
    second = timedelta(seconds=1)

    phases = [call.phase(at) for at in (opens_at - second, opens_at, call.closes_at, last, last + second)]

    assert phases == [CallPhase.COMING, CallPhase.OPEN, CallPhase.OPEN, CallPhase.OPEN, CallPhase.CLOSED]
    assert call.closes_at.astimezone(clock.JAPAN).strftime("%H:%M:%S") == "23:59:59"


def test_days_out_of_order_are_all_named_at_once():
    facts = calling.facts()
    wrong = replace(
        facts,
        closes_on=facts.opens_on - timedelta(days=1),
        consultation_from_on=facts.opens_on,
        stages=(StageFacts(StageKind.PAPERS, facts.opens_on - timedelta(days=1)),),
    )

    assert sorted(dates_out_of_order(wrong)) == ["closes_on", "consultation_from_on", "papers_on"]
    assert dates_out_of_order(facts) == {}


def test_a_presentation_comes_after_the_papers():
    facts = calling.facts()
    day = facts.stages[0].held_on
    both = replace(facts, stages=(*facts.stages, StageFacts(StageKind.PRESENTATION, day)))

    assert list(dates_out_of_order(both)) == ["presentation_on"]


def test_a_call_that_lacks_what_people_must_know_is_not_published(office, session):
    call = calling.call(office, CallPhase.DRAFT, criteria=(), eligibility="")

    with pytest.raises(calls.CallNotReady) as refusal, transaction():
        calls.publish(call, actor=office, at=clock.now())

    assert refusal.value.missing == ["応募できる団体と事業を入力してください", "審査基準を1つ以上入力してください"]
    assert call.published_at is None


def test_a_call_is_published_before_it_opens_and_not_on_the_day():
    facts = calling.facts(starts_in=0)

    assert missing_to_publish(facts, on=clock.today() - timedelta(days=1)) == []
    assert len(missing_to_publish(facts, on=clock.today())) == 1


def test_publishing_keeps_the_words_as_the_first_edition_and_a_second_press_keeps_none(office, session):
    call = calling.call(office, CallPhase.COMING)

    with transaction():
        calls.publish(call, actor=office, at=clock.now())

    [edition] = session.scalars(select(CallEdition))
    assert (edition.number, edition.reason) == (1, "")
    assert [tuple(pair) for pair in edition.content] == in_words(calls.facts_of(call), {})


def test_a_change_of_a_published_call_needs_a_reason_and_is_kept_and_told(office, npo, npo_member, session):
    call = calling.call(office, CallPhase.COMING)
    proposal = records.proposal(npo)
    with transaction():
        joining.choose(proposal, call.number, actor=npo_member, at=clock.now())
    changed = replace(calls.facts_of(call), aim="目的を書き直しました。")

    with pytest.raises(calls.ChangeNeedsReason):
        change(call, office, changed, reason=" \n")
    change(call, office, changed)

    newest, first = call_queries.list_editions(call)
    assert (newest.number, newest.by, newest.reason) == (
        2,
        office.name,
        "説明会での質問を受けて、わかりやすくするため。",
    )
    assert [label for label, _ in newest.changes] == ["募集の目的"]
    assert first.changes == []
    [mail] = session.scalars(select(Notice))
    assert (mail.kind, mail.to_email) == ("call_changed", npo_member.email)
    assert "説明会での質問を受けて" in mail.body


def test_a_draft_call_changes_without_reason_or_edition(office, session):
    call = calling.call(office, CallPhase.DRAFT)

    change(call, office, replace(calls.facts_of(call), title="新しい名前"), reason="")

    assert call.title == "新しい名前"
    assert session.scalars(select(CallEdition)).all() == []


FROZEN = {
    "eligibility": "どの団体でも。",
    "accepts_free_theme": False,
    "criteria": (CriterionFacts("別の基準"),),
    "pass_percent": 50,
    "opens_on": None,
    "themes": (),
}


def test_the_frozen_fields_are_those_that_are_tested():
    assert set(FROZEN) == set(FROZEN_ONCE_OPEN)


@pytest.mark.parametrize("phase", [CallPhase.OPEN, CallPhase.CLOSED], ids=lambda phase: phase.value)
@pytest.mark.parametrize("name", FROZEN)
def test_what_people_wrote_for_is_frozen_from_the_opening_on(name, phase, office, session):
    call = calling.theme_call(office, phase)
    before = calls.facts_of(call)
    value = before.opens_on + timedelta(days=1) if name == "opens_on" else FROZEN[name]

    with pytest.raises(calls.Frozen, match=FROZEN_ONCE_OPEN[name]):
        change(call, office, replace(before, **{name: value}))

    assert calls.facts_of(call) == before


def test_an_open_deadline_can_be_put_off_but_not_brought_forward(office, session):
    call = calling.call(office, CallPhase.OPEN)
    facts = calls.facts_of(call)
    longer = replace(facts, closes_on=facts.closes_on + timedelta(days=7))

    with pytest.raises(calls.Frozen, match="早める"):
        change(call, office, replace(facts, closes_on=facts.closes_on - timedelta(days=1)))
    with pytest.raises(calls.Frozen, match="早める"):
        change(call, office, replace(facts, grace_minutes=0))
    change(call, office, longer)

    assert call.closes_at == closing_of(longer.closes_on).astimezone(UTC)


def test_a_passed_deadline_is_not_moved(office, session):
    call = calling.call(office, CallPhase.CLOSED, stages=(StageFacts(StageKind.PAPERS, date(2090, 1, 1)),))
    facts = calls.facts_of(call)

    with pytest.raises(calls.Frozen, match="締め切りを過ぎた"):
        change(call, office, replace(facts, closes_on=facts.closes_on + timedelta(days=90)))


def test_a_published_call_is_not_opened_at_once(office, session):
    call = calling.call(office, CallPhase.COMING)

    with pytest.raises(calls.Frozen, match="明日よりあと"):
        change(call, office, replace(calls.facts_of(call), opens_on=clock.today()))


def test_a_theme_that_a_draft_has_chosen_stays(office, npo, npo_member, session):
    call = calling.theme_call(office, CallPhase.COMING)
    [theme] = call.themes
    proposal = records.proposal(npo)
    with transaction():
        joining.choose(proposal, f"{call.number}/{theme.number}", actor=npo_member, at=clock.now())

    with pytest.raises(calls.ThemeChosen, match="放課後の学びの場"):
        change(call, office, replace(calls.facts_of(call), themes=()))

    assert [row.number for row in session.scalars(select(CallTheme))] == [theme.number]


def test_a_change_on_an_old_page_is_a_conflict(office, session):
    call = calling.call(office, CallPhase.DRAFT)
    seen = call.version
    change(call, office, replace(calls.facts_of(call), title="先の名前"))

    with pytest.raises(EditConflict):
        change(call, office, replace(calls.facts_of(call), title="あとの名前"), version=seen)

    assert call.title == "先の名前"


def test_a_criterion_keeps_its_row_when_another_is_added(office, session):
    call = calling.call(office, CallPhase.COMING)
    rows = [row.id for row in call.criteria]
    facts = calls.facts_of(call)

    change(call, office, replace(facts, criteria=(*facts.criteria, CriterionFacts("広がり"))))

    assert [row.id for row in call.criteria][:2] == rows
    assert [row.position for row in call.criteria] == [1, 2, 3]


def test_a_cancelled_call_frees_its_drafts_keeps_what_was_submitted_and_tells_both(
    office, npo, npo_member, other_npo, other_npo_member, session
):
    call = calling.call(office, CallPhase.OPEN)
    draft = records.proposal(npo, call_id=call.id)
    submitted = records.proposal(other_npo, call_id=call.id, status=ProposalStatus.SUBMITTED)

    with transaction():
        calls.cancel(call, reason="予算が成立しなかったため。", actor=office, at=clock.now())

    assert (draft.call_id, submitted.call_id) == (None, call.id)
    assert call.phase(clock.now()) is CallPhase.CANCELLED
    mails = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [(mail.kind, mail.to_email) for mail in mails] == [
        ("call_cancelled", npo_member.email),
        ("call_cancelled", other_npo_member.email),
    ]
    assert all("予算が成立しなかったため。" in mail.body for mail in mails)


@pytest.mark.parametrize("verb", ["publish", "change", "cancel"])
def test_a_cancelled_call_is_a_record(verb, office, session):
    call = calling.call(office, CallPhase.COMING)
    with transaction():
        calls.cancel(call, reason="中止。", actor=office, at=clock.now())
    at = clock.now()
    acts = {
        "publish": lambda: calls.publish(call, actor=office, at=at),
        "cancel": lambda: calls.cancel(call, reason="また", actor=office, at=at),
        "change": lambda: calls.change(
            call, replace(calls.facts_of(call), aim="x"), version=call.version, reason="r", actor=office, at=at
        ),
    }

    with pytest.raises(calls.CallIsOver), transaction():
        acts[verb]()


def test_a_closed_call_cannot_be_cancelled(office, session):
    call = calling.call(office, CallPhase.CLOSED)

    with pytest.raises(calls.CallIsOver), transaction():
        calls.cancel(call, reason="いまさら", actor=office, at=clock.now())


def test_a_copy_is_a_draft_of_the_next_year_with_every_day_a_year_later(office, session):
    call = calling.theme_call(office, CallPhase.CLOSED)

    with transaction():
        made = calls.copy(call, actor=office, at=clock.now())

    assert (made.number, made.fiscal_year_fy, made.copied_from_id) == ("R9-C1", 2027, call.id)
    assert made.phase(clock.now()) is CallPhase.DRAFT
    expected = moved_a_year(calls.facts_of(call))
    [theme] = made.themes
    assert theme.number != call.themes[0].number
    copied = calls.facts_of(made)
    assert replace(copied, themes=tuple(replace(row, number="") for row in copied.themes)) == expected
    assert made.opens_at == opening_of(year_later(calls.facts_of(call).opens_on)).astimezone(UTC)


def test_a_proposal_is_judged_by_the_criteria_of_its_call(office, npo, session):
    call = calling.call(office)

    names = [row.name for row in criteria_of(records.proposal(npo, call_id=call.id))]

    assert names == ["課題のとらえ方", "実現の見込み"]


def test_every_template_can_be_published_as_it_stands():
    for template in templates():
        facts = replace(calling.facts(), criteria=template.criteria, pass_percent=template.pass_percent)
        assert missing_to_publish(facts, on=clock.today()) == []
        assert template.source
        assert all(1 <= row.weight <= 10 and row.least_score < row.most_score <= 10 for row in template.criteria)


def test_current_past_and_open_calls_are_told_apart(office, session):
    made = {phase: calling.call(office, phase) for phase in calling.STARTS_IN}
    with transaction():
        calls.cancel(calling_cancelled := made[CallPhase.DRAFT], reason="やめた", actor=office, at=clock.now())
    at = clock.now()

    assert [call.number for call in call_queries.list_open(at)] == [made[CallPhase.OPEN].number]
    assert [call.number for call in call_queries.list_current(at)] == [
        made[CallPhase.OPEN].number,
        made[CallPhase.COMING].number,
    ]
    assert [call.number for call in call_queries.list_past(at, page=1).items] == [made[CallPhase.CLOSED].number]
    assert call_queries.find_for(None, calling_cancelled.number) is None


def test_a_call_just_behind_its_grace_is_past_and_not_lost(office, session):
    call = calling.call(office, CallPhase.OPEN)
    at = call.accepts_until_at + timedelta(seconds=1)

    assert call_queries.list_current(at) == []
    assert [row.id for row in call_queries.list_past(at, page=1).items] == [call.id]


def test_the_database_refuses_a_change_without_its_reason(office, session):
    call = calling.call(office, CallPhase.COMING)
    edition = CallEdition(
        call_id=call.id, number=2, content=[], reason="", saved_at=datetime.now(UTC), saved_by_id=office.id
    )

    with pytest.raises(Exception, match="change_has_reason"), transaction():
        db.session.add(edition)
        db.session.flush()
