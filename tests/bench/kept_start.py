"""A worker's start with readings that were kept: ``python -m tests.bench.kept_start ROWS KEPT STARTED``.

Prints a JSON object: seconds from the start of the interpreter to the first list, and peak memory in megabytes.
"""

import json
import pickle
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.readings import Kept, Readings
from matchmaker.matching.weights import STANDARD
from tests.bench import machine
from tests.bench.peers import TOP
from tests.bench.registry import TODAY, RandomEncoder, Registry


def main(arguments: Sequence[str]) -> None:
    rows, kept, started = arguments
    with Path(rows).open("rb") as file:
        registry: Registry = pickle.load(file)
    readings = Readings(RandomEncoder())
    with Path(kept).open("rb") as file:
        pairs = pickle.load(file)
    records = [*registry.proposals, *registry.interests]
    readings.recall((one, Kept(*pair)) for one, pair in zip(records, pairs, strict=True))
    del pairs
    index = MatchIndex(registry.proposals, registry.interests, STANDARD, readings=readings)
    index.rank_interests(registry.proposals[0].id, top=TOP, on=TODAY)
    print(json.dumps({"seconds": time.monotonic() - float(started), "memory": machine.peak_memory()}))


if __name__ == "__main__":
    main(sys.argv[1:])
