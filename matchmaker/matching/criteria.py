"""One function for each criterion: how well two sides fit in that respect, as a share 0.0-1.0.

A share is what a weight is multiplied with. Where a raw measure never comes near its limit (a cosine of two short
Japanese texts is rarely above 0.3), it is stretched so that an excellent pair gets the whole weight. An empty side
means "not answered": the functions raise EmptyCriterion, and the scorer gives neutral points instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.facts import Place
from matchmaker.matching.features import MEANING_UNIT, UNIT, WeighedItem
from matchmaker.matching.terms import Prefecture  # noqa: F401 - for the doctests
from matchmaker.matching.vocabulary import neighbours
from matchmaker.matching.weights import RegionLevels

FULL_COSINE = {"words": 0.3, "bigrams": 0.3, "meaning": 0.5, "theme": 1.0, "business": 0.8}
"""The cosine at which a criterion gives its whole weight."""

SAME_KIND_SHARE = 0.6
"""What an offer of the kind that is needed is worth before the details are compared."""


class EmptyCriterion(ValueError):
    """A side did not answer what the criterion compares."""


def product(one: Mapping[str, int], other: Mapping[str, int]) -> int:
    """Return the exact dot product of two sparse vectors.

    >>> product({"森": 2, "川": 3}, {"川": 4, "海": 5})
    12
    """
    return sum([one[term] * other[term] for term in one.keys() & other.keys()])


def stretched(product: int, criterion: str) -> float:
    """Turn a dot product of two whole-number vectors into a share; negative likeness counts as none.

    >>> stretched(UNIT * UNIT // 4, "theme")
    0.2499...
    """
    return min(1.0, max(0.0, product / full_product(criterion)))


def full_product(criterion: str) -> float:
    """Return the dot product at which a criterion gives its whole weight."""
    length = MEANING_UNIT if criterion == "meaning" else UNIT
    return length * length * FULL_COSINE[criterion]


def likeness(one: Mapping[str, int], other: Mapping[str, int], criterion: str) -> float:
    """Say how alike two weighed term vectors are: words, bigrams, themes or topics.

    Shapes:  sparse vectors of length ``UNIT``, terms weighted by rarity in the pool.
    Returns: the cosine divided by ``FULL_COSINE[criterion]``, cut to 0.0-1.0.
    Errors:  EmptyCriterion when a side has no terms.
    Source:  TF-IDF cosine, G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval",
             Information Processing & Management 24(5), 1988, pp. 513-523.

    >>> likeness({"棚田": UNIT}, {"棚田": UNIT}, "words")
    1.0
    """
    if not one or not other:
        raise EmptyCriterion(f"{criterion} needs terms on each side")
    return stretched(product(one, other), criterion)


def meaning_likeness(one: NDArray[np.int8] | None, other: NDArray[np.int8] | None) -> float:
    """Say how alike two sentence vectors are, each seen from the mean of its own side.

    Shapes:  whole numbers in arrays (DIMENSIONS,) of length ``MEANING_UNIT``.
    Returns: the cosine divided by ``FULL_COSINE["meaning"]``, cut to 0.0-1.0.
    Errors:  EmptyCriterion when a side has no vector: no text, or no encoder.
    Source:  Yang et al. 2019 (see ``meaning``); centring as in Mu and Viswanath, "All-but-the-Top", ICLR 2018.
    """
    if one is None or other is None:
        raise EmptyCriterion("meaning needs a vector on each side")
    return stretched(int(np.dot(one.astype(np.int64), other.astype(np.int64))), "meaning")


def needs_cover(needs: Sequence[WeighedItem], offers: Sequence[WeighedItem]) -> float:
    """Say how much of what is needed one interest could give.

    Returns: the mean, over the needs, of the best fitting offer (``item_fit``).
    Errors:  EmptyCriterion when a side named nothing.
    """
    if not needs or not offers:
        raise EmptyCriterion("needs_cover needs something on each side")
    return mean_of_best([[item_fit(need, offer) for offer in offers] for need in needs])


def mean_of_best(fits: Sequence[Sequence[float]]) -> float:
    """Return the mean, over rows of fits, of the best of each row: ``needs_cover`` where the fits are known."""
    total = 0.0
    for row in fits:
        total += max(row)
    return total / len(fits)


def item_fit(need: WeighedItem, offer: WeighedItem) -> float:
    """Say how well one offer answers one need: its kind, what the details say, and the amount where both count it.

    >>> from matchmaker.matching.facts import Need, Offer
    >>> from matchmaker.matching.terms import ResourceKind, Unit
    >>> wanted = WeighedItem(Need(ResourceKind.MONEY, amount=200, unit=Unit.YEN), {"費用": UNIT})
    >>> item_fit(wanted, WeighedItem(Offer(ResourceKind.MONEY, amount=100, unit=Unit.YEN), {"費用": UNIT}))
    0.75
    """
    kind = SAME_KIND_SHARE if need.source.kind == offer.source.kind else 0.0
    detail = min(1.0, product(need.words, offer.words) / (UNIT * UNIT))
    return (kind + (1.0 - SAME_KIND_SHARE) * detail) * amount_share(need, offer)


def amount_share(need: WeighedItem, offer: WeighedItem) -> float:
    """Return 1.0 when the offer is as large as the need or an amount is not stated, down to 0.5 for nearly nothing."""
    wanted, given = need.source, offer.source
    if wanted.unit is None or wanted.unit != given.unit or not wanted.amount or given.amount is None:
        return 1.0
    return 0.5 + 0.5 * min(1.0, max(0, given.amount) / wanted.amount)


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two sides are: a share, the level it comes from, and the two places that are nearest."""

    share: float
    level: str
    mine: Place
    theirs: Place


def nearness(
    places: Sequence[Place],
    headquarters: Place | None,
    regions: Sequence[Place],
    levels: RegionLevels,
    prose: str = "",
) -> Nearness:
    """Say how near a proposal's places are to where a company is and works; the best pair of places counts.

    Returns: the share by ``levels``: same municipality, area, region, prefecture of the headquarters, a served
             prefecture, a neighbouring prefecture, the whole country, elsewhere.
             A municipality that the profile ``prose`` names counts as the company's own.
    Errors:  EmptyCriterion when a side named no place.
    Source:  most known collaborations are local (docs/decisions/0010-matching-formula.md).

    >>> mie, aichi = Place(Prefecture.MIE), Place(Prefecture.AICHI)
    >>> nearness([mie], None, [aichi, mie], RegionLevels()).level
    'served-prefecture'
    """
    theirs = [(place, True) for place in ([headquarters] if headquarters else [])] + [(p, False) for p in regions]
    if not places or not theirs:
        raise EmptyCriterion("nearness needs a place on each side")
    found = []
    for mine in places:
        for place, is_headquarters in theirs:
            level = _level(mine, place, is_headquarters, prose)
            percent: int = getattr(levels, _LEVEL_WEIGHTS[level])
            found.append(Nearness(percent / 100, level, mine, place))
    return max(found, key=lambda near: near.share)


_LEVEL_WEIGHTS = {
    "same-municipality": "municipality",
    "same-area": "area",
    "same-region": "region",
    "same-prefecture": "prefecture",
    "served-prefecture": "served",
    "neighbouring-prefecture": "neighbour",
    "nationwide": "nationwide",
    "elsewhere": "elsewhere",
}


def is_named(place: Place, prose: str) -> bool:
    """Say whether a profile names this municipality, with or without 市, 町 or 村.

    >>> is_named(Place(Prefecture.MIE, name="松阪市"), "松阪で店を営む会社。")
    True
    >>> is_named(Place(Prefecture.MIE, name="津市"), "四日市港に近い。")
    False
    """
    spoken = spoken_name(place)
    return bool(spoken) and spoken in prose


def spoken_name(place: Place) -> str:
    """Return the part of a municipality's name that people say, or "" when it is too short to look for."""
    name = place.name
    stem = name[:-1] if len(name) > 2 and name[-1] in "市町村" else name
    return stem if len(stem) >= 2 else ""


def _level(mine: Place, theirs: Place, is_headquarters: bool, prose: str) -> str:
    if mine.prefecture is None or theirs.prefecture is None:
        return "nationwide"
    if mine.prefecture != theirs.prefecture:
        return "neighbouring-prefecture" if theirs.prefecture in neighbours()[mine.prefecture] else "elsewhere"
    if (mine.municipality and mine.municipality == theirs.municipality) or is_named(mine, prose):
        return "same-municipality"
    if mine.area and mine.area == theirs.area:
        return "same-area"
    if mine.region and mine.region == theirs.region:
        return "same-region"
    return "same-prefecture" if is_headquarters else "served-prefecture"
