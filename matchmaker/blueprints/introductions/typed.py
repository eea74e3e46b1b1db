"""A proposal as it is being typed: nothing of it is stored, and what cannot be understood yet is left out."""

from collections.abc import Iterator

from werkzeug.datastructures import MultiDict

from matchmaker.directory.places import is_place_code
from matchmaker.foundation.text import half_width, tidy, tidy_line
from matchmaker.matching.terms import ActivityField, ResourceKind, Unit
from matchmaker.proposals.answers import MOST_NEEDS
from matchmaker.proposals.models import Proposal, ProposalField, ProposalNeed, ProposalPlace

_TEXTS = ("title", "issue", "beneficiaries", "aim", "content", "role_company")
_KEPT = ("draft_number", "organisation_id", "publishes_plan", "starts_on", "ends_on", "open_until_on")
LONGEST_READ = 4_000
MOST_DIGITS = 12


def as_typed(stored: Proposal, typed: MultiDict[str, str]) -> Proposal:
    """Return a proposal, unknown to the session, with the typed answers over the stored ones."""
    texts = {name: tidy(typed.get(name, getattr(stored, name))[:LONGEST_READ]) for name in _TEXTS}
    fields = [code for code in typed.getlist("fields") if code in set(ActivityField)] or stored.fields
    codes = [*typed.getlist("place_codes"), *typed.getlist("prefecture_codes")]
    places = sorted({code for code in codes if is_place_code(code)}) or stored.place_codes
    needs = list(_needs(typed)) if "needs-0-kind" in typed else [_copy(need) for need in stored.needs]
    draft = Proposal(
        **texts,
        **{name: getattr(stored, name) for name in _KEPT},
        field_rows=[ProposalField(field=ActivityField(code)) for code in dict.fromkeys(fields)],
        place_rows=[ProposalPlace(place_code=code) for code in places],
        needs=needs,
    )
    draft.organisation = stored.organisation
    return draft


def _needs(typed: MultiDict[str, str]) -> Iterator[ProposalNeed]:
    for number in range(MOST_NEEDS):
        kind = typed.get(f"needs-{number}-kind", "")
        if kind in set(ResourceKind):
            detail = tidy_line(typed.get(f"needs-{number}-detail", "")[:LONGEST_READ])
            amount = _amount(typed.get(f"needs-{number}-amount", ""))
            unit = typed.get(f"needs-{number}-unit", "")
            is_counted = amount is not None and unit in set(Unit)
            yield ProposalNeed(
                kind=ResourceKind(kind),
                detail=detail,
                amount=amount if is_counted else None,
                unit=Unit(unit) if is_counted else None,
            )


def _amount(text: str) -> int | None:
    digits = half_width(text[:LONGEST_READ]).replace(",", "")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    return int(digits) or None if is_number else None


def _copy(need: ProposalNeed) -> ProposalNeed:
    return ProposalNeed(kind=need.kind, detail=need.detail, amount=need.amount, unit=need.unit)
