"""``flask indicators snapshot`` and ``flask indicators verify``."""

from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select

from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger, participation, queries
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.snapshots import SnapshotKind

indicators = AppGroup("indicators", help="The ledger of the indicator: count, and prove the counts.")


@indicators.command("snapshot")
@click.option("--fy", "year", help="A fiscal year such as R8; every open year when it is left out.")
@click.option("--as-of", type=click.DateTime(), help="Count what was on record at that time (Japanese time).")
def snapshot(year: str | None, as_of: datetime | None) -> None:
    """Count open fiscal years and keep what is new. Safe to run as often as one likes."""
    if as_of is not None and year is None:
        raise click.UsageError("--as-of needs --fy: it looks back on one fiscal year")
    at = clock.now()
    companies = None
    moment = as_of.replace(tzinfo=clock.JAPAN) if as_of else None
    try:
        with transaction():
            if year is None:
                taken = ledger.take_open_years(actor=None, at=at)
                companies = participation.take(at=at)
            else:
                one = ledger.take(_year(year), actor=None, at=at, as_of=moment)
                taken = [one] if one else []
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for row in taken:
        click.echo(f"{fiscal_year.code(row.fy)}-{row.edition}: {row.value} projects, {row.digest}")
        if row.note:
            click.echo(row.note)
    if companies is not None:
        click.echo(f"{fiscal_year.code(companies.fy)}-{companies.edition}: companies that take part")
    if not taken and companies is None:
        click.echo("nothing has changed")


@indicators.command("verify")
def verify() -> None:
    """Compute every count's digest and figure anew, of projects and of companies; the status is 1 when one differs."""
    snapshots = db.session.scalars(select(LedgerSnapshot).order_by(LedgerSnapshot.fy, LedgerSnapshot.edition)).all()
    companies = participation.list_snapshots()
    faults = [
        f"{fiscal_year.code(row.fy)}-{row.edition}: {fault}" for row in snapshots for fault in ledger.faults_of(row)
    ]
    faults += [
        f"{fiscal_year.code(row.fy)}-{row.edition} of companies: {fault}"
        for row in companies
        for fault in participation.faults_of(row)
    ]
    for fault in faults:
        click.echo(fault, err=True)
    for fy in _open_years_that_changed():
        click.echo(f"{fiscal_year.code(fy)}: the records have changed since the last count")
    newest = participation.latest(fiscal_year.fiscal_year_of(clock.today()))
    if newest is not None and participation.has_changed_since(newest, clock.today()):
        click.echo(f"{fiscal_year.code(newest.fy)} of companies: the records have changed since the last count")
    click.echo(f"{len(snapshots)} snapshots, {len(companies)} of companies, {len(faults)} faults")
    if faults:
        raise SystemExit(1)


def _open_years_that_changed() -> list[int]:
    newest = queries.latest_snapshots()
    return [fy for fy, row in newest.items() if row.kind is SnapshotKind.INTERIM and ledger.has_changed_since(row)]


def _year(text: str) -> int:
    try:
        return fiscal_year.parse(text)
    except fiscal_year.NotAFiscalYear as error:
        raise click.BadParameter(f"{text} is no fiscal year (write R8 or H23)") from error
