"""The database under test: one for each process that runs tests, emptied between them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Table, create_engine, event, text
from sqlalchemy.engine import Connection, Engine

from config import database_url

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""The name of this process when several run tests side by side."""

_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


def address(folder: Path) -> str:
    """Return the address of this process's database: a SQLite file, or one on the PostgreSQL server named for tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        return f"sqlite:///{folder / 'tests.db'}"
    return created(given, given.rsplit("/", 1)[1] + f"_{WORKER}") if WORKER else given


def created(server: str, name: str) -> str:
    """Make an empty database beside the one of an address, in the place of an older one; return its address."""
    admin = create_engine(database_url(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server.rsplit('/', 1)[0]}/{name}"


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete all rows of tables, given as parents before children; the next ones are numbered from one."""
    for table in reversed(tables):
        connection.execute(table.delete())
    numbered = [table.name for table in tables if "id" in table.c]
    if numbered and connection.dialect.name == "postgresql":
        columns = (f"setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in numbered)
        connection.execute(text(f"SELECT {', '.join(columns)}"))


class Written:
    """The tables that any application wrote to since they were last emptied: deleting from others only costs time."""

    def __init__(self, tables: set[str]) -> None:
        self.tables = tables
        event.listen(Engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found = _WRITES.match(statement)
        if found:
            self.tables.add(found.group(1))
