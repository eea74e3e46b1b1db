"""The figures of score sheets are exact, and do not depend on who is named first."""

from fractions import Fraction
from statistics import median as usual_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.review.panel_scores import OUTLIER_DISTANCE, Mark, figures, median, shown, total

RANGES = st.tuples(st.integers(0, 3), st.integers(1, 7)).map(lambda one: (one[0], one[0] + one[1]))


@st.composite
def sheets(draw, least=1, most=6):
    """Sheets of several judges on the same criteria."""
    shapes = draw(st.lists(st.tuples(st.integers(1, 10), RANGES), min_size=1, max_size=5))
    count = draw(st.integers(least, most))
    return [
        [
            Mark(f"c{place}", draw(st.integers(low, high)), weight, low, high)
            for place, (weight, (low, high)) in enumerate(shapes)
        ]
        for _judge in range(count)
    ]


@given(sheets())
def test_every_total_lies_between_nothing_and_a_hundred(found):
    for marks in found:
        assert 0 <= total(marks) <= 100


@given(sheets())
def test_a_sheet_of_the_highest_marks_has_a_hundred(found):
    highest = [Mark(one.key, one.most_score, one.weight, one.least_score, one.most_score) for one in found[0]]

    assert total(highest) == 100


@given(sheets(), st.integers(2, 9))
def test_weights_only_matter_against_each_other(found, factor):
    heavier = [Mark(one.key, one.score, one.weight * factor, one.least_score, one.most_score) for one in found[0]]

    assert total(heavier) == total(found[0])


@given(sheets(), st.randoms())
def test_the_order_of_the_judges_changes_no_figure(found, chance):
    mixed = found[:]
    chance.shuffle(mixed)
    one, other = figures(found), figures(mixed)

    assert _whole(one) == _whole(other)


def _whole(seen):
    apart = sorted(seen.totals[place] for place in seen.outliers)
    return seen.mean, seen.median, seen.spread, seen.agreement, apart


@given(sheets())
def test_mean_and_median_lie_between_the_lowest_and_the_highest_total(found):
    seen = figures(found)

    assert min(seen.totals) <= seen.mean <= max(seen.totals)
    assert min(seen.totals) <= seen.median <= max(seen.totals)
    assert seen.spread == max(seen.totals) - min(seen.totals)


@given(st.lists(st.fractions(0, 100), min_size=1, max_size=9))
def test_the_median_is_the_usual_one(values):
    assert median(values) == usual_median(values)


@given(sheets(most=1), st.integers(2, 5))
def test_judges_of_one_mind_agree_wholly_and_nobody_stands_apart(found, count):
    seen = figures(found * count)

    assert (seen.agreement, seen.spread, seen.outliers) == (100, 0, ())
    assert all(one.spread == 0 and one.outliers == () for one in seen.criteria)


@given(sheets(least=2))
def test_agreement_is_a_share_of_a_hundred(found):
    assert 0 <= figures(found).agreement <= 100


def test_two_judges_at_the_ends_agree_in_nothing():
    assert figures([[Mark("a", 1, 1, 1, 5)], [Mark("a", 5, 1, 1, 5)]]).agreement == 0


@given(sheets())
def test_who_stands_apart_is_as_far_from_the_middle_as_the_rule_says(found):
    seen = figures(found)
    far = tuple(place for place, value in enumerate(seen.totals) if abs(value - seen.median) >= OUTLIER_DISTANCE)

    assert seen.outliers == (far if len(found) >= 3 else ())


def test_between_two_judges_nobody_is_marked():
    seen = figures([[Mark("a", 1, 1, 1, 5)], [Mark("a", 5, 1, 1, 5)]])

    assert (seen.outliers, seen.criteria[0].outliers) == ((), ())


def test_two_steps_of_one_to_five_stand_apart_and_one_does_not():
    seen = figures([[Mark("a", score, 1, 1, 5)] for score in (3, 3, 4, 5)])

    assert seen.criteria[0].median == Fraction(7, 2)
    assert seen.criteria[0].outliers == ()
    assert figures([[Mark("a", score, 1, 1, 5)] for score in (3, 3, 5)]).criteria[0].outliers == (2,)


@given(st.fractions(0, 100))
def test_what_is_printed_is_never_more_than_half_a_tenth_off(value):
    assert abs(Fraction(shown(value)) - value) <= Fraction(1, 20)


@pytest.mark.parametrize(
    ("score", "weight", "low", "high"), [(6, 1, 1, 5), (0, 1, 1, 5), (3, 0, 1, 5), (3, 1, 5, 1), (3, 1, -1, 5)]
)
def test_a_mark_that_cannot_be_is_refused(score, weight, low, high):
    with pytest.raises(ValueError, match=r"range|outside"):
        Mark("a", score, weight, low, high)


def test_sheets_on_other_criteria_and_no_sheets_have_no_figures():
    with pytest.raises(ValueError, match="differ"):
        figures([[Mark("a", 3, 1, 1, 5)], [Mark("b", 3, 1, 1, 5)]])
    with pytest.raises(ValueError, match="no sheets"):
        figures([])
