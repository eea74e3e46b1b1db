"""All that scoring may know about the two sides: no names, no ids of people, no contact.

An empty value always means "not answered", never "none".
"""

from dataclasses import dataclass, field
from datetime import date

from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit

NATIONWIDE = "00"
"""The place code of the whole country."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens, as exactly as it is known; the wider parts of a narrower place are always filled in.

    Shapes: ``prefecture`` a JIS X 0401 code, or None for the whole country; ``region`` and ``area`` names inside
    the prefecture (for Mie "北勢" and "四日市"); ``municipality`` a six-digit local government code (or, where only
    a name is known, that name); ``name`` what people call the municipality ("四日市市"), looked for in profiles.
    """

    prefecture: Prefecture | None = None
    region: str | None = None
    area: str | None = None
    municipality: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing a proposal asks for. ``amount`` counts ``unit``; both None when not answered."""

    kind: ResourceKind
    detail: str = ""
    amount: int | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing an interest can give. ``amount`` counts ``unit``; both None when not answered."""

    kind: ResourceKind
    detail: str = ""
    amount: int | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """What scoring knows of one proposal."""

    id: str
    title: str = ""
    mission: str = ""
    summary: str = ""
    beneficiaries: str = ""
    fields: frozenset[ActivityField] = frozenset()
    places: tuple[Place, ...] = ()
    needs: tuple[Need, ...] = ()
    legal_form: LegalForm | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    open_until: date | None = None


@dataclass(frozen=True, slots=True)
class Refusals:
    """What an interest does not take up; each empty when not answered.

    ``outside_regions`` is True only when the company said that it takes up nothing outside its regions.
    """

    fields: frozenset[ActivityField] = frozenset()
    legal_forms: frozenset[LegalForm] = frozenset()
    resource_kinds: frozenset[ResourceKind] = frozenset()
    outside_regions: bool = False


@dataclass(frozen=True, slots=True)
class InterestFacts:
    """What scoring knows of one interest.

    ``is_undecided`` is 「まだ決まっていない」: no theme was chosen on purpose.
    """

    id: str
    profile: str = ""
    industry: Industry | None = None
    themes: frozenset[Theme] = frozenset()
    is_undecided: bool = False
    headquarters: Place | None = None
    regions: tuple[Place, ...] = ()
    offers: tuple[Offer, ...] = ()
    refusals: Refusals = field(default_factory=Refusals)
    valid_until: date | None = None
