"""Where every record of a side is, as arrays: nearness in percent, and who is certainly too far away."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.columns import Arrays, Flags, Positions, RowNumbers
from matchmaker.matching.fact_rows import TextRows
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import headquarters_of, places_of, profile_of
from matchmaker.matching.packing import started
from matchmaker.matching.places import Codes, Percents, Places
from matchmaker.matching.weights import RegionLevels

Facts = ProposalFacts | InterestFacts


class PlaceColumns:
    """Where each row is: a company's headquarters and regions, or a proposal's places."""

    def __init__(self, places: Places, where: Positions, seats: Positions, prose: TextRows) -> None:
        self.places = places
        self.where = where
        self.seats = seats
        self._prose = prose
        self._naming: dict[str, NDArray[np.int32]] = {}
        self._naming_other: dict[str, NDArray[np.int32]] = {}

    @classmethod
    def of(cls, records: Sequence[Facts], places: Places) -> "PlaceColumns":
        """Return where records are, and which names of places their profiles say."""
        prose = [profile_of(one) for one in records]
        where = Positions([_numbers(one, places) for one in records])
        found = cls(places, where, Positions([_seat(one, places) for one in records]), TextRows.of(prose))
        naming: list[list[int]] = [[] for _name in places.names]
        for row, text in enumerate(prose):
            for number in places.names_in(text) if text else ():
                naming[number].append(row)
        found._naming = {name: np.array(rows, dtype=np.int32) for name, rows in zip(places.names, naming, strict=True)}
        return found

    @classmethod
    def restored(cls, places: Places, kept: Arrays) -> "PlaceColumns":
        """Return the columns of which ``arrays`` was kept, beside the places of the same index."""
        prose = TextRows(kept["prose_starts"], kept["prose_letters"])
        found = cls(places, Positions.restored(kept["where"]), Positions.restored(kept["seats"]), prose)
        rows = np.split(kept["naming"], kept["naming_starts"][1:-1]) if places.names else []
        found._naming = dict(zip(places.names, rows, strict=True))
        return found

    def arrays(self) -> Arrays:
        """Return everything but the places themselves."""
        prose = self._prose.arrays()
        naming = [self.rows_naming(name) for name in self.places.names]
        return {
            "where": self.where.numbers,
            "seats": self.seats.numbers,
            "prose_starts": prose["starts"],
            "prose_letters": prose["letters"],
            "naming_starts": started([len(rows) for rows in naming]),
            "naming": np.concatenate([np.zeros(0, dtype=np.int32), *naming]),
        }

    def nearest_to_proposal(self, asked: Codes, names: Sequence[str], levels: RegionLevels) -> Percents:
        """Return the nearness of each row's company to a proposal's places in percent, -1 where not answered.

        Shapes: one name for each place, "" for none that could be looked for in profiles.
        """
        if not len(asked):
            return np.full(len(self._prose), -1, dtype=np.int16)
        seats, served = (
            np.max([self.places.percents(one, levels, is_headquarters=is_seat) for one in asked], axis=0)
            for is_seat in (True, False)
        )
        found: Percents = np.maximum(self.seats.highest(seats), self.where.highest(served))
        for code, name in zip(asked, names, strict=True):
            rows = self.rows_naming(name)
            inside = self.places.inside(code)
            is_local = self.seats.taken(rows).any(inside) | self.where.taken(rows).any(inside)
            found[rows[is_local]] = np.maximum(found[rows[is_local]], levels.municipality)
        return found

    def nearest_to_interest(self, seats: Codes, regions: Codes, levels: RegionLevels, prose: str) -> Percents:
        """Return the nearness of each row's proposal to a company in percent, -1 where not answered."""
        best = np.full(len(self.places), -1, dtype=np.int16)
        named = self.places.said_in(prose)
        for codes, is_headquarters in ((seats, True), (regions, False)):
            for code in codes:
                percents = self.places.percents(code, levels, is_headquarters=is_headquarters, named=named)
                best = np.maximum(best, percents)
        return self.where.highest(best)

    def apart_from(self, asked: Codes, rows: RowNumbers) -> Flags:
        """Say which of some rows named places, or regions, none of which lies within or round one of those asked.

        Shapes: one flag for every row of the side, False for those not asked about.
        """
        found = np.zeros(len(self._prose), dtype=np.bool_)
        if len(asked) and len(rows):
            meeting: Flags = np.any([self.places.meeting(code) for code in asked], axis=0)
            where = self.where.taken(rows)
            found[rows] = (where.counts() > 0) & ~where.any(meeting)
        return found

    def codes(self, row: int) -> tuple[Codes, Codes]:
        """Return a row's places and its headquarters."""
        both = (self.where.numbers[row], self.seats.numbers[row])
        places, seats = (np.ascontiguousarray(self.places.codes().T[one[one >= 0]]) for one in both)
        return places, seats

    def names(self, row: int) -> list[str]:
        """Return the name of each place of a row that is looked for in profiles, "" for none."""
        numbers = self.where.numbers[row]
        return [self.places.name(number) for number in self.places.spoken()[numbers[numbers >= 0]].tolist()]

    def prose(self, row: int) -> str:
        """Return the profile in which a company may name a municipality; "" for a proposal."""
        return self._prose[row]

    def rows_naming(self, name: str) -> NDArray[np.int32]:
        """Return the rows whose profile says a name; every profile is read once for a name not known before."""
        if not name:
            return np.zeros(0, dtype=np.int32)
        known = self._naming if name in self.places.names else self._naming_other
        rows = known.get(name)
        if rows is None:
            rows = known[name] = self._prose.rows_with(name)
        return rows

    def put(self, row: int, record: Facts) -> None:
        """Replace a row, or add the next one."""
        self.where.put(row, _numbers(record, self.places))
        self.seats.put(row, _seat(record, self.places))
        before, after = self._prose[row] if row < len(self._prose) else "", profile_of(record)
        self._prose.put(row, after)
        self._rename(row, before, after)

    def _rename(self, row: int, before: str, after: str) -> None:
        """Keep in step which rows name what, for every name that was asked about."""
        others = [name for name in self._naming_other if (name in before) != (name in after)]
        names = [self.places.name(number) for number in {*self.places.names_in(before), *self.places.names_in(after)}]
        for known, changed in ((self._naming, names), (self._naming_other, others)):
            for name in changed:
                if name in known:
                    kept = known[name][known[name] != row]
                    known[name] = np.append(kept, np.int32(row)) if name in after else kept


def _numbers(record: Facts, places: Places) -> list[int]:
    is_looked_for = isinstance(record, ProposalFacts)
    return [places.number(place, is_looked_for=is_looked_for) for place in places_of(record)]


def _seat(record: Facts, places: Places) -> list[int]:
    headquarters = headquarters_of(record)
    return [places.number(headquarters)] if headquarters else []
