"""``flask audit``: check the chained record."""

import click
from flask.cli import with_appcontext

from matchmaker.audit import queries, service

BROKEN = 1


@click.group("audit")
def audit() -> None:
    """Check the record of who did what."""


@audit.command("verify")
@with_appcontext
def verify() -> None:
    """Walk the whole chain. The printed count and last MAC are the anchor to keep elsewhere: they show a cut tail."""
    checked = service.check_chain(queries.each_entry())
    if checked.first_broken is not None:
        click.echo(f"broken at entry {checked.first_broken}", err=True)
        raise SystemExit(BROKEN)
    click.echo(f"whole: {checked.count} entries, last MAC {checked.last_mac or '-'}")
