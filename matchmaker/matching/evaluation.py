"""How good rankings are on labelled cases: MRR, recall and nDCG with bootstrap intervals, and paired differences.

Definitions are those of the published cases: one query for each true pair; the other true partners of the same
organisation are taken out of the list before the rank is read; a partner that is not in the list ranks behind its end.
nDCG@10 has one relevant entry a query (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
ACM TOIS 20(4), 2002); intervals are percentile bootstrap (Efron and Tibshirani 1993), 2,000 draws, fixed seed.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from matchmaker.matching.cases import CaseLink

DRAWS = 2000
SEED = 7

Order = Mapping[str, Sequence[str]]
Ranks = list[int]


class Measure(StrEnum):
    """What is read from the ranks of the true partners."""

    MRR = "MRR"
    RECALL_1 = "R@1"
    RECALL_5 = "R@5"
    RECALL_10 = "R@10"
    NDCG_10 = "nDCG@10"


GAINS: dict[Measure, Callable[[int], float]] = {
    Measure.MRR: lambda rank: 1 / rank,
    Measure.RECALL_1: lambda rank: float(rank <= 1),
    Measure.RECALL_5: lambda rank: float(rank <= 5),
    Measure.RECALL_10: lambda rank: float(rank <= 10),
    Measure.NDCG_10: lambda rank: 1 / math.log2(rank + 1) if rank <= 10 else 0.0,
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries with its 95 % interval."""

    value: float
    low: float
    high: float

    def rounded(self) -> tuple[float, float, float]:
        """Return the three numbers with three decimals."""
        return round(self.value, 3), round(self.low, 3), round(self.high, 3)


def proposal_ranks(order: Order, links: Sequence[CaseLink]) -> Ranks:
    """Return the rank of the true interest in each proposal's list, one for each link.

    >>> proposal_ranks({"P1": ["I9", "I2", "I1"]}, [CaseLink("P1", "I1", frozenset({"I9"}))])
    [2]
    """
    found = []
    for link in links:
        listed = [interest for interest in order[link.proposal_id] if interest not in link.also]
        found.append(_rank(link.interest_id, listed))
    return found


def interest_ranks(order: Order, links: Sequence[CaseLink]) -> Ranks:
    """Return the rank of each true proposal in each interest's list, its other true proposals taken out.

    >>> links = [CaseLink("P1", "I1", frozenset()), CaseLink("P2", "I1", frozenset())]
    >>> interest_ranks({"I1": ["P1", "P3", "P2"]}, links)
    [1, 2]
    """
    partners: dict[str, list[str]] = {}
    for link in links:
        theirs = partners.setdefault(link.interest_id, [])
        if link.proposal_id not in theirs:
            theirs.append(link.proposal_id)
    found = []
    for interest, proposals in partners.items():
        for proposal in proposals:
            listed = [one for one in order[interest] if one == proposal or one not in proposals]
            found.append(_rank(proposal, listed))
    return found


def _rank(wanted: str, listed: list[str]) -> int:
    return listed.index(wanted) + 1 if wanted in listed else len(listed) + 1


def measured(ranks: Sequence[int], measures: Sequence[Measure] = tuple(Measure)) -> dict[Measure, Estimate]:
    """Return the measures with their intervals. Errors: ValueError without ranks."""
    if not ranks:
        raise ValueError("there is no true pair to measure")
    draws = _draws(len(ranks))
    return {measure: _estimate([GAINS[measure](rank) for rank in ranks], draws) for measure in measures}


def compared(
    ranks: Sequence[int], baseline: Sequence[int], measures: Sequence[Measure] = tuple(Measure)
) -> dict[Measure, Estimate]:
    """Return how much better ``ranks`` are than ``baseline`` on the same queries, with paired intervals.

    >>> compared([1, 1], [2, 2])[Measure.MRR].rounded()
    (0.5, 0.5, 0.5)
    """
    if len(ranks) != len(baseline) or not ranks:
        raise ValueError("a paired comparison needs the same queries on both sides, at least one")
    draws = _draws(len(ranks))
    both = list(zip(ranks, baseline, strict=True))
    return {
        measure: _estimate([GAINS[measure](one) - GAINS[measure](other) for one, other in both], draws)
        for measure in measures
    }


@lru_cache(maxsize=4)
def _draws(count: int) -> tuple[tuple[int, ...], ...]:
    generator = random.Random(SEED)  # noqa: S311 - statistics, not secrets
    return tuple(tuple(generator.randrange(count) for _ in range(count)) for _ in range(DRAWS))


def _estimate(gains: Sequence[float], draws: Sequence[Sequence[int]]) -> Estimate:
    means = sorted(sum(gains[at] for at in draw) / len(draw) for draw in draws)
    return Estimate(sum(gains) / len(gains), means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS)])
