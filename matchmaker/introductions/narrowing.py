"""Narrowing a list of matches by what the other side says; the ranking itself is not touched."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest, InterestOffer, InterestRegion, InterestTheme
from matchmaker.matching.terms import ActivityField, ResourceKind, Theme
from matchmaker.proposals.models import Proposal, ProposalField, ProposalNeed, ProposalPlace
from matchmaker.proposals.queries import codes_meeting

NEW_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a person chose; empty values narrow nothing. ``subject`` is a theme of interests or a field of proposals."""

    subject: Theme | ActivityField | None = None
    place_code: str = ""
    kind: ResourceKind | None = None
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.subject or self.place_code or self.kind or self.is_new)


def interests_within(narrowing: Narrowing, *, at: datetime) -> frozenset[str] | None:
    """Return the numbers of the interests that fit, or None when nothing is narrowed."""
    if narrowing.is_empty:
        return None
    statement = select(Interest.number)
    if narrowing.subject:
        has_theme = Interest.theme_rows.any(InterestTheme.theme == narrowing.subject)
        statement = statement.where(or_(has_theme, Interest.is_undecided))
    if narrowing.place_code:
        codes = codes_meeting(narrowing.place_code)
        statement = statement.where(Interest.region_rows.any(InterestRegion.place_code.in_(codes)))
    if narrowing.kind:
        statement = statement.where(Interest.offers.any(InterestOffer.kind == narrowing.kind))
    if narrowing.is_new:
        statement = statement.where(Interest.activated_at >= at - NEW_FOR)
    return frozenset(db.session.scalars(statement))


def proposals_within(narrowing: Narrowing, *, at: datetime) -> frozenset[str] | None:
    """Return the draft numbers of the proposals that fit, or None when nothing is narrowed."""
    if narrowing.is_empty:
        return None
    statement = select(Proposal.draft_number)
    if narrowing.subject:
        statement = statement.where(Proposal.field_rows.any(ProposalField.field == narrowing.subject))
    if narrowing.place_code:
        codes = codes_meeting(narrowing.place_code)
        statement = statement.where(Proposal.place_rows.any(ProposalPlace.place_code.in_(codes)))
    if narrowing.kind:
        statement = statement.where(Proposal.needs.any(ProposalNeed.kind == narrowing.kind))
    if narrowing.is_new:
        began = func.coalesce(Proposal.submitted_at, Proposal.created_at)
        statement = statement.where(began >= at - NEW_FOR)
    return frozenset(db.session.scalars(statement))
