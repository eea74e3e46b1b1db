"""``flask panel``: what runs once a day for the panel."""

import click
from flask.cli import with_appcontext

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.review import panel as judging


@click.group("panel")
def panel() -> None:
    """The panel's daily work."""


@panel.command("check-ties")
@with_appcontext
def check_ties() -> None:
    """Look through the records for ties of judges that appeared since yesterday, and recuse whoever has one."""
    with transaction():
        found = judging.check_ties(judging.list_judges(), at=clock.now())
    click.echo(f"{found} pairs of judge and proposal have a tie")
