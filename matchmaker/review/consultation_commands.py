"""``flask consultations remind``: what a daily timer runs."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.review import consultation

consultations = AppGroup("consultations", help="The daily work on consultations.")


@consultations.command("remind")
def remind() -> None:
    """Write to both sides of each talk of today and tomorrow that was not announced yet."""
    with transaction():
        reminded = consultation.remind_due(at=clock.now())
    click.echo(f"{reminded} reminded")
