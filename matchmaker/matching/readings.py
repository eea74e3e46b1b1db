"""Readings of facts, kept packed while the same facts stay in the pool: an unchanged text is never read twice."""

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import Reading, interest_prose, proposal_prose, read_interest, read_proposal
from matchmaker.matching.meaning import Encoder
from matchmaker.matching.packing import pack, unpack

PASSING = 500
"""Readings kept beside those of the pool: drafts, and changes that were only tried."""

Facts = ProposalFacts | InterestFacts
Vector = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Kept:
    """One reading as it is kept: ``texts`` is packed (see ``packing``), ``vector`` (DIMENSIONS,) or None."""

    texts: bytes
    vector: Vector | None

    def reading(self) -> Reading:
        """Unpack it."""
        return unpack(self.texts, self.vector)


@dataclass(slots=True)
class Readings:
    """Reads facts with one encoder and remembers them, beside those kept elsewhere. Hand it from one index to the next.

    >>> readings = Readings()
    >>> [kept.reading().words for kept in readings.of([ProposalFacts("P1", title="森の木")])]
    [{'森': 1, '木': 1}]
    """

    encoder: Encoder | None = None
    _kept: Mapping[tuple[type[Facts], str], tuple[Facts, Kept]] = field(default_factory=dict)
    _pool: dict[tuple[type[Facts], str], tuple[Facts, Kept]] = field(default_factory=dict)
    _passing: dict[Facts, Kept] = field(default_factory=dict)

    def branch(self) -> "Readings":
        """Return readings that know the same and change on their own: for an index beside the one in use."""
        return Readings(self.encoder, self._kept, dict(self._pool), dict(self._passing))

    @property
    def encoder_version(self) -> str:
        """The version of the encoder; "" without one."""
        return self.encoder.version if self.encoder else ""

    def of(self, facts: Sequence[Facts], *, encodes: bool = True) -> list[Kept]:
        """Return one reading for each record; those not of the pool are remembered for a while.

        Unless it ``encodes``, a text not seen before gets no sentence vector, and its reading is not remembered.
        """
        found = [self._known(one) for one in facts]
        if not encodes and self.encoder:
            return [kept or Kept(pack(_reading_of(one)), None) for one, kept in zip(facts, found, strict=True)]
        new = [one for one, kept in zip(facts, found, strict=True) if kept is None]
        read = self._read(new)
        self._passing.update(zip(new, read, strict=True))
        for old in list(self._passing)[: max(0, len(self._passing) - PASSING)]:
            self._passing.pop(old, None)
        remaining = iter(read)
        return [kept or next(remaining) for kept in found]

    def of_pool(self, facts: Sequence[Facts]) -> list[Kept]:
        """Return one reading for each record of a pool, and forget all others."""
        found = [self._known(one) for one in facts]
        read = iter(self._read([one for one, kept in zip(facts, found, strict=True) if kept is None]))
        all_read = [kept or next(read) for kept in found]
        self._pool = {(type(one), one.id): (one, kept) for one, kept in zip(facts, all_read, strict=True)}
        self._kept, self._passing = {}, {}
        return all_read

    def recall(self, kept: Iterable[tuple[Facts, Kept]]) -> None:
        """Take over readings that were kept elsewhere by the same reader and encoder."""
        for facts, reading in kept:
            self._pool[type(facts), facts.id] = (facts, reading)

    def pool(self) -> list[tuple[Facts, Kept]]:
        """Return the records of the pool with their readings."""
        return list(ChainMap(self._pool, dict(self._kept)).values())

    def _known(self, facts: Facts) -> Kept | None:
        # By id first: the hash of facts goes over every text.
        key = type(facts), facts.id
        pooled = self._pool.get(key) or self._kept.get(key)
        if pooled and (pooled[0] is facts or pooled[0] == facts):
            return pooled[1]
        return self._passing.get(facts) if self._passing else None

    def _read(self, facts: Sequence[Facts]) -> list[Kept]:
        texts = [pack(_reading_of(one)) for one in facts]
        if not self.encoder or not facts:
            return [Kept(one, None) for one in texts]
        vectors = self.encoder.encode([prose_of(one) for one in facts]).astype(np.float16)
        return [Kept(one, vector.copy()) for one, vector in zip(texts, vectors, strict=True)]


def prose_of(facts: Facts) -> str:
    """Return everything that a record says in words: what its sentence vector is made from."""
    return interest_prose(facts) if isinstance(facts, InterestFacts) else proposal_prose(facts)


def _reading_of(facts: Facts) -> Reading:
    return read_interest(facts) if isinstance(facts, InterestFacts) else read_proposal(facts)
