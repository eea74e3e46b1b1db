"""Readings of facts, kept while the same facts stay in the pool: an unchanged text is never read twice."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import Reading, interest_prose, proposal_prose, read_interest, read_proposal
from matchmaker.matching.meaning import Encoder

PASSING = 500
"""Readings kept beside those of the pool: drafts, and changes that were only tried."""

Facts = TypeVar("Facts", ProposalFacts, InterestFacts)


class Readings:
    """Reads facts with one encoder and remembers them. Hand it from one index to the next.

    >>> readings = Readings()
    >>> [reading.words for reading in readings.of_proposals([ProposalFacts("P1", title="森の木")])]
    [{'森': 1, '木': 1}]
    """

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._known: dict[ProposalFacts | InterestFacts, Reading] = {}
        self._pool: frozenset[ProposalFacts | InterestFacts] = frozenset()

    def branch(self) -> "Readings":
        """Return readings that know the same and change on their own: for an index beside the one in use."""
        other = Readings(self._encoder)
        other._known, other._pool = dict(self._known), self._pool
        return other

    @property
    def encoder_version(self) -> str:
        """The version of the encoder; "" without one."""
        return self._encoder.version if self._encoder else ""

    def of_proposals(self, facts: Sequence[ProposalFacts]) -> list[Reading]:
        """Return one reading for each proposal."""
        return self._of(facts, proposal_prose, read_proposal)

    def of_interests(self, facts: Sequence[InterestFacts]) -> list[Reading]:
        """Return one reading for each interest."""
        return self._of(facts, interest_prose, read_interest)

    def keep(self, pool: Iterable[ProposalFacts | InterestFacts]) -> None:
        """Forget all readings but those of the pool."""
        self._pool = frozenset(pool)
        self._known = {facts: reading for facts, reading in self._known.items() if facts in self._pool}

    def _of(
        self,
        facts: Sequence[Facts],
        prose_of: Callable[[Facts], str],
        read: Callable[[Facts, NDArray[np.float32] | None], Reading],
    ) -> list[Reading]:
        found = {one: self._known.get(one) for one in facts}
        new = [one for one, reading in found.items() if reading is None]
        vectors = self._encoder.encode([prose_of(one) for one in new]) if self._encoder and new else None
        for number, one in enumerate(new):
            found[one] = self._known[one] = read(one, None if vectors is None else vectors[number])
        if len(self._known) > len(self._pool) + PASSING + len(facts):
            self.keep(self._pool)
        return [reading for one in facts if (reading := found[one]) is not None]
