"""The daily work of the clocks: what has stalled, what ends by itself, and one reminder a day to each person.

Each act is a transaction of its own and looks again under its lock: running twice, late, or twice at once does no harm.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import or_, select

from matchmaker.accounts.models import Membership, StaffRole, User
from matchmaker.audit import service as audit
from matchmaker.foundation.business_days import is_business_day
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.transaction import end_reading, transaction
from matchmaker.notices import service as notices
from matchmaker.proposals.models import Proposal
from matchmaker.review import call_reminders, circulation, circulation_queries, lapses, work
from matchmaker.review.circulation_models import CirculationRequest
from matchmaker.review.promise_models import Nudge
from matchmaker.review.promises import Promises
from matchmaker.review.work import Work

DAYS_BETWEEN_NUDGES = 5
"""After the due day, a thing is a reason for a reminder on each fifth business day."""

MOST_LINES = 20
"""Things named in one reminder; the page has all."""

log = logging.getLogger(__name__)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Done:
    """What one run did. ``closing``: mails before a call closes.

    ``failed``: acts that could not be stored; the next run tries them again.
    """

    settled: int
    stalled: int
    lapsed: int
    nudged: int
    closing: int
    failed: int


def run(*, at: datetime) -> Done:
    """Do what is due at a moment. Ended divisions come first, so that none of them is called late."""
    runs = [
        _each(circulation_queries.list_open_ids(), lambda row_id: _settle(row_id, at)),
        _each(circulation_queries.list_open_ids(), lambda row_id: _stall(row_id, at)),
        _each([proposal.id for proposal in lapses.list_due(on=day_of(at))], lambda row_id: _lapse(row_id, at)),
        _each(_people_to_nudge(day_of(at)), lambda user_id: _nudge(user_id, at)),
        _each(call_reminders.list_due(at=at), lambda due: call_reminders.remind(*due, at=at)),
    ]
    settled, stalled, lapsed, nudged, closing = (done for done, _failed in runs)
    return Done(settled, stalled, lapsed, nudged, closing, failed=sum(failed for _done, failed in runs))


def is_reason_to_nudge(one: Work) -> bool:
    """Say whether a thing is worth a reminder today: due by the next business day, or late by 1, 6, 11 … days."""
    if one.is_overdue:
        return (-one.days_left - 1) % DAYS_BETWEEN_NUDGES == 0
    return one.days_left <= 1


def _each(rows: Iterable[Row], act: Callable[[Row], bool]) -> tuple[int, int]:
    """Do each act in a transaction of its own; one that fails must not keep the others back."""
    done = failed = 0
    for row in rows:
        try:
            with transaction():
                done += act(row)
        except Exception:
            log.exception("the clock could not finish its act on row %s", row)
            failed += 1
    return done, failed


def _settle(request_id: int, at: datetime) -> bool:
    request = db.session.get_one(CirculationRequest, request_id)
    circulation.settle_ended(request, at=at)
    return not request.is_open


def _stall(request_id: int, at: datetime) -> bool:
    return circulation.stall(db.session.get_one(CirculationRequest, request_id), at=at)


def _lapse(proposal_id: int, at: datetime) -> bool:
    return lapses.lapse_when_due(db.session.get_one(Proposal, proposal_id), at=at)


def _people() -> list[int]:
    """People for whom anything can wait."""
    takes_part = or_(
        User.id.in_(select(StaffRole.user_id).where(StaffRole.ended_at.is_(None))),
        User.id.in_(select(Membership.user_id).where(Membership.ended_at.is_(None))),
    )
    statement = select(User.id).where(User.suspended_at.is_(None), User.email_confirmed_at.is_not(None), takes_part)
    return list(db.session.scalars(statement.order_by(User.id)))


def _people_to_nudge(on: date) -> Iterator[int]:
    """Look, without holding any lock, who has a reason to be reminded; nobody on days when the offices are closed."""
    promises = Promises.load()
    for user_id in _people() if is_business_day(on) else []:
        try:
            waiting = work.work_of(db.session.get_one(User, user_id), on=on, promises=promises)
            is_reason = any(map(is_reason_to_nudge, waiting))
        except Exception:
            is_reason = True  # the act meets the same fault and reports it
        if is_reason:
            yield user_id
        end_reading()


def _nudge(user_id: int, at: datetime) -> bool:
    """Write the person's one reminder of the day, unless there is none to write or it was written before."""
    user, today = locked(db.session.get_one(User, user_id)), day_of(at)
    if db.session.scalar(select(Nudge.id).where(Nudge.user_id == user.id, Nudge.on == today)) is not None:
        return False
    waiting = [one for one in work.work_of(user, on=today, promises=Promises.load()) if one.days_left <= 1]
    if not any(map(is_reason_to_nudge, waiting)):
        return False
    _write(user, waiting, today, at)
    return True


def _write(user: User, waiting: list[Work], today: date, at: datetime) -> None:
    db.session.add(Nudge(user_id=user.id, on=today, items=len(waiting), sent_at=at))
    notices.tell(
        user,
        "work-waiting",
        at=at,
        waiting=waiting[:MOST_LINES],
        more=max(0, len(waiting) - MOST_LINES),
        overdue=sum(one.is_overdue for one in waiting),
        total=len(waiting),
    )
    audit.record("system:work:remind", f"user {user.id}", actor_id=None, at=at, items=len(waiting))
