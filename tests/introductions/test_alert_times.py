from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation.clock import JAPAN
from matchmaker.introductions.alert_times import Frequency, Weekday, next_time

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
CHOICES = st.sampled_from(
    [(Frequency.HOURLY, None), (Frequency.DAILY, None), *((Frequency.WEEKLY, day) for day in Weekday)]
)


def japan(text):
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("frequency", "weekday", "after", "expected"),
    [
        (Frequency.HOURLY, None, "2026-11-24 23:59:59", "2026-11-25 00:00"),
        (Frequency.HOURLY, None, "2026-11-25 00:00", "2026-11-25 01:00"),
        (Frequency.DAILY, None, "2026-11-24 07:59:59", "2026-11-24 08:00"),
        (Frequency.DAILY, None, "2026-11-24 08:00", "2026-11-25 08:00"),
        (Frequency.DAILY, None, "2026-11-25 00:00", "2026-11-25 08:00"),
        (Frequency.DAILY, None, "2026-12-31 23:30", "2027-01-01 08:00"),
        (Frequency.WEEKLY, Weekday.TUESDAY, "2026-11-24 07:59", "2026-11-24 08:00"),
        (Frequency.WEEKLY, Weekday.TUESDAY, "2026-11-24 08:00", "2026-12-01 08:00"),
        (Frequency.WEEKLY, Weekday.MONDAY, "2026-11-24 23:59", "2026-11-30 08:00"),
        (Frequency.WEEKLY, Weekday.WEDNESDAY, "2026-11-24 23:59", "2026-11-25 08:00"),
        (Frequency.WEEKLY, Weekday.SUNDAY, "2026-11-29 00:00", "2026-11-29 08:00"),
    ],
)
def test_the_next_time_is_told_by_japans_clock(frequency, weekday, after, expected):
    assert next_time(frequency, weekday, japan(after)) == japan(expected)


def test_the_day_is_japans_when_it_is_still_yesterday_elsewhere():
    late_on_monday_in_utc = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # Tuesday 07:59 in Japan
    assert next_time(Frequency.WEEKLY, Weekday.TUESDAY, late_on_monday_in_utc) == japan("2026-11-24 08:00")


def test_a_weekly_search_without_its_day_is_an_error():
    with pytest.raises(ValueError, match="day of the week"):
        next_time(Frequency.WEEKLY, None, japan("2026-11-24 08:00"))


@given(CHOICES, MOMENTS)
def test_the_next_time_is_later_at_most_one_round_away_and_stays_itself_until_it_has_come(choice, after):
    frequency, weekday = choice
    longest = {Frequency.HOURLY: timedelta(hours=1), Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(7)}

    found = next_time(frequency, weekday, after)

    assert after < found <= after + longest[frequency]
    assert next_time(frequency, weekday, found - timedelta(microseconds=1)) == found
    assert next_time(frequency, weekday, found) == found + longest[frequency]
    assert weekday is None or list(Weekday)[found.astimezone(JAPAN).weekday()] is weekday
