"""The only source of time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the calendar day that it is in Japan now."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the calendar day in Japan of an aware moment.

    >>> day_of(datetime(2026, 3, 31, 15, 0, tzinfo=UTC))
    datetime.date(2026, 4, 1)
    """
    return moment.astimezone(JAPAN).date()
