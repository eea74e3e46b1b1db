"""How migrations run: on the application's engine, one transaction for all, foreign keys checked at the end.

On SQLite a batch ALTER recreates a table; with foreign keys enforced that would delete the rows of its children. They
are therefore off while migrating, and checked before the end. On PostgreSQL a migration waits at most two seconds for a
lock, and one migration runs at a time.
"""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.engine import Connection

from matchmaker.foundation.database import ByValue, Tenths, UtcDateTime, is_writing

_MIGRATION_LOCK = 21401


def run() -> None:
    extension = current_app.extensions["migrate"]
    engine = extension.db.engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        mark = is_writing.set(True)
        try:
            _migrate(connection, extension.db.metadata, extension.configure_args)
        finally:
            is_writing.reset(mark)
            if is_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def _migrate(connection: Connection, metadata: Any, options: dict[str, Any]) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_item=_render_type, **options)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration leaves rows without their parents: {broken[:5]}")
    connection.commit()


def _render_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write the database's type instead of ours: a migration must not change when our code does."""
    if kind != "type":
        return False
    return {UtcDateTime: "sa.DateTime()", ByValue: "sa.String(40)", Tenths: "sa.BigInteger()"}.get(type(item), False)


run()
