"""One side of the index as arrays: what every record of a side says, column by column, replaceable row by row."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchmaker.matching import criteria
from matchmaker.matching.facts import Need, Offer, Place
from matchmaker.matching.features import UNIT, Weighed, WeighedItem
from matchmaker.matching.meaning import DIMENSIONS
from matchmaker.matching.vocabulary import neighbours
from matchmaker.matching.weights import RegionLevels

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


class Places:
    """Distinct places as numbers, compared with one other place at once. Codes of unlike places never meet."""

    def __init__(self) -> None:
        self._number_of: dict[Place, int] = {}
        self._stored: list[Place] = []
        self._codes: dict[tuple[str, str | None], int] = {}
        self._rows: list[tuple[int, int, int, int]] = []
        self._columns = np.zeros((4, 0), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._stored)

    def number(self, place: Place) -> int:
        """Return the number of a place, a new one for a place not seen yet."""
        if place not in self._number_of:
            self._number_of[place] = len(self._stored)
            self._stored.append(place)
            self._rows.append(self._coded(place))
        return self._number_of[place]

    def percents(self, other: Place, levels: RegionLevels, *, is_headquarters: bool, prose: str = "") -> Products:
        """Return the percent of the nearness of ``other`` to every stored place, shape (places,).

        ``prose`` is that of the company on the other side, which may name a stored municipality.
        """
        prefectures, regions, areas, municipalities = self._arrays()
        prefecture, region, area, municipality = self._coded(other)
        near = np.zeros(_PREFECTURES, dtype=np.int64) + levels.elsewhere
        for neighbour in neighbours().get(other.prefecture, ()) if other.prefecture else ():
            near[int(neighbour)] = levels.neighbour
        named = np.zeros(len(self._stored), dtype=np.bool_)
        if prose:
            named[:] = [criteria.is_named(place, prose) for place in self._stored]
        inside = [
            named | ((municipalities == municipality) & (municipality > 0)),
            (areas == area) & (area > 0),
            (regions == region) & (region > 0),
        ]
        widest = levels.prefecture if is_headquarters else levels.served
        same = np.select(inside, [levels.municipality, levels.area, levels.region], widest)
        apart = np.where(prefectures == prefecture, same, near[prefectures])
        found: Products = np.where((prefectures == 0) | (prefecture == 0), levels.nationwide, apart)
        return found

    def inside(self, other: Place) -> Flags:
        """Say which stored places are in the prefecture of ``other``, shape (places,)."""
        found: Flags = self._arrays()[0] == (int(other.prefecture) if other.prefecture else -1)
        return found

    def _coded(self, place: Place) -> tuple[int, int, int, int]:
        parts = (("region", place.region), ("area", place.area), ("municipality", place.municipality))
        codes = [self._codes.setdefault(part, len(self._codes) + 1) if part[1] else 0 for part in parts]
        return (int(place.prefecture) if place.prefecture else 0, codes[0], codes[1], codes[2])

    def _arrays(self) -> NDArray[np.int64]:
        if self._columns.shape[1] != len(self._rows):
            self._columns = np.array(self._rows, dtype=np.int64).reshape(len(self._rows), 4).T
        return self._columns


_PREFECTURES = 48
"""JIS codes 1-47, and 0 for the whole country."""


class Positions:
    """For every row a few numbers of things stored once elsewhere, padded with -1 to one width."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        width = max((len(row) for row in rows), default=0)
        padded = [[*row, *[-1] * (width - len(row))] for row in rows]
        self.numbers = np.array(padded, dtype=np.int64).reshape(len(rows), width)

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
        found: Products = np.sum(self.numbers >= 0, axis=1)
        return found

    def highest(self, values: Shares) -> Shares:
        """Return each row's largest value, shape (rows,); -1.0 for a row without numbers."""
        return self._folded(values, -1.0, np.maximum)

    def added(self, values: Shares) -> Shares:
        """Return each row's sum of values in their order, shape (rows,); 0.0 for a row without numbers."""
        return self._folded(values, 0.0, np.add)

    def _folded(self, values: Shares, neutral: float, fold: Callable[[Shares, Shares], Shares]) -> Shares:
        padded = np.append(values, neutral)
        found = np.full(len(self.numbers), neutral)
        for column in self.numbers.T:
            found = fold(found, padded[column])
        return found


class PlaceColumns:
    """Where each row is: a company's headquarters and regions, or a proposal's places."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self._places = Places()
        self._where = Positions([self._numbers(record.places) for record in records])
        self._seats = Positions([self._numbers(_seat(record)) for record in records])
        self._prose = [record.prose for record in records]

    def nearest_to_proposal(self, places: Sequence[Place], levels: RegionLevels) -> Shares:
        """Return the nearness share of each row's company to a proposal's places, -1.0 where not answered."""
        found = np.full(len(self._prose), -1.0)
        for place in places:
            seats = self._places.percents(place, levels, is_headquarters=True).astype(np.float64)
            served = self._places.percents(place, levels, is_headquarters=False).astype(np.float64)
            found = np.maximum(found, np.maximum(self._seats.highest(seats), self._where.highest(served)))
            spoken = criteria.spoken_name(place)
            if spoken:
                rows = [row for row, prose in enumerate(self._prose) if spoken in prose]
                inside = self._places.inside(place)
                numbers = np.concatenate([self._seats.numbers[rows], self._where.numbers[rows]], axis=1)
                is_local = np.any(np.append(inside, False)[numbers], axis=1)
                local = np.array(rows, dtype=np.int64)[is_local]
                found[local] = np.maximum(found[local], levels.municipality)
        return np.where(found < 0, -1.0, found / 100)

    def nearest_to_interest(
        self, headquarters: Place | None, regions: Sequence[Place], levels: RegionLevels, prose: str
    ) -> Shares:
        """Return the nearness share of each row's proposal to a company, -1.0 where not answered."""
        best = np.full(len(self._places), -1.0)
        seats = [(headquarters, True)] if headquarters else []
        for place, is_headquarters in seats + [(region, False) for region in regions]:
            percents = self._places.percents(place, levels, is_headquarters=is_headquarters, prose=prose)
            best = np.maximum(best, percents)
        found = self._where.highest(best)
        return np.where(found < 0, -1.0, found / 100)

    def put(self, row: int, record: Weighed) -> None:
        """Replace a row, or add the next one."""
        self._where.put(row, self._numbers(record.places))
        self._seats.put(row, self._numbers(_seat(record)))
        if row == len(self._prose):
            self._prose.append(record.prose)
        else:
            self._prose[row] = record.prose

    def _numbers(self, places: Sequence[Place]) -> list[int]:
        return [self._places.number(place) for place in places]


def _seat(record: Weighed) -> tuple[Place, ...]:
    return (record.headquarters,) if record.headquarters else ()


class ItemColumns:
    """The needs or offers of every row; equal ones are stored and compared once."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self._number_of: dict[tuple[Need | Offer, tuple[tuple[str, int], ...]], int] = {}
        self._stored: list[WeighedItem] = []
        rows = [[self._number(item) for item in record.items] for record in records]
        self._positions = Positions(rows)
        self._details = TermColumns([item.words for item in self._stored])
        self._kinds = np.array([item.source.kind.value for item in self._stored], dtype=np.str_)

    def fits(self, item: WeighedItem, *, is_need: bool) -> Shares:
        """Return ``criteria.item_fit`` of ``item`` with every stored item, shape (items,)."""
        details = np.minimum(1.0, self._details.products(item.words) / (UNIT * UNIT))
        kinds = np.where(self._kinds == item.source.kind.value, criteria.SAME_KIND_SHARE, 0.0)
        amounts = np.ones(len(self._stored))
        for number, other in enumerate(self._stored) if item.source.amount is not None else ():
            if other.source.amount is not None:
                amounts[number] = criteria.amount_share(*((item, other) if is_need else (other, item)))
        return (kinds + (1.0 - criteria.SAME_KIND_SHARE) * details) * amounts

    def best(self, fits: Shares) -> Shares:
        """Return each row's best stored item, shape (rows,); -1.0 for a row without items."""
        return self._positions.highest(fits)

    def mean(self, fits: Shares) -> Shares:
        """Return each row's mean over its own items, shape (rows,); 0.0 for a row without items."""
        return self._positions.added(fits) / np.maximum(1, self._positions.counts())

    def answered(self) -> Flags:
        """Say which rows have items, shape (rows,)."""
        return self._positions.counts() > 0

    def put(self, row: int, record: Weighed) -> None:
        """Replace a row, or add the next one. Items that no row has any more are kept until the next build."""
        known = len(self._stored)
        self._positions.put(row, [self._number(item) for item in record.items])
        for number in range(known, len(self._stored)):
            self._details.put(number, self._stored[number].words)
            self._kinds = np.append(self._kinds, self._stored[number].source.kind.value)

    def _number(self, item: WeighedItem) -> int:
        key = (item.source, tuple(item.words.items()))
        if key not in self._number_of:
            self._number_of[key] = len(self._stored)
            self._stored.append(item)
        return self._number_of[key]


class Side:
    """Every record of one side, row by row. A removed record keeps its row until the next build, marked not alive."""

    def __init__(self, records: Sequence[Weighed]) -> None:
        self.records = list(records)
        self.ids = np.array([record.id for record in records], dtype=object)
        self.row_of = {record.id: row for row, record in enumerate(records)}
        self.place_in_order = _place_in_order(self.ids)
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
            self.place_in_order = _place_in_order(self.ids)
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


def _place_in_order(ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each row the place of its id among all ids, so that ties are broken without comparing texts."""
    places = np.empty(len(ids), dtype=np.int64)
    places[np.argsort(ids.astype(np.str_), kind="stable")] = np.arange(len(ids))
    return places
