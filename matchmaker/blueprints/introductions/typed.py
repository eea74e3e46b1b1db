"""A proposal as it is being typed: what cannot be understood yet is left out, and nothing is stored."""

from collections.abc import Iterator
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from matchmaker.directory.places import is_place_code, place_of
from matchmaker.foundation.text import half_width, tidy, tidy_line
from matchmaker.matching.facts import Need, ProposalFacts
from matchmaker.matching.terms import ActivityField, ResourceKind, Unit
from matchmaker.proposals.answers import MOST_NEEDS

LONGEST_READ = 4_000
MOST_DIGITS = 12


def as_typed(stored: ProposalFacts, typed: MultiDict[str, str]) -> ProposalFacts:
    """Return the stored facts with the typed answers in their place; names of fields as in the proposal's forms."""
    fields = frozenset(ActivityField(code) for code in typed.getlist("fields") if code in set(ActivityField))
    codes = sorted({*typed.getlist("place_codes"), *typed.getlist("prefecture_codes")})
    places = tuple(place for code in codes if is_place_code(code) and (place := place_of(code)))
    return replace(
        stored,
        title=_text(typed, "title", stored.title),
        summary=_text(typed, "issue", stored.summary),
        beneficiaries=_text(typed, "beneficiaries", stored.beneficiaries),
        fields=fields or stored.fields,
        places=places or stored.places,
        needs=tuple(_needs(typed)) if "needs-0-kind" in typed else stored.needs,
    )


def _text(typed: MultiDict[str, str], name: str, stored: str) -> str:
    return tidy(typed[name][:LONGEST_READ]) if name in typed else stored


def _needs(typed: MultiDict[str, str]) -> Iterator[Need]:
    for number in range(MOST_NEEDS):
        kind = typed.get(f"needs-{number}-kind", "")
        if kind in set(ResourceKind):
            detail = tidy_line(typed.get(f"needs-{number}-detail", "")[:LONGEST_READ])
            amount = _amount(typed.get(f"needs-{number}-amount", ""))
            unit = typed.get(f"needs-{number}-unit", "")
            is_counted = amount is not None and unit in set(Unit)
            quantity = (amount, Unit(unit)) if is_counted else (None, None)
            yield Need(ResourceKind(kind), detail, *quantity)


def _amount(text: str) -> int | None:
    digits = half_width(text[:LONGEST_READ]).replace(",", "")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    return int(digits) or None if is_number else None
