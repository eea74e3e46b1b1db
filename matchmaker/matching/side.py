"""Every record of one side, row by row, as the engine compares it."""

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import (
    Flags,
    MeaningColumns,
    RowNumbers,
    Shares,
    SparseTerms,
    TermColumns,
    weighed_columns,
)
from matchmaker.matching.condition_columns import Code, ConditionColumns, coded_conditions
from matchmaker.matching.fact_rows import FactRows
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import (
    MOST_COUNTED,
    Generation,
    Vocabulary,
    Weighed,
    headquarters_of,
    places_of,
    profile_of,
    themes_of,
)
from matchmaker.matching.item_columns import AskedItems, ItemColumns
from matchmaker.matching.packing import Rows, Unpacked, started
from matchmaker.matching.place_columns import PlaceColumns
from matchmaker.matching.places import Codes, Places

Facts = ProposalFacts | InterestFacts

RECORDS_REMEMBERED = 200
"""Rows kept as the scalar scorer reads them: one list explains a record against many."""

DAMPED: Shares = np.array([0.0, *(1 + math.log(count) for count in range(1, MOST_COUNTED + 1))])
"""What a term counts that occurs so often in a text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one record asks of every record of the other side.

    Shapes: ``lists`` by the names of ``Side.terms``; ``places`` of a proposal, or the regions of an interest, and
    ``seats`` its headquarters, (n, 4) each; ``names`` those of a proposal's places that profiles may say; ``demand``
    NaN where it is not measured.
    """

    is_proposal: bool
    lists: Mapping[str, SparseTerms]
    vector: NDArray[np.int8] | None
    places: Codes
    seats: Codes
    names: Sequence[str]
    prose: str
    items: AskedItems
    conditions: Code
    demand: float = math.nan


class Side:
    """The records of one side. A removed record keeps its row until the next build, marked not alive."""

    facts: FactRows
    terms: dict[str, TermColumns]
    meaning: MeaningColumns
    places: PlaceColumns
    items: ItemColumns

    def __init__(
        self,
        records: Sequence[Facts],
        unpacked: Unpacked,
        themes: Rows[np.float32],
        vectors: Sequence[NDArray[np.float16] | None],
        *,
        generation: Generation,
        places: Places,
    ) -> None:
        ids = [record.id for record in records]
        row_at = np.argsort(np.array(ids, dtype=np.str_), kind="stable").astype(np.int64)
        place_in_order = np.empty_like(row_at)
        place_in_order[row_at] = np.arange(len(ids))
        self.begin(ids, FactRows(records), (row_at, place_in_order, np.ones(len(ids), dtype=np.bool_)))
        words = (generation.words.vocabulary, generation.words, DAMPED)
        self.terms = {
            "words": weighed_columns(unpacked.words, *words),
            "bigrams": weighed_columns(unpacked.bigrams, generation.bigrams.vocabulary, generation.bigrams, DAMPED),
            "theme": weighed_columns(themes, generation.themes.vocabulary, generation.themes, None),
            "business": weighed_columns(unpacked.topics, generation.topics.vocabulary, generation.topics, None),
        }
        mean = generation.mean_of(records[0]) if records else None
        self.meaning = MeaningColumns.of(vectors, mean, generation.axes)
        self.places = PlaceColumns.of(records, places)
        self.items = ItemColumns.of(records, unpacked.items, unpacked.first, words)
        self.conditions = ConditionColumns.of(records)

    def begin(self, ids: Sequence[str], facts: FactRows, order: tuple[RowNumbers, RowNumbers, Flags]) -> None:
        """Take over who stands in which row.

        Shapes: ``order`` is the row of each place in the order of ids, the place of each row, and which rows count.
        """
        self.facts = facts
        self.ids = np.array(ids, dtype=object)
        self.row_of = {record_id: row for row, record_id in enumerate(ids)}
        self.row_at, self.place_in_order, self.is_alive = order
        self.compiled_view: tuple[Any, Any] | None = None
        self._records: dict[int, Weighed] = {}

    def __len__(self) -> int:
        return len(self.facts)

    def record(self, row: int) -> Weighed:
        """Return one row as the scalar scorer reads it."""
        found = self._records.get(row)
        if found is None:
            if len(self._records) >= RECORDS_REMEMBERED:
                self._records.clear()
            found = self._records[row] = self._made(row)
        return found

    def asked(self, row: int, *, is_proposal: bool) -> Asked:
        """Return what one row asks of the other side."""
        places, seats = self.places.codes(row)
        return Asked(
            is_proposal=is_proposal,
            lists={name: columns.asked(row) for name, columns in self.terms.items()},
            vector=self.meaning.row(row),
            places=places,
            seats=seats,
            names=self.places.names(row) if is_proposal else (),
            prose=self.places.prose(row),
            items=self.items.asked(row),
            conditions=self.conditions.code(row),
        )

    def asked_of(self, facts: Facts, record: Weighed) -> Asked:
        """Return what a record that need not be stored asks of the other side."""
        places = self.places.places
        terms = (record.words, record.bigrams, record.themes, record.topics)
        return Asked(
            is_proposal=isinstance(facts, ProposalFacts),
            lists={name: self.terms[name].asked_of(one) for name, one in zip(self.terms, terms, strict=True)},
            vector=record.meaning,
            places=places.codes_of(record.places),
            seats=places.codes_of([record.headquarters] if record.headquarters else []),
            names=[criteria.spoken_name(place) for place in record.places],
            prose=record.prose,
            items=self.items.asked_of(record.items),
            conditions=coded_conditions(facts),
        )

    def _made(self, row: int) -> Weighed:
        facts: Facts = self.facts[row]
        return Weighed(
            id=facts.id,
            words=self.terms["words"].row(row),
            bigrams=self.terms["bigrams"].row(row),
            themes=self.terms["theme"].row(row),
            topics=self.terms["business"].row(row),
            items=self.items.row(row),
            places=places_of(facts),
            headquarters=headquarters_of(facts),
            prose=profile_of(facts),
            meaning=self.meaning.row(row),
        )

    def put(self, facts: Facts, record: Weighed) -> int:
        """Replace the record with this id, or add it; return its row."""
        row = self.row_of.setdefault(record.id, len(self.facts))
        self.facts.put(row, facts)
        if row == len(self.ids):
            self._put_in_order(record.id)
            self.is_alive = np.append(self.is_alive, True)
        else:
            # A new array: a ranking that was made before may still be read.
            self.is_alive = self.is_alive.copy()
            self.is_alive[row] = True
        for name, terms in zip(self.terms, (record.words, record.bigrams, record.themes, record.topics), strict=True):
            self.terms[name].put(row, terms)
        self._records.pop(row, None)
        self.compiled_view = None
        self.meaning.put(row, record.meaning)
        self.places.put(row, facts)
        self.items.put(row, record.items)
        self.conditions.put(row, facts)
        return row

    def _put_in_order(self, new_id: str) -> None:
        """Give the next row its place among the ids, so that ties are broken without comparing texts."""
        place = bisect.bisect_left(self.row_at, new_id, key=lambda row: self.ids[row])
        # New arrays: a ranking that was made before may still be read.
        self.place_in_order = np.append(self.place_in_order + (self.place_in_order >= place), place)
        self.row_at = np.insert(self.row_at, place, len(self.ids))
        self.ids = np.append(self.ids, np.array([new_id], dtype=object))

    def remove(self, record_id: str) -> None:
        """Take a record out of every ranking. Errors: KeyError for an unknown id, or one that was taken out."""
        row = self.row_of[record_id]
        if not self.is_alive[row]:
            raise KeyError(record_id)
        self.is_alive = self.is_alive.copy()
        self.is_alive[row] = False
        self.compiled_view = None


def theme_rows(records: Sequence[Facts], vocabulary: Vocabulary) -> Rows[np.float32]:
    """Return the themes of records with their shares, numbered by the vocabulary."""
    found = [themes_of(record) for record in records]
    numbers = [vocabulary[theme.value] for themes in found for theme in themes]
    shares = [share for themes in found for share in themes.values()]
    sizes = [len(themes) for themes in found]
    return Rows(started(sizes), np.array(numbers, dtype=np.int32), np.array(shares, dtype=np.float32))
