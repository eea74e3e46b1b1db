"""Synthetic records in a database, written in bulk: as many organisations, and one NPO member who may sign in."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import insert

from matchmaker.accounts import sessions
from matchmaker.accounts.models import Membership, User
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.text import search_form
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest, InterestOffer, InterestRefusal, InterestRegion, InterestTheme
from matchmaker.interests.status import InterestStatus, RefusalKind
from matchmaker.matching.facts import NATIONWIDE, InterestFacts, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import LegalForm, Prefecture
from matchmaker.proposals.models import Proposal, ProposalField, ProposalNeed, ProposalPlace
from matchmaker.proposals.status import ProposalStatus
from tests.bench.registry import Registry
from tests.support.records import add_municipalities

Row = dict[str, Any]


def store(registry: Registry) -> None:
    """Write a registry into an empty database; proposals are published by organisations of their own."""
    with transaction():
        Model.metadata.create_all(db.session.connection())
        add_municipalities()
        db.session.flush()
        proposals = list(enumerate(registry.proposals, start=1))
        interests = list(enumerate(registry.interests, start=len(proposals) + 1))
        _add(Organisation, [_npo(number, facts) for number, facts in proposals])
        _add(Organisation, [_company(number, facts) for number, facts in interests])
        _add(Proposal, [_proposal(number, facts) for number, facts in proposals])
        _add(Interest, [_interest(number, facts) for number, facts in interests])
        for model, rows in _parts(proposals, interests):
            _add(model, list(rows))


def sign_in_member(app: Flask) -> tuple[str, str]:
    """Let a person act for the first NPO; return its proposal's number and a cookie of a signed-in browser."""
    at = clock.now()
    person = User(name="測定", email="bench@example.jp", password_hash="", email_confirmed_at=at, created_at=at)
    with transaction():
        db.session.add(person)
        db.session.flush()
        db.session.add(Membership(user_id=person.id, organisation_id=1, joined_at=at))
        token = sessions.begin(person, at=at)
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    cookie = serializer.dumps({"_user_id": token, "_fresh": True})
    return _number(1), f"{app.config['SESSION_COOKIE_NAME']}={cookie}"


def save_again(interest: int) -> None:
    """Change one stored interest a little, as its company would."""
    with transaction():
        row = db.session.get_one(Interest, interest)
        row.policy = row.policy + "来年も続けます。"
        row.saved_at = clock.now()


def _add(model: type[Model], rows: Sequence[Row]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def _number(number: int) -> str:
    return f"R8-{number:06d}"


def _organisation(number: int, side: Side, legal_form: LegalForm, home: Place) -> Row:
    name = f"{'団体' if side is Side.NPO else '会社'}{number:06d}"
    at = clock.now()
    return {
        "id": number,
        "number": f"O-{number:06d}",
        "side": side,
        "legal_form": legal_form,
        "name": name,
        "prefecture": home.prefecture,
        "municipality_code": home.municipality if home.prefecture is Prefecture.MIE else None,
        "verification": Verification.VERIFIED,
        "checked_at": at,
        "search_text": search_form(name),
        "created_at": at,
        "version": 1,
    }


def _npo(number: int, facts: ProposalFacts) -> Row:
    row = _organisation(number, Side.NPO, facts.legal_form or LegalForm.NPO, facts.places[0])
    return row | {"description": facts.mission}


def _company(number: int, facts: InterestFacts) -> Row:
    row = _organisation(number, Side.COMPANY, LegalForm.COMPANY, facts.headquarters or Place())
    return row | {"description": facts.profile, "industry": facts.industry}


def _proposal(number: int, facts: ProposalFacts) -> Row:
    at = clock.now()
    return {
        "id": number,
        "draft_number": f"D-{number:06d}",
        "number": _number(number),
        "organisation_id": number,
        "status": ProposalStatus.ACCEPTED,
        "is_published": True,
        "open_until_on": clock.today() + timedelta(days=180),
        "title": facts.title[:120],
        "content": facts.summary,
        "beneficiaries": facts.beneficiaries,
        "starts_on": facts.starts_on,
        "ends_on": facts.ends_on,
        "search_text": search_form(f"{facts.title} {facts.summary}"),
        "submitted_at": at,
        "created_at": at,
        "saved_at": at,
        "version": 1,
    }


def _interest(number: int, facts: InterestFacts) -> Row:
    at = clock.now()
    return {
        "id": number,
        "number": f"K-{number:06d}",
        "organisation_id": number,
        "status": InterestStatus.ACTIVE,
        "policy": "",
        "valid_until_on": clock.today() + timedelta(days=365),
        "search_text": search_form(facts.profile),
        "created_at": at,
        "saved_at": at,
        "activated_at": at,
        "version": 1,
    }


def _parts(
    proposals: Sequence[tuple[int, ProposalFacts]], interests: Sequence[tuple[int, InterestFacts]]
) -> Iterator[tuple[type[Model], Iterator[Row]]]:
    yield ProposalField, ({"proposal_id": n, "field": one} for n, facts in proposals for one in facts.fields)
    yield (
        ProposalPlace,
        ({"proposal_id": n, "place_code": one} for n, facts in proposals for one in _codes(facts.places)),
    )
    yield ProposalNeed, ({"proposal_id": n, **row} for n, facts in proposals for row in _items(facts.needs))
    yield InterestTheme, ({"interest_id": n, "theme": one} for n, facts in interests for one in facts.themes)
    yield (
        InterestRegion,
        ({"interest_id": n, "place_code": one} for n, facts in interests for one in _codes(facts.regions)),
    )
    yield InterestOffer, ({"interest_id": n, **row} for n, facts in interests for row in _items(facts.offers))
    yield InterestRefusal, ({"interest_id": n, **row} for n, facts in interests for row in _refusals(facts.refusals))


def _codes(places: Sequence[Place]) -> list[str]:
    return list(dict.fromkeys(map(_code, places)))


def _code(place: Place) -> str:
    """The municipalities of other prefectures are made up, so their prefecture must do."""
    if place.prefecture is None:
        return NATIONWIDE
    if place.prefecture is Prefecture.MIE and place.municipality:
        return place.municipality
    if place.prefecture is Prefecture.MIE and place.region:
        return f"{place.prefecture.value}:{place.region}"
    return place.prefecture.value


def _items(items: Sequence[Any]) -> Iterator[Row]:
    for position, item in zip(count(1), items, strict=False):
        yield {"position": position, "kind": item.kind, "detail": item.detail, "amount": item.amount, "unit": item.unit}


def _refusals(refusals: Refusals) -> Iterator[Row]:
    yield from ({"kind": RefusalKind.FIELD, "value": one.value} for one in refusals.fields)
    yield from ({"kind": RefusalKind.LEGAL_FORM, "value": one.value} for one in refusals.legal_forms)
    yield from ({"kind": RefusalKind.RESOURCE_KIND, "value": one.value} for one in refusals.resource_kinds)
    if refusals.outside_regions:
        yield {"kind": RefusalKind.OUTSIDE_REGIONS, "value": "yes"}
