"""One registry in a process of its own: cold start, peak memory, then every question side by side with the peers.

``python -m tests.bench.one_size ROWS STARTED`` reads pickled rows, and prints one JSON object. ``STARTED`` is
the monotonic clock of the process that started this one, so that the interpreter and the imports count.
"""

import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from matchmaker.matching import array_file, kept_index, text
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.features import interest_prose, proposal_prose
from matchmaker.matching.weights import STANDARD, Criterion, Ruleset
from tests.bench import kept_start, machine
from tests.bench.peers import PEERS, TOP, PeerMissing, Texts
from tests.bench.registry import TODAY, RandomEncoder, Registry
from tests.bench.rounds import Contestant, Timing, interleaved

QUERIES = 5
ROUNDS = 5
CHANGES = 10
CHECKED_LINES = 5_000

FOUR_PARTS = Ruleset("four-parts", words=500, bigrams=125, meaning=140, region=235, needs=0, theme=0, business=0)
"""Words, bigrams, meaning and region alone, in about the proportion of the standard ruleset."""

EVERYTHING = "all criteria, top 20 explained"
EVERYTHING_UNEXPLAINED = "all criteria"
FOUR = "words, bigrams, meaning, region alone"
DRAFT = "all criteria for a draft, read in the request"

POSTING_BYTES = 6
VECTOR_BYTES = 256
PLACE_BYTES = 4
SAMPLE = 2_000

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AllPairs:
    """All lists at once: seconds, and those that the processors worked."""

    seconds: float
    worked: float


@dataclass
class Findings:
    """What one size gave. Times in milliseconds for one call, durations in seconds, memory in megabytes."""

    interests: int
    proposals: int
    imported: float = 0.0
    loaded: float = 0.0
    built: float = 0.0
    first_list: float = 0.0
    peak_memory: float = 0.0
    least_bytes: int = 0
    queries: dict[str, Timing] = field(default_factory=dict)
    written: float = 0.0
    file_size: float = 0.0
    kept_start: float | None = None
    kept_memory: float = 0.0
    kept_own: float = 0.0
    all_pairs: dict[str, AllPairs] = field(default_factory=dict)
    put: Timing | None = None
    put_and_list: Timing | None = None
    lists_are_equal: bool | None = None
    left_out: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> "Findings":
        values = json.loads(line)
        values["queries"] = {name: Timing(**one) for name, one in values["queries"].items()}
        values["all_pairs"] = {name: AllPairs(**one) for name, one in values["all_pairs"].items()}
        for name in ("put", "put_and_list"):
            values[name] = Timing(**values[name]) if values[name] else None
        return cls(**values)


def measure(registry: Registry, tell: Tell, rounds: int = ROUNDS) -> Findings:
    """Build the index and answer every question; a baseline that cannot run here is named as left out."""
    begun = time.monotonic()
    findings = Findings(len(registry.interests), len(registry.proposals))
    tell("building the index")
    index = MatchIndex(registry.proposals, registry.interests, STANDARD, RandomEncoder())
    findings.built = time.monotonic() - begun
    index.rank_interests(registry.proposals[0].id, top=TOP, on=TODAY)
    findings.first_list = time.monotonic() - begun - findings.built
    findings.peak_memory = machine.peak_memory()

    tell("a start with the kept index")
    _measure_kept_start(index, registry, findings)
    tell("one record changed")
    _measure_changes(index, registry, findings, rounds)
    tell("the same pool under four parts")
    four = index.with_ruleset(FOUR_PARTS)
    for name, one in ((FOUR, four), (EVERYTHING_UNEXPLAINED, index)):
        tell(f"all pairs: {name}")
        findings.all_pairs[name] = _all_pairs(one, registry)

    contestants = {FOUR: _lists(four, registry), **_engine_contestants(index, registry)}
    contestants |= _peer_contestants(registry, findings, tell)
    tell("all of them in turn")
    findings.queries = interleaved(contestants, min(QUERIES, len(registry.proposals)), rounds)
    findings.least_bytes = least_bytes(registry)
    return findings


def least_bytes(registry: Registry) -> int:
    """Return what one list over four parts must read at the least, held as tightly as in docs/bench.md.

    That is six bytes for each occurrence of a word or character pair of the query, 256 bytes for a sentence vector
    and four for the place; the occurrences are estimated from a sample.
    """
    sample = [interest_prose(one) for one in registry.interests[:SAMPLE]]
    occurrences = 0.0
    for terms in (text.content_terms, text.bigrams):
        documents = Counter(term for prose in sample for term in set(terms(prose)))
        asked = [set(terms(proposal_prose(one))) for one in registry.proposals[:QUERIES]]
        occurrences += statistics.mean(sum(documents[term] for term in query) for query in asked)
    number = len(registry.interests)
    return round(occurrences * number / len(sample) * POSTING_BYTES) + number * (VECTOR_BYTES + PLACE_BYTES)


def _lists(index: MatchIndex, registry: Registry) -> Contestant:
    return lambda query: index.rank_interests(registry.proposals[query].id, top=TOP, on=TODAY)


def _engine_contestants(index: MatchIndex, registry: Registry) -> dict[str, Contestant]:
    def explained(query: int) -> object:
        proposal = registry.proposals[query].id
        lines = index.rank_interests(proposal, top=TOP, on=TODAY)
        return [index.explain(proposal, line.id, on=TODAY) for line in lines]

    def draft(query: int) -> object:
        return index.rank_interests(replace(registry.proposals[query], id="draft"), top=TOP, on=TODAY)

    return {EVERYTHING: explained, DRAFT: draft}


def _peer_contestants(registry: Registry, findings: Findings, tell: Tell) -> dict[str, Contestant]:
    texts = Texts(
        [interest_prose(one) for one in registry.interests],
        [proposal_prose(one) for one in registry.proposals[:QUERIES]],
    )
    contestants: dict[str, Contestant] = {}
    for peer in PEERS:
        tell(f"preparing {peer.__name__}")
        try:
            name, search = peer(texts)
        except PeerMissing as reason:
            findings.left_out.append(str(reason))
        else:
            contestants[name] = search
    return contestants


def _all_pairs(index: MatchIndex, registry: Registry) -> AllPairs:
    """Find the best of every proposal, with a thread for each processor."""
    ids = [proposal.id for proposal in registry.proposals]
    begin, worked = time.monotonic(), time.process_time()
    index.best_interests(ids, TOP, TODAY, threads=os.cpu_count() or 1)
    return AllPairs(time.monotonic() - begin, time.process_time() - worked)


def _measure_kept_start(index: MatchIndex, registry: Registry, findings: Findings) -> None:
    """Keep the index in a file, and start a process that answers once from it."""
    proposal = registry.proposals[0].id
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        begin = time.monotonic()
        array_file.write(path, kept_start.KEY, kept_index.arrays_of(index))
        findings.written, findings.file_size = time.monotonic() - begin, path.stat().st_size / machine.MEGABYTE
        command = [sys.executable, "-m", "tests.bench.kept_start", str(path), proposal, str(time.monotonic())]
        found = subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(found.stdout)
    if said["points"] != [line.points for line in index.rank_interests(proposal, top=TOP, on=TODAY)]:
        raise RuntimeError("the kept index gave another list")
    findings.kept_start, findings.kept_memory, findings.kept_own = said["seconds"], said["memory"], said["own"]


def _measure_changes(index: MatchIndex, registry: Registry, findings: Findings, rounds: int) -> None:
    proposal = registry.proposals[0].id
    before = index.rank_interests(proposal, on=TODAY)
    step = max(1, len(registry.interests) // CHANGES)
    changed = registry.interests[::step][:CHANGES]
    others = [*changed[1:], changed[0]]
    texts = [
        replace(one, profile=other.profile, offers=other.offers) for one, other in zip(changed, others, strict=True)
    ]

    def put(query: int) -> None:
        index.put_interest(texts[query])

    def put_and_list(query: int) -> None:
        index.put_interest(texts[query])
        index.rank_interests(proposal, top=TOP, on=TODAY)

    times = interleaved({"put": put, "list": put_and_list}, len(changed), rounds=min(rounds, 3))
    findings.put, findings.put_and_list = times["put"], times["list"]
    is_equal = _equals_reference(index, proposal, {one.id for one in changed})
    for one in changed:
        index.put_interest(one)
    findings.lists_are_equal = is_equal and index.rank_interests(proposal, on=TODAY) == before


def _equals_reference(index: MatchIndex, proposal: str, changed: set[str]) -> bool:
    """Say whether the list has the points and parts that the scalar scorer gives each pair from both records."""
    lines = index.rank_interests(proposal, on=TODAY)
    eligible = [line for line in lines if not line.refusals]
    in_order = sorted(eligible, key=lambda line: (-line.points, line.id)) == eligible
    checked = [*lines[:CHECKED_LINES], *(line for line in lines[CHECKED_LINES:] if line.id in changed)]
    return in_order and all(_agrees(index, proposal, line.id, line.points, line.parts) for line in checked)


def _agrees(index: MatchIndex, proposal: str, interest: str, points: int, parts: dict[Criterion, int]) -> bool:
    score = index.explain(proposal, interest, on=TODAY).score
    return score.points == points and {part.criterion: part.points for part in score.parts} == parts


def main(arguments: Sequence[str]) -> None:
    path, started = arguments
    imported = time.monotonic() - float(started)
    with Path(path).open("rb") as file:
        registry: Registry = pickle.load(file)
    loaded = time.monotonic() - float(started) - imported
    findings = measure(registry, lambda step: print(f"    {step}", file=sys.stderr, flush=True))
    findings.imported, findings.loaded = imported, loaded
    print(findings.to_json())


if __name__ == "__main__":
    main(sys.argv[1:])
