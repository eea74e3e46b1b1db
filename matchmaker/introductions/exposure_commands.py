"""``flask exposure plan``: what a daily timer runs before the first visitor."""

import click
from flask.cli import AppGroup

from matchmaker.foundation import clock
from matchmaker.introductions import exposure_plan

exposure = AppGroup("exposure", help="The daily work on the exposure guarantee.")


@exposure.command("plan")
def plan() -> None:
    """Make the day's plan of reserved slots and alarms, unless a visitor was earlier."""
    today = clock.today()
    exposure_plan.ensure_plan(today, at=clock.now())
    alarms = exposure_plan.count_alarms(today)
    click.echo(f"{exposure_plan.count_slots(today)} slots, {alarms.lost} alarms, {alarms.at_risk} at risk")
