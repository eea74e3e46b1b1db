"""What each part of the formula is worth: every variant on labelled cases, side by side.

``python -m matchmaker.matching.variants [FOLDER]`` prints a table: mean reciprocal rank with its 95 % interval and
recall at 10, for both directions, on full and on strict interests. The last rows choose the weights inside a
cross-validation by organisation, so that no query is measured with weights that were chosen by looking at it.
"""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import baselines, evaluation
from matchmaker.matching.cases import LabelledCases, read_cases
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.evaluation import Measure, Order, Ranks
from matchmaker.matching.meaning import Encoder, packaged_encoder
from matchmaker.matching.pool import settle
from matchmaker.matching.weights import CONTENT_CRITERIA, STANDARD, TOTAL_POINTS, Criterion, Ruleset

SystemRanks = Mapping[str, Ranks]
"""The ranks of one system in each direction: ``proposals`` and ``interests``."""

Scores = NDArray[np.float64]
Weights = Mapping[Criterion, float]
Correction = Callable[[Scores], Scores]

FOLDS = 10
CANDIDATES = 300
"""Weight vectors that the cross-validation chooses from, drawn at random round equal weights."""
AVERAGED = 30
"""The best candidates are averaged: the single best of many on few queries is mostly lucky."""

EARLIER_FORMULA: Weights = {
    Criterion.WORDS: 300.0,
    Criterion.BIGRAMS: 75.0,
    Criterion.MEANING: 75.0,
    Criterion.REGION: 150.0,
    Criterion.NEEDS: 50.0,
    Criterion.THEME: 40.0,
}
"""The hand-made formula that this one grew from: 1.0 words, 0.25 bigrams, 0.15 meaning, 0.15 region, 0.05, 0.04."""


def index_ranks(index: MatchIndex, cases: LabelledCases) -> SystemRanks:
    """Rank the cases' pool both ways with an index built over it."""
    mine = {one.id: [line.id for line in index.rank_interests(one.id)] for one in cases.proposals}
    theirs = {one.id: [line.id for line in index.rank_proposals(one.id)] for one in cases.interests}
    return _ranks(mine, theirs, cases)


def baseline_ranks(cases: LabelledCases) -> dict[str, SystemRanks]:
    """Rank the cases' pool with character TF-IDF, alone and with the region bonus."""
    grams = baselines.gram_scores(cases.written_proposals, cases.written_interests)
    bonuses = baselines.region_bonuses(cases.written_proposals, cases.written_interests)
    return {"character-tfidf": score_ranks(grams, cases), "character-tfidf+region": score_ranks(grams + bonuses, cases)}


def score_ranks(scores: Scores, cases: LabelledCases) -> SystemRanks:
    """Turn a score of every pair, shape (proposals, interests), into ranks; equal scores keep file order."""
    proposals = [one.id for one in cases.proposals]
    interests = [one.id for one in cases.interests]
    mine = {one: _sorted(interests, scores[row]) for row, one in enumerate(proposals)}
    theirs = {one: _sorted(proposals, scores[:, column]) for column, one in enumerate(interests)}
    return _ranks(mine, theirs, cases)


def _ranks(mine: Order, theirs: Order, cases: LabelledCases) -> SystemRanks:
    return {
        "proposals": evaluation.proposal_ranks(mine, cases.links),
        "interests": evaluation.interest_ranks(theirs, cases.links),
    }


def _sorted(ids: Sequence[str], scores: Scores) -> list[str]:
    return [ids[at] for at in np.argsort(-scores, kind="stable")]


def shares_of(cases: LabelledCases, encoder: Encoder | None) -> dict[Criterion, Scores]:
    """Return the share 0.0-1.0 of every criterion for every pair, shape (proposals, interests), to a thousandth."""
    index = MatchIndex(cases.proposals, cases.interests, STANDARD, encoder)
    found = {}
    for criterion in CONTENT_CRITERIA:
        only: dict[str, Any] = {one.value: TOTAL_POINTS if one is criterion else 0 for one in CONTENT_CRITERIA}
        alone = index.with_ruleset(Ruleset(f"{criterion.value} alone", **only))
        rows = []
        for proposal in cases.proposals:
            points = {line.id: line.parts[criterion] for line in alone.rank_interests(proposal.id)}
            rows.append([points[interest.id] for interest in cases.interests])
        found[criterion] = np.array(rows, dtype=np.float64) / TOTAL_POINTS
    return found


def weighed(shares: Mapping[Criterion, Scores], weights: Weights) -> Scores:
    """Return the content points of every pair under weights that are brought to add up to the total."""
    factor = TOTAL_POINTS / sum(weights.values())
    points: Scores = np.sum([shares[criterion] * weight * factor for criterion, weight in weights.items()], axis=0)
    return points


def uncorrected(scores: Scores) -> Scores:
    """Leave the scores as they are."""
    return scores


def ten_best(scores: Scores) -> Scores:
    """Take back half of each record's mean of its ten best scores (CSLS, Conneau et al. 2018)."""
    rows, columns = np.sort(scores, axis=1)[:, -10:], np.sort(scores, axis=0)[-10:]
    corrected: Scores = scores - 0.5 * rows.mean(axis=1)[:, np.newaxis] - 0.5 * columns.mean(axis=0)
    return corrected


def demands(scores: Scores) -> Scores:
    """Take back the demand of both sides, as the engine does (see ``pool``)."""
    rows, columns = settle(np.rint(scores).astype(np.int64))
    corrected: Scores = scores - STANDARD.pool_percent / 100 * (rows[:, np.newaxis] + columns)
    return corrected


def ruleset_weights(ruleset: Ruleset) -> dict[Criterion, float]:
    """Return the content weights of a ruleset."""
    return {criterion: float(ruleset.weight(criterion)) for criterion in CONTENT_CRITERIA}


def variants(shares: Mapping[Criterion, Scores], cases: LabelledCases) -> dict[str, SystemRanks]:
    """Return the ranks of every variant by its name."""
    standard = ruleset_weights(STANDARD)
    found = baseline_ranks(cases)
    for criterion in CONTENT_CRITERIA:
        found[f"{criterion.value} alone"] = score_ranks(shares[criterion], cases)
    found["earlier formula + ten best"] = score_ranks(ten_best(weighed(shares, EARLIER_FORMULA)), cases)
    found["earlier formula + demands"] = score_ranks(demands(weighed(shares, EARLIER_FORMULA)), cases)
    for criterion in CONTENT_CRITERIA:
        rest = {one: weight for one, weight in standard.items() if one is not criterion}
        found[f"standard without {criterion.value}"] = score_ranks(demands(weighed(shares, rest)), cases)
    for name, correction in (("no correction", uncorrected), ("ten best", ten_best), ("demands", demands)):
        found[f"standard, {name}"] = score_ranks(correction(weighed(shares, standard)), cases)
        equal = dict.fromkeys(CONTENT_CRITERIA, 1.0)
        found[f"equal weights, {name}"] = score_ranks(correction(weighed(shares, equal)), cases)
        found[f"cross-validated weights, {name}"] = cross_validated(shares, cases, correction)
    return found


def cross_validated(shares: Mapping[Criterion, Scores], cases: LabelledCases, correction: Correction) -> SystemRanks:
    """Rank each query with weights chosen on the queries of other organisations: the mean of the best candidates."""
    generator = random.Random(evaluation.SEED)  # noqa: S311 - statistics, not secrets
    candidates = np.array(
        [[generator.gammavariate(2.0, 1.0) for _ in CONTENT_CRITERIA] for _ in range(CANDIDATES)], dtype=np.float64
    )
    candidates /= candidates.sum(axis=1, keepdims=True)

    def ranked(weights: NDArray[np.float64]) -> SystemRanks:
        named = dict(zip(CONTENT_CRITERIA, weights.tolist(), strict=True))
        return score_ranks(correction(weighed(shares, named)), cases)

    tried = [ranked(weights) for weights in candidates]
    folds = _folds(cases, generator)
    gains = {side: np.array([[1 / rank for rank in one[side]] for one in tried]) for side in folds}
    chosen: dict[str, Ranks] = {side: [0] * len(numbers) for side, numbers in folds.items()}
    for fold in range(FOLDS):
        inside = {side: numbers != fold for side, numbers in folds.items()}
        value = np.sum([gains[side][:, inside[side]].mean(axis=1) for side in folds], axis=0)
        found = ranked(candidates[np.argsort(-value)[:AVERAGED]].mean(axis=0))
        for side in folds:
            for at in np.flatnonzero(~inside[side]):
                chosen[side][at] = found[side][at]
    return chosen


def _folds(cases: LabelledCases, generator: random.Random) -> dict[str, NDArray[np.int64]]:
    """Return the fold of every query, for each direction; an organisation is in one fold."""
    organisations = sorted(set(cases.organisation_of.values()))
    generator.shuffle(organisations)
    fold_of = {organisation: number % FOLDS for number, organisation in enumerate(organisations)}
    return {side: np.array([fold_of[one] for one in found]) for side, found in _organisations(cases).items()}


def _organisations(cases: LabelledCases) -> dict[str, list[str]]:
    """Return the organisation behind every query, in the order of the ranks."""
    partners: dict[str, list[str]] = {}
    for link in cases.links:
        theirs = partners.setdefault(link.interest_id, [])
        if link.proposal_id not in theirs:
            theirs.append(link.proposal_id)
    return {
        "proposals": [cases.organisation_of[link.proposal_id] for link in cases.links],
        "interests": [cases.organisation_of[one] for proposals in partners.values() for one in proposals],
    }


def _line(name: str, found: SystemRanks) -> str:
    cells = []
    for side in ("proposals", "interests"):
        measures = evaluation.measured(found[side])
        value, low, high = measures[Measure.MRR].rounded()
        cells.append(f"{value:.3f} [{low:.3f}, {high:.3f}] {measures[Measure.RECALL_10].value:.2f}")
    return f"{name:42} {cells[0]:>28} {cells[1]:>28}"


def main(folder: Path) -> None:
    """Print the table of all variants, full and strict."""
    encoder = packaged_encoder()
    for strict in (False, True):
        cases = read_cases(folder, strict=strict)
        pool = f"{len(cases.proposals)} proposals, {len(cases.interests)} interests, {len(cases.links)} true pairs"
        lines = [
            f"\n{'strict' if strict else 'full'}: MRR [95 %] R@10, {pool}",
            f"{'':42} {'proposals -> interests':>28} {'interests -> proposals':>28}",
            *(_line(name, found) for name, found in variants(shares_of(cases, encoder), cases).items()),
            _line("engine without the sentence encoder", index_ranks(_index(cases, None), cases)),
            _line("engine", index_ranks(_index(cases, encoder), cases)),
        ]
        sys.stdout.write("\n".join(lines) + "\n")


def _index(cases: LabelledCases, encoder: Encoder | None) -> MatchIndex:
    return MatchIndex(cases.proposals, cases.interests, STANDARD, encoder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "seeds/cases"))
