"""Find proposals that were entered for others, as far as the person may see them."""

from sqlalchemy import ColumnElement, select

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.directory.models import Organisation
from matchmaker.directory.queries import page_of
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.proxy_models import ProxyEntry
from matchmaker.proposals.recusals import closed_ids
from matchmaker.proposals.status import EDITABLE


def find_for(user: User, number: str) -> ProxyEntry | None:
    """Return an entry by its proposal's draft number: the office any, others their own; none that they keep out of."""
    return db.session.scalar(
        select(ProxyEntry).join(ProxyEntry.proposal).where(Proposal.draft_number == number, _visible_to(user))
    )


def entry_of(proposal: Proposal) -> ProxyEntry | None:
    """Return how a proposal was entered for its owner, if it was."""
    return db.session.scalar(select(ProxyEntry).where(ProxyEntry.proposal_id == proposal.id))


def list_for(user: User, *, page: int) -> Page[ProxyEntry]:
    """Return a page of the entries that the person may see, the newest first."""
    return page_of(select(ProxyEntry).where(_visible_to(user)).order_by(ProxyEntry.id.desc()), page)


def find_npo(number: str) -> Organisation | None:
    """Return a registered and verified NPO by its number."""
    return db.session.scalar(
        select(Organisation).where(
            Organisation.number == number,
            Organisation.side == Side.NPO,
            Organisation.verification == Verification.VERIFIED,
        )
    )


def waiting_for(user: User) -> list[WaitingItem]:
    """Return what was entered for the person's organisation and waits for their confirmation."""
    if user.organisation is None or not user.may(Permission.PROPOSAL_SUBMIT):
        return []
    rows = db.session.scalars(
        select(ProxyEntry)
        .join(ProxyEntry.proposal)
        .where(
            Proposal.organisation_id == user.organisation.id,
            Proposal.status.in_(sorted(EDITABLE)),
            ProxyEntry.asked_at.is_not(None),
            ProxyEntry.confirmed_at.is_(None),
            ProxyEntry.refused_at.is_(None),
        )
        .order_by(ProxyEntry.id)
    ).unique()
    return [
        WaitingItem(
            WaitingKind.PROXY_CONFIRMATION,
            row.proposal.draft_number,
            row.proposal.title,
            f"/proposals/{row.proposal.draft_number}/check",
            row.asked_at or row.entered_at,
            who=row.entered_by.name,
        )
        for row in rows
    ]


def _visible_to(user: User) -> ColumnElement[bool]:
    is_open = ProxyEntry.proposal_id.not_in(closed_ids(user))
    return is_open if user.may(Permission.PROPOSAL_SCREEN) else is_open & (ProxyEntry.entered_by_id == user.id)
