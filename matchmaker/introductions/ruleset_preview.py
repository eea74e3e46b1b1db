"""What new weights, or a new edition of the vocabulary, would do before it is used: who rises, who falls, and how good
the lists are on known cases."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Generic, TypeVar

from sqlalchemy import func, select

from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.introductions.ranking import Pool
from matchmaker.matching import evaluation
from matchmaker.matching.cases import LabelledCases, UnreadableCase, read_cases
from matchmaker.matching.engine import MatchIndex, Ranked
from matchmaker.matching.evaluation import Estimate, Measure
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.readings import Readings
from matchmaker.matching.rereading import readings_under
from matchmaker.matching.terms import LegalForm
from matchmaker.matching.variants import SystemRanks, index_ranks
from matchmaker.matching.vocabulary import Knowledge, built_in, using
from matchmaker.matching.weights import Ruleset
from matchmaker.proposals.models import Proposal

MOST_COMPARED = 300
"""Records of each side; of a larger registry so many are taken evenly in the order of ids, so that nobody waits."""
SHOWN = 10
FIRST_LINES = 10
SAME_PLACE = 0.05
"""Places in the mean; less is called unchanged."""

CASES = Path(__file__).parents[2] / "seeds" / "cases"
MEASURES = (Measure.MRR, Measure.RECALL_10)

Record = TypeVar("Record", Proposal, Interest)
Facts = TypeVar("Facts", ProposalFacts, InterestFacts)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one record stands in the lists of the other side: mean place, mean points, lists that begin with it."""

    place: float
    points: float
    among_first: int


@dataclass(frozen=True, slots=True)
class Move:
    """One record before and after. ``rise`` in places: positive is nearer to the top."""

    id: str
    before: Standing
    after: Standing

    @property
    def rise(self) -> float:
        return self.before.place - self.after.place


@dataclass(frozen=True, slots=True)
class Mover(Generic[Record]):
    """A move with its record. ``is_small``, ``is_first``: see ``Preview``."""

    move: Move
    record: Record
    is_small: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What happens to a group of records."""

    count: int
    rising: int
    falling: int
    mean_rise: float


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides' largest moves, and those of small and first-time NPOs beside all others.

    Small is an NPO without a legal person; first-time a proposal that is the first of its organisation here.
    """

    rising_proposals: Sequence[Mover[Proposal]]
    falling_proposals: Sequence[Mover[Proposal]]
    rising_interests: Sequence[Mover[Interest]]
    falling_interests: Sequence[Mover[Interest]]
    marked: Tally
    others: Tally
    compared: tuple[int, int]
    listed: tuple[int, int]

    def without(self, closed: Collection[str]) -> "Preview":
        """Return the same figures without the moves of the proposals that a reader keeps out of."""
        rising, falling = (
            [one for one in movers if one.record.draft_number not in closed]
            for movers in (self.rising_proposals, self.falling_proposals)
        )
        return replace(self, rising_proposals=rising, falling_proposals=falling)


@dataclass(frozen=True, slots=True)
class Quality:
    """One measure in one direction on the known cases: before, after, and the paired difference."""

    direction: str
    measure: Measure
    before: Estimate
    after: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Way:
    """A way of making lists: an index that is asked under its edition of the vocabulary."""

    index: MatchIndex
    knowledge: Knowledge


def preview(pool: Pool, new: Ruleset, on: date) -> Preview:
    """Compare all lists under the pool's ruleset with those under ``new``."""
    some = _evenly_chosen(pool)
    with using(pool.knowledge):
        index = some.index()
        other = index.with_ruleset(new)
    return _compared(pool, some, (Way(index, pool.knowledge), Way(other, pool.knowledge)), on)


def preview_vocabulary(pool: Pool, new: Knowledge, on: date) -> Preview:
    """Compare all lists under the pool's edition of the vocabulary with those under ``new``."""
    some = _evenly_chosen(pool)
    with using(pool.knowledge):
        index = some.index()
    readings = readings_under(new, index.readings, pool.knowledge)
    with using(new):
        other = replace(some, readings=readings, knowledge=new).index()
    return _compared(pool, some, (Way(index, pool.knowledge), Way(other, new)), on)


def _evenly_chosen(pool: Pool) -> Pool:
    return replace(pool, proposals=_evenly(pool.proposals), interests=_evenly(pool.interests))


def _compared(pool: Pool, some: Pool, ways: tuple[Way, Way], on: date) -> Preview:
    proposals = _moves(*(_standings_of_proposals(way, some, on) for way in ways))
    interests = _moves(*(_standings_of_interests(way, some, on) for way in ways))
    small = {facts.id for facts in some.proposals if facts.legal_form is LegalForm.CIVIC}
    first = _first_proposals(move.id for move in proposals)
    is_marked = small | first

    def proposal_movers(moves: Sequence[Move]) -> list[Mover[Proposal]]:
        rows = db.session.scalars(select(Proposal).where(Proposal.draft_number.in_([move.id for move in moves])))
        by_id = {row.draft_number: row for row in rows}
        return [Mover(one, by_id[one.id], one.id in small, one.id in first) for one in moves if one.id in by_id]

    def interest_movers(moves: Sequence[Move]) -> list[Mover[Interest]]:
        rows = db.session.scalars(select(Interest).where(Interest.number.in_([move.id for move in moves])))
        by_id = {row.number: row for row in rows}
        return [Mover(one, by_id[one.id]) for one in moves if one.id in by_id]

    return Preview(
        proposal_movers(_rising(proposals)),
        proposal_movers(_falling(proposals)),
        interest_movers(_rising(interests)),
        interest_movers(_falling(interests)),
        _tally([move for move in proposals if move.id in is_marked]),
        _tally([move for move in proposals if move.id not in is_marked]),
        (len(some.proposals), len(some.interests)),
        (len(pool.proposals), len(pool.interests)),
    )


def quality(pool: Pool, new: Ruleset) -> list[Quality]:
    """Measure the pool's ruleset and a new one on the known cases; empty where the cases are not installed."""
    return _measured((pool.ruleset, pool.knowledge), (new, pool.knowledge), pool.readings)


def quality_of_vocabulary(pool: Pool, new: Knowledge) -> list[Quality]:
    """Measure the pool's edition of the vocabulary and a new one on the known cases; see ``quality``."""
    return _measured((pool.ruleset, pool.knowledge), (pool.ruleset, new), pool.readings)


def _measured(old: tuple[Ruleset, Knowledge], new: tuple[Ruleset, Knowledge], readings: Readings) -> list[Quality]:
    try:
        cases = _cases()
    except (OSError, UnreadableCase):
        return []
    before, after = (_ranks(ruleset, knowledge, cases, readings) for ruleset, knowledge in (old, new))
    found = []
    for direction in before:
        numbers = before[direction], after[direction]
        measured = [evaluation.measured(one, MEASURES) for one in numbers]
        difference = evaluation.compared(numbers[1], numbers[0], MEASURES)
        found += [Quality(direction, one, measured[0][one], measured[1][one], difference[one]) for one in MEASURES]
    return found


@lru_cache(maxsize=1)
def _cases() -> LabelledCases:
    return read_cases(CASES)


_readings: dict[str, Readings] = {}
"""By encoder, under the built-in edition. The cases never change: they are read once for a process."""


def _ranks(ruleset: Ruleset, knowledge: Knowledge, cases: LabelledCases, encoder: Readings) -> SystemRanks:
    known = _readings.get(encoder.encoder_version)
    if known is None:
        known = Readings(encoder.encoder)
        with using(built_in()):
            known.of_pool([*cases.proposals, *cases.interests])
        _readings[encoder.encoder_version] = known
    readings = readings_under(knowledge, known, built_in())
    with using(knowledge):
        return index_ranks(MatchIndex(cases.proposals, cases.interests, ruleset, readings=readings), cases)


def _evenly(facts: Sequence[Facts]) -> Sequence[Facts]:
    step = max(1, -(-len(facts) // MOST_COMPARED))
    return facts[::step]


def _standings_of_proposals(way: Way, pool: Pool, on: date) -> dict[str, Standing]:
    with using(way.knowledge):
        return _standings(way.index.rank_proposals, pool.interests, pool.owner_of, on)


def _standings_of_interests(way: Way, pool: Pool, on: date) -> dict[str, Standing]:
    with using(way.knowledge):
        return _standings(way.index.rank_interests, pool.proposals, pool.owner_of, on)


def _standings(
    rank: Callable[[str, None, date], list[Ranked]],
    askers: Iterable[ProposalFacts | InterestFacts],
    owner_of: Mapping[str, int],
    on: date,
) -> dict[str, Standing]:
    """Return how each record stands in the lists of the other side; one that is in no list is left out."""
    places: dict[str, list[int]] = {}
    points: dict[str, list[int]] = {}
    for asker in askers:
        lines = [one for one in rank(asker.id, None, on) if owner_of[one.id] != owner_of[asker.id]]
        for place, line in enumerate((one for one in lines if not one.refusals), start=1):
            places.setdefault(line.id, []).append(place)
            points.setdefault(line.id, []).append(line.points)
    return {
        one: Standing(fmean(found), fmean(points[one]), sum(place <= FIRST_LINES for place in found))
        for one, found in places.items()
    }


def _moves(before: Mapping[str, Standing], after: Mapping[str, Standing]) -> list[Move]:
    return [Move(one, before[one], after[one]) for one in sorted(before) if one in after]


def _rising(moves: Sequence[Move]) -> list[Move]:
    return [move for move in sorted(moves, key=lambda move: -move.rise) if move.rise >= SAME_PLACE][:SHOWN]


def _falling(moves: Sequence[Move]) -> list[Move]:
    return [move for move in sorted(moves, key=lambda move: move.rise) if move.rise <= -SAME_PLACE][:SHOWN]


def _tally(moves: Collection[Move]) -> Tally:
    return Tally(
        len(moves),
        sum(move.rise >= SAME_PLACE for move in moves),
        sum(move.rise <= -SAME_PLACE for move in moves),
        fmean(move.rise for move in moves) if moves else 0.0,
    )


def _first_proposals(ids: Iterable[str]) -> set[str]:
    first = select(func.min(Proposal.id)).group_by(Proposal.organisation_id)
    numbers = set(db.session.scalars(select(Proposal.draft_number).where(Proposal.id.in_(first))))
    return numbers & set(ids)
