"""「なぜ出ない？」 and 「あと一歩」: what keeps a pair down, and the cheapest change that would lift it.

A promised score is the score of the changed facts under the same index, so that making the change gives exactly it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from matchmaker.matching.engine import Explained, MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Offer, ProposalFacts
from matchmaker.matching.scoring import Part
from matchmaker.matching.terms import ActivityField, Theme
from matchmaker.matching.vocabulary import links_to
from matchmaker.matching.weights import CONTENT_CRITERIA

SINGLES_COMBINED = 6
"""How many of the best single changes are tried in pairs."""


class Lever(StrEnum):
    """What can be changed."""

    ADD_FIELD = "add-field"
    ADD_PLACE = "add-place"
    ADD_NEED = "add-need"
    ADD_THEME = "add-theme"
    ADD_REGION = "add-region"
    ADD_OFFER = "add-offer"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``is_fact`` marks what must be true and must not be claimed only to score."""

    lever: Lever
    value: str
    is_fact: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One or two changes with the score that they lead to and the gain over today."""

    changes: tuple[Change, ...]
    points: int
    gain: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A criterion and the points that the pair misses there."""

    part: Part
    missing: int


Sides = tuple[ProposalFacts, InterestFacts]
Changed = tuple[Change, Sides]


def losses(explained: Explained) -> list[Loss]:
    """Return what costs the pair most: content criteria by missing points and corrections below zero, worst first."""
    found = [
        Loss(part, part.maximum - part.points if part.criterion in CONTENT_CRITERIA else -part.points)
        for part in explained.score.parts
    ]
    return sorted((loss for loss in found if loss.missing > 0), key=lambda loss: -loss.missing)


def next_steps(
    index: MatchIndex, proposal: ProposalFacts, interest: InterestFacts, goal: int, on: date | None = None
) -> list[Step]:
    """Return the single changes that reach ``goal`` points, else the pairs of changes that do, best first.

    Shapes: ``goal`` in points, usually those of the last pair that is shown. When nothing reaches it, the best single
    changes that gain at all are returned. A refused pair has no next step: no change of points lifts a refusal.
    """
    today = index.explain_facts(proposal, interest, on)
    if today.refusals:
        return []
    base = today.score.points

    def tried(changes: tuple[Change, ...], sides: Sides) -> Step | None:
        then = index.explain_facts(*sides, on)
        points = then.score.points
        return Step(changes, points, points - base) if not then.refusals and points > base else None

    singles = [tried((change,), sides) for change, sides in _single_changes(proposal, interest)]
    by_gain = _best_first(singles)
    reaching = [step for step in by_gain if step.points >= goal]
    if reaching:
        return reaching
    best = [step.changes[0] for step in by_gain[:SINGLES_COMBINED]]
    doubles = [
        tried((first, second), twice)
        for first, once in _single_changes(proposal, interest)
        for second, twice in _single_changes(*once)
        if (first, second) in set(combinations(best, 2))
    ]
    return [step for step in _best_first(doubles) if step.points >= goal] or by_gain


def _best_first(steps: Iterable[Step | None]) -> list[Step]:
    return sorted(filter(None, steps), key=lambda step: (-step.points, [astuple(one) for one in step.changes]))


def _single_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    """Every change of one side towards what the other already says."""
    yield from _proposal_changes(proposal, interest)
    yield from _interest_changes(proposal, interest)


def _proposal_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    for field in ActivityField:
        if field not in proposal.fields and interest.themes & set(links_to(field, Theme)):
            change = Change(Lever.ADD_FIELD, field.label, True)
            yield change, (replace(proposal, fields=proposal.fields | {field}), interest)
    for place in (interest.headquarters, *interest.regions):
        if place and place.prefecture and place not in proposal.places:
            change = Change(Lever.ADD_PLACE, place.prefecture.label + place.name, True)
            yield change, (replace(proposal, places=(*proposal.places, place)), interest)
    needed = {need.kind for need in proposal.needs}
    for kind in dict.fromkeys(offer.kind for offer in interest.offers):
        if kind not in needed:
            change = Change(Lever.ADD_NEED, kind.label, False)
            yield change, (replace(proposal, needs=(*proposal.needs, Need(kind))), interest)


def _interest_changes(proposal: ProposalFacts, interest: InterestFacts) -> Iterator[Changed]:
    for theme in Theme:
        if theme not in interest.themes and any(theme in links_to(field, Theme) for field in proposal.fields):
            change = Change(Lever.ADD_THEME, theme.label, False)
            yield change, (proposal, replace(interest, themes=interest.themes | {theme}))
    for place in proposal.places:
        if place.prefecture and place not in interest.regions:
            change = Change(Lever.ADD_REGION, place.prefecture.label + place.name, True)
            yield change, (proposal, replace(interest, regions=(*interest.regions, place)))
    offered = {offer.kind for offer in interest.offers}
    for kind in dict.fromkeys(need.kind for need in proposal.needs):
        if kind not in offered:
            change = Change(Lever.ADD_OFFER, kind.label, True)
            yield change, (proposal, replace(interest, offers=(*interest.offers, Offer(kind))))
