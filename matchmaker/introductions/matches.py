"""Ranked lists and single pairs, with every part said in a sentence."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.interests.models import Interest
from matchmaker.introductions.declined import (
    Effects,
    effect_between,
    effect_sentence,
    effective,
    effects_on_interests,
    effects_on_proposals,
)
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.sentences import criterion_label, part_sentence, refusal_sentence
from matchmaker.matching.declines import NO_EFFECT, Effect
from matchmaker.matching.engine import Explained, Ranked, Ranking
from matchmaker.matching.exposure import Reserved, compose_list
from matchmaker.matching.facts import ProposalFacts
from matchmaker.matching.scoring import Part, Reason
from matchmaker.matching.weights import CONTENT_CRITERIA, TOTAL_POINTS
from matchmaker.proposals.models import Proposal

PAGE_SIZE = 20
MOST_NEAR_MISSES = 3
REASONS_SHOWN = 2
MOST_COSTLY = 3

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
    """One pair as people read it. The parts add up to the points; refusals say why it cannot be a match.

    ``declined`` says what an earlier No does to the pair; ``is_hidden`` when it keeps it out of both lists. ``digest``
    and ``vocabulary`` name the ruleset and the edition of the vocabulary that it was made with.
    """

    points: int
    parts: tuple[ScorePart, ...]
    reasons: tuple[str, ...]
    refusals: tuple[str, ...]
    ruleset: str
    declined: str = ""
    is_hidden: bool = False
    digest: str = ""
    vocabulary: str = ""

    @property
    def maximum(self) -> int:
        return TOTAL_POINTS

    @property
    def costly(self) -> tuple[ScorePart, ...]:
        """The parts that cost the pair most, worst first: what is missing to the maximum, or taken away."""
        missing = {part: part.maximum - part.points for part in self.parts if part.maximum or part.points < 0}
        return tuple(sorted(missing, key=lambda part: -missing[part])[:MOST_COSTLY])


@dataclass(frozen=True, slots=True)
class RankedMatch(Generic[Record]):
    """One line of a list: the record of the other side, its place from 1 among those that may match, and why."""

    record: Record
    place: int
    match: Match


@dataclass(frozen=True, slots=True)
class MatchList(Generic[Record]):
    """A page of a ranking, and the refused ones that would have stood on the first page.

    ``hidden`` pairs are in the pool of all that are listed, and kept out by an earlier No.
    """

    page: Page[RankedMatch[Record]]
    near_misses: tuple[RankedMatch[Record], ...]
    pool: int
    hidden: int = 0


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
    effects = effects_on_interests(proposal, mine, on)
    kept, hidden = effective(lines, effects)
    shown, missed, total = _sliced(kept, among, page, size, near_misses)
    wanted = [line.id for _place, line in [*shown, *missed]]
    found = db.session.scalars(select(Interest).where(Interest.number.in_(wanted)))
    records = {interest.number: interest for interest in found}

    def rows(some: Sequence[tuple[int, Ranked]]) -> list[RankedMatch[Interest]]:
        known = [(place, records[line.id]) for place, line in some if line.id in records]
        pairs = [(mine, interest_facts(record)) for _place, record in known]
        explained = match_registry().explain(pairs, on, looks=False)
        return _joined(known, explained, [effects.get(record.number, NO_EFFECT) for _place, record in known])

    return MatchList(Page(rows(shown), page, size, total), tuple(rows(missed)), len(lines), hidden)


def ranked_proposals(
    interest: Interest,
    *,
    on: date,
    among: Collection[str] | None = None,
    without: Collection[str] = (),
    reserved: Collection[Reserved] = (),
    page: int = 1,
    size: int = PAGE_SIZE,
    near_misses: int = MOST_NEAR_MISSES,
) -> MatchList[Proposal]:
    """Return a page of the proposals that suit an interest, best first; ``among`` narrows by draft number.

    ``without`` leaves out by draft number what the reader keeps out of.
    ``reserved`` slots bring proposals to the first page of a list that is not narrowed, each to where its points put it
    among those of the page.
    """
    theirs = interest_facts(interest)
    lines = match_registry().proposals_for(theirs, on, owner=interest.organisation_id)
    effects = effects_on_proposals(interest, theirs, on)
    kept, hidden = effective(lines, effects)
    shown, missed, total = _sliced(kept.without(without), among, page, size, near_misses, reserved=reserved)
    wanted = [line.id for _place, line in [*shown, *missed]]
    found = db.session.scalars(select(Proposal).where(Proposal.draft_number.in_(wanted)))
    records = {proposal.draft_number: proposal for proposal in found}

    def rows(some: Sequence[tuple[int, Ranked]]) -> list[RankedMatch[Proposal]]:
        known = [(place, records[line.id]) for place, line in some if line.id in records]
        pairs = [(proposal_facts(record), theirs) for _place, record in known]
        explained = match_registry().explain(pairs, on, looks=False)
        return _joined(known, explained, [effects.get(record.draft_number, NO_EFFECT) for _place, record in known])

    return MatchList(Page(rows(shown), page, size, total), tuple(rows(missed)), len(lines), hidden)


def place_among_interests(proposal: Proposal, interest: Interest, *, on: date) -> int | None:
    """Return where an interest stands in the proposal's list, from 1; None when it is not in it."""
    mine = proposal_facts(proposal)
    lines = match_registry().interests_for(mine, on, owner=proposal.organisation_id)
    return _place_of(interest.number, lines, effects_on_interests(proposal, mine, on))


def place_among_proposals(proposal: Proposal, interest: Interest, *, on: date) -> int | None:
    """Return where a proposal stands in the interest's list, from 1; None when it is not in it."""
    theirs = interest_facts(interest)
    lines = match_registry().proposals_for(theirs, on, owner=interest.organisation_id)
    return _place_of(proposal.draft_number, lines, effects_on_proposals(interest, theirs, on))


def explain(proposal: Proposal, interest: Interest, *, on: date) -> Match:
    """Return a pair with all its parts in sentences, whether or not it may match."""
    explained = match_registry().explain([(proposal_facts(proposal), interest_facts(interest))], on)[0]
    return _as_match(explained, effect_between(proposal, interest, on))


def snapshot(match: Match) -> dict[str, Any]:
    """Return a match as it is kept with an introduction."""
    return {
        "points": match.points,
        "ruleset": match.ruleset,
        "digest": match.digest,
        "vocabulary": match.vocabulary,
        "parts": [
            {"label": part.label, "points": part.points, "maximum": part.maximum, "sentence": part.sentence}
            for part in match.parts
        ],
    }


def from_snapshot(kept: dict[str, Any]) -> Match:
    """Return a kept match as it was read when the introduction was asked for."""
    parts = tuple(ScorePart(part["label"], part["points"], part["maximum"], part["sentence"]) for part in kept["parts"])
    vocabulary = kept.get("vocabulary", "")
    return Match(kept["points"], parts, (), (), kept["ruleset"], digest=kept["digest"], vocabulary=vocabulary)


def _place_of(wanted: str, ranking: Ranking, effects: Effects) -> int | None:
    return effective(ranking, effects)[0].place_of(wanted)


def _sliced(
    ranking: Ranking,
    among: Collection[str] | None,
    page: int,
    size: int,
    near_misses: int,
    *,
    reserved: Collection[Reserved] = (),
) -> tuple[list[tuple[int, Ranked]], list[tuple[int, Ranked]], int]:
    """Return the lines of the page and the near misses, each with its place, and how many lines there are in all."""
    within = ranking if among is None else ranking.within(among)
    total, begin, end = within.eligible, (page - 1) * size, page * size
    shown = list(enumerate(within[begin : min(end, total)], start=begin + 1))
    if reserved and among is None:
        shown = _with_reserved(within, reserved, size, slice(begin, end))
    threshold = within[min(size, total) - 1].points if total else 0
    missed = within.refused(threshold, near_misses) if page == 1 else []
    return shown, [(0, line) for line in missed], total


def _with_reserved(
    ranking: Ranking, reserved: Collection[Reserved], size: int, shown: slice
) -> list[tuple[int, Ranked]]:
    """Bring the reserved lines that are still in the ranking to the first page; no line is lost or doubled."""
    place_of = {one: place for place, one in enumerate(ranking.eligible_ids(), start=1)}
    first = compose_list(list(place_of), [one for one in reserved if one.proposal_id in place_of], size)
    wanted = list(dict.fromkeys([*(one.proposal_id for one in first), *place_of]))[shown]
    line_of = {line.id: line for line in ranking.lines_of(wanted)}
    return [(place_of[one], line_of[one]) for one in wanted]


def _joined(
    known: Sequence[tuple[int, Record]], explained: Sequence[Explained], effects: Iterable[Effect]
) -> list[RankedMatch[Record]]:
    both = zip(known, explained, effects, strict=True)
    return [RankedMatch(record, place, _as_match(one, effect)) for (place, record), one, effect in both]


def _as_match(explained: Explained, effect: Effect) -> Match:
    score = explained.score
    parts = tuple(
        ScorePart(criterion_label(part.criterion), part.points, part.maximum, part_sentence(part))
        for part in score.parts
    )
    said = effect_sentence(effect)
    if effect.points_deducted:
        parts += (ScorePart(_("前回の見送り"), -effect.points_deducted, 0, said),)
    refusals = tuple(refusal_sentence(code) for code in explained.refusals)
    points = score.points - effect.points_deducted
    ruleset = explained.ruleset
    return Match(
        points=points,
        parts=parts,
        reasons=_reasons(score.parts),
        refusals=refusals,
        ruleset=ruleset.version,
        declined=said,
        is_hidden=effect.is_hidden,
        digest=ruleset.digest,
        vocabulary=match_registry().vocabulary,
    )


def _reasons(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the sentences of the parts that speak most for the pair."""
    speaking = [part for part in parts if part.criterion in CONTENT_CRITERIA and part.reason not in _UNANSWERED]
    best = sorted((part for part in speaking if part.points > 0), key=lambda part: -part.points)
    return tuple(part_sentence(part) for part in best[:REASONS_SHOWN])
