"""How many projects a fiscal year will count, from what waits and from what became of earlier ones. Pure.

What waits has steps before it: a proposal under review must be adopted, its form agreed, and the rule must count it.
Each step has a conversion of its own, taken from the records. The range is stated so that nine times of ten the
figure should fall into it: the conversions are taken at the ends of their Wilson interval, and of the number that then
comes through, the twentieth part at either end is left out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate

from matchmaker.matching.terms import Term

FEWEST = 10
"""With fewer cases on record a conversion says nothing, and no range is given."""

CONFIDENCE = 0.9
Z = 1.6448536269514722
"""The 95th percentile of the normal distribution: both ends of an interval leave out a twentieth."""


class Step(Term):
    """Something that must happen before a project counts."""

    ADOPTION = "adoption", "審査が終わった提案のうち、採択"
    AGREEMENT = "agreement", "採択から始まった事業のうち、形態に合意"
    CONFIRMATION = "confirmation", "課の報告のうち、確認ずみ"
    COUNTING = "counting", "確認ずみの事業のうち、数えたもの"


class Stage(Term):
    """Where something waits on its way to being counted."""

    AGREED = "agreed", "形態が決まり、次に数えるのを待つ事業"
    REPORTED = "reported", "課から報告され、確認を待つ事業"
    ADOPTED = "adopted", "採択され、形態を話し合っている事業"
    IN_REVIEW = "in-review", "審査中の提案"


WAY: Mapping[Stage, tuple[Step, ...]] = {
    Stage.AGREED: (Step.COUNTING,),
    Stage.REPORTED: (Step.CONFIRMATION, Step.COUNTING),
    Stage.ADOPTED: (Step.AGREEMENT, Step.COUNTING),
    Stage.IN_REVIEW: (Step.ADOPTION, Step.AGREEMENT, Step.COUNTING),
}
"""The steps before each stage, in the order of the stages nearest to being counted."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of ``tried`` cases that are settled, ``moved`` came through."""

    moved: int
    tried: int

    @property
    def percent(self) -> int | None:
        """The share in whole per cent, None without cases."""
        return round(100 * self.moved / self.tried) if self.tried else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The range of a year's figure. ``low`` and ``high`` are None where ``too_few`` names steps with few cases."""

    counted: int
    low: int | None
    high: int | None
    expected: Fraction | None
    too_few: tuple[Step, ...]

    @property
    def has_range(self) -> bool:
        return self.low is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that could still be counted this year."""

    stage: Stage
    number: str
    title: str
    since_on: date


def wilson(moved: int, tried: int, z: float = Z) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Shapes:  ``moved`` of ``tried`` cases, 0 <= moved <= tried, tried >= 1; ``z`` the normal quantile of one end.
    Returns: two shares without unit, low <= moved/tried <= high, within 0 to 1.
    Errors:  ValueError without cases, or for more moved than tried.
    Source:  E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
             American Statistical Association 22, 1927, pp. 209-212.

    >>> [round(end, 3) for end in wilson(8, 10, 1.96)], [round(end, 3) for end in wilson(0, 10, 1.96)]
    ([0.49, 0.943], [0.0, 0.278])
    """
    if not 0 <= moved <= tried or tried == 0:
        raise ValueError("a share needs cases, and no more that moved than were tried")
    share, square = moved / tried, z * z
    middle = (share + square / (2 * tried)) / (1 + square / tried)
    half = z / (1 + square / tried) * math.sqrt(share * (1 - share) / tried + square / (4 * tried * tried))
    return (0.0 if moved == 0 else max(0.0, middle - half)), (1.0 if moved == tried else min(1.0, middle + half))


def forecast(counted: int, waiting: Mapping[Stage, int], history: Mapping[Step, Conversion]) -> Forecast:
    """Return the range of a year's figure from what is counted, what waits, and what became of earlier cases.

    Shapes:  ``counted`` projects; ``waiting`` how many wait in each stage; ``history`` the conversion of every step.
    Returns: whole projects; without anything that waits, the range is the counted figure.

    >>> history = {step: Conversion(80, 100) for step in Step}
    >>> found = forecast(61, {Stage.AGREED: 4, Stage.IN_REVIEW: 10}, history)
    >>> found.low, found.high, float(found.expected)
    (65, 73, 69.32)
    >>> forecast(61, {Stage.IN_REVIEW: 10}, history | {Step.ADOPTION: Conversion(3, 9)}).too_few
    (<Step.ADOPTION: 'adoption'>,)
    """
    stages = [stage for stage in WAY if waiting.get(stage, 0)]
    needed = [step for step in Step if any(step in WAY[stage] for stage in stages)]
    too_few = tuple(step for step in needed if history[step].tried < FEWEST)
    if too_few:
        return Forecast(counted, None, None, None, too_few)
    ends = {step: wilson(history[step].moved, history[step].tried) for step in needed}
    shares = {step: Fraction(history[step].moved, history[step].tried) for step in needed}
    low = _sum_of_binomials([(waiting[stage], math.prod(ends[step][0] for step in WAY[stage])) for stage in stages])
    high = _sum_of_binomials([(waiting[stage], math.prod(ends[step][1] for step in WAY[stage])) for stage in stages])
    through = [waiting[stage] * math.prod((shares[step] for step in WAY[stage]), start=Fraction(1)) for stage in stages]
    return Forecast(
        counted=counted,
        low=counted + _quantile(low, (1 - CONFIDENCE) / 2),
        high=counted + _quantile(high, (1 + CONFIDENCE) / 2),
        expected=counted + sum(through, Fraction(0)),
        too_few=(),
    )


def to_move(gap: int, waiting: Sequence[Waiting]) -> list[Waiting]:
    """Return the things that would close a gap if they were counted: nearest to it first, then the longest waiting.

    >>> new = Waiting(Stage.IN_REVIEW, "R8-0001", "新しい提案", date(2026, 11, 1))
    >>> old = Waiting(Stage.IN_REVIEW, "R8-0002", "前からの提案", date(2026, 6, 1))
    >>> near = Waiting(Stage.REPORTED, "R8-P001", "報告", date(2026, 11, 20))
    >>> [one.number for one in to_move(2, [new, old, near])]
    ['R8-P001', 'R8-0002']
    """
    nearness = {stage: place for place, stage in enumerate(WAY)}
    return sorted(waiting, key=lambda one: (nearness[one.stage], one.since_on, one.number))[: max(0, gap)]


def _sum_of_binomials(parts: Sequence[tuple[int, float]]) -> list[float]:
    """The distribution of the sum of independent binomial numbers: the chance of 0, 1, 2 and so on."""
    total = [1.0]
    for size, share in parts:
        part = [_binomial(size, number, share) for number in range(size + 1)]
        summed = [0.0] * (len(total) + size)
        for left, chance in enumerate(total):
            for right, other in enumerate(part):
                summed[left + right] += chance * other
        total = summed
    return total


def _binomial(size: int, number: int, share: float) -> float:
    """The chance of a number, by logarithms, so that large sizes do not overflow."""
    if share in (0.0, 1.0):
        return float(number == size * share)
    ways = math.lgamma(size + 1) - math.lgamma(number + 1) - math.lgamma(size - number + 1)
    return math.exp(ways + number * math.log(share) + (size - number) * math.log1p(-share))


def _quantile(distribution: Sequence[float], share: float) -> int:
    """The smallest number that is not exceeded with at least this chance."""
    reached = enumerate(accumulate(distribution))
    return next((number for number, chance in reached if chance >= share), len(distribution) - 1)
