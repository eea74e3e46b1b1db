"""Write the record, and check that nobody changed it."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation.database import db

_CHAIN_LOCK = 21403


def record(tag: str, subject: str, *, actor_id: int | None, at: datetime, **detail: Any) -> AuditEntry:
    """Append one entry to the chain, inside the caller's transaction. Personal data does not belong in ``detail``."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    last = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=at,
        actor_id=actor_id,
        tag=tag,
        subject=subject,
        detail=detail,
        previous_mac=last.mac if last else "",
    )
    entry.mac = _mac(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def first_broken(entries: Iterable[AuditEntry]) -> int | None:
    """Return the id of the first entry that does not continue the chain, or None when all do.

    Shapes: ``entries`` in order of their ids, from the first one on.
    """
    expected_id, previous = 1, ""
    for entry in entries:
        if entry.id != expected_id or entry.previous_mac != previous or not hmac.compare_digest(entry.mac, _mac(entry)):
            return entry.id
        expected_id, previous = entry.id + 1, entry.mac
    return None


def _mac(entry: AuditEntry) -> str:
    row = [entry.id, entry.at.isoformat(), entry.actor_id, entry.tag, entry.subject, entry.detail, entry.previous_mac]
    message = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(str(current_app.config["SECRET_KEY"]).encode(), message, hashlib.sha256).hexdigest()
