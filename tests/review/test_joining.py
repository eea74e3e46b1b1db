"""Which call a proposal is written for, and what happens at the deadline."""

from datetime import timedelta

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import joining, service
from matchmaker.review.call_models import CallPhase
from tests.support import calling, records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import main_text


def choose(proposal, value, actor, at=None):
    with transaction():
        joining.choose(proposal, value, actor=actor, at=at or clock.now())


def submit(proposal, actor, at):
    with transaction():
        service.submit(proposal, actor=actor, at=at)


def test_a_draft_can_be_written_for_each_theme_of_each_call_or_for_none(office, npo, session):
    call = calling.theme_call(office, CallPhase.OPEN)
    calling.call(office, CallPhase.CLOSED)
    coming = calling.call(office, CallPhase.COMING, accepts_free_theme=True)

    values = [choice.value for choice in joining.choices(records.proposal(npo), clock.now())]

    assert values == ["", call.number, f"{call.number}/{call.themes[0].number}", coming.number]


@pytest.mark.parametrize("odd", ["R8-C999", "R8-C1/T-9999", "x", "/", "R8-C1/T-0001/T-0002"])
def test_a_choice_that_is_not_offered_is_refused(odd, office, npo, npo_member, session):
    calling.call(office, CallPhase.OPEN)
    proposal = records.proposal(npo)

    with pytest.raises(joining.CannotJoin):
        choose(proposal, odd, npo_member)

    assert joining.chosen_value(proposal) == ""


def test_a_call_without_free_theme_needs_a_theme(office, npo, npo_member, session):
    call = calling.theme_call(office, CallPhase.OPEN, accepts_free_theme=False)
    proposal = records.proposal(npo)

    with pytest.raises(joining.CannotJoin, match="テーマを選んで"):
        choose(proposal, call.number, npo_member)


def test_a_submitted_proposal_keeps_the_call_it_was_submitted_to(office, npo, npo_member, session):
    call = calling.call(office, CallPhase.OPEN)
    proposal = records.proposal(npo, call_id=call.id, status=ProposalStatus.SUBMITTED)

    with pytest.raises(joining.CallIsFixed):
        choose(proposal, "", npo_member)


def test_a_proposal_is_submitted_until_the_last_second_of_the_grace_and_not_after(office, npo, npo_member, session):
    call = calling.call(office, CallPhase.OPEN)
    last = call.accepts_until_at
    late, in_time = records.proposal(npo, call_id=call.id), records.proposal(npo, call_id=call.id)

    submit(in_time, npo_member, last)
    with pytest.raises(joining.CannotJoin) as refusal:
        submit(late, npo_member, last + timedelta(seconds=1))

    assert (in_time.status, late.status) == (ProposalStatus.SUBMITTED, ProposalStatus.DRAFT)
    assert "すべて下書きに残っています" in str(refusal.value)
    assert "常時の提案としてなら、いま提出できます" in str(refusal.value)


def test_a_proposal_is_not_submitted_before_its_call_opens(office, npo, npo_member, session):
    call = calling.call(office, CallPhase.COMING)
    proposal = records.proposal(npo, call_id=call.id)

    with pytest.raises(joining.CannotJoin, match="0時から提出できます"):
        submit(proposal, npo_member, call.opens_at - timedelta(seconds=1))
    submit(proposal, npo_member, call.opens_at)

    assert proposal.status is ProposalStatus.SUBMITTED


def test_a_standing_proposal_is_submitted_on_any_day(npo, npo_member, session):
    proposal = records.proposal(npo)

    submit(proposal, npo_member, clock.now())

    assert (proposal.status, proposal.call_id) == (ProposalStatus.SUBMITTED, None)


def test_a_text_returned_for_changes_comes_back_after_the_deadline(office, npo, npo_member, session):
    call = calling.call(office, CallPhase.CLOSED)
    proposal = records.proposal(npo, call_id=call.id, status=ProposalStatus.RETURNED_FOR_FIX)

    submit(proposal, npo_member, clock.now())

    assert proposal.status is ProposalStatus.SUBMITTED


def test_a_deadline_that_passes_while_typing_keeps_the_text_and_says_what_can_be_done(
    office, npo, npo_member, npo_client, monkeypatch, session
):
    call = calling.call(office, CallPhase.OPEN, closes_on=clock.today())
    proposal = records.proposal(npo, call_id=call.id)
    number = proposal.draft_number
    typed = opened(npo_client, f"/proposals/{number}/edit/1") | {"aim": ["締め切りの直前に書いた目的"]}
    sent = opened(npo_client, f"/proposals/{number}/check")
    late = call.accepts_until_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    sign_in(npo_client, npo_member)

    saved = npo_client.post(f"/proposals/{number}/edit/1", data=typed)
    refused = npo_client.get(npo_client.post(f"/proposals/{number}/submit", data=sent).location)

    assert saved.status_code == 303
    session.refresh(proposal)
    assert (proposal.status, proposal.aim) == (ProposalStatus.DRAFT, "締め切りの直前に書いた目的")
    text = main_text(refused.text)
    assert "下書きに残っています" in text
    assert "常時の提案に変える" in text

    npo_client.post(f"/proposals/{number}/call", data={"choice": ""})
    again = opened(npo_client, f"/proposals/{number}/check")
    done = npo_client.post(f"/proposals/{number}/submit", data=again)

    session.refresh(proposal)
    assert done.status_code == 303
    assert (proposal.status, proposal.call_id) == (ProposalStatus.SUBMITTED, None)


def test_a_submission_for_another_call_than_the_one_read_is_a_conflict(office, npo, npo_client, npo_member, session):
    call = calling.call(office, CallPhase.OPEN)
    proposal = records.proposal(npo)
    sent = opened(npo_client, f"/proposals/{proposal.draft_number}/check")
    choose(proposal, call.number, npo_member)

    npo_client.post(f"/proposals/{proposal.draft_number}/submit", data=sent)

    session.refresh(proposal)
    assert proposal.status is ProposalStatus.DRAFT


def test_the_rule_stands_on_the_page_before_submission(office, npo, npo_client, session):
    call = calling.theme_call(office, CallPhase.OPEN)
    standing, for_theme = records.proposal(npo), records.proposal(npo, call_id=call.id, theme_id=call.themes[0].id)

    standing_text = main_text(npo_client.get(f"/proposals/{standing.draft_number}/check").text)
    theme_text = main_text(npo_client.get(f"/proposals/{for_theme.draft_number}/check").text)

    assert "常時の提案として提出します。いつでも提出でき" in standing_text
    assert "テーマ「放課後の学びの場」に応募します" in theme_text
    assert f"{joining.moment_in_words(call.closes_at)}まで（猶予30分）" in theme_text


def test_the_open_call_stands_on_the_start_page_and_on_the_npos_own_page(client, npo_client, office):
    call = calling.call(office, CallPhase.OPEN)
    calling.call(office, CallPhase.COMING, title="まだ先の募集")

    texts = [main_text(client.get("/").text), main_text(npo_client.get("/proposals/mine").text)]

    for text in texts:
        assert f"募集中： {call.title}" in text
        assert joining.moment_in_words(call.closes_at) in text
        assert "まだ先の募集" not in text


def test_choosing_a_call_on_its_page(npo_client, npo, office, session):
    call = calling.theme_call(office, CallPhase.OPEN)
    proposal = records.proposal(npo)
    address = f"/proposals/{proposal.draft_number}/call"

    answer = npo_client.post(address, data={"choice": f"{call.number}/{call.themes[0].number}"})

    session.refresh(proposal)
    assert answer.location == f"/proposals/{proposal.draft_number}/edit"
    assert (proposal.call_id, proposal.theme_id) == (call.id, call.themes[0].id)
    assert npo_client.post(address, data={}).status_code == 422
    refused = npo_client.get(npo_client.post(address, data={"choice": "R8-C77"}).location)
    assert "見つかりませんでした" in main_text(refused.text)


def test_another_npo_cannot_choose_for_a_draft(other_npo_client, npo, office):
    proposal = records.proposal(npo)

    assert other_npo_client.post(f"/proposals/{proposal.draft_number}/call", data={"choice": ""}).status_code == 404
