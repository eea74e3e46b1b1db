"""What rulesets and vocabularies share: numbered editions, of which the newest that has begun is in force."""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from matchmaker.foundation.database import db

Value = TypeVar("Value")


def newest_begun(column: InstrumentedAttribute[Value], on: date) -> Value | None:
    """Return a column of the edition in force on a day; None while none has begun."""
    edition: Any = column.class_
    begun = select(column).where(edition.in_force_from_on <= on)
    return db.session.scalar(begun.order_by(edition.number.desc()).limit(1))
