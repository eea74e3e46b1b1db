"""Facts as bytes and back: one text for equal facts, so that equal facts are kept once."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit

Facts = ProposalFacts | InterestFacts


@dataclass(frozen=True, slots=True)
class Packed:
    """Compressed JSON and the SHA-256 of what it holds."""

    digest: str
    data: bytes


def pack(value: Any) -> Packed:
    """Pack facts, or anything that JSON knows; equal values give equal digests.

    >>> pack(ProposalFacts("D-0001", title="海")) == pack(ProposalFacts("D-0001", title="海"))
    True
    """
    plain = asdict(value) if isinstance(value, ProposalFacts | InterestFacts) else value
    text = json.dumps(plain, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    return Packed(hashlib.sha256(data).hexdigest(), zlib.compress(data, 9))


def unpack(data: bytes) -> Any:
    """Return what was packed, as JSON gives it back."""
    return json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))


def unpack_proposal(data: bytes) -> ProposalFacts:
    """Return packed facts of a proposal."""
    kept = unpack(data)
    return ProposalFacts(
        **{
            **kept,
            "fields": frozenset(map(ActivityField, kept["fields"])),
            "places": tuple(map(_place, kept["places"])),
            "needs": tuple(Need(**_item(one)) for one in kept["needs"]),
            "legal_form": LegalForm(kept["legal_form"]) if kept["legal_form"] else None,
            **{name: _day(kept[name]) for name in ("starts_on", "ends_on", "open_until")},
        }
    )


def unpack_interest(data: bytes) -> InterestFacts:
    """Return packed facts of an interest."""
    kept = unpack(data)
    refused = kept["refusals"]
    return InterestFacts(
        **{
            **kept,
            "industry": Industry(kept["industry"]) if kept["industry"] else None,
            "themes": frozenset(map(Theme, kept["themes"])),
            "headquarters": _place(kept["headquarters"]) if kept["headquarters"] else None,
            "regions": tuple(map(_place, kept["regions"])),
            "offers": tuple(Offer(**_item(one)) for one in kept["offers"]),
            "refusals": Refusals(
                fields=frozenset(map(ActivityField, refused["fields"])),
                legal_forms=frozenset(map(LegalForm, refused["legal_forms"])),
                resource_kinds=frozenset(map(ResourceKind, refused["resource_kinds"])),
                outside_regions=refused["outside_regions"],
            ),
            "valid_until": _day(kept["valid_until"]),
        }
    )


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{value!r} cannot be kept")


def _place(kept: Mapping[str, Any]) -> Place:
    prefecture = kept["prefecture"]
    return Place(**{**kept, "prefecture": Prefecture(prefecture) if prefecture else None})


def _item(kept: Mapping[str, Any]) -> dict[str, Any]:
    unit = Unit(kept["unit"]) if kept["unit"] else None
    return {**kept, "kind": ResourceKind(kept["kind"]), "unit": unit}


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None
