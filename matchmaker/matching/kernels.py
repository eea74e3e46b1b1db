"""The arithmetic of ``scoring_columns``, compiled: ``kernels.c`` as a library that a list calls once.

``python -m matchmaker.matching.kernels`` compiles it with the C compiler of the system; ``make`` does so where there is
one. Without the library everything works and gives the same points, slower. A library is named after its source, so
that an old one is never used with a new program.
"""

import ctypes
import hashlib
import math
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching import criteria
from matchmaker.matching.columns import TermColumns
from matchmaker.matching.condition_columns import hard_bits
from matchmaker.matching.features import UNIT
from matchmaker.matching.places import Places
from matchmaker.matching.pool import Demands
from matchmaker.matching.scoring import to_points
from matchmaker.matching.scoring_columns import Scored
from matchmaker.matching.side import Asked, Side
from matchmaker.matching.weights import CONTENT_CRITERIA, Criterion, Ruleset

if TYPE_CHECKING:
    from matchmaker.matching.lists import Ranking

SOURCE = Path(__file__).with_name("kernels.c")
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")

_LISTS = ("words", "bigrams", "theme", "business")
_LEVELS = ("municipality", "area", "region", "prefecture", "served", "neighbour", "nationwide", "elsewhere")
_ANY = ctypes.c_void_p
_LONG, _INT, _DOUBLE = ctypes.c_int64, ctypes.c_int32, ctypes.c_double


_ALIGNED = 64
_LISTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ListsWanted:
    """What many lists have in common: how many first lines, the day that dates are judged on, and threads to use."""

    top: int
    on: date | None
    threads: int


@dataclass(frozen=True, slots=True)
class BestRows:
    """The best of many lists. Shapes: ``rows`` and ``points`` (lists, top), ``counts`` how many of each list count."""

    rows: NDArray[np.int64]
    points: NDArray[np.int16]
    counts: NDArray[np.int64]


class _Filled(ctypes.Structure):
    """A structure of the C source that keeps alive the arrays to which it points."""

    def __init__(self, **values: Any) -> None:
        super().__init__()
        self._kept: list[Any] = []
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                whole = np.ascontiguousarray(value)
                self._kept.append(whole)
                setattr(self, name, whole.__array_interface__["data"][0])  # half the time of ctypes.data
            elif isinstance(value, list):
                self._kept.append(value)
                setattr(self, name, (type(value[0]) * len(value))(*value))
            else:
                self._kept.append(value)
                setattr(self, name, value)


class _Terms(_Filled):
    _fields_ = (("count", _LONG), ("numbers", _ANY), ("values", _ANY), ("is_answered", _LONG))


class _Matrix(_Filled):
    _fields_ = (
        ("known", _LONG),
        *((name, _ANY) for name in ("begins", "row_numbers", "column_values", "starts", "numbers", "values")),
        ("changed", _LONG),
        *((name, _ANY) for name in ("changed_rows", "changed_starts", "changed_numbers", "changed_values")),
        ("answered", _ANY),
        ("vocabulary", _LONG),
    )


class _Side(_Filled):
    _fields_ = (
        ("rows", _LONG),
        ("lists", _Matrix * len(_LISTS)),
        ("vectors", _ANY),
        ("has_vector", _ANY),
        ("width", _LONG),
        ("where", _ANY),
        ("places_each", _LONG),
        ("seats", _ANY),
        ("seats_each", _LONG),
        ("items", _LONG),
        ("details", _Matrix),
        ("kinds", _ANY),
        ("units", _ANY),
        ("amounts", _ANY),
        ("own_items", _ANY),
        ("items_each", _LONG),
        ("conditions", _ANY),
        ("conditions_stride", _LONG),
        ("is_alive", _ANY),
        ("demands", _ANY),
        ("place_in_order", _ANY),
        ("row_at", _ANY),
        ("naming_starts", _ANY),
        ("naming", _ANY),
    )


class _Map(_Filled):
    _fields_ = (
        ("places", _LONG),
        ("codes", _ANY),
        ("spoken", _ANY),
        ("prefecture_starts", _ANY),
        ("by_prefecture", _ANY),
        ("names", _LONG),
        ("neighbours", _ANY),
        ("said_starts", _ANY),
        ("said_rows", _ANY),
    )


class _Rules(_Filled):
    _fields_ = (
        ("weights", _INT * len(Criterion)),
        ("neutral", _INT * len(Criterion)),
        ("full", _DOUBLE * len(Criterion)),
        ("levels", _INT * len(_LEVELS)),
        ("pool_percent", _DOUBLE),
        ("one_sidedness", _INT),
        ("hard", _INT),
        ("unit_squared", _DOUBLE),
        ("same_kind_share", _DOUBLE),
    )


class _Query(_Filled):
    _fields_ = (
        ("is_proposal", _INT),
        ("today", _INT),
        ("lists", _Terms * len(_LISTS)),
        ("vector", _ANY),
        ("products", _ANY),
        ("places", _LONG),
        ("place_codes", _ANY),
        ("seats", _LONG),
        ("seat_codes", _ANY),
        ("said", _LONG),
        ("said_rows", _ANY),
        ("said_places", _ANY),
        ("names", _ANY),
        ("items", _LONG),
        ("kinds", _ANY),
        ("units", _ANY),
        ("amounts", _ANY),
        ("item_starts", _ANY),
        ("item_numbers", _ANY),
        ("item_values", _ANY),
        ("conditions", _INT * 5),
        ("demand", _DOUBLE),
    )


def library_path() -> Path:
    """Return where the library lies, whether or not it was compiled."""
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    return SOURCE.parent / "__pycache__" / f"kernels-{digest}{'.dll' if sys.platform == 'win32' else '.so'}"


def compile_library() -> Path | None:
    """Compile the library unless it is there; None where there is no C compiler.

    Errors: CalledProcessError with the compiler's words.
    """
    path = library_path()
    compiler = os.environ.get("CC") or shutil.which("cc")
    if path.exists() or not compiler:
        return path if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    made = path.with_suffix(f".{os.getpid()}")
    subprocess.run([compiler, *FLAGS, str(SOURCE), "-o", str(made), "-lm"], check=True)  # noqa: S603 - named by who installs
    made.replace(path)  # at once: another process sees the whole file or none
    return path


class _Room(ctypes.Structure):
    _fields_ = (("begin", _ANY), ("used", _LONG))


class Kernels:
    """The compiled functions. Safe to use from many threads; they let other threads run meanwhile."""

    def __init__(self, path: Path) -> None:
        library = ctypes.CDLL(str(path))
        self._score, self._best_of_all, self._totals_of = library.score, library.best_of_all, library.totals_of
        self._keep_best = library.keep_best
        self._keep_best.restype = _LONG
        self._lent = threading.local()

    def scored(self, asked: Asked, side: Side, demands: Demands | None, ruleset: Ruleset, on: date | None) -> Scored:
        """Do ``scoring_columns.scored``; without demands the row of the pool stays zero."""
        rows = len(side)
        parts = np.empty((len(Criterion), rows), dtype=np.int16)
        points, broken = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.uint8)
        query = _query(asked if demands is not None else replace(asked, demand=math.nan), side, on)
        views = (self._view(side, demands), self._map_of(side.places.places), _rules(ruleset), query)
        self._run_in_room(self._score, views, (parts, points, broken))
        return Scored(parts, points, broken)

    def totals(
        self, rows: NDArray[np.int64], own: Side, other: Side, ruleset: Ruleset, *, are_proposals: bool
    ) -> NDArray[np.int16]:
        """Return the content points of some rows of one side with all of the other, (rows, rows of the other)."""
        found = np.empty((len(rows), len(other)), dtype=np.int16)
        views = (*self._both(own, other, (None, None), are_proposals), _rules(ruleset), _INT(are_proposals))
        self._run_in_room(self._totals_of, views, (rows, _LONG(len(rows)), found))
        return found

    def best_of_all(
        self,
        rows: NDArray[np.int64],
        sides: tuple[Side, Side],
        demands: tuple[Demands, Demands],
        ruleset: Ruleset,
        wanted: ListsWanted,
        *,
        are_proposals: bool,
    ) -> BestRows:
        """Return the best eligible rows of one side for some rows of the other, best first, equal points by id.

        Shapes: sides and demands are those of the rows asked for, then those that are ranked.
        """
        shape = (len(rows), wanted.top)
        found = BestRows(np.zeros(shape, np.int64), np.zeros(shape, np.int16), np.zeros(len(rows), np.int64))
        today = _INT(wanted.on.toordinal() if wanted.on else 0)
        views = (*self._both(*sides, demands, are_proposals), _rules(ruleset), _INT(are_proposals), today)

        def some(begin: int) -> None:
            part = slice(begin, begin + _LISTS_AT_ONCE)
            asked, outcome = rows[part], (found.rows[part], found.points[part], found.counts[part])
            others = (asked, _LONG(len(asked)), _LONG(wanted.top), *outcome)
            self._run_in_room(self._best_of_all, views, others)

        with ThreadPoolExecutor(max_workers=max(1, wanted.threads)) as pool:
            list(pool.map(some, range(0, len(rows), _LISTS_AT_ONCE)))
        return found

    def keep_best(self, ranking: "Ranking", top: int) -> NDArray[np.int64]:
        """Return the first rows of a ranking that break no condition, best first."""
        best, keys, count = np.empty(top, dtype=np.int64), np.empty(top, dtype=np.int64), _LONG(len(ranking.ids))
        flags = (ranking.in_list, ranking.broken)
        views = (ranking.points, *flags, ranking.place_in_order, ranking.row_at, count, _LONG(top), keys, best)
        return best[: self._keep_best(*_passed(views))]

    @staticmethod
    def _both(
        own: Side, other: Side, demands: tuple[Demands | None, Demands | None], are_proposals: bool
    ) -> tuple["_Side", "_Side", "_Map"]:
        mine = _side(own, demands[0], None if are_proposals else _names_by_row(own))
        return mine, _side(other, demands[1]), _map_with_names(own, other, are_proposals=are_proposals)

    @staticmethod
    def _view(side: Side, demands: Demands | None) -> "_Side":
        """Return a side as the C source sees it, made once for its present state."""
        if side.compiled_view is None or side.compiled_view[0] is not demands:
            side.compiled_view = (demands, _side(side, demands))
        view: _Side = side.compiled_view[1]
        return view

    @staticmethod
    def _map_of(places: Places) -> "_Map":
        """Return the places as the C source sees them, made once for as many as there are."""
        if places.compiled_view is None:
            places.compiled_view = _map(places)
        view: _Map = places.compiled_view
        return view

    def _run_in_room(self, function: Any, views: Sequence[Any], others: Sequence[Any]) -> None:
        """Call a function twice: it says how much memory it wants, and gets what this thread lends at each call."""
        room = _Room(None, 0)
        views, others = _passed(views), _passed(others)
        function(*views, ctypes.byref(room), *others)
        lent = getattr(self._lent, "memory", None)
        if lent is None or len(lent) < room.used + _ALIGNED:
            lent = self._lent.memory = np.empty(room.used + _ALIGNED, dtype=np.uint8)
        room = _Room(lent.ctypes.data + -lent.ctypes.data % _ALIGNED, 0)
        function(*views, ctypes.byref(room), *others)


def _passed(arguments: Sequence[Any]) -> list[Any]:
    return [
        _ANY(one.ctypes.data) if isinstance(one, np.ndarray)
        else ctypes.byref(one) if isinstance(one, ctypes.Structure)
        else one
        for one in arguments
    ]  # fmt: skip


@cache
def loaded() -> Kernels | None:
    """Return the compiled functions, or None where they were not compiled: everything works without them."""
    path = library_path()
    return Kernels(path) if path.exists() else None


def _matrix(columns: TermColumns) -> _Matrix:
    changed, beside = columns.changed()
    return _Matrix(
        known=len(columns.begins) - 1,
        begins=columns.begins,
        row_numbers=columns.row_numbers,
        column_values=columns.column_values,
        starts=columns.starts,
        numbers=columns.numbers,
        values=columns.values,
        changed=len(changed),
        changed_rows=changed,
        changed_starts=beside.starts,
        changed_numbers=beside.numbers,
        changed_values=beside.values,
        answered=columns.answered,
        vocabulary=len(columns.vocabulary),
    )


def _side(side: Side, demands: Demands | None = None, names: tuple[Any, Any] | None = None) -> _Side:
    items, where, seats = side.items, side.places.where.numbers, side.places.seats.numbers
    starts, naming = names or (None, None)
    return _Side(
        rows=len(side),
        lists=[_matrix(side.terms[name]) for name in _LISTS],
        vectors=side.meaning.matrix,
        has_vector=side.meaning.answered,
        width=side.meaning.matrix.shape[1],
        where=where,
        places_each=where.shape[1],
        seats=seats,
        seats_each=seats.shape[1],
        items=len(items.kinds),
        details=_matrix(items.details),
        kinds=items.kinds,
        units=items.units,
        amounts=items.amounts,
        own_items=items.positions.numbers,
        items_each=items.positions.numbers.shape[1],
        conditions=side.conditions.columns,
        conditions_stride=side.conditions.columns.shape[1],
        is_alive=side.is_alive,
        demands=demands,
        place_in_order=side.place_in_order,
        row_at=side.row_at,
        naming_starts=starts,
        naming=naming,
    )


def _map(places: Places, said: tuple[Any, Any] = (None, None)) -> _Map:
    starts, by_prefecture = places.by_prefecture()
    return _Map(
        places=len(places),
        codes=places.codes(),
        spoken=places.spoken(),
        prefecture_starts=starts,
        by_prefecture=by_prefecture,
        names=len(places.names),
        neighbours=places.neighbours(),
        said_starts=said[0],
        said_rows=said[1],
    )


def _map_with_names(own: Side, other: Side, *, are_proposals: bool) -> _Map:
    """Return the map, with the rows of interests that name each place where proposals ask for them."""
    places = own.places.places
    if not are_proposals:
        return _map(places)
    return _map(places, _in_rows([other.places.rows_naming(name) for name in places.names]))


def _names_by_row(interests: Side) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return for each row of interests the numbers of the names that its profile says: starts and numbers."""
    starts, rows = _in_rows([interests.places.rows_naming(name) for name in interests.places.places.names])
    numbers = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    order = np.argsort(rows, kind="stable")
    sizes = np.bincount(rows, minlength=len(interests))
    return np.append(0, np.cumsum(sizes)).astype(np.int64), numbers[order]


def _in_rows(some: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    sizes = [len(one) for one in some]
    return np.append(0, np.cumsum(sizes)).astype(np.int64), np.concatenate([np.zeros(0, dtype=np.int32), *some])


@cache
def _rules(ruleset: Ruleset) -> _Rules:
    content = CONTENT_CRITERIA
    neutral = {one: to_points(ruleset.neutral_share(one), ruleset.weight(one)) for one in content}
    full = {one: criteria.full_product(one.value) for one in content if one.value in criteria.FULL_COSINE}
    return _Rules(
        weights=(_INT * len(Criterion))(*(ruleset.weight(one) if one in content else 0 for one in Criterion)),
        neutral=(_INT * len(Criterion))(*(neutral.get(one, 0) for one in Criterion)),
        full=(_DOUBLE * len(Criterion))(*(full.get(one, 1.0) for one in Criterion)),
        levels=(_INT * len(_LEVELS))(*(getattr(ruleset.levels, name) for name in _LEVELS)),
        pool_percent=ruleset.pool_percent,
        one_sidedness=ruleset.one_sidedness,
        hard=hard_bits(ruleset.hard_conditions),
        unit_squared=UNIT * UNIT,
        same_kind_share=criteria.SAME_KIND_SHARE,
    )


def _query(asked: Asked, side: Side, on: date | None) -> _Query:
    said = [side.places.rows_naming(name) for name in asked.names]
    places = [np.full(len(rows), place, dtype=np.int32) for place, rows in enumerate(said)]
    none = np.zeros(0, dtype=np.int32)
    names = np.zeros(len(side.places.places.names) + 1, dtype=np.uint8)
    if not asked.is_proposal:
        names[side.places.places.names_in(asked.prose)] = 1
    lists = [asked.lists[name] for name in _LISTS]
    has_vector = asked.vector is not None and len(asked.vector) == side.meaning.matrix.shape[1]
    return _Query(
        is_proposal=asked.is_proposal,
        today=on.toordinal() if on else 0,
        lists=[
            _Terms(count=len(one), numbers=one.numbers, values=one.values, is_answered=one.is_answered) for one in lists
        ],
        vector=asked.vector if has_vector else None,
        places=len(asked.places),
        place_codes=asked.places,
        seats=len(asked.seats),
        seat_codes=asked.seats,
        said=sum(map(len, said)),
        said_rows=np.concatenate([none, *said]),
        said_places=np.concatenate([none, *places]),
        names=names,
        items=len(asked.items),
        kinds=asked.items.kinds,
        units=asked.items.units,
        amounts=asked.items.amounts,
        item_starts=asked.items.words.starts,
        item_numbers=asked.items.words.numbers,
        item_values=asked.items.words.values,
        conditions=(_INT * 5)(*asked.conditions),
        demand=asked.demand,
    )


if __name__ == "__main__":
    found = compile_library()
    said = f"compiled: {found.name}" if found else "no C compiler (cc): lists are made without compiled kernels"
    sys.stdout.write(said + "\n")
