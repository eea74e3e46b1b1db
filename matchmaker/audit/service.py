"""Write the record, and check that nobody changed it."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation.database import db

_CHAIN_LOCK = 21403


@dataclass(frozen=True, slots=True)
class CheckedChain:
    """What a walk along the chain found: ``count`` sound entries before ``first_broken`` (None: all are sound)."""

    count: int
    last_mac: str
    first_broken: int | None


def record(tag: str, subject: str, *, actor_id: int | None, at: datetime, **detail: Any) -> AuditEntry:
    """Append one entry to the chain, inside the caller's transaction. Personal data does not belong in ``detail``.

    Errors: TypeError or ValueError when ``detail`` cannot be written as JSON.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    last = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=at.astimezone(UTC),
        actor_id=actor_id,
        tag=tag,
        subject=subject,
        # The MAC must cover what a later reader gets back: enums as their values, tuples as lists, keys as texts.
        detail=json.loads(json.dumps(detail, allow_nan=False)),
        previous_mac=last.mac if last else "",
    )
    entry.mac = _mac(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def check_chain(entries: Iterable[AuditEntry]) -> CheckedChain:
    """Return how far the chain is sound.

    Shapes: ``entries`` in order of their ids, from the first one on. A tail that was cut off cannot be seen here;
    compare ``count`` and ``last_mac`` with an earlier result that was kept elsewhere.
    """
    count, previous = 0, ""
    for entry in entries:
        is_next = entry.id == count + 1 and entry.previous_mac == previous
        if not is_next or not hmac.compare_digest(entry.mac, _mac(entry)):
            return CheckedChain(count, previous, entry.id)
        count, previous = entry.id, entry.mac
    return CheckedChain(count, previous, None)


def _mac(entry: AuditEntry) -> str:
    row = [entry.id, entry.at.isoformat(), entry.actor_id, entry.tag, entry.subject, entry.detail, entry.previous_mac]
    message = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()


def _key() -> bytes:
    """A key of its own, so that nothing else signed with the application's key can pass for an entry."""
    secret = str(current_app.config["AUDIT_KEY"]).encode()
    return hmac.new(secret, b"matchmaker audit chain 1", hashlib.sha256).digest()
