"""The guarantee that each open proposal is shown to so many suitable companies within so many days.

Every company's list keeps a few slots for proposals that have not been shown to enough companies yet. Each morning
these slots are filled anew from the facts: who suits whom, who saw what, who opens a list on which weekdays.

Why a flow and not only "the most urgent first": which companies show a proposal is a choice, and a choice that looks
best for the most urgent proposal can take the only slot of another that could have been served too. A maximum flow
finds the choice if there is one.

Why the promise holds: the flow gives each company tasks (show this proposal by its last day) of which no more than
``slots × openings until then`` end by any day. Of unit tasks on one list, the earliest last day first keeps that true
for the next day (J. R. Jackson, 1955). So what was feasible this morning is feasible tomorrow, whoever opened a list as
expected; proposals that arrive are tried after those already promised and cannot take their slots. When not all can
be promised, the later one raises the alarm at once. Slots that the flow leaves free are given to those who still need
companies, so that an opening that does not take place rarely costs a promise.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

EVERY_DAY = frozenset(range(7))

Suitability = Mapping[str, Mapping[str, int]]
"""By proposal id and company id: the points of each pair that suits. What is missing does not suit."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What staff set.

    Shapes: a proposal is shown to ``companies`` different companies within ``within_days`` days, the day it opened
    being the first; a list has ``list_length`` lines, ``reserved_slots`` of them reserved; a company with
    ``open_request_cap`` unanswered requests is left in peace; a proposal that still needs companies when only
    ``warning_days`` are left, that day included, raises an alarm in any case.
    Errors: ValueError when a number is below 1 (``warning_days``: below 0) or more slots are reserved than there are.
    """

    companies: int = 5
    within_days: int = 14
    reserved_slots: int = 3
    list_length: int = 20
    open_request_cap: int = 5
    warning_days: int = 2

    def __post_init__(self) -> None:
        counts = (self.companies, self.within_days, self.reserved_slots, self.list_length, self.open_request_cap)
        if min(counts) < 1 or self.warning_days < 0:
            raise ValueError("every number of the guarantee must be 1 or more, and the warning days 0 or more")
        if self.reserved_slots > self.list_length:
            raise ValueError("no more slots can be reserved than a list has lines")


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """A proposal that seeks partners since ``opened_on``, until ``closes_on`` where it is known."""

    id: str
    opened_on: date
    closes_on: date | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A company that has a list. ``opening_weekdays`` are those it is expected to open it on, Monday being 0."""

    id: str
    open_requests: int = 0
    opening_weekdays: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Exposure:
    """A proposal stood on the list that a suitable company opened that day."""

    proposal_id: str
    company_id: str
    shown_on: date


@dataclass(frozen=True, slots=True)
class Reserved:
    """A slot kept for a proposal, with what its label says.

    Shapes: ``days_left`` counts today; ``still_needed`` companies as of this morning; ``is_planned`` False when the
    plan does not depend on this slot and it was free.
    """

    proposal_id: str
    days_left: int
    still_needed: int
    is_planned: bool


class AlarmReason(StrEnum):
    """Why a guarantee cannot be met, or barely."""

    TOO_FEW_SUITABLE = "too-few-suitable"
    COMPANIES_AT_CAP = "companies-at-cap"
    TOO_FEW_OPENINGS = "too-few-openings"
    NOT_ENOUGH_SLOTS = "not-enough-slots"
    LAST_DAY_PASSED = "last-day-passed"
    LITTLE_TIME = "little-time"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A proposal whose guarantee is lost, or at risk (``LITTLE_TIME``: only if every list is opened as expected).

    Shapes: ``shown`` and ``reachable`` companies: those that saw it, and those with those that still could.
    """

    proposal_id: str
    reason: AlarmReason
    last_day: date
    shown: int
    reachable: int
    wanted: int

    @property
    def is_lost(self) -> bool:
        return self.reason is not AlarmReason.LITTLE_TIME


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Reserved slots by company id, in the order in which they are urgent, and the alarms, most urgent first."""

    reserved: dict[str, tuple[Reserved, ...]]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a company's list; ``reserved`` is the label of a reserved slot."""

    proposal_id: str
    reserved: Reserved | None = None


def plan_day(
    today: date,
    guarantee: Guarantee,
    *,
    proposals: Iterable[OpenProposal],
    companies: Iterable[Company],
    suitability: Suitability,
    log: Iterable[Exposure],
    already_lost: frozenset[str] = frozenset(),
) -> DayPlan:
    """Fill the reserved slots of a day and name the proposals whose guarantee cannot be met any more.

    Shapes:  ``log`` holds only openings by companies that suited then; what it says of today or later is not read, so
             that the plan is the same all day. ``already_lost`` are the proposals with a lost alarm so far: they are
             tried after those still promised.
    Returns: slots for all companies that have not reached the cap, also for those that are not expected today; never
             a pair that does not suit or was shown since the proposal opened, never more than ``reserved_slots``.
    Source:  L. R. Ford and D. R. Fulkerson, "Maximal Flow Through a Network", Canadian Journal of Mathematics 8, 1956;
             J. R. Jackson, "Scheduling a production line to minimize maximum tardiness", UCLA, 1955.

    >>> from datetime import date
    >>> monday = date(2026, 11, 2)
    >>> rules = Guarantee(companies=1, within_days=1, reserved_slots=1, warning_days=0)
    >>> only_bank, either = OpenProposal("P-1", monday), OpenProposal("P-2", monday)
    >>> suits = {"P-1": {"bank": 500}, "P-2": {"bank": 900, "shop": 300}}
    >>> both = [Company("bank"), Company("shop")]
    >>> plan = plan_day(monday, rules, proposals=[either, only_bank], companies=both, suitability=suits, log=[])
    >>> {company: [one.proposal_id for one in slots] for company, slots in plan.reserved.items()}
    {'bank': ['P-1'], 'shop': ['P-2']}
    """
    calendar = _Calendar(today, {one.id: one for one in companies}, guarantee)
    pending = _pending(calendar, proposals, suitability, list(log))
    plan, lost = _promise(calendar, pending, already_lost, margin_days=0)
    alarms = [_alarm(calendar, one, None) for one in lost]
    if guarantee.warning_days:
        lost_ids = already_lost.union(one.id for one in lost)
        _, late = _promise(calendar, pending, lost_ids, guarantee.warning_days)
        alarms += [_alarm(calendar, one, AlarmReason.LITTLE_TIME) for one in late if one not in lost]
    alarms.sort(key=lambda one: (one.last_day, one.proposal_id))
    return DayPlan(_reserve(calendar, pending, plan), tuple(alarms))


def compose_list(ranked: Sequence[str], reserved: Sequence[Reserved], list_length: int) -> tuple[ListLine, ...]:
    """Put a company's list together: the best by score, and the reserved ones, each where its score puts it.

    Shapes:  ``ranked`` all proposals that suit the company, best first; reserved ones that are not among them follow.

    >>> slot = Reserved("P-9", days_left=3, still_needed=2, is_planned=True)
    >>> [(line.proposal_id, line.reserved is slot) for line in compose_list(["P-1", "P-2", "P-3", "P-9"], [slot], 3)]
    [('P-1', False), ('P-2', False), ('P-9', True)]
    """
    labels = {one.proposal_id: one for one in reserved[:list_length]}
    best = [one for one in ranked if one not in labels][: list_length - len(labels)]
    chosen = {*best, *labels}
    in_order = [*(one for one in ranked if one in chosen), *(one for one in labels if one not in set(ranked))]
    return tuple(ListLine(one, labels.get(one)) for one in in_order)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A proposal that needs more companies. ``waiting`` are those that suit and have not seen it, best fit first."""

    id: str
    last_day: date
    shown: int
    needed: int
    waiting: tuple[str, ...]
    points: Mapping[str, int]


class _Calendar:
    """How often each company's list may still be opened."""

    def __init__(self, today: date, companies: dict[str, Company], guarantee: Guarantee) -> None:
        self.today = today
        self.companies = companies
        self.guarantee = guarantee

    def is_free(self, company: str) -> bool:
        return self.companies[company].open_requests < self.guarantee.open_request_cap

    def openings(self, company: str, until: date) -> int:
        """Count the openings expected from today until a day, both included."""
        weeks, days = divmod(max(0, (until - self.today).days + 1), 7)
        weekdays = self.companies[company].opening_weekdays
        return weeks * len(weekdays) + sum((self.today.weekday() + day) % 7 in weekdays for day in range(days))


def _pending(
    calendar: _Calendar, proposals: Iterable[OpenProposal], suitability: Suitability, log: Sequence[Exposure]
) -> list[_Pending]:
    seen: dict[str, list[Exposure]] = {}
    for row in log:
        if row.shown_on < calendar.today:
            seen.setdefault(row.proposal_id, []).append(row)
    pending = []
    for one in sorted(proposals, key=lambda proposal: (proposal.opened_on, proposal.id)):
        is_closed = one.closes_on is not None and one.closes_on < calendar.today
        if one.opened_on > calendar.today or is_closed:
            continue
        shown = {row.company_id for row in seen.get(one.id, ()) if row.shown_on >= one.opened_on}
        last_day = one.opened_on + timedelta(days=calendar.guarantee.within_days - 1)
        last_day = min(last_day, one.closes_on or last_day)
        points = suitability.get(one.id, {})
        waiting = sorted(company for company in points if company in calendar.companies and company not in shown)
        waiting.sort(key=lambda company: -points[company])
        if len(shown) < calendar.guarantee.companies:
            needed = calendar.guarantee.companies - len(shown)
            pending.append(_Pending(one.id, last_day, len(shown), needed, tuple(waiting), points))
    return pending


def _promise(
    calendar: _Calendar, pending: Sequence[_Pending], already_lost: frozenset[str], margin_days: int
) -> tuple[dict[str, list[str]], list[_Pending]]:
    """Choose the companies that show each proposal until ``margin_days`` before its last day.

    Returns: the planned proposals by company, and those that cannot reach all companies that they need. The latter get
             what the others leave.
    """
    network = _Network(calendar, pending, margin_days)
    lost = []
    for one in sorted(pending, key=lambda proposal: proposal.id in already_lost):
        if not all(network.send(one.id) for _ in range(one.needed)):
            network.take_back(one.id)
            lost.append(one)
    for one in lost:
        for _ in range(one.needed):
            if not network.send(one.id):
                break
    plan: dict[str, list[str]] = {}
    for one in pending:
        for company in network.companies_of(one.id):
            plan.setdefault(company, []).append(one.id)
    return plan, lost


def _reserve(
    calendar: _Calendar, pending: Sequence[_Pending], plan: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Reserved, ...]]:
    """Reserve what the plan needs first, earliest last day first, then what is most urgent among the others."""
    waiting_for: dict[str, list[_Pending]] = {}
    for one in pending:
        for company in filter(calendar.is_free, one.waiting):
            waiting_for.setdefault(company, []).append(one)
    reserved = {}
    for company, waiting in sorted(waiting_for.items()):
        planned = set(plan.get(company, ()))
        ordered = sorted(waiting, key=lambda one: _urgency(one, company, planned, calendar.today))
        reserved[company] = tuple(
            Reserved(one.id, max(0, (one.last_day - calendar.today).days + 1), one.needed, one.id in planned)
            for one in ordered[: calendar.guarantee.reserved_slots]
        )
    return reserved


def _urgency(one: _Pending, company: str, planned: set[str], today: date) -> tuple[bool, bool, date, int, int, str]:
    return (one.id not in planned, one.last_day < today, one.last_day, -one.needed, -one.points[company], one.id)


def _alarm(calendar: _Calendar, one: _Pending, reason: AlarmReason | None) -> Alarm:
    free = [company for company in one.waiting if calendar.is_free(company)]
    opening = [company for company in free if calendar.openings(company, one.last_day)]
    reachable = one.shown + len(opening)
    wanted = calendar.guarantee.companies
    if reason is None:
        reason = AlarmReason.NOT_ENOUGH_SLOTS
        if one.last_day < calendar.today:
            reason = AlarmReason.LAST_DAY_PASSED
        elif one.shown + len(one.waiting) < wanted:
            reason = AlarmReason.TOO_FEW_SUITABLE
        elif one.shown + len(free) < wanted:
            reason = AlarmReason.COMPANIES_AT_CAP
        elif reachable < wanted:
            reason = AlarmReason.TOO_FEW_OPENINGS
    return Alarm(one.id, reason, one.last_day, one.shown, reachable, wanted)


_Node = tuple[str, int]
_END: _Node = ("", 0)


class _Network:
    """Unit flow from proposals through companies' lists to the end.

    A company has one node for each last day. An edge to the node of the next one holds as many as the list has
    reserved slots until then, which is the same as saying that no more tasks end by any day than there are slots.
    """

    def __init__(self, calendar: _Calendar, pending: Sequence[_Pending], margin_days: int) -> None:
        # Residual capacity; what flows along an edge is the residual capacity of its opposite.
        self._residual: dict[_Node, dict[_Node, int]] = {_END: {}}
        self._next: dict[_Node, _Node] = {}
        self._start = {one.id: ("proposal " + one.id, 0) for one in pending}
        ends: dict[str, set[int]] = {}
        for one in pending:
            last = one.last_day - timedelta(days=margin_days)
            self._residual[self._start[one.id]] = {}
            for company in one.waiting:
                if calendar.is_free(company) and calendar.openings(company, last):
                    ends.setdefault(company, set()).add(last.toordinal())
                    self._join(self._start[one.id], (company, last.toordinal()), 1)
        for company, days in ends.items():
            nodes = [(company, day) for day in sorted(days)]
            for node, following in zip(nodes, [*nodes[1:], _END], strict=True):
                openings = calendar.openings(company, date.fromordinal(node[1]))
                self._next[node] = following
                self._join(node, following, calendar.guarantee.reserved_slots * openings)

    def _join(self, tail: _Node, head: _Node, capacity: int) -> None:
        self._residual.setdefault(tail, {})[head] = capacity
        self._residual.setdefault(head, {})[tail] = 0

    def send(self, proposal: str) -> bool:
        """Give one more company to a proposal, moving others where that makes room; False when there is no way."""
        start = self._start[proposal]
        path = self._direct(start) or self._augmenting(start)
        self._push(path)
        return bool(path)

    def _direct(self, start: _Node) -> list[_Node]:
        """Find the best fitting company that has room as things stand; a search would look at the others, too."""
        for node, capacity in self._residual[start].items():
            path = [start, *self._to_end(node)]
            if capacity and all(self._residual[tail][head] for tail, head in pairwise(path)):
                return path
        return []

    def _augmenting(self, start: _Node) -> list[_Node]:
        """Find a shortest way to the end, breadth first; empty when there is none."""
        came_from: dict[_Node, _Node] = {start: start}
        queue = deque([start])
        while queue and _END not in came_from:
            node = queue.popleft()
            for following, capacity in self._residual[node].items():
                if capacity and following not in came_from:
                    came_from[following] = node
                    queue.append(following)
        if _END not in came_from:
            return []
        path = [_END]
        while path[-1] != start:
            path.append(came_from[path[-1]])
        return path[::-1]

    def _to_end(self, node: _Node) -> list[_Node]:
        nodes = [node]
        while nodes[-1] != _END:
            nodes.append(self._next[nodes[-1]])
        return nodes

    def _push(self, path: Sequence[_Node], amount: int = 1) -> None:
        for tail, head in pairwise(path):
            self._residual[tail][head] -= amount
            self._residual[head][tail] += amount

    def companies_of(self, proposal: str) -> list[str]:
        """Return the companies that a proposal was given, best fit first."""
        return [node[0] for node, capacity in self._residual[self._start[proposal]].items() if not capacity]

    def take_back(self, proposal: str) -> None:
        """Take all its companies from a proposal; nobody else's change."""
        start = self._start[proposal]
        for node in [node for node, capacity in self._residual[start].items() if not capacity]:
            self._push([start, *self._to_end(node)], -1)
