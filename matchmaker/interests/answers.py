"""The answers to the five questions, as one value that can be compared and stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from matchmaker.foundation.text import search_form
from matchmaker.interests.models import Interest, InterestOffer, InterestRefusal, InterestRegion, InterestTheme
from matchmaker.interests.status import RefusalKind
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind, Theme

YES = "yes"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a company says of its interest. ``offers`` are in the order typed; everything else is in code order."""

    valid_until_on: date | None
    is_undecided: bool = False
    themes: tuple[Theme, ...] = ()
    place_codes: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    refused_fields: tuple[ActivityField, ...] = ()
    refused_legal_forms: tuple[LegalForm, ...] = ()
    refused_kinds: tuple[ResourceKind, ...] = ()
    refuses_outside_regions: bool = False
    refusal_note: str = ""
    policy: str = ""
    shows_name: bool = False


def answers_of(interest: Interest) -> Answers:
    """Return what an interest says now."""
    return Answers(
        valid_until_on=interest.valid_until_on,
        is_undecided=interest.is_undecided,
        themes=tuple(sorted(interest.themes)),
        place_codes=tuple(sorted(interest.place_codes)),
        offers=tuple(Offer(offer.kind, offer.detail, offer.amount, offer.unit) for offer in interest.offers),
        refused_fields=tuple(sorted(map(ActivityField, interest.refused(RefusalKind.FIELD)))),
        refused_legal_forms=tuple(sorted(map(LegalForm, interest.refused(RefusalKind.LEGAL_FORM)))),
        refused_kinds=tuple(sorted(map(ResourceKind, interest.refused(RefusalKind.RESOURCE_KIND)))),
        refuses_outside_regions=bool(interest.refused(RefusalKind.OUTSIDE_REGIONS)),
        refusal_note=interest.refusal_note,
        policy=interest.policy,
        shows_name=interest.shows_name,
    )


def write(interest: Interest, answers: Answers) -> None:
    """Put the answers into the record; rows that stay the same are kept."""
    interest.valid_until_on = answers.valid_until_on
    interest.is_undecided = answers.is_undecided
    interest.refusal_note = answers.refusal_note
    interest.policy = answers.policy
    interest.shows_name = answers.shows_name
    kept_themes = {row.theme: row for row in interest.theme_rows}
    interest.theme_rows = [kept_themes.get(theme) or InterestTheme(theme=theme) for theme in answers.themes]
    kept_places = {row.place_code: row for row in interest.region_rows}
    interest.region_rows = [kept_places.get(code) or InterestRegion(place_code=code) for code in answers.place_codes]
    kept_refusals = {(row.kind, row.value): row for row in interest.refusals}
    interest.refusals = [
        kept_refusals.get((kind, value)) or InterestRefusal(kind=kind, value=value)
        for kind, value in _refusals(answers)
    ]
    _write_offers(interest, answers.offers)
    interest.search_text = search_form(
        " ".join([*(theme.label for theme in answers.themes), answers.policy, *(o.detail for o in answers.offers)])
    )


def _write_offers(interest: Interest, offers: tuple[Offer, ...]) -> None:
    """Positions are unique in the database, so rows are changed in place rather than replaced."""
    for position, offer in enumerate(offers, start=1):
        if position > len(interest.offers):
            interest.offers.append(InterestOffer(position=position))
        row = interest.offers[position - 1]
        row.position, row.kind, row.detail, row.amount, row.unit = (
            position,
            offer.kind,
            offer.detail,
            offer.amount,
            offer.unit,
        )
    del interest.offers[len(offers) :]


def _refusals(answers: Answers) -> Iterable[tuple[RefusalKind, str]]:
    yield from ((RefusalKind.FIELD, field.value) for field in answers.refused_fields)
    yield from ((RefusalKind.LEGAL_FORM, form.value) for form in answers.refused_legal_forms)
    yield from ((RefusalKind.RESOURCE_KIND, kind.value) for kind in answers.refused_kinds)
    if answers.refuses_outside_regions:
        yield RefusalKind.OUTSIDE_REGIONS, YES
