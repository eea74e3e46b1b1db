"""Where every record of a side is, as arrays: nearness in percent, and who is certainly too far away."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import Flags, Positions, RowNumbers
from matchmaker.matching.facts import InterestFacts, Place, ProposalFacts
from matchmaker.matching.features import headquarters_of, places_of, profile_of
from matchmaker.matching.vocabulary import neighbours
from matchmaker.matching.weights import RegionLevels

Percents = NDArray[np.int16]
Facts = ProposalFacts | InterestFacts


class Places:
    """Distinct places as numbers, compared with one other place at once. Codes of unlike places never meet."""

    def __init__(self) -> None:
        self._number_of: dict[Place, int] = {}
        self._stored: list[Place] = []
        self._codes: dict[tuple[str, str | None], int] = {}
        self._rows: list[tuple[int, int, int, int]] = []
        self._spoken: list[str] = []
        self._columns = np.zeros((4, 0), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._stored)

    def number(self, place: Place) -> int:
        """Return the number of a place, a new one for a place not seen yet."""
        found = self._number_of.get(place)
        if found is None:
            found = self._number_of[place] = len(self._stored)
            self._stored.append(place)
            self._rows.append(self._coded(place))
            self._spoken.append(criteria.spoken_name(place))
        return found

    def named_in(self, prose: str) -> Flags:
        """Say which stored places a company's profile names, shape (places,); see ``criteria.is_named``."""
        return np.array([bool(spoken) and spoken in prose for spoken in self._spoken], dtype=np.bool_)

    def percents(
        self, other: Place, levels: RegionLevels, *, is_headquarters: bool, named: Flags | None = None
    ) -> Percents:
        """Return the percent of the nearness of ``other`` to every stored place, shape (places,).

        ``named`` are the stored places that the company on the other side names as its own.
        """
        prefectures, regions, areas, municipalities = self._arrays()
        prefecture, region, area, municipality = self._coded(other)
        near = np.zeros(_PREFECTURES, dtype=np.int64) + levels.elsewhere
        for neighbour in neighbours().get(other.prefecture, ()) if other.prefecture else ():
            near[int(neighbour)] = levels.neighbour
        same_municipality = (municipalities == municipality) & (municipality > 0)
        inside = [
            same_municipality if named is None else named | same_municipality,
            (areas == area) & (area > 0),
            (regions == region) & (region > 0),
        ]
        widest = levels.prefecture if is_headquarters else levels.served
        same = np.select(inside, [levels.municipality, levels.area, levels.region], widest)
        apart = np.where(prefectures == prefecture, same, near[prefectures])
        found = np.where((prefectures == 0) | (prefecture == 0), levels.nationwide, apart)
        return found.astype(np.int16)

    def inside(self, other: Place) -> Flags:
        """Say which stored places are in the prefecture of ``other``, shape (places,)."""
        found: Flags = self._arrays()[0] == (int(other.prefecture) if other.prefecture else -1)
        return found

    def meeting(self, other: Place) -> Flags:
        """Say which stored places lie within ``other``, or round it, as far as both are known, shape (places,)."""
        stored, mine = self._arrays(), self._coded(other)
        same = [(codes == code) | (codes == 0) | (code == 0) for codes, code in zip(stored[1:], mine[1:], strict=True)]
        inside = (stored[0] == mine[0]) & same[0] & same[1] & same[2]
        found: Flags = inside | (stored[0] == 0) | (mine[0] == 0)
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


class PlaceColumns:
    """Where each row is: a company's headquarters and regions, or a proposal's places."""

    def __init__(self, records: Sequence[Facts]) -> None:
        self._places = Places()
        self._where = Positions([self._numbers(places_of(one)) for one in records])
        self._seats = Positions([self._numbers(_seat(one)) for one in records])
        self._prose = [profile_of(one) for one in records]
        self._naming: dict[str, set[int]] = {}

    def nearest_to_proposal(self, places: Sequence[Place], levels: RegionLevels) -> Percents:
        """Return the nearness of each row's company to a proposal's places in percent, -1 where not answered."""
        if not places:
            return np.full(len(self._prose), -1, dtype=np.int16)
        seats, served = (
            np.max([self._places.percents(one, levels, is_headquarters=is_seat) for one in places], axis=0)
            for is_seat in (True, False)
        )
        found: Percents = np.maximum(self._seats.highest(seats), self._where.highest(served))
        for place in places:
            rows = self._rows_naming(criteria.spoken_name(place))
            inside = self._places.inside(place)
            is_local = self._seats.taken(rows).any(inside) | self._where.taken(rows).any(inside)
            found[rows[is_local]] = np.maximum(found[rows[is_local]], levels.municipality)
        return found

    def nearest_to_interest(
        self, headquarters: Place | None, regions: Sequence[Place], levels: RegionLevels, prose: str
    ) -> Percents:
        """Return the nearness of each row's proposal to a company in percent, -1 where not answered."""
        best = np.full(len(self._places), -1, dtype=np.int16)
        named = self._places.named_in(prose)
        seats = [(headquarters, True)] if headquarters else []
        for place, is_headquarters in seats + [(region, False) for region in regions]:
            percents = self._places.percents(place, levels, is_headquarters=is_headquarters, named=named)
            best = np.maximum(best, percents)
        return self._where.highest(best)

    def apart_from(self, places: Sequence[Place], rows: RowNumbers) -> Flags:
        """Say which of some rows named places, or regions, none of which lies within or round one of ``places``.

        Shapes: one flag for every row of the side, False for those not asked about.
        """
        found = np.zeros(len(self._prose), dtype=np.bool_)
        if places and len(rows):
            meeting: Flags = np.any([self._places.meeting(place) for place in places], axis=0)
            asked = self._where.taken(rows)
            found[rows] = (asked.counts() > 0) & ~asked.any(meeting)
        return found

    def put(self, row: int, record: Facts) -> None:
        """Replace a row, or add the next one."""
        self._where.put(row, self._numbers(places_of(record)))
        self._seats.put(row, self._numbers(_seat(record)))
        prose = profile_of(record)
        if row == len(self._prose):
            self._prose.append(prose)
        else:
            self._prose[row] = prose
        for spoken, rows in self._naming.items():
            (rows.add if spoken in prose else rows.discard)(row)

    def _rows_naming(self, spoken: str) -> RowNumbers:
        """Return the rows whose profile names a municipality; every profile is read once for each name."""
        if not spoken:
            return np.zeros(0, dtype=np.int64)
        rows = self._naming.get(spoken)
        if rows is None:
            rows = self._naming[spoken] = {row for row, prose in enumerate(self._prose) if spoken in prose}
        return np.fromiter(rows, np.int64, len(rows))

    def _numbers(self, places: Sequence[Place]) -> list[int]:
        return [self._places.number(place) for place in places]


def _seat(record: Facts) -> tuple[Place, ...]:
    headquarters = headquarters_of(record)
    return (headquarters,) if headquarters else ()
