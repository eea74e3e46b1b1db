"""Share proposals out among judges: nobody with a tie, and everybody as few as can be. Pure."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

Pair = tuple[int, int]
"""A judge and a proposal, by their ids."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``pairs``: judge and proposal, those that stood before included; ``short``: how many judges a proposal lacks."""

    pairs: frozenset[Pair]
    short: dict[int, int]


def share_out(
    judges: Sequence[int],
    proposals: Sequence[int],
    *,
    each: int,
    ties: Collection[Pair] = (),
    kept: Collection[Pair] = (),
) -> Plan:
    """Give each proposal ``each`` judges, or as many as have no tie with it; those in ``kept`` stay where they are.

    The loads are as even as the ties and the kept pairs allow: no exchange along a chain of judges makes the sum of
    their squares smaller. Source: Harvey, Ladner, Lovász, Tamir, Semi-matchings for bipartite graphs and load
    balancing, 2006 (a distribution without a cost-reducing path is optimal). Errors: ValueError when ``each`` < 1, or
    a kept pair has a tie.

    >>> plan = share_out([1, 2, 3], [10, 20], each=2, ties={(1, 10)})
    >>> sorted(plan.pairs), plan.short
    ([(1, 20), (2, 10), (2, 20), (3, 10)], {})
    """
    if each < 1:
        raise ValueError("a proposal needs at least one judge")
    if set(kept) & set(ties):
        raise ValueError("a judge with a tie cannot stay")
    ledger = _Ledger(judges, ties, kept)
    short: dict[int, int] = {}
    for proposal in sorted(proposals, key=lambda one: (len(ledger.free_for(one)), proposals.index(one))):
        missing = each - ledger.count_of(proposal)
        for _place in range(max(0, missing)):
            chosen = min(ledger.free_for(proposal), key=lambda one: (ledger.load[one], judges.index(one)), default=None)
            if chosen is None:
                short[proposal] = each - ledger.count_of(proposal)
                break
            ledger.add((chosen, proposal))
    while ledger.even_out():
        pass
    return Plan(frozenset(ledger.pairs), short)


class _Ledger:
    """Who has what while the work is shared out."""

    def __init__(self, judges: Sequence[int], ties: Collection[Pair], kept: Collection[Pair]) -> None:
        self.judges, self.ties, self.kept = judges, set(ties), set(kept)
        self.pairs: set[Pair] = set()
        self.load = dict.fromkeys([*judges, *(judge for judge, _proposal in sorted(kept))], 0)
        for pair in kept:
            self.add(pair)

    def add(self, pair: Pair) -> None:
        self.pairs.add(pair)
        self.load[pair[0]] += 1

    def count_of(self, proposal: int) -> int:
        return sum(1 for _judge, one in self.pairs if one == proposal)

    def free_for(self, proposal: int) -> list[int]:
        return [one for one in self.judges if (one, proposal) not in self.pairs and (one, proposal) not in self.ties]

    def even_out(self) -> bool:
        """Hand one proposal on along a chain from a judge with more to one with at least two fewer, if there is one."""
        return any(self._relieve(judge) for judge in sorted(self.load, key=lambda one: -self.load[one]))

    def _relieve(self, start: int) -> bool:
        came_from: dict[int, tuple[int, int]] = {}
        waiting, seen = deque([start]), {start}
        while waiting:
            here = waiting.popleft()
            if self.load[here] <= self.load[start] - 2:
                self._hand_on(start, here, came_from)
                return True
            movable = sorted(proposal for judge, proposal in self.pairs - self.kept if judge == here)
            for proposal in movable:
                for other in self.free_for(proposal):
                    if other not in seen:
                        seen.add(other)
                        came_from[other] = (here, proposal)
                        waiting.append(other)
        return False

    def _hand_on(self, start: int, end: int, came_from: dict[int, tuple[int, int]]) -> None:
        here = end
        while here != start:
            giver, proposal = came_from[here]
            self.pairs.remove((giver, proposal))
            self.pairs.add((here, proposal))
            here = giver
        self.load[start] -= 1
        self.load[end] += 1
