"""What is on the list of a saved search, and what of it the person has not been told of yet.

An item is a proposal's draft number, or a pair "D-0012~K-0034" for matches: a score that rises above the threshold
later makes the pair new, once. Pairs that were introduced to each other are no news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, or_, select

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.introductions.declined import effects_on_interests, effects_on_proposals, without_declined
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.matches import Match, ranked_interests, ranked_proposals
from matchmaker.introductions.models import Introduction, SavedSearch, SavedSearchSighting
from matchmaker.introductions.narrowing import interests_within, proposals_within
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.saved_filters import match_narrowing, public_filter
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import list_public_numbers

MOST_AT_ONCE = 20
"""What one mail tells of one search; the rest follows in the next one."""


@dataclass(frozen=True, slots=True)
class Find:
    """Something new: the record of the other side, with the match for searches of matches."""

    item: str
    record: Proposal | Interest
    match: Match | None


@dataclass(frozen=True, slots=True)
class Finds:
    """What is new to a person, the best or the newest first, and how many more there are."""

    found: tuple[Find, ...]
    more: int


def points_on_list(search: SavedSearch, *, at: datetime) -> dict[str, int]:
    """Return the points of every pair on a list of matches by its item, whatever the threshold."""
    on, narrowing = day_of(at), match_narrowing(search.kind, search.filters)
    if search.proposal is not None:
        proposal, mine = search.proposal, proposal_facts(search.proposal)
        ranked = match_registry().interests_for(mine, on, owner=proposal.organisation_id)
        lines, _hidden = without_declined(ranked, effects_on_interests(proposal, mine, on))
        among = interests_within(narrowing, at=at)
        items = {line.id: f"{proposal.draft_number}~{line.id}" for line in lines}
    elif search.interest is not None:
        interest, theirs = search.interest, interest_facts(search.interest)
        ranked = match_registry().proposals_for(theirs, on, owner=interest.organisation_id)
        lines, _hidden = without_declined(ranked, effects_on_proposals(interest, theirs, on))
        among = proposals_within(narrowing, at=at)
        items = {line.id: f"{line.id}~{interest.number}" for line in lines}
    else:
        return {}
    return {items[line.id]: line.points for line in lines if not line.refusals and (among is None or line.id in among)}


def items_on_list(search: SavedSearch, *, at: datetime) -> list[str]:
    """Return all that a search finds now."""
    if search.threshold_points is not None:
        points = points_on_list(search, at=at)
        return [item for item in points if points[item] >= search.threshold_points]
    organisation = search.user.organisation
    own = organisation.id if organisation else None
    return list_public_numbers(public_filter(search.filters), on=day_of(at), but_of=own)


def finds_of(search: SavedSearch, *, at: datetime) -> Finds:
    """Return what the person has not been told of."""
    on, known = day_of(at), _known_to(search)
    items = [item for item in items_on_list(search, at=at) if item not in known]
    if search.proposal is not None:
        mine, numbers = search.proposal, {item.partition("~")[2] for item in items}
        suiting = ranked_interests(mine, on=on, among=numbers, size=MOST_AT_ONCE, near_misses=0).page
        lines = suiting.items
        found = [Find(f"{mine.draft_number}~{line.record.number}", line.record, line.match) for line in lines]
        return Finds(tuple(found), suiting.total - len(found))
    if search.interest is not None:
        theirs, numbers = search.interest, {item.partition("~")[0] for item in items}
        asking = ranked_proposals(theirs, on=on, among=numbers, size=MOST_AT_ONCE, near_misses=0).page
        found = [Find(f"{one.record.draft_number}~{theirs.number}", one.record, one.match) for one in asking.items]
        return Finds(tuple(found), asking.total - len(found))
    shown = items[:MOST_AT_ONCE]
    rows = db.session.scalars(select(Proposal).where(Proposal.draft_number.in_(shown)))
    records = {row.draft_number: row for row in rows}
    return Finds(tuple(Find(item, records[item], None) for item in shown), len(items) - len(shown))


def remember_list(search: SavedSearch, items: Iterable[str]) -> None:
    """Store what was on the list before: the person saw it there."""
    rows = [{"user_id": search.user_id, "search_id": search.id, "item": item} for item in items]
    if rows:
        db.session.execute(insert(SavedSearchSighting), rows)


def remember_told(user: User, items: Iterable[str], *, at: datetime) -> None:
    """Store what a mail tells the person."""
    rows = [{"user_id": user.id, "item": item, "told_at": at} for item in items]
    if rows:
        db.session.execute(insert(SavedSearchSighting), rows)


def _known_to(search: SavedSearch) -> set[str]:
    """What was on the list before, what any mail told the person, and who was introduced already."""
    sighting = SavedSearchSighting
    rows = db.session.execute(
        select(sighting.item, sighting.told_at).where(
            or_(
                sighting.search_id == search.id, and_(sighting.user_id == search.user_id, sighting.told_at.is_not(None))
            )
        )
    ).all()
    known = {item for item, _told_at in rows}
    if search.threshold_points is None:
        # A proposal that was told as a match is not told again because a list holds it.
        return known | {item.partition("~")[0] for item, told_at in rows if told_at is not None}
    pairs = select(Proposal.draft_number, Interest.number).select_from(Introduction)
    pairs = pairs.join(Proposal, Proposal.id == Introduction.proposal_id)
    pairs = pairs.join(Interest, Interest.id == Introduction.interest_id)
    own = (
        Introduction.proposal_id == search.proposal_id
        if search.proposal_id is not None
        else Introduction.interest_id == search.interest_id
    )
    return known | {f"{draft_number}~{number}" for draft_number, number in db.session.execute(pairs.where(own))}
