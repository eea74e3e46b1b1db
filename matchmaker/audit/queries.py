"""Read the record."""

from collections.abc import Iterator

from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation.database import db

BATCH = 500


def each_entry(batch: int = BATCH) -> Iterator[AuditEntry]:
    """Yield all entries in order of their ids, never more than ``batch`` of them in memory."""
    last_id = None
    while True:
        statement = select(AuditEntry).order_by(AuditEntry.id).limit(batch)
        if last_id is not None:
            statement = statement.where(AuditEntry.id > last_id)
        entries = db.session.scalars(statement).all()
        if not entries:
            return
        last_id = entries[-1].id
        for entry in entries:
            yield entry
            db.session.expunge(entry)
