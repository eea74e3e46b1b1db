"""A whole index as arrays, and back: a process that starts maps them and reads no text, weighs and measures nothing.

Arrays are named ``<side>.<columns>.<array>``. What is small and asked for by name (ids, terms, places) is made into
objects at once; facts and readings only when somebody asks for one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.array_file import Arrays
from matchmaker.matching.columns import MeaningColumns, Positions, TermColumns
from matchmaker.matching.condition_columns import ConditionColumns
from matchmaker.matching.engine import Anchors, MatchIndex
from matchmaker.matching.fact_rows import (
    FactRows,
    Facts,
    Item,
    TextRows,
    item_from,
    packed_item,
    packed_place,
    place_from,
)
from matchmaker.matching.facts import InterestFacts, Need, Offer, ProposalFacts
from matchmaker.matching.features import Generation, Rarity, Vocabulary
from matchmaker.matching.item_columns import ItemColumns
from matchmaker.matching.meaning import Encoder
from matchmaker.matching.packing import started
from matchmaker.matching.place_columns import PlaceColumns
from matchmaker.matching.places import Places
from matchmaker.matching.readings import Kept, Readings
from matchmaker.matching.side import Side
from matchmaker.matching.weights import Ruleset

LAYOUT = "2"
"""Counts up whenever arrays get another meaning: in a reading, a weight or a column."""

_KINDS: tuple[type[Facts], type[Facts]] = (ProposalFacts, InterestFacts)
_RARITIES = ("words", "bigrams", "topics", "themes")
_LIST_RARITY = {"words": "words", "bigrams": "bigrams", "theme": "themes", "business": "topics"}


def arrays_of(index: MatchIndex) -> dict[str, NDArray[Any]]:
    """Return everything that an index holds; ``index_of`` makes the same index of it."""
    generation = index.generation
    found: dict[str, NDArray[Any]] = {}
    for name in _RARITIES:
        rarity: Rarity = getattr(generation, name)
        found |= _named(f"generation.{name}", {"terms": _json(rarity.vocabulary.terms), "values": rarity.values})
    found["generation.documents"] = np.array([generation.words.documents])
    for name in ("proposal_mean", "interest_mean", "axes"):
        if (value := getattr(generation, name)) is not None:
            found[f"generation.{name}"] = value
    places = index.sides[0].places.places
    stored = [[*packed_place(places.place(number)), int(name)] for number, name in enumerate(places.spoken())]
    found["places"] = _json([stored, list(places.names)])
    for side, name in zip(index.sides, ("proposals", "interests"), strict=True):
        found |= _named(name, _side_arrays(side))
    for anchors, name in zip(index.anchors, ("proposals", "interests"), strict=True):
        found |= _named(f"{name}.anchors", {"rows": anchors.rows, "demands": anchors.demands})
        found[f"{name}.anchors.offset"] = np.array([anchors.offset])
    found["proposals.demands"], found["interests.demands"] = index.demands
    return found | _reading_arrays(index)


def index_of(kept: Arrays, ruleset: Ruleset, encoder: Encoder | None) -> MatchIndex:
    """Make the index of which ``arrays_of`` was kept, under the ruleset and with the encoder that it was made with."""
    documents = int(kept["generation.documents"][0])

    def rarity(name: str) -> Rarity:
        part = _part(kept, f"generation.{name}")
        return Rarity(documents, Vocabulary(_from_json(part["terms"])), part["values"])

    words, bigrams, topics, themes = map(rarity, _RARITIES)
    means = [kept.get(f"generation.{name}") for name in ("proposal_mean", "interest_mean", "axes")]
    generation = Generation(words, bigrams, topics, themes, *means)
    stored, names = _from_json(kept["places"])
    places = Places.restored([place_from(one[:5]) for one in stored], [one[5] for one in stored], names)
    proposals = _side_of(_part(kept, "proposals"), generation, places, Need)
    interests = _side_of(_part(kept, "interests"), generation, places, Offer)
    anchors = tuple(
        Anchors(part["rows"], part["demands"], float(part["offset"][0]))
        for part in (_part(kept, f"{name}.anchors") for name in ("proposals", "interests"))
    )
    demands = (kept["proposals.demands"], kept["interests.demands"])
    readings = Readings(encoder, KeptReadings(_part(kept, "readings"), (proposals, interests)))
    return MatchIndex.restored(
        ruleset, readings, generation, (proposals, interests), (anchors[0], anchors[1], *demands)
    )


class KeptReadings(Mapping[tuple[type[Facts], str], tuple[Facts, Kept]]):
    """The readings of a pool, each made of bytes when it is asked for."""

    def __init__(self, kept: Arrays, sides: tuple[Side, Side]) -> None:
        self._texts = (kept["starts"], kept["texts"])
        self._vectors, self._has_vector = kept["vectors"], kept["has_vector"]
        # As the sides were when they were kept: what is put into them later lies beside.
        self._facts = [FactRows(kept=side.facts.kept) for side in sides]
        self._row_of = [side.row_of for side in sides]
        self._is_alive = [side.is_alive for side in sides]

    def __getitem__(self, key: tuple[type[Facts], str]) -> tuple[Facts, Kept]:
        side = _KINDS.index(key[0])
        row = self._row_of[side][key[1]]
        if row >= len(self._is_alive[side]) or not self._is_alive[side][row]:
            raise KeyError(key)
        at = row + side * len(self._is_alive[0])
        starts, texts = self._texts
        vector = self._vectors[at] if self._has_vector[at] else None
        return self._facts[side][row], Kept(texts[starts[at] : starts[at + 1]].tobytes(), vector)

    def __iter__(self) -> Iterator[tuple[type[Facts], str]]:
        for kind, row_of, is_alive in zip(_KINDS, self._row_of, self._is_alive, strict=True):
            yield from ((kind, one) for one, row in row_of.items() if row < len(is_alive) and is_alive[row])

    def __len__(self) -> int:
        return int(sum(map(np.count_nonzero, self._is_alive)))


def _side_arrays(side: Side) -> dict[str, NDArray[Any]]:
    items = side.items
    found: dict[str, NDArray[Any]] = {
        "ids": _json(side.ids.tolist()),
        "row_at": side.row_at,
        "place_in_order": side.place_in_order,
        "is_alive": side.is_alive,
        "meaning.matrix": side.meaning.matrix,
        "meaning.answered": side.meaning.answered,
        "conditions": side.conditions.columns,
        "items.stored": _json([packed_item(one) for one in items.stored]),
        "items.positions": items.positions.numbers,
    }
    for name, columns in side.terms.items():
        found |= _named(f"terms.{name}", columns.arrays())
    found |= _named("items.details", items.details.arrays())
    found |= _named("places", side.places.arrays())
    return found | _named("facts", side.facts.arrays())


def _side_of(kept: Arrays, generation: Generation, places: Places, kind: type[Item]) -> Side:
    side = object.__new__(Side)
    facts = FactRows(kept=TextRows(kept["facts.starts"], kept["facts.letters"]))
    order = (kept["row_at"], kept["place_in_order"], kept["is_alive"])
    side.begin(_from_json(kept["ids"]), facts, order)
    side.terms = {
        name: TermColumns.restored(getattr(generation, rarity).vocabulary, _part(kept, f"terms.{name}"))
        for name, rarity in _LIST_RARITY.items()
    }
    side.meaning = MeaningColumns(kept["meaning.matrix"], kept["meaning.answered"])
    side.places = PlaceColumns.restored(places, _part(kept, "places"))
    stored: list[Need | Offer] = [item_from(one, kind) for one in _from_json(kept["items.stored"])]
    details = TermColumns.restored(generation.words.vocabulary, _part(kept, "items.details"))
    side.items = ItemColumns(Positions.restored(kept["items.positions"]), stored, details)
    side.conditions = ConditionColumns(kept["conditions"])
    return side


def _reading_arrays(index: MatchIndex) -> dict[str, NDArray[Any]]:
    kept = [one for side in index.sides for one in index.readings.of(list(side.facts))]
    width = next((len(one.vector) for one in kept if one.vector is not None), 0)
    vectors = np.zeros((len(kept), width), dtype=np.float16)
    for row, one in enumerate(kept):
        if one.vector is not None:
            vectors[row] = one.vector
    return _named(
        "readings",
        {
            "starts": started([len(one.texts) for one in kept]),
            "texts": np.frombuffer(b"".join(one.texts for one in kept), dtype=np.uint8),
            "vectors": vectors,
            "has_vector": np.array([one.vector is not None for one in kept], dtype=np.bool_),
        },
    )


def _named(name: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {f"{name}.{one}": array for one, array in arrays.items()}


def _part(kept: Arrays, name: str) -> dict[str, NDArray[Any]]:
    return {one.removeprefix(f"{name}."): array for one, array in kept.items() if one.startswith(f"{name}.")}


def _json(value: Any) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def _from_json(kept: NDArray[Any]) -> Any:
    return json.loads(kept.tobytes())
