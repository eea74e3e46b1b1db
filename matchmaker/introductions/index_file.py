"""The index of a large registry in a file: a worker that starts maps it, one that renews it leaves it to the others.

The folder stands in ``MATCH_INDEX_FOLDER``; it may be deleted at any time. A file names what it was made from: readers
and encoder, ruleset, database. Which records changed since is told by their stamps, so that it is good for long.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import current_app

from matchmaker.foundation.database import db
from matchmaker.introductions.listed import Stamps
from matchmaker.matching import array_file
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.kept_index import LAYOUT, arrays_of, index_of
from matchmaker.matching.meaning import Encoder
from matchmaker.matching.packing import reader_version
from matchmaker.matching.vocabulary import Knowledge, using
from matchmaker.matching.weights import Ruleset

_SIDES = ("proposals", "interests")

log = logging.getLogger(__name__)

State = tuple[Stamps, list[str]]


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index from a file, and the state of both sides when it was made: proposals before interests."""

    index: MatchIndex
    states: tuple[State, State]


@dataclass(frozen=True, slots=True)
class IndexFile:
    """Where the index of one database is kept."""

    path: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process makes this file, and keep others waiting meanwhile.

        Where nothing can be written, nobody waits: each process has an index of its own.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_suffix(".lock").open("w")
        except OSError as fault:
            log.warning("match index not kept: %s", fault)
            yield
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def written_at(self) -> int:
        """Return when the file was written, in nanoseconds; 0 where there is none."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0

    def load(self, ruleset: Ruleset, knowledge: Knowledge, encoder: Encoder | None) -> KeptIndex | None:
        """Return the index that was kept under the same rules and knowledge; None where there is none to use."""
        wanted = _key(ruleset, knowledge, encoder.version if encoder else "")
        try:
            kept = array_file.mapped(self.path, wanted.__eq__)
        except array_file.Unusable as reason:
            log.info("kept match index not used: %s", reason)
            return None
        states = [(kept[f"stamps.{side}"], json.loads(kept[f"numbers.{side}"].tobytes())) for side in _SIDES]
        with using(knowledge):
            return KeptIndex(index_of(kept, ruleset, encoder), (states[0], states[1]))

    def kept(self, index: MatchIndex, states: tuple[State, State], knowledge: Knowledge) -> MatchIndex:
        """Write an index and return it as it is read from the file; the index itself where that cannot be done."""
        readings = index.readings
        try:
            with using(knowledge):
                arrays = arrays_of(index)
            for side, (stamps, ids) in zip(_SIDES, states, strict=True):
                arrays[f"stamps.{side}"] = stamps
                arrays[f"numbers.{side}"] = np.frombuffer(json.dumps(ids).encode(), dtype=np.uint8)
            array_file.write(self.path, _key(index.ruleset, knowledge, readings.encoder_version), arrays)
        except OSError as fault:
            log.warning("match index not kept: %s", fault)
            return index
        found = self.load(index.ruleset, knowledge, readings.encoder)
        return found.index if found else index


def index_file() -> IndexFile | None:
    """Return where the running application keeps its index; None where it keeps none."""
    folder = current_app.config.get("MATCH_INDEX_FOLDER")
    if not folder:
        return None
    address = db.engine.url.render_as_string(hide_password=True)
    return IndexFile(Path(folder) / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.index")


def _key(ruleset: Ruleset, knowledge: Knowledge, encoder_version: str) -> Mapping[str, str]:
    with using(knowledge):
        reader = reader_version()
    return {"layout": LAYOUT, "reader": reader, "encoder": encoder_version, "ruleset": ruleset.digest}
