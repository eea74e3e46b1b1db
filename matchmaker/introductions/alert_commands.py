"""``flask alerts send``: what an hourly timer runs."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.introductions import digests

FAILED = 1

alerts = AppGroup("alerts", help="Mails about what is new to saved searches.")


@alerts.command("send")
def send() -> None:
    """Queue one mail for each person whose saved searches are due and have found something new."""
    sent = digests.send_due(at=clock.now())
    click.echo(f"{sent.mails} mails with {sent.items} items, {sent.failed} failed")
    if sent.failed:
        raise SystemExit(FAILED)
