"""Ranked lists and single pairs, with every part said in a sentence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.interests.models import Interest
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.sentences import criterion_label, part_sentence, refusal_sentence
from matchmaker.matching.engine import Explained, Ranked
from matchmaker.matching.facts import ProposalFacts
from matchmaker.matching.scoring import Part, Reason
from matchmaker.matching.weights import CONTENT_CRITERIA, STANDARD, TOTAL_POINTS
from matchmaker.proposals.models import Proposal

PAGE_SIZE = 20
MOST_NEAR_MISSES = 3
REASONS_SHOWN = 2

_UNANSWERED = frozenset({Reason.NOT_ANSWERED_BY_PROPOSAL, Reason.NOT_ANSWERED_BY_INTEREST})

Record = TypeVar("Record", Proposal, Interest)


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part as people read it. ``maximum`` is 0 for a correction, which may be negative."""

    label: str
    points: int
    maximum: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Match:
    """One pair as people read it. The parts add up to the points; refusals say why it cannot be a match."""

    points: int
    parts: tuple[ScorePart, ...]
    reasons: tuple[str, ...]
    refusals: tuple[str, ...]
    ruleset: str

    @property
    def maximum(self) -> int:
        return TOTAL_POINTS


@dataclass(frozen=True, slots=True)
class RankedMatch(Generic[Record]):
    """One line of a list: the record of the other side, its place from 1 among those that may match, and why."""

    record: Record
    place: int
    match: Match


@dataclass(frozen=True, slots=True)
class MatchList(Generic[Record]):
    """A page of a ranking, and the refused ones that would have stood on the first page."""

    page: Page[RankedMatch[Record]]
    near_misses: tuple[RankedMatch[Record], ...]
    pool: int


def ranked_interests(
    proposal: Proposal,
    *,
    on: date,
    typed: ProposalFacts | None = None,
    among: Collection[str] | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    near_misses: int = MOST_NEAR_MISSES,
) -> MatchList[Interest]:
    """Return a page of the interests that suit a proposal, best first; ``among`` narrows by interest number.

    The proposal may be an unpublished draft of its owner; ``typed`` are its facts with answers that are not saved yet.
    """
    mine = typed or proposal_facts(proposal)
    lines = match_registry().interests_for(mine, on, owner=proposal.organisation_id)
    shown, missed, total = _sliced(lines, among, page, size, near_misses)
    wanted = [line.id for _place, line in [*shown, *missed]]
    found = db.session.scalars(select(Interest).where(Interest.number.in_(wanted)))
    records = {interest.number: interest for interest in found}

    def rows(some: Sequence[tuple[int, Ranked]]) -> list[RankedMatch[Interest]]:
        known = [(place, records[line.id]) for place, line in some if line.id in records]
        explained = match_registry().explain([(mine, interest_facts(record)) for _place, record in known], on)
        return _joined(known, explained)

    return MatchList(Page(rows(shown), page, size, total), tuple(rows(missed)), len(lines))


def ranked_proposals(
    interest: Interest,
    *,
    on: date,
    among: Collection[str] | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    near_misses: int = MOST_NEAR_MISSES,
) -> MatchList[Proposal]:
    """Return a page of the proposals that suit an interest, best first; ``among`` narrows by draft number."""
    theirs = interest_facts(interest)
    lines = match_registry().proposals_for(theirs, on, owner=interest.organisation_id)
    shown, missed, total = _sliced(lines, among, page, size, near_misses)
    wanted = [line.id for _place, line in [*shown, *missed]]
    found = db.session.scalars(select(Proposal).where(Proposal.draft_number.in_(wanted)))
    records = {proposal.draft_number: proposal for proposal in found}

    def rows(some: Sequence[tuple[int, Ranked]]) -> list[RankedMatch[Proposal]]:
        known = [(place, records[line.id]) for place, line in some if line.id in records]
        explained = match_registry().explain([(proposal_facts(record), theirs) for _place, record in known], on)
        return _joined(known, explained)

    return MatchList(Page(rows(shown), page, size, total), tuple(rows(missed)), len(lines))


def place_among_interests(proposal: Proposal, interest: Interest, *, on: date) -> int | None:
    """Return where an interest stands in the proposal's list, from 1; None when it is not in it."""
    lines = match_registry().interests_for(proposal_facts(proposal), on, owner=proposal.organisation_id)
    return _place_of(interest.number, lines)


def place_among_proposals(proposal: Proposal, interest: Interest, *, on: date) -> int | None:
    """Return where a proposal stands in the interest's list, from 1; None when it is not in it."""
    lines = match_registry().proposals_for(interest_facts(interest), on, owner=interest.organisation_id)
    return _place_of(proposal.draft_number, lines)


def explain(proposal: Proposal, interest: Interest, *, on: date) -> Match:
    """Return a pair with all its parts in sentences, whether or not it may match."""
    return _as_match(match_registry().explain([(proposal_facts(proposal), interest_facts(interest))], on)[0])


def snapshot(match: Match) -> dict[str, Any]:
    """Return a match as it is kept with an introduction."""
    return {
        "points": match.points,
        "ruleset": match.ruleset,
        "digest": STANDARD.digest,
        "parts": [
            {"label": part.label, "points": part.points, "maximum": part.maximum, "sentence": part.sentence}
            for part in match.parts
        ],
    }


def from_snapshot(kept: dict[str, Any]) -> Match:
    """Return a kept match as it was read when the introduction was asked for."""
    parts = tuple(ScorePart(part["label"], part["points"], part["maximum"], part["sentence"]) for part in kept["parts"])
    return Match(kept["points"], parts, (), (), kept["ruleset"])


def _place_of(wanted: str, lines: Sequence[Ranked]) -> int | None:
    eligible = (line.id for line in lines if not line.refusals)
    return next((place for place, found in enumerate(eligible, start=1) if found == wanted), None)


def _sliced(
    lines: Sequence[Ranked], among: Collection[str] | None, page: int, size: int, near_misses: int
) -> tuple[list[tuple[int, Ranked]], list[tuple[int, Ranked]], int]:
    """Return the lines of the page and the near misses, each with its place, and how many lines there are in all."""
    within = [line for line in lines if among is None or line.id in among]
    eligible = [(place, line) for place, line in enumerate((one for one in within if not one.refusals), start=1)]
    shown = eligible[(page - 1) * size : page * size]
    threshold = eligible[min(size, len(eligible)) - 1][1].points if eligible else 0
    missed = [(0, line) for line in within if line.refusals and line.points >= threshold]
    return shown, missed[:near_misses] if page == 1 else [], len(eligible)


def _joined(known: Sequence[tuple[int, Record]], explained: Sequence[Explained]) -> list[RankedMatch[Record]]:
    both = zip(known, explained, strict=True)
    return [RankedMatch(record, place, _as_match(one)) for (place, record), one in both]


def _as_match(explained: Explained) -> Match:
    score = explained.score
    parts = tuple(
        ScorePart(criterion_label(part.criterion), part.points, part.maximum, part_sentence(part))
        for part in score.parts
    )
    refusals = tuple(refusal_sentence(code) for code in explained.refusals)
    return Match(score.points, parts, _reasons(score.parts), refusals, STANDARD.version)


def _reasons(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the sentences of the parts that speak most for the pair."""
    speaking = [part for part in parts if part.criterion in CONTENT_CRITERIA and part.reason not in _UNANSWERED]
    best = sorted((part for part in speaking if part.points > 0), key=lambda part: -part.points)
    return tuple(part_sentence(part) for part in best[:REASONS_SHOWN])
