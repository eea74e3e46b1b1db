"""Rulesets: what each criterion is worth. A ruleset is always an argument, never a global state."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from matchmaker.matching.eligibility import Refusal

TOTAL_POINTS = 1000
"""The points of a pair that is perfect in every criterion. 100 would tie too many pairs of a large registry."""


class Criterion(StrEnum):
    """What a pair is judged by; the two last ones correct the sum and may be negative."""

    WORDS = "words"
    BIGRAMS = "bigrams"
    MEANING = "meaning"
    REGION = "region"
    NEEDS = "needs"
    THEME = "theme"
    BUSINESS = "business"
    ONE_SIDEDNESS = "one-sidedness"
    POOL = "pool"


CONTENT_CRITERIA = tuple(Criterion)[:7]
"""The criteria whose weights add up to the total."""


ALWAYS_HARD = frozenset({Refusal.INTEREST_EXPIRED, Refusal.PROPOSAL_CLOSED})
"""Conditions that no ruleset can switch off."""


class InvalidRuleset(ValueError):
    """The weights cannot be used; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class RegionLevels:
    """How near two places are, as percent of the region weight."""

    municipality: int = 100
    area: int = 92
    region: int = 88
    prefecture: int = 85
    served: int = 74
    neighbour: int = 10
    nationwide: int = 50
    elsewhere: int = 0


NEARER_FIRST = (
    ("municipality", "area", "region", "prefecture", "served", "nationwide", "elsewhere"),
    ("served", "neighbour", "elsewhere"),
)
"""Chains of levels: what is farther away never counts more. A neighbour and the whole country are not compared."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """Percent of a criterion's weight that a pair gets when one side did not answer: about what answered pairs get."""

    words: int = 10
    bigrams: int = 10
    meaning: int = 15
    region: int = 50
    needs: int = 50
    theme: int = 30
    business: int = 15


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Named weights with a version.

    Shapes: the seven content weights are points and add up to ``TOTAL_POINTS``; ``one_sidedness`` is the points lost
    by a pair that only one side wants; ``pool_percent`` how much of a record's demand, above that of its own side, is
    taken back on each side (see ``pool``); ``hard_conditions`` are those that keep a pair out of every list.
    Errors: InvalidRuleset with a sentence when a weight is negative, all are zero or they do not add up, or when a
    level that is farther away counts more than a nearer one.

    >>> Ruleset(version="t", words=1000, bigrams=0, meaning=0, region=0, needs=0, theme=0, business=1)
    Traceback (most recent call last):
    ...
    matchmaker.matching.weights.InvalidRuleset: The content weights add up to 1001 points; they must add up to 1000.
    """

    version: str
    words: int
    bigrams: int
    meaning: int
    region: int
    needs: int
    theme: int
    business: int
    one_sidedness: int = 0
    pool_percent: int = 90
    levels: RegionLevels = field(default_factory=RegionLevels)
    neutral: Neutral = field(default_factory=Neutral)
    hard_conditions: tuple[Refusal, ...] = tuple(Refusal)

    def __post_init__(self) -> None:
        for name, value in self._numbers():
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidRuleset(f"The weight {name} is {value!r}; every weight must be a whole number.")
            if value < 0:
                raise InvalidRuleset(f"The weight {name} is {value}; no weight may be negative.")
        for name, value in (*asdict(self.levels).items(), *asdict(self.neutral).items()):
            if value > 100:
                raise InvalidRuleset(f"The share {name} is {value} percent; no share may be above 100 percent.")
        for nearer, farther in levels_out_of_order(self.levels):
            raise InvalidRuleset(f"The level {farther} is farther away than {nearer}; it may not count more.")
        total = sum(self.weight(criterion) for criterion in CONTENT_CRITERIA)
        if total == 0:
            raise InvalidRuleset("All content weights are zero; at least one criterion must count.")
        if total != TOTAL_POINTS:
            raise InvalidRuleset(f"The content weights add up to {total} points; they must add up to {TOTAL_POINTS}.")
        if not ALWAYS_HARD.issubset(self.hard_conditions):
            raise InvalidRuleset("What has ended cannot be matched; these two conditions cannot be switched off.")
        if self.pool_percent > 100:
            raise InvalidRuleset(f"The pool correction is {self.pool_percent} percent; it may be at most 100 percent.")

    def weight(self, criterion: Criterion) -> int:
        """Return the most points that a content criterion can give."""
        value: int = getattr(self, criterion.value)
        return value

    def neutral_share(self, criterion: Criterion) -> float:
        """Return the share 0.0-1.0 that a content criterion gives when a side did not answer."""
        percent: int = getattr(self.neutral, criterion.value)
        return percent / 100

    @property
    def digest(self) -> str:
        """A hash over every number and the version: equal digests give equal rankings of equal inputs."""
        canonical = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def _numbers(self) -> list[tuple[str, object]]:
        own = [(criterion.value, getattr(self, criterion.value)) for criterion in CONTENT_CRITERIA]
        own += [("one_sidedness", self.one_sidedness), ("pool_percent", self.pool_percent)]
        return [*own, *asdict(self.levels).items(), *asdict(self.neutral).items()]


def levels_out_of_order(levels: RegionLevels) -> list[tuple[str, str]]:
    """Return the pairs of neighbouring levels, nearer and farther, of which the farther one counts more.

    >>> levels_out_of_order(RegionLevels()), levels_out_of_order(RegionLevels(area=80))
    ([], [('area', 'region')])
    """
    pairs = dict.fromkeys(pair for chain in NEARER_FIRST for pair in pairwise(chain))
    return [(nearer, farther) for nearer, farther in pairs if getattr(levels, nearer) < getattr(levels, farther)]


def as_data(ruleset: Ruleset) -> dict[str, Any]:
    """Return every number of a ruleset as JSON can keep it."""
    return {**asdict(ruleset), "hard_conditions": [condition.value for condition in ruleset.hard_conditions]}


def from_data(data: Mapping[str, Any]) -> Ruleset:
    """Make the ruleset of what ``as_data`` returned. Errors: InvalidRuleset, TypeError or ValueError for anything else.

    >>> from_data(as_data(STANDARD)) == STANDARD
    True
    """
    inner = {
        "levels": RegionLevels(**data["levels"]),
        "neutral": Neutral(**data["neutral"]),
        "hard_conditions": tuple(map(Refusal, data["hard_conditions"])),
    }
    return Ruleset(**{**data, **inner})


STANDARD = Ruleset(version="2026-1", words=240, bigrams=60, meaning=120, region=215, needs=135, theme=55, business=175)
"""The ruleset that won the comparison in docs/decisions/0010-matching-formula.md."""
