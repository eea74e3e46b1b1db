"""For which division of the prefecture a person acts: under all the names that its work had until today."""

from matchmaker.accounts.models import User
from matchmaker.directory.divisions import line_today, todays
from matchmaker.directory.models import Division


def desk_of(user: User) -> frozenset[int]:
    """Return the ids of the person's division, of those before it and of the one that took over; empty without one.

    A succession counts from its first day on: nobody acts for a division that takes over tomorrow.
    """
    return line_today(user.division.id) if user.division else frozenset()


def division_today(user: User) -> Division | None:
    """Return the person's division, or the one that does its work today."""
    return todays([user.division]).get(user.division.id, user.division) if user.division else None
