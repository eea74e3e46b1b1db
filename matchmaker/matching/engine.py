"""One record against the whole other side: the points of ``scoring.score_pair`` for every pair at once.

All sums are of whole numbers, so that no order of adding changes a point; every other step is the same operation on
the same numbers as in the reference. The index is built from facts, answers both directions, and takes a changed
record in place under the statistics (the generation) of its build.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import eligibility, kernels, scoring_columns, vocabulary
from matchmaker.matching.columns import RowNumbers, Shares
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import (
    NAMED,
    Generation,
    Rarity,
    Vocabulary,
    Weighed,
    differences,
    main_axes,
    weigh,
)
from matchmaker.matching.kernels import ListsWanted
from matchmaker.matching.lists import Ranked, Ranking
from matchmaker.matching.meaning import Encoder
from matchmaker.matching.packing import Rows, unpack_all
from matchmaker.matching.places import Places
from matchmaker.matching.pool import Demands, ease, settle, trust
from matchmaker.matching.readings import Kept, Readings
from matchmaker.matching.scoring import Score, score_pair
from matchmaker.matching.side import Asked, Side, theme_rows
from matchmaker.matching.weights import Ruleset

__all__ = ["Explained", "MatchIndex", "Ranked", "Ranking"]

SAMPLE = 2000
"""Records of each side against which demands are measured; larger pools are sampled evenly in the order of ids."""
PAIRS_MEASURED = 100_000_000
FEWEST_SAMPLED = 500
"""Beside more than 50,000 records the sample shrinks so that so many pairs are scored, down to this."""

LARGE_POOL = 5000
"""Records of both sides from which on sentence vectors are kept along ``AXES_KEPT`` main axes alone: a list reads half
as much, and similarity measured on public sets stays the same (docs/decisions/0011-engine-layout.md)."""
AXES_KEPT = 256
VECTORS_SAMPLED = 5000


@dataclass(frozen=True, slots=True)
class Anchors:
    """One side's records against which the other side's demands are measured, under one generation and ruleset.

    Shapes: ``rows`` and their ``demands`` (sample,); ``offset`` makes the mean demand of the other side zero.
    """

    rows: NDArray[np.int64]
    demands: Demands
    offset: float

    def demands_of(self, eases: Demands) -> Demands:
        """Return the demands, in points, of records that reach this side with ``eases``."""
        return (eases - self.offset) * trust(len(self.rows))


@dataclass(frozen=True, slots=True)
class Explained:
    """One pair with every reason, the hard conditions that it breaks, and the ruleset that says so."""

    score: Score
    refusals: tuple[Refusal, ...]
    ruleset: Ruleset


class MatchIndex:
    """Proposals and interests, ready to rank either way.

    >>> from matchmaker.matching.weights import STANDARD
    >>> asked, offered = ProposalFacts("P1", title="棚田の草刈り"), InterestFacts("I1", profile="農機具の会社")
    >>> index = MatchIndex([asked], [offered], STANDARD)
    >>> [(line.id, line.points == sum(line.parts.values())) for line in index.rank_interests("P1")]
    [('I1', True)]
    """

    _proposal_demands: Demands
    _interest_demands: Demands

    def __init__(
        self,
        proposals: Sequence[ProposalFacts],
        interests: Sequence[InterestFacts],
        ruleset: Ruleset,
        encoder: Encoder | None = None,
        readings: Readings | None = None,
    ) -> None:
        """Read, weigh and measure a pool.

        Shapes: ``readings`` are those of an earlier index (``index.readings``) with the same encoder; facts that it
        has read are not read again.
        """
        self.ruleset = ruleset
        self.readings = readings or Readings(encoder)
        mine = list({one.id: one for one in proposals}.values())
        theirs = list({one.id: one for one in interests}.values())
        self._build(mine, theirs, self.readings.of_pool([*mine, *theirs]))
        self._measure_demands()

    @classmethod
    def restored(
        cls,
        ruleset: Ruleset,
        readings: Readings,
        generation: Generation,
        sides: tuple[Side, Side],
        measured: tuple[Anchors, Anchors, Demands, Demands],
    ) -> "MatchIndex":
        """Return the index whose parts were kept: proposals before interests, anchors and demands as measured."""
        index = object.__new__(cls)
        index.ruleset, index.readings, index.generation = ruleset, readings, generation
        index._proposals, index._interests = sides
        index._proposal_anchors, index._interest_anchors = measured[:2]
        index._proposal_demands, index._interest_demands = measured[2:]
        return index

    @property
    def sides(self) -> tuple[Side, Side]:
        """Proposals and interests as arrays."""
        return self._proposals, self._interests

    @property
    def anchors(self) -> tuple[Anchors, Anchors]:
        """The proposals and the interests against which the other side's demands are measured."""
        return self._proposal_anchors, self._interest_anchors

    @property
    def demands(self) -> tuple[Demands, Demands]:
        """The demand of every proposal and of every interest."""
        return self._proposal_demands, self._interest_demands

    def _build(self, mine: list[ProposalFacts], theirs: list[InterestFacts], kept: Sequence[Kept]) -> None:
        """Lay out both sides as arrays and weigh them by how rare their terms are in both together."""
        words, bigrams, topics, themes = Vocabulary(), Vocabulary(), Vocabulary(), Vocabulary()
        for topic in vocabulary.topics():
            topics[topic.code]
        sides: tuple[tuple[Sequence[ProposalFacts | InterestFacts], Sequence[Kept]], ...]
        sides = (mine, kept[: len(mine)]), (theirs, kept[len(mine) :])
        unpacked = [unpack_all([one.texts for one in readings], words, bigrams) for _records, readings in sides]
        themed = [theme_rows(records, themes) for records, _readings in sides]

        def rarity(known: Vocabulary, rows: Sequence[Rows[np.uint8]] | Sequence[Rows[np.float32]]) -> Rarity:
            seen = sum(np.bincount(one.numbers, minlength=len(known)) for one in rows)
            return Rarity.of_seen(len(kept), known, np.asarray(seen))

        means = [_mean_vector(readings) for _records, readings in sides]
        self.generation = Generation(
            words=rarity(words, [one.words for one in unpacked]),
            bigrams=rarity(bigrams, [one.bigrams for one in unpacked]),
            topics=Rarity.of_topics(len(kept), topics, _named_in([one.topics for one in unpacked], len(topics))),
            themes=rarity(themes, themed),
            proposal_mean=means[0],
            interest_mean=means[1],
            axes=_axes([readings for _records, readings in sides], means),
        )
        vectors = [[one.vector for one in readings] for _records, readings in sides]
        places = Places()
        # Proposals first: the profiles of interests are searched for the names of their places.
        self._proposals = Side(mine, unpacked[0], themed[0], vectors[0], generation=self.generation, places=places)
        self._interests = Side(theirs, unpacked[1], themed[1], vectors[1], generation=self.generation, places=places)

    def with_ruleset(self, ruleset: Ruleset) -> "MatchIndex":
        """Return the same pool under other weights; the texts are not read again. For previews."""
        other = object.__new__(MatchIndex)
        other.__dict__.update(self.__dict__)
        other.ruleset = ruleset
        other._measure_demands()
        return other

    def rank_interests(
        self, proposal: str | ProposalFacts, top: int | None = None, on: date | None = None
    ) -> list[Ranked]:
        """Rank interests for a proposal: best first, equal points by id, refused pairs last.

        Shapes: ``proposal`` an id of the index, or facts that are not in it (a draft); ``top`` lines, None for all;
        ``on`` the day that dates are judged on, None for no judgement of dates.
        Errors: KeyError for an unknown id.
        """
        return self.ranking_of_interests(proposal, on)[:top]

    def rank_proposals(
        self, interest: str | InterestFacts, top: int | None = None, on: date | None = None
    ) -> list[Ranked]:
        """Rank proposals for an interest; see ``rank_interests``."""
        return self.ranking_of_proposals(interest, on)[:top]

    def ranking_of_interests(self, proposal: str | ProposalFacts, on: date | None = None) -> Ranking:
        """Rank all interests for a proposal without making a line of each; see ``rank_interests``."""
        return self._ranking(proposal, self._proposals, self._interests, on)

    def ranking_of_proposals(self, interest: str | InterestFacts, on: date | None = None) -> Ranking:
        """Rank all proposals for an interest without making a line of each; see ``rank_interests``."""
        return self._ranking(interest, self._interests, self._proposals, on)

    def best_interests(
        self, proposals: Sequence[str], top: int, on: date | None = None, threads: int = 1
    ) -> dict[str, list[tuple[str, int]]]:
        """Return the best eligible interests of many proposals of the index, each with its points.

        The same as the first lines of ``rank_interests``, faster than one list after the other. More ``threads`` are
        for a process that answers nobody meanwhile.
        Errors: KeyError for an unknown id.
        """
        return self._best(proposals, self._proposals, self._interests, ListsWanted(top, on, threads))

    def best_proposals(
        self, interests: Sequence[str], top: int, on: date | None = None, threads: int = 1
    ) -> dict[str, list[tuple[str, int]]]:
        """Return the best eligible proposals of many interests; see ``best_interests``."""
        return self._best(interests, self._interests, self._proposals, ListsWanted(top, on, threads))

    def explain(self, proposal_id: str, interest_id: str, on: date | None = None) -> Explained:
        """Score one pair with all reasons. Errors: KeyError for an unknown id."""
        mine, theirs = self._proposals.row_of[proposal_id], self._interests.row_of[interest_id]
        demands = float(self._proposal_demands[mine]), float(self._interest_demands[theirs])
        score = score_pair(self._proposals.record(mine), self._interests.record(theirs), self.ruleset, demands)
        facts = cast(
            "tuple[ProposalFacts, InterestFacts]", (self._proposals.facts[mine], self._interests.facts[theirs])
        )
        return Explained(score, self._refusals(*facts, on), self.ruleset)

    def explain_facts(self, proposal: ProposalFacts, interest: InterestFacts, on: date | None = None) -> Explained:
        """Score one pair of which a side is changed or not in the index; nothing is stored."""
        return self.explain_all([(proposal, interest)], on)[0]

    def explain_all(
        self, pairs: Sequence[tuple[ProposalFacts, InterestFacts]], on: date | None = None
    ) -> list[Explained]:
        """Score pairs as ``explain_facts`` does; a side that comes in many pairs is measured once."""
        found = []
        known: dict[tuple[bool, str], tuple[ProposalFacts | InterestFacts, Weighed, float]] = {}
        for pair in pairs:
            for one in pair:
                key = isinstance(one, ProposalFacts), one.id
                if key not in known or known[key][0] != one:
                    known[key] = (one, *self._measured(one))
            (_mine, asked, demand), (_theirs, offered, other) = known[True, pair[0].id], known[False, pair[1].id]
            score = score_pair(asked, offered, self.ruleset, (demand, other))
            found.append(Explained(score, self._refusals(*pair, on), self.ruleset))
        return found

    def _measured(self, facts: ProposalFacts | InterestFacts) -> tuple[Weighed, float]:
        """Return a record's vectors and demand: those of the index when it has the very same facts."""
        is_proposal = isinstance(facts, ProposalFacts)
        mine = self._proposals if is_proposal else self._interests
        row = mine.row_of.get(facts.id)
        if row is not None and mine.is_alive[row] and mine.facts[row] == facts:
            return mine.record(row), float(self._demands_of(mine)[row])
        record = self._weighed(facts)
        return record, self._demand(mine.asked_of(facts, record))

    def put_proposal(self, facts: ProposalFacts, *, encodes: bool = True) -> None:
        """Replace or add a proposal under the present generation; other records keep their demand.

        Unless it ``encodes``, the meaning of a new text is not compared until the same facts are put again.
        """
        row = self._proposals.put(facts, self._weighed(facts, encodes=encodes))
        demand = self._demand(self._proposals.asked(row, is_proposal=True))
        self._proposal_demands = _put(self._proposal_demands, row, demand)

    def put_interest(self, facts: InterestFacts, *, encodes: bool = True) -> None:
        """Replace or add an interest under the present generation; see ``put_proposal``."""
        row = self._interests.put(facts, self._weighed(facts, encodes=encodes))
        demand = self._demand(self._interests.asked(row, is_proposal=False))
        self._interest_demands = _put(self._interest_demands, row, demand)

    def remove_proposal(self, proposal_id: str) -> None:
        """Take a proposal out of every ranking. Errors: KeyError for an unknown id."""
        self._proposals.remove(proposal_id)

    def remove_interest(self, interest_id: str) -> None:
        """Take an interest out of every ranking. Errors: KeyError for an unknown id."""
        self._interests.remove(interest_id)

    def _refusals(self, proposal: ProposalFacts, interest: InterestFacts, on: date | None) -> tuple[Refusal, ...]:
        broken = eligibility.refusals(proposal, interest, on)
        return tuple(one for one in broken if one in self.ruleset.hard_conditions) if broken else broken

    def _weighed(self, facts: ProposalFacts | InterestFacts, *, encodes: bool = True) -> Weighed:
        return weigh(facts, self.readings.of([facts], encodes=encodes)[0].reading(), self.generation)

    def _measure_demands(self) -> None:
        """Settle the demands of a sample of both sides, then measure every record against the other side's sample."""
        mine = _sampled(self._proposals, len(self._interests))
        theirs = _sampled(self._interests, len(self._proposals))
        from_sample = self._totals(mine, self._proposals, self._interests, are_proposals=True)
        to_sample = self._totals(theirs, self._interests, self._proposals, are_proposals=False).T
        rows, columns = settle(to_sample[mine])
        ease_of_proposals, ease_of_interests = ease(to_sample, columns), ease(from_sample.T, rows)
        self._interest_anchors = Anchors(theirs, columns, _mean(ease_of_proposals))
        self._proposal_anchors = Anchors(mine, rows, _mean(ease_of_interests))
        self._proposal_demands = self._interest_anchors.demands_of(ease_of_proposals)
        self._interest_demands = self._proposal_anchors.demands_of(ease_of_interests)

    def _totals(self, rows: RowNumbers, own: Side, other: Side, *, are_proposals: bool) -> NDArray[np.int16]:
        """Return the content points of some rows of one side with all of the other, (rows, rows of the other)."""
        if compiled := kernels.loaded():
            return compiled.totals(rows, own, other, self.ruleset, are_proposals=are_proposals)
        totals = np.zeros((len(rows), len(other)), dtype=np.int16)
        for number, row in enumerate(rows.tolist()):
            parts = scoring_columns.content(own.asked(row, is_proposal=are_proposals), other, self.ruleset)
            totals[number] = parts.sum(axis=0)
        return totals

    def _demand(self, asked: Asked) -> float:
        """Return the demand, in points, of a record that need not be stored."""
        other, anchors = self._opposite(asked)
        if compiled := kernels.loaded():
            totals = compiled.scored(asked, other, None, self.ruleset, None).points[anchors.rows]
        else:
            totals = scoring_columns.content(asked, other, self.ruleset)[:, anchors.rows].sum(axis=0)
        return float(anchors.demands_of(ease(totals[np.newaxis, :], anchors.demands))[0])

    def _best(
        self, asked: Sequence[str], own: Side, other: Side, wanted: ListsWanted
    ) -> dict[str, list[tuple[str, int]]]:
        compiled = kernels.loaded()
        if compiled is None:
            rankings = {one: self._ranking(one, own, other, wanted.on) for one in asked}
            lines = {one: ranking[: min(wanted.top, ranking.eligible)] for one, ranking in rankings.items()}
            return {one: [(line.id, line.points) for line in some] for one, some in lines.items()}
        rows = np.array([own.row_of[one] for one in asked], dtype=np.int64)
        demands = (self._demands_of(own), self._demands_of(other))
        best = compiled.best_of_all(
            rows, (own, other), demands, self.ruleset, wanted, are_proposals=own is self._proposals
        )
        lists = zip(asked, best.rows, best.points.tolist(), best.counts.tolist(), strict=True)
        return {
            one: list(zip(other.ids[some[:count]].tolist(), points[:count], strict=True))
            for one, some, points, count in lists
        }

    def _demands_of(self, side: Side) -> Demands:
        return self._proposal_demands if side is self._proposals else self._interest_demands

    def _opposite(self, asked: Asked) -> tuple[Side, Anchors]:
        if asked.is_proposal:
            return self._interests, self._interest_anchors
        return self._proposals, self._proposal_anchors

    def _ranking(self, record: str | ProposalFacts | InterestFacts, own: Side, other: Side, on: date | None) -> Ranking:
        is_proposal = own is self._proposals
        if isinstance(record, str):
            row = own.row_of[record]
            asked = replace(own.asked(row, is_proposal=is_proposal), demand=float(self._demands_of(own)[row]))
        else:
            asked = own.asked_of(record, self._weighed(record))
            asked = replace(asked, demand=self._demand(asked))
        scored = (kernels.loaded() or scoring_columns).scored(asked, other, self._demands_of(other), self.ruleset, on)
        return Ranking(
            ids=other.ids,
            place_in_order=other.place_in_order,
            row_at=other.row_at,
            row_of=other.row_of,
            points=scored.points,
            parts=scored.parts,
            in_list=other.is_alive,
            broken=scored.broken,
        )


def _named_in(rows: Sequence[Rows[np.float32]], known: int) -> NDArray[np.int64]:
    """Return, for each of the ``known`` topics, the number of records whose texts name it."""
    named: NDArray[np.int64] = np.zeros(known, dtype=np.int64)
    for one in rows:
        named += np.bincount(one.numbers[one.values >= NAMED], minlength=known)
    return named


def _mean_vector(readings: Sequence[Kept]) -> NDArray[np.float64] | None:
    """Return the mean of all vectors; exact, as 16-bit floats are whole multiples of one small number."""
    vectors = [one.vector for one in readings if one.vector is not None]
    if not vectors:
        return None
    total = np.zeros(len(vectors[0]))
    for vector in vectors:
        total += vector
    mean: NDArray[np.float64] = total / len(vectors)
    return mean


def _axes(sides: Sequence[Sequence[Kept]], means: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    """Return the main axes of a pool that is large enough to show them; None where every dimension is kept."""
    if sum(map(len, sides)) < LARGE_POOL:
        return None
    found = []
    for readings, mean in zip(sides, means, strict=True):
        step = 1 + len(readings) // VECTORS_SAMPLED
        vectors = [one.vector for one in readings[::step] if one.vector is not None]
        if vectors and mean is not None:
            found.append(differences(np.array(vectors), mean))
    return main_axes(found, AXES_KEPT) if found else None


def _sampled(side: Side, others: int) -> NDArray[np.int64]:
    by_id = np.argsort(side.place_in_order)
    wanted = min(SAMPLE, max(FEWEST_SAMPLED, PAIRS_MEASURED // max(1, others)), len(by_id))
    return by_id[np.linspace(0, len(by_id) - 1, wanted).astype(np.int64)]


def _mean(values: Demands) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _put(values: Shares, row: int, value: float) -> Shares:
    if row == len(values):
        return np.append(values, value)
    # A new array: previews made by with_ruleset share the old one.
    changed = values.copy()
    changed[row] = value
    return changed
