"""A ranking of one side for one record: held as arrays, turned into lines only where somebody reads them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import kernels
from matchmaker.matching.condition_columns import BITS
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.weights import Criterion

MOST_PICKED = 200
"""So many first lines are picked in one look at the rows; for more it is faster to sort them."""

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

    Shapes: every array has one value for each row of the side; ``parts`` (criteria, rows) in the order of
    ``Criterion``; ``in_list`` the rows that are in this ranking, ``broken`` the hard conditions that each breaks, as
    bits (``condition_columns.BITS``), ``place_in_order`` that of the ids, and ``row_at`` the row of each place.
    """

    ids: NDArray[np.object_]
    place_in_order: RowNumbers
    row_at: RowNumbers
    row_of: Mapping[str, int]
    points: NDArray[np.int32]
    parts: NDArray[np.int16]
    in_list: Flags
    broken: NDArray[np.uint8]

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
        if row is None or row >= len(self.ids) or not self.in_list[row] or self.broken[row]:
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
        points[self._rows_of(known)] -= np.array(list(known.values()), dtype=np.int32)
        return replace(self, points=points)

    @cached_property
    def _eligible(self) -> RowNumbers:
        return np.flatnonzero(self.in_list & (self.broken == 0))

    @cached_property
    def _barred(self) -> RowNumbers:
        return np.flatnonzero(self.in_list & (self.broken != 0))

    def _rows_of(self, record_ids: Collection[str]) -> RowNumbers:
        rows = [self.row_of[one] for one in record_ids if one in self.row_of]
        return np.array([row for row in rows if row < len(self.ids)], dtype=np.int64)

    def _keys(self, rows: RowNumbers) -> NDArray[np.int64]:
        """Return one number for each row: the larger the better, unlike for any two rows."""
        found: NDArray[np.int64] = self.points[rows].astype(np.int64) * len(self.ids) - self.place_in_order[rows]
        return found

    def _sorted(self, rows: RowNumbers) -> RowNumbers:
        return rows[np.argsort(-self._keys(rows))]

    def _in_order(self, most: int) -> RowNumbers:
        """Return the first rows, or a few more."""
        first = self._first(most)
        return first if most <= len(first) else np.concatenate([first, self._sorted(self._barred)])

    def _first(self, most: int) -> RowNumbers:
        if most <= MOST_PICKED and (compiled := kernels.loaded()):
            return compiled.keep_best(self, most)
        rows = self._eligible
        if most * 4 < len(rows):
            rows = rows[np.argpartition(-self._keys(rows), most)[:most]]
        return self._sorted(rows)[:most]

    def _lines(self, rows: RowNumbers) -> list[Ranked]:
        parts = self.parts[:, rows].T.tolist()
        both = zip(self.ids[rows].tolist(), self.points[rows].tolist(), parts, self.broken[rows].tolist(), strict=True)
        return [
            Ranked(one, total, dict(zip(Criterion, points, strict=True)), _refusals(bits))
            for one, total, points, bits in both
        ]


def _refusals(bits: int) -> tuple[Refusal, ...]:
    return tuple(refusal for refusal, bit in BITS.items() if bits >> bit & 1) if bits else ()
