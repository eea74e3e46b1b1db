"""Hard conditions. A pair that breaks one is refused with a code and shown nowhere, but can be asked about."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from matchmaker.matching.facts import InterestFacts, Place, ProposalFacts, Refusals


class Refusal(StrEnum):
    """Why a pair cannot match, whatever its points."""

    INTEREST_EXPIRED = "interest-expired"
    PROPOSAL_CLOSED = "proposal-closed"
    FIELD_REFUSED = "field-refused"
    LEGAL_FORM_REFUSED = "legal-form-refused"
    NEEDS_REFUSED = "needs-refused"
    OUTSIDE_REGIONS = "outside-regions"


_NOTHING_REFUSED = Refusals()


def refusals(proposal: ProposalFacts, interest: InterestFacts, on: date | None = None) -> tuple[Refusal, ...]:
    """Return every hard condition that the pair breaks, in the order of the enum; empty when it may match.

    Shapes: ``on`` is the day asked about; without it no date is judged.
    What a side did not answer never refuses a pair, and a region mismatch does so only when the company said so.

    >>> from matchmaker.matching.terms import ActivityField
    >>> closed = InterestFacts("I1", refusals=Refusals(fields=frozenset({ActivityField.TOURISM})))
    >>> refusals(ProposalFacts("P1", fields=frozenset({ActivityField.TOURISM, ActivityField.RURAL})), closed)
    (<Refusal.FIELD_REFUSED: 'field-refused'>,)
    >>> refusals(ProposalFacts("P2"), closed)
    ()
    """
    refused = interest.refusals
    if refused == _NOTHING_REFUSED and (on is None or (interest.valid_until is None and proposal.open_until is None)):
        return ()  # most pairs of a large registry
    kinds = {need.kind for need in proposal.needs}
    broken = {
        Refusal.INTEREST_EXPIRED: bool(on and interest.valid_until and interest.valid_until < on),
        Refusal.PROPOSAL_CLOSED: bool(on and proposal.open_until and proposal.open_until < on),
        Refusal.FIELD_REFUSED: bool(proposal.fields & refused.fields),
        Refusal.LEGAL_FORM_REFUSED: proposal.legal_form in refused.legal_forms,
        Refusal.NEEDS_REFUSED: bool(kinds) and kinds <= refused.resource_kinds,
        Refusal.OUTSIDE_REGIONS: refused.outside_regions and _are_apart(proposal.places, interest.regions),
    }
    return tuple(refusal for refusal, is_broken in broken.items() if is_broken)


def _are_apart(places: Iterable[Place], regions: Iterable[Place]) -> bool:
    """Say whether both sides named places and none of one lies within, or round, one of the other."""
    pairs = [(place, region) for place in places for region in regions]
    return bool(pairs) and not any(_may_meet(place, region) for place, region in pairs)


def _may_meet(one: Place, other: Place) -> bool:
    if one.prefecture is None or other.prefecture is None:
        return True
    if one.prefecture != other.prefecture:
        return False
    both = ((one.region, other.region), (one.area, other.area), (one.municipality, other.municipality))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in both)
