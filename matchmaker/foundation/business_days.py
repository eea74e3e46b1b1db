"""Business days of the prefecture: no weekend, no public holiday, no day from 29 December to 3 January. Pure.

Source: 国民の祝日に関する法律 (by the ``jpholiday`` package); 三重県の休日を定める条例 (12月29日から1月3日まで). A term
begins on the day after the event (民法 第140条) and ends with the last moment of its last day.
"""

from datetime import date, timedelta
from functools import lru_cache

import jpholiday

MOST_BUSINESS_DAYS = 1_000
"""No promise is longer; a larger number is a mistake."""


@lru_cache(maxsize=8192)
def is_business_day(day: date) -> bool:
    """Say whether the prefecture's offices are open on a day.

    >>> [is_business_day(date(2026, 12, day)) for day in (25, 26, 28, 29)]
    [True, False, True, False]
    >>> is_business_day(date(2026, 5, 6)), is_business_day(date(2027, 1, 4))
    (False, True)
    """
    is_closed = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not is_closed and not jpholiday.is_holiday(day)


def add_business_days(day: date, count: int) -> date:
    """Return the ``count``-th business day after a day; with 0, the day itself or the next one that is a business day.

    Errors: ValueError for a count below 0 or above ``MOST_BUSINESS_DAYS``.

    >>> add_business_days(date(2026, 12, 25), 3)
    datetime.date(2027, 1, 5)
    >>> add_business_days(date(2026, 11, 21), 0)
    datetime.date(2026, 11, 24)
    """
    if not 0 <= count <= MOST_BUSINESS_DAYS:
        raise ValueError(f"0 to {MOST_BUSINESS_DAYS} business days, not {count}")
    if count == 0:
        while not is_business_day(day):
            day += timedelta(days=1)
        return day
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def business_days_between(first: date, last: date) -> int:
    """Return how many business days lie after ``first``, up to and with ``last``; negative when ``last`` is earlier.

    >>> business_days_between(date(2026, 12, 25), date(2027, 1, 5))
    3
    >>> business_days_between(date(2027, 1, 5), date(2026, 12, 25))
    -3
    >>> business_days_between(date(2026, 11, 24), date(2026, 11, 24))
    0
    """
    if last < first:
        return -business_days_between(last, first)
    days = (last - first).days
    return sum(is_business_day(first + timedelta(days=number)) for number in range(1, days + 1))
