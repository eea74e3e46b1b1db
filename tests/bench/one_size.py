"""One registry in a process of its own: cold start, peak memory, then every question side by side with the peers.

``python -m tests.bench.one_size ROWS STARTED SECONDS`` reads pickled rows, and prints one JSON object. ``STARTED`` is
the monotonic clock of the process that started this one, so that the interpreter and the imports count.
"""

import json
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

from matchmaker.matching import text
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.features import interest_prose, proposal_prose
from matchmaker.matching.weights import STANDARD, Criterion, Ruleset
from tests.bench import machine
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
FOUR = "words, bigrams, meaning, region alone"
DRAFT = "all criteria for a draft, read in the request"

POSTING_BYTES = 6
VECTOR_BYTES = 256
PLACE_BYTES = 4
SAMPLE = 2_000

Tell = Callable[[str], None]


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
    kept_start: float | None = None
    kept_memory: float | None = None
    all_pairs: float | None = None
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
        for name in ("put", "put_and_list"):
            values[name] = Timing(**values[name]) if values[name] else None
        return cls(**values)


def measure(registry: Registry, seconds: float, tell: Tell, rounds: int = ROUNDS) -> Findings:
    """Build the index and answer every question that fits into ``seconds``; what does not is named as left out."""
    begun = time.monotonic()
    findings = Findings(len(registry.interests), len(registry.proposals))
    tell("building the index")
    index = MatchIndex(registry.proposals, registry.interests, STANDARD, RandomEncoder())
    findings.built = time.monotonic() - begun
    index.rank_interests(registry.proposals[0].id, top=TOP, on=TODAY)
    findings.first_list = time.monotonic() - begun - findings.built
    findings.peak_memory = machine.peak_memory()

    tell("a start with kept readings")
    _measure_kept_start(index, registry, findings)
    tell("one record changed")
    _measure_changes(index, registry, findings, rounds)
    _measure_all_pairs(index, registry, findings, seconds - (time.monotonic() - begun), tell)

    contestants = _engine_contestants(index, registry)
    if 2 * findings.first_list * len(registry.proposals) < seconds - (time.monotonic() - begun):
        tell("the same pool under four parts")
        contestants[FOUR] = _lists(index.with_ruleset(FOUR_PARTS), registry)
    else:
        findings.left_out.append(f"{FOUR}: measuring the pool anew under other weights would take too long")
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


def _measure_all_pairs(index: MatchIndex, registry: Registry, findings: Findings, seconds: float, tell: Tell) -> None:
    """Rank for every proposal, unless the first list foretells more than a minute or half of what is left."""
    expected = len(registry.proposals) * findings.first_list
    if expected > min(60.0, seconds / 2):
        findings.left_out.append(f"all lists of {TOP}: about {expected:.0f} s expected")
        return
    tell("all pairs")
    begin = time.monotonic()
    for proposal in registry.proposals:
        index.rank_interests(proposal.id, top=TOP, on=TODAY)
    findings.all_pairs = time.monotonic() - begin


def _measure_kept_start(index: MatchIndex, registry: Registry, findings: Findings) -> None:
    """Start a process that finds all readings kept, and let it answer once."""
    with tempfile.NamedTemporaryFile(suffix=".rows") as rows, tempfile.NamedTemporaryFile(suffix=".kept") as kept:
        pickle.dump(registry, rows)
        pickle.dump([(one.texts, one.vector) for _facts, one in index.readings.pool()], kept)
        rows.flush()
        kept.flush()
        command = [sys.executable, "-m", "tests.bench.kept_start", rows.name, kept.name, str(time.monotonic())]
        found = subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(found.stdout)
    findings.kept_start, findings.kept_memory = said["seconds"], said["memory"]


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
    path, started, seconds = arguments
    imported = time.monotonic() - float(started)
    with Path(path).open("rb") as file:
        registry: Registry = pickle.load(file)
    loaded = time.monotonic() - float(started) - imported
    findings = measure(registry, float(seconds), lambda step: print(f"    {step}", file=sys.stderr, flush=True))
    findings.imported, findings.loaded = imported, loaded
    print(findings.to_json())


if __name__ == "__main__":
    main(sys.argv[1:])
