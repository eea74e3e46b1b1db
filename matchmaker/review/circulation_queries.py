"""Find what was circulated, each as far as the person may see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.directory.models import Division
from matchmaker.directory.queries import page_of
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_own, reviews
from matchmaker.proposals.recusals import open_to
from matchmaker.proposals.status import WITH_RESULT
from matchmaker.review.circulation import ANSWERABLE
from matchmaker.review.circulation_models import ENDED, OPEN, WILLING, CirculationRequest, CirculationStatus


@dataclass(frozen=True, slots=True)
class WaitShown:
    """One division as the proposer may know it: who, since when, until when; what it said only after the result."""

    division: str
    status: CirculationStatus
    since: datetime
    due_on: date
    answer: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many divisions were asked about a proposal, owe their answer, and are late."""

    asked: int = 0
    open: int = 0
    stalled: int = 0


def list_of(user: User, proposal: Proposal) -> list[CirculationRequest]:
    """Return all requests of a proposal in the order they were sent, for those who review."""
    if not reviews(user, proposal):
        return []
    return list(
        db.session.scalars(
            select(CirculationRequest)
            .where(CirculationRequest.proposal_id == proposal.id)
            .options(joinedload(CirculationRequest.sent_by))
            .order_by(CirculationRequest.id)
        ).unique()
    )


def willing_divisions(proposal: Proposal) -> list[Division]:
    """Return the divisions whose last answer says that they are interested, also under conditions."""
    requests = db.session.scalars(
        select(CirculationRequest)
        .where(CirculationRequest.proposal_id == proposal.id, CirculationRequest.status == CirculationStatus.ANSWERED)
        .order_by(CirculationRequest.id)
    ).unique()
    return [one.division for one in requests if one.answers and one.answers[-1].code in WILLING]


def find_for_office(user: User, proposal: Proposal, request_id: int) -> CirculationRequest | None:
    """Return one request of the proposal, for those who send them."""
    if not user.may(Permission.CIRCULATION_SEND):
        return None
    return db.session.scalar(
        select(CirculationRequest).where(
            CirculationRequest.id == request_id, CirculationRequest.proposal_id == proposal.id
        )
    )


def find_for_desk(user: User, number: str) -> CirculationRequest | None:
    """Return the newest request about a proposal that was sent to the person's division."""
    return db.session.scalar(
        select(CirculationRequest)
        .join(Proposal, Proposal.id == CirculationRequest.proposal_id)
        .where(Proposal.number == number, CirculationRequest.division_id.in_(desk_of(user)), open_to(user))
        .order_by(CirculationRequest.id.desc())
        .limit(1)
        .options(joinedload(CirculationRequest.proposal))
    )


def list_for_desk(user: User, *, page: int) -> Page[CirculationRequest]:
    """Return what was sent to the person's division: what waits first, the soonest due on top."""
    waits = case((_owed(), 0), else_=1)
    statement = (
        select(CirculationRequest)
        .join(Proposal, Proposal.id == CirculationRequest.proposal_id)
        .where(CirculationRequest.division_id.in_(desk_of(user)), open_to(user))
        .options(joinedload(CirculationRequest.proposal))
        .order_by(waits, CirculationRequest.due_on, CirculationRequest.id)
    )
    return page_of(statement, page)


def waits_shown_to(user: User | None, proposal: Proposal) -> list[WaitShown]:
    """Return whose answer the proposal waits for, to the proposer's members; their words only after the result.

    What a division thinks before that is part of the deliberation (審議検討情報); who is waited for, and since when, is
    not.
    """
    if not is_own(user, proposal):
        return []
    tells_answers = proposal.status in WITH_RESULT
    rows = db.session.scalars(
        select(CirculationRequest)
        .where(CirculationRequest.proposal_id == proposal.id, CirculationRequest.status.not_in(sorted(ENDED)))
        .order_by(CirculationRequest.id)
    ).unique()
    return [
        WaitShown(
            division=row.division.name,
            status=row.status,
            since=row.sent_at,
            due_on=row.due_on,
            answer=row.answer.code.label if tells_answers and row.answer else "",
            comment=row.answer.comment if tells_answers and row.answer else "",
        )
        for row in rows
    ]


def counts_of(proposal_ids: Iterable[int]) -> dict[int, Counted]:
    """Return the counts of proposals by their ids, in one query; those never circulated are missing."""
    rows = db.session.execute(
        select(
            CirculationRequest.proposal_id,
            func.count(),
            func.sum(case((CirculationRequest.status.in_(sorted(OPEN)), 1), else_=0)),
            func.sum(case((CirculationRequest.status == CirculationStatus.STALLED, 1), else_=0)),
        )
        .where(CirculationRequest.proposal_id.in_(list(proposal_ids)), CirculationRequest.status.not_in(sorted(ENDED)))
        .group_by(CirculationRequest.proposal_id)
    )
    return {row[0]: Counted(row[1], int(row[2]), int(row[3])) for row in rows}


def stalled_proposals() -> Select[int]:
    """Return the ids of proposals whose circulation has stalled, as a subquery."""
    return select(CirculationRequest.proposal_id).where(CirculationRequest.status == CirculationStatus.STALLED)


def list_open_ids() -> list[int]:
    """Return the ids of all requests that wait for an answer, oldest first."""
    statement = (
        select(CirculationRequest.id)
        .join(Proposal, Proposal.id == CirculationRequest.proposal_id)
        .where(_owed())
        .order_by(CirculationRequest.id)
    )
    return list(db.session.scalars(statement))


def list_open_of(proposals: Sequence[Proposal]) -> list[CirculationRequest]:
    """Return the requests of proposals that wait for an answer."""
    ids = [proposal.id for proposal in proposals]
    return list(
        db.session.scalars(
            select(CirculationRequest)
            .where(CirculationRequest.proposal_id.in_(ids), CirculationRequest.status.in_(sorted(OPEN)))
            .order_by(CirculationRequest.id)
        ).unique()
    )


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the answers that the person's division owes."""
    desk = desk_of(user) if user.may(Permission.CIRCULATION_ANSWER) else frozenset()
    if not desk:
        return []
    rows = db.session.scalars(
        select(CirculationRequest)
        .join(Proposal, Proposal.id == CirculationRequest.proposal_id)
        .where(CirculationRequest.division_id.in_(desk), _owed(), open_to(user))
        .options(lazyload("*"), joinedload(CirculationRequest.proposal).joinedload(Proposal.organisation))
        .order_by(CirculationRequest.id)
    ).unique()
    return [
        WaitingItem(
            kind=WaitingKind.CIRCULATION,
            number=row.proposal.public_number,
            title=row.proposal.title,
            path=f"/circulation/{row.proposal.public_number}",
            since=row.sent_at,
            who=row.proposal.organisation.name,
            due_on=row.due_on,
            note=row.status.label if row.status is CirculationStatus.STALLED else "",
        )
        for row in rows
    ]


def _owed() -> ColumnElement[bool]:
    return CirculationRequest.status.in_(sorted(OPEN)) & Proposal.status.in_(sorted(ANSWERABLE))
