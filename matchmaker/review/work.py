"""The work of one person: all that waits for them, each thing with its due day and what happens if they do nothing.

A package with something to wait for offers ``waiting_for(user) -> list[WaitingItem]``, at a fixed number of queries,
and is named in ``PROVIDERS``; the application adds those of the packages above this one. Page, counts and reminders all
read from here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.paging import Page, cut
from matchmaker.foundation.text import search_form, search_words
from matchmaker.introductions import waiting as introductions
from matchmaker.matching.terms import Term
from matchmaker.projects import reflection_waiting
from matchmaker.projects import waiting as projects
from matchmaker.proposals import proxy_queries
from matchmaker.review import circulation_queries, consultation_queries, disclosure, panel, reconsideration, waiting
from matchmaker.review.promises import STANDING, Promises, days_left, is_overdue

Provider = Callable[[User], list[WaitingItem]]

PROVIDERS: list[Provider] = [
    accounts.waiting_for,
    introductions.waiting_for,
    projects.waiting_for,
    reflection_waiting.waiting_for,
    waiting.waiting_for,
    circulation_queries.waiting_for,
    reconsideration.waiting_for,
    disclosure.waiting_for,
    consultation_queries.waiting_for,
    proxy_queries.waiting_for,
    panel.waiting_for,
]


class WorkOrder(Term):
    """How the list is sorted."""

    DUE = "due", "期限が近い順"
    SINCE = "since", "長く待っている順"
    NUMBER = "number", "番号順"


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that waits. ``days_left``: business days, negative when overdue."""

    item: WaitingItem
    due_on: date
    days_left: int
    is_overdue: bool
    waiting_days: int
    if_nothing: str


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What the list is narrowed to."""

    kind: WaitingKind | None = None
    is_overdue: bool = False
    text: str = ""
    order: WorkOrder = WorkOrder.DUE


def add_providers(providers: Iterable[Provider]) -> None:
    """Ask these too: imports point down, so they cannot be named here. Made twice, an application asks once."""
    PROVIDERS.extend(one for one in providers if one not in PROVIDERS)


def work_of(user: User, *, on: date, promises: Promises | None = None) -> list[Work]:
    """Return all that waits for a person, the soonest due first. ``promises``: those read before, for many people."""
    items = [item for provider in PROVIDERS for item in provider(user)]
    if not items:
        return []
    known = promises or Promises.load()
    return sorted((_work(item, known, on) for item in items), key=_by_due)


def page_of_work(work: list[Work], wanted: WorkFilter, *, number: int) -> Page[Work]:
    """Return one page of what is wanted."""
    found = sorted(filter(lambda one: _is_wanted(one, wanted), work), key=_ORDERS[wanted.order])
    return cut(found, number)


def kinds_in(work: list[Work]) -> list[tuple[WaitingKind, int]]:
    """Return the kinds that occur, in the order of the vocabulary, each with how often."""
    counts = {kind: sum(one.item.kind is kind for one in work) for kind in WaitingKind}
    return [(kind, count) for kind, count in counts.items() if count]


def _work(item: WaitingItem, promises: Promises, on: date) -> Work:
    due_on = promises.due_on(item)
    return Work(
        item=item,
        due_on=due_on,
        days_left=days_left(due_on, on),
        is_overdue=is_overdue(due_on, on),
        waiting_days=(on - day_of(item.since)).days,
        if_nothing=STANDING[item.kind].if_nothing,
    )


def _is_wanted(work: Work, wanted: WorkFilter) -> bool:
    item = work.item
    if wanted.kind is not None and item.kind is not wanted.kind:
        return False
    if wanted.is_overdue and not work.is_overdue:
        return False
    searched = search_form(f"{item.number} {item.title} {item.who}")
    return all(word in searched for word in search_words(wanted.text))


def _by_due(work: Work) -> tuple[object, ...]:
    return work.due_on, work.item.since, work.item.key


_ORDERS: dict[WorkOrder, Callable[[Work], tuple[object, ...]]] = {
    WorkOrder.DUE: _by_due,
    WorkOrder.SINCE: lambda work: (work.item.since, work.item.key),
    WorkOrder.NUMBER: lambda work: (work.item.number, work.item.key),
}
