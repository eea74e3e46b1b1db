"""``flask clocks run``: what a timer runs on the morning of each day."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.review import clocks as daily

clocks = AppGroup("clocks", help="The daily work of the promised response times.")


@clocks.command("run")
def run() -> None:
    """Note what has stalled, end what ends by itself, and remind people. Exit 1 when an act failed."""
    done = daily.run(at=clock.now())
    click.echo(
        f"{done.settled} of ended divisions, {done.stalled} stalled, {done.lapsed} suspended, "
        f"{done.nudged} reminders, {done.closing} mails before a deadline, {done.failed} failed"
    )
    if done.failed:
        raise SystemExit(1)
