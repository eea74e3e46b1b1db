from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from matchmaker.app import create_app
from matchmaker.foundation.database import db
from matchmaker.foundation.readiness import Readiness, readiness
from matchmaker.foundation.transaction import transaction
from tests.support.queries import counted_queries

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@pytest.fixture
def revision(database):
    """The table in which migrations are noted, holding a revision that the test chooses."""

    def note(revision: str) -> None:
        with transaction():
            db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
            db.session.execute(text("DELETE FROM alembic_version"))
            db.session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})

    yield note
    with transaction():
        db.session.execute(text("DROP TABLE IF EXISTS alembic_version"))


def test_healthz_answers_without_asking_the_database(client):
    with counted_queries() as statements:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json, statements) == (200, {"status": "ok"}, [])


def test_readyz_is_ready_when_every_migration_was_applied(client, revision):
    revision(ScriptDirectory(str(MIGRATIONS)).get_current_head())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "database": True, "migrations": True})


@pytest.mark.parametrize("behind", ["0000"])
def test_readyz_refuses_when_a_migration_is_missing(client, revision, behind):
    revision(behind)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": True, "migrations": False})


def test_readiness_of_a_database_that_was_never_migrated(database):
    assert readiness(MIGRATIONS) == Readiness(database_answers=True, tables_fit=False)


def test_readyz_refuses_when_the_database_is_lost(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'missing' / 'lost.db'}")
    answer = create_app("testing").test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": False, "migrations": False})
