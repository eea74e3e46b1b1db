"""Readings as bytes: how a registry keeps in a kilobyte what reading a text took, and how whole pools are laid out.

A packed reading holds words and character pairs themselves, not numbers of theirs, so that it means the same in every
process. It is good as long as ``reader_version`` is the same: the tokenizer, its dictionary and the vocabulary.
"""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import vocabulary
from matchmaker.matching.features import Reading, Vocabulary

FORMAT = "1"

_HEAD = struct.Struct("<IIII")
_SIZE = np.dtype("<u4")
_COUNT = np.dtype("u1")
_TOPIC = np.dtype("<u2")
_SHARE = np.dtype("<f4")


def reader_version() -> str:
    """Name all that a reading depends on but the record itself, the edition of the vocabulary in use included."""
    return "/".join((FORMAT, *_tokenizer(), vocabulary.digest()[:16]))


@cache
def _tokenizer() -> tuple[str, str]:
    return version("sudachidict-small"), version("sudachipy")


def pack(reading: Reading) -> bytes:
    """Return a reading without its sentence vector as bytes; ``unpack`` returns the same reading.

    >>> once = Reading({"森": 2}, {"森の": 1}, {"sea": 1.5}, ({"木": 1}, {}), None)
    >>> unpack(pack(once)) == once
    True
    """
    sections = (reading.words, *reading.items)
    terms = "\n".join(term for section in sections for term in section).encode()
    pairs = "".join(reading.bigrams).encode("utf-16-le")
    places = _topic_places()
    parts = (
        _HEAD.pack(len(sections), len(terms), len(pairs), len(reading.topics)),
        np.array([len(section) for section in sections], dtype=_SIZE).tobytes(),
        bytes(count for section in sections for count in section.values()),
        terms,
        np.array([len(reading.bigrams)], dtype=_SIZE).tobytes(),
        bytes(reading.bigrams.values()),
        pairs,
        np.array([places[code] for code in reading.topics], dtype=_TOPIC).tobytes(),
        np.array(list(reading.topics.values()), dtype=_SHARE).tobytes(),
    )
    return b"".join(parts)


def unpack(packed: bytes, meaning: NDArray[np.float16] | None = None) -> Reading:
    """Return the reading that was packed, with its sentence vector. Errors: ValueError for other bytes."""
    one = _split(packed)
    terms, counts = _terms_of(one.terms), iter(one.counts)
    sections, begin = [], 0
    for size in one.sizes:
        sections.append(dict(zip(terms[begin : begin + size], counts, strict=False)))
        begin += size
    codes = [vocabulary.topics()[number].code for number in one.topics]
    return Reading(
        words=sections[0],
        bigrams=dict(zip(_pairs_of(one.pairs), one.pair_counts, strict=True)),
        topics=dict(zip(codes, one.shares.tolist(), strict=True)),
        items=tuple(sections[1:]),
        meaning=meaning,
    )


Value = TypeVar("Value", np.uint8, np.int16, np.float32)


@dataclass(frozen=True, slots=True)
class Rows(Generic[Value]):
    """Terms by their numbers in a vocabulary, row by row: row ``r`` lies from ``starts[r]`` to ``starts[r + 1]``.

    Shapes: ``numbers`` and ``values`` (entries,), ``starts`` (rows + 1,); no number comes twice in a row. Values are
    how often a term occurs, a share, or a weight.
    """

    starts: NDArray[np.int64]
    numbers: NDArray[np.int32]
    values: NDArray[Value]

    def taken(self, rows: NDArray[np.int64]) -> "Rows[Value]":
        """Return some of the rows, in the order asked for."""
        sizes = np.diff(self.starts)[rows]
        starts = started(sizes)
        entries = np.repeat(self.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
        return Rows(starts, self.numbers[entries], self.values[entries])


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Many readings side by side. ``items`` has a row for each item; those of record ``r`` begin at ``first[r]``."""

    words: Rows[np.uint8]
    bigrams: Rows[np.uint8]
    topics: Rows[np.float32]
    items: Rows[np.uint8]
    first: NDArray[np.int64]


def unpack_all(packed: Sequence[bytes], words: Vocabulary, bigrams: Vocabulary) -> Unpacked:
    """Lay out many packed readings; terms not met before get the next numbers of the two vocabularies.

    Topics keep the numbers of their places in ``vocabulary.topics``. Errors: ValueError for other bytes.
    """
    numbers, pair_numbers = array("i"), array("i")
    counts, pair_counts, shares, topics = bytearray(), bytearray(), bytearray(), bytearray()
    sizes: list[int] = []
    sections, pair_sizes, topic_sizes = [], [], []
    for packed_one in packed:
        one = _split(packed_one)
        numbers.extend(map(words.__getitem__, _terms_of(one.terms)))
        counts += one.counts
        sizes += one.sizes
        sections.append(len(one.sizes))
        pair_numbers.extend(map(bigrams.__getitem__, _pairs_of(one.pairs)))
        pair_counts += one.pair_counts
        pair_sizes.append(len(one.pair_counts))
        topics += one.topics.tobytes()
        shares += one.shares.tobytes()
        topic_sizes.append(len(one.topics))
    both = Rows(started(sizes), np.array(numbers, dtype=np.int32), np.frombuffer(counts, dtype=_COUNT))
    first = started(sections)
    is_prose = np.zeros(len(sizes), dtype=np.bool_)
    is_prose[first[:-1]] = True
    return Unpacked(
        words=both.taken(np.flatnonzero(is_prose)),
        bigrams=Rows(
            started(pair_sizes), np.array(pair_numbers, dtype=np.int32), np.frombuffer(pair_counts, dtype=_COUNT)
        ),
        topics=Rows(
            started(topic_sizes),
            np.frombuffer(topics, dtype=_TOPIC).astype(np.int32),
            np.frombuffer(shares, dtype=_SHARE),
        ),
        items=both.taken(np.flatnonzero(~is_prose)),
        first=first - np.arange(len(first)),
    )


def started(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where rows of these sizes begin when they lie one after the other, and where the last one ends.

    >>> started([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.asarray(sizes, dtype=np.int64))])


@dataclass(frozen=True, slots=True)
class _Split:
    sizes: list[int]
    counts: bytes
    terms: bytes
    pair_counts: bytes
    pairs: bytes
    topics: NDArray[np.uint16]
    shares: NDArray[np.float32]


def _split(packed: bytes) -> _Split:
    sections, terms, pairs, topics = _HEAD.unpack_from(packed)
    at = _HEAD.size
    sizes = list(struct.unpack_from(f"<{sections}I", packed, at))
    at += 4 * sections
    counts = packed[at : at + sum(sizes)]
    at += len(counts)
    written = packed[at : at + terms]
    at += terms
    (pair_number,) = struct.unpack_from("<I", packed, at)
    at += 4
    pair_counts = packed[at : at + pair_number]
    at += pair_number
    written_pairs = packed[at : at + pairs]
    at += pairs
    found = np.frombuffer(packed, dtype=_TOPIC, count=topics, offset=at)
    at += 2 * topics
    return _Split(sizes, counts, written, pair_counts, written_pairs, found, np.frombuffer(packed, _SHARE, topics, at))


def _terms_of(terms: bytes) -> list[str]:
    return terms.decode().split("\n") if terms else []


def _pairs_of(pairs: bytes) -> list[str]:
    letters = pairs.decode("utf-16-le")
    return list(map("".join, zip(letters[::2], letters[1::2], strict=True)))


def _topic_places() -> dict[str, int]:
    return vocabulary.in_use().topic_places
