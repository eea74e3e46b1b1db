"""One mail before a call closes to each person whose organisation has an unsent draft for it."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from matchmaker.accounts.models import Membership, User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.notices import service as notices
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import call_queries
from matchmaker.review.call_models import Call, CallReminder
from matchmaker.review.joining import moment_in_words

DAYS_BEFORE = 3
"""Early enough to finish a section and to ask a colleague; a daily run reaches everybody on one of these days."""


def list_due(*, at: datetime) -> list[tuple[int, int]]:
    """Return the call and the person of each mail that is to be written now, by their ids."""
    return _due(at)


def _due(at: datetime, *where: ColumnElement[bool]) -> list[tuple[int, int]]:
    closing = [call.id for call in call_queries.list_open(at) if _closes_soon(call, at)]
    if not closing:
        return []
    told = select(CallReminder.id).where(CallReminder.call_id == Proposal.call_id, CallReminder.user_id == User.id)
    rows = db.session.execute(
        select(Proposal.call_id, User.id)
        .join(Membership, Membership.organisation_id == Proposal.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Proposal.call_id.in_(closing),
            Proposal.status == ProposalStatus.DRAFT,
            Membership.ended_at.is_(None),
            User.suspended_at.is_(None),
            User.email_confirmed_at.is_not(None),
            User.call_mails_stopped_at.is_(None),
            ~told.exists(),
            *where,
        )
        .distinct()
        .order_by(Proposal.call_id, User.id)
    )
    return [(call_id, user_id) for call_id, user_id in rows if call_id is not None]


def remind(call_id: int, user_id: int, *, at: datetime) -> bool:
    """Write the person's one mail about the call, unless the reason for it is gone; say whether it was written."""
    call, user = db.session.get_one(Call, call_id), locked(db.session.get_one(User, user_id))
    if not _due(at, Proposal.call_id == call_id, User.id == user_id):
        return False
    organisations = [row.organisation_id for row in user.memberships if row.ended_at is None]
    drafts = db.session.scalars(
        select(Proposal)
        .where(
            Proposal.call_id == call_id,
            Proposal.status == ProposalStatus.DRAFT,
            Proposal.organisation_id.in_(organisations),
        )
        .order_by(Proposal.id)
    ).unique()
    db.session.add(CallReminder(call_id=call_id, user_id=user_id, sent_at=at))
    notices.tell(
        user,
        "call_closing",
        at=at,
        title=call.title,
        closes=moment_in_words(call.closes_at),
        drafts=[(draft.draft_number, draft.title) for draft in drafts],
    )
    audit.record("system:call:remind", call.number, actor_id=None, at=at, user=user_id)
    return True


def _closes_soon(call: Call, at: datetime) -> bool:
    return at < call.closes_at and day_of(call.closes_at) - day_of(at) <= timedelta(days=DAYS_BEFORE)
