import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import service
from matchmaker.indicators.catalogue import DONATIONS, PARTICIPATION
from matchmaker.indicators.outlook import FARTHEST, FEWEST_YEARS, outlook
from tests.support.pages import main_text, parse

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

series = st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=20)


def _years(values, first=2010):
    return dict(enumerate(values, start=first))


@settings(deadline=None)  # the first range loads scipy
@given(series, st.integers(1, 5))
def test_a_range_holds_its_order_and_stays_within_what_can_be(values, ahead):
    actuals = _years(values)
    found = outlook(max(actuals) + ahead, actuals, [], decimals=1, most=Decimal(100))
    assert found.has_range == (len(values) >= FEWEST_YEARS and ahead <= FARTHEST)
    if found.has_range:
        assert 0 <= found.low <= found.high <= 100


@pytest.mark.parametrize("ahead", [1, 2])
def test_nine_of_ten_figures_fall_into_their_range(ahead):
    """Back-tested on 4,000 series whose yearly changes have one distribution, known to the test alone."""
    chance = random.Random(214)
    held, tries = 0, 4000
    for _one in range(tries):
        drift, spread = chance.uniform(-3, 8), chance.uniform(1, 20)
        values = [Decimal(100_000)]
        for _year in range(FEWEST_YEARS - 1 + ahead):
            values.append(values[-1] + Decimal(chance.gauss(drift, spread)))
        known, truth = values[:-ahead], values[-1]
        found = outlook(2010 + len(values) - 1, _years(known), [], decimals=6)
        held += found.low <= truth <= found.high
    # Rounding outwards to two digits lets a little more in.
    assert 0.885 <= held / tries <= 0.925


def test_a_missing_year_and_a_break_leave_only_what_follows_them():
    values = [Decimal(number) for number in range(50, 62)]
    actuals = _years(values)
    del actuals[2014]
    assert outlook(2022, actuals, []).run == tuple(range(2015, 2022))
    found = outlook(2022, _years(values), [2016])
    assert (found.run, found.broken_in, found.has_range) == (tuple(range(2016, 2022)), 2016, False)


def test_a_year_that_is_known_or_past_is_not_forecast():
    actuals = _years([Decimal(number) for number in range(50, 60)])
    assert [outlook(fy, actuals, []).has_range for fy in (2009, 2015, 2019, 2020, 2021, 2022)] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]


def test_the_page_says_beside_each_chart_why_there_is_no_forecast(client, policy_figures):
    text = main_text(client.get("/dashboard").get_data(as_text=True))
    reason = "同じ調べ方で続く実績が8年度分ないと、年ごとにどれだけ変わるかが分からず、幅を示せないためです。"
    assert text.count(reason) == 4
    assert text.count("アンケートで答えた人の数が資料にないため") == 1


def test_a_long_series_gets_its_range_in_chart_table_and_words_until_a_break_shortens_it(
    client, policy_figures, publish, office
):
    for fy in range(2012, 2026):
        publish(DONATIONS, fy, str(125_000 + (fy - 2011) * 3_000 + (fy % 3) * 500))
    page = parse(client.get("/dashboard").get_data(as_text=True))
    figures = page.select(".small-multiples > div")
    donations = next(one for one in figures if DONATIONS.title in one.get_text())
    row = [" ".join(cell.get_text().split()) for cell in donations.select("tbody tr")[-1].find_all(["th", "td"])]
    words = " ".join(donations.get_text().split())

    assert len(page.select(".small-multiples rect.chart__forecast")) == 1
    assert row[:3] == ["令和8年度", "―", "―"]
    assert f"令和8年度の見込みは{row[3]}千円です（10回に9回は、この幅に入る見込み）。" in words

    with transaction():
        service.mark_break(DONATIONS, fy=2020, is_break=True, note="別の調査。", actor=office, at=clock.now())
    after = main_text(client.get("/dashboard").get_data(as_text=True))
    assert "いまあるのは6年度分（令和7年度まで）です。" in after
    assert "令和2年度に調べ方が変わったため、その前の実績は使えません。" in after


def test_shares_in_per_cent_stay_below_a_hundred(client, policy_figures, publish):
    for fy in range(2012, 2026):
        publish(PARTICIPATION, fy, str(min(99, 20 + (fy - 2011) * 6)))
    text = main_text(client.get("/dashboard").get_data(as_text=True))
    assert "～100.0%です" in text
