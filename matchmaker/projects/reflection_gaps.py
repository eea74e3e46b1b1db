"""Where the sides see their work differently. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.projects.reflection_questions import QUESTIONS, ReflectionParty, ReflectionQuestion, ReflectionStage

WIDE_GAP = 2
"""From two steps of five on, the sides tell of different things; the talk begins there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One scored line with the score of each side; ``steps`` is the distance between the highest and the lowest."""

    question: ReflectionQuestion
    scores: dict[ReflectionParty, int]
    steps: int

    @property
    def is_wide(self) -> bool:
        return self.steps >= WIDE_GAP


def gaps(stage: ReflectionStage, sheets: Mapping[ReflectionParty, Mapping[str, int]]) -> list[Gap]:
    """Return the scored lines of a sheet, the widest gap first, otherwise in the order of the sheet.

    ``sheets`` holds the scores (1 to 5) of each side by question key; a line that a side left out has no score of it,
    and a line that fewer than two sides scored has no gap.

    >>> npo, prefecture = ReflectionParty.NPO, ReflectionParty.PREFECTURE
    >>> found = gaps(ReflectionStage.END, {npo: {"aims": 4, "equal": 2}, prefecture: {"aims": 4, "equal": 5}})
    >>> [(gap.question.key, gap.steps, gap.is_wide) for gap in found[:2]]
    [('equal', 3, True), ('aims', 0, False)]
    """
    found = []
    for question in QUESTIONS[stage]:
        if question.is_scored:
            scores = {party: given[question.key] for party, given in sheets.items() if question.key in given}
            steps = max(scores.values()) - min(scores.values()) if len(scores) > 1 else 0
            found.append(Gap(question, scores, steps))
    return sorted(found, key=lambda gap: -gap.steps)
