"""Count the statements that a page sends."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from matchmaker.foundation.database import db


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect every statement sent to the database inside the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
