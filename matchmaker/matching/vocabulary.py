"""The reviewed knowledge that scoring rests on, as tables of rows: who cares about what, and what it implies.

The edition that is part of the program stands in ``data/*.csv``; staff make further ones from it. A process may hold
several: an index is made and asked under one of them, ``with using(knowledge):``. The functions of this module answer
from the one in use, in the manner of ``decimal``'s context; outside of any it is the built-in one.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TypeVar, cast

from matchmaker.matching.terms import ActivityField, Industry, Prefecture, Sdg, Term, Theme

VOCABULARIES: dict[str, type[Term]] = {"field": ActivityField, "theme": Theme, "sdg": Sdg, "industry": Industry}

COLUMNS: dict[str, tuple[str, ...]] = {
    "crosswalk": ("source_vocabulary", "source", "target_vocabulary", "target", "weight_percent", "reason"),
    "topics": ("code", "label", "words", "reason"),
    "term_topics": ("vocabulary", "term", "topic", "weight_percent", "reason"),
    "lines_of_business": ("code", "label", "words", "reason"),
    "line_topics": ("line", "topic", "weight_percent", "reason"),
    "neighbours": ("prefecture", "neighbours", "reason"),
    "wide_regions": ("name", "prefectures", "reason"),
}
"""The tables with their columns, in the order in which people read them."""

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

Target = TypeVar("Target", bound=Term)


class UnsoundKnowledge(ValueError):
    """The tables cannot be used; the text names the row."""


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the crosswalk: ``source`` implies ``target`` with a share 0.0-1.0, for a stated reason."""

    source: Term
    target: Term
    share: float
    reason: str


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


class Knowledge:
    """One edition of all tables, ready to be looked up; it never changes.

    Shapes: ``tables`` has every name of ``COLUMNS``; rows have its columns, and ``reason`` may be missing where the
    edition of the program states none.
    Errors: UnsoundKnowledge when a row names what no other table, or no closed vocabulary, knows.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = {name: tuple(_whole(row, COLUMNS[name]) for row in tables[name]) for name in COLUMNS}
        try:
            self._read()
        except (KeyError, ValueError) as fault:
            raise UnsoundKnowledge(str(fault)) from fault

    def _read(self) -> None:
        self.digest = hashlib.sha256(json.dumps(self.tables, sort_keys=True).encode()).hexdigest()
        self.crosswalk = tuple(map(_link, self.tables["crosswalk"]))
        self.topics = _concepts(self.tables["topics"])
        self.lines_of_business = _concepts(self.tables["lines_of_business"])
        self.topic_labels = {topic.code: topic.label for topic in self.topics}
        self.topic_places = {topic.code: place for place, topic in enumerate(self.topics)}
        self.topic_index, self.line_index = ConceptIndex(self.topics), ConceptIndex(self.lines_of_business)
        self.line_topics: dict[str, dict[str, float]] = {line.code: {} for line in self.lines_of_business}
        for row in self.tables["line_topics"]:
            self.line_topics[row["line"]][self._known_topic(row)] = _share(row)
        # The vocabulary is part of the key: fields and themes share codes, and equal codes are equal strings.
        self._term_topics: dict[tuple[type[Term], str], dict[str, float]] = {}
        for row in self.tables["term_topics"]:
            self._term_topics.setdefault(_term_key(row), {})[self._known_topic(row)] = _share(row)
        self._links: dict[tuple[type[Term], str, type[Term]], dict[Term, float]] = {}
        for link in self.crosswalk:
            key = type(link.source), link.source.value, type(link.target)
            self._links.setdefault(key, {})[link.target] = link.share
        self.neighbours = dict.fromkeys(Prefecture, frozenset[Prefecture]())
        for row in self.tables["neighbours"]:
            self.neighbours[Prefecture(row["prefecture"])] = _prefectures(row["neighbours"])
        self.wide_regions = {row["name"]: _prefectures(row["prefectures"]) for row in self.tables["wide_regions"]}

    def links_to(self, source: Term, target: type[Target]) -> Mapping[Target, float]:
        """Return what ``source`` implies in the ``target`` vocabulary, with a share each."""
        return cast(Mapping[Target, float], self._links.get((type(source), source.value, target), {}))

    def topics_of(self, term: Term) -> Mapping[str, float]:
        """Return the topics that a field, theme or industry makes likely, with a share each; empty for none."""
        return self._term_topics.get((type(term), term.value), {})

    def _known_topic(self, row: Row) -> str:
        if row["topic"] not in self.topic_places:
            raise UnsoundKnowledge(f"a row names the unknown topic {row['topic']!r}")
        return row["topic"]


@cache
def built_in() -> Knowledge:
    """Return the edition that is part of the program."""
    return Knowledge({name: tuple(_file_rows(f"{name}.csv")) for name in COLUMNS})


_in_use: ContextVar[Knowledge | None] = ContextVar("knowledge", default=None)


def in_use() -> Knowledge:
    """Return the edition that the functions of this module answer from."""
    return _in_use.get() or built_in()


@contextmanager
def using(knowledge: Knowledge) -> Iterator[None]:
    """Answer from another edition inside a ``with`` block of this thread.

    >>> poorer = Knowledge({**built_in().tables, "neighbours": ()})
    >>> with using(poorer):
    ...     len(neighbours()[Prefecture.MIE])
    0
    >>> len(neighbours()[Prefecture.MIE])
    6
    """
    token = _in_use.set(knowledge)
    try:
        yield
    finally:
        _in_use.reset(token)


def digest() -> str:
    """Return a hash over every row: with a ruleset's digest it says by which knowledge a match was made."""
    return in_use().digest


def crosswalk() -> tuple[Link, ...]:
    """Return every link between activity fields, company themes, SDGs and industries.

    >>> next(link.reason for link in crosswalk() if link.source is ActivityField.TOURISM)
    '観光の振興は地域活性化の代表的な方法である'
    """
    return in_use().crosswalk


def links_to(source: Term, target: type[Target]) -> Mapping[Target, float]:
    """Return what ``source`` implies in the ``target`` vocabulary, with a share each.

    >>> links_to(ActivityField.GENDER_EQUALITY, Theme)[Theme.DIVERSITY]
    1.0
    """
    return in_use().links_to(source, target)


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


def topic_index() -> ConceptIndex:
    """Return the index over ``topics``."""
    return in_use().topic_index


def line_index() -> ConceptIndex:
    """Return the index over ``lines_of_business``."""
    return in_use().line_index


def topics() -> tuple[Concept, ...]:
    """Return the social topics, in file order."""
    return in_use().topics


def lines_of_business() -> tuple[Concept, ...]:
    """Return the lines of business, in file order."""
    return in_use().lines_of_business


def line_topics() -> Mapping[str, Mapping[str, float]]:
    """Return, for a line of business, the topics that it has means or reasons to serve, with a share each."""
    return in_use().line_topics


def topics_of(term: Term) -> Mapping[str, float]:
    """Return the topics that a field, theme or industry makes likely, with a share each; empty for none.

    >>> topics_of(ActivityField.TOURISM)
    {'tourism': 1.0}
    """
    return in_use().topics_of(term)


def topic_labels() -> Mapping[str, str]:
    """Return the label of every topic."""
    return in_use().topic_labels


def neighbours() -> Mapping[Prefecture, frozenset[Prefecture]]:
    """Return the prefectures that share a border or a bridge with each prefecture."""
    return in_use().neighbours


def wide_regions() -> Mapping[str, frozenset[Prefecture]]:
    """Return the prefectures that a name wider than a prefecture means.

    >>> sorted(prefecture.label for prefecture in wide_regions()["東海"])
    ['三重県', '岐阜県', '愛知県', '静岡県']
    """
    return in_use().wide_regions


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


def _whole(row: Row, columns: Sequence[str]) -> dict[str, str]:
    return {column: row.get(column, "") if column == "reason" else row[column] for column in columns}


def _link(row: Row) -> Link:
    source = VOCABULARIES[row["source_vocabulary"]](row["source"])
    target = VOCABULARIES[row["target_vocabulary"]](row["target"])
    return Link(source, target, _share(row), row["reason"])


def _term_key(row: Row) -> tuple[type[Term], str]:
    vocabulary = VOCABULARIES[row["vocabulary"]]
    return vocabulary, vocabulary(row["term"]).value


def _share(row: Row) -> float:
    return int(row["weight_percent"]) / 100


def _concepts(rows: Iterable[Row]) -> tuple[Concept, ...]:
    return tuple(Concept(row["code"], row["label"], tuple(row["words"].lower().split())) for row in rows)


def _prefectures(codes: str) -> frozenset[Prefecture]:
    return frozenset(map(Prefecture, codes.split()))


def _file_rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("matchmaker.matching") / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
