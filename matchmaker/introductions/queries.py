"""Reading matches' records and introductions, already narrowed to what the person may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from matchmaker.accounts.models import Membership, User
from matchmaker.audit.models import AuditEntry
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import find as find_interest
from matchmaker.interests.queries import find_for as find_interest_for
from matchmaker.interests.queries import is_own as is_own_interest
from matchmaker.interests.queries import reads_all
from matchmaker.introductions.disclosure import STRANGER
from matchmaker.introductions.matches import ranked_interests
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.service import CONTACT_VIEW
from matchmaker.introductions.status import OPEN, IntroductionStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import find_by_number as find_proposal_by_number
from matchmaker.proposals.queries import is_own as is_own_proposal
from matchmaker.proposals.queries import is_public
from matchmaker.proposals.recusals import closed_numbers, is_recused, open_to

PAGE_SIZE = 20
EVIDENCE_SIZE = 5
VIEWS_SHOWN = 20


class Box(StrEnum):
    """Which introductions a list holds."""

    RECEIVED = "received"
    SENT = "sent"
    ALL = "all"  # what the office reads


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody was shown the contacts of an introduction."""

    at: datetime
    organisation: str


@dataclass(frozen=True, slots=True)
class MatchSeen:
    """One match as evidence: what it is worth and why, without a name that is not public."""

    points: int
    sentence: str
    interest_number: str
    public_name: str


@dataclass(frozen=True, slots=True)
class IntroductionSeen:
    """One introduction as evidence."""

    number: str
    status: IntroductionStatus
    asked_by_side: Side
    asked_at: datetime
    interest_number: str
    public_name: str


@dataclass(frozen=True, slots=True)
class MatchEvidence:
    """What companies could and did say to a proposal, for those who judge it."""

    matches: list[MatchSeen]
    introductions: list[IntroductionSeen]


def match_evidence(proposal: Proposal, *, on: date | None = None) -> MatchEvidence:
    """Return the five best matches of a proposal today and all its introductions, the newest first."""
    best = ranked_interests(proposal, on=on or clock.today(), size=EVIDENCE_SIZE, near_misses=0)
    introductions = db.session.scalars(
        select(Introduction).where(Introduction.proposal_id == proposal.id).order_by(Introduction.id.desc())
    )
    return MatchEvidence(
        matches=[
            MatchSeen(
                points=line.match.points,
                sentence=next(iter(line.match.reasons), ""),
                interest_number=line.record.number,
                public_name=STRANGER.company(line.record),
            )
            for line in best.page.items
        ],
        introductions=[
            IntroductionSeen(
                number=one.number,
                status=one.status,
                asked_by_side=one.asked_by_side,
                asked_at=one.asked_at,
                interest_number=one.interest.number,
                public_name=STRANGER.company(one.interest),
            )
            for one in introductions
        ],
    )


def find_ranked_proposal_for(user: User, number: str) -> Proposal | None:
    """Return a proposal whose matches the person may read: its own members and the office."""
    proposal = find_proposal_by_number(number)
    may_read = proposal is not None and (is_own_proposal(user, proposal) or _reads_for_prefecture(user, proposal))
    return proposal if may_read else None


def find_ranked_interest_for(user: User, number: str) -> Interest | None:
    """Return an interest whose matches the person may read: its own members and the office."""
    interest = find_interest(number)
    may_read = interest is not None and (is_own_interest(user, interest) or reads_all(user))
    return interest if may_read else None


def closed_in_lists_of(interest: Interest, user: User) -> frozenset[str]:
    """Return the draft numbers of the proposals that an interest's lists leave out for the person: all that they keep
    out of, unless the lists are their own organisation's.
    """
    return frozenset() if is_own_interest(user, interest) else closed_numbers(user)


def find_pair_for(
    user: User, proposal_number: str, interest_number: str, *, on: date
) -> tuple[Proposal, Interest] | None:
    """Return a pair that the person may read: the office any; a side its own with what it may know of the other."""
    proposal, interest = find_proposal_by_number(proposal_number), find_interest(interest_number)
    if proposal is None or interest is None:
        return None
    if _reads_for_prefecture(user, proposal) or any(
        one.status in OPEN for one in list_between(proposal, interest, for_user=user)
    ):
        return proposal, interest
    if is_own_proposal(user, proposal):
        known = find_interest_for(user, interest_number, on=on)
        return (proposal, known) if known is not None else None
    return (proposal, interest) if is_own_interest(user, interest) and is_public(proposal) else None


def find_interest_met_by(user: User, number: str) -> Interest | None:
    """Return an interest that the person's NPO has an open introduction with, also when it is listed no more."""
    if user.organisation is None:
        return None
    return db.session.scalar(
        select(Interest)
        .join(Introduction, Introduction.interest_id == Interest.id)
        .join(Proposal, Proposal.id == Introduction.proposal_id)
        .where(
            Interest.number == number,
            Proposal.organisation_id == user.organisation.id,
            Introduction.status.in_(OPEN),
        )
        .limit(1)
    )


def list_between(proposal: Proposal, interest: Interest, *, for_user: User) -> list[Introduction]:
    """Return the introductions of a pair that the person may read, the newest first."""
    return list(
        db.session.scalars(
            _introductions_for(for_user)
            .where(Introduction.proposal_id == proposal.id, Introduction.interest_id == interest.id)
            .order_by(Introduction.id.desc())
        )
    )


def statuses_with_interests(proposal: Proposal, interests: Iterable[Interest]) -> dict[int, IntroductionStatus]:
    """Return the latest introduction's status by interest id."""
    return _statuses(
        Introduction.interest_id,
        Introduction.proposal_id == proposal.id,
        Introduction.interest_id.in_([interest.id for interest in interests]),
    )


def statuses_with_proposals(interest: Interest, proposals: Iterable[Proposal]) -> dict[int, IntroductionStatus]:
    """Return the latest introduction's status by proposal id."""
    return _statuses(
        Introduction.proposal_id,
        Introduction.interest_id == interest.id,
        Introduction.proposal_id.in_([proposal.id for proposal in proposals]),
    )


def find_introduction_for(user: User, introduction_id: int) -> Introduction | None:
    """Return an introduction of the person's own organisation, or any for the office."""
    return db.session.scalar(_introductions_for(user).where(Introduction.id == introduction_id))


def list_introductions_for(user: User, box: Box, page: int) -> Page[Introduction]:
    """Return a page of introductions, those that wait for an answer first, then the newest."""
    statement = _introductions_for(user)
    if box is not Box.ALL:
        statement = statement.where(_was_asked_by(user) if box is Box.SENT else ~_was_asked_by(user))
    waiting_first = (Introduction.status != IntroductionStatus.ASKED, Introduction.id.desc())
    total = db.session.scalar(select(func.count()).select_from(statement.with_only_columns(Introduction.id).subquery()))
    rows = db.session.scalars(statement.order_by(*waiting_first).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return Page(items=rows, number=page, size=PAGE_SIZE, total=total or 0)


def count_waiting_for(user: User) -> int:
    """Return how many requests wait for an answer of the person's organisation."""
    statement = _introductions_for(user).where(Introduction.status == IntroductionStatus.ASKED, ~_was_asked_by(user))
    return (
        db.session.scalar(select(func.count()).select_from(statement.with_only_columns(Introduction.id).subquery()))
        or 0
    )


def list_contact_views(introduction: Introduction) -> list[ContactView]:
    """Return who was shown the contacts, by organisation, the newest first."""
    rows = db.session.execute(
        select(AuditEntry.at, Organisation.name)
        .join(Membership, Membership.user_id == AuditEntry.actor_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            AuditEntry.tag == CONTACT_VIEW,
            AuditEntry.subject == introduction.number,
            Organisation.id.in_([introduction.proposal.organisation_id, introduction.interest.organisation_id]),
        )
        .order_by(AuditEntry.id.desc())
        .limit(VIEWS_SHOWN)
    )
    return [ContactView(at=at, organisation=name) for at, name in rows]


def _reads_for_prefecture(user: User, proposal: Proposal) -> bool:
    """Whoever has a tie with the proposer reads no more of the proposal than everybody does."""
    return reads_all(user) and not is_recused(user, proposal)


def _introductions_for(user: User) -> Select[Introduction]:
    statement = (
        select(Introduction)
        .join(Proposal, Proposal.id == Introduction.proposal_id)
        .join(Interest, Interest.id == Introduction.interest_id)
    )
    if reads_all(user):
        return statement.where(open_to(user))
    own = user.organisation.id if user.organisation else None
    return statement.where(or_(Proposal.organisation_id == own, Interest.organisation_id == own))


def _was_asked_by(user: User) -> ColumnElement[bool]:
    side = user.organisation.side if user.organisation else Side.NPO
    return Introduction.asked_by_side == side


def _statuses(key: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> dict[int, IntroductionStatus]:
    rows = db.session.execute(select(key, Introduction.status).where(*conditions).order_by(Introduction.id))
    return {row[0]: row[1] for row in rows}
