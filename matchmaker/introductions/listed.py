"""Which records can be matched, as facts: brought up to the database record by record, and kept with an index.

Facts that came with a kept index stay bytes until somebody asks for one: objects of fifty thousand records would take
a worker's memory several times over.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, DateTime, func, select, type_coerce
from sqlalchemy import cast as as_type

from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.matching.fact_rows import FactRows
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.side import Side
from matchmaker.proposals.models import Proposal

READ_AT_ONCE = 500

Record = TypeVar("Record", Proposal, Interest)
Facts = TypeVar("Facts", ProposalFacts, InterestFacts)

Stamps = NDArray[np.int64]
"""What tells whether a record changed, shape (records, 5): number, version, when it was saved, and the owner's number
and version; in order of numbers."""

_OWNER = 3
_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Changes(Generic[Facts]):
    """What happened to one side since it was last read: facts that are new or different, ids that are gone."""

    put: list[Facts]
    removed: list[str]

    def __len__(self) -> int:
        return len(self.put) + len(self.removed)

    @property
    def ids(self) -> set[str]:
        """The ids of all records that changed."""
        return {*(one.id for one in self.put), *self.removed}


class ListedFacts(MutableMapping[str, Facts]):
    """Facts by id: those of a kept index, with what changed since beside them."""

    def __init__(self, kept: Side | None = None) -> None:
        self._row_of = kept.row_of if kept else {}
        self._rows = FactRows(kept=kept.facts.kept) if kept else FactRows()
        self._changed: dict[str, Facts] = {}
        self._gone = {one for one, row in self._row_of.items() if kept and not kept.is_alive[row]}

    def copy(self) -> "ListedFacts[Facts]":
        """Return the same facts, to be changed apart."""
        other: ListedFacts[Facts] = ListedFacts()
        other._row_of, other._rows = self._row_of, self._rows
        other._changed, other._gone = dict(self._changed), set(self._gone)
        return other

    def __getitem__(self, record_id: str) -> Facts:
        if record_id in self._changed:
            return self._changed[record_id]
        row = self._row_of.get(record_id, len(self._rows))
        if row >= len(self._rows) or record_id in self._gone:
            raise KeyError(record_id)
        # One side has facts of one kind.
        return cast("Facts", self._rows[row])

    def __setitem__(self, record_id: str, facts: Facts) -> None:
        self._changed[record_id] = facts
        self._gone.add(record_id)

    def __delitem__(self, record_id: str) -> None:
        if record_id not in self:
            raise KeyError(record_id)
        self._changed.pop(record_id, None)
        self._gone.add(record_id)

    def __contains__(self, record_id: object) -> bool:
        if record_id in self._changed:
            return True
        row = self._row_of.get(record_id, len(self._rows)) if isinstance(record_id, str) else len(self._rows)
        return row < len(self._rows) and record_id not in self._gone

    def __iter__(self) -> Iterator[str]:
        yield from self._changed
        rows = len(self._rows)
        yield from (one for one, row in self._row_of.items() if row < rows and one not in self._gone)

    def __len__(self) -> int:
        rows = len(self._rows)
        gone = sum(self._row_of.get(one, rows) < rows for one in self._gone)
        return rows - gone + len(self._changed)


class FactsInOrder(Sequence[Facts]):
    """Facts in order of ids, as they were when this was made: the same registry gives the same index."""

    def __init__(self, facts: ListedFacts[Facts]) -> None:
        self._facts: ListedFacts[Facts] = facts.copy()
        self._ids: list[str] = sorted(self._facts)

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> Facts: ...
    @overload
    def __getitem__(self, place: slice) -> list[Facts]: ...
    def __getitem__(self, place: int | slice) -> Facts | list[Facts]:
        if isinstance(place, slice):
            return [self._facts[one] for one in self._ids[place]]
        return self._facts[self._ids[place]]


class ListedSide(Generic[Record, Facts]):
    """The records of one side that can be matched, as facts; it notices what changed in the database."""

    def __init__(
        self,
        model: type[Record],
        listed: Callable[[date], ColumnElement[bool]],
        to_facts: Callable[[Record], Facts],
    ) -> None:
        self.facts: ListedFacts[Facts] = ListedFacts()
        self._model: type[Record] = model
        self._listed = listed
        self._to_facts: Callable[[Record], Facts] = to_facts
        self._fingerprint: tuple[Any, ...] | None = None
        self._stamps: Stamps = np.zeros((0, 5), dtype=np.int64)
        self._id_of: dict[int, str] = {}

    def changes(self, on: date) -> Changes[Facts]:
        """Bring the facts up to the day and return what changed."""
        fingerprint = self._fingerprint_on(on)
        if fingerprint == self._fingerprint:
            return Changes([], [])
        before, after = self._stamps, self._stamps_on(on)
        removed = [self._forget(one) for one in before[~np.isin(before[:, 0], after[:, 0]), 0].tolist()]
        put = [self._remember(record) for record in self._read(_unlike(before, after))]
        self._stamps, self._fingerprint = after, fingerprint
        return Changes(put, removed)

    def ids_of(self, organisation_id: int) -> list[str]:
        """Return the ids of an organisation's facts."""
        return [self._id_of[one] for one in self._stamps[self._stamps[:, _OWNER] == organisation_id, 0].tolist()]

    def owner_of(self) -> dict[str, int]:
        """Return the organisation by the id of the facts."""
        return {self._id_of[row[0]]: row[_OWNER] for row in self._stamps.tolist()}

    def state(self) -> tuple[Stamps, list[str]]:
        """Return what tells this side later which records changed: their stamps, and their ids in the same order."""
        return self._stamps, [self._id_of[one] for one in self._stamps[:, 0].tolist()]

    def restore(self, stamps: Stamps, ids: Sequence[str], kept: Side) -> None:
        """Begin with the facts of a kept index, of which ``state`` was kept as well."""
        self._fingerprint, self._stamps = None, stamps
        self._id_of = dict(zip(stamps[:, 0].tolist(), ids, strict=True))
        self.facts = ListedFacts(kept)

    def rebase(self, kept: Side, changed: set[str]) -> None:
        """Let go of facts that a kept index holds; those that changed since it was made stay as they are now."""
        facts: ListedFacts[Facts] = ListedFacts(kept)
        for one in changed:
            if one in self.facts:
                facts[one] = self.facts[one]
            elif one in facts:
                del facts[one]
        self.facts = facts

    def _fingerprint_on(self, on: date) -> tuple[Any, ...]:
        """Add up ids and versions in one query: no entry, exit or change leaves every sum as it was."""
        model, number = self._model, as_type(self._model.id, BigInteger)
        owner = as_type(Organisation.id, BigInteger)
        columns = (
            func.count(),
            func.sum(number),
            func.sum(model.version),
            func.sum(number * model.version),
            func.max(model.saved_at),
            func.sum(Organisation.version),
            func.sum(owner * Organisation.version),
        )
        row = db.session.execute(select(*columns).select_from(model).join(model.organisation).where(self._listed(on)))
        return tuple(row.one())

    def _stamps_on(self, on: date) -> Stamps:
        model = self._model
        # As it is stored: making moments with a zone of them takes longer than all else here.
        saved_at = type_coerce(model.saved_at, DateTime())
        query = select(saved_at, model.id, model.version, Organisation.id, Organisation.version)
        rows = db.session.execute(query.join(model.organisation).where(self._listed(on)).order_by(model.id))
        whole = [(number, version, _instant(saved), *owner) for saved, number, version, *owner in rows]
        return np.array(whole, dtype=np.int64).reshape(len(whole), 5)

    def _read(self, ids: Sequence[int]) -> Iterator[Record]:
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start : start + READ_AT_ONCE]
            yield from db.session.scalars(select(self._model).where(self._model.id.in_(some)).order_by(self._model.id))

    def _remember(self, record: Record) -> Facts:
        facts: Facts = self._to_facts(record)
        self.facts[facts.id] = facts
        self._id_of[record.id] = facts.id
        return facts

    def _forget(self, record_id: int) -> str:
        facts_id = self._id_of.pop(record_id)
        del self.facts[facts_id]
        return facts_id


def _unlike(before: Stamps, after: Stamps) -> list[int]:
    """Return the numbers of the records of ``after`` that ``before`` does not have just so."""
    places = np.searchsorted(before[:, 0], after[:, 0])
    same = np.zeros(len(after), dtype=np.bool_)
    inside = places < len(before)
    same[inside] = (before[places[inside]] == after[inside]).all(axis=1)
    found: list[int] = after[~same, 0].tolist()
    return found


def _instant(moment: datetime | None) -> int:
    """Return a moment of UTC in microseconds; -1 for none.

    >>> _instant(datetime(1970, 1, 1, 0, 0, 1)), _instant(None)
    (1000000, -1)
    """
    return (moment - _EPOCH) // _MICROSECOND if moment else -1
