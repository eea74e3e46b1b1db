"""Saving what a person wants to hear of by mail. Every function that writes runs inside the caller's transaction."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import delete, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import is_listed
from matchmaker.introductions.alert_times import Frequency, Weekday, next_time
from matchmaker.introductions.models import SavedSearch, SavedSearchSighting
from matchmaker.introductions.saved_filters import Filters
from matchmaker.introductions.sightings import items_on_list, points_on_list, remember_list
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import NOT_PUBLIC

MOST_SEARCHES = 20
THRESHOLDS = range(200, 701, 50)
"""Most pairs of a registry lie under the first; hardly any lies over the last."""
USUAL_THRESHOLD = 400


class TooManySearches(DomainError):
    """The person has as many saved searches as one can have."""

    def __init__(self) -> None:
        text = _("保存できる条件は%(most)s件までです。使わない条件を消してから、保存してください。", most=MOST_SEARCHES)
        super().__init__(text)


class AlreadySaved(DomainError):
    """The person saved the same search before."""

    def __init__(self) -> None:
        super().__init__(_("同じ条件は、もう保存してあります。頻度などは、この一覧から変えられます。"))


class LinkNotKnown(DomainError):
    """The link was not made by this application, or its key has changed since."""

    def __init__(self) -> None:
        super().__init__(_("このリンクは使えません。ログインすると、「お知らせの設定」のページで止められます。"))


def sketch(user: User, target: Proposal | Interest | None, filters: Filters) -> SavedSearch:
    """Return a search that is not stored yet: of the public list, or of the matches of an own record."""
    if isinstance(target, Proposal):
        return SavedSearch(user=user, kind=SavedSearchKind.PROPOSAL_MATCHES, proposal=target, filters=filters)
    if isinstance(target, Interest):
        return SavedSearch(user=user, kind=SavedSearchKind.INTEREST_MATCHES, interest=target, filters=filters)
    return SavedSearch(user=user, kind=SavedSearchKind.PROPOSALS, filters=filters)


def counts_by_threshold(search: SavedSearch, *, at: datetime) -> dict[int, int]:
    """Return how many matches reach each threshold now; nothing for a list without points."""
    if search.kind is SavedSearchKind.PROPOSALS:
        return {}
    points = points_on_list(search, at=at).values()
    return {threshold: sum(one >= threshold for one in points) for threshold in THRESHOLDS}


def list_for(user: User) -> list[SavedSearch]:
    """Return all of a person's searches, the oldest first."""
    return list(db.session.scalars(select(SavedSearch).where(SavedSearch.user_id == user.id).order_by(SavedSearch.id)))


def find_for(user: User, search_id: int) -> SavedSearch | None:
    """Return a search of the person."""
    return db.session.scalar(select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.user_id == user.id))


def trouble_of(search: SavedSearch, *, at: datetime) -> str | None:
    """Return, in one sentence, why no mail is sent for a search now; None when it is. Nothing is lost meanwhile."""
    user = search.user
    if user.suspended_at is not None or user.email_confirmed_at is None:
        return _("このアカウントには、いまメールを送れません。")
    if search.kind is SavedSearchKind.PROPOSALS and user.is_staff:
        return None
    if user.organisation is None:
        return _("いまは、どの団体のメンバーでもないので、メールを送りません。")
    if not user.organisation.is_verified:
        return _("事務局による団体の確認がすむまで、メールを送りません。")
    if search.proposal is not None:
        return _trouble_of_proposal(search.proposal, user.organisation.id, at)
    return _trouble_of_interest(search.interest, user.organisation.id, at) if search.interest is not None else None


def save(
    search: SavedSearch, *, threshold: int | None, frequency: Frequency, weekday: Weekday | None, at: datetime
) -> None:
    """Store a sketched search; what it finds now counts as known. Errors: TooManySearches; AlreadySaved."""
    locked(search.user)
    others = list_for(search.user)
    if any(_same_as(search, other) for other in others):
        raise AlreadySaved
    if len(others) >= MOST_SEARCHES:
        raise TooManySearches
    search.threshold_points = threshold
    search.created_at = at
    _set_times(search, frequency, weekday, at)
    db.session.add(search)
    db.session.flush()
    remember_list(search, items_on_list(search, at=at))
    _record("save", search, at, kind=search.kind.value, frequency=frequency.value)


def change(
    search: SavedSearch, *, threshold: int | None, frequency: Frequency, weekday: Weekday | None, at: datetime
) -> None:
    """Tell more or less often, or of better matches only. What a lower threshold brings in at once counts as known."""
    locked(search)
    before = search.threshold_points
    if threshold is not None and before is not None and threshold < before:
        points = points_on_list(search, at=at)
        seen = _seen_by(search)
        remember_list(search, [item for item in points if threshold <= points[item] < before and item not in seen])
    search.threshold_points = threshold
    _set_times(search, frequency, weekday, at)
    _record("change", search, at, frequency=frequency.value)


def pause(search: SavedSearch, *, at: datetime) -> None:
    """Send nothing until the person asks for it again."""
    locked(search)
    if search.paused_at is None:
        search.paused_at = at
        _record("pause", search, at)


def resume(search: SavedSearch, *, at: datetime) -> None:
    """Send again; what came up meanwhile is in the next mail."""
    locked(search)
    if search.paused_at is not None:
        search.paused_at = None
        _set_times(search, search.frequency, search.weekday, at)
        _record("resume", search, at)


def remove(search: SavedSearch, *, at: datetime) -> None:
    """Delete a search. What the person was told stays known."""
    locked(search)
    _record("remove", search, at)
    db.session.execute(delete(SavedSearchSighting).where(SavedSearchSighting.search_id == search.id))
    db.session.delete(search)


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link in a mail can stop: the searches that it names, as far as they still exist, or all of the person."""

    named: tuple[SavedSearch, ...]
    all: tuple[SavedSearch, ...]

    @property
    def running(self) -> tuple[SavedSearch, ...]:
        """The named searches that still send mails."""
        return tuple(search for search in self.named if search.paused_at is None)

    @property
    def others_running(self) -> int:
        """How many other searches of the person still send mails."""
        return sum(search.paused_at is None for search in self.all) - len(self.running)


def stop_token(searches: Iterable[SavedSearch]) -> str:
    """Return what the link in a mail carries: it names searches of one person, and only this application can make it.

    Errors: ValueError without a search.
    """
    by_id = {search.id: search for search in searches}
    if not by_id:
        raise ValueError("a link stops at least one search")
    owner = next(iter(by_id.values())).user_id
    token: str = _signer().dumps([owner, *by_id])
    return token


def find_by_stop_token(token: str) -> Stop:
    """Return what a link stops. Errors: LinkNotKnown."""
    try:
        user_id, *search_ids = _signer().loads(token)
    except BadData as fault:
        raise LinkNotKnown from fault
    user = db.session.get(User, user_id)
    if user is None:
        raise LinkNotKnown
    found = tuple(list_for(user))
    return Stop(tuple(search for search in found if search.id in search_ids), found)


def stop(searches: Iterable[SavedSearch], *, at: datetime) -> None:
    """Pause searches of one person."""
    for search in searches:
        pause(search, at=at)


def _trouble_of_proposal(proposal: Proposal, organisation_id: int, at: datetime) -> str | None:
    if proposal.organisation_id != organisation_id:
        return _("いまの団体の提案ではないので、メールを送りません。")
    if proposal.status in NOT_PUBLIC:
        return _("この提案は「%(status)s」なので、メールを送りません。", status=proposal.status.label)
    if proposal.open_until_on is not None and proposal.open_until_on < day_of(at):
        return _("この提案は募集の期限が過ぎているので、メールを送りません。")
    return None


def _trouble_of_interest(interest: Interest, organisation_id: int, at: datetime) -> str | None:
    if interest.organisation_id != organisation_id:
        return _("いまの団体の関心ではないので、メールを送りません。")
    if not is_listed(interest, day_of(at)):
        return _("この関心は、いま公開されていない（準備中・休止中・期限切れなど）ので、メールを送りません。")
    return None


def _set_times(search: SavedSearch, frequency: Frequency, weekday: Weekday | None, at: datetime) -> None:
    search.frequency = frequency
    search.weekday = weekday if frequency is Frequency.WEEKLY else None
    search.next_at = next_time(frequency, search.weekday, at)


def _same_as(search: SavedSearch, other: SavedSearch) -> bool:
    return (search.kind, search.filters, search.proposal, search.interest) == (
        other.kind,
        other.filters,
        other.proposal,
        other.interest,
    )


def _seen_by(search: SavedSearch) -> frozenset[str]:
    sighting = SavedSearchSighting
    return frozenset(db.session.scalars(select(sighting.item).where(sighting.search_id == search.id)))


def _record(verb: str, search: SavedSearch, at: datetime, **detail: str) -> None:
    subject = f"saved search {search.id}"
    audit.record(f"member:saved-search:{verb}", subject, actor_id=search.user_id, at=at, **detail)


def _signer() -> URLSafeSerializer:
    secret = current_app.config["SECRET_KEY"]
    return URLSafeSerializer(secret, salt="stop alerts 2", signer_kwargs={"digest_method": hashlib.sha256})
