"""When a saved search is due: every full hour, every morning, or one morning a week, by Japan's clock. Pure."""

from datetime import date, datetime, time, timedelta

from matchmaker.foundation.clock import JAPAN
from matchmaker.matching.terms import Term

MORNING_HOUR = 8


class Frequency(Term):
    """How often a person wants to hear of what is new."""

    HOURLY = "hourly", "すぐ（1時間ごとにまとめて）"
    DAILY = "daily", "毎日（朝8時）"
    WEEKLY = "weekly", "毎週（曜日を選んで、朝8時）"


class Weekday(Term):
    """The days of the week in their order, from Monday."""

    MONDAY = "monday", "月曜日"
    TUESDAY = "tuesday", "火曜日"
    WEDNESDAY = "wednesday", "水曜日"
    THURSDAY = "thursday", "木曜日"
    FRIDAY = "friday", "金曜日"
    SATURDAY = "saturday", "土曜日"
    SUNDAY = "sunday", "日曜日"


def next_time(frequency: Frequency, weekday: Weekday | None, after: datetime) -> datetime:
    """Return the first moment, strictly after an aware one, at which a saved search is due.

    ``weekday`` is read for weekly ones only. Errors: ValueError when a weekly one has none.

    >>> evening = datetime(2026, 11, 24, 23, 30, tzinfo=JAPAN)  # a Tuesday
    >>> str(next_time(Frequency.HOURLY, None, evening))
    '2026-11-25 00:00:00+09:00'
    >>> str(next_time(Frequency.DAILY, None, evening))
    '2026-11-25 08:00:00+09:00'
    >>> str(next_time(Frequency.WEEKLY, Weekday.TUESDAY, evening))
    '2026-12-01 08:00:00+09:00'
    """
    local = after.astimezone(JAPAN)
    if frequency is Frequency.HOURLY:
        return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    days = 1 if local >= _morning_of(local.date()) else 0
    first = local.date() + timedelta(days=days)
    if frequency is Frequency.WEEKLY:
        if weekday is None:
            raise ValueError("a weekly search needs its day of the week")
        first += timedelta(days=(list(Weekday).index(weekday) - first.weekday()) % 7)
    return _morning_of(first)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time(MORNING_HOUR), JAPAN)
