"""Systems to compare on labelled cases: the engine, its variants and the baselines, as ranks of the true partners."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import baselines, evaluation
from matchmaker.matching.cases import LabelledCases
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.evaluation import Order, Ranks

SystemRanks = Mapping[str, Ranks]
"""The ranks of one system in each direction: ``proposals`` and ``interests``."""


def index_ranks(index: MatchIndex, cases: LabelledCases) -> SystemRanks:
    """Rank the cases' pool both ways with an index built over it."""
    mine = {one.id: [line.id for line in index.rank_interests(one.id)] for one in cases.proposals}
    theirs = {one.id: [line.id for line in index.rank_proposals(one.id)] for one in cases.interests}
    return _ranks(mine, theirs, cases)


def baseline_ranks(cases: LabelledCases) -> dict[str, SystemRanks]:
    """Rank the cases' pool with character TF-IDF, alone and with the region bonus."""
    grams = baselines.gram_scores(cases.proposals, cases.interests)
    bonuses = baselines.region_bonuses(cases.proposals, cases.interests)
    return {"character-tfidf": score_ranks(grams, cases), "character-tfidf+region": score_ranks(grams + bonuses, cases)}


def score_ranks(scores: NDArray[np.float64], cases: LabelledCases) -> SystemRanks:
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


def _sorted(ids: Sequence[str], scores: NDArray[np.float64]) -> list[str]:
    return [ids[at] for at in np.argsort(-scores, kind="stable")]
