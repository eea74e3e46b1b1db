"""The reviewed knowledge that scoring rests on, read from ``data/*.csv``: who cares about what, and what it implies.

Every row states its reason. The files are read once for a process; staff edit them as data and give them a version
by changing the ruleset's version.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TypeVar

from matchmaker.matching.terms import ActivityField, Industry, Prefecture, Sdg, Term, Theme

VOCABULARIES: dict[str, type[Term]] = {"field": ActivityField, "theme": Theme, "sdg": Sdg, "industry": Industry}


Target = TypeVar("Target", bound=Term)


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the crosswalk: ``source`` implies ``target`` with a share 0.0-1.0, for a stated reason."""

    source: Term
    target: Term
    share: float
    reason: str


@cache
def digest() -> str:
    """Return a hash over every data file: with a ruleset's digest it says by which knowledge a match was made."""
    found = hashlib.sha256()
    for file in sorted((files("matchmaker.matching") / "data").iterdir(), key=lambda file: file.name):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


@cache
def crosswalk() -> tuple[Link, ...]:
    """Return every link between activity fields, company themes, SDGs and industries.

    >>> next(link.reason for link in crosswalk() if link.source is ActivityField.TOURISM)
    '観光の振興は地域活性化の代表的な方法である'
    """
    return tuple(
        Link(
            VOCABULARIES[row["source_vocabulary"]](row["source"]),
            VOCABULARIES[row["target_vocabulary"]](row["target"]),
            int(row["weight_percent"]) / 100,
            row["reason"],
        )
        for row in _rows("crosswalk.csv")
    )


@lru_cache(maxsize=None, typed=True)
def links_to(source: Term, target: type[Target]) -> Mapping[Target, float]:
    """Return what ``source`` implies in the ``target`` vocabulary, with a share each.

    >>> links_to(ActivityField.GENDER_EQUALITY, Theme)[Theme.DIVERSITY]
    1.0
    """
    return {
        link.target: link.share for link in crosswalk() if link.source is source and isinstance(link.target, target)
    }


def sdgs_of(terms: Iterable[Term]) -> frozenset[Sdg]:
    """Return the SDGs that fields or themes serve at all.

    >>> sorted(sdgs_of([Theme.DIGITAL]))
    [<Sdg.EDUCATION: '4'>, <Sdg.INDUSTRY: '9'>]
    """
    found: set[Sdg] = set()
    for term in terms:
        themes = [term] if isinstance(term, Theme) else links_to(term, Theme)
        found |= {sdg for theme in themes for sdg in links_to(theme, Sdg)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Concept:
    """Something that texts of both sides speak about: a social topic, or a line of business. ``words`` reveal it."""

    code: str
    label: str
    words: tuple[str, ...]

    def count_in(self, lowered: str) -> int:
        """Count how often its words occur in a clean lower-case text.

        >>> art = Concept("art", "芸術", ("アート", "it"))
        >>> art.count_in("スタートする。アートで。site. itの") == 2
        True
        """
        return sum(len(_pattern(word).findall(lowered)) for word in self.words if word in lowered)


class ConceptIndex:
    """Finds concepts in texts by the first two letters of their words: a text holds few of all that are known.

    >>> art = Concept("art", "芸術", ("アート", "絵"))
    >>> ConceptIndex((art, Concept("sea", "海", ("海岸",)))).counts_in("アートと絵の町。海に近い。")
    {'art': 2}
    """

    def __init__(self, concepts: tuple[Concept, ...]) -> None:
        self._always: list[tuple[int, str]] = []
        self._by_start: dict[str, list[tuple[int, str]]] = {}
        self._codes = [concept.code for concept in concepts]
        for number, concept in enumerate(concepts):
            for word in concept.words:
                found = self._by_start.setdefault(word[:2], []) if len(word) > 1 else self._always
                found.append((number, word))

    def counts_in(self, lowered: str) -> dict[str, int]:
        """Return ``Concept.count_in`` of every concept that the text holds, in file order."""
        starts = self._by_start.keys() & set(map("".join, pairwise(lowered)))
        tested = self._always + [one for start in starts for one in self._by_start[start]]
        hits: dict[int, int] = {}
        for number, word in tested:
            if word in lowered:
                hits[number] = hits.get(number, 0) + len(_pattern(word).findall(lowered))
        return {self._codes[number]: hits[number] for number in sorted(hits) if hits[number]}


@cache
def topic_index() -> ConceptIndex:
    """Return the index over ``topics``."""
    return ConceptIndex(topics())


@cache
def line_index() -> ConceptIndex:
    """Return the index over ``lines_of_business``."""
    return ConceptIndex(lines_of_business())


@cache
def topics() -> tuple[Concept, ...]:
    """Return the social topics, in file order."""
    return _concepts("topics.csv")


@cache
def lines_of_business() -> tuple[Concept, ...]:
    """Return the lines of business, in file order."""
    return _concepts("lines_of_business.csv")


@cache
def line_topics() -> Mapping[str, Mapping[str, float]]:
    """Return, for a line of business, the topics that it has means or reasons to serve, with a share each."""
    found: dict[str, dict[str, float]] = {line.code: {} for line in lines_of_business()}
    known = {topic.code for topic in topics()}
    for row in _rows("line_topics.csv"):
        if row["topic"] not in known:
            raise ValueError(f"line_topics.csv names the unknown topic {row['topic']!r}")
        found[row["line"]][row["topic"]] = int(row["weight_percent"]) / 100
    return found


def topics_of(term: Term) -> Mapping[str, float]:
    """Return the topics that a field, theme or industry makes likely, with a share each; empty for none.

    >>> topics_of(ActivityField.TOURISM)
    {'tourism': 1.0}
    """
    return _term_topics().get((type(term), term.value), {})


@cache
def _term_topics() -> Mapping[tuple[type[Term], str], Mapping[str, float]]:
    # The vocabulary is part of the key: fields and themes share codes, and equal codes are equal strings.
    found: dict[tuple[type[Term], str], dict[str, float]] = {}
    for row in _rows("term_topics.csv"):
        vocabulary = VOCABULARIES[row["vocabulary"]]
        shares = found.setdefault((vocabulary, vocabulary(row["term"]).value), {})
        shares[row["topic"]] = int(row["weight_percent"]) / 100
    return found


@cache
def topic_labels() -> Mapping[str, str]:
    """Return the label of every topic."""
    return {topic.code: topic.label for topic in topics()}


@cache
def _pattern(word: str) -> re.Pattern[str]:
    """Keep short katakana and Latin words from matching inside longer ones: アート in スタート, it in site."""
    before = after = ""
    if _LATIN.fullmatch(word):
        before, after = "(?<![a-z0-9])", "(?![a-z0-9])"
    elif _KATAKANA.fullmatch(word) and len(word) <= 3:
        before = "(?<![ァ-ヴー])"
        after = "(?![ァ-ヴー])" if len(word) <= 2 else ""
    return re.compile(before + re.escape(word) + after)


_LATIN = re.compile(r"[a-z0-9]+")
_KATAKANA = re.compile(r"[ァ-ヴー]+")


def _concepts(name: str) -> tuple[Concept, ...]:
    return tuple(Concept(row["code"], row["label"], tuple(row["words"].lower().split())) for row in _rows(name))


@cache
def neighbours() -> Mapping[Prefecture, frozenset[Prefecture]]:
    """Return the prefectures that share a border or a bridge with each prefecture."""
    return {
        Prefecture(row["prefecture"]): frozenset(map(Prefecture, row["neighbours"].split()))
        for row in _rows("neighbours.csv")
    }


@cache
def wide_regions() -> Mapping[str, frozenset[Prefecture]]:
    """Return the prefectures that a name wider than a prefecture means.

    >>> sorted(prefecture.label for prefecture in wide_regions()["東海"])
    ['三重県', '岐阜県', '愛知県', '静岡県']
    """
    return {row["name"]: frozenset(map(Prefecture, row["prefectures"].split())) for row in _rows("wide_regions.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("matchmaker.matching") / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
