"""Taking times side by side: every contestant in every round, so that a busy machine disturbs all alike."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Contestant = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call. Each round gives the median over its queries; these are two looks at the rounds."""

    median: float
    best: float


def interleaved(contestants: Mapping[str, Contestant], queries: int, rounds: int) -> dict[str, Timing]:
    """Time every contestant on the same queries in turn; each is called once with query 0 before it counts.

    >>> list(interleaved({"nothing": lambda query: None}, queries=2, rounds=3))
    ['nothing']
    """
    for contestant in contestants.values():
        contestant(0)
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            found[name].append(statistics.median(_durations(contestant, queries)))
    return {name: Timing(statistics.median(medians), min(medians)) for name, medians in found.items()}


def _durations(contestant: Contestant, queries: int) -> Iterator[float]:
    for query in range(queries):
        begin = time.perf_counter()
        contestant(query)
        yield 1000 * (time.perf_counter() - begin)
