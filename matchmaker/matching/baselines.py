"""What the engine must beat: character 2-3-gram TF-IDF cosine, alone and with a bonus for the same prefecture.

The same numbers as the published baselines of the cases; kept apart from the engine so that no change there moves them.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

REGION_BONUS = 0.05

Scores = NDArray[np.float64]
Entries = Sequence[Mapping[str, Any]]


def gram_scores(proposals: Entries, interests: Entries) -> Scores:
    """Return the cosine of every pair of entries as they are written, shape (proposals, interests)."""
    texts = [
        " ".join([one.get("mission") or "", one.get("title") or "", one.get("summary") or "", *_details(one, "needs")])
        for one in proposals
    ]
    texts += [
        " ".join(
            [
                one.get("industry") or "",
                one.get("profile") or "",
                *(one.get("themes") or []),
                *_details(one, "offers"),
            ]
        )
        for one in interests
    ]
    vectors = _vectors(texts)
    scores: Scores = (vectors[: len(proposals)] @ vectors[len(proposals) :].T).toarray()
    return scores


def region_bonuses(proposals: Entries, interests: Entries) -> Scores:
    """Return the bonus of every pair in the same prefecture, shape (proposals, interests)."""
    seats = [{*(one.get("regions") or []), one.get("hq_prefecture")} for one in interests]
    wanted = [one.get("prefecture") for one in proposals]
    rows = [[REGION_BONUS * bool(mine and mine in theirs) for theirs in seats] for mine in wanted]
    return np.array(rows, dtype=np.float64).reshape(len(proposals), len(interests))


def _details(entry: Mapping[str, Any], name: str) -> list[str]:
    return [item.get("detail") or "" for item in entry.get(name) or []]


def _vectors(texts: Sequence[str]) -> "sparse.csr_array":
    # Imported here: every process knows the commands, and none but the one that measures needs it.
    from scipy import sparse

    counts = [_grams(text) for text in texts]
    documents = Counter(gram for count in counts for gram in count)
    column_of = {gram: column for column, gram in enumerate(documents)}
    rows, columns, values = [], [], []
    for row, count in enumerate(counts):
        weights = {
            gram: (1 + math.log(n)) * math.log((1 + len(texts)) / (1 + documents[gram]) + 1)
            for gram, n in count.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for gram, weight in weights.items():
            rows.append(row)
            columns.append(column_of[gram])
            values.append(weight / length)
    return sparse.csr_array((values, (rows, columns)), shape=(len(texts), max(1, len(column_of))))


def _grams(text: str) -> Counter[str]:
    joined = "".join(text.split())
    return Counter(joined[at : at + size] for size in (2, 3) for at in range(len(joined) - size + 1))
