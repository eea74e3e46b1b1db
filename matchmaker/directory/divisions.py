"""Divisions of the prefecture: begun, renamed, merged and ended, never deleted, because projects keep naming them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchmaker.audit import service as audit
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _

EVER = date.max
"""A day by which all that is recorded has come about."""


class DivisionEnded(DomainError):
    """The division has an end already."""

    def __init__(self) -> None:
        super().__init__(_("この課は、すでに終了しています。"))


class CannotSucceed(DomainError):
    """The division cannot take over from the other."""


def begin(name: str, department: str, *, on: date, actor_id: int, at: datetime) -> Division:
    """Enter a division that exists from a day on."""
    division = Division(name=name, department=department, valid_from_on=on, valid_until_on=None)
    db.session.add(division)
    db.session.flush()
    audit.record("directory:division:begin", f"division {division.id}", actor_id=actor_id, at=at, on=on.isoformat())
    return division


def end(division: Division, *, last_on: date, actor_id: int, at: datetime) -> None:
    """State the last day of a division that nobody follows. Errors: DivisionEnded."""
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


def rename(division: Division, name: str, department: str, *, on: date, actor_id: int, at: datetime) -> Division:
    """Let a division go on under another name or department from a day on; return it under its new name.

    Errors: CannotSucceed.
    """
    locked(division)
    if (division.name, division.department) == (name, department):
        raise CannotSucceed(_("課も部も、いまと同じ名前です。新しい名前を入力してください。"))
    _require_day(division, on)
    successor = begin(name, department, on=on, actor_id=actor_id, at=at)
    _hand_over(division, successor, on=on, actor_id=actor_id, at=at)
    return successor


def merge_into(division: Division, successor: Division, *, on: date, actor_id: int, at: datetime) -> None:
    """Let another division take over the work from a day on. One that has ended already keeps its last day.

    Errors: CannotSucceed.
    """
    for row in sorted((division, successor), key=lambda row: row.id):
        locked(row)
    _require_day(division, on)
    line = line_of(division.id, successors(on=EVER))
    if successor.id in line:
        raise CannotSucceed(_("その課は、この課の前の名前か、あとをついだ課です。ほかの課を選んでください。"))
    last_on = division.valid_until_on or on - timedelta(days=1)
    if successor.valid_until_on is not None and successor.valid_until_on <= last_on:
        raise CannotSucceed(_("その課は、その日にはもうありません。いまある課を選んでください。"))
    if successor.valid_from_on > last_on + timedelta(days=1):
        raise CannotSucceed(_("その課は、その日にはまだありません。始まった日よりあとの日を入力してください。"))
    _hand_over(division, successor, on=on, actor_id=actor_id, at=at)


def successors(*, on: date) -> dict[int, int]:
    """Return who has taken over from whom by a day, by their ids; ``EVER`` names also who will. One query."""
    has_ended = Division.successor_id.is_not(None) & (Division.valid_until_on < on)
    rows = db.session.execute(select(Division.id, Division.successor_id).where(has_ended))
    return {former: latter for former, latter in rows if latter is not None}


def current_id(division_id: int, follows: Mapping[int, int]) -> int:
    """Return the last one of the line that a division belongs to.

    >>> current_id(1, {1: 2, 2: 5}), current_id(7, {1: 2})
    (5, 7)
    """
    seen = {division_id}
    while (latter := follows.get(division_id)) is not None and latter not in seen:
        division_id = latter
        seen.add(division_id)
    return division_id


def line_of(division_id: int, follows: Mapping[int, int]) -> frozenset[int]:
    """Return every division whose work has come to the same hands, the division itself among them.

    >>> sorted(line_of(1, {1: 5, 2: 5, 3: 4})), sorted(line_of(6, {1: 5}))
    ([1, 2, 5], [6])
    """
    last = current_id(division_id, follows)
    known = {division_id, *follows, *follows.values()}
    return frozenset(one for one in known if current_id(one, follows) == last)


def line_today(division_id: int) -> frozenset[int]:
    """Return the line of a division by what has come about until today."""
    return line_of(division_id, successors(on=clock.today()))


def todays(divisions: Iterable[Division], *, on: date | None = None) -> dict[int, Division]:
    """Return for each division that others have followed the one that does its work today, by the former's id.

    ``on``: another day.
    """
    follows = successors(on=on or clock.today())
    wanted = {row.id: current_id(row.id, follows) for row in divisions if row.id in follows}
    if not wanted:
        return {}
    found = {row.id: row for row in db.session.scalars(select(Division).where(Division.id.in_(wanted.values())))}
    return {former: found[latter] for former, latter in wanted.items()}


def _require_day(division: Division, on: date) -> None:
    if division.successor_id is not None:
        raise CannotSucceed(_("この課のあとをついだ課は、すでに記録されています。"))
    if division.valid_until_on is None and on <= division.valid_from_on:
        raise CannotSucceed(_("この課が始まった日よりあとの日を入力してください。"))


def _hand_over(division: Division, successor: Division, *, on: date, actor_id: int, at: datetime) -> None:
    division.valid_until_on = division.valid_until_on or on - timedelta(days=1)
    division.successor_id = successor.id
    audit.record(
        "directory:division:succeed",
        f"division {division.id}",
        actor_id=actor_id,
        at=at,
        successor=successor.id,
        last_on=division.valid_until_on.isoformat(),
    )
