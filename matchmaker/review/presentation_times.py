"""When each slot of a presentation day begins, and how much of a running clock is left. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many minutes a slot's parts last. Source: Mie's public presentation of 2004 (10 + 10 + 5)."""

    talk: int = 10
    questions: int = 10
    changeover: int = 5

    @property
    def slot(self) -> timedelta:
        return timedelta(minutes=self.talk + self.questions + self.changeover)


def planned_starts(first: datetime, lengths: Lengths, takes_place: Sequence[bool]) -> list[datetime]:
    """Return when each slot begins; one that does not take place gives its time to the next.

    >>> noon = datetime(2026, 2, 1, 12, 0)
    >>> [one.minute for one in planned_starts(noon, Lengths(), [True, False, True])]
    [0, 25, 25]
    """
    starts, here = [], first
    for happens in takes_place:
        starts.append(here)
        here += lengths.slot if happens else timedelta(0)
    return starts


def drawn(ids: Sequence[int], seed: int) -> list[int]:
    """Return the ids in an order drawn by lot; whoever knows the seed can draw it again.

    >>> drawn([3, 1, 2], 7) == drawn([2, 3, 1], 7)
    True
    """
    order = sorted(ids)
    random.Random(seed).shuffle(order)  # noqa: S311 - a lot that can be repeated, no secret
    return order
