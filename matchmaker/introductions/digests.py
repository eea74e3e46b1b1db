"""One mail to each person whose saved searches are due and have found something new.

Searches, sightings and the mail are stored in one transaction for each person: what was told is never told again,
what could not be stored was not told. Whoever may not be told keeps their place in time, so that nothing piles up.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.places import label_of
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.introductions.alert_times import next_time
from matchmaker.introductions.disclosure import Disclosure, disclosure_for
from matchmaker.introductions.models import SavedSearch
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.saved_filters import in_words, path_of
from matchmaker.introductions.saved_searches import stop_token, trouble_of
from matchmaker.introductions.sightings import Find, finds_of, remember_told
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.notices import service as notices
from matchmaker.proposals.models import Proposal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run did. ``failed``: people whose mail could not be written; they are tried again by the next run."""

    mails: int
    items: int
    failed: int


@dataclass(slots=True)
class Entry:
    """One item of a mail. ``also``: the names of further searches that found the same record."""

    title: str
    lines: list[str]
    path: str
    also: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """One search of a mail with what it found, and when it is due next. ``more``: what the next mail will tell."""

    name: str
    entries: list[Entry]
    more: int
    path: str
    next_at: datetime
    stop_path: str


def send_due(*, at: datetime) -> Sent:
    """Queue the mails that are due at a moment. However late it runs, each search is told of once."""
    people = _people_due(at)
    if people:
        # Made ready before anything is written: the first reading of all texts takes seconds.
        match_registry().prepare(day_of(at))
    counts = [_try_to_tell(user_id, at) for user_id in people]
    told = [count for count in counts if count is not None]
    return Sent(mails=sum(count > 0 for count in told), items=sum(told), failed=len(counts) - len(told))


def name_of(search: SavedSearch) -> str:
    """Return what a search is called, on pages and in mails."""
    if search.proposal is not None:
        return _("提案 %(number)s に合う企業", number=search.proposal.public_number)
    if search.interest is not None:
        return _("関心 %(number)s に合う提案", number=search.interest.number)
    return _("公開されている提案")


def conditions_of(search: SavedSearch) -> list[str]:
    """Return what narrows a search, the threshold first."""
    words = in_words(search.kind, search.filters)
    if search.threshold_points is None:
        return words
    return [_("%(points)s点以上", points=search.threshold_points), *words]


def _people_due(at: datetime) -> list[int]:
    statement = select(SavedSearch.user_id).where(SavedSearch.next_at <= at, SavedSearch.paused_at.is_(None))
    return list(db.session.scalars(statement.distinct().order_by(SavedSearch.user_id)))


def _try_to_tell(user_id: int, at: datetime) -> int | None:
    """Tell one person in a transaction of its own; None when that failed."""
    try:
        with transaction():
            return _tell(locked(db.session.get_one(User, user_id)), at)
    except Exception:
        # What is wrong with one person's searches must not keep the mails of all others back.
        log.exception("no digest for user %s", user_id)
        return None


def _tell(user: User, at: datetime) -> int:
    """Queue the person's mail when there is something to tell, and return how many items it holds."""
    groups, told = _news(user, _due_of(user, at), at)
    if not told:
        return 0
    token = stop_token(search for search, _group in groups)
    remember_told(user, told, at=at)
    shown = sum(len(group.entries) for _search, group in groups)
    notices.tell(
        user,
        "saved-search-digest",
        at=at,
        groups=[group for _search, group in groups],
        total=shown,
        stop_path=f"/alerts/stop/{token}",
        unsubscribe_path=f"/alerts/unsubscribe/{token}",
    )
    audit.record("system:saved-search:tell", f"user {user.id}", actor_id=None, at=at, items=len(told))
    return shown


def _due_of(user: User, at: datetime) -> list[SavedSearch]:
    """Read again under the lock: a run at the same moment may have been faster. Matches come before lists."""
    statement = (
        select(SavedSearch)
        .where(SavedSearch.user_id == user.id, SavedSearch.next_at <= at, SavedSearch.paused_at.is_(None))
        .order_by(SavedSearch.id)
        .with_for_update(of=SavedSearch)
        .execution_options(populate_existing=True)
    )
    return sorted(db.session.scalars(statement), key=lambda search: search.kind is SavedSearchKind.PROPOSALS)


def _news(
    user: User, searches: Iterable[SavedSearch], at: datetime
) -> tuple[list[tuple[SavedSearch, Group]], list[str]]:
    """Return the searches that the mail is about, each with its group, and all items that it tells.

    Each record is in one entry.
    """
    disclosure = disclosure_for(user)
    entries: dict[str, Entry] = {}
    groups: list[tuple[SavedSearch, Group]] = []
    told: list[str] = []
    for search in searches:
        search.next_at = next_time(search.frequency, search.weekday, at)
        if trouble_of(search, at=at) is not None:
            continue
        finds = finds_of(search, at=at)
        own: list[Entry] = []
        for find in finds.found:
            record = _number_of(find.record)
            if record in entries:
                entries[record].also.append(name_of(search))
            else:
                entries[record] = _entry(find, search, disclosure)
                own.append(entries[record])
        if finds.found:
            search.last_told_at = at
            told += [find.item for find in finds.found]
            stop_path = f"/alerts/stop/{stop_token([search])}"
            group = Group(title_of(search), own, finds.more, path_of(search), search.next_at, stop_path)
            groups.append((search, group))
    return [(search, group) for search, group in groups if group.entries or group.more], told


def title_of(search: SavedSearch) -> str:
    """Return what a search is called together with its conditions."""
    words = conditions_of(search)
    return (
        _("%(name)s（%(conditions)s）", name=name_of(search), conditions="、".join(words)) if words else name_of(search)
    )


def _number_of(record: Proposal | Interest) -> str:
    return record.draft_number if isinstance(record, Proposal) else record.number


def _entry(find: Find, search: SavedSearch, disclosure: Disclosure) -> Entry:
    record = find.record
    title, lines = _of_proposal(record) if isinstance(record, Proposal) else _of_interest(record, disclosure)
    if find.match is not None:
        lines.insert(
            0, _("%(points)s点（満点は%(maximum)s点）", points=find.match.points, maximum=f"{find.match.maximum:,}")
        )
        lines += find.match.reasons[:1]
    return Entry(tidy_line(title), [tidy_line(line) for line in lines], _path_of(record, search))


def _of_proposal(proposal: Proposal) -> tuple[str, list[str]]:
    places = _listed(map(label_of, sorted(proposal.place_codes)))
    needs = _listed(need.kind.label for need in proposal.needs)
    return proposal.title, [
        _("%(organisation)s（%(number)s）", organisation=proposal.organisation.name, number=proposal.public_number),
        _("地域：%(places)s", places=places),
        _("必要なもの：%(kinds)s", kinds=needs),
    ]


def _of_interest(interest: Interest, disclosure: Disclosure) -> tuple[str, list[str]]:
    offers = _listed(offer.kind.label for offer in interest.offers)
    return disclosure.company(interest), [
        _("関心の番号：%(number)s", number=interest.number),
        _("出せるもの：%(kinds)s", kinds=offers),
    ]


def _path_of(record: Proposal | Interest, search: SavedSearch) -> str:
    if search.proposal is not None:
        return f"/matches/{search.proposal.public_number}~{_number_of(record)}"
    number = record.public_number if isinstance(record, Proposal) else record.number
    return f"/matches/{number}~{search.interest.number}" if search.interest is not None else f"/proposals/{number}"


def _listed(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(words)) or _("未入力")
