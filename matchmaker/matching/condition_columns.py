"""The hard conditions of every record of a side, as arrays: ``eligibility.refusals`` for a whole list at once."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.columns import Flags
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.facts import InterestFacts, ProposalFacts, Refusals
from matchmaker.matching.place_columns import PlaceColumns
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind

_FIELD_BITS = {field: 1 << number for number, field in enumerate(ActivityField)}
_FORM_BITS = {form: 1 << number for number, form in enumerate(LegalForm)}
_KIND_BITS = {kind: 1 << number for number, kind in enumerate(ResourceKind)}
_NOTHING_REFUSED = Refusals()
_FIELDS, _FORMS, _KINDS, _OUTSIDE, _UNTIL = range(5)
_FOREVER = date.max.toordinal()

Code = tuple[int, int, int, int, int]


class ConditionColumns:
    """What each row refuses, or what it may be refused for: sets as bits of whole numbers, shape (5, rows)."""

    def __init__(self, records: Sequence[ProposalFacts | InterestFacts]) -> None:
        coded = [_coded(one) for one in records]
        columns = np.array(coded, dtype=np.int32).reshape(len(coded), 5).T
        self._columns: NDArray[np.int32] = np.ascontiguousarray(columns)

    def broken_by_proposal(
        self, proposal: ProposalFacts, places: PlaceColumns, on: date | None
    ) -> dict[Refusal, Flags]:
        """Return the rows of interests with which a proposal breaks each condition, shape (rows,) each.

        Shapes: ``places`` are those of the same rows; without a day no date is judged.
        """
        fields, forms, kinds, _outside, until = _coded(proposal)
        today = on.toordinal() if on else 0
        row = self._columns
        return {
            Refusal.INTEREST_EXPIRED: row[_UNTIL] < today,
            Refusal.PROPOSAL_CLOSED: np.full(row.shape[1], until < today),
            Refusal.FIELD_REFUSED: (row[_FIELDS] & fields) != 0,
            Refusal.LEGAL_FORM_REFUSED: (row[_FORMS] & forms) != 0,
            Refusal.NEEDS_REFUSED: (kinds != 0) & ((kinds & ~row[_KINDS]) == 0),
            Refusal.OUTSIDE_REGIONS: places.apart_from(proposal.places, np.flatnonzero(row[_OUTSIDE])),
        }

    def broken_by_interest(
        self, interest: InterestFacts, places: PlaceColumns, on: date | None
    ) -> dict[Refusal, Flags]:
        """Return the rows of proposals with which an interest breaks each condition; see ``broken_by_proposal``."""
        fields, forms, kinds, outside, until = _coded(interest)
        today = on.toordinal() if on else 0
        row = self._columns
        apart = places.apart_from(interest.regions, np.arange(row.shape[1] if outside else 0))
        return {
            Refusal.INTEREST_EXPIRED: np.full(row.shape[1], until < today),
            Refusal.PROPOSAL_CLOSED: row[_UNTIL] < today,
            Refusal.FIELD_REFUSED: (row[_FIELDS] & fields) != 0,
            Refusal.LEGAL_FORM_REFUSED: (row[_FORMS] & forms) != 0,
            Refusal.NEEDS_REFUSED: (row[_KINDS] != 0) & ((row[_KINDS] & ~kinds) == 0),
            Refusal.OUTSIDE_REGIONS: apart,
        }

    def put(self, row: int, record: ProposalFacts | InterestFacts) -> None:
        """Replace a row, or add the next one."""
        if row == self._columns.shape[1]:
            self._columns = np.append(self._columns, np.zeros((5, 1), dtype=np.int32), axis=1)
        self._columns[:, row] = _coded(record)


def _coded(facts: ProposalFacts | InterestFacts) -> Code:
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
