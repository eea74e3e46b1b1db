"""``flask results release-due``: what a timer runs each minute."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.review import outbox

results = AppGroup("results", help="The results that wait to be told.")


@results.command("release-due")
def release_due() -> None:
    """Tell the results whose moment has come. Each order is told as a whole or not at all."""
    refused = 0
    for release_id in outbox.list_due(at=clock.now()):
        try:
            with transaction():
                told = outbox.run(outbox.get(release_id), at=clock.now())
        except DomainError as refusal:
            refused += 1
            with transaction():
                outbox.refuse(outbox.get(release_id), str(refusal))
            click.echo(f"{release_id}: {refusal}", err=True)
        else:
            click.echo(f"{release_id}: {told} released")
    if refused:
        raise click.exceptions.Exit(1)
