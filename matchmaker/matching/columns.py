"""One side of the index as arrays: what every record of a side says, column by column, replaceable row by row."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchmaker.matching import criteria
from matchmaker.matching.features import Rarity, Vocabulary, centre, unit_rows
from matchmaker.matching.meaning import DIMENSIONS
from matchmaker.matching.packing import Rows, started

Shares = NDArray[np.float64]
Products = NDArray[np.int32]
Flags = NDArray[np.bool_]
RowNumbers = NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int16, np.bool_)

MOST_CHANGED_ROWS = 64
"""Rows kept beside the compressed matrix before it is written anew."""

ENTRIES_AT_ONCE = 500_000
"""Entries weighed together: the long numbers needed meanwhile stay within a few megabytes."""

VECTORS_AT_ONCE = 1000


class TermColumns:
    """Sparse whole-number vectors of many rows, multiplied with one query vector; exact.

    The matrix is kept twice, by rows and by terms: six bytes an entry each. A list reads the terms of its query alone,
    an explanation the row of its pair.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        starts: RowNumbers,
        numbers: NDArray[np.int32],
        values: NDArray[np.int16],
    ) -> None:
        self._vocabulary = vocabulary
        self._answered: Flags = np.zeros(0, dtype=np.bool_)
        self._changed: dict[int, Mapping[str, int]] = {}
        self._write(starts, numbers, values)

    def products(self, query: Mapping[str, int]) -> Products:
        """Return the dot product of ``query`` with every row, shape (rows,)."""
        found = np.zeros(len(self._answered), dtype=np.int32)
        known = [(self._vocabulary.get(term, -1), weight) for term, weight in query.items()]
        asked = [(number, weight) for number, weight in known if 0 <= number < len(self._begins) - 1]
        spans = [slice(self._begins[number], self._begins[number + 1]) for number, _weight in asked]
        if spans:
            rows = np.concatenate([self._row_numbers[span] for span in spans])
            values = np.concatenate([self._column_values[span] for span in spans], dtype=np.int32)
            sizes = started([span.stop - span.start for span in spans]).astype(np.int32)
            matrix = sparse.csc_array((values, rows, sizes), shape=(self._written, len(spans)))
            found[: self._written] = matrix @ np.array([weight for _number, weight in asked], dtype=np.int32)
        for row, terms in self._changed.items():
            found[row] = criteria.product(query, terms)
        return found

    def row(self, row: int) -> Mapping[str, int]:
        """Return a row as terms and weights."""
        if row in self._changed:
            return self._changed[row]
        span = slice(self._starts[row], self._starts[row + 1])
        terms = self._vocabulary.terms
        both = zip(self._numbers[span].tolist(), self._values[span].tolist(), strict=True)
        return {terms[number]: value for number, value in both if value}

    def answered(self) -> Flags:
        """Say which rows have terms at all, shape (rows,)."""
        return self._answered

    def put(self, row: int, terms: Mapping[str, int]) -> None:
        """Replace a row, or add the next one."""
        if row == len(self._answered):
            self._answered = np.append(self._answered, False)
        self._answered[row] = bool(terms)
        self._changed[row] = terms
        if len(self._changed) > MOST_CHANGED_ROWS:
            self._rewrite()

    def _rewrite(self) -> None:
        if not self._changed:
            return
        replaced = {row: self._encoded(terms) for row, terms in self._changed.items()}
        numbers, values, sizes, begin = [], [], np.diff(self._starts), 0
        sizes = np.append(sizes, np.zeros(len(self._answered) - len(sizes), dtype=np.int64))
        for row in sorted(replaced):
            if row < self._written:
                numbers.append(self._numbers[begin : self._starts[row]])
                values.append(self._values[begin : self._starts[row]])
                begin = self._starts[row + 1]
            elif begin < len(self._numbers):
                numbers.append(self._numbers[begin:])
                values.append(self._values[begin:])
                begin = len(self._numbers)
            numbers.append(replaced[row][0])
            values.append(replaced[row][1])
            sizes[row] = len(replaced[row][0])
        numbers.append(self._numbers[begin:])
        values.append(self._values[begin:])
        self._changed = {}
        self._write(started(sizes), np.concatenate(numbers), np.concatenate(values))

    def _encoded(self, terms: Mapping[str, int]) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
        numbers = [self._vocabulary[term] for term in terms]
        return np.array(numbers, dtype=np.int32), np.array(list(terms.values()), dtype=np.int16)

    def _write(self, starts: RowNumbers, numbers: NDArray[np.int32], values: NDArray[np.int16]) -> None:
        self._starts, self._numbers, self._values = starts, numbers, values
        self._written = len(starts) - 1
        sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)])
        self._answered = np.diff(sums[starts]) > 0
        shape = (self._written, max(1, len(self._vocabulary)))
        columns = sparse.csr_array((values, numbers, starts.astype(np.int32)), shape=shape).tocsc()
        self._begins: list[int] = columns.indptr.tolist()
        self._row_numbers, self._column_values = columns.indices, columns.data


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
    """Centred sentence vectors; whole numbers in 32-bit floats, whose products are exact below 2**24."""

    def __init__(self, matrix: NDArray[np.float32], answered: Flags) -> None:
        self._matrix = matrix
        self._answered = answered

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
        matrix = np.zeros((len(vectors), width if answered.any() else 0), dtype=np.float32)
        rows = np.flatnonzero(answered)
        for begin in range(0, len(rows), VECTORS_AT_ONCE):
            some = rows[begin : begin + VECTORS_AT_ONCE]
            if mean is not None:
                matrix[some] = centre(np.array([vectors[row] for row in some.tolist()]), mean, axes)
        answered[rows] = matrix[rows].any(axis=1)
        return cls(matrix, answered)

    def products(self, query: NDArray[np.float32] | None) -> Products:
        """Return the dot product of ``query`` with every row, shape (rows,); zero where a side has no vector."""
        if query is None or self._matrix.shape[1] != len(query):
            return np.zeros(len(self._matrix), dtype=np.int32)
        products: Products = np.rint(self._matrix @ query).astype(np.int32)
        return products

    def row(self, row: int) -> NDArray[np.float32] | None:
        """Return a row's vector, None when it has none."""
        return self._matrix[row] if self._answered[row] else None

    def answered(self) -> Flags:
        """Say which rows have a vector, shape (rows,)."""
        return self._answered

    def put(self, row: int, vector: NDArray[np.float32] | None) -> None:
        """Replace a row, or add the next one."""
        if vector is not None and not self._matrix.shape[1]:
            self._matrix = np.zeros((len(self._matrix), len(vector)), dtype=np.float32)
        if row == len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.zeros((1, self._matrix.shape[1]), dtype=np.float32)])
            self._answered = np.append(self._answered, False)
        self._answered[row] = vector is not None
        if self._matrix.shape[1]:
            self._matrix[row] = 0 if vector is None else vector


class Positions:
    """For every row a few numbers of things stored once elsewhere, padded with -1 to one width."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        width = max((len(row) for row in rows), default=0)
        self.numbers = np.full((len(rows), width), -1, dtype=np.int32)
        for column in range(width):
            self.numbers[:, column] = [row[column] if len(row) > column else -1 for row in rows]

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

    def taken(self, rows: RowNumbers) -> "Positions":
        """Return some of the rows as positions of their own."""
        other = Positions([])
        other.numbers = self.numbers[rows]
        return other

    def _folded(self, values: NDArray[Number], neutral: float, fold: np.ufunc) -> NDArray[Number]:
        padded = np.append(values, values.dtype.type(neutral))
        found = np.full(len(self.numbers), neutral, dtype=values.dtype)
        for column in self.numbers.T:
            fold(found, padded.take(column, mode="wrap"), out=found)
        return found
