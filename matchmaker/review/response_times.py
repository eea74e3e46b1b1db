"""How long each party really took, against what it promised: medians in business days over one year."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.directory.models import Organisation
from matchmaker.foundation.business_days import business_days_between
from matchmaker.foundation.clock import JAPAN, day_of
from matchmaker.foundation.database import db
from matchmaker.introductions.models import Introduction
from matchmaker.projects.models import Project
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review.circulation_models import CirculationAnswer, CirculationRequest
from matchmaker.review.models import ReviewEvent
from matchmaker.review.promises import PromiseInForce, Promises, is_overdue
from matchmaker.review.workflow import RELEASES, SCREENING, Action

PERIOD = timedelta(days=365)

FEWEST_SHOWN = 5
"""A median of fewer answers would say more about single cases than about the party."""

_NEXT_STAGES = frozenset({Action.DRAFT_DECISION, Action.PRESENT, Action.SCORE})

_STEPS: dict[Status, tuple[WaitingKind, frozenset[Action]]] = {
    Status.SUBMITTED: (WaitingKind.SCREENING, SCREENING),
    Status.RETURNED_FOR_FIX: (WaitingKind.FIXING, frozenset({Action.RESUBMIT})),
    Status.ACCEPTED: (WaitingKind.CIRCULATING, frozenset({Action.CIRCULATE, Action.DRAFT_DECISION})),
    **dict.fromkeys(
        (Status.CIRCULATED, Status.SHORTLISTED, Status.PRESENTED, Status.SCORED, Status.HELD),
        (WaitingKind.ASSESSING, _NEXT_STAGES),
    ),
    Status.DECISION_DRAFTED: (WaitingKind.DECIDING, frozenset({Action.DECIDE, Action.SEND_BACK})),
    Status.DECIDED: (WaitingKind.RELEASING, frozenset(RELEASES.values())),
}
"""What a state waits for, and which steps are the answer. Withdrawals and suspensions answer nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One thing that was answered. ``due_on`` is None where the promise of the kind says the day."""

    kind: WaitingKind
    since: datetime
    at: datetime
    due_on: date | None = None

    @property
    def business_days(self) -> int:
        return max(0, business_days_between(day_of(self.since), day_of(self.at)))


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """What one kind promises today and what was kept. ``median`` and ``kept_percent`` are None with too few answers."""

    promise: PromiseInForce
    count: int
    median: Fraction | None
    kept_percent: int | None

    @property
    def kind(self) -> WaitingKind:
        return self.promise.kind


def response_times(*, on: date) -> list[ResponseTime]:
    """Return every kind with the answers of the year before a day, in the order of the vocabulary."""
    begin = datetime.combine(on - PERIOD, datetime.min.time(), JAPAN)
    found: dict[WaitingKind, list[Answered]] = {kind: [] for kind in WaitingKind}
    for source in SOURCES:
        for answered in source(begin):
            found[answered.kind].append(answered)
    promises = Promises.load()
    return [measured(promises.of(kind, on), found[kind], promises) for kind in WaitingKind]


def measured(promise: PromiseInForce, answers: list[Answered], promises: Promises) -> ResponseTime:
    """Return the median and the share that was in time, each against the promise that held when it began to wait."""
    if len(answers) < FEWEST_SHOWN:
        return ResponseTime(promise, len(answers), None, None)
    kept = sum(not is_overdue(one.due_on or promises.due_after(one.kind, one.since), day_of(one.at)) for one in answers)
    middle = Fraction(median(one.business_days for one in answers))
    return ResponseTime(promise, len(answers), middle, kept * 100 // len(answers))


def _of_review(begin: datetime) -> Iterable[Answered]:
    events = db.session.scalars(
        select(ReviewEvent)
        .where(
            ReviewEvent.proposal_id.in_(select(ReviewEvent.proposal_id).where(ReviewEvent.at >= begin)),
        )
        .order_by(ReviewEvent.proposal_id, ReviewEvent.id)
    ).unique()
    for before, after in pairwise(events):
        if before.proposal_id != after.proposal_id or after.at < begin or before.to_status not in _STEPS:
            continue
        kind, answers = _STEPS[before.to_status]
        if after.action in answers:
            yield Answered(kind, before.at, after.at, before.fix_due_on)


def _of_circulation(begin: datetime) -> Iterable[Answered]:
    first = func.min(CirculationAnswer.answered_at)
    rows = db.session.execute(
        select(CirculationRequest.sent_at, first, CirculationRequest.due_on)
        .join(CirculationAnswer, CirculationAnswer.request_id == CirculationRequest.id)
        # What was moved from an ended division waited for two parties.
        .where(CirculationRequest.sent_by_id.is_not(None))
        .group_by(CirculationRequest.id, CirculationRequest.sent_at, CirculationRequest.due_on)
        .having(first >= begin)
    )
    return (Answered(WaitingKind.CIRCULATION, since, at, due_on) for since, at, due_on in rows)


def _of_introductions(begin: datetime) -> Iterable[Answered]:
    rows = db.session.execute(
        select(Introduction.asked_at, Introduction.answered_at).where(Introduction.answered_at >= begin)
    )
    return (Answered(WaitingKind.INTRODUCTION, since, at) for since, at in rows if at is not None)


def _of_verification(begin: datetime) -> Iterable[Answered]:
    rows = db.session.execute(
        select(Organisation.created_at, Organisation.checked_at).where(
            Organisation.checked_at >= begin,
            # Entries made from public cases waited for nobody.
            Organisation.source_url == "",
        )
    )
    return (Answered(WaitingKind.VERIFICATION, since, at) for since, at in rows if at is not None)


def _of_reports(begin: datetime) -> Iterable[Answered]:
    rows = db.session.execute(
        select(Project.reported_at, Project.confirmed_at).where(
            Project.reported_at.is_not(None), Project.confirmed_at >= begin
        )
    )
    return (Answered(WaitingKind.REPORT_CONFIRMATION, since, at) for since, at in rows if since and at)


SOURCES: tuple[Callable[[datetime], Iterable[Answered]], ...] = (
    _of_review,
    _of_circulation,
    _of_introductions,
    _of_verification,
    _of_reports,
)
"""Where answers are on record; a kind that none of them knows has too few answers to show."""
