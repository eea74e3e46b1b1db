"""The figures of score sheets, in exact fractions. Pure.

A sheet's total is Σ weight × score ÷ Σ weight × most score × 100: the published way of 大府市 and 茂原市 (marks of each
criterion added up and rescaled to 100), with weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

OUTLIER_DISTANCE = 15
"""A total is marked from this far off the median of all, in points of 100."""

OUTLIER_STEPS = Fraction(2, 5)
"""A score is marked from this share of its range off the criterion's median; two steps between 1 and 5 are a half."""

FEWEST_FOR_OUTLIERS = 3
"""Between two sheets nobody can say which one stands apart."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The score of one criterion with its weight and range."""

    key: str
    score: int
    weight: int
    least_score: int
    most_score: int

    def __post_init__(self) -> None:
        if not 0 <= self.least_score < self.most_score or self.weight < 1:
            raise ValueError("a range runs upwards from zero or more, and a weight is positive")
        if not self.least_score <= self.score <= self.most_score:
            raise ValueError(f"{self.score} is outside {self.least_score} to {self.most_score}")


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """One criterion over all sheets: ``spread`` is the distance between the highest and the lowest score."""

    key: str
    mean: Fraction
    median: Fraction
    spread: int
    outliers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All sheets of a proposal. ``totals`` and the places in ``outliers`` are in the order of the sheets.

    ``agreement`` is 100 when all judges gave the same scores, and 0 when two judges were as far apart as they could be;
    None with fewer than two sheets.
    """

    totals: tuple[Fraction, ...]
    mean: Fraction
    median: Fraction
    spread: Fraction
    outliers: tuple[int, ...]
    agreement: Fraction | None
    criteria: tuple[CriterionFigures, ...]


def total(marks: Sequence[Mark]) -> Fraction:
    """Return a sheet's weighted total out of 100. Errors: ValueError for a sheet without marks.

    >>> total([Mark("a", 4, 2, 1, 5), Mark("b", 3, 1, 1, 5)])
    Fraction(220, 3)
    """
    if not marks:
        raise ValueError("a sheet without marks has no total")
    most = sum(mark.weight * mark.most_score for mark in marks)
    return Fraction(100 * sum(mark.weight * mark.score for mark in marks), most)


def median(values: Sequence[Fraction | int]) -> Fraction:
    """Return the middle value, or the mean of the two middle ones. Errors: ValueError for no values.

    >>> median([3, 1, 2, 10])
    Fraction(5, 2)
    """
    if not values:
        raise ValueError("nothing has no median")
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Fraction(low + high) / 2


def figures(sheets: Sequence[Sequence[Mark]]) -> Figures:
    """Return the figures of sheets on the same criteria.

    Errors: ValueError for no sheets, or sheets that differ in their criteria.

    >>> found = figures([[Mark("a", 5, 1, 1, 5)], [Mark("a", 3, 1, 1, 5)]])
    >>> found.totals, found.mean, found.spread, found.agreement
    ((Fraction(100, 1), Fraction(60, 1)), Fraction(80, 1), Fraction(40, 1), Fraction(50, 1))
    """
    if not sheets:
        raise ValueError("there are no sheets")
    shapes = {tuple((mark.key, mark.weight, mark.least_score, mark.most_score) for mark in marks) for marks in sheets}
    if len(shapes) > 1:
        raise ValueError("the sheets differ in their criteria")
    totals = tuple(total(marks) for marks in sheets)
    middle = median(totals)
    return Figures(
        totals=totals,
        mean=sum(totals, Fraction(0)) / len(totals),
        median=middle,
        spread=max(totals) - min(totals),
        outliers=_far_from(middle, totals, Fraction(OUTLIER_DISTANCE)),
        agreement=_agreement(sheets),
        criteria=tuple(_criterion([marks[place] for marks in sheets]) for place in range(len(sheets[0]))),
    )


def shown(value: Fraction) -> str:
    """Return a figure with one decimal, halves rounded up, as it is printed.

    >>> shown(Fraction(220, 3)), shown(Fraction(1, 20)), shown(Fraction(60))
    ('73.3', '0.1', '60.0')
    """
    tenths = (value * 10 + Fraction(1, 2)).__floor__()
    return f"{tenths // 10}.{tenths % 10}"


def _criterion(marks: Sequence[Mark]) -> CriterionFigures:
    scores = [mark.score for mark in marks]
    first, middle = marks[0], median(scores)
    return CriterionFigures(
        key=first.key,
        mean=Fraction(sum(scores), len(scores)),
        median=middle,
        spread=max(scores) - min(scores),
        outliers=_far_from(middle, scores, (first.most_score - first.least_score) * OUTLIER_STEPS),
    )


def _far_from(middle: Fraction, values: Sequence[Fraction | int], distance: Fraction) -> tuple[int, ...]:
    if len(values) < FEWEST_FOR_OUTLIERS:
        return ()
    return tuple(place for place, value in enumerate(values) if abs(value - middle) >= distance)


def _agreement(sheets: Sequence[Sequence[Mark]]) -> Fraction | None:
    """How far apart each two judges are on each criterion, against the farthest that they could be, by weight."""
    apart, possible = Fraction(0), 0
    for one, other in combinations(sheets, 2):
        for mine, yours in zip(one, other, strict=True):
            # Ranges differ between criteria; each is brought to the same length before it is weighed.
            apart_here = Fraction(abs(mine.score - yours.score), mine.most_score - mine.least_score)
            apart += mine.weight * apart_here
            possible += mine.weight
    return 100 * (1 - apart / possible) if possible else None
