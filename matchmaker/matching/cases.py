"""Reading labelled cases: JSON lines of proposals, interests and links, as published with ``seeds/cases``.

Names of organisations, source addresses and links never reach the facts. A label that is not in our vocabulary counts
as not answered; a line that cannot be read at all stops everything and names its file and line.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Term, Theme, Unit
from matchmaker.matching.vocabulary import wide_regions

NATIONWIDE_LABEL = "全国"

Entry = TypeVar("Entry")
AnyTerm = TypeVar("AnyTerm", bound=Term)


class UnreadableCase(ValueError):
    """A line is not what the format asks for; the text names file, line and reason."""


@dataclass(frozen=True, slots=True)
class CaseLink:
    """One true pair; ``also`` are other true partners of the proposal's organisation."""

    proposal_id: str
    interest_id: str
    also: frozenset[str]


@dataclass(frozen=True, slots=True)
class LabelledCases:
    """A pool with its true pairs.

    ``organisation_of`` groups proposals for cross-validation and is never scored; ``written_…`` are the entries as
    they stand in the files, for the published baselines alone.
    """

    proposals: tuple[ProposalFacts, ...]
    interests: tuple[InterestFacts, ...]
    links: tuple[CaseLink, ...]
    organisation_of: Mapping[str, str]
    written_proposals: tuple[Mapping[str, Any], ...]
    written_interests: tuple[Mapping[str, Any], ...]


def read_proposals(path: Path) -> list[ProposalFacts]:
    """Read proposals. Errors: UnreadableCase, OSError."""
    return _unique(path, _read(path, _proposal))


def read_interests(path: Path, *, strict: bool = False) -> list[InterestFacts]:
    """Read interests; ``strict`` keeps industry, first profile sentence, offers and places alone."""
    interests = _unique(path, _read(path, _interest))
    return [as_strict(interest) for interest in interests] if strict else interests


def read_cases(folder: Path, *, strict: bool = False) -> LabelledCases:
    """Read ``proposals.jsonl``, ``interests.jsonl`` and ``links.jsonl`` of a folder.

    Errors: UnreadableCase, OSError.
    """
    proposals = read_proposals(folder / "proposals.jsonl")
    interests = read_interests(folder / "interests.jsonl", strict=strict)
    links = _read(folder / "links.jsonl", _link)
    known = {one.id for one in proposals} | {one.id for one in interests}
    for number, link in enumerate(links, start=1):
        for one in (link.proposal_id, link.interest_id):
            if one not in known:
                raise UnreadableCase(f"{folder / 'links.jsonl'}:{number}: unknown id {one!r}")
    written = tuple(_read(folder / "proposals.jsonl", _as_written))
    others = tuple(_read(folder / "interests.jsonl", _strictly_written if strict else _as_written))
    keys = {str(entry["id"]): str(entry.get("organisation_key") or entry["id"]) for entry in written}
    return LabelledCases(tuple(proposals), tuple(interests), tuple(links), keys, written, others)


def as_strict(interest: InterestFacts) -> InterestFacts:
    """Keep what cannot leak from a known collaboration.

    >>> as_strict(InterestFacts("I1", profile="米を売る店。棚田を守る。", themes=frozenset({Theme.FOOD}))).profile
    '米を売る店。'
    """
    first, mark, _ = interest.profile.partition("。")
    return InterestFacts(
        id=interest.id,
        profile=first + mark,
        industry=interest.industry,
        headquarters=interest.headquarters,
        regions=interest.regions,
        offers=interest.offers,
        refusals=interest.refusals,
        valid_until=interest.valid_until,
    )


def _as_written(entry: Mapping[str, Any]) -> dict[str, Any]:
    return dict(entry)


def _strictly_written(entry: Mapping[str, Any]) -> dict[str, Any]:
    first, mark, _ = _text(entry, "profile").partition("。")
    return {**entry, "profile": first + mark, "themes": []}


def _read(path: Path, build: Callable[[Mapping[str, Any]], Entry]) -> list[Entry]:
    found: list[Entry] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            if not isinstance(entry, dict):
                raise TypeError("the line is not a JSON object")
            found.append(build(entry))
        except KeyError as missing:
            raise UnreadableCase(f"{path}:{number}: the field {missing} is missing") from missing
        except (ValueError, TypeError, RecursionError) as fault:
            raise UnreadableCase(f"{path}:{number}: {fault}") from fault
    return found


Facts = TypeVar("Facts", ProposalFacts, InterestFacts)


def _unique(path: Path, entries: list[Facts]) -> list[Facts]:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise UnreadableCase(f"{path}: the id {entry.id!r} occurs twice")
        seen.add(entry.id)
    return entries


def _proposal(entry: Mapping[str, Any]) -> ProposalFacts:
    return ProposalFacts(
        id=_id(entry["id"]),
        title=_text(entry, "title"),
        mission=_text(entry, "mission"),
        summary=_text(entry, "summary"),
        beneficiaries=_text(entry, "beneficiaries"),
        fields=_terms(ActivityField, _list(entry, "activity_fields")),
        places=tuple(_place(entry.get("prefecture"), entry.get("municipality"))),
        needs=tuple(Need(*item) for item in _items(entry, "needs")),
        legal_form=_term(LegalForm, entry.get("legal_form")),
    )


def _interest(entry: Mapping[str, Any]) -> InterestFacts:
    headquarters = _place(entry.get("hq_prefecture"), entry.get("hq_municipality"))
    return InterestFacts(
        id=_id(entry["id"]),
        profile=_text(entry, "profile"),
        industry=_term(Industry, entry.get("industry")),
        themes=_terms(Theme, _list(entry, "themes")),
        headquarters=headquarters[0] if headquarters else None,
        regions=tuple(place for label in _list(entry, "regions") for place in _places_called(label)),
        offers=tuple(Offer(*item) for item in _items(entry, "offers")),
    )


def _link(entry: Mapping[str, Any]) -> CaseLink:
    return CaseLink(_id(entry["proposal"]), _id(entry["interest"]), frozenset(map(_id, _list(entry, "also"))))


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{value!r} is not an id")
    return str(value)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"the field {name!r} is not a text")
    return value or ""


def _list(entry: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = entry.get(name)
    if value is not None and not isinstance(value, list):
        raise TypeError(f"the field {name!r} is not a list")
    return value or []


def _term(vocabulary: type[AnyTerm], value: object) -> AnyTerm | None:
    """Find a term by label or code; what is unknown is not answered."""
    for term in vocabulary:
        if value in (term.label, term.value):
            return term
    return None


def _terms(vocabulary: type[AnyTerm], values: Iterable[object]) -> frozenset[AnyTerm]:
    return frozenset(term for value in values if (term := _term(vocabulary, value)))


def _place(prefecture: object, municipality: object) -> list[Place]:
    known = _term(Prefecture, prefecture)
    if not known:
        return []
    name = municipality if isinstance(municipality, str) else ""
    return [Place(known, municipality=name or None, name=name)]


def _places_called(label: object) -> list[Place]:
    """Return the places that a region label means: the country, a prefecture, or a wider region's prefectures."""
    if label == NATIONWIDE_LABEL:
        return [Place()]
    if isinstance(label, str) and label in wide_regions():
        return [Place(prefecture) for prefecture in sorted(wide_regions()[label])]
    return _place(label, None)


def _items(entry: Mapping[str, Any], name: str) -> list[tuple[ResourceKind, str, int | None, Unit | None]]:
    found: list[tuple[ResourceKind, str, int | None, Unit | None]] = []
    for item in _list(entry, name):
        if not isinstance(item, dict):
            raise TypeError(f"an entry of {name!r} is not an object")
        kind = _term(ResourceKind, item.get("kind"))
        if kind:
            amount = item.get("amount")
            unit = _term(Unit, item.get("unit"))
            is_counted = unit is not None and type(amount) is int and amount >= 0
            quantity = (amount, unit) if is_counted else (None, None)
            found.append((kind, _text(item, "detail"), *quantity))
    return found
