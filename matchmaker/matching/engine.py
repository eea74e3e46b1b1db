"""One record against the whole other side: the points of ``scoring.score_pair`` for every pair at once.

All sums are of whole numbers, so that no order of adding changes a point; every other step is the same operation on
the same numbers as in the reference. The index is built from facts, answers both directions, and takes a changed
record in place under the statistics (the generation) of its build.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria, eligibility
from matchmaker.matching.columns import Shares, Side
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import UNIT, Generation, Weighed, weigh
from matchmaker.matching.meaning import Encoder
from matchmaker.matching.pool import Demands, ease, settle, trust
from matchmaker.matching.readings import Readings
from matchmaker.matching.scoring import COMPANY_VIEW, NPO_VIEW, Score, score_pair
from matchmaker.matching.weights import CONTENT_CRITERIA, Criterion, Ruleset

Points = NDArray[np.int64]

SAMPLE = 2000
"""Records of each side against which demands are measured; larger pools are sampled evenly in the order of ids."""


AT_ONCE = 1000
"""Rows of a ranking turned into lines in one go."""


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
class Ranked:
    """One line of a ranking. The parts add up to the points; a refused pair comes last and says why."""

    id: str
    points: int
    parts: dict[Criterion, int]
    refusals: tuple[Refusal, ...] = ()


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
        self._proposal_facts = {facts.id: facts for facts in proposals}
        self._interest_facts = {facts.id: facts for facts in interests}
        mine = self.readings.of_proposals(list(self._proposal_facts.values()))
        theirs = self.readings.of_interests(list(self._interest_facts.values()))
        self.readings.keep([*self._proposal_facts.values(), *self._interest_facts.values()])
        self.generation = Generation.of(mine, theirs)
        self._proposals = Side([weigh(reading, self.generation, is_proposal=True) for reading in mine])
        self._interests = Side([weigh(reading, self.generation, is_proposal=False) for reading in theirs])
        self._measure_demands()

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
        """Rank all interests for a proposal: best first, equal points by id, refused pairs last.

        Shapes: ``proposal`` an id of the index, or facts that are not in it (a draft); ``top`` lines, None for all;
        ``on`` the day that dates are judged on, None for no judgement of dates.
        Errors: KeyError for an unknown id.
        """
        facts = self._proposal_facts[proposal] if isinstance(proposal, str) else proposal
        query = self._weighed_proposal(facts) if proposal is facts else self._record(self._proposals, facts.id)
        parts = self._content(query, self._interests, query_is_proposal=True)

        def refused(row: int) -> tuple[Refusal, ...]:
            return self._refusals(facts, self._interest_facts[self._interests.ids[row]], on)

        demand = self._demand(parts, self._interest_anchors)
        if proposal is not facts:
            demand = float(self._proposal_demands[self._proposals.row_of[facts.id]])
        return self._ranked(self._with_pool(parts, demand, self._interest_demands), self._interests, top, refused)

    def rank_proposals(
        self, interest: str | InterestFacts, top: int | None = None, on: date | None = None
    ) -> list[Ranked]:
        """Rank all proposals for an interest; see ``rank_interests``."""
        facts = self._interest_facts[interest] if isinstance(interest, str) else interest
        query = self._weighed_interest(facts) if interest is facts else self._record(self._interests, facts.id)
        parts = self._content(query, self._proposals, query_is_proposal=False)

        def refused(row: int) -> tuple[Refusal, ...]:
            return self._refusals(self._proposal_facts[self._proposals.ids[row]], facts, on)

        demand = self._demand(parts, self._proposal_anchors)
        if interest is not facts:
            demand = float(self._interest_demands[self._interests.row_of[facts.id]])
        return self._ranked(self._with_pool(parts, demand, self._proposal_demands), self._proposals, top, refused)

    def explain(self, proposal_id: str, interest_id: str, on: date | None = None) -> Explained:
        """Score one pair with all reasons. Errors: KeyError for an unknown id."""
        mine, theirs = self._proposals.row_of[proposal_id], self._interests.row_of[interest_id]
        demands = float(self._proposal_demands[mine]), float(self._interest_demands[theirs])
        score = score_pair(self._proposals.records[mine], self._interests.records[theirs], self.ruleset, demands)
        facts = self._proposal_facts[proposal_id], self._interest_facts[interest_id]
        return Explained(score, self._refusals(*facts, on), self.ruleset)

    def explain_facts(self, proposal: ProposalFacts, interest: InterestFacts, on: date | None = None) -> Explained:
        """Score one pair of which a side is changed or not in the index; nothing is stored."""
        mine, theirs = self._weighed_proposal(proposal), self._weighed_interest(interest)
        demands = (
            self._demand(self._content(mine, self._interests, query_is_proposal=True), self._interest_anchors),
            self._demand(self._content(theirs, self._proposals, query_is_proposal=False), self._proposal_anchors),
        )
        score = score_pair(mine, theirs, self.ruleset, demands)
        return Explained(score, self._refusals(proposal, interest, on), self.ruleset)

    def put_proposal(self, facts: ProposalFacts) -> None:
        """Replace or add a proposal under the present generation; other records keep their demand."""
        self._proposal_facts[facts.id] = facts
        row = self._proposals.put(self._weighed_proposal(facts))
        parts = self._content(self._proposals.records[row], self._interests, query_is_proposal=True)
        self._proposal_demands = _put(self._proposal_demands, row, self._demand(parts, self._interest_anchors))

    def put_interest(self, facts: InterestFacts) -> None:
        """Replace or add an interest under the present generation; other records keep their demand."""
        self._interest_facts[facts.id] = facts
        row = self._interests.put(self._weighed_interest(facts))
        parts = self._content(self._interests.records[row], self._proposals, query_is_proposal=False)
        self._interest_demands = _put(self._interest_demands, row, self._demand(parts, self._proposal_anchors))

    def remove_proposal(self, proposal_id: str) -> None:
        """Take a proposal out of every ranking. Errors: KeyError for an unknown id."""
        del self._proposal_facts[proposal_id]
        self._proposals.is_alive[self._proposals.row_of[proposal_id]] = False

    def remove_interest(self, interest_id: str) -> None:
        """Take an interest out of every ranking. Errors: KeyError for an unknown id."""
        del self._interest_facts[interest_id]
        self._interests.is_alive[self._interests.row_of[interest_id]] = False

    def _refusals(self, proposal: ProposalFacts, interest: InterestFacts, on: date | None) -> tuple[Refusal, ...]:
        broken = eligibility.refusals(proposal, interest, on)
        return tuple(one for one in broken if one in self.ruleset.hard_conditions) if broken else broken

    def _weighed_proposal(self, facts: ProposalFacts) -> Weighed:
        return weigh(self.readings.of_proposals([facts])[0], self.generation, is_proposal=True)

    def _weighed_interest(self, facts: InterestFacts) -> Weighed:
        return weigh(self.readings.of_interests([facts])[0], self.generation, is_proposal=False)

    @staticmethod
    def _record(side: Side, record_id: str) -> Weighed:
        return side.records[side.row_of[record_id]]

    def _measure_demands(self) -> None:
        """Settle the demands of a sample of both sides, then measure every record against the other side's sample."""
        mine, theirs = _sampled(self._proposals), _sampled(self._interests)
        to_sample = np.zeros((len(self._proposals.records), len(theirs)), dtype=np.int16)
        from_sample = np.zeros((len(mine), len(self._interests.records)), dtype=np.int16)
        number_of = {row: number for number, row in enumerate(mine.tolist())}
        for row, record in enumerate(self._proposals.records):
            points = np.sum([*self._content(record, self._interests, query_is_proposal=True).values()], axis=0)
            to_sample[row] = points[theirs]
            if row in number_of:
                from_sample[number_of[row]] = points
        rows, columns = settle(to_sample[mine])
        ease_of_proposals, ease_of_interests = ease(to_sample, columns), ease(from_sample.T, rows)
        self._interest_anchors = Anchors(theirs, columns, _mean(ease_of_proposals))
        self._proposal_anchors = Anchors(mine, rows, _mean(ease_of_interests))
        self._proposal_demands = self._interest_anchors.demands_of(ease_of_proposals)
        self._interest_demands = self._proposal_anchors.demands_of(ease_of_interests)

    @staticmethod
    def _demand(parts: dict[Criterion, Points], anchors: Anchors) -> float:
        totals = np.sum([*parts.values()], axis=0)[anchors.rows]
        return float(anchors.demands_of(ease(totals[np.newaxis, :], anchors.demands))[0])

    def _content(self, query: Weighed, side: Side, *, query_is_proposal: bool) -> dict[Criterion, Points]:
        """Return the points of every criterion but the pool, each of shape (rows of ``side``,)."""
        shares = {
            Criterion.WORDS: self._term_shares("words", query.words, side),
            Criterion.BIGRAMS: self._term_shares("bigrams", query.bigrams, side),
            Criterion.MEANING: self._meaning_shares(query, side),
            Criterion.REGION: self._region_shares(query, side, query_is_proposal),
            Criterion.NEEDS: self._needs_shares(query, side, query_is_proposal),
            Criterion.THEME: self._term_shares("theme", query.themes, side),
            Criterion.BUSINESS: self._term_shares("business", query.topics, side),
        }
        weights = {criterion: self.ruleset.weight(criterion) for criterion in CONTENT_CRITERIA}
        points = {c: np.floor(shares[c] * weights[c] + 0.5).astype(np.int64) for c in CONTENT_CRITERIA}
        views = (NPO_VIEW, COMPANY_VIEW)
        npo, company = (
            1000 * np.sum([points[c] for c in view], axis=0) // max(1, sum(weights[c] for c in view)) for view in views
        )
        points[Criterion.ONE_SIDEDNESS] = -(np.abs(npo - company) * self.ruleset.one_sidedness // 1000)
        return points

    def _neutral(self, criterion: Criterion) -> float:
        return self.ruleset.neutral_share(criterion)

    def _term_shares(self, name: str, query: Mapping[str, int], side: Side) -> Shares:
        columns = side.terms[name]
        shares = _stretched(columns.products(query), name)
        return np.where(columns.answered() & bool(query), shares, self._neutral(Criterion(name)))

    def _meaning_shares(self, query: Weighed, side: Side) -> Shares:
        answered = side.meaning.answered() & (query.meaning is not None)
        shares = _stretched(side.meaning.products(query.meaning), "meaning")
        return np.where(answered, shares, self._neutral(Criterion.MEANING))

    def _region_shares(self, query: Weighed, side: Side, query_is_proposal: bool) -> Shares:
        levels = self.ruleset.levels
        if query_is_proposal:
            shares = side.places.nearest_to_proposal(query.places, levels)
        else:
            shares = side.places.nearest_to_interest(query.headquarters, query.places, levels, query.prose)
        return np.where(shares < 0, self._neutral(Criterion.REGION), shares)

    def _needs_shares(self, query: Weighed, side: Side, query_is_proposal: bool) -> Shares:
        if not query.items:
            return np.full(len(side.records), self._neutral(Criterion.NEEDS))
        fits = [side.items.fits(item, is_need=query_is_proposal) for item in query.items]
        if query_is_proposal:
            total = np.zeros(len(side.records))
            for fit in fits:
                total = total + side.items.best(fit)
            shares = total / len(fits)
        else:
            shares = side.items.mean(np.max(fits, axis=0))
        return np.where(side.items.answered(), shares, self._neutral(Criterion.NEEDS))

    def _with_pool(self, parts: dict[Criterion, Points], own: float, others: Demands) -> dict[Criterion, Points]:
        """Add the pool correction: see ``scoring.pool_points``."""
        correction = np.floor(0.5 - (own + others) * self.ruleset.pool_percent / 100).astype(np.int64)
        return {**parts, Criterion.POOL: correction}

    @staticmethod
    def _ranked(
        parts: dict[Criterion, Points], side: Side, top: int | None, refused: Callable[[int], tuple[Refusal, ...]]
    ) -> list[Ranked]:
        """Walk the rows from the best on and stop when ``top`` eligible ones are found."""
        table = np.array([*parts.values()])
        totals = np.sum(table, axis=0)
        order = _from_best(totals, side)
        criteria_in_order = tuple(parts)
        eligible: list[Ranked] = []
        barred: list[Ranked] = []
        for begin in range(0, len(order), AT_ONCE):
            some = order[begin : begin + AT_ONCE]
            for row, total, points in zip(some.tolist(), totals[some].tolist(), table[:, some].T.tolist(), strict=True):
                if top is not None and len(eligible) >= top:
                    return eligible
                codes = refused(row)
                line = Ranked(side.ids[row], total, dict(zip(criteria_in_order, points, strict=True)), codes)
                (barred if codes else eligible).append(line)
        return (eligible + barred)[:top]


def _from_best(totals: Points, side: Side) -> Points:
    alive = np.flatnonzero(side.is_alive)
    return alive[np.lexsort((side.place_in_order[alive], -totals[alive]))]


def _sampled(side: Side) -> NDArray[np.int64]:
    by_id = np.argsort(side.place_in_order)
    return by_id[np.linspace(0, len(by_id) - 1, min(SAMPLE, len(by_id))).astype(np.int64)]


def _mean(values: Demands) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _stretched(products: Points, criterion: str) -> Shares:
    shares = products / (UNIT * UNIT * criteria.FULL_COSINE[criterion])
    return np.minimum(1.0, np.maximum(0.0, shares))


def _put(values: Shares, row: int, value: float) -> Shares:
    if row == len(values):
        return np.append(values, value)
    # A new array: previews made by with_ruleset share the old one.
    changed = values.copy()
    changed[row] = value
    return changed
