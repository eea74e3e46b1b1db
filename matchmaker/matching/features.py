"""What one record looks like to the scorer: whole-number vectors, so that any order of adding gives the same sum.

A record is first *read* on its own (tokens, topics, a sentence vector), then *weighed* against a generation: the
statistics of the pool it is compared in. The scalar scorer and the vectorised engine use the same weighed numbers.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import text
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts
from matchmaker.matching.terms import Term, Theme
from matchmaker.matching.vocabulary import line_index, line_topics, links_to, topic_index, topics_of

UNIT = 2047
"""The length of every weighed vector of terms: its numbers fit into 16 bits, and sums of products into 32."""

MEANING_UNIT = 400
"""The length of every sentence vector. A number of it fits into 8 bits unless a single one holds a tenth of all."""

Counts = Mapping[str, int]
Weights = Mapping[str, int]

IMPLIED_BY_LINE = 0.7
"""What a topic that a company's line of business implies is worth, beside 1.0 for one that its text names."""
IMPLIED_BY_TERM = 0.35
"""The same for a topic that only a field, a theme or an industry implies."""
LINE_BESIDE = 0.5
"""A line of business outside the first sentence of a profile, which says what a company does, counts half."""

NAMED = 1.0
"""What a topic weighs at least when a text names it, or when it is implied from many sides. What a theme or a line of
business alone implies, it implies for many records at once and says nothing about how telling the topic is: that does
not count towards the topic's rarity."""

MOST_COUNTED = 255
"""A term that a text repeats more often counts as so many: its weight grows with the logarithm anyway."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the texts of one record gives. It depends on the record and the vocabulary alone, so it can be kept.

    Shapes: ``topics`` are weights of topic codes above 0, whole multiples of a 32-bit float; ``items`` the words of
    the details of each need or offer, in their order; ``meaning`` (DIMENSIONS,) or None without an encoder.
    """

    words: Counts
    bigrams: Counts
    topics: Mapping[str, float]
    items: tuple[Counts, ...]
    meaning: NDArray[np.float16] | None


def read_proposal(facts: ProposalFacts, meaning: NDArray[np.float16] | None = None) -> Reading:
    """Read a proposal: its own words, and the topics that it speaks about."""
    return _read(proposal_prose(facts), facts.needs, topics_shown(facts), meaning)


def read_interest(facts: InterestFacts, meaning: NDArray[np.float16] | None = None) -> Reading:
    """Read an interest: its own words, and the topics that it names or that its line of business implies."""
    return _read(interest_prose(facts), facts.offers, topics_shown(facts), meaning)


def topics_shown(facts: ProposalFacts | InterestFacts) -> dict[str, float]:
    """Return the topics of a record with their weights: all of its reading that depends on the vocabulary in use."""
    if isinstance(facts, ProposalFacts):
        return _topic_shares(proposal_prose(facts), sorted(facts.fields))
    implying: list[Term] = sorted(facts.themes)
    if facts.industry:
        implying.append(facts.industry)
    return _topic_shares(interest_prose(facts), implying, facts.profile)


def _read(
    prose: str,
    items: Sequence[Need] | Sequence[Offer],
    topics: Mapping[str, float],
    meaning: NDArray[np.float16] | None,
) -> Reading:
    return Reading(
        words=_counted(text.content_terms(prose)),
        bigrams=_counted(text.bigrams(prose)),
        topics=topics,
        items=tuple(_counted(text.content_terms(item.detail)) for item in items),
        meaning=meaning,
    )


def _counted(terms: list[str]) -> Counts:
    return {term: min(count, MOST_COUNTED) for term, count in text.counted(terms).items()}


def themes_of(facts: ProposalFacts | InterestFacts) -> dict[Theme, float]:
    """Return the themes of an interest, or those that a proposal's fields imply, with a share 0.0-1.0 each."""
    if isinstance(facts, InterestFacts):
        return dict.fromkeys(sorted(facts.themes), 1.0)
    themes: dict[Theme, float] = {}
    for field in sorted(facts.fields):
        for theme, share in links_to(field, Theme).items():
            themes[theme] = max(share, themes.get(theme, 0.0))
    return themes


def places_of(facts: ProposalFacts | InterestFacts) -> tuple[Place, ...]:
    """Return the places of a proposal, or the regions of an interest."""
    return facts.regions if isinstance(facts, InterestFacts) else facts.places


def headquarters_of(facts: ProposalFacts | InterestFacts) -> Place | None:
    """Return where the company of an interest is; None for a proposal."""
    return facts.headquarters if isinstance(facts, InterestFacts) else None


def items_of(facts: ProposalFacts | InterestFacts) -> tuple[Need | Offer, ...]:
    """Return the needs of a proposal, or the offers of an interest."""
    return facts.offers if isinstance(facts, InterestFacts) else facts.needs


def profile_of(facts: ProposalFacts | InterestFacts) -> str:
    """Return the clean text in which a company may name a municipality; "" for a proposal."""
    return text.clean(facts.profile) if isinstance(facts, InterestFacts) else ""


def proposal_prose(facts: ProposalFacts) -> str:
    """Return everything a proposal says in words, one string."""
    details = [need.detail for need in facts.needs]
    return "。".join(filter(None, [facts.mission, facts.title, facts.summary, facts.beneficiaries, *details]))


def interest_prose(facts: InterestFacts) -> str:
    """Return everything an interest says in words, its industry and themes by their labels, one string."""
    industry = [facts.industry.label] if facts.industry else []
    labels = [theme.label for theme in sorted(facts.themes)]
    return "。".join(filter(None, [*industry, facts.profile, *labels, *(offer.detail for offer in facts.offers)]))


def _topic_shares(prose: str, implying: Iterable[Term], profile: str = "") -> dict[str, float]:
    """Return topics with what makes each likely; several grounds for one topic add up with less and less.

    Grounds are the words of the text, the lines of business that a company's ``profile`` shows, and its terms.
    """
    grounds: dict[str, list[float]] = {}
    lowered = text.clean(prose).lower()
    for code, hits in topic_index().counts_in(lowered).items():
        grounds.setdefault(code, []).append(1 + math.log(hits))
    for line, certainty in _lines_shown(text.clean(profile).lower()):
        for topic, share in line_topics()[line].items():
            grounds.setdefault(topic, []).append(IMPLIED_BY_LINE * certainty * share)
    for term in implying:
        for topic, share in topics_of(term).items():
            grounds.setdefault(topic, []).append(IMPLIED_BY_TERM * share)
    # As 32-bit floats: what is read now and what was read and kept are the same numbers.
    return {code: float(np.float32(math.fsum(grounds[code]) ** 0.5)) for code in sorted(grounds)}


def _lines_shown(profile: str) -> list[tuple[str, float]]:
    in_first = line_index().counts_in(profile.partition("。")[0])
    return [(code, 1.0 if code in in_first else LINE_BESIDE) for code in line_index().counts_in(profile)]


class Vocabulary(dict[str, int]):
    """Terms as numbers from 0, in the order in which they were met.

    >>> numbers = Vocabulary()
    >>> numbers["森"], numbers["川"], numbers["森"], numbers.terms
    (0, 1, 0, ['森', '川'])
    """

    def __init__(self, terms: Sequence[str] = ()) -> None:
        super().__init__(zip(terms, range(len(terms)), strict=True))
        self.terms = list(terms)

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self.terms)
        self.terms.append(term)
        return number


class Rarity:
    """How rare each term is in a pool of ``documents`` records.

    Shapes: ``values`` by the numbers of ``vocabulary``; a term met later counts as not seen.
    """

    def __init__(self, documents: int, vocabulary: Vocabulary, values: NDArray[np.float64]) -> None:
        self.documents = documents
        self.vocabulary = vocabulary
        self.values = values
        self._unseen = self._logarithm(documents, 0)

    @classmethod
    def of_seen(cls, documents: int, vocabulary: Vocabulary, seen: NDArray[np.int64]) -> "Rarity":
        """Return how rare terms are of which so many records were ``seen`` to hold each; by their numbers."""
        counts, place = np.unique(seen, return_inverse=True)
        logarithms = np.array([cls._logarithm(documents, count) for count in counts.tolist()])
        return cls(documents, vocabulary, logarithms[place])

    @classmethod
    def of_topics(cls, documents: int, vocabulary: Vocabulary, named: NDArray[np.int64]) -> "Rarity":
        """Return how rare topics are of which so many records were seen to name each: roots of the same."""
        plain = cls.of_seen(documents, vocabulary, named)
        return cls(documents, vocabulary, np.sqrt(plain.values))

    def of(self, term: str) -> float:
        """Return ln((1 + N) / (1 + n)): 0.0 for a term that every record has, larger the rarer (Sparck Jones 1972)."""
        number = self.vocabulary.get(term)
        return self._unseen if number is None or number >= len(self.values) else float(self.values[number])

    def of_numbers(self, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the same for many terms of the pool, in the shape of their numbers."""
        found: NDArray[np.float64] = self.values[numbers]
        return found

    @staticmethod
    def _logarithm(documents: int, seen: int) -> float:
        return math.log((1 + documents) / (1 + seen))


@dataclass(frozen=True, slots=True)
class Generation:
    """The statistics of one pool at one time, from which every weight follows.

    Shapes: means are the mean sentence vectors of each side, (DIMENSIONS,), or None without an encoder; ``axes`` those
    along which a large pool differs most (see ``centre``), None in a small one.
    """

    words: Rarity
    bigrams: Rarity
    topics: Rarity
    themes: Rarity
    proposal_mean: NDArray[np.float64] | None
    interest_mean: NDArray[np.float64] | None
    axes: NDArray[np.float64] | None

    def mean_of(self, facts: ProposalFacts | InterestFacts) -> NDArray[np.float64] | None:
        """Return the mean sentence vector of the side to which a record belongs."""
        return self.interest_mean if isinstance(facts, InterestFacts) else self.proposal_mean


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
    meaning: NDArray[np.int8] | None


def weigh(facts: ProposalFacts | InterestFacts, reading: Reading, generation: Generation) -> Weighed:
    """Return the record's vectors under a generation."""

    def by_rarity(values: Mapping[str, float], rarity: Rarity) -> Weights:
        return unit({term: value * rarity.of(term) for term, value in values.items()})

    def damped(counts: Counts) -> dict[str, float]:
        return {term: 1 + math.log(count) for term, count in counts.items()}

    mean = generation.mean_of(facts)
    vector = reading.meaning
    centred = None if vector is None or mean is None else centre(vector[np.newaxis, :], mean, generation.axes)[0]
    items = zip(items_of(facts), reading.items, strict=True)
    return Weighed(
        id=facts.id,
        words=by_rarity(damped(reading.words), generation.words),
        bigrams=by_rarity(damped(reading.bigrams), generation.bigrams),
        themes=by_rarity({str(theme): share for theme, share in themes_of(facts).items()}, generation.themes),
        topics=by_rarity(reading.topics, generation.topics),
        items=tuple(WeighedItem(source, by_rarity(damped(words), generation.words)) for source, words in items),
        places=places_of(facts),
        headquarters=headquarters_of(facts),
        prose=profile_of(facts),
        meaning=centred if centred is not None and centred.any() else None,
    )


def unit(weights: Mapping[str, float]) -> Weights:
    """Scale to whole numbers with length ``UNIT``; what rounds to nothing is left out.

    >>> unit({"森": 3.0, "川": 4.0})
    {'森': 1228, '川': 1638}
    >>> unit({"森": 0.0})
    {}
    """
    values = np.fromiter(weights.values(), np.float64, len(weights))
    scaled = unit_rows(values, np.array([0, len(values)])).tolist()
    return {term: weight for term, weight in zip(weights, scaled, strict=True) if weight}


def unit_rows(weights: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.int16]:
    """Scale many rows at once to whole numbers with length ``UNIT``.

    Shapes: the weights of all rows one after the other, row ``r`` from ``starts[r]`` to ``starts[r + 1]``; the same
    shape comes back. Weights are first cut to 1/65536, so that squares add up alike in every order.
    """
    whole = np.rint(weights * _FINENESS).astype(np.int64)
    # Sums of one row stay below 2**63; those of all rows may wrap round, which the difference undoes.
    sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(whole * whole)])
    lengths = np.sqrt((sums[starts[1:]] - sums[starts[:-1]]).astype(np.float64))
    lengths[lengths == 0] = 1.0
    scaled: NDArray[np.int16] = np.rint(UNIT * whole / np.repeat(lengths, np.diff(starts))).astype(np.int16)
    return scaled


def centre(
    vectors: NDArray[np.float16], mean: NDArray[np.float64], axes: NDArray[np.float64] | None
) -> NDArray[np.int8]:
    """Return each vector's difference from its side's mean as whole numbers with length ``MEANING_UNIT``.

    Shapes: (rows, DIMENSIONS), (DIMENSIONS,) and whole numbers (DIMENSIONS, kept) of length ``AXIS``, or None to keep
    all dimensions; (rows, kept) comes back, no number beyond 127. A vector that is the mean itself becomes zeros.
    """
    whole = differences(vectors, mean)
    if axes is not None:
        # Products of whole numbers, below 2**53 in sum: the same in every order of adding.
        whole = np.rint(whole @ axes / AXIS)
    lengths = np.sqrt(np.sum(whole * whole, axis=1))
    lengths[lengths < 1] = np.inf
    scaled = np.rint(MEANING_UNIT * whole / lengths[:, np.newaxis])
    centred: NDArray[np.int8] = np.clip(scaled, -127, 127).astype(np.int8)
    return centred


def main_axes(vectors: Sequence[NDArray[np.float64]], kept: int) -> NDArray[np.float64]:
    """Return axes of the space in which vectors differ most, as whole numbers of length ``AXIS``.

    The ``kept`` main directions are turned so that each axis has a like share of all of them: a number that stood out
    would not fit into 8 bits.

    Shapes: differences from the mean (rows, DIMENSIONS), one array for each side; (DIMENSIONS, kept) comes back, for
    ``kept`` a power of two.
    Source: principal components, K. Pearson, "On lines and planes of closest fit", Philosophical Magazine 2(11), 1901;
    the turn by signs alone, J. Sylvester, Philosophical Magazine 34, 1867.
    """
    spread = np.sum([one.T @ one for one in vectors], axis=0)
    axes = np.linalg.eigh(spread)[1][:, ::-1][:, :kept]
    turn = np.ones((1, 1))
    while len(turn) < kept:
        turn = np.block([[turn, turn], [turn, -turn]])
    found: NDArray[np.float64] = np.rint(axes @ turn * (AXIS / math.sqrt(kept)))
    return found


def differences(vectors: NDArray[np.float16], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each vector's difference from a mean in whole 65536ths, shape (rows, DIMENSIONS)."""
    found: NDArray[np.float64] = np.rint((vectors.astype(np.float64) - mean) * _FINENESS)
    return found


AXIS = 2.0**14
_FINENESS = 2.0**16
