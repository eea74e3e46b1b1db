"""Taking times side by side: every contestant in every round, so that a busy machine disturbs all alike."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Contestant = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call. Each round gives the median over its queries; these are three looks at the rounds.

    ``worked`` is the time that processors worked in the best round: other programs on the machine hardly change it.
    """

    median: float
    best: float
    worked: float


def interleaved(contestants: Mapping[str, Contestant], queries: int, rounds: int) -> dict[str, Timing]:
    """Time every contestant on the same queries in turn; each is called once with query 0 before it counts.

    >>> list(interleaved({"nothing": lambda query: None}, queries=2, rounds=3))
    ['nothing']
    """
    for contestant in contestants.values():
        contestant(0)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            passed, worked = zip(*_durations(contestant, queries), strict=True)
            found[name].append((statistics.median(passed), statistics.median(worked)))
    timings = {}
    for name, medians in found.items():
        passed, worked = zip(*medians, strict=True)
        timings[name] = Timing(statistics.median(passed), min(passed), min(worked))
    return timings


def _durations(contestant: Contestant, queries: int) -> Iterator[tuple[float, float]]:
    for query in range(queries):
        begin, worked = time.perf_counter(), time.process_time()
        contestant(query)
        yield 1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - worked)
