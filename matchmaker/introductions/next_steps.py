"""「あと一歩」: what would bring a pair into a list, with the score that then really appears."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.directory.terms import Side
from matchmaker.interests.models import Interest
from matchmaker.introductions.declined import Effects, effects_on_interests, effects_on_proposals, without_declined
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.ranking import Pool, match_registry
from matchmaker.introductions.sentences import change_sentence, loss_sentence
from matchmaker.matching.counterfactual import BY_PROPOSER, Step, losses
from matchmaker.matching.declines import NO_EFFECT
from matchmaker.matching.engine import Ranked
from matchmaker.matching.vocabulary import using
from matchmaker.proposals.models import Proposal

FIRST_PAGE = 20
MOST_SHOWN = 6
MOST_LOSSES = 3


@dataclass(frozen=True, slots=True)
class ChangeSaid:
    """One change as people read it, and whose it is."""

    side: Side
    sentence: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One or two changes, the score that the pair then has, and its place in the list; None where it is not in it.

    ``reaches`` says whether that is as good as what the first page shows today.
    """

    changes: tuple[ChangeSaid, ...]
    points: int
    gain: int
    place: int | None
    reaches: bool


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What a pair lacks. ``goal``: the points of the first page's last line, or one more than the pair on it has."""

    points: int
    place: int | None
    goal: int
    losses: tuple[str, ...]
    promises: tuple[Promise, ...]


def next_steps_of(proposal: Proposal, interest: Interest, *, seen_from: Side, on: date) -> NextSteps:
    """Return the cheapest changes that would lift a pair in the list of one side.

    A small registry is measured anew after each change, and so is each promise. In a large one the other records keep
    their points, and so they do here.
    """
    mine, theirs = proposal_facts(proposal), interest_facts(interest)
    registry = match_registry()
    is_npo = seen_from is Side.NPO
    effects = effects_on_interests(proposal, mine, on) if is_npo else effects_on_proposals(interest, theirs, on)
    own = proposal.organisation_id if is_npo else interest.organisation_id
    asked = _Asked(registry.pool(on), seen_from, own, effects, theirs.id if is_npo else mine.id, on)
    explained = registry.explain([(mine, theirs)], on)[0]
    ranked = registry.interests_for(mine, on, owner=own) if is_npo else registry.proposals_for(theirs, on, owner=own)
    lines = asked.as_shown(ranked)
    points, place = explained.score.points - asked.deducted, asked.place_in(lines)
    last = lines[min(FIRST_PAGE, len(lines)) - 1].points if lines else 0
    goal = last if place is None or place > FIRST_PAGE else points + 1
    steps = registry.next_steps(mine, theirs, goal + asked.deducted, on)[:MOST_SHOWN]
    promises = [asked.promise(step, lines, points, goal) for step in steps]
    return NextSteps(
        points=points,
        place=place,
        goal=goal,
        losses=tuple(map(loss_sentence, losses(explained)[:MOST_LOSSES])),
        promises=tuple(sorted((one for one in promises if one.gain > 0 or explained.refusals), key=_cheapest_first)),
    )


def _cheapest_first(promise: Promise) -> tuple[bool, int, int]:
    return not promise.reaches, len(promise.changes), -promise.points


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose list it is, and what is needed to make it again under other facts."""

    pool: Pool
    seen_from: Side
    owner: int
    effects: Effects
    other_id: str
    on: date

    @property
    def deducted(self) -> int:
        """What an earlier No takes from the pair."""
        return self.effects.get(self.other_id, NO_EFFECT).points_deducted

    def promise(self, step: Step, lines: Sequence[Ranked], today: int, goal: int) -> Promise:
        if self.pool.is_measured_as_a_whole:
            points, place = self._measured(step)
        else:
            points = step.points - self.deducted
            before = [line for line in lines if line.id != self.other_id and line.points > points]
            place = len(before) + 1
        changes = tuple(
            ChangeSaid(Side.NPO if change.lever in BY_PROPOSER else Side.COMPANY, change_sentence(change))
            for change in step.changes
        )
        return Promise(changes, points, points - today, place, points >= goal)

    def _measured(self, step: Step) -> tuple[int, int | None]:
        """Return points and place after the change, as the registry will say once it is saved."""
        mine, theirs, listed = step.proposal, step.interest, self.pool.owner_of
        with using(self.pool.knowledge):
            index = self.pool.index_with(mine, theirs)
            if self.seen_from is Side.NPO:
                ranked = index.rank_interests(mine.id if mine.id in listed else mine, on=self.on)
            else:
                ranked = index.rank_proposals(theirs.id if theirs.id in listed else theirs, on=self.on)
            are_listed = mine.id in listed and theirs.id in listed
            pair = index.explain(mine.id, theirs.id) if are_listed else index.explain_facts(mine, theirs)
        lines = self.as_shown([line for line in ranked if listed[line.id] != self.owner])
        return pair.score.points - self.deducted, self.place_in(lines)

    def as_shown(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        return [line for line in without_declined(ranked, self.effects)[0] if not line.refusals]

    def place_in(self, lines: Sequence[Ranked]) -> int | None:
        return next((place for place, line in enumerate(lines, start=1) if line.id == self.other_id), None)
