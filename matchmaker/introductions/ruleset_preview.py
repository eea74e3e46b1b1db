"""What new weights would do, before they are used: who rises, who falls, and how good the lists are on known cases."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from matchmaker.matching.terms import LegalForm
from matchmaker.matching.variants import SystemRanks, index_ranks
from matchmaker.matching.weights import STANDARD, Ruleset
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


@dataclass(frozen=True, slots=True)
class Quality:
    """One measure in one direction on the known cases: before, after, and the paired difference."""

    direction: str
    measure: Measure
    before: Estimate
    after: Estimate
    difference: Estimate


def preview(pool: Pool, new: Ruleset, on: date) -> Preview:
    """Compare all lists under the pool's ruleset with those under ``new``."""
    some = Pool(_evenly(pool.proposals), _evenly(pool.interests), pool.owner_of, pool.ruleset, pool.readings)
    index = some.index()
    other = index.with_ruleset(new)
    proposals = _moves(*(_standings(one.rank_proposals, some.interests, some.owner_of, on) for one in (index, other)))
    interests = _moves(*(_standings(one.rank_interests, some.proposals, some.owner_of, on) for one in (index, other)))
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


def quality(old: Ruleset, new: Ruleset, readings: Readings) -> list[Quality]:
    """Measure both rulesets on the known cases; empty where the cases are not installed.

    Shapes: ``readings`` of the registry, for their encoder.
    """
    try:
        cases = _cases()
    except (OSError, UnreadableCase):
        return []
    before, after = (_ranks(one, cases, readings) for one in (old, new))
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


_indexes: dict[str, MatchIndex] = {}


def _ranks(ruleset: Ruleset, cases: LabelledCases, readings: Readings) -> SystemRanks:
    """The cases never change: they are read once for a process and encoder."""
    index = _indexes.get(readings.encoder_version)
    if index is None:
        index = MatchIndex(cases.proposals, cases.interests, STANDARD, readings=readings.branch())
        _indexes[readings.encoder_version] = index
    return index_ranks(index.with_ruleset(ruleset), cases)


def _evenly(facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    step = max(1, -(-len(facts) // MOST_COMPARED))
    return facts[::step]


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
