from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation.fiscal_year import first_day, fiscal_year_of, last_day
from matchmaker.indicators.counting import RULE_V1, CountingFacts, Obstacle, counted_years, judge, years_of_interest
from matchmaker.proposals.status import CollaborationForm

WHOLE_YEAR = CountingFacts(
    form=CollaborationForm.COMMISSION,
    starts_on=date(2026, 4, 1),
    ends_on=date(2027, 3, 31),
    npos=1,
    divisions=1,
    is_confirmed=True,
)

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))
facts = st.builds(
    CountingFacts,
    form=st.none() | st.sampled_from(CollaborationForm),
    starts_on=st.none() | days,
    ends_on=st.none() | days,
    npos=st.integers(0, 2),
    divisions=st.integers(0, 2),
    is_confirmed=st.booleans(),
    is_refused=st.booleans(),
    is_dissolved=st.booleans(),
)


def obstacles(changed: CountingFacts, fy: int = 2026) -> list[Obstacle]:
    return list(judge(changed, fy).obstacles)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        (date(2026, 4, 1), date(2027, 3, 31), [2026]),
        (date(2026, 3, 31), date(2026, 3, 31), [2025]),
        (date(2026, 4, 1), date(2026, 4, 1), [2026]),
        (date(2026, 3, 31), date(2026, 4, 1), [2025, 2026]),
        (date(2025, 10, 1), date(2026, 9, 30), [2025, 2026]),
        (date(2019, 3, 31), date(2019, 5, 1), [2018, 2019]),
        (date(2011, 4, 1), date(2026, 3, 31), list(range(2011, 2026))),
    ],
)
def test_project_counts_once_in_each_fiscal_year_that_its_period_meets(starts_on, ends_on, expected):
    assert list(counted_years(replace(WHOLE_YEAR, starts_on=starts_on, ends_on=ends_on))) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"form": None}, Obstacle.NO_FORM),
        ({"form": CollaborationForm.SPONSORSHIP}, Obstacle.FORM_OUTSIDE_RULE),
        ({"npos": 0}, Obstacle.NO_NPO),
        ({"divisions": 0}, Obstacle.NO_DIVISION),
        ({"is_confirmed": False}, Obstacle.NOT_CONFIRMED),
        ({"is_refused": True}, Obstacle.REFUSED),
        ({"is_confirmed": False, "is_dissolved": True}, Obstacle.DISSOLVED),
        ({"starts_on": None}, Obstacle.NO_PERIOD),
        ({"ends_on": None}, Obstacle.NO_PERIOD),
        ({"ends_on": date(2026, 3, 1)}, Obstacle.NO_PERIOD),
        ({"starts_on": date(2027, 4, 1), "ends_on": date(2028, 3, 31)}, Obstacle.OUTSIDE_PERIOD),
    ],
)
def test_project_that_lacks_one_thing_is_told_that_one_thing(change, expected):
    assert obstacles(replace(WHOLE_YEAR, **change)) == [expected]


def test_verdict_names_everything_that_speaks_against_at_once():
    lacking = CountingFacts(None, None, None, 0, 0, is_confirmed=False)
    assert obstacles(lacking) == [
        Obstacle.NOT_CONFIRMED,
        Obstacle.NO_DIVISION,
        Obstacle.NO_NPO,
        Obstacle.NO_FORM,
        Obstacle.NO_PERIOD,
    ]


def test_project_dissolved_after_it_began_counts_until_then():
    dissolved = replace(WHOLE_YEAR, ends_on=date(2026, 6, 30), is_dissolved=True)
    assert list(counted_years(dissolved)) == [2026]


def test_rule_counts_the_five_forms_of_its_first_version():
    counted = {form for form in CollaborationForm if judge(replace(WHOLE_YEAR, form=form), 2026).is_counted}
    assert counted == RULE_V1.forms
    assert {form.label for form in counted} == {"委託", "補助", "実行委員会・協議会", "共催", "協定"}


@given(facts, st.integers(1985, 2065))
def test_verdict_and_counted_years_always_agree(one, fy):
    assert judge(one, fy).is_counted == (fy in counted_years(one))


@given(facts)
def test_counted_years_are_exactly_those_that_the_period_meets(one):
    for fy in counted_years(one):
        assert one.starts_on <= last_day(fy)
        assert one.ends_on >= first_day(fy)
    if counted_years(one):
        assert counted_years(one)[0] == fiscal_year_of(one.starts_on)
        assert counted_years(one)[-1] == fiscal_year_of(one.ends_on)


@given(st.lists(facts, max_size=30), st.integers(1985, 2065))
def test_sum_over_projects_is_the_figure_in_every_year(projects, fy):
    figure = sum(judge(one, fy).is_counted for one in projects)
    assert figure == [year for one in projects for year in counted_years(one)].count(fy)


@given(days, st.integers(0, 6000))
def test_a_longer_period_never_loses_a_year(starts_on, length):
    shorter = replace(WHOLE_YEAR, starts_on=starts_on, ends_on=starts_on + timedelta(days=length))
    longer = replace(shorter, ends_on=shorter.ends_on + timedelta(days=1))
    assert set(counted_years(shorter)) <= set(counted_years(longer))


@given(facts, st.integers(2000, 2050))
def test_years_of_interest_hold_the_current_one_and_every_counted_one(one, current):
    years = years_of_interest(one, current)
    assert current in years
    assert set(counted_years(one)) <= set(years)
    assert years == sorted(set(years))
