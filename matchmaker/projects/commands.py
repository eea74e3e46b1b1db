"""``flask projects remind``: what a timer runs on the morning of each day."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import reminders

projects = AppGroup("projects", help="The daily work of the projects that run.")


@projects.command("remind")
def remind() -> None:
    """Tell the parties of the meetings and reports that are near; each is told once for each of its days."""
    at = clock.now()
    with transaction():
        told = reminders.remind(at=at)
    click.echo(f"{told.meetings} meetings and {told.reports} reports told")
