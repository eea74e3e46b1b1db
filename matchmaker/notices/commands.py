"""``flask notices``: send the outbox, look at what is left in it."""

from email.message import EmailMessage

import click
from flask import current_app
from flask.cli import with_appcontext

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.notices import delivery
from matchmaker.notices.delivery import Result
from matchmaker.notices.models import Notice

FAILED, WRONG_INPUT = 1, 2


@click.group("notices")
def notices() -> None:
    """Send the outbox, and look at what is left in it."""


@notices.command("send")
@with_appcontext
def send() -> None:
    """Send every mail that is due; without a mail server they are printed here."""
    carrier = delivery.carrier_of(current_app.config) or _print
    counts = delivery.send_due(carrier, sender=current_app.config["MAIL_FROM"])
    click.echo(", ".join(f"{counts[result]} {result.value}" for result in Result))
    if counts[Result.GIVEN_UP] or counts[Result.UNKNOWN]:
        click.echo("Some mails need a person: flask notices list", err=True)
        raise SystemExit(FAILED)


@notices.command("list")
@with_appcontext
def list_open() -> None:
    """Print the mails that are not sent; addresses are left out."""
    for notice in delivery.list_open():
        click.echo(f"{notice.id}\t{_state(notice)}\t{notice.kind}\t{notice.tries} tries\t{notice.last_error}")


@notices.command("retry")
@click.argument("notice_id", type=click.IntRange(1, 2**31 - 1))
@with_appcontext
def retry(notice_id: int) -> None:
    """Try a mail of unknown result, or one given up, again: it may arrive twice."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        click.echo(f"no mail {notice_id}", err=True)
        raise SystemExit(WRONG_INPUT)
    try:
        with transaction():
            delivery.put_back(notice, at=clock.now())
    except DomainError as refusal:
        click.echo(str(refusal), err=True)
        raise SystemExit(WRONG_INPUT) from refusal
    click.echo(f"mail {notice_id} waits again")


def _print(message: EmailMessage) -> None:
    """The console in place of a mail server."""
    headers = [f"{name}: {message[name]}" for name in ("To", "Subject")]
    click.echo("\n".join(["-" * 72, *headers, "", message.get_content().rstrip()]))


def _state(notice: Notice) -> str:
    if notice.given_up_at is not None:
        return "given up"
    if notice.claimed_at is not None:
        return f"result unknown since {notice.claimed_at.isoformat(timespec='seconds')}"
    return f"due {notice.next_try_at.isoformat(timespec='seconds')}"
