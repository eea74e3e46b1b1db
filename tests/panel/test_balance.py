"""Proposals are shared out evenly, never to a judge with a tie, and never away from one who has them already."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.review.panel_balance import share_out


@st.composite
def cases(draw, judges=6, proposals=8):
    people = list(range(1, draw(st.integers(1, judges)) + 1))
    texts = list(range(101, 101 + draw(st.integers(1, proposals))))
    every = [(one, other) for one in people for other in texts]
    ties = draw(st.sets(st.sampled_from(every), max_size=len(every)))
    free = sorted(set(every) - ties)
    kept = draw(st.sets(st.sampled_from(free), max_size=6)) if free else set()
    return people, texts, draw(st.integers(1, 4)), ties, kept


@given(cases())
def test_no_judge_with_a_tie_and_everybody_who_stood_stays(case):
    people, texts, each, ties, kept = case
    plan = share_out(people, texts, each=each, ties=ties, kept=kept)

    assert plan.pairs & ties == set()
    assert kept <= plan.pairs
    assert {judge for judge, _text in plan.pairs} <= set(people)


@given(cases())
def test_each_proposal_gets_its_number_or_all_that_are_free(case):
    people, texts, each, ties, kept = case
    plan = share_out(people, texts, each=each, ties=ties, kept=kept)

    for text in texts:
        count = sum(1 for _judge, one in plan.pairs if one == text)
        free = sum(1 for judge in people if (judge, text) not in ties)
        stood = sum(1 for _judge, one in kept if one == text)
        assert count == max(stood, min(each, free))
        assert plan.short.get(text, 0) == max(0, each - count)


@given(st.integers(1, 7), st.integers(1, 12), st.integers(1, 4))
def test_without_ties_no_two_judges_differ_by_more_than_one(people, texts, each):
    judges, proposals = list(range(people)), list(range(100, 100 + texts))
    plan = share_out(judges, proposals, each=min(each, people))

    loads = [sum(1 for judge, _text in plan.pairs if judge == one) for one in judges]
    assert max(loads) - min(loads) <= 1


@settings(max_examples=60)
@given(cases(judges=3, proposals=3))
def test_no_other_way_of_sharing_is_more_even(case):
    people, texts, each, ties, kept = case
    plan = share_out(people, texts, each=each, ties=ties, kept=kept)

    options = []
    for text in texts:
        stood = {judge for judge, one in kept if one == text}
        free = [judge for judge in people if (judge, text) not in ties and judge not in stood]
        more = max(0, min(each, len(free) + len(stood)) - len(stood))
        options.append([stood | set(chosen) for chosen in combinations(free, more)])
    best = min(
        sum(sum(1 for group in groups if judge in group) ** 2 for judge in people) for groups in product(*options)
    )
    assert sum(sum(1 for judge, _text in plan.pairs if judge == one) ** 2 for one in people) == best


@given(cases())
def test_the_same_question_gets_the_same_answer(case):
    people, texts, each, ties, kept = case

    once, again = (share_out(people, texts, each=each, ties=ties, kept=kept) for _time in range(2))
    assert once == again


def test_a_judge_with_a_tie_cannot_stay_and_nobody_is_too_few():
    with pytest.raises(ValueError, match="tie"):
        share_out([1], [2], each=1, ties={(1, 2)}, kept={(1, 2)})
    with pytest.raises(ValueError, match="at least one"):
        share_out([1], [2], each=0)
