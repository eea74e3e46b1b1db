"""The one mail before a call closes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts import profile
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import call_reminders, clocks
from matchmaker.review.joining import moment_in_words
from tests.support import calling, records
from tests.support.at_once import ends_at_once
from tests.support.pages import main_text


@pytest.fixture
def call(office):
    """An open call."""
    return calling.call(office)


def draft_for(npo, call, *, status=Status.DRAFT):
    proposal = records.proposal(npo, status=status)
    with transaction():
        proposal.call_id, proposal.title = call.id, "海辺の学びの場"
    return proposal


def mails(session) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.kind == "call_closing").order_by(Notice.id)))


def test_who_has_an_unsent_draft_is_written_to_once_in_the_last_three_days(npo, npo_member, call, session):
    draft, last_day = draft_for(npo, call), call.closes_at - timedelta(hours=20)

    done = [clocks.run(at=last_day - timedelta(days=days)).closing for days in (4, 3, 2, 0)]

    assert done == [0, 1, 0, 0]
    [mail] = mails(session)
    assert mail.to_email == npo_member.email
    assert f"締め切り：{moment_in_words(call.closes_at)}\n" in mail.body
    assert f"・{draft.draft_number}　海辺の学びの場\n" in mail.body
    assert f"/proposals/{draft.draft_number}/edit\n" in mail.body


def test_several_drafts_stand_in_one_mail_and_one_that_was_sent_is_not_named(npo, npo_member, call, session):
    drafts = [draft_for(npo, call) for _ in range(2)]
    sent = draft_for(npo, call, status=Status.SUBMITTED)

    clocks.run(at=call.closes_at - timedelta(days=1))

    [mail] = mails(session)
    assert all(draft.draft_number in mail.body for draft in drafts)
    assert sent.draft_number not in mail.body


def test_nobody_is_written_to_of_a_call_that_closed_was_cancelled_or_is_not_theirs(
    npo, npo_member, other_npo_member, call, session
):
    draft_for(npo, call)
    clocks.run(at=call.closes_at + timedelta(minutes=1))
    with transaction():
        call.cancelled_at, call.cancel_reason = clock.now(), "中止。"
    clocks.run(at=call.closes_at - timedelta(days=1))
    assert mails(session) == []


def test_who_wants_no_such_mail_gets_none_until_they_want_it_again(npo, npo_member, call, session):
    draft_for(npo, call)
    with transaction():
        profile.want_call_mails(npo_member, False, at=clock.now())
    assert clocks.run(at=call.closes_at - timedelta(days=1)).closing == 0
    with transaction():
        profile.want_call_mails(npo_member, True, at=clock.now())
    assert clocks.run(at=call.closes_at - timedelta(days=1)).closing == 1


def test_the_account_page_stops_the_mail_and_has_it_again(npo_client, npo_member, session):
    assert "いまは、受け取ります。" in main_text(npo_client.get("/account").text)
    npo_client.post("/account/call-mails", data={"wanted": "0"})
    assert "いまは、止めています。" in main_text(npo_client.get("/account").text)
    npo_client.post("/account/call-mails", data={"wanted": "1"})
    assert "いまは、受け取ります。" in main_text(npo_client.get("/account").text)


def test_two_runs_at_once_write_one_mail(app, npo, npo_member, call, session):
    draft_for(npo, call)
    at = call.closes_at - timedelta(days=1)
    session.rollback()
    [due] = call_reminders.list_due(at=at)
    session.rollback()
    ends_at_once(app, [lambda: call_reminders.remind(*due, at=at)] * 2)
    assert len(mails(session)) == 1
