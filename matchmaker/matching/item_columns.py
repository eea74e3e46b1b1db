"""The needs or offers of every record of a side, as arrays."""

from collections.abc import Mapping, Sequence

import numpy as np

from matchmaker.matching import criteria
from matchmaker.matching.columns import Flags, Positions, RowNumbers, Shares, TermColumns, weighed_columns
from matchmaker.matching.facts import InterestFacts, Need, Offer, ProposalFacts
from matchmaker.matching.features import UNIT, Rarity, Vocabulary, WeighedItem, items_of
from matchmaker.matching.packing import Rows
from matchmaker.matching.terms import ResourceKind, Unit

Item = Need | Offer
NOT_STATED = np.nan
MOST_COMPARED = 2**53
"""Amounts are compared as 64-bit floats, exact up to here: nine quadrillion yen are as good as more."""


class ItemColumns:
    """The needs or offers of every row; equal ones are stored and compared once."""

    def __init__(self, numbers: Positions, stored: list[Item], details: TermColumns) -> None:
        self._positions = numbers
        self._stored = stored
        self._details = details
        self._number_of = {item: number for number, item in enumerate(stored)}
        self._kinds = np.array([_KINDS[item.kind] for item in stored], dtype=np.int8)
        self._units = np.array([_unit(item) for item in stored], dtype=np.int8)
        self._amounts = np.array([_amount(item) for item in stored], dtype=np.float64)
        self._counts = self._positions.counts()

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

    def fits(self, item: WeighedItem, *, is_need: bool) -> Shares:
        """Return ``criteria.item_fit`` of ``item`` with every stored item, shape (items,)."""
        details = np.minimum(1.0, self._details.products(item.words) / (UNIT * UNIT))
        kinds = np.where(self._kinds == _KINDS[item.source.kind], criteria.SAME_KIND_SHARE, 0.0)
        found: Shares = (kinds + (1.0 - criteria.SAME_KIND_SHARE) * details) * self._amount_shares(item, is_need)
        return found

    def _amount_shares(self, item: WeighedItem, is_need: bool) -> Shares | float:
        """Return ``criteria.amount_share`` of ``item`` with every stored item, shape (items,), or 1.0 for all."""
        own = _amount(item.source)
        if item.source.unit is None or np.isnan(own) or (is_need and own == 0):
            return 1.0
        found = np.ones(len(self._stored))
        counted = np.flatnonzero((self._units == _unit(item.source)) & ~np.isnan(self._amounts))
        if not is_need:
            counted = counted[self._amounts[counted] != 0]
        others = self._amounts[counted]
        given, wanted = (others, own) if is_need else (own, others)
        found[counted] = 0.5 + 0.5 * np.minimum(1.0, np.maximum(0.0, given) / wanted)
        return found

    def best(self, fits: Shares) -> Shares:
        """Return each row's best stored item, shape (rows,); -1.0 for a row without items."""
        return self._positions.highest(fits)

    def mean(self, fits: Shares) -> Shares:
        """Return each row's mean over its own items, shape (rows,); 0.0 for a row without items."""
        found: Shares = self._positions.added(fits) / np.maximum(1, self._counts)
        return found

    def answered(self) -> Flags:
        """Say which rows have items, shape (rows,)."""
        found: Flags = self._counts > 0
        return found

    def row(self, row: int) -> tuple[WeighedItem, ...]:
        """Return a row's items in their order."""
        numbers = [number for number in self._positions.numbers[row].tolist() if number >= 0]
        return tuple(WeighedItem(self._stored[number], self._details.row(number)) for number in numbers)

    def put(self, row: int, items: Sequence[WeighedItem]) -> None:
        """Replace a row, or add the next one. Items that no row has any more are kept until the next build."""
        for item in items:
            if item.source not in self._number_of:
                self._add(item.source, item.words)
        self._positions.put(row, [self._number_of[item.source] for item in items])
        self._counts = self._positions.counts()

    def _add(self, item: Item, words: Mapping[str, int]) -> None:
        self._number_of[item] = len(self._stored)
        self._details.put(len(self._stored), words)
        self._stored.append(item)
        self._kinds = np.append(self._kinds, np.int8(_KINDS[item.kind]))
        self._units = np.append(self._units, np.int8(_unit(item)))
        self._amounts = np.append(self._amounts, _amount(item))


_KINDS: Mapping[ResourceKind, int] = {kind: number for number, kind in enumerate(ResourceKind)}
_UNITS: Mapping[Unit, int] = {unit: number for number, unit in enumerate(Unit)}


def _unit(item: Item) -> int:
    return -1 if item.unit is None else _UNITS[item.unit]


def _amount(item: Item) -> float:
    return NOT_STATED if item.amount is None else float(min(item.amount, MOST_COMPARED))
