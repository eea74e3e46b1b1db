"""``flask open-data``: keep the day's files, prove them, and take a record out of all of them."""

import click
from flask import current_app
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.open_data import archive, datasets

open_data = AppGroup("open-data", help="What was published on which day.")


@open_data.command("archive")
def keep() -> None:
    """Keep today's files under today's address. A second run of a day changes nothing."""
    on = clock.today()
    click.echo(f"{on}: {archive.keep(on, current_app.config['BASE_URL'])} files kept")


@open_data.command("verify")
def verify() -> None:
    """Compute the digest of every kept file anew; the status is 1 when one is gone or differs."""
    found = archive.faults()
    for sha256 in found:
        click.echo(f"{sha256}: gone or changed", err=True)
    click.echo(f"{len(found)} faults")
    if found:
        raise SystemExit(1)


@open_data.command("withdraw")
@click.argument("dataset", type=click.Choice([dataset.key for dataset in datasets.DATASETS]))
@click.argument("identity")
@click.option("--reason", required=True, help="Everybody can read it: it names no person.")
def withdraw(dataset: str, identity: str, reason: str) -> None:
    """Take the record with this id out of every kept day of a dataset, and say so beside each file."""
    found = datasets.find(dataset)
    if found is None:
        raise click.BadParameter(dataset)
    try:
        changed = archive.withdraw(found, identity, reason=reason, at=clock.now())
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{dataset} {identity}: taken out of {changed} files")
