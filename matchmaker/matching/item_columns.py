"""The needs or offers of every record of a side, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import (
    NO_TERMS,
    Flags,
    Positions,
    RowNumbers,
    Shares,
    SparseTerms,
    TermColumns,
    weighed_columns,
)
from matchmaker.matching.facts import InterestFacts, Need, Offer, ProposalFacts
from matchmaker.matching.features import UNIT, Rarity, Vocabulary, WeighedItem, items_of
from matchmaker.matching.packing import Rows, started
from matchmaker.matching.terms import ResourceKind, Unit

Item = Need | Offer
NOT_STATED = np.nan
MOST_COMPARED = 2**53
"""Amounts are compared as 64-bit floats, exact up to here: nine quadrillion yen are as good as more."""


@dataclass(frozen=True, slots=True)
class AskedItems:
    """The items of one record as they are compared with stored ones.

    Shapes: kinds, units and amounts (items,), amounts NaN where not stated; the words of item ``i`` lie from
    ``starts[i]`` to ``starts[i + 1]``.
    """

    kinds: NDArray[np.int8]
    units: NDArray[np.int8]
    amounts: NDArray[np.float64]
    words: Rows[np.int16]

    def __len__(self) -> int:
        return len(self.kinds)

    def details(self, item: int) -> SparseTerms:
        """Return the words of one item."""
        span = slice(self.words.starts[item], self.words.starts[item + 1])
        return SparseTerms(self.words.numbers[span], self.words.values[span], True)


class ItemColumns:
    """The needs or offers of every row; equal ones are stored and compared once."""

    def __init__(self, numbers: Positions, stored: list[Item], details: TermColumns) -> None:
        self.positions = numbers
        self.stored = stored
        self.details = details
        self._number_of = {item: number for number, item in enumerate(stored)}
        self.kinds = np.array([_KINDS[item.kind] for item in stored], dtype=np.int8)
        self.units = np.array([_unit(item) for item in stored], dtype=np.int8)
        self.amounts = np.array([_amount(item) for item in stored], dtype=np.float64)
        self._counts = self.positions.counts()

    @classmethod
    def of(
        cls,
        records: Sequence[ProposalFacts | InterestFacts],
        rows: Rows[np.uint8],
        first: RowNumbers,
        words: tuple[Vocabulary, Rarity, Shares],
    ) -> "ItemColumns":
        """Store a side's items. Shapes: ``rows`` the words of all items, those of record ``r`` from ``first[r]`` on."""
        number_of: dict[Item, int] = {}
        chosen: list[int] = []
        numbers = []
        for record, begin in zip(records, first.tolist(), strict=False):
            own = []
            for at, item in enumerate(items_of(record), start=begin):
                number = number_of.setdefault(item, len(chosen))
                if number == len(chosen):
                    chosen.append(at)
                own.append(number)
            numbers.append(own)
        vocabulary, rarity, factors = words
        details = weighed_columns(rows.taken(np.array(chosen, dtype=np.int64)), vocabulary, rarity, factors)
        return cls(Positions(numbers), list(number_of), details)

    def fits(self, asked: AskedItems, item: int, *, is_need: bool) -> Shares:
        """Return ``criteria.item_fit`` of one item with every stored item, shape (items,)."""
        details = np.minimum(1.0, self.details.products(asked.details(item)) / (UNIT * UNIT))
        kinds = np.where(self.kinds == asked.kinds[item], criteria.SAME_KIND_SHARE, 0.0)
        amounts = self._amount_shares(float(asked.amounts[item]), int(asked.units[item]), is_need)
        found: Shares = (kinds + (1.0 - criteria.SAME_KIND_SHARE) * details) * amounts
        return found

    def _amount_shares(self, own: float, unit: int, is_need: bool) -> Shares | float:
        """Return ``criteria.amount_share`` of an item with every stored item, shape (items,), or 1.0 for all."""
        if unit < 0 or np.isnan(own) or (is_need and own == 0):
            return 1.0
        found = np.ones(len(self.stored))
        counted = np.flatnonzero((self.units == unit) & ~np.isnan(self.amounts))
        if not is_need:
            counted = counted[self.amounts[counted] != 0]
        others = self.amounts[counted]
        given, wanted = (others, own) if is_need else (own, others)
        found[counted] = 0.5 + 0.5 * np.minimum(1.0, np.maximum(0.0, given) / wanted)
        return found

    def asked(self, row: int) -> AskedItems:
        """Return a row's items as they are asked of the other side."""
        numbers = self.positions.numbers[row]
        numbers = numbers[numbers >= 0]
        words = [self.details.asked(number) for number in numbers.tolist()]
        return AskedItems(self.kinds[numbers], self.units[numbers], self.amounts[numbers], _side_by_side(words))

    def asked_of(self, items: Sequence[WeighedItem]) -> AskedItems:
        """Return the items of a record that need not be stored."""
        return AskedItems(
            np.array([_KINDS[item.source.kind] for item in items], dtype=np.int8),
            np.array([_unit(item.source) for item in items], dtype=np.int8),
            np.array([_amount(item.source) for item in items], dtype=np.float64),
            _side_by_side([self.details.asked_of(item.words) for item in items]),
        )

    def best(self, fits: Shares) -> Shares:
        """Return each row's best stored item, shape (rows,); -1.0 for a row without items."""
        return self.positions.highest(fits)

    def mean(self, fits: Shares) -> Shares:
        """Return each row's mean over its own items, shape (rows,); 0.0 for a row without items."""
        found: Shares = self.positions.added(fits) / np.maximum(1, self._counts)
        return found

    def answered(self) -> Flags:
        """Say which rows have items, shape (rows,)."""
        found: Flags = self._counts > 0
        return found

    def row(self, row: int) -> tuple[WeighedItem, ...]:
        """Return a row's items in their order."""
        numbers = [number for number in self.positions.numbers[row].tolist() if number >= 0]
        return tuple(WeighedItem(self.stored[number], self.details.row(number)) for number in numbers)

    def put(self, row: int, items: Sequence[WeighedItem]) -> None:
        """Replace a row, or add the next one. Items that no row has any more are kept until the next build."""
        for item in items:
            if item.source not in self._number_of:
                self._add(item.source, item.words)
        self.positions.put(row, [self._number_of[item.source] for item in items])
        self._counts = self.positions.counts()

    def _add(self, item: Item, words: Mapping[str, int]) -> None:
        self._number_of[item] = len(self.stored)
        self.details.put(len(self.stored), words)
        self.stored.append(item)
        self.kinds = np.append(self.kinds, np.int8(_KINDS[item.kind]))
        self.units = np.append(self.units, np.int8(_unit(item)))
        self.amounts = np.append(self.amounts, _amount(item))


def _side_by_side(words: Sequence[SparseTerms]) -> Rows[np.int16]:
    both = [NO_TERMS, *words]
    return Rows(
        started([len(one) for one in words]),
        np.concatenate([one.numbers for one in both]),
        np.concatenate([one.values for one in both]),
    )


_KINDS: Mapping[ResourceKind, int] = {kind: number for number, kind in enumerate(ResourceKind)}
_UNITS: Mapping[Unit, int] = {unit: number for number, unit in enumerate(Unit)}


def _unit(item: Item) -> int:
    return -1 if item.unit is None else _UNITS[item.unit]


def _amount(item: Item) -> float:
    return NOT_STATED if item.amount is None else float(min(item.amount, MOST_COMPARED))
