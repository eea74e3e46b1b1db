"""Find calls, each as far as the person may see it: the office all, everybody those that were published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.directory.queries import page_of
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.differences import Change, difference
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.call_models import Call, CallEdition, CallPhase, CallTheme

LONGEST_GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition with what it changed, label by label; the first one changed nothing."""

    number: int
    at: datetime
    by: str
    reason: str
    changes: list[tuple[str, list[Change]]]


def find_for(user: User | None, number: str) -> Call | None:
    """Return a published call, and to the office one that is being drafted."""
    call = db.session.scalar(select(Call).where(Call.number == number))
    if call is None or (call.published_at is None and not _edits(user)):
        return None
    return call


def find_theme_for(user: User | None, number: str) -> tuple[CallTheme, Call] | None:
    """Return a theme with its call, when the person may see the call."""
    theme = db.session.scalar(select(CallTheme).where(CallTheme.number == number))
    call = db.session.get(Call, theme.call_id) if theme else None
    if theme is None or call is None or (call.published_at is None and not _edits(user)):
        return None
    return theme, call


def call_of(proposal: Proposal) -> Call | None:
    """Return the call that a proposal was written for."""
    return db.session.get(Call, proposal.call_id) if proposal.call_id else None


def theme_of(proposal: Proposal) -> CallTheme | None:
    """Return the theme that a proposal answers."""
    return db.session.get(CallTheme, proposal.theme_id) if proposal.theme_id else None


def list_of_office(*, page: int) -> Page[Call]:
    """Return a page of all calls, the newest first."""
    return page_of(select(Call).order_by(Call.fiscal_year_fy.desc(), Call.id.desc()), page)


def count_proposals(calls: Sequence[Call]) -> Mapping[int, tuple[int, int]]:
    """Return for each call's id how many drafts are written for it and how many proposals were submitted."""
    drafts = func.sum(case((Proposal.status == ProposalStatus.DRAFT, 1), else_=0))
    rows = db.session.execute(
        select(Proposal.call_id, drafts, func.count())
        .where(Proposal.call_id.in_([call.id for call in calls]))
        .group_by(Proposal.call_id)
    ).all()
    counted = {call_id: (drafts, total - drafts) for call_id, drafts, total in rows}
    return {call.id: counted.get(call.id, (0, 0)) for call in calls}


def list_current(at: datetime) -> list[Call]:
    """Return the published calls that are open or will open, the one that closes first on top."""
    calls = db.session.scalars(
        select(Call)
        .where(Call.published_at.is_not(None), Call.cancelled_at.is_(None), Call.closes_at > at - LONGEST_GRACE)
        .order_by(Call.closes_at, Call.id)
    )
    return [call for call in calls if call.phase(at) in (CallPhase.OPEN, CallPhase.COMING)]


def list_open(at: datetime) -> list[Call]:
    """Return the calls that take submissions now, the one that closes first on top."""
    return [call for call in list_current(at) if call.phase(at) is CallPhase.OPEN]


def list_past(at: datetime, *, page: int) -> Page[Call]:
    """Return a page of the calls that closed or were cancelled after they were published, the newest first."""
    over = Call.id.not_in([call.id for call in list_current(at)])
    return page_of(select(Call).where(Call.published_at.is_not(None), over).order_by(Call.closes_at.desc()), page)


def list_editions(call: Call) -> list[Edition]:
    """Return what was published when, the newest first, each with what it changed."""
    rows = db.session.scalars(
        select(CallEdition)
        .where(CallEdition.call_id == call.id)
        .options(joinedload(CallEdition.saved_by))
        .order_by(CallEdition.number)
    ).all()
    editions, before = [], None
    for row in rows:
        editions.append(Edition(row.number, row.saved_at, row.saved_by.name, row.reason, _changes(before, row)))
        before = row
    return editions[::-1]


def last_edition(call: Call) -> CallEdition | None:
    """Return who changed the published call last, and when."""
    return db.session.scalar(
        select(CallEdition).where(CallEdition.call_id == call.id).order_by(CallEdition.number.desc()).limit(1)
    )


def _edits(user: User | None) -> bool:
    return user is not None and user.may(Permission.CALL_EDIT)


def _changes(before: CallEdition | None, after: CallEdition) -> list[tuple[str, list[Change]]]:
    if before is None:
        return []
    old: dict[str, str] = {label: text for label, text in before.content}  # noqa: C416 - pairs come back as lists
    return [(label, difference(old.get(label, ""), text)) for label, text in after.content if old.get(label) != text]
