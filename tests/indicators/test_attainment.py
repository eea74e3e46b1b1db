from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.indicators.attainment import is_unlikely, ratio

figures = st.decimals(min_value=0, max_value=10**9, places=1)


@pytest.mark.parametrize(
    ("actual", "target", "printed"),
    [("47.4", "50.0", "0.95"), ("58", "65", "0.89"), ("75", "75", "1.00"), ("0", "5", "0.00"), ("1", "8", "0.13")],
)
def test_ratio_is_printed_to_two_decimals_half_rounded_up(actual, target, printed):
    assert str(ratio(Decimal(actual), Decimal(target))) == printed


@given(actual=st.none() | figures, target=st.none() | figures)
def test_ratio_is_none_exactly_where_something_is_not_printed_or_the_target_is_zero(actual, target):
    assert (ratio(actual, target) is None) == (actual is None or not target)


@given(actual=figures, target=figures.filter(bool))
def test_ratio_is_within_half_a_hundredth_of_the_quotient(actual, target):
    assert abs(ratio(actual, target) - actual / target) <= Decimal("0.005") + Decimal("1e-18") * actual


@given(value=figures, last=figures.filter(bool))
def test_only_values_a_factor_of_ten_away_are_unlikely(value, last):
    assert is_unlikely(value, last) == (not last / 10 < value < last * 10)
