"""The reference scorer: one pair, every part with its reason and the two values behind it.

Points are whole numbers and the parts add up to the total exactly. ``engine.py`` gives the same points for a whole
pool; what is written here is the law that it must obey.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.matching import criteria
from matchmaker.matching.facts import Need, Offer, Place
from matchmaker.matching.features import Weighed
from matchmaker.matching.terms import Theme
from matchmaker.matching.vocabulary import topic_labels
from matchmaker.matching.weights import CONTENT_CRITERIA, Criterion, Ruleset

NPO_VIEW = frozenset({Criterion.WORDS, Criterion.BIGRAMS, Criterion.MEANING, Criterion.REGION, Criterion.NEEDS})
"""What the NPO gains by: does this company speak of our cause, is it near, can it give what we need?"""

COMPANY_VIEW = frozenset(
    {Criterion.WORDS, Criterion.BIGRAMS, Criterion.MEANING, Criterion.REGION, Criterion.THEME, Criterion.BUSINESS}
)
"""What the company gains by: is this our theme, our line of business, our region?"""

VALUES_SHOWN = 3
"""How many shared words or topics a reason names."""


class Reason(StrEnum):
    """Why a part has its points; ``introductions.sentences`` says each in Japanese."""

    NOT_ANSWERED_BY_PROPOSAL = "not-answered-by-proposal"
    NOT_ANSWERED_BY_INTEREST = "not-answered-by-interest"
    NOT_COMPARED = "not-compared"
    SHARED = "shared"
    NOTHING_SHARED = "nothing-shared"
    SAME_MUNICIPALITY = "same-municipality"
    SAME_AREA = "same-area"
    SAME_REGION = "same-region"
    SAME_PREFECTURE = "same-prefecture"
    SERVED_PREFECTURE = "served-prefecture"
    NEIGHBOURING_PREFECTURE = "neighbouring-prefecture"
    NATIONWIDE = "nationwide"
    ELSEWHERE = "elsewhere"
    OFFERED = "offered"
    PARTLY_OFFERED = "partly-offered"
    WANTED_MORE_BY_NPO = "wanted-more-by-npo"
    WANTED_MORE_BY_COMPANY = "wanted-more-by-company"
    EQUALLY_WANTED = "equally-wanted"
    FITS_MANY = "fits-many"
    FITS_FEW = "fits-few"


Value = str | int | Place | Need | Offer
Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion of one pair.

    Shapes: ``points`` 0..``maximum`` (corrections: may be negative, ``maximum`` 0); ``proposal_values`` and
    ``interest_values`` are what the proposal and the interest said: terms, labels, places, needs or offers.
    """

    criterion: Criterion
    points: int
    maximum: int
    reason: Reason
    proposal_values: Values = ()
    interest_values: Values = ()


@dataclass(frozen=True, slots=True)
class Score:
    """One pair's parts; the total is their sum and nothing else."""

    proposal_id: str
    interest_id: str
    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        """The joint score: the exact sum of the parts."""
        return sum(part.points for part in self.parts)

    @property
    def npo_fit(self) -> int:
        """How much the NPO should want this company, 0-1000."""
        return fit(self._by_criterion(), self._maxima(), NPO_VIEW)

    @property
    def company_fit(self) -> int:
        """How much the company should want this proposal, 0-1000."""
        return fit(self._by_criterion(), self._maxima(), COMPANY_VIEW)

    def _by_criterion(self) -> dict[Criterion, int]:
        return {part.criterion: part.points for part in self.parts}

    def _maxima(self) -> dict[Criterion, int]:
        return {part.criterion: part.maximum for part in self.parts}


def score_pair(
    proposal: Weighed,
    interest: Weighed,
    ruleset: Ruleset,
    demands: tuple[float, float] | None = None,
) -> Score:
    """Score one pair with every reason.

    Shapes: both records weighed under the same generation; ``demands`` of the proposal and of the interest in points
    (see ``pool``), without which the pool correction is left out.
    """
    parts = [_CONTENT[criterion](proposal, interest, ruleset) for criterion in CONTENT_CRITERIA]
    points = {part.criterion: part.points for part in parts}
    maxima = {part.criterion: part.maximum for part in parts}
    npo, company = fit(points, maxima, NPO_VIEW), fit(points, maxima, COMPANY_VIEW)
    parts.append(_one_sidedness(npo, company, ruleset))
    if demands:
        parts.append(_pool(*demands, ruleset))
    return Score(proposal.id, interest.id, tuple(parts))


def to_points(share: float, weight: int) -> int:
    """Round a share of a weight to whole points, halves up.

    >>> to_points(0.5, 201)
    101
    """
    return math.floor(share * weight + 0.5)


def fit(points: Mapping[Criterion, int], maxima: Mapping[Criterion, int], view: frozenset[Criterion]) -> int:
    """Return what one side gets of all it could get, 0-1000, rounded down."""
    return 1000 * sum(points[c] for c in view) // max(1, sum(maxima[c] for c in view))


def one_sidedness(npo_fit: int, company_fit: int, ruleset: Ruleset) -> int:
    """Return the points, zero or less, that a pair loses because one side wants it more than the other."""
    return -(abs(npo_fit - company_fit) * ruleset.one_sidedness // 1000)


def pool_points(proposal_demand: float, interest_demand: float, ruleset: Ruleset) -> int:
    """Return what is taken back from records that fit everybody, and given to those that fit few.

    >>> from matchmaker.matching.weights import STANDARD
    >>> pool_points(0.0, 0.0, STANDARD)
    0
    """
    return math.floor(0.5 - (proposal_demand + interest_demand) * ruleset.pool_percent / 100)


def _one_sidedness(npo: int, company: int, ruleset: Ruleset) -> Part:
    points = one_sidedness(npo, company, ruleset)
    reason = Reason.EQUALLY_WANTED
    if points:
        reason = Reason.WANTED_MORE_BY_NPO if npo > company else Reason.WANTED_MORE_BY_COMPANY
    return Part(Criterion.ONE_SIDEDNESS, points, 0, reason, (npo,), (company,))


def _pool(proposal_demand: float, interest_demand: float, ruleset: Ruleset) -> Part:
    points = pool_points(proposal_demand, interest_demand, ruleset)
    reason = Reason.FITS_MANY if points < 0 else Reason.FITS_FEW
    return Part(Criterion.POOL, points, 0, reason, (round(proposal_demand),), (round(interest_demand),))


def _unanswered(criterion: Criterion, ruleset: Ruleset, *, by_proposal: bool) -> Part:
    weight = ruleset.weight(criterion)
    reason = Reason.NOT_ANSWERED_BY_PROPOSAL if by_proposal else Reason.NOT_ANSWERED_BY_INTEREST
    return Part(criterion, to_points(ruleset.neutral_share(criterion), weight), weight, reason)


def _terms_part(criterion: Criterion) -> Callable[[Weighed, Weighed, Ruleset], Part]:
    attribute = {"theme": "themes", "business": "topics"}.get(criterion.value, criterion.value)

    def part(proposal: Weighed, interest: Weighed, ruleset: Ruleset) -> Part:
        mine, theirs = getattr(proposal, attribute), getattr(interest, attribute)
        if not mine or not theirs:
            return _unanswered(criterion, ruleset, by_proposal=not mine)
        weight = ruleset.weight(criterion)
        points = to_points(criteria.likeness(mine, theirs, criterion.value), weight)
        shared = sorted(mine.keys() & theirs.keys(), key=lambda term: (-mine[term] * theirs[term], term))
        if not shared:
            strongest = (_named(criterion, _strongest(side)) for side in (mine, theirs))
            return Part(criterion, points, weight, Reason.NOTHING_SHARED, *strongest)
        names = _named(criterion, shared[:VALUES_SHOWN])
        return Part(criterion, points, weight, Reason.SHARED, names, names)

    return part


def _strongest(terms: Mapping[str, int]) -> list[str]:
    return sorted(terms, key=lambda term: (-terms[term], term))[:VALUES_SHOWN]


def _named(criterion: Criterion, terms: list[str]) -> Values:
    if criterion is Criterion.THEME:
        return tuple(Theme(term).label for term in terms)
    if criterion is Criterion.BUSINESS:
        return tuple(topic_labels()[term] for term in terms)
    return tuple(terms)


def _meaning(proposal: Weighed, interest: Weighed, ruleset: Ruleset) -> Part:
    weight = ruleset.weight(Criterion.MEANING)
    if proposal.meaning is None or interest.meaning is None:
        neutral = to_points(ruleset.neutral_share(Criterion.MEANING), weight)
        return Part(Criterion.MEANING, neutral, weight, Reason.NOT_COMPARED)
    share = criteria.meaning_likeness(proposal.meaning, interest.meaning)
    reason = Reason.SHARED if share > 0 else Reason.NOTHING_SHARED
    return Part(Criterion.MEANING, to_points(share, weight), weight, reason)


def _region(proposal: Weighed, interest: Weighed, ruleset: Ruleset) -> Part:
    weight, levels = ruleset.weight(Criterion.REGION), ruleset.levels
    if not proposal.places or not (interest.headquarters or interest.places):
        return _unanswered(Criterion.REGION, ruleset, by_proposal=not proposal.places)
    near = criteria.nearness(proposal.places, interest.headquarters, interest.places, levels, interest.prose)
    points = to_points(near.share, weight)
    return Part(Criterion.REGION, points, weight, Reason(near.level), (near.mine,), (near.theirs,))


def _needs(proposal: Weighed, interest: Weighed, ruleset: Ruleset) -> Part:
    if not proposal.items or not interest.items:
        return _unanswered(Criterion.NEEDS, ruleset, by_proposal=not proposal.items)
    weight = ruleset.weight(Criterion.NEEDS)
    fits = [[criteria.item_fit(need, offer) for offer in interest.items] for need in proposal.items]
    share = criteria.mean_of_best(fits)
    named = [(fit, n, o) for n, row in enumerate(fits) for o, fit in enumerate(row)]
    best_fit, best_need, best_offer = max(named, key=lambda found: found[0])
    need, offer = proposal.items[best_need], interest.items[best_offer]
    reason = Reason.NOTHING_SHARED if best_fit < criteria.SAME_KIND_SHARE / 2 else Reason.PARTLY_OFFERED
    kinds = {item.source.kind for item in interest.items}
    if all(item.source.kind in kinds for item in proposal.items):
        reason = Reason.OFFERED
    return Part(Criterion.NEEDS, to_points(share, weight), weight, reason, (need.source,), (offer.source,))


_CONTENT: dict[Criterion, Callable[[Weighed, Weighed, Ruleset], Part]] = {
    Criterion.WORDS: _terms_part(Criterion.WORDS),
    Criterion.BIGRAMS: _terms_part(Criterion.BIGRAMS),
    Criterion.MEANING: _meaning,
    Criterion.REGION: _region,
    Criterion.NEEDS: _needs,
    Criterion.THEME: _terms_part(Criterion.THEME),
    Criterion.BUSINESS: _terms_part(Criterion.BUSINESS),
}
