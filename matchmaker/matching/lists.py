"""A ranking of one side for one record: held as arrays, turned into lines only where somebody reads them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.weights import Criterion

Flags = NDArray[np.bool_]
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of a ranking. The parts add up to the points; a refused pair comes last and says why."""

    id: str
    points: int
    parts: dict[Criterion, int]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, eq=False)
class Ranking(Sequence[Ranked]):
    """Lines best first, equal points by id, refused pairs last; it stays as it is when the index changes.

    Shapes: every array has one value for each row of the side; ``parts`` those of each criterion, ``in_list`` the rows
    that are in this ranking, ``broken`` the rows that break each hard condition, ``place_in_order`` that of the ids.
    """

    ids: NDArray[np.object_]
    place_in_order: RowNumbers
    row_of: Mapping[str, int]
    points: NDArray[np.int64]
    parts: Mapping[Criterion, NDArray[np.integer[Any]]]
    in_list: Flags
    broken: Mapping[Refusal, Flags]

    def __len__(self) -> int:
        return int(np.count_nonzero(self.in_list))

    def __iter__(self) -> Iterator[Ranked]:
        return iter(self._lines(self._in_order(len(self))))

    @overload
    def __getitem__(self, place: int) -> Ranked: ...
    @overload
    def __getitem__(self, place: slice) -> list[Ranked]: ...
    def __getitem__(self, place: int | slice) -> Ranked | list[Ranked]:
        if isinstance(place, int):
            return self._lines(self._in_order(len(self))[[place]])[0]
        _begin, end, step = place.indices(len(self))
        return self._lines(self._in_order(end if step > 0 else len(self))[place])

    @property
    def eligible(self) -> int:
        """How many lines break no condition."""
        return len(self._eligible)

    def eligible_ids(self) -> list[str]:
        """Return the ids of the lines that break no condition, best first."""
        found: list[str] = self.ids[self._sorted(self._eligible)].tolist()
        return found

    def refused(self, from_points: int, most: int) -> list[Ranked]:
        """Return the best lines that break a condition and have so many points or more."""
        rows = self._barred[self.points[self._barred] >= from_points]
        return self._lines(self._sorted(rows)[:most])

    def place_of(self, record_id: str) -> int | None:
        """Return the place from 1 of a line that breaks no condition; None when there is none with this id."""
        row = self.row_of.get(record_id)
        if row is None or row >= len(self.ids) or not self.in_list[row] or self._breaks[row]:
            return None
        keys = self._keys(self._eligible)
        return 1 + int(np.count_nonzero(keys > self._keys(np.array([row]))[0]))

    def lines_of(self, record_ids: Collection[str]) -> list[Ranked]:
        """Return the lines of some ids, in no order; those that are not in the ranking are left out."""
        rows = self._rows_of(record_ids)
        return self._lines(rows[self.in_list[rows]])

    def without(self, record_ids: Collection[str]) -> "Ranking":
        """Return the ranking without some ids."""
        if not record_ids:
            return self
        kept = self.in_list.copy()
        kept[self._rows_of(record_ids)] = False
        return replace(self, in_list=kept)

    def within(self, record_ids: Collection[str]) -> "Ranking":
        """Return the ranking of some ids alone."""
        kept = np.zeros(len(self.ids), dtype=np.bool_)
        kept[self._rows_of(record_ids)] = True
        return replace(self, in_list=kept & self.in_list)

    def lowered(self, deductions: Mapping[str, int]) -> "Ranking":
        """Return the ranking with points taken from some ids; their parts stay as they are."""
        known = {one: points for one, points in deductions.items() if one in self.row_of and points}
        if not known:
            return self
        points = self.points.copy()
        points[self._rows_of(known)] -= np.array(list(known.values()), dtype=np.int64)
        return replace(self, points=points)

    @cached_property
    def _breaks(self) -> Flags:
        found: Flags = np.zeros(len(self.ids), dtype=np.bool_)
        for flags in self.broken.values():
            found = found | flags
        return found

    @cached_property
    def _eligible(self) -> RowNumbers:
        return np.flatnonzero(self.in_list & ~self._breaks)

    @cached_property
    def _barred(self) -> RowNumbers:
        return np.flatnonzero(self.in_list & self._breaks)

    def _rows_of(self, record_ids: Collection[str]) -> RowNumbers:
        rows = [self.row_of[one] for one in record_ids if one in self.row_of]
        return np.array([row for row in rows if row < len(self.ids)], dtype=np.int64)

    def _keys(self, rows: RowNumbers) -> NDArray[np.int64]:
        """Return one number for each row: the larger the better, unlike for any two rows."""
        found: NDArray[np.int64] = self.points[rows] * len(self.ids) - self.place_in_order[rows]
        return found

    def _sorted(self, rows: RowNumbers) -> RowNumbers:
        return rows[np.argsort(-self._keys(rows))]

    def _in_order(self, most: int) -> RowNumbers:
        """Return the first rows, or a few more."""
        first = self._first(most)
        return first if most <= len(first) else np.concatenate([first, self._sorted(self._barred)])

    def _first(self, most: int) -> RowNumbers:
        rows = self._eligible
        if most * 4 < len(rows):
            rows = rows[np.argpartition(-self._keys(rows), most)[:most]]
        return self._sorted(rows)[:most]

    def _lines(self, rows: RowNumbers) -> list[Ranked]:
        points = np.array([values[rows] for values in self.parts.values()]).T.tolist()
        codes: list[tuple[Refusal, ...]] = [()] * len(rows)
        for at in np.flatnonzero(self._breaks[rows]).tolist():
            codes[at] = tuple(code for code, flags in self.broken.items() if flags[rows[at]])
        both = zip(self.ids[rows].tolist(), self.points[rows].tolist(), points, codes, strict=True)
        return [Ranked(one, total, dict(zip(self.parts, parts, strict=True)), why) for one, total, parts, why in both]
