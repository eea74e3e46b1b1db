from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation import fiscal_year

YEARS = st.integers(1950, 2150)


@given(YEARS)
def test_a_code_names_its_own_year(fy):
    assert fiscal_year.parse(fiscal_year.code(fy)) == fy


@given(YEARS)
def test_a_label_names_its_own_year(fy):
    assert fiscal_year.parse(fiscal_year.label(fy)) == fy


@given(YEARS)
def test_a_year_begins_the_day_after_the_last_one_ended(fy):
    assert fiscal_year.last_day(fy) + timedelta(days=1) == fiscal_year.first_day(fy + 1)


@given(st.dates(date(1950, 4, 1), date(2149, 1, 1)), st.integers(0, 3000))
def test_a_period_meets_every_year_between_its_ends(starts_on, days):
    ends_on = starts_on + timedelta(days=days)
    met = fiscal_year.fiscal_years_met(starts_on, ends_on)

    assert (met[0], met[-1]) == (fiscal_year.fiscal_year_of(starts_on), fiscal_year.fiscal_year_of(ends_on))


@pytest.mark.parametrize(
    "typed", ["", "R", "令和", "R0", "9999", "12", "R8-0012", "１２３４５", "R８年x", "元", "平成元年度の"]
)
def test_other_text_is_no_fiscal_year(typed):
    with pytest.raises(fiscal_year.NotAFiscalYear):
        fiscal_year.parse(typed)


def test_heisei_31_and_reiwa_1_are_one_fiscal_year():
    assert fiscal_year.parse("平成31年度") == fiscal_year.parse("令和元年度") == 2019
