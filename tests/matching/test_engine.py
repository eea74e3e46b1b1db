"""The engine obeys the scalar scorer, whatever it is given."""

import random
import threading
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.scoring import Reason
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Theme
from matchmaker.matching.weights import STANDARD, Criterion, Ruleset
from tests.matching.strategies import pools, proposals

pytestmark = pytest.mark.usefixtures("each_engine")

TODAY = date(2026, 6, 1)
ONE_SIDED = Ruleset("one-sided", 270, 80, 125, 210, 95, 65, 155, one_sidedness=300)

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class HashingEncoder:
    """A fast encoder whose vectors depend on nothing but the text."""

    version = "hashing/1"

    def encode(self, texts):
        rows = [np.random.default_rng(len(text)).normal(size=512) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 512)


def parts_of(index, proposal_id, interest_id):
    score = index.explain(proposal_id, interest_id).score
    return {part.criterion: part.points for part in score.parts}, score.points


@quick
@given(pools())
def test_every_pair_has_the_points_of_the_scalar_scorer_in_both_directions(pool):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, ONE_SIDED, HashingEncoder())

    for proposal in mine:
        for line in index.rank_interests(proposal.id):
            assert (line.parts, line.points) == parts_of(index, proposal.id, line.id)
    for interest in theirs:
        for line in index.rank_proposals(interest.id):
            assert (line.parts, line.points) == parts_of(index, line.id, interest.id)


@quick
@given(pools())
def test_parts_add_up_and_stay_within_their_maxima(pool):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, STANDARD)

    for proposal in mine:
        for interest in theirs:
            score = index.explain(proposal.id, interest.id).score
            assert score.points == sum(part.points for part in score.parts)
            assert all(0 <= part.points <= part.maximum for part in score.parts[:7])
            assert 0 <= score.npo_fit <= 1000
            assert 0 <= score.company_fit <= 1000


@quick
@given(pools())
def test_rankings_are_best_first_with_ties_by_id_and_refused_pairs_last(pool):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, STANDARD)

    for proposal in mine:
        lines = index.rank_interests(proposal.id, on=TODAY)
        assert [line.id for line in lines] == [
            line.id for line in sorted(lines, key=lambda line: (bool(line.refusals), -line.points, line.id))
        ]
        assert sorted(line.id for line in lines) == sorted(interest.id for interest in theirs)


@quick
@given(pools(), proposals(9))
def test_a_record_put_in_place_scores_like_the_same_facts_from_outside(pool, newcomer):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, STANDARD)
    as_draft = index.rank_interests(newcomer)

    index.put_proposal(newcomer)

    assert index.rank_interests(newcomer.id) == as_draft
    for interest in theirs:
        assert (newcomer.id, *parts_of(index, newcomer.id, interest.id)) in [
            (line.id, line.parts, line.points) for line in index.rank_proposals(interest.id)
        ]


@quick
@given(pools())
def test_putting_the_same_facts_again_changes_nothing(pool):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, STANDARD)
    before = [index.rank_interests(one.id) for one in mine] + [index.rank_proposals(one.id) for one in theirs]

    for proposal in mine:
        index.put_proposal(proposal)
    for interest in theirs:
        index.put_interest(interest)

    assert before == [index.rank_interests(one.id) for one in mine] + [index.rank_proposals(one.id) for one in theirs]


def a_registry(count=60):
    generator = random.Random(3)
    words = ["森", "海", "子ども", "高齢者", "音楽", "防災", "食品", "農業", "車いす", "商店街"]
    fields, themes, kinds = list(ActivityField), list(Theme), list(ResourceKind)
    places = [Place(prefecture) for prefecture in list(Prefecture)[20:26]]

    def text():
        return "。".join("と".join(generator.sample(words, 3)) + "を支える" for _ in range(3))

    mine = [
        ProposalFacts(
            f"P{n}",
            title=text(),
            summary=text(),
            fields=frozenset(generator.sample(fields, 2)),
            places=(generator.choice(places),),
            needs=(Need(generator.choice(kinds), text()),),
        )
        for n in range(count)
    ]
    theirs = [
        InterestFacts(
            f"I{n}",
            profile=text(),
            themes=frozenset(generator.sample(themes, 2)),
            headquarters=generator.choice(places),
            offers=(Offer(generator.choice(kinds), text()),),
        )
        for n in range(count)
    ]
    return mine, theirs


def test_the_order_of_the_input_does_not_change_a_ranking():
    mine, theirs = a_registry()
    forwards = MatchIndex(mine, theirs, STANDARD)
    backwards = MatchIndex(mine[::-1], theirs[::-1], STANDARD)

    assert [forwards.rank_interests(one.id, top=10) for one in mine] == [
        backwards.rank_interests(one.id, top=10) for one in mine
    ]


def test_many_changes_in_place_still_equal_the_scalar_scorer():
    mine, theirs = a_registry(20)
    index = MatchIndex(mine, theirs, STANDARD)

    for number in range(300):
        index.put_interest(replace(theirs[number % 20], profile=f"{number}番の会社。海と森を守る。"))
    index.remove_interest("I3")

    for line in index.rank_interests("P1"):
        assert (line.parts, line.points) == parts_of(index, "P1", line.id)
    assert "I3" not in [line.id for line in index.rank_interests("P1")]


def test_another_ruleset_ranks_the_same_pool_without_touching_the_first():
    mine, theirs = a_registry(10)
    index = MatchIndex(mine, theirs, STANDARD)
    before = index.rank_interests("P1")

    preview = index.with_ruleset(ONE_SIDED)

    assert index.rank_interests("P1") == before
    assert preview.rank_interests("P1") == MatchIndex(mine, theirs, ONE_SIDED).rank_interests("P1")


def test_very_long_and_very_odd_texts_are_scored():
    odd = ["", "あ", "🎵" * 50, "森を守る。" * 20_000, "\x00\x1b", "a" * 100_000, "𠮷野家\ud800"]
    mine = [ProposalFacts(f"P{n}", summary=text, needs=(Need(ResourceKind.GOODS, text),)) for n, text in enumerate(odd)]
    theirs = [InterestFacts(f"I{n}", profile=text) for n, text in enumerate(odd)]

    index = MatchIndex(mine, theirs, STANDARD)

    assert [len(index.rank_interests(one.id)) for one in mine] == [len(odd)] * len(odd)


def test_what_is_not_answered_gives_every_counterpart_the_same_points_and_is_never_refused():
    mine, theirs = a_registry(8)
    silent = ProposalFacts("P0", title="海の音楽")
    index = MatchIndex([silent, *mine[1:]], theirs, STANDARD)
    lines = index.rank_interests("P0", on=TODAY)

    for criterion in (Criterion.REGION, Criterion.NEEDS, Criterion.THEME):
        [points] = {line.parts[criterion] for line in lines}
        assert points > 0
    assert {line.refusals for line in lines} == {()}


def test_an_interest_that_refuses_comes_last_with_its_code():
    mine, theirs = a_registry(5)
    closed = replace(theirs[0], refusals=Refusals(fields=mine[0].fields))
    index = MatchIndex(mine, [closed, *theirs[1:]], STANDARD)

    last = index.rank_interests("P0")[-1]

    assert (last.id, last.refusals) == ("I0", (Refusal.FIELD_REFUSED,))


def test_a_profile_that_names_the_municipality_counts_as_local():
    place = Place(Prefecture.MIE, municipality="242047", name="松阪市")
    here = InterestFacts("I1", profile="松阪で電気を供給する会社。", headquarters=Place(Prefecture.MIE))
    there = InterestFacts("I2", profile="津の建設会社。", headquarters=Place(Prefecture.MIE))
    index = MatchIndex([ProposalFacts("P1", title="城跡の看板", places=(place,))], [here, there], STANDARD)

    reasons = {one: index.explain("P1", one).score.parts[3].reason for one in ("I1", "I2")}

    assert reasons == {"I1": Reason.SAME_MUNICIPALITY, "I2": Reason.SAME_PREFECTURE}
    assert [line.parts[Criterion.REGION] for line in index.rank_interests("P1")] == [215, 183]


def test_threads_read_texts_at_the_same_time():
    mine, theirs = a_registry(10)
    index = MatchIndex(mine, theirs, STANDARD)
    expected = index.rank_interests(mine[0])
    found = []
    threads = [threading.Thread(target=lambda: found.append(index.rank_interests(mine[0]))) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 6


class CountingEncoder(HashingEncoder):
    """Counts the texts that it is asked for."""

    def __init__(self):
        self.asked = 0

    def encode(self, texts):
        self.asked += len(texts)
        return super().encode(texts)


def test_a_new_generation_reads_only_what_changed_and_equals_a_fresh_index():
    mine, theirs = a_registry(20)
    encoder = CountingEncoder()
    first = MatchIndex(mine, theirs, STANDARD, encoder)
    changed = [replace(theirs[0], profile="海の会社。"), *theirs[1:]]

    second = MatchIndex(mine, changed, STANDARD, encoder, first.readings)

    assert encoder.asked == 41
    fresh = MatchIndex(mine, changed, STANDARD, HashingEncoder())
    assert [second.rank_interests(one.id) for one in mine] == [fresh.rank_interests(one.id) for one in mine]


def test_drafts_do_not_fill_the_memory_of_readings():
    mine, theirs = a_registry(2)
    index = MatchIndex(mine, theirs, STANDARD)

    for number in range(1200):
        index.rank_interests(replace(mine[0], title=f"下書き{number}"), top=1)

    assert len(index.readings._passing) == 500
