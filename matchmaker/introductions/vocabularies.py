"""The editions of the vocabulary: which one is in force, what each changed, and the tables behind a digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.introductions.editions import newest_begun
from matchmaker.introductions.stored_facts import pack, unpack
from matchmaker.introductions.vocabulary_models import VocabularyContent, VocabularyEdition
from matchmaker.matching.vocabulary import Knowledge, built_in

BUILT_IN = 1
"""The number of the edition that is part of the program."""
BUILT_IN_LABEL = "2026-1"
REMEMBERED = 6
"""Editions that a process holds ready: those of now, of a preview and of lists that are made again."""

_remembered: dict[str, Knowledge] = {}


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that an edition changed: None before it was added, or after it was retired; ``reason`` says why."""

    table: str
    key: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    reason: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition in the history. ``version`` is None for the built-in one."""

    number: int
    label: str
    version: VocabularyEdition | None


def in_force(on: date) -> Knowledge:
    """Return the edition that lists are made with on a day."""
    digest = newest_begun(VocabularyEdition.digest, on)
    return _stored(digest) if digest else built_in()


def number_in_force(on: date) -> int:
    """Return the number of the edition in force on a day."""
    return newest_begun(VocabularyEdition.number, on) or BUILT_IN


def before(knowledge: Knowledge) -> Knowledge | None:
    """Return the edition that came before the latest one with these tables; None for the first."""
    numbers = select(VocabularyEdition.number).where(VocabularyEdition.digest == knowledge.digest)
    number = db.session.scalar(numbers.order_by(VocabularyEdition.number.desc()).limit(1))
    if number is None:
        return None
    earlier = find(number - 1)
    return _stored(earlier.digest) if earlier else built_in()


def newest() -> VocabularyEdition | None:
    """Return the edition made last, in force or not yet; None while there is only the built-in one."""
    return db.session.scalar(select(VocabularyEdition).order_by(VocabularyEdition.number.desc()).limit(1))


def newest_knowledge() -> Knowledge:
    """Return what the edition made last holds: what a draft changes."""
    last = newest()
    return _stored(last.digest) if last else built_in()


def list_editions() -> list[Edition]:
    """Return all editions, the newest first."""
    rows = db.session.scalars(select(VocabularyEdition).order_by(VocabularyEdition.number.desc()))
    made = [Edition(row.number, row.label, row) for row in rows]
    return [*made, Edition(BUILT_IN, BUILT_IN_LABEL, None)]


def find(number: int) -> VocabularyEdition | None:
    """Return one edition that staff made."""
    return db.session.get(VocabularyEdition, number)


def knowledge_in(number: int) -> Knowledge | None:
    """Return the tables of an edition by its number, the program's included; None when there is no such edition."""
    if number == BUILT_IN:
        return built_in()
    edition = find(number)
    return _stored(edition.digest) if edition else None


def changes_of(edition: VocabularyEdition) -> list[RowChange]:
    """Return what an edition changed, in the order of tables and rows."""
    return [RowChange(**change) for change in edition.changes]


def knowledge_of(digest: str) -> Knowledge | None:
    """Return the tables with a digest: the program's, or any that was kept; None when they are lost."""
    if digest == built_in().digest:
        return built_in()
    known = _remembered.get(digest) or db.session.get(VocabularyContent, digest)
    return None if known is None else _stored(digest)


def label_of(digest: str) -> str:
    """Return the label of the edition with a digest; "" for tables that were no edition of this registry."""
    if digest == built_in().digest:
        return BUILT_IN_LABEL
    found = select(VocabularyEdition.label).where(VocabularyEdition.digest == digest)
    return db.session.scalar(found.order_by(VocabularyEdition.number.desc()).limit(1)) or ""


def keep(knowledge: Knowledge) -> None:
    """Store tables under their digest unless they are stored; inside the caller's transaction."""
    if db.session.get(VocabularyContent, knowledge.digest) is None:
        db.session.add(VocabularyContent(digest=knowledge.digest, packed=pack(_plain(knowledge)).data))
        db.session.flush()


def _stored(digest: str) -> Knowledge:
    if digest == built_in().digest:
        return built_in()
    known = _remembered.get(digest)
    if known is None:
        known = Knowledge(unpack(db.session.get_one(VocabularyContent, digest).packed))
        _remembered[digest] = known
        for old in list(_remembered)[:-REMEMBERED]:
            _remembered.pop(old, None)
    return known


def _plain(knowledge: Knowledge) -> dict[str, list[dict[str, Any]]]:
    return {name: [dict(row) for row in rows] for name, rows in knowledge.tables.items()}
