"""The hard conditions of every record of a side, as arrays: ``eligibility.refusals`` for a whole list at once."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.facts import InterestFacts, ProposalFacts, Refusals
from matchmaker.matching.place_columns import PlaceColumns
from matchmaker.matching.places import Codes
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind

_FIELD_BITS = {field: 1 << number for number, field in enumerate(ActivityField)}
_FORM_BITS = {form: 1 << number for number, form in enumerate(LegalForm)}
_KIND_BITS = {kind: 1 << number for number, kind in enumerate(ResourceKind)}
_NOTHING_REFUSED = Refusals()
_FIELDS, _FORMS, _KINDS, _OUTSIDE, _UNTIL = range(5)
_FOREVER = date.max.toordinal()

Code = tuple[int, int, int, int, int]

BITS = {refusal: number for number, refusal in enumerate(Refusal)}
"""The bit of each hard condition where a row's broken ones are one number."""


def hard_bits(conditions: Collection[Refusal]) -> int:
    """Return some hard conditions as bits of one number."""
    return sum(1 << BITS[refusal] for refusal in set(conditions))


class ConditionColumns:
    """What each row refuses, or what it may be refused for: sets as bits of whole numbers, shape (5, rows)."""

    def __init__(self, columns: NDArray[np.int32]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, records: Sequence[ProposalFacts | InterestFacts]) -> "ConditionColumns":
        """Return the conditions of records, one a row."""
        coded = [coded_conditions(one) for one in records]
        return cls(np.ascontiguousarray(np.array(coded, dtype=np.int32).reshape(len(coded), 5).T))

    def code(self, row: int) -> Code:
        """Return what one row asks or refuses."""
        fields, forms, kinds, outside, until = self.columns[:, row].tolist()
        return fields, forms, kinds, outside, until

    def broken(
        self, asked: Code, places: Codes, where: PlaceColumns, on: date | None, *, is_proposal: bool
    ) -> NDArray[np.uint8]:
        """Return as bits which conditions each row breaks with a record of the other side, shape (rows,).

        Shapes: ``asked`` and ``places`` are those of that record, a proposal or an interest; ``where`` is that of the
        same rows. Without a day no date is judged.
        """
        fields, forms, kinds, outside, until = asked
        today = on.toordinal() if on else 0
        row = self.columns
        is_over = np.full(row.shape[1], until < today)
        wanted, refused = (np.int32(kinds), row[_KINDS]) if is_proposal else (row[_KINDS], np.int32(kinds))
        judged = np.flatnonzero(row[_OUTSIDE]) if is_proposal else np.arange(row.shape[1] if outside else 0)
        flags = {
            Refusal.INTEREST_EXPIRED: row[_UNTIL] < today if is_proposal else is_over,
            Refusal.PROPOSAL_CLOSED: is_over if is_proposal else row[_UNTIL] < today,
            Refusal.FIELD_REFUSED: (row[_FIELDS] & fields) != 0,
            Refusal.LEGAL_FORM_REFUSED: (row[_FORMS] & forms) != 0,
            Refusal.NEEDS_REFUSED: (wanted != 0) & ((wanted & ~refused) == 0),
            Refusal.OUTSIDE_REGIONS: where.apart_from(places, judged),
        }
        found = np.zeros(row.shape[1], dtype=np.uint8)
        for refusal, is_broken in flags.items():
            found |= is_broken.astype(np.uint8) << BITS[refusal]
        return found

    def put(self, row: int, record: ProposalFacts | InterestFacts) -> None:
        """Replace a row, or add the next one."""
        if row == self.columns.shape[1]:
            self.columns = np.append(self.columns, np.zeros((5, 1), dtype=np.int32), axis=1)
        self.columns[:, row] = coded_conditions(record)


def coded_conditions(facts: ProposalFacts | InterestFacts) -> Code:
    """Return the conditions of one record: what it asks for or refuses, as bits, and the day until which it is open."""
    if isinstance(facts, ProposalFacts):
        form = _FORM_BITS[facts.legal_form] if facts.legal_form else 0
        kinds = sum(_KIND_BITS[kind] for kind in {need.kind for need in facts.needs})
        return (sum(map(_FIELD_BITS.__getitem__, facts.fields)), form, kinds, 0, _ordinal(facts.open_until))
    refused = facts.refusals
    if refused == _NOTHING_REFUSED:
        return (0, 0, 0, 0, _ordinal(facts.valid_until))
    return (
        sum(map(_FIELD_BITS.__getitem__, refused.fields)),
        sum(map(_FORM_BITS.__getitem__, refused.legal_forms)),
        sum(map(_KIND_BITS.__getitem__, refused.resource_kinds)),
        int(refused.outside_regions),
        _ordinal(facts.valid_until),
    )


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else _FOREVER
