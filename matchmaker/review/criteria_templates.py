"""Criteria to begin a call with: the standing ones, and those that were published elsewhere.

The latter are data with their source: ``data/criteria_templates.json``.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matchmaker.review.call_facts import CriterionFacts
from matchmaker.review.criteria import STANDING

_FILE = Path(__file__).parent / "data" / "criteria_templates.json"


@dataclass(frozen=True, slots=True)
class CriteriaTemplate:
    """A set of criteria, where it comes from, and the share from which proposals were adopted there (or None)."""

    key: str
    label: str
    source: str
    source_url: str
    pass_percent: int | None
    criteria: tuple[CriterionFacts, ...]


def _standing() -> CriteriaTemplate:
    rows = [CriterionFacts(row.name, row.description, row.weight, row.least_score, row.most_score) for row in STANDING]
    source = "三重県の2003年の公募の考え方と、千葉県・茂原市の公表された基準に共通する項目"
    return CriteriaTemplate("standing", "常時の提案の基準（6項目）", source, "", None, tuple(rows))


@cache
def templates() -> tuple[CriteriaTemplate, ...]:
    """Return the templates; the first is that of proposals outside a call.

    >>> [len(template.criteria) for template in templates()]
    [6, 5, 7, 6, 5]
    """
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    return _standing(), *(
        CriteriaTemplate(
            row["key"],
            row["label"],
            row["source"],
            row["source_url"],
            row["pass_percent"],
            tuple(CriterionFacts(**criterion) for criterion in row["criteria"]),
        )
        for row in rows
    )


def template(key: str) -> CriteriaTemplate:
    """Return a template by its key, the first one for a key that there is not."""
    return next((one for one in templates() if one.key == key), templates()[0])
