"""What of the review waits for whom: the office, the approver, the proposer."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, lazyload

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import open_to
from matchmaker.proposals.status import DRAFTABLE, ProposalStatus
from matchmaker.review.circulation_queries import Counted, counts_of
from matchmaker.review.models import Decision, DecisionStage, ReviewEvent

_KINDS: dict[Permission, dict[ProposalStatus, WaitingKind]] = {
    Permission.PROPOSAL_SCREEN: {ProposalStatus.SUBMITTED: WaitingKind.SCREENING},
    Permission.DECISION_DRAFT: {
        **dict.fromkeys(sorted(DRAFTABLE), WaitingKind.ASSESSING),
        ProposalStatus.ACCEPTED: WaitingKind.CIRCULATING,
    },
    Permission.DECISION_DECIDE: {
        ProposalStatus.DECISION_DRAFTED: WaitingKind.DECIDING,
        ProposalStatus.DECIDED: WaitingKind.RELEASING,
    },
}
"""What a person with the permission does next to a proposal in the state."""

_SAID_BY_KIND = frozenset(
    {
        ProposalStatus.SUBMITTED,
        ProposalStatus.ACCEPTED,
        ProposalStatus.DECISION_DRAFTED,
        ProposalStatus.DECIDED,
    }
)


TITLE_ONLY = (lazyload("*"), joinedload(Proposal.organisation))
"""A list of what waits needs no more of a proposal than its title and whose it is."""


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the proposals that the person can bring forward now: in review, and their own that were returned."""
    return _in_review(user) + _returned(user)


def _in_review(user: User) -> list[WaitingItem]:
    kinds = {
        status: kind
        for permission, statuses in _KINDS.items()
        if user.may(permission)
        for status, kind in statuses.items()
    }
    if not kinds:
        return []
    # A draft of one's own waits for somebody else.
    own_draft = select(Decision.proposal_id).where(
        Decision.stage == DecisionStage.DRAFTED, Decision.drafted_by_id == user.id
    )
    rows = db.session.execute(
        select(Proposal, _moved_at())
        .where(
            Proposal.submitted_at.is_not(None),
            open_to(user),
            Proposal.status.in_(sorted(kinds)),
            or_(Proposal.status != ProposalStatus.DECISION_DRAFTED, Proposal.id.not_in(own_draft)),
        )
        .order_by(Proposal.id)
        .options(*TITLE_ONLY)
    ).all()
    counts = counts_of(proposal.id for proposal, _since in rows)
    held = _held_until(user)
    return [
        WaitingItem(
            kind=kinds[proposal.status],
            number=proposal.public_number,
            title=proposal.title,
            path=f"/review/{proposal.public_number}",
            since=since,
            who=proposal.organisation.name,
            due_on=held.get(proposal.id) if proposal.status is ProposalStatus.HELD else None,
            note=_note(proposal, counts.get(proposal.id)),
        )
        for proposal, since in rows
    ]


def _returned(user: User) -> list[WaitingItem]:
    if user.organisation is None or not user.may(Permission.PROPOSAL_SUBMIT):
        return []
    return [
        WaitingItem(
            kind=WaitingKind.FIXING,
            number=proposal.public_number,
            title=proposal.title,
            path=f"/proposals/{proposal.public_number}",
            since=event.at,
            who=_("NPO担当課"),
            due_on=event.fix_due_on,
        )
        for proposal, event in returned(organisation_id=user.organisation.id)
    ]


def returned(*, organisation_id: int | None = None) -> list[tuple[Proposal, ReviewEvent]]:
    """Return the proposals that were returned for changes, each with the event that did so."""
    newest = (
        select(func.max(ReviewEvent.id))
        .where(ReviewEvent.to_status == ProposalStatus.RETURNED_FOR_FIX)
        .group_by(ReviewEvent.proposal_id)
    )
    where = [Proposal.status == ProposalStatus.RETURNED_FOR_FIX]
    if organisation_id is not None:
        where.append(Proposal.organisation_id == organisation_id)
    rows = db.session.execute(
        select(Proposal, ReviewEvent)
        .join(ReviewEvent, ReviewEvent.proposal_id == Proposal.id)
        .where(ReviewEvent.id.in_(newest), *where)
        .order_by(Proposal.id)
        .options(*TITLE_ONLY)
    ).unique()
    return [(proposal, event) for proposal, event in rows]


def _moved_at() -> ColumnElement[datetime]:
    moved_at = select(func.max(ReviewEvent.at)).where(ReviewEvent.proposal_id == Proposal.id).scalar_subquery()
    return func.coalesce(moved_at, Proposal.submitted_at)


def _held_until(user: User) -> dict[int, date]:
    """Until when held proposals were told to wait, by their ids."""
    if not user.may(Permission.DECISION_DRAFT):
        return {}
    rows = db.session.execute(
        select(Decision.proposal_id, Decision.held_until_on)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(
            Proposal.status == ProposalStatus.HELD,
            Decision.stage == DecisionStage.RELEASED,
            Decision.held_until_on.is_not(None),
        )
        .order_by(Decision.id)
    )
    return {proposal_id: held_until_on for proposal_id, held_until_on in rows if held_until_on is not None}


def _note(proposal: Proposal, counted: Counted | None) -> str:
    if counted is None or proposal.status not in DRAFTABLE:
        return "" if proposal.status in _SAID_BY_KIND else proposal.status.label
    return _(
        "%(status)s（返事 %(answered)s/%(asked)s、停滞 %(stalled)s）",
        status=proposal.status.label,
        answered=counted.asked - counted.open,
        asked=counted.asked,
        stalled=counted.stalled,
    )
