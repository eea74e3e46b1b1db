"""A worker's start with an index that another one kept: ``python -m tests.bench.kept_start FILE PROPOSAL STARTED``.

Prints a JSON object: seconds from the start of the interpreter to the first explained list; peak memory in megabytes,
and how much of it is the process's own rather than pages of the file that all workers share.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from matchmaker.matching import array_file, kept_index
from matchmaker.matching.weights import STANDARD
from tests.bench import machine
from tests.bench.peers import TOP
from tests.bench.registry import TODAY, RandomEncoder

KEY = {"ruleset": STANDARD.digest}


def main(arguments: Sequence[str]) -> None:
    path, proposal, started = arguments
    kept = array_file.mapped(Path(path), KEY.__eq__)
    index = kept_index.index_of(kept, STANDARD, RandomEncoder())
    lines = index.rank_interests(proposal, top=TOP, on=TODAY)
    explained = [index.explain(proposal, line.id, TODAY) for line in lines]
    seconds = time.monotonic() - float(started)
    found = {"seconds": seconds, "memory": machine.peak_memory(), "own": machine.own_memory()}
    print(json.dumps({**found, "points": [one.score.points for one in explained]}))


if __name__ == "__main__":
    main(sys.argv[1:])
