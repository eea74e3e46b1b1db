"""Whether this process can serve: the database answers, and its tables are those that the code was written for."""

from dataclasses import dataclass
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from matchmaker.foundation.database import db


@dataclass(frozen=True, slots=True)
class Readiness:
    """``tables_fit``: every migration of ``migrations/`` was applied, and no later one."""

    database_answers: bool
    tables_fit: bool

    @property
    def is_ready(self) -> bool:
        return self.database_answers and self.tables_fit


def readiness(migrations: Path) -> Readiness:
    """Ask the database which migrations it knows and compare them with those in the folder."""
    try:
        with db.engine.connect() as connection:
            applied = MigrationContext.configure(connection).get_current_heads()
    except SQLAlchemyError:
        return Readiness(database_answers=False, tables_fit=False)
    wanted = ScriptDirectory(str(migrations)).get_heads()
    return Readiness(database_answers=True, tables_fit=set(applied) == set(wanted))
