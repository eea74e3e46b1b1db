"""What one record looks like to the scorer: whole-number vectors, so that any order of adding gives the same sum.

A record is first *read* on its own (tokens, topics, a sentence vector), then *weighed* against a generation: the
statistics of the pool it is compared in. The scalar scorer and the vectorised engine use the same weighed numbers.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import text
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts
from matchmaker.matching.terms import Term, Theme
from matchmaker.matching.vocabulary import line_topics, lines_of_business, links_to, topics, topics_of

UNIT = 2047
"""The length of every weighed vector. Sums of products stay below 2**24, so even 32-bit floats hold them exactly."""

Counts = Mapping[str, int]
Weights = Mapping[str, int]

IMPLIED_BY_LINE = 0.7
"""What a topic that a company's line of business implies is worth, beside 1.0 for one that its text names."""
IMPLIED_BY_TERM = 0.35
"""The same for a topic that only a field, a theme or an industry implies."""
LINE_BESIDE = 0.5
"""A line of business outside the first sentence of a profile, which says what a company does, counts half."""


@dataclass(frozen=True, slots=True)
class Item:
    """One need or offer with the tokens of its detail."""

    source: Need | Offer
    words: Counts


@dataclass(frozen=True, slots=True)
class Reading:
    """One record read on its own. ``themes`` are shares 0.0-1.0; ``topics`` weights of topic codes, above 0."""

    id: str
    words: Counts
    bigrams: Counts
    themes: Mapping[Theme, float]
    topics: Mapping[str, float]
    items: tuple[Item, ...]
    places: tuple[Place, ...]
    headquarters: Place | None
    prose: str
    meaning: NDArray[np.float32] | None


def read_proposal(facts: ProposalFacts, meaning: NDArray[np.float32] | None = None) -> Reading:
    """Read a proposal: its own words, the themes that its fields imply, the topics that it speaks about."""
    prose = proposal_prose(facts)
    tokens = text.content_terms(prose)
    themes: dict[Theme, float] = {}
    for field in sorted(facts.fields):
        for theme, share in links_to(field, Theme).items():
            themes[theme] = max(share, themes.get(theme, 0.0))
    return Reading(
        id=facts.id,
        words=text.counted(tokens),
        bigrams=text.counted(text.bigrams(prose)),
        themes=themes,
        topics=_topic_shares(prose, sorted(facts.fields)),
        items=_items(facts.needs),
        places=facts.places,
        headquarters=None,
        prose="",
        meaning=meaning,
    )


def read_interest(facts: InterestFacts, meaning: NDArray[np.float32] | None = None) -> Reading:
    """Read an interest: its own words, its themes, the topics that it names or that its line of business implies."""
    prose = interest_prose(facts)
    implying: list[Term] = sorted(facts.themes)
    if facts.industry:
        implying.append(facts.industry)
    return Reading(
        id=facts.id,
        words=text.counted(text.content_terms(prose)),
        bigrams=text.counted(text.bigrams(prose)),
        themes=dict.fromkeys(sorted(facts.themes), 1.0),
        topics=_topic_shares(prose, implying, facts.profile),
        items=_items(facts.offers),
        places=facts.regions,
        headquarters=facts.headquarters,
        prose=text.clean(facts.profile),
        meaning=meaning,
    )


def proposal_prose(facts: ProposalFacts) -> str:
    """Return everything a proposal says in words, one string."""
    details = [need.detail for need in facts.needs]
    return "。".join(filter(None, [facts.mission, facts.title, facts.summary, facts.beneficiaries, *details]))


def interest_prose(facts: InterestFacts) -> str:
    """Return everything an interest says in words, its industry and themes by their labels, one string."""
    industry = [facts.industry.label] if facts.industry else []
    labels = [theme.label for theme in sorted(facts.themes)]
    return "。".join(filter(None, [*industry, facts.profile, *labels, *(offer.detail for offer in facts.offers)]))


def _items(sources: Sequence[Need] | Sequence[Offer]) -> tuple[Item, ...]:
    return tuple(Item(source, text.counted(text.content_terms(source.detail))) for source in sources)


def _topic_shares(prose: str, implying: Iterable[Term], profile: str = "") -> dict[str, float]:
    """Return topics with what makes each likely; several grounds for one topic add up with less and less.

    Grounds are the words of the text, the lines of business that a company's ``profile`` shows, and its terms.
    """
    grounds: dict[str, list[float]] = {}
    lowered = text.clean(prose).lower()
    for concept in topics():
        hits = concept.count_in(lowered)
        if hits:
            grounds.setdefault(concept.code, []).append(1 + math.log(hits))
    for line, certainty in _lines_shown(text.clean(profile).lower()):
        for topic, share in line_topics()[line].items():
            grounds.setdefault(topic, []).append(IMPLIED_BY_LINE * certainty * share)
    for term in implying:
        for topic, share in topics_of(term).items():
            grounds.setdefault(topic, []).append(IMPLIED_BY_TERM * share)
    return {code: math.fsum(grounds[code]) ** 0.5 for code in sorted(grounds)}


def _lines_shown(profile: str) -> list[tuple[str, float]]:
    first = profile.partition("。")[0]
    shown = [line for line in lines_of_business() if line.count_in(profile)] if profile else []
    return [(line.code, 1.0 if line.count_in(first) else LINE_BESIDE) for line in shown]


@dataclass(frozen=True, slots=True)
class Generation:
    """The statistics of one pool at one time, from which every weight follows.

    Shapes: counts say in how many of ``documents`` records (both sides together) a term occurs; means are the mean
    sentence vectors of each side, (DIMENSIONS,), or None without an encoder.
    """

    documents: int
    words: Counts
    bigrams: Counts
    topics: Counts
    themes: Counts
    proposal_mean: NDArray[np.float32] | None
    interest_mean: NDArray[np.float32] | None

    @classmethod
    def of(cls, proposals: Sequence[Reading], interests: Sequence[Reading]) -> "Generation":
        """Count a pool."""
        both = [*proposals, *interests]
        return cls(
            documents=len(both),
            words=_document_counts(reading.words for reading in both),
            bigrams=_document_counts(reading.bigrams for reading in both),
            topics=_document_counts(reading.topics for reading in both),
            themes=_document_counts(reading.themes for reading in both),
            proposal_mean=_mean(proposals),
            interest_mean=_mean(interests),
        )

    def rarity(self, counts: Counts, term: str) -> float:
        """Return ln((1 + N) / (1 + n)): 0.0 for a term that every record has, larger the rarer (Sparck Jones 1972)."""
        return math.log((1 + self.documents) / (1 + counts.get(term, 0)))


def _document_counts(records: Iterable[Iterable[str]]) -> Counts:
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(set(record))
    return counts


def _mean(readings: Sequence[Reading]) -> NDArray[np.float32] | None:
    vectors = [reading.meaning for reading in readings if reading.meaning is not None]
    if not vectors:
        return None
    mean: NDArray[np.float32] = np.mean(np.array(vectors, dtype=np.float64), axis=0).astype(np.float32)
    return mean


@dataclass(frozen=True, slots=True)
class WeighedItem:
    """A need or offer whose detail is a vector of length ``UNIT``."""

    source: Need | Offer
    words: Weights


@dataclass(frozen=True, slots=True)
class Weighed:
    """A record under one generation: whole-number vectors of length ``UNIT``, empty or None when not answered."""

    id: str
    words: Weights
    bigrams: Weights
    themes: Weights
    topics: Weights
    items: tuple[WeighedItem, ...]
    places: tuple[Place, ...]
    headquarters: Place | None
    prose: str
    meaning: NDArray[np.float32] | None


def weigh(reading: Reading, generation: Generation, *, is_proposal: bool) -> Weighed:
    """Return the record's vectors under a generation."""

    def by_rarity(counts: Mapping[str, int], seen: Counts) -> Weights:
        return unit({term: (1 + math.log(count)) * generation.rarity(seen, term) for term, count in counts.items()})

    mean = generation.proposal_mean if is_proposal else generation.interest_mean
    return Weighed(
        id=reading.id,
        words=by_rarity(reading.words, generation.words),
        bigrams=by_rarity(reading.bigrams, generation.bigrams),
        themes=unit({t: s * generation.rarity(generation.themes, t) for t, s in reading.themes.items()}),
        topics=unit({t: s * generation.rarity(generation.topics, t) for t, s in reading.topics.items()}),
        items=tuple(WeighedItem(item.source, by_rarity(item.words, generation.words)) for item in reading.items),
        places=reading.places,
        headquarters=reading.headquarters,
        prose=reading.prose,
        meaning=_centred(reading.meaning, mean),
    )


def unit(weights: Mapping[str, float]) -> Weights:
    """Scale to whole numbers with length ``UNIT``; what rounds to nothing is left out.

    >>> unit({"森": 3.0, "川": 4.0})
    {'森': 1228, '川': 1638}
    >>> unit({"森": 0.0})
    {}
    """
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    if not length:
        return {}
    scaled = {str(term): round(UNIT * weight / length) for term, weight in weights.items()}
    return {term: weight for term, weight in scaled.items() if weight}


def _centred(vector: NDArray[np.float32] | None, mean: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    """Return whole numbers, still as 32-bit floats, of the vector's difference from its side's mean."""
    if vector is None or mean is None:
        return None
    difference = vector.astype(np.float64) - mean
    length = float(np.sqrt(np.sum(difference * difference)))
    if length < 1e-6:
        return None
    scaled: NDArray[np.float32] = np.rint(difference * (UNIT / length)).astype(np.float32)
    return scaled
