"""What a snapshot of the ledger holds, and the digest that proves it unchanged. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from matchmaker.matching.terms import Term


class SnapshotKind(Term):
    INTERIM = "interim", "途中の集計"
    CLOSING = "closing", "年度の確定"
    CORRECTION = "correction", "訂正"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one project counts, and what was known of it: everything that the digest covers."""

    project_id: int
    project_number: str
    title: str
    form: str
    parties: str
    divisions: str
    starts_on: date
    ends_on: date
    is_counted: bool
    obstacles: str
    reasons: str


def digest(fy: int, as_of: datetime, rule: Mapping[str, Any], decisions: Iterable[Decision]) -> str:
    """Return the SHA-256 of a snapshot in hexadecimal: the fiscal year, the moment, the rule, every decision in order.

    The text that is hashed is JSON with sorted keys and without spaces, so that anybody can compute it from an export.

    >>> moment = datetime(2026, 11, 25, tzinfo=UTC)
    >>> one = Decision(1, "R8-P001", "里山", "agreement", "里山の会", "森林課", date(2026, 4, 1), date(2027, 3, 31),
    ...                True, "", "協定の形で行うため")
    >>> first = digest(2026, moment, {"version": 1}, [one])
    >>> len(first), first == digest(2026, moment, {"version": 1}, [one])
    (64, True)
    >>> first == digest(2026, moment, {"version": 2}, [one])
    False
    """
    return _sha256(
        {
            "fy": fy,
            "as_of": as_of.astimezone(UTC).isoformat(),
            "rule": dict(rule),
            "decisions": [asdict(one) for one in decisions],
        }
    )


def participation_digest(fy: int, as_of: datetime, members: Mapping[str, Sequence[str]]) -> str:
    """Return the SHA-256 of a count of companies, made like that of the ledger: year, moment, numbers by figure.

    >>> moment = datetime(2026, 11, 25, tzinfo=UTC)
    >>> first = participation_digest(2026, moment, {"talking": ["O-1", "O-2"]})
    >>> len(first), first == participation_digest(2026, moment, {"talking": ["O-1"]})
    (64, False)
    """
    return _sha256({"fy": fy, "as_of": as_of.astimezone(UTC).isoformat(), "members": dict(members)})


def _sha256(content: Mapping[str, Any]) -> str:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(written.encode()).hexdigest()
