"""One record against every record of the other side: the points of ``scoring.score_pair`` for every row at once.

All sums are of whole numbers, so that no order of adding changes a point; every other step is the same operation on
the same 64-bit floats as in the reference. Written here in numpy; ``kernels`` does the same, compiled.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import Flags, Products, Shares
from matchmaker.matching.condition_columns import hard_bits
from matchmaker.matching.pool import Demands
from matchmaker.matching.scoring import COMPANY_VIEW, NPO_VIEW
from matchmaker.matching.side import Asked, Side
from matchmaker.matching.weights import CONTENT_CRITERIA, Criterion, Ruleset

Parts = NDArray[np.int16]
"""Points by criterion and row, shape (criteria, rows), in the order of ``Criterion``."""

PLACE_OF = {criterion: place for place, criterion in enumerate(Criterion)}


@dataclass(frozen=True, slots=True)
class Scored:
    """Every row of a side beside one record. Shapes: ``points`` and ``broken`` (rows,), see ``lists.Ranking``."""

    parts: Parts
    points: NDArray[np.int32]
    broken: NDArray[np.uint8]


def scored(asked: Asked, side: Side, demands: Demands, ruleset: Ruleset, on: date | None) -> Scored:
    """Return parts with the pool correction (``scoring.pool_points``), their sums, and what rows break."""
    parts = content(asked, side, ruleset)
    parts[PLACE_OF[Criterion.POOL]] = np.floor(0.5 - (asked.demand + demands) * ruleset.pool_percent / 100)
    broken = side.conditions.broken(
        asked.conditions, asked.places, side.places, on, is_proposal=asked.is_proposal
    ) & np.uint8(hard_bits(ruleset.hard_conditions))
    return Scored(parts, parts.sum(axis=0, dtype=np.int32), broken)


def content(asked: Asked, side: Side, ruleset: Ruleset) -> Parts:
    """Return the points of every criterion but the pool, whose row stays zero."""
    found = np.zeros((len(Criterion), len(side)), dtype=np.int16)
    for criterion in CONTENT_CRITERIA:
        if weight := ruleset.weight(criterion):
            shares, answered = _shares(criterion, asked, side, ruleset)
            shares = np.where(answered, shares, ruleset.neutral_share(criterion))
            found[PLACE_OF[criterion]] = np.floor(shares * weight + 0.5)
    if ruleset.one_sidedness:
        npo, company = (_fits(found, ruleset, view) for view in (NPO_VIEW, COMPANY_VIEW))
        found[PLACE_OF[Criterion.ONE_SIDEDNESS]] = -(np.abs(npo - company) * ruleset.one_sidedness // 1000)
    return found


def _shares(criterion: Criterion, asked: Asked, side: Side, ruleset: Ruleset) -> tuple[Shares, Flags]:
    """Return the share of a criterion, and which rows answered what it compares, (rows,) each."""
    nothing = np.zeros(len(side))
    if criterion is Criterion.MEANING:
        if asked.vector is None:
            return nothing, nothing > 0
        return _stretched(side.meaning.products(asked.vector), criterion), side.meaning.answered
    if criterion is Criterion.REGION:
        return _region_shares(asked, side, ruleset)
    if criterion is Criterion.NEEDS:
        return (_needs_shares(asked, side), side.items.answered()) if len(asked.items) else (nothing, nothing > 0)
    terms, columns = asked.lists[criterion.value], side.terms[criterion.value]
    return _stretched(columns.products(terms), criterion), columns.answered & terms.is_answered


def _region_shares(asked: Asked, side: Side, ruleset: Ruleset) -> tuple[Shares, Flags]:
    if asked.is_proposal:
        percents = side.places.nearest_to_proposal(asked.places, asked.names, ruleset.levels)
    else:
        percents = side.places.nearest_to_interest(asked.seats, asked.places, ruleset.levels, asked.prose)
    return percents / 100, percents >= 0


def _needs_shares(asked: Asked, side: Side) -> Shares:
    items = range(len(asked.items))
    fits = [side.items.fits(asked.items, item, is_need=asked.is_proposal) for item in items]
    if not asked.is_proposal:
        return side.items.mean(np.max(fits, axis=0))
    total = np.zeros(len(side))
    for fit in fits:
        total += side.items.best(fit)
    return total / len(fits)


def _fits(parts: Parts, ruleset: Ruleset, view: frozenset[Criterion]) -> NDArray[np.int64]:
    """Return ``scoring.fit`` of every row."""
    gained = parts[[PLACE_OF[criterion] for criterion in view]].sum(axis=0, dtype=np.int64)
    fits: NDArray[np.int64] = 1000 * gained // max(1, sum(map(ruleset.weight, view)))
    return fits


def _stretched(products: Products, criterion: Criterion) -> Shares:
    """Return ``criteria.stretched`` of every product."""
    shares: Shares = products / criteria.full_product(criterion.value)
    return np.minimum(1.0, np.maximum(0.0, shares, out=shares), out=shares)
