"""Business days: what is closed, and how terms run."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.foundation.business_days import (
    MOST_BUSINESS_DAYS,
    add_business_days,
    business_days_between,
    is_business_day,
)

days = st.integers(0, 17_000).map(lambda number: date(2003, 1, 1) + timedelta(days=number))
counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), False),  # 勤労感謝の日
        (date(2026, 5, 6), False),  # 振替休日 of three holidays
        (date(2026, 9, 22), False),  # 国民の休日 between two holidays
        (date(2019, 4, 30), False),  # 即位の日の前日
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2027, 3, 31), True),  # the end of a fiscal year is a day like others
        (date(2027, 4, 1), True),
    ],
)
def test_a_day_is_open_unless_it_is_a_weekend_a_holiday_or_the_turn_of_the_year(day, is_open):
    assert is_business_day(day) is is_open


def test_a_term_over_the_turn_of_the_year_skips_the_closed_days():
    assert add_business_days(date(2026, 12, 28), 1) == date(2027, 1, 4)


def test_a_term_over_the_long_holidays_of_may_skips_them():
    assert add_business_days(date(2026, 5, 1), 1) == date(2026, 5, 7)


@settings(deadline=None)
@given(days, counts)
def test_the_end_of_a_term_is_a_business_day_and_not_before_its_start(day, count):
    end = add_business_days(day, count)
    assert is_business_day(end)
    assert end >= day


@settings(deadline=None)
@given(days, st.integers(1, 60))
def test_counting_the_days_of_a_term_gives_its_length(day, count):
    assert business_days_between(day, add_business_days(day, count)) == count


@settings(deadline=None)
@given(days, counts, counts)
def test_two_terms_in_a_row_are_one_long_term(day, first, second):
    start = add_business_days(day, 0)
    assert add_business_days(add_business_days(start, first), second) == add_business_days(start, first + second)


@settings(deadline=None)
@given(days, st.integers(0, 400), st.integers(0, 400))
def test_counting_is_additive_and_changes_its_sign_backwards(day, first, second):
    middle, last = day + timedelta(days=first), day + timedelta(days=first + second)
    whole = business_days_between(day, last)
    assert whole == business_days_between(day, middle) + business_days_between(middle, last)
    assert business_days_between(last, day) == -whole


@pytest.mark.parametrize("count", [-1, MOST_BUSINESS_DAYS + 1])
def test_a_term_that_is_no_term_is_refused(count):
    with pytest.raises(ValueError, match="business days"):
        add_business_days(date(2026, 11, 24), count)
