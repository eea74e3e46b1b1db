"""Divisions of the prefecture: begun and ended, never deleted, because projects keep naming them."""

from datetime import date, datetime

from matchmaker.audit import service as audit
from matchmaker.directory.models import Division
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _


class DivisionEnded(DomainError):
    """The division has an end already."""

    def __init__(self) -> None:
        super().__init__(_("この課は、すでに終了しています。"))


def begin(name: str, department: str, *, on: date, actor_id: int, at: datetime) -> Division:
    """Enter a division that exists from a day on."""
    division = Division(name=name, department=department, valid_from_on=on, valid_until_on=None)
    db.session.add(division)
    db.session.flush()
    audit.record("directory:division:begin", f"division {division.id}", actor_id=actor_id, at=at, on=on.isoformat())
    return division


def end(division: Division, *, last_on: date, actor_id: int, at: datetime) -> None:
    """State the last day of a division. Errors: DivisionEnded."""
    locked(division)
    if division.valid_until_on is not None:
        raise DivisionEnded
    # A division entered by mistake today lasts no longer than its first day.
    division.valid_until_on = max(last_on, division.valid_from_on)
    audit.record(
        "directory:division:end",
        f"division {division.id}",
        actor_id=actor_id,
        at=at,
        on=division.valid_until_on.isoformat(),
    )
