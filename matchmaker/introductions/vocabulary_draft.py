"""The draft of the next edition: rows of the newest one added, changed or retired, until it is put in force.

There is one draft, which all administrators share. It holds only what differs from the newest edition, and is at all
times an edition that could be used: a change that would leave a row without what it names is refused.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form, search_words
from matchmaker.introductions import vocabularies
from matchmaker.introductions.vocabularies import BUILT_IN, RowChange
from matchmaker.introductions.vocabulary_models import VocabularyChange, VocabularyEdition
from matchmaker.introductions.vocabulary_rules import (
    FIXED_ROWS,
    Names,
    dependants_of,
    faults_of,
    key_of,
    table_label,
    tidied_row,
    title_of,
)
from matchmaker.matching.vocabulary import COLUMNS, Knowledge, Row, UnsoundKnowledge

_DRAFT = "vocabulary-draft"
"""The series whose number every change takes first, so that no two look at the same draft at once."""


class CannotChange(DomainError):
    """The change would leave the tables unusable; the text says why."""


class FaultyRow(DomainError):
    """The row itself is wrong; ``faults`` has one sentence by column."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = faults
        super().__init__(_("入力を確認してください。"))


class CannotMakeEdition(DomainError):
    """The draft cannot be put in force as asked; the text says why."""


class State(StrEnum):
    """What the draft does to a row."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes the draft, and when."""

    actor: User
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the draft has it; a retired one as it was. ``before`` is the newest edition's, None for a new row."""

    table: str
    key: str
    row: Row
    before: Row | None
    change: VocabularyChange | None

    @property
    def state(self) -> State:
        if self.change is None:
            return State.SAME
        if self.change.row is None:
            return State.RETIRED
        return State.ADDED if self.before is None else State.CHANGED


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole draft at one moment."""

    base: Knowledge
    base_number: int
    changes: Mapping[str, Mapping[str, VocabularyChange]]

    @property
    def count(self) -> int:
        """How many rows differ from the newest edition."""
        return sum(map(len, self.changes.values()))

    @property
    def stamp(self) -> str:
        """What names this state of the draft: it changes with every change of a row."""
        rows = sorted((one.id, one.version) for changes in self.changes.values() for one in changes.values())
        return hashlib.sha256(repr((self.base_number, rows)).encode()).hexdigest()[:32]

    def stamp_of(self, table: str, key: str) -> str:
        """Return what names this state of one row, for those who edit it at the same time."""
        change = self.changes[table].get(key)
        return f"{self.base_number}.{change.id if change else 0}.{change.version if change else 0}"

    def lines(self, table: str) -> list[Line]:
        """Return the rows of a table: those of the newest edition in their order, then those that are new."""
        changes = dict(self.changes[table])
        found = []
        for before in self.base.tables[table]:
            key = key_of(table, before)
            change = changes.pop(key, None)
            row = change.row if change is not None and change.row is not None else before
            found.append(Line(table, key, row, before, change))
        new = sorted(changes.values(), key=lambda change: change.id)
        return [*found, *(Line(table, one.key, one.row, None, one) for one in new if one.row is not None)]

    def find(self, table: str, key: str) -> Line | None:
        """Return one row of a table."""
        return next((line for line in self.lines(table) if line.key == key), None)

    def tables(self) -> dict[str, list[Row]]:
        """Return all tables as they would be in force."""
        return {table: [line.row for line in self.lines(table) if line.state is not State.RETIRED] for table in COLUMNS}

    def knowledge(self) -> Knowledge:
        """Return the edition that the draft would become."""
        return Knowledge(self.tables())

    def row_changes(self) -> list[RowChange]:
        """Return all changes in the order of tables and rows."""
        return [
            RowChange(
                table,
                line.key,
                dict(line.before) if line.before is not None else None,
                None if line.state is State.RETIRED else dict(line.row),
                line.change.reason,
            )
            for table in COLUMNS
            for line in self.lines(table)
            if line.change is not None
        ]


def draft() -> Draft:
    """Return the draft as it stands."""
    last = vocabularies.newest()
    changes: dict[str, dict[str, VocabularyChange]] = {table: {} for table in COLUMNS}
    for change in db.session.scalars(select(VocabularyChange).order_by(VocabularyChange.id)):
        changes[change.table_name][change.key] = change
    return Draft(vocabularies.newest_knowledge(), last.number if last else BUILT_IN, changes)


def search(lines: Iterable[Line], words: str, names: Names, *, only_changed: bool) -> list[Line]:
    """Narrow lines to those that hold all words in their name, values or reason, and to those that were changed."""
    wanted = search_words(words)
    return [
        line
        for line in lines
        if (line.state is not State.SAME or not only_changed) and all(word in _text_of(line, names) for word in wanted)
    ]


def put(table: str, typed: Row, *, key: str | None, seen: str, by: Hand) -> Line:
    """Add a row (``key`` None), or change one. ``seen``: its stamp when the person began.

    Neighbours are neighbours of each other: the rows of both prefectures change together.
    Errors: FaultyRow; EditConflict; CannotChange.
    """
    now = begin()
    row = tidied_row(table, typed)
    if key is not None and (now.find(table, key) is None or now.stamp_of(table, key) != seen):
        raise EditConflict
    if key is None and table in FIXED_ROWS:
        raise CannotChange(_("この表には行を加えられません。"))
    faults = faults_of(table, row, now.tables(), is_new=key is None)
    if faults:
        raise FaultyRow(faults)
    if key is not None and key_of(table, row) != key:
        raise CannotChange(_("行を表す項目は変えられません。この行を外して、新しい行を加えてください。"))
    key = key_of(table, row)
    write(now, (table, key), row, row["reason"], by)
    _write_mirrored(now, table, row, by)
    settle("change", f"{table}/{key}", by)
    found = draft().find(table, key)
    if found is None:
        raise EditConflict
    return found


def retire(table: str, key: str, *, reason: str, seen: str, by: Hand) -> int:
    """Take a row out, and with it all rows that name it; return how many. Errors: EditConflict; CannotChange."""
    now = begin()
    if now.find(table, key) is None or now.stamp_of(table, key) != seen:
        raise EditConflict
    if table in FIXED_ROWS:
        raise CannotChange(_("この表の行は外せません。"))
    gone = [(table, key), *dependants_of(table, key, now.tables())]
    for place in gone:
        write(now, place, None, reason, by)
    settle("retire", f"{table}/{key}", by)
    return len(gone)


def undo(table: str, key: str, *, by: Hand) -> None:
    """Take one change back, with the rows that were retired together; one that is gone already is no fault.

    Errors: CannotChange.
    """
    now = begin()
    change, line = now.changes[table].get(key), now.find(table, key)
    if change is None or line is None:
        return
    db.session.delete(change)
    if line.state is State.RETIRED:
        for other, other_key in dependants_of(table, key, now.base.tables):
            together = now.changes[other].get(other_key)
            if together is not None and together.row is None and together.changed_at == change.changed_at:
                db.session.delete(together)
    if line.before is not None:
        _write_mirrored(now, table, line.before, by)
    settle("undo", f"{table}/{key}", by)


def discard(*, seen: str, by: Hand) -> None:
    """Take all changes back. ``seen``: the draft's stamp. Errors: EditConflict."""
    now = begin()
    if now.stamp != seen:
        raise EditConflict
    _forget_changes(now)
    audit.record("administrator:vocabulary:discard", "draft", actor_id=by.actor.id, at=by.at, rows=now.count)


def restore(knowledge: Knowledge, *, reason: str, seen: str, by: Hand) -> int:
    """Make the whole draft what an earlier edition holds; return how many rows differ from the newest one.

    Errors: EditConflict when the draft was changed since ``seen``, its stamp.
    """
    now = begin()
    if now.stamp != seen:
        raise EditConflict
    for table, rows in knowledge.tables.items():
        wanted = {key_of(table, row): row for row in rows}
        for key in dict.fromkeys([*(line.key for line in now.lines(table)), *wanted]):
            row = wanted.get(key)
            write(now, (table, key), row, (row["reason"] if row else "") or reason, by)
    settle("restore", knowledge.digest[:12], by)
    return draft().count


def make_edition(*, reason: str, in_force_from_on: date, seen: str, by: Hand) -> VocabularyEdition:
    """Make the draft the next edition and begin an empty one. ``seen``: its stamp when its effect was looked at.

    Errors: CannotMakeEdition when there is nothing new, it begins too early, or the draft was changed since.
    """
    now = begin()
    if now.stamp != seen:
        raise CannotMakeEdition(
            _("下書きが、確認したあとで変わりました。下の表は、いまの下書きのものです。もう一度確認してください。")
        )
    if not now.count:
        raise CannotMakeEdition(_("下書きに変えたところがありません。"))
    last = vocabularies.newest()
    earliest = max(day_of(by.at), last.in_force_from_on) if last else day_of(by.at)
    if in_force_from_on < earliest:
        raise CannotMakeEdition(_("使い始める日は、%(day)s以降にしてください。", day=japanese_date(earliest)))
    knowledge, changes = now.knowledge(), now.row_changes()
    vocabularies.keep(knowledge)
    number = now.base_number + 1
    edition = VocabularyEdition(
        number=number,
        label=f"{day_of(by.at).year}-{number}",
        digest=knowledge.digest,
        changes=[_as_json(change) for change in changes],
        reason=reason,
        in_force_from_on=in_force_from_on,
        made_by_id=by.actor.id,
        made_at=by.at,
    )
    db.session.add(edition)
    _forget_changes(now)
    audit.record(
        "administrator:vocabulary:make",
        edition.label,
        actor_id=by.actor.id,
        at=by.at,
        digest=edition.digest,
        in_force_from_on=in_force_from_on.isoformat(),
        rows=len(changes),
    )
    return edition


def begin() -> Draft:
    """Return the draft for a change; nobody else changes it until the transaction ends."""
    next_number(_DRAFT)
    return draft()


def write(now: Draft, place: tuple[str, str], row: Row | None, reason: str, by: Hand) -> None:
    """Write one row (table and key) of the draft; what the newest edition has already needs none. See ``settle``."""
    table, key = place
    change = now.changes[table].get(key)
    before = next((one for one in now.base.tables[table] if key_of(table, one) == key), None)
    is_nothing_new = row == before if row is not None else before is None
    if is_nothing_new:
        if change is not None:
            db.session.delete(change)
        return
    change = change or VocabularyChange(table_name=table, key=key)
    change.row, change.reason = dict(row) if row is not None else None, reason
    change.changed_by_id, change.changed_at = by.actor.id, by.at
    db.session.add(change)


def settle(verb: str, subject: str, by: Hand) -> None:
    """Store a change of the draft and note it, unless the tables could not be used any more. Errors: CannotChange."""
    db.session.flush()
    try:
        now = draft()
        now.knowledge()
    except UnsoundKnowledge as fault:
        raise CannotChange(
            _("ほかの表の行が使っているので、この変更はできません。先に、その行を直すか外してください。")
        ) from fault
    if not now.tables()["topics"]:
        raise CannotChange(_("「%(table)s」には、少なくとも1行が必要です。", table=table_label("topics")))
    audit.record(f"administrator:vocabulary:{verb}", subject, actor_id=by.actor.id, at=by.at)


def _write_mirrored(now: Draft, table: str, row: Row, by: Hand) -> None:
    for key, mirrored in _mirrored(now, table, row):
        write(now, (table, key), mirrored, mirrored["reason"], by)


def _mirrored(now: Draft, table: str, row: Row) -> list[tuple[str, dict[str, str]]]:
    """Return the rows of other prefectures as a changed row of neighbours makes them."""
    if table not in FIXED_ROWS:
        return []
    mine, named = row["prefecture"], set(row["neighbours"].split())
    found = []
    for other in now.tables()[table]:
        before = set(other["neighbours"].split())
        after = before | {mine} if other["prefecture"] in named else before - {mine}
        if other["prefecture"] != mine and after != before:
            found.append((other["prefecture"], {**other, "neighbours": " ".join(sorted(after))}))
    return found


def _forget_changes(now: Draft) -> None:
    for changes in now.changes.values():
        for change in changes.values():
            db.session.delete(change)
    db.session.flush()


def _as_json(change: RowChange) -> dict[str, object]:
    return {
        "table": change.table,
        "key": change.key,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    }


def _text_of(line: Line, names: Names) -> str:
    texts = [line.key, title_of(line.table, line.row, names), *line.row.values()]
    if line.change is not None:
        texts.append(line.change.reason)
    return search_form(" ".join(texts))
