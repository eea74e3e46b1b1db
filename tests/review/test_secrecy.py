"""Nothing of a decision is known outside the house before its release."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import queries
from matchmaker.review.models import ReviewEvent
from matchmaker.review.workflow import Action, Outcome
from tests.support import records
from tests.support.reviewing import SECRET_NEXT_STEP, SECRET_REASON, People, proposal_at, take

OUTSIDERS = ["client", "npo_client", "other_npo_client", "company_client", "division_client", "administrator_client"]
SECRET = [ProposalStatus.DECISION_DRAFTED, ProposalStatus.DECIDED]
SECRET_WORDS = [
    SECRET_REASON,
    SECRET_NEXT_STEP,
    "根拠が弱いので書き直す。",
    "差し戻し",
    *(status.label for status in SECRET),
]


def decided_after_a_second_draft(npo, people: People, status: ProposalStatus) -> Proposal:
    """Drafted, sent back, drafted again, and decided where the status says so."""
    proposal = proposal_at(npo, ProposalStatus.ACCEPTED, people)
    take(Action.DRAFT_DECISION, proposal, people.office, reason=SECRET_REASON)
    take(Action.SEND_BACK, proposal, people.approver, reason="根拠が弱いので書き直す。")
    take(Action.DRAFT_DECISION, proposal, people.office, reason=SECRET_REASON)
    if status is ProposalStatus.DECIDED:
        take(Action.DECIDE, proposal, people.approver)
    return proposal


def addresses(proposal: Proposal) -> list[str]:
    number = proposal.number
    return [
        "/",
        f"/proposals/{number}",
        f"/proposals/{number}/versions",
        "/proposals",
        "/proposals?q=%E6%94%BE%E8%AA%B2%E5%BE%8C",
        "/proposals/mine",
        "/projects",
        "/search?q=%E6%94%BE%E8%AA%B2%E5%BE%8C",
        "/indicators",
        f"/review/{number}",
        "/review",
    ]


def without_token(html: str) -> str:
    return re.sub(r'(name="csrf_token" value=)"[^"]*"', r"\1", html)


@pytest.mark.parametrize("status", SECRET)
@pytest.mark.parametrize("kind", OUTSIDERS)
def test_no_page_tells_an_outsider_of_a_decision_before_its_release(kind, status, npo, people: People, request):
    proposal = decided_after_a_second_draft(npo, people, status)
    client = request.getfixturevalue(kind)

    for address in addresses(proposal):
        page = client.get(address).get_data(as_text=True)
        assert [word for word in SECRET_WORDS if word in page] == [], address


@pytest.mark.parametrize("status", SECRET)
def test_the_proposer_sees_the_same_page_while_a_decision_is_made_as_before(status, npo, npo_client, people: People):
    proposal = proposal_at(npo, ProposalStatus.ACCEPTED, people)
    before = without_token(npo_client.get(f"/proposals/{proposal.number}").text)

    take(Action.DRAFT_DECISION, proposal, people.office)
    if status is ProposalStatus.DECIDED:
        take(Action.DECIDE, proposal, people.approver)

    assert without_token(npo_client.get(f"/proposals/{proposal.number}").text) == before


def test_history_of_the_proposer_has_no_internal_step_and_no_name_of_staff(npo, people: People):
    proposal = decided_after_a_second_draft(npo, people, ProposalStatus.DECIDED)
    take(Action.ADOPT, proposal, people.approver)

    assert [(entry.label, entry.actor) for entry in queries.history_for(people.owner, proposal)] == [
        ("採択の通知", "NPO担当課")
    ]
    assert [entry.label for entry in queries.history_for(people.office, proposal)] == [
        "起案",
        "差し戻し",
        "起案",
        "決裁",
        "採択の通知",
    ]


def test_history_is_closed_to_everybody_else(npo, people: People, company_member, other_npo_member, division_staff):
    proposal = proposal_at(npo, ProposalStatus.SUBMITTED, people)
    take(Action.ACCEPT, proposal, people.office)

    everybody: list[User | None] = [None, company_member, other_npo_member, division_staff]
    assert [queries.history_for(person, proposal) for person in everybody] == [[], [], [], []]


def test_history_tells_until_when_changes_are_awaited(npo, people: People):
    proposal = proposal_at(npo, ProposalStatus.SUBMITTED, people)
    take(Action.RETURN_FOR_FIX, proposal, people.office, reason="予算の内訳を足してください。")

    [entry] = queries.history_for(people.owner, proposal)
    [event] = db.session.scalars(select(ReviewEvent)).all()
    assert (entry.reason, entry.fix_due_on) == (event.reason, event.fix_due_on)
    assert entry.reason.endswith("\n予算の内訳を足してください。")
    assert entry.label.startswith("修正の依頼（期限：令和")


@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value)
def test_released_decision_is_none_until_the_release(outcome, npo, people: People):
    proposal = proposal_at(npo, ProposalStatus.DECIDED, people, outcome)
    assert queries.released_decision(proposal) is None

    take(Action.ADOPT, proposal, people.approver)

    released = queries.released_decision(proposal)
    assert released is not None
    assert (released.outcome, released.reason) == (outcome, SECRET_REASON)


def test_no_mail_goes_out_before_the_release(npo, people: People):
    decided_after_a_second_draft(npo, people, ProposalStatus.DECIDED)

    assert db.session.scalars(select(Notice)).all() == []


def test_mail_of_a_result_goes_to_current_members_only(npo, people: People):
    colleague = records.member(npo, name="山田次郎")
    suspended = records.member(npo, name="停止中", suspended_at=records.LONG_AGO)
    left = records.member(npo, name="退会者")
    with transaction():
        left.memberships[0].ended_at = records.LONG_AGO + timedelta(days=1)
    unconfirmed = records.member(npo, name="未確認", email_confirmed_at=None)
    proposal = proposal_at(npo, ProposalStatus.DECIDED, people)

    take(Action.ADOPT, proposal, people.approver)

    receivers = {notice.to_user_id for notice in db.session.scalars(select(Notice))}
    assert receivers == {people.owner.id, colleague.id}
    assert receivers.isdisjoint({suspended.id, left.id, unconfirmed.id})


def test_withdrawal_while_a_decision_is_drafted_is_as_quiet_as_any_other(npo, people: People):
    proposal = proposal_at(npo, ProposalStatus.DECISION_DRAFTED, people)

    take(Action.WITHDRAW, proposal, people.owner)

    assert (proposal.status, proposal.is_published) == (ProposalStatus.WITHDRAWN, False)
    assert [entry.label for entry in queries.history_for(people.owner, proposal)] == ["取り下げ"]
    assert [notice.kind for notice in db.session.scalars(select(Notice))] == ["proposal_withdrawn"]
