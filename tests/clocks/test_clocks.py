"""Promises, the daily run, and what ends by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.directory import service as directory
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.business_days import add_business_days, is_business_day
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.status import EDITABLE
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import clocks, lapses, promises, work
from matchmaker.review.models import ReviewEvent
from matchmaker.review.promise_models import Nudge, Promise
from matchmaker.review.promises import STANDING, NotFromThePast, Promises, Terms, days_left, is_overdue
from matchmaker.review.work import Work
from matchmaker.review.workflow import Action
from tests.support import records
from tests.work.test_queue import returned

FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)

days = st.integers(0, 7_000).map(lambda number: date(2020, 1, 1) + timedelta(days=number))


def a_promise(days: int, valid_from_on: date, row_id: int = 1) -> Promise:
    return Promise(
        id=row_id, kind=WaitingKind.SCREENING, business_days=days, release_days=None, valid_from_on=valid_from_on
    )


def at_open_day(count: int) -> datetime:
    """Noon of the count-th business day from today."""
    day = add_business_days(clock.today(), count)
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def mails(kind: str) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def test_the_products_own_promise_holds_until_the_office_sets_one():
    found = Promises([a_promise(3, date(2026, 12, 1))])
    assert [found.of(WaitingKind.SCREENING, day).business_days for day in (date(2026, 11, 30), date(2026, 12, 1))] == [
        STANDING[WaitingKind.SCREENING].business_days,
        3,
    ]


def test_a_later_promise_never_changes_a_wait_that_has_begun():
    item = WaitingItem(WaitingKind.SCREENING, "R8-0001", "", "/", FRIDAY)
    before = Promises([a_promise(3, date(2026, 1, 1))]).due_on(item)
    after = Promises([a_promise(3, date(2026, 1, 1)), a_promise(60, date(2026, 11, 21), 2)]).due_on(item)
    # Monday 23 November is a holiday.
    assert before == after == date(2026, 11, 26)


def test_of_two_promises_of_one_day_the_later_one_holds():
    found = Promises([a_promise(3, date(2026, 1, 1), 1), a_promise(4, date(2026, 1, 1), 2)])
    assert found.of(WaitingKind.SCREENING, date(2026, 2, 1)).business_days == 4


@settings(deadline=None)
@given(days, st.integers(-60, 60))
def test_nothing_is_overdue_while_business_days_are_left(due_on, distance):
    on = due_on + timedelta(days=distance)
    if is_overdue(due_on, on):
        assert days_left(due_on, on) <= 0
    else:
        assert days_left(due_on, on) >= 0


@pytest.mark.parametrize("kind", WaitingKind)
def test_every_kind_says_who_owes_it_and_what_happens_otherwise(kind):
    assert STANDING[kind].if_nothing.endswith("。")
    assert 1 <= STANDING[kind].business_days <= 250


def test_a_promise_is_set_from_a_day_that_lies_ahead_and_keeps_its_versions(office, session):
    terms = Terms(business_days=7, valid_from_on=clock.today() + timedelta(days=1), reason="早くするため。")
    with transaction():
        first = promises.promise(WaitingKind.SCREENING, terms, seen_version=0, actor=office, at=clock.now())
    with pytest.raises(NotFromThePast), transaction():
        today = Terms(business_days=7, valid_from_on=clock.today(), reason="すぐに。")
        promises.promise(WaitingKind.SCREENING, today, seen_version=first.id, actor=office, at=clock.now())
    with pytest.raises(EditConflict), transaction():
        promises.promise(WaitingKind.SCREENING, terms, seen_version=0, actor=office, at=clock.now())
    assert [row.business_days for row in promises.list_versions(WaitingKind.SCREENING)] == [7]


def work_due(days_left_: int, *, is_late: bool = False) -> Work:
    item = WaitingItem(WaitingKind.SCREENING, "R8-0001", "", "/", FRIDAY)
    return Work(item, date(2026, 12, 1), days_left_, is_late, 0, "")


@pytest.mark.parametrize(
    ("left", "is_late", "is_reason"),
    [
        (5, False, False),
        (2, False, False),
        (1, False, True),
        (0, False, True),
        (-1, True, True),
        (-2, True, False),
        (-6, True, True),
    ],
)
def test_reminders_come_before_the_due_day_and_each_fifth_day_after_it(left, is_late, is_reason):
    assert clocks.is_reason_to_nudge(work_due(left, is_late=is_late)) is is_reason


def test_one_mail_a_day_names_all_that_is_due(npo, office, session):
    for _ in range(2):
        records.organisation(Side.NPO, is_verified=False)
    at = at_open_day(STANDING[WaitingKind.VERIFICATION].business_days + 1)
    with transaction():
        for row in session.scalars(select(type(npo))):
            row.created_at = clock.now()

    first, second = clocks.run(at=at), clocks.run(at=at)

    assert (first.nudged, second.nudged, first.failed, second.failed) == (1, 0, 0, 0)
    [mail] = mails("work-waiting")
    assert mail.to_email == office.email
    assert mail.body.count("団体・企業の確認：O-") == 2
    assert mail.body.endswith("http://localhost/work\n")
    assert [(row.user_id, row.items) for row in session.scalars(select(Nudge))] == [(office.id, 2)]


def test_no_reminder_is_sent_on_a_day_when_the_offices_are_closed(office, session):
    records.organisation(Side.NPO, is_verified=False)
    at = clock.now() + timedelta(days=60)
    while is_business_day(clock.day_of(at)):
        at += timedelta(days=1)

    assert clocks.run(at=at).nudged == 0
    assert mails("work-waiting") == []


def test_reminders_stop_when_the_thing_is_answered(office, npo, session):
    organisation = records.organisation(Side.NPO, is_verified=False)
    with transaction():
        organisation.created_at = clock.now() - timedelta(days=40)
        directory.verify(organisation, actor_id=office.id, at=clock.now())
    assert clocks.run(at=at_open_day(1)).nudged == 0


def test_changes_that_never_came_suspend_the_proposal_after_the_days_of_grace(npo, npo_member, session):
    due_on = add_business_days(clock.today(), 2)
    proposal = returned(npo, due_on=due_on)
    grace = STANDING[WaitingKind.FIXING].release_days

    too_early = clocks.run(at=at_open_day(2 + grace))
    assert (too_early.lapsed, proposal.status) == (0, Status.RETURNED_FOR_FIX)
    done = clocks.run(at=at_open_day(3 + grace))

    session.refresh(proposal)
    assert (done.lapsed, done.failed, proposal.status) == (1, 0, Status.LAPSED)
    event = session.scalars(select(ReviewEvent).where(ReviewEvent.action == Action.LAPSE)).one()
    assert (event.actor_id, event.from_status) == (None, Status.RETURNED_FOR_FIX)
    [mail] = mails("proposal_lapsed")
    assert mail.to_email == npo_member.email
    assert proposal.status not in EDITABLE


def test_a_suspended_proposal_is_resumed_by_the_office_with_a_new_day(npo, office, npo_member, session):
    proposal = records.proposal(npo, status=Status.LAPSED)
    due_on = clock.today() + timedelta(days=14)

    with transaction():
        lapses.resume(proposal, reason="連絡がありました。", fix_due_on=due_on, actor=office, at=clock.now())

    assert proposal.status is Status.RETURNED_FOR_FIX
    [mail] = mails("proposal_resumed")
    assert "連絡がありました。" in mail.body
    # The new day starts a new wait: the old one does not suspend it again.
    assert clocks.run(at=clock.now() + timedelta(days=10)).lapsed == 0


def test_office_cannot_suspend_before_the_day_has_passed(npo, office):
    proposal = returned(npo, due_on=clock.today() + timedelta(days=3))
    with pytest.raises(lapses.NotLateYet), transaction():
        lapses.lapse(proposal, actor=office, at=clock.now())
    assert proposal.status is Status.RETURNED_FOR_FIX


def test_an_act_that_fails_does_not_keep_the_others_back(npo, other_npo, session, monkeypatch):
    due_on = add_business_days(clock.today(), 1)
    broken, sound = returned(npo, due_on=due_on), returned(other_npo, due_on=due_on)
    real = lapses.lapse_when_due

    def fail_for_one(proposal, *, at):
        if proposal.id == broken.id:
            raise RuntimeError("the disk is full")
        return real(proposal, at=at)

    monkeypatch.setattr(lapses, "lapse_when_due", fail_for_one)
    done = clocks.run(at=at_open_day(20))

    session.refresh(sound)
    assert (done.lapsed, done.failed, sound.status) == (1, 1, Status.LAPSED)


def test_a_person_whose_work_cannot_be_read_does_not_keep_the_others_from_their_reminder(
    office, approver, session, monkeypatch
):
    organisation = records.organisation(Side.NPO, is_verified=False)
    with transaction():
        organisation.created_at = clock.now()
    real = work.work_of

    def fail_for_approver(user, **said):
        if user.id == approver.id:
            raise RuntimeError("a broken record")
        return real(user, **said)

    monkeypatch.setattr(work, "work_of", fail_for_approver)
    done = clocks.run(at=at_open_day(STANDING[WaitingKind.VERIFICATION].business_days))

    assert (done.nudged, done.failed) == (1, 1)
    assert [mail.to_email for mail in mails("work-waiting")] == [office.email]


def test_command_says_what_it_did(app, database):
    result = app.test_cli_runner().invoke(args=["clocks", "run"])
    assert (
        result.output
        == "0 of ended divisions, 0 stalled, 0 suspended, 0 reminders, 0 mails before a deadline, 0 failed\n"
    )
    assert result.exit_code == 0
