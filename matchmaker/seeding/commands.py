"""``flask seed``: the policy's figures and places, the demonstration, and the table of its accounts."""

from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.open_data import archive
from matchmaker.seeding import accounts, cases, demo, policy


@click.group("seed")
def seed() -> None:
    """Load first contents. Loading twice changes nothing."""


@seed.command("policy")
@with_appcontext
def seed_policy() -> None:
    """Load indicators, budgets, municipalities, divisions, and the proposals of earlier years."""
    _load_policy()


@seed.command("demo")
@with_appcontext
def seed_demo() -> None:
    """Load the policy and the demonstration, and print its accounts."""
    _load_policy()
    try:
        loaded = demo.load(at=clock.now())
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if loaded.was_there:
        click.echo("デモのデータは、すでに入っています。")
    else:
        click.echo(f"デモ：公開事例の提案 {loaded.proposals}件を入れました。")
    archive.keep(clock.today(), current_app.config["BASE_URL"])
    click.echo(accounts.accounts_table())


@seed.command("accounts-table")
def accounts_table() -> None:
    """Print the demonstration's accounts."""
    click.echo(accounts.accounts_table())


def _load_policy() -> None:
    with transaction():
        past = cases.add_past_proposals()
    if past:
        click.echo(f"過去の提案 {past}件を入れました。")
    added = policy.load(at=clock.now())
    if not any(asdict(added).values()):
        click.echo("施策のデータは、すでに入っています。")
        return
    click.echo(
        f"施策：数値 {added.figures}件、予算 {added.budgets}件、"
        f"市区町村 {added.municipalities}件、課 {added.divisions}件を入れました。"
    )
