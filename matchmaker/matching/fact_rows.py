"""The facts of a side by row, made of bytes only when somebody reads them: an object of each would fill the memory."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.packing import started
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit

Facts = ProposalFacts | InterestFacts
Item = TypeVar("Item", Need, Offer)
Arrays = Mapping[str, NDArray[Any]]

REMEMBERED = 200
"""Facts made of bytes that are kept as they are: one list reads the same few several times."""


class TextRows:
    """Strings by row, replaceable; those that were kept lie in one piece of memory.

    >>> rows = TextRows.of(["津の会社", "", "松阪の店"])
    >>> rows.put(1, "松阪の会社")
    >>> rows[0], len(rows), rows.rows_with("松阪").tolist()
    ('津の会社', 3, [1, 2])
    """

    def __init__(self, starts: NDArray[np.int64], letters: NDArray[np.uint8]) -> None:
        self._starts, self._letters = starts, letters
        self._changed: dict[int, str] = {}
        self._length = len(starts) - 1

    @classmethod
    def of(cls, texts: Sequence[str]) -> "TextRows":
        """Lay out strings, one a row."""
        encoded = [_encoded(text) for text in texts]
        return cls(started([len(one) for one in encoded]), np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, row: int) -> str:
        changed = self._changed.get(row)
        if changed is not None:
            return changed
        return self._letters[self._starts[row] : self._starts[row + 1]].tobytes().decode("utf-8", "surrogatepass")

    def put(self, row: int, text: str) -> None:
        """Replace a row, or add the next one."""
        self._changed[row] = text
        self._length = max(self._length, row + 1)

    def rows_with(self, part: str) -> NDArray[np.int32]:
        """Return the rows that hold a string, rising."""
        wanted = _encoded(part)
        ends = [match.end() for match in re.finditer(re.escape(wanted), self._letters.data)]
        rows = np.searchsorted(self._starts, np.array(ends, dtype=np.int64), side="left") - 1
        inside = np.array(ends, dtype=np.int64) - len(wanted) >= self._starts[rows]
        found = set(rows[inside].tolist()) - self._changed.keys()
        found |= {row for row, text in self._changed.items() if part in text}
        return np.array(sorted(found), dtype=np.int32)

    def arrays(self) -> Arrays:
        """Return all rows as they are now."""
        now = TextRows.of([self[row] for row in range(len(self))]) if self._changed else self
        return {"starts": now._starts, "letters": now._letters}


class FactRows:
    """Facts by row, replaceable."""

    def __init__(self, records: Sequence[Facts] = (), kept: TextRows | None = None) -> None:
        self.kept = kept
        self._records: dict[int, Facts] = dict(enumerate(records))
        self._made: dict[int, Facts] = {}
        self._length = len(kept) if kept else len(records)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, row: int) -> Facts:
        found = self._records.get(row) or self._made.get(row)
        if found is None:
            if self.kept is None or not 0 <= row < len(self.kept):
                raise IndexError(row)
            if len(self._made) >= REMEMBERED:
                self._made = {}
            found = self._made[row] = unpack(self.kept[row])
        return found

    def __iter__(self) -> Iterator[Facts]:
        return (self[row] for row in range(len(self)))

    def put(self, row: int, facts: Facts) -> None:
        """Replace a row, or add the next one."""
        self._records[row] = facts
        self._length = max(self._length, row + 1)

    def arrays(self) -> Arrays:
        """Return all rows as they are now; ``TextRows`` of them is what ``kept`` takes."""
        return TextRows.of([pack(one) for one in self]).arrays()


def pack(facts: Facts) -> str:
    """Return facts as one line of JSON, shorter than with names.

    >>> interest = InterestFacts("I1", profile="津の会社", regions=(Place(Prefecture.MIE, "中勢"),))
    >>> unpack(pack(interest)) == interest
    True
    """
    if isinstance(facts, ProposalFacts):
        texts = [facts.title, facts.mission, facts.summary, facts.beneficiaries]
        days = [_day(facts.starts_on), _day(facts.ends_on), _day(facts.open_until)]
        places, items = [packed_place(one) for one in facts.places], [packed_item(one) for one in facts.needs]
        return _json([0, facts.id, texts, sorted(facts.fields), places, items, facts.legal_form, days])
    refused = facts.refusals
    refusals = [*map(sorted, (refused.fields, refused.legal_forms, refused.resource_kinds)), refused.outside_regions]
    seat = packed_place(facts.headquarters) if facts.headquarters else None
    themes = [sorted(facts.themes), facts.is_undecided]
    places, items = [packed_place(one) for one in facts.regions], [packed_item(one) for one in facts.offers]
    own = [1, facts.id, facts.profile, facts.industry, themes, seat, places, items]
    return _json([*own, None if refused == _NOTHING_REFUSED else refusals, _day(facts.valid_until)])


def unpack(text: str) -> Facts:
    """Return the facts that were packed. Errors: ValueError for another text."""
    kept = json.loads(text)
    if kept[0] == 0:
        _kind, record, (title, mission, summary, beneficiaries), fields, places, items, form, days = kept
        return ProposalFacts(
            record,
            title,
            mission,
            summary,
            beneficiaries,
            frozenset(map(ActivityField, fields)),
            tuple(map(place_from, places)),
            tuple(item_from(one, Need) for one in items),
            form and LegalForm(form),
            *map(_day_from, days),
        )
    _kind, record, profile, industry, themes, seat, places, items, refusals, until = kept
    return InterestFacts(
        record,
        profile,
        industry and Industry(industry),
        frozenset(map(Theme, themes[0])),
        themes[1],
        seat and place_from(seat),
        tuple(map(place_from, places)),
        tuple(item_from(one, Offer) for one in items),
        _refusals_from(refusals) if refusals else _NOTHING_REFUSED,
        _day_from(until),
    )


_NOTHING_REFUSED = Refusals()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _day(day: date | None) -> int | None:
    return day.toordinal() if day else None


def _day_from(kept: int | None) -> date | None:
    return date.fromordinal(kept) if kept else None


def packed_item(item: Need | Offer) -> list[Any]:
    """Return a need or offer as JSON can keep it."""
    return [item.kind, item.detail, item.amount, item.unit]


def item_from(kept: list[Any], kind_of_item: type[Item]) -> Item:
    """Return the need or offer that was packed."""
    kind, detail, amount, unit = kept
    return kind_of_item(ResourceKind(kind), detail, amount, unit and Unit(unit))


def packed_place(place: Place) -> list[str | None]:
    """Return a place as JSON can keep it."""
    return [place.prefecture, place.region, place.area, place.municipality, place.name]


def place_from(kept: list[Any]) -> Place:
    """Return the place that was packed."""
    prefecture, region, area, municipality, name = kept
    return Place(prefecture and Prefecture(prefecture), region, area, municipality, name)


def _refusals_from(kept: list[Any]) -> Refusals:
    fields, forms, kinds, is_outside = kept
    return Refusals(
        frozenset(map(ActivityField, fields)),
        frozenset(map(LegalForm, forms)),
        frozenset(map(ResourceKind, kinds)),
        is_outside,
    )
