"""``flask accounts``: the first accounts of the prefecture, and an emergency stop."""

from typing import NoReturn

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask.cli import with_appcontext

from matchmaker.accounts import queries, staff
from matchmaker.directory import queries as directory
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import STAFF_ROLES, Role

WRONG_INPUT = 2

_ROLES = sorted(role.value for role in STAFF_ROLES)


@click.group("accounts")
def accounts() -> None:
    """Make and stop accounts."""


@accounts.command("create-staff")
@click.option("--email", required=True, help="Where the link for the first password goes.")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What the person may do.")
@click.option("--division", "division_name", help="The division's name, for the role division.")
@with_appcontext
def create_staff(email: str, name: str, role: str, division_name: str | None) -> None:
    """Make an account for a person of the prefecture and queue the mail with their one-time link."""
    address = _address(email)
    shown = tidy_line(name)
    if not 0 < len(shown) <= 80:
        _stop("--name needs 1 to 80 characters")
    division = _division(division_name) if division_name else None
    try:
        with transaction():
            _user, token = staff.create(
                email=address, name=shown, role=Role(role), division=division, actor_id=None, at=clock.now()
            )
    except DomainError as refusal:
        _stop(str(refusal))
    click.echo(f"Account made for {address}. The mail with the link is in the outbox (flask notices send).")
    click.echo(f"One-time link, three days: {current_app.config['BASE_URL']}/password/reset/{token}")


@accounts.command("suspend")
@click.option("--email", required=True, help="Whose account.")
@with_appcontext
def suspend(email: str) -> None:
    """Stop an account and sign it out everywhere."""
    user = queries.find_by_email(_address(email))
    if user is None:
        _stop(f"no account has the address {email}")
    try:
        with transaction():
            staff.suspend(user, actor=None, at=clock.now())
    except DomainError as refusal:
        _stop(str(refusal))
    click.echo("Suspended; every browser is signed out.")


def _address(email: str) -> str:
    try:
        return validate_email(half_width(email), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        _stop(f"--email: {email} is not an e-mail address")


def _division(name: str) -> Division:
    found = [one for one in directory.list_divisions(on=clock.today()) if one.name == tidy_line(name)]
    if len(found) != 1:
        _stop(f"--division: {len(found)} divisions are called {name}")
    return found[0]


def _stop(fault: str) -> NoReturn:
    click.echo(fault, err=True)
    raise SystemExit(WRONG_INPUT)
