"""One side of the index as arrays: what every record of a side says, column by column, replaceable row by row."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchmaker.matching import criteria
from matchmaker.matching.facts import Place
from matchmaker.matching.features import UNIT, Weighed, WeighedItem
from matchmaker.matching.meaning import DIMENSIONS

Shares = NDArray[np.float64]
Products = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_CHANGED_ROWS = 256
"""Rows kept beside the compressed matrix before it is written anew."""


class TermColumns:
    """Sparse whole-number vectors of many rows, multiplied with one query vector; exact."""

    def __init__(self, rows: Sequence[Mapping[str, int]]) -> None:
        self.rows = list(rows)
        self._answered = np.array([bool(row) for row in self.rows], dtype=np.bool_)
        self._compress()

    def products(self, query: Mapping[str, int]) -> Products:
        """Return the dot product of ``query`` with every row, shape (rows,)."""
        found = np.zeros(len(self.rows), dtype=np.int64)
        for term, weight in query.items():
            column = self._column_of.get(term)
            if column is not None:
                begin, end = self._starts[column], self._starts[column + 1]
                found[self._row_numbers[begin:end]] += weight * self._values[begin:end]
        for row in self._changed:
            found[row] = criteria.product(query, self.rows[row])
        return found

    def answered(self) -> Flags:
        """Say which rows have terms at all, shape (rows,)."""
        return self._answered

    def put(self, row: int, terms: Mapping[str, int]) -> None:
        """Replace a row, or add the next one."""
        if row == len(self.rows):
            self.rows.append(terms)
            self._answered = np.append(self._answered, bool(terms))
        else:
            self.rows[row] = terms
            self._answered[row] = bool(terms)
        self._changed.add(row)
        if len(self._changed) > MOST_CHANGED_ROWS:
            self._compress()

    def _compress(self) -> None:
        self._column_of: dict[str, int] = {}
        numbers: list[int] = []
        columns: list[int] = []
        values: list[int] = []
        for number, row in enumerate(self.rows):
            for term, weight in row.items():
                numbers.append(number)
                columns.append(self._column_of.setdefault(term, len(self._column_of)))
                values.append(weight)
        shape = (len(self.rows), max(1, len(self._column_of)))
        matrix = sparse.csc_array((np.array(values, dtype=np.int64), (numbers, columns)), shape=shape)
        self._starts, self._row_numbers, self._values = matrix.indptr, matrix.indices, matrix.data
        self._changed: set[int] = set()


class MeaningColumns:
    """Centred sentence vectors; whole numbers in 32-bit floats, whose products are exact below 2**24."""

    def __init__(self, vectors: Sequence[NDArray[np.float32] | None]) -> None:
        self._answered = np.array([vector is not None for vector in vectors], dtype=np.bool_)
        self._matrix = np.zeros((len(vectors), DIMENSIONS if self._answered.any() else 0), dtype=np.float32)
        for row, vector in enumerate(vectors):
            if vector is not None:
                self._matrix[row] = vector

    def products(self, query: NDArray[np.float32] | None) -> Products:
        """Return the dot product of ``query`` with every row, shape (rows,); zero where a side has no vector."""
        if query is None or not self._matrix.shape[1]:
            return np.zeros(len(self._matrix), dtype=np.int64)
        products: Products = np.rint(self._matrix @ query).astype(np.int64)
        return products

    def answered(self) -> Flags:
        """Say which rows have a vector, shape (rows,)."""
        return self._answered

    def put(self, row: int, vector: NDArray[np.float32] | None) -> None:
        """Replace a row, or add the next one."""
        if vector is not None and not self._matrix.shape[1]:
            self._matrix = np.zeros((len(self._matrix), DIMENSIONS), dtype=np.float32)
        if row == len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.zeros((1, self._matrix.shape[1]), dtype=np.float32)])
            self._answered = np.append(self._answered, False)
        self._answered[row] = vector is not None
        if self._matrix.shape[1]:
            self._matrix[row] = 0 if vector is None else vector


PlaceKey = tuple[tuple[Place, ...], Place | None]


class PlaceColumns:
    """Where each row is; rows with the same places are judged once."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self._keys: dict[PlaceKey, int] = {}
        self._group_of = np.zeros(0, dtype=np.int64)
        self._prose: list[str] = []
        self._group_of = np.array([self._group(record) for record in records], dtype=np.int64)
        self._prose = [record.prose for record in records]

    def shares(self, judge: Callable[[PlaceKey, str], float], names: Sequence[Place]) -> Shares:
        """Return ``judge`` of every row's places, shape (rows,); NaN never, -1.0 where it says "not answered".

        ``names`` are municipalities that a row's own prose may mention: such rows are judged with their prose.
        """
        by_group = np.array([judge(key, "") for key in self._keys], dtype=np.float64)
        found: Shares = by_group[self._group_of] if len(self._group_of) else np.zeros(0)
        keys = list(self._keys)
        for place in names:
            for row, prose in enumerate(self._prose):
                if criteria.is_named(place, prose):
                    found[row] = judge(keys[self._group_of[row]], prose)
        return found

    def put(self, row: int, record: Weighed) -> None:
        """Replace a row, or add the next one."""
        group = self._group(record)
        if row == len(self._prose):
            self._group_of = np.append(self._group_of, group)
            self._prose.append(record.prose)
        else:
            self._group_of[row], self._prose[row] = group, record.prose

    def _group(self, record: Weighed) -> int:
        return self._keys.setdefault((record.places, record.headquarters), len(self._keys))


class ItemColumns:
    """The needs or offers of every row; equal ones are stored and compared once."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self._records = [record.items for record in records]
        self._arrange()

    def fits(self, item: WeighedItem, *, is_need: bool) -> Shares:
        """Return ``criteria.item_fit`` of ``item`` with every stored item, shape (items + 1,); the last is -1.0."""
        details = np.minimum(1.0, self._details.products(item.words) / (UNIT * UNIT))
        same_kind = self._kinds == item.source.kind.value
        kinds = np.where(same_kind, criteria.SAME_KIND_SHARE, 0.0)
        amounts = np.ones(len(self._stored))
        for number in np.flatnonzero(self._counted) if item.source.amount else ():
            other = self._stored[number]
            amounts[number] = criteria.amount_share(*((item, other) if is_need else (other, item)))
        shares = (kinds + (1.0 - criteria.SAME_KIND_SHARE) * details) * amounts
        return np.append(shares, -1.0)

    def best(self, fits: Shares) -> Shares:
        """Return each row's best stored item, shape (rows,); -1.0 for a row without items."""
        found = np.full(len(self._records), -1.0)
        for column in self._positions.T:
            found = np.maximum(found, fits[column])
        return found

    def mean(self, fits: Shares) -> Shares:
        """Return each row's mean over its own items, shape (rows,); 0.0 for a row without items."""
        total = np.zeros(len(self._records))
        for column in self._positions.T:
            total = total + np.where(column < len(self._stored), fits[column], 0.0)
        return total / np.maximum(1, self._counts)

    def answered(self) -> Flags:
        """Say which rows have items, shape (rows,)."""
        return self._counts > 0

    def put(self, row: int, record: Weighed) -> None:
        """Replace a row, or add the next one."""
        if row == len(self._records):
            self._records.append(record.items)
        else:
            self._records[row] = record.items
        self._arrange()

    def _arrange(self) -> None:
        number_of: dict[tuple[object, tuple[tuple[str, int], ...]], int] = {}
        self._stored: list[WeighedItem] = []
        width = max((len(items) for items in self._records), default=0)
        rows: list[list[int]] = []
        for items in self._records:
            numbers = []
            for item in items:
                key = (item.source, tuple(item.words.items()))
                if key not in number_of:
                    number_of[key] = len(self._stored)
                    self._stored.append(item)
                numbers.append(number_of[key])
            rows.append(numbers)
        none = len(self._stored)
        padded = [[*numbers, *[none] * (width - len(numbers))] for numbers in rows]
        self._positions = np.array(padded, dtype=np.int64).reshape(len(rows), width)
        self._counts = np.array([len(numbers) for numbers in rows], dtype=np.int64)
        self._details = TermColumns([item.words for item in self._stored])
        self._kinds = np.array([item.source.kind.value for item in self._stored], dtype=np.str_)
        self._counted = np.array([item.source.amount is not None for item in self._stored], dtype=np.bool_)


class Side:
    """Every record of one side, row by row. A removed record keeps its row until the next build, marked not alive."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self.records = list(records)
        self.ids = np.array([record.id for record in records], dtype=object)
        self.row_of = {record.id: row for row, record in enumerate(records)}
        self.is_alive = np.ones(len(records), dtype=np.bool_)
        self.terms = {
            "words": TermColumns([record.words for record in records]),
            "bigrams": TermColumns([record.bigrams for record in records]),
            "theme": TermColumns([record.themes for record in records]),
            "business": TermColumns([record.topics for record in records]),
        }
        self.meaning = MeaningColumns([record.meaning for record in records])
        self.places = PlaceColumns(records)
        self.items = ItemColumns(records)

    def put(self, record: Weighed) -> int:
        """Replace the record with this id, or add it; return its row."""
        row = self.row_of.setdefault(record.id, len(self.records))
        if row == len(self.records):
            self.records.append(record)
            self.ids = np.append(self.ids, np.array([record.id], dtype=object))
            self.is_alive = np.append(self.is_alive, True)
        else:
            self.records[row] = record
            self.is_alive[row] = True
        for name, terms in zip(self.terms, (record.words, record.bigrams, record.themes, record.topics), strict=True):
            self.terms[name].put(row, terms)
        self.meaning.put(row, record.meaning)
        self.places.put(row, record)
        self.items.put(row, record)
        return row
