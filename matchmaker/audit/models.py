"""The chained record."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.foundation.database import Model


class AuditEntry(Model):
    """Who did what to which record. Each row's ``mac`` covers the row and the row before it."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … without gaps
    at: Mapped[datetime]
    actor_id: Mapped[int | None]  # no foreign key: the record outlives the person's row
    tag: Mapped[str] = mapped_column(String(60), index=True)  # "source:subject:action"
    subject: Mapped[str] = mapped_column(String(60), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_mac: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))
