"""Who may read which field: levels of publication, and the reasons for keeping something back. Pure.

Source of the reasons: 三重県情報公開条例 (平成11年条例第42号) 第7条. Information of a deliberation (審議検討情報) may
be kept back only while the deliberation lasts, which the prefecture's board for reviewing disclosure has held several
times; so that reason always has its last day.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matchmaker.matching.terms import Term


class Level(Term):
    """How far a field is open. Each level is narrower than the one before it."""

    PUBLIC = "public", "だれでも"
    REGISTERED = "registered", "登録して確認を受けた団体・企業と県"
    PANEL = "panel", "審査委員・関係課・事務局"
    DIVISION = "division", "関係課・事務局"
    SECRET = "secret", "事務局だけ"


class Reader(StrEnum):
    """In which part somebody reads a proposal."""

    PUBLIC = "public"
    REGISTERED = "registered"
    PANEL = "panel"
    DIVISION = "division"
    REVIEWER = "reviewer"
    OWNER = "owner"


class WithholdingReason(Term):
    """Why a field is kept back (不開示の理由)."""

    PERSONAL = "personal", "個人情報"
    CORPORATE = "corporate", "法人情報"
    OPERATIONS = "operations", "事務事業情報"
    DELIBERATION = "deliberation", "審議検討情報（条例第7条第5号）"


_READ_ALL = frozenset({Reader.REVIEWER, Reader.OWNER})

READERS: dict[Level, frozenset[Reader]] = {
    Level.PUBLIC: frozenset(Reader),
    Level.REGISTERED: frozenset(Reader) - {Reader.PUBLIC},
    Level.PANEL: _READ_ALL | {Reader.PANEL, Reader.DIVISION},
    Level.DIVISION: _READ_ALL | {Reader.DIVISION},
    Level.SECRET: _READ_ALL,
}
"""Who reads a field of each level. The owner reads what is their own, whatever its level."""

_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A level that holds from a day to a day (both included; None: without end), and why."""

    level: Level
    from_on: date
    until_on: date | None = None
    reason: WithholdingReason | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def ends_before(self, day: date) -> bool:
        return self.until_on is not None and self.until_on < day


def may_read(level: Level, reader: Reader) -> bool:
    """Say whether a reader may read a field of a level.

    >>> [may_read(level, Reader.PANEL) for level in Level]
    [True, True, True, False, False]
    """
    return reader in READERS[level]


def narrowest(*levels: Level) -> Level:
    """Return the narrowest of some levels. Errors: ValueError when there is none.

    >>> narrowest(Level.REGISTERED, Level.PUBLIC).value
    'registered'
    """
    return max(levels, key=_ORDER.index)


def level_on(base: Level, restrictions: tuple[Restriction, ...], day: date) -> Level:
    """Return the level of a field on a day: never wider than its base, and as narrow as what holds then.

    >>> kept = Restriction(Level.SECRET, date(2026, 4, 1), date(2026, 9, 30), WithholdingReason.DELIBERATION)
    >>> [level_on(Level.PUBLIC, (kept,), date(2026, month, 1)).value for month in (3, 9, 10)]
    ['public', 'secret', 'public']
    """
    return narrowest(base, *(one.level for one in restrictions if one.holds_on(day)))
