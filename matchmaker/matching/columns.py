"""One side of the index as arrays: what every record of a side says, column by column, replaceable row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.features import Rarity, Vocabulary, centre, unit_rows
from matchmaker.matching.meaning import DIMENSIONS
from matchmaker.matching.packing import Rows, started

Shares = NDArray[np.float64]
Products = NDArray[np.int32]
Flags = NDArray[np.bool_]
RowNumbers = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]
Number = TypeVar("Number", np.float64, np.int16, np.bool_)

FEWEST_REWRITTEN = 64
REWRITTEN_PART = 20
"""Changed rows are kept beside the matrix until they are one in so many; then it is written anew."""

ENTRIES_AT_ONCE = 500_000
"""Entries weighed together: the long numbers needed meanwhile stay within a few megabytes."""

VECTORS_AT_ONCE = 1000
MULTIPLIED_AT_ONCE = 2000
"""Rows of 8-bit vectors turned into 32-bit floats together: they stay near the processor."""
SPARE_ROWS = 64
"""Room for new records, so that not each of them moves all vectors."""


@dataclass(frozen=True, slots=True)
class SparseTerms:
    """A sparse vector: terms by their numbers in a vocabulary, each with its weight; both of shape (terms,).

    ``is_answered`` when its record has a term of some weight, be it one that no other record has.
    """

    numbers: NDArray[np.int32]
    values: NDArray[np.int16]
    is_answered: bool

    def __len__(self) -> int:
        return len(self.numbers)


NO_TERMS = SparseTerms(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int16), False)


class TermColumns:
    """Sparse whole-number vectors of many rows, multiplied with one query vector; exact.

    The matrix is kept twice, by rows and by terms: six bytes an entry each. A list reads the terms of its query alone,
    an explanation the row of its pair. Rows that were replaced or added lie beside it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        starts: RowNumbers,
        numbers: NDArray[np.int32],
        values: NDArray[np.int16],
    ) -> None:
        self.vocabulary = vocabulary
        self.answered: Flags = np.zeros(0, dtype=np.bool_)
        self._changed: dict[int, SparseTerms] = {}
        self._beside: tuple[NDArray[np.int32], Rows[np.int16]] | None = None
        self._write(starts, numbers, values)

    @classmethod
    def restored(cls, vocabulary: Vocabulary, kept: Arrays) -> "TermColumns":
        """Return the columns of which ``arrays`` was kept."""
        found = object.__new__(cls)
        found.__dict__.update(kept, vocabulary=vocabulary, _changed={}, _beside=None, written=len(kept["starts"]) - 1)
        return found

    def arrays(self) -> Arrays:
        """Return everything but the vocabulary; what was changed is written into the matrix first."""
        if self._changed:
            self._rewrite()
        names = ("starts", "numbers", "values", "answered", "begins", "row_numbers", "column_values")
        return {name: getattr(self, name) for name in names}

    def products(self, asked: SparseTerms) -> Products:
        """Return the dot product of ``asked`` with every row, shape (rows,)."""
        found = np.zeros(len(self.answered), dtype=np.int32)
        known = asked.numbers < len(self.begins) - 1
        spans = [slice(*self.begins[number : number + 2].tolist()) for number in asked.numbers[known]]
        if spans:
            rows = np.concatenate([self.row_numbers[span] for span in spans])
            values = np.concatenate([self.column_values[span] for span in spans], dtype=np.float64)
            values *= np.repeat(asked.values[known], [span.stop - span.start for span in spans])
            # Whole numbers far below 2**53: the sums of 64-bit floats are exact.
            found[: self.written] = np.bincount(rows, values, minlength=self.written)
        changed, beside = self.changed()
        if len(changed):
            dense = np.zeros(len(self.vocabulary), dtype=np.int64)
            dense[asked.numbers] = asked.values
            sums = np.append(0, np.cumsum(dense[beside.numbers] * beside.values))
            found[changed] = sums[beside.starts[1:]] - sums[beside.starts[:-1]]
        return found

    def changed(self) -> tuple[NDArray[np.int32], Rows[np.int16]]:
        """Return the rows that lie beside the matrix, rising, and their terms."""
        if self._beside is None:
            rows = sorted(self._changed)
            terms = [NO_TERMS, *(self._changed[row] for row in rows)]
            self._beside = (
                np.array(rows, dtype=np.int32),
                Rows(
                    started([len(one) for one in terms[1:]]),
                    np.concatenate([one.numbers for one in terms]),
                    np.concatenate([one.values for one in terms]),
                ),
            )
        return self._beside

    def asked(self, row: int) -> SparseTerms:
        """Return a row as it is asked of the other side."""
        if row in self._changed:
            return self._changed[row]
        span = slice(self.starts[row], self.starts[row + 1])
        return SparseTerms(self.numbers[span], self.values[span], bool(self.answered[row]))

    def asked_of(self, terms: Mapping[str, int]) -> SparseTerms:
        """Return terms by their numbers; those that no record has are left out."""
        known = {self.vocabulary[term]: weight for term, weight in terms.items() if term in self.vocabulary}
        return SparseTerms(
            np.fromiter(known, dtype=np.int32, count=len(known)),
            np.fromiter(known.values(), dtype=np.int16, count=len(known)),
            bool(terms),
        )

    def row(self, row: int) -> Mapping[str, int]:
        """Return a row as terms and weights."""
        found, terms = self.asked(row), self.vocabulary.terms
        both = zip(found.numbers.tolist(), found.values.tolist(), strict=True)
        return {terms[number]: value for number, value in both if value}

    def put(self, row: int, terms: Mapping[str, int]) -> None:
        """Replace a row, or add the next one."""
        if row == len(self.answered):
            self.answered = np.append(self.answered, False)
        self.answered[row] = bool(terms)
        numbers = [self.vocabulary[term] for term in terms]
        self._changed[row] = SparseTerms(
            np.array(numbers, dtype=np.int32), np.array(list(terms.values()), dtype=np.int16), bool(terms)
        )
        self._beside = None
        if len(self._changed) > max(FEWEST_REWRITTEN, len(self.answered) // REWRITTEN_PART):
            self._rewrite()

    def _rewrite(self) -> None:
        numbers, values, begin = [], [], 0
        sizes = np.append(np.diff(self.starts), np.zeros(len(self.answered) - self.written, dtype=np.int64))
        for row in sorted(self._changed):
            end, after = (self.starts[row], self.starts[row + 1]) if row < self.written else [len(self.numbers)] * 2
            numbers += [self.numbers[begin:end], self._changed[row].numbers]
            values += [self.values[begin:end], self._changed[row].values]
            begin = max(begin, int(after))
            sizes[row] = len(self._changed[row])
        numbers.append(self.numbers[begin:])
        values.append(self.values[begin:])
        self._changed, self._beside = {}, None
        self._write(started(sizes), np.concatenate(numbers), np.concatenate(values))

    def _write(self, starts: RowNumbers, numbers: NDArray[np.int32], values: NDArray[np.int16]) -> None:
        self.starts, self.numbers, self.values = starts, numbers, values
        self.written = len(starts) - 1
        sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)])
        self.answered = np.diff(sums[starts]) > 0
        order = np.argsort(numbers, kind="stable")
        self.begins = started(np.bincount(numbers, minlength=len(self.vocabulary)))
        self.row_numbers = np.repeat(np.arange(self.written, dtype=np.int32), np.diff(starts))[order]
        self.column_values = values[order]


def weighed_columns(
    rows: Rows[np.uint8] | Rows[np.float32], vocabulary: Vocabulary, rarity: Rarity, factors: Shares | None
) -> TermColumns:
    """Weigh rows by rarity; how often a term occurs is looked up in ``factors``, shape (256,), or taken as it is."""
    values = np.empty(len(rows.numbers), dtype=np.int16)
    begin = 0
    while begin < len(rows.starts) - 1:
        end = int(np.searchsorted(rows.starts, rows.starts[begin] + ENTRIES_AT_ONCE, side="right")) - 1
        end = max(begin + 1, end)
        span = slice(rows.starts[begin], rows.starts[end])
        given = rows.values[span].astype(np.float64) if factors is None else factors[rows.values[span]]
        starts = rows.starts[begin : end + 1] - rows.starts[begin]
        values[span] = unit_rows(given * rarity.of_numbers(rows.numbers[span]), starts)
        begin = end
    return TermColumns(vocabulary, rows.starts, rows.numbers, values)


class MeaningColumns:
    """Centred sentence vectors in 8-bit whole numbers; products are exact below 2**24, even in 32-bit floats."""

    def __init__(self, matrix: NDArray[np.int8], answered: Flags) -> None:
        self._room = matrix
        self.answered = answered

    @classmethod
    def of(
        cls,
        vectors: Sequence[NDArray[np.float16] | None],
        mean: NDArray[np.float64] | None,
        axes: NDArray[np.float64] | None,
    ) -> "MeaningColumns":
        """Centre vectors on their side's mean, which is None when no record has one; see ``features.centre``."""
        width = DIMENSIONS if axes is None else axes.shape[1]
        answered = np.array([vector is not None and mean is not None for vector in vectors], dtype=np.bool_)
        matrix = np.zeros((len(vectors), width if answered.any() else 0), dtype=np.int8)
        rows = np.flatnonzero(answered)
        for begin in range(0, len(rows), VECTORS_AT_ONCE):
            some = rows[begin : begin + VECTORS_AT_ONCE]
            if mean is not None:
                matrix[some] = centre(np.array([vectors[row] for row in some.tolist()]), mean, axes)
        answered[rows] = matrix[rows].any(axis=1)
        return cls(matrix, answered)

    @property
    def matrix(self) -> NDArray[np.int8]:
        """The vectors, shape (rows, width); zeros where a row has none."""
        return self._room[: len(self.answered)]

    def products(self, query: NDArray[np.int8]) -> Products:
        """Return the dot product of ``query`` with every row, shape (rows,)."""
        found = np.zeros(len(self.answered), dtype=np.int32)
        if self.matrix.shape[1] == len(query):
            asked = query.astype(np.float32)
            for begin in range(0, len(found), MULTIPLIED_AT_ONCE):
                some = self.matrix[begin : begin + MULTIPLIED_AT_ONCE].astype(np.float32)
                found[begin : begin + MULTIPLIED_AT_ONCE] = np.rint(some @ asked)
        return found

    def row(self, row: int) -> NDArray[np.int8] | None:
        """Return a row's vector, None when it has none."""
        return self._room[row] if self.answered[row] else None

    def put(self, row: int, vector: NDArray[np.int8] | None) -> None:
        """Replace a row, or add the next one."""
        if vector is not None and not self._room.shape[1]:
            self._room = np.zeros((len(self._room), len(vector)), dtype=np.int8)
        if row == len(self._room):
            self._room = np.concatenate([self._room, np.zeros((SPARE_ROWS, self._room.shape[1]), dtype=np.int8)])
        if row == len(self.answered):
            self.answered = np.append(self.answered, False)
        self.answered[row] = vector is not None
        if self._room.shape[1]:
            self._room[row] = 0 if vector is None else vector


class Positions:
    """For every row a few numbers of things stored once elsewhere, padded with -1 to one width."""

    numbers: NDArray[np.int32]

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        width = max((len(row) for row in rows), default=0)
        self.numbers = np.full((len(rows), width), -1, dtype=np.int32)
        for column in range(width):
            self.numbers[:, column] = [row[column] if len(row) > column else -1 for row in rows]

    @classmethod
    def restored(cls, numbers: NDArray[np.int32]) -> "Positions":
        """Return the positions whose ``numbers`` were kept."""
        found = cls([])
        found.numbers = numbers
        return found

    def put(self, row: int, numbers: Sequence[int]) -> None:
        """Replace a row, or add the next one."""
        missing = len(numbers) - self.numbers.shape[1]
        if missing > 0:
            self.numbers = np.pad(self.numbers, ((0, 0), (0, missing)), constant_values=-1)
        if row == len(self.numbers):
            self.numbers = np.pad(self.numbers, ((0, 1), (0, 0)), constant_values=-1)
        self.numbers[row] = -1
        self.numbers[row, : len(numbers)] = numbers

    def counts(self) -> Products:
        """Return how many numbers each row has, shape (rows,)."""
        found: Products = np.sum(self.numbers >= 0, axis=1, dtype=np.int32)
        return found

    def highest(self, values: NDArray[Number]) -> NDArray[Number]:
        """Return each row's largest value, shape (rows,); -1 for a row without numbers."""
        return self._folded(values, -1, np.maximum)

    def added(self, values: Shares) -> Shares:
        """Return each row's sum of values in their order, shape (rows,); 0.0 for a row without numbers."""
        return self._folded(values, 0, np.add)

    def any(self, flags: Flags) -> Flags:
        """Say which rows have a flagged number, shape (rows,)."""
        return self._folded(flags, False, np.logical_or)

    def taken(self, rows: NDArray[np.int32] | RowNumbers) -> "Positions":
        """Return some of the rows as positions of their own."""
        return Positions.restored(self.numbers[rows])

    def _folded(self, values: NDArray[Number], neutral: float, fold: np.ufunc) -> NDArray[Number]:
        padded = np.append(values, values.dtype.type(neutral))
        found = np.full(len(self.numbers), neutral, dtype=values.dtype)
        for column in self.numbers.T:
            fold(found, padded.take(column, mode="wrap"), out=found)
        return found
