"""``python -m tests.bench``: speed and memory on synthetic registries beside named baselines (docs/bench.md)."""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from matchmaker.matching import kernels
from tests.bench import machine
from tests.bench.one_size import EVERYTHING, Findings
from tests.bench.registry import synthetic_registry
from tests.bench.report import size_report

ROOT = Path(__file__).parents[2]
SIZES = (1_000, 10_000, 50_000)
LARGEST = 100_000
SECONDS = 360.0
PAGES_AFTER = 10_000
PAGES_FOR = (10_000, 300)
PAGES_SECONDS = 60.0
FEWER_PROPOSALS = (10_000, 5_000, 2_000, 1_000, 500, 200, 100)
FEWEST_PROPOSALS = 50
PAIRS_SECONDS = 60.0
"""Pairs are scored some four times: to measure the pool, to measure it under other weights, and twice for all lists."""


class Run:
    """One run with its time limit; each size foretells the cost of the next."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._begun = time.monotonic()
        self._bandwidth = machine.read_bandwidth()
        self._last: Findings | None = None
        self.is_right = True

    def all(self) -> None:
        """Print everything that fits into the time."""
        options = self._options
        print(f"{machine.processor()}, {os.cpu_count()} of them, {self._load()}; one thread; seed {options.seed}")
        print("compiled kernels" if kernels.loaded() else "no compiled kernels (python -m matchmaker.matching.kernels)")
        print(f"memory is read at {self._bandwidth / 1e9:.1f} GB/s", flush=True)
        _encoder()
        sizes = sorted({*options.sizes, *([LARGEST] if options.largest else [])})
        for size in (one for one in sizes if one <= PAGES_AFTER):
            self._size(size)
        if options.pages:
            self._pages()
        for size in (one for one in sizes if one > PAGES_AFTER):
            self._size(size)
        print(f"{time.monotonic() - self._begun:.0f} s in all; {self._load()}")

    def _load(self) -> str:
        """Say how busy the machine is: above one task a processor, times are upper bounds."""
        return f"load {os.getloadavg()[0]:.1f}"

    def _left(self) -> float:
        seconds: float = self._options.seconds
        return max(0.0, seconds - (time.monotonic() - self._begun))

    def _size(self, size: int) -> None:
        proposals = min(size, self._options.proposals or self._affordable_proposals(size))
        expected = self._expected_build(size, proposals)
        if expected > self._left():
            print(
                f"{size:,} interests left out: {expected:.0f} s for the index, {self._left():.0f} s left (--seconds)\n"
            )
            return
        _progress(f"{size:,} interests, {proposals:,} proposals")
        with tempfile.NamedTemporaryFile(suffix=".rows") as file:
            pickle.dump(synthetic_registry(proposals, size, self._options.seed), file)
            file.flush()
            line = _last_line_of("tests.bench.one_size", file.name, str(time.monotonic()))
        self._last = Findings.from_json(line)
        self.is_right = self.is_right and self._last.lists_are_equal is not False
        print("\n" + size_report(self._last, self._bandwidth) + "\n", flush=True)

    def _pages(self) -> None:
        if self._left() < PAGES_SECONDS:
            print("match pages left out: too little time is left (--seconds)\n")
            return
        interests, proposals = PAGES_FOR
        _progress(f"match pages over {interests:,} interests")
        subprocess.run([*_module("tests.bench.pages"), str(interests), str(proposals)], cwd=ROOT, check=True)
        print(flush=True)

    def _affordable_proposals(self, size: int) -> int:
        """As many proposals as interests, or fewer where scoring all pairs would take too long by the last size."""
        counts = (size, *(count for count in FEWER_PROPOSALS if count < size))
        return next((count for count in counts if self._pair() * size * count < PAIRS_SECONDS), FEWEST_PROPOSALS)

    def _expected_build(self, size: int, proposals: int) -> float:
        """Foretell the index from the last size: every record is read once, and every pair is scored once."""
        last = self._last
        if last is None:
            return 0.0
        scoring = self._pair() * last.interests * last.proposals
        reading = max(0.0, last.built - scoring) / (last.interests + last.proposals)
        return reading * (size + proposals) + self._pair() * size * proposals

    def _pair(self) -> float:
        last = self._last
        return last.queries[EVERYTHING].median / 1000 / last.interests if last else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; the status is 1 when a list after a change is not what the scalar scorer gives."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Times are printed, never judged.")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="interests, as in 1000,10000")
    parser.add_argument("--largest", action="store_true", help=f"add {LARGEST:,}")
    parser.add_argument("--proposals", type=int, help="proposals of each size; as many as time allows without it")
    parser.add_argument("--pages", action=argparse.BooleanOptionalAction, default=True, help="measure match pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="leave out what would take longer in all")
    run = Run(parser.parse_args(arguments))
    run.all()
    return 0 if run.is_right else 1


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


def _encoder() -> None:
    found = json.loads(_last_line_of("tests.bench.encoder"))
    if found is None:
        print("left out: the sentence encoder is not installed\n", flush=True)
        return
    took = f"{found['median']:.1f} ms, best {found['best']:.1f} ms; loaded in {found['loaded']:.1f} s"
    print(f"sentence encoder, one text: {took} (below, vectors are random)\n", flush=True)


def _progress(step: str) -> None:
    print(f"  {step}", file=sys.stderr, flush=True)


def _last_line_of(module: str, *arguments: str) -> str:
    finished = subprocess.run([*_module(module), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return finished.stdout.splitlines()[-1]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
