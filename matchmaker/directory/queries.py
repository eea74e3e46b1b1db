"""Find organisations and divisions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from matchmaker.directory import places
from matchmaker.directory.models import Division, Organisation, OrganisationField
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.foundation.text import search_words
from matchmaker.matching.facts import NATIONWIDE
from matchmaker.matching.terms import ActivityField, Prefecture

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class DirectoryFilter:
    """What narrows the public list; ``place`` is a place code (``directory.places``)."""

    words: str = ""
    side: Side | None = None
    field: ActivityField | None = None
    place: str = ""
    newest_first: bool = False


def list_public(wanted: DirectoryFilter, *, page: int) -> Page[Organisation]:
    """Return a page of the verified organisations, by reading or newest first."""
    statement = select(Organisation).where(Organisation.verification == Verification.VERIFIED)
    for word in search_words(wanted.words):
        statement = statement.where(Organisation.search_text.contains(word, autoescape=True))
    if wanted.side:
        statement = statement.where(Organisation.side == wanted.side)
    if wanted.field:
        statement = statement.where(Organisation.field_rows.any(OrganisationField.field == wanted.field))
    if wanted.place and wanted.place != NATIONWIDE:
        statement = statement.where(_lies_in(wanted.place))
    # A verified organisation without a reading comes after those with one.
    order: tuple[Any, ...] = (Organisation.kana == "", Organisation.kana, Organisation.name, Organisation.id)
    if wanted.newest_first:
        order = (Organisation.checked_at.desc(), Organisation.id.desc())
    shown = (selectinload(Organisation.municipality), selectinload(Organisation.former_names))
    return page_of(statement.options(*shown).order_by(*order), page)


def find(organisation_id: int | None) -> Organisation | None:
    """Return an organisation by its id."""
    return db.session.get(Organisation, organisation_id) if organisation_id is not None else None


def find_by_number(number: str) -> Organisation | None:
    """Return an organisation whatever its state; who may see it is the caller's question."""
    return db.session.scalar(
        select(Organisation).where(Organisation.number == number).options(selectinload(Organisation.municipality))
    )


def list_divisions(*, on: date | None = None) -> list[Division]:
    """Return the divisions, those that ended last; with ``on`` only those in force on that day."""
    statement = select(Division).order_by(
        Division.valid_until_on.is_not(None), Division.department, Division.name, Division.id
    )
    if on is not None:
        statement = statement.where(
            Division.valid_from_on <= on, or_(Division.valid_until_on.is_(None), Division.valid_until_on >= on)
        )
    return list(db.session.scalars(statement))


def find_division(division_id: int) -> Division | None:
    """Return a division."""
    return db.session.get(Division, division_id)


def page_of(statement: Select[Any], number: int) -> Page[Any]:
    """Return one page of a list in two queries, the last page when ``number`` lies behind it."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    shown = max(1, min(number, -(-total // PAGE_SIZE)))
    rows = db.session.scalars(statement.limit(PAGE_SIZE).offset((shown - 1) * PAGE_SIZE)).unique().all()
    return Page(items=rows, number=shown, size=PAGE_SIZE, total=total)


def _lies_in(place: str) -> ColumnElement[bool]:
    if place in {prefecture.value for prefecture in Prefecture}:
        return Organisation.prefecture == Prefecture(place)
    return Organisation.municipality_code.in_(places.codes_within(place))
