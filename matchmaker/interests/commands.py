"""``flask interests expire``: what a daily timer runs."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests import service

interests = AppGroup("interests", help="The daily work on interests.")


@interests.command("expire")
def expire() -> None:
    """Expire what ran out and write to those whose interest ends within 30 days."""
    at = clock.now()
    with transaction():
        expired = service.expire_due(at=at)
        announced = service.announce_expiry(at=at)
    click.echo(f"{expired} expired, {announced} announced")
