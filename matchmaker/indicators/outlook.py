"""Whether the printed actuals of an indicator allow a forecast, and which range it has. Pure.

The method is a random walk with drift: the next year is the last one plus the mean yearly change, and the yearly
changes vary as they did so far. It needs nothing but the series, and it promises no more than the series can hold:
under a few changes their spread is unknown, a break or a missing year makes a change that nobody measured, and far
ahead the range says nothing.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from statistics import mean, stdev

FEWEST_YEARS = 8
"""Seven changes: their spread is then known to some 30 % (1/√(2·6)). With fewer, a range would pretend to know it."""

FARTHEST = 2
"""So many years ahead of the last actual a range is still given."""

CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Outlook:
    """The range of a fiscal year's actual, or None and what stands against it.

    ``run`` are the years that follow each other without a gap up to the last actual, measured alike; ``broken_in`` is
    the year of a break that shortened it.
    """

    fy: int
    run: tuple[int, ...]
    broken_in: int | None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def has_range(self) -> bool:
        return self.low is not None

    @property
    def is_too_far(self) -> bool:
        """The run would be long enough, but it ended long ago."""
        return len(self.run) >= FEWEST_YEARS and self.fy - self.run[-1] > FARTHEST


def outlook(
    fy: int, actuals: Mapping[int, Decimal], breaks: Collection[int], *, decimals: int = 0, most: Decimal | None = None
) -> Outlook:
    """Return the range into which a fiscal year's actual should fall nine times of ten.

    Shapes:  ``actuals`` by fiscal year, in the unit of the indicator; ``breaks`` the years from which on it was
             measured otherwise; ``most`` the largest value that can be (100 for a share in per cent).
    Returns: a range rounded outwards, to two digits of its half width or to ``decimals`` where that is coarser, and
             kept between 0 and ``most``; none for a year that has its actual, with fewer than ``FEWEST_YEARS`` in a
             row, or more than ``FARTHEST`` years ahead.
    Source:  R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed. 2021, 5.5 (drift method:
             s·√(h(1 + h/(T−1)))), with Student's t for the estimated spread.

    >>> found = outlook(2020, {2011: Decimal(58)}, [])
    >>> found.has_range, found.run
    (False, (2011,))
    >>> values = dict(zip(range(2011, 2020), map(Decimal, (58, 60, 65, 64, 70, 71, 75, 74, 80))))
    >>> found = outlook(2020, values, [])
    >>> found.low, found.high
    (Decimal('76'), Decimal('89'))
    >>> outlook(2020, values, [2015]).run
    (2015, 2016, 2017, 2018, 2019)
    """
    run, broken_in = _run(actuals, breaks)
    if fy in actuals or len(run) < FEWEST_YEARS or not 0 < fy - run[-1] <= FARTHEST:
        return Outlook(fy, run, broken_in)
    # Imported here: memory that every worker would pay, for a series long enough to have a range.
    from scipy.special import stdtrit

    changes = [float(actuals[later] - actuals[earlier]) for earlier, later in pairwise(run)]
    ahead, known = fy - run[-1], len(changes)
    middle = float(actuals[run[-1]]) + ahead * mean(changes)
    spread = stdev(changes) * math.sqrt(ahead * (1 + ahead / known))
    half = float(stdtrit(known - 1, (1 + CONFIDENCE) / 2)) * spread
    step = _step(half, decimals)
    low = (Decimal(max(0.0, middle - half)) / step).to_integral_value(ROUND_FLOOR) * step
    high = (Decimal(max(0.0, middle + half)) / step).to_integral_value(ROUND_CEILING) * step
    return Outlook(
        fy, run, broken_in, low if most is None else min(low, most), high if most is None else min(high, most)
    )


def _step(half: float, decimals: int) -> Decimal:
    """To what a range is rounded: digits far below its width would pretend to be known.

    >>> _step(7203.4, 0), _step(7.2, 0), _step(1.6, 1), _step(0.0, 0)
    (Decimal('100'), Decimal('1'), Decimal('0.1'), Decimal('1'))
    """
    known = math.floor(math.log10(half)) - 1 if half else -decimals
    return Decimal(10) ** max(known, -decimals)


def _run(actuals: Mapping[int, Decimal], breaks: Collection[int]) -> tuple[tuple[int, ...], int | None]:
    """The years in a row up to the last actual, and the break that ended them towards the past."""
    if not actuals:
        return (), None
    first = last = max(actuals)
    while first not in breaks and first - 1 in actuals:
        first -= 1
    return tuple(range(first, last + 1)), first if first in breaks else None
