"""The distinct places of an index as numbers, and how near one other place is to all of them at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import Flags
from matchmaker.matching.facts import Place
from matchmaker.matching.packing import started
from matchmaker.matching.vocabulary import neighbours
from matchmaker.matching.weights import RegionLevels

Percents = NDArray[np.int16]
Codes = NDArray[np.int32]
"""Places as codes of prefecture, region, area and municipality, shape (places, 4); 0 where not known."""

PREFECTURES = 48
"""JIS codes 1-47, and 0 for the whole country."""

_NEVER_MET = -1
"""The code of a part that no stored place has."""


class Places:
    """Places of both sides, each with its number. Codes of unlike places never meet.

    >>> from matchmaker.matching.terms import Prefecture
    >>> places = Places()
    >>> tsu = Place(Prefecture.MIE, municipality="242012", name="津市")
    >>> places.number(tsu), places.number(Place(Prefecture.MIE)), places.number(tsu)
    (0, 1, 0)
    >>> places.percents(places.codes_of([tsu])[0], RegionLevels(), is_headquarters=True).tolist()
    [100, 85]
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self._names: list[str] = []
        self._stored: list[Place] = []
        self._number_of: dict[Place, int] = {}
        self._codes: dict[tuple[str, str | None], int] = {}
        self._rows: list[tuple[int, int, int, int]] = []
        self._spoken: list[int] = []
        self._arrays: tuple[Codes, NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]] | None = None
        self.compiled_view: Any = None
        self._by_start: dict[str, list[tuple[str, int]]] = {}
        self._neighbours: NDArray[np.uint8] | None = None

    @classmethod
    def restored(cls, stored: Sequence[Place], spoken: Sequence[int], names: Sequence[str]) -> "Places":
        """Return the places of which each was kept, with the number of its name, and the names by their numbers."""
        found = cls()
        for place in stored:
            found.number(place)
        found._spoken = list(spoken)
        found._names, found.names = list(names), {name: number for number, name in enumerate(names)}
        for name, number in found.names.items():
            found._by_start.setdefault(name[:2], []).append((name, number))
        return found

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, place: Place, *, is_looked_for: bool = False) -> int:
        """Return the number of a place, a new one for a place not seen yet.

        A place of a proposal ``is_looked_for`` in the profiles of companies by the name that people say.
        """
        found = self._number_of.get(place)
        if found is None:
            found = self._number_of[place] = len(self._rows)
            self._stored.append(place)
            self._rows.append(self._coded(place))
            self._spoken.append(-1)
            self._arrays = self.compiled_view = None
        if is_looked_for and self._spoken[found] < 0 and (spoken := criteria.spoken_name(place)):
            if spoken not in self.names:
                self._by_start.setdefault(spoken[:2], []).append((spoken, len(self.names)))
                self._names.append(spoken)
            self._spoken[found] = self.names.setdefault(spoken, len(self.names))
            self._arrays = self.compiled_view = None
        return found

    def place(self, number: int) -> Place:
        """Return a stored place by its number."""
        return self._stored[number]

    def codes_of(self, places: Sequence[Place]) -> Codes:
        """Return the codes of places that need not be stored, shape (places, 4)."""
        rows = []
        for place in places:
            parts = (("region", place.region), ("area", place.area), ("municipality", place.municipality))
            codes = [self._codes.get(part, _NEVER_MET) if part[1] else 0 for part in parts]
            rows.append((int(place.prefecture) if place.prefecture else 0, *codes))
        return np.array(rows, dtype=np.int32).reshape(len(rows), 4)

    def codes(self) -> Codes:
        """Return the codes of every stored place, shape (4, places)."""
        return self._as_arrays()[0]

    def spoken(self) -> NDArray[np.int32]:
        """Return for every stored place the number of its name that is looked for, -1 for none, shape (places,)."""
        return self._as_arrays()[1]

    def by_prefecture(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return where the places of each prefecture begin, shape (PREFECTURES + 1,), and all places in that order."""
        return self._as_arrays()[2:]

    def name(self, number: int) -> str:
        """Return a name by its number; "" for -1."""
        return self._names[number] if number >= 0 else ""

    def names_in(self, prose: str) -> list[int]:
        """Return the numbers of the names that a company's profile says; see ``criteria.is_named``."""
        starts = {prose[at : at + 2] for at in range(len(prose) - 1)} & self._by_start.keys()
        return [number for start in starts for spoken, number in self._by_start[start] if spoken in prose]

    def said_in(self, prose: str) -> Flags:
        """Say for every stored place whether a profile names it, shape (places,)."""
        said = np.zeros(len(self.names) + 1, dtype=np.bool_)
        said[self.names_in(prose)] = True
        # The last flag is that of -1, a place without a name.
        found: Flags = said[self.spoken()]
        return found

    def neighbours(self) -> NDArray[np.uint8]:
        """Say which prefectures meet, shape (PREFECTURES, PREFECTURES)."""
        if self._neighbours is None:
            found = np.zeros((PREFECTURES, PREFECTURES), dtype=np.uint8)
            for one, others in neighbours().items():
                found[int(one), [int(other) for other in others]] = 1
            self._neighbours = found
        return self._neighbours

    def percents(
        self, code: NDArray[np.int32], levels: RegionLevels, *, is_headquarters: bool, named: Flags | None = None
    ) -> Percents:
        """Return the percent of the nearness of one place to every stored place, shape (places,).

        ``named`` are the stored places that the company on the other side names as its own.
        """
        prefectures, regions, areas, municipalities = self.codes()
        prefecture, region, area, municipality = code.tolist()
        near = np.where(self.neighbours()[prefecture] == 1, levels.neighbour, levels.elsewhere)
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

    def inside(self, code: NDArray[np.int32]) -> Flags:
        """Say which stored places are in the prefecture of another place, shape (places,)."""
        found: Flags = (self.codes()[0] == code[0]) & (code[0] > 0)
        return found

    def meeting(self, code: NDArray[np.int32]) -> Flags:
        """Say which stored places lie within another place, or round it, as far as both are known, shape (places,)."""
        stored, mine = self.codes(), code.tolist()
        same = [(codes == one) | (codes == 0) | (one == 0) for codes, one in zip(stored[1:], mine[1:], strict=True)]
        inside = (stored[0] == mine[0]) & same[0] & same[1] & same[2]
        found: Flags = inside | (stored[0] == 0) | (mine[0] == 0)
        return found

    def _coded(self, place: Place) -> tuple[int, int, int, int]:
        parts = (("region", place.region), ("area", place.area), ("municipality", place.municipality))
        codes = [self._codes.setdefault(part, len(self._codes) + 1) if part[1] else 0 for part in parts]
        return (int(place.prefecture) if place.prefecture else 0, codes[0], codes[1], codes[2])

    def _as_arrays(self) -> tuple[Codes, NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
        if self._arrays is None:
            codes = np.array(self._rows, dtype=np.int32).reshape(len(self._rows), 4)
            starts = started(np.bincount(codes[:, 0], minlength=PREFECTURES))
            order = np.argsort(codes[:, 0], kind="stable").astype(np.int32)
            self._arrays = (np.ascontiguousarray(codes.T), np.array(self._spoken, dtype=np.int32), starts, order)
        return self._arrays
