"""Find proposals, each as far as the person may see it."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from matchmaker.accounts.models import User
from matchmaker.audit.models import AuditEntry
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.places import codes_within, place_of
from matchmaker.directory.queries import page_of
from matchmaker.directory.terms import Verification
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.foundation.text import MOST_SEARCH_WORDS, search_words
from matchmaker.matching.facts import NATIONWIDE
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Term
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import (
    PastProposal,
    Proposal,
    ProposalField,
    ProposalNeed,
    ProposalPlace,
    ProposalVersion,
)
from matchmaker.proposals.recusals import is_recused
from matchmaker.proposals.status import NOT_PUBLIC, PublicStage

VERSIONS_A_PAGE = 10

PREFECTURE_SCHEME = "三重県「NPO"
"""How the names of the prefecture's own proposal scheme begin, whatever it was called in a year."""

OF_PREFECTURE = "prefecture"
"""The scheme that a filter asks for when it means every name of the prefecture's own."""

SAVES = ("npo:proposal:create", "npo:proposal:save", "npo:proposal:autosave")


class Order(Term):
    """How a public list is sorted."""

    NEW = "new", "新しい順"
    CLOSING_SOON = "closing-soon", "締め切りが近い順"


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """What narrows the public list; ``place`` is a place code (``directory.places``).

    A place finds what is done in a wider area round it too; with ``is_place_exact`` (so counts the dashboard) not.
    """

    words: str = ""
    field: ActivityField | None = None
    place: str = ""
    is_place_exact: bool = False
    need: ResourceKind | None = None
    stage: PublicStage | None = None
    is_open: bool = False
    order: Order = Order.NEW


@dataclass(frozen=True, slots=True)
class PastFilter:
    """What narrows the proposals of earlier years."""

    words: str = ""
    year: int | None = None
    scheme: str = ""
    result: str = ""


def find_for(user: User | None, number: str) -> Proposal | None:
    """Return a proposal that the person may see at all: their own, any for those who review, else a public one.

    ``number`` is the official number or, for life, the draft's.
    """
    proposal = find_by_number(number)
    if proposal is None or not (is_public(proposal) or sees_everything(user, proposal)):
        return None
    return proposal


def find_by_number(number: str) -> Proposal | None:
    """Return a proposal whatever its state; who may see it is the caller's question."""
    return db.session.scalar(select(Proposal).where(or_(Proposal.number == number, Proposal.draft_number == number)))


def is_own(user: User | None, proposal: Proposal) -> bool:
    """Say whether the person acts for the organisation that proposes."""
    return user is not None and user.organisation is not None and user.organisation.id == proposal.organisation_id


def sees_everything(user: User | None, proposal: Proposal) -> bool:
    """Say whether the person may read all answers and files, not only what is public."""
    return is_own(user, proposal) or reviews(user, proposal)


def reviews(user: User | None, proposal: Proposal) -> bool:
    """Say whether the person reads the proposal for the prefecture, and no tie keeps them out of it."""
    return user is not None and user.may(Permission.REVIEW_READ) and not is_recused(user, proposal)


def is_public(proposal: Proposal) -> bool:
    """Say whether everybody may see the proposal: the owner shows it and the office knows the organisation."""
    return proposal.is_published and proposal.organisation.is_verified and proposal.status not in NOT_PUBLIC


def is_open(proposal: Proposal, on: date) -> bool:
    """Say whether a public proposal still seeks partners on a day. No last day means: until it is taken back."""
    return is_public(proposal) and (proposal.open_until_on is None or proposal.open_until_on >= on)


def public_clause() -> ColumnElement[bool]:
    """``is_public`` as a condition."""
    verified = select(Organisation.id).where(Organisation.verification == Verification.VERIFIED)
    return and_(
        Proposal.is_published, Proposal.organisation_id.in_(verified), Proposal.status.not_in(sorted(NOT_PUBLIC))
    )


def open_clause(on: date) -> ColumnElement[bool]:
    """``is_open`` as a condition."""
    return and_(public_clause(), or_(Proposal.open_until_on.is_(None), Proposal.open_until_on >= on))


def list_own(user: User) -> list[Proposal]:
    """Return all proposals of the person's organisation, the last saved first."""
    if user.organisation is None:
        return []
    mine = select(Proposal).where(Proposal.organisation_id == user.organisation.id)
    mine = mine.options(selectinload(Proposal.divisions))
    return list(db.session.scalars(mine.order_by(Proposal.saved_at.desc(), Proposal.id.desc())))


def list_public(wanted: PublicFilter, *, on: date, page: int) -> Page[Proposal]:
    """Return a page of what everybody may see."""
    statement = select(Proposal).where(*_public(wanted, on))
    newest = _newest_first()
    if wanted.order is Order.CLOSING_SOON:
        past = Proposal.open_until_on < on
        return page_of(
            statement.order_by(Proposal.open_until_on.is_(None), past, Proposal.open_until_on, *newest), page
        )
    return page_of(statement.order_by(*newest), page)


def list_public_numbers(wanted: PublicFilter, *, on: date, but_of: int | None) -> list[str]:
    """Return the draft numbers of all that everybody may see, the newest first, without those of one organisation."""
    statement = select(Proposal.draft_number).where(*_public(wanted, on))
    if but_of is not None:
        statement = statement.where(Proposal.organisation_id != but_of)
    return list(db.session.scalars(statement.order_by(*_newest_first())))


def codes_meeting(place: str) -> list[str]:
    """Return every place code that has ground in common with a place: those inside it and those around it."""
    found = place_of(place)
    around = [NATIONWIDE]
    if found and found.prefecture:
        around.append(found.prefecture.value)
        if found.region and found.prefecture is Prefecture.MIE:
            around.append(f"{Prefecture.MIE.value}:{found.region}")
    return [*codes_within(place), *around]


def list_versions(proposal: Proposal, *, page: int) -> tuple[Page[ProposalVersion], dict[int, ProposalVersion]]:
    """Return a page of versions, newest first, and for each one's number the version before it."""
    of_proposal = ProposalVersion.proposal_id == proposal.id
    total = db.session.scalar(select(func.count()).select_from(ProposalVersion).where(of_proposal)) or 0
    shown = max(1, min(page, -(-total // VERSIONS_A_PAGE)))
    rows = db.session.scalars(
        select(ProposalVersion)
        .where(of_proposal)
        .order_by(ProposalVersion.number.desc())
        .offset((shown - 1) * VERSIONS_A_PAGE)
        .limit(VERSIONS_A_PAGE + 1)
    ).all()
    before = {newer.number: older for newer, older in pairwise(rows)}
    return Page(items=rows[:VERSIONS_A_PAGE], number=shown, size=VERSIONS_A_PAGE, total=total), before


def last_saved_by(proposal: Proposal) -> str:
    """Return the name of the person whose text is stored now, autosaves included; "" when nobody saved it yet."""
    name = db.session.scalar(
        select(User.name)
        .join(AuditEntry, AuditEntry.actor_id == User.id)
        .where(AuditEntry.subject == proposal.public_number, AuditEntry.tag.in_(SAVES))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return name or ""


def names_of(user_ids: set[int]) -> dict[int, str]:
    """Return the names of people by their ids."""
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))}


def division_names() -> dict[int, str]:
    """Return the names of all divisions, ended ones too, by their ids."""
    return {row.id: row.name for row in db.session.execute(select(Division.id, Division.name))}


def list_past(wanted: PastFilter, *, page: int) -> Page[PastProposal]:
    """Return a page of the proposals of earlier years, the latest first."""
    statement = select(PastProposal)
    for word in wanted.words.split()[:MOST_SEARCH_WORDS]:
        columns = (PastProposal.title, PastProposal.proposer, PastProposal.summary, PastProposal.theme)
        statement = statement.where(or_(*(column.contains(word, autoescape=True) for column in columns)))
    if wanted.year:
        statement = statement.where(PastProposal.calendar_year == wanted.year)
    if wanted.scheme == OF_PREFECTURE:
        statement = statement.where(PastProposal.scheme.startswith(PREFECTURE_SCHEME))
    elif wanted.scheme:
        statement = statement.where(PastProposal.scheme == wanted.scheme)
    if wanted.result:
        statement = statement.where(PastProposal.result == wanted.result)
    return page_of(statement.order_by(PastProposal.calendar_year.desc(), PastProposal.code), page)


def list_past_years() -> list[int]:
    """Return the years of which proposals are known, the latest first."""
    column = PastProposal.calendar_year
    return list(db.session.scalars(select(column).distinct().order_by(column.desc())))


def list_past_schemes() -> list[str]:
    """Return the schemes of which proposals are known."""
    return list(db.session.scalars(select(PastProposal.scheme).distinct().order_by(PastProposal.scheme)))


def list_past_results() -> list[str]:
    """Return the results that occur."""
    return list(db.session.scalars(select(PastProposal.result).distinct().order_by(PastProposal.result)))


def count_past() -> int:
    """Return how many proposals of earlier years the register knows."""
    return db.session.scalar(select(func.count()).select_from(PastProposal)) or 0


def count_past_of_prefecture() -> dict[int, int]:
    """Return how many proposals of the prefecture's own scheme the register knows, by calendar year."""
    rows = db.session.execute(
        select(PastProposal.calendar_year, func.count())
        .where(PastProposal.scheme.startswith(PREFECTURE_SCHEME))
        .group_by(PastProposal.calendar_year)
    )
    return {row[0]: row[1] for row in rows}


def _public(wanted: PublicFilter, on: date) -> list[ColumnElement[bool]]:
    conditions = [open_clause(on) if wanted.is_open else public_clause()]
    conditions += _words(wanted.words, Proposal.search_text)
    if wanted.field:
        conditions.append(Proposal.field_rows.any(ProposalField.field == wanted.field))
    if wanted.place:
        codes = [wanted.place] if wanted.is_place_exact else codes_meeting(wanted.place)
        conditions.append(Proposal.place_rows.any(ProposalPlace.place_code.in_(codes)))
    if wanted.need:
        conditions.append(Proposal.needs.any(ProposalNeed.kind == wanted.need))
    if wanted.stage:
        conditions.append(Proposal.status.in_(sorted(wanted.stage.statuses)))
    return conditions


def _newest_first() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return func.coalesce(Proposal.submitted_at, Proposal.created_at).desc(), Proposal.id.desc()


def _words(typed: str, column: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    return [column.contains(word, autoescape=True) for word in search_words(typed)]
