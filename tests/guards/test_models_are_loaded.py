"""A fresh process knows every table, and the migrations make exactly these tables."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, MetaData, Table, create_engine, inspect, select

from config import database_url
from matchmaker.foundation.database import Model, db, engine_options, is_writing
from matchmaker.indicators.snapshots import participation_digest
from tests.support import databases

ROOT = Path(__file__).parents[2]


def test_a_fresh_application_knows_every_table_that_a_models_file_declares():
    declared = {
        name
        for path in (ROOT / "matchmaker").rglob("*.py")
        for name in re.findall(r'__tablename__ = "([a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    script = (
        "import json; from matchmaker.app import create_app; create_app('testing'); "
        "from matchmaker.foundation.database import Model; print(json.dumps(sorted(Model.metadata.tables)))"
    )

    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(json.loads(result.stdout)) == declared


@pytest.fixture
def empty_database(app, tmp_path):
    """The address of a database without tables, of the engine under test."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'migrated.db'}"
        return
    yield databases.created(url, f"matchmaker_migrated_{databases.WORKER}")


def _flask(url, *arguments):
    environment = os.environ | {"DATABASE_URL": url, "MATCHMAKER_ENV": "testing"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_migrations_make_the_tables_of_the_models_up_and_down_with_data(empty_database):
    _flask(empty_database, "db", "upgrade")
    assert "No new upgrade operations detected" in _flask(empty_database, "db", "check")

    _flask(empty_database, "seed", "policy")
    _flask(empty_database, "db", "downgrade", "base")
    _flask(empty_database, "db", "upgrade")

    assert "No new upgrade operations detected" in _flask(empty_database, "db", "check")


def test_records_older_than_their_history_begin_it_with_what_is_on_record(empty_database):
    _flask(empty_database, "db", "upgrade", "0002")
    engine = create_engine(database_url(empty_database), **engine_options(database_url(empty_database)))
    at = datetime(2026, 4, 1, 3, tzinfo=UTC).replace(tzinfo=None)
    project = {
        "number": "R8-P001",
        "title": "里山",
        "summary": "",
        "status": "working",
        "waiting_key": "",
        "version": 1,
    }
    companies = {"fy": 2026, "edition": 1, "as_of": at, "members": {"talking": ["C-0001"]}}
    _insert(engine, "project", project | {"waiting_name": "", "search_text": "", "created_at": at})
    _insert(engine, "project_partner", {"project_id": 1, "kind": "npo", "name": "里山の会"})
    _insert(engine, "participation_snapshot", companies)

    for target in ("head", "0002", "head"):
        _flask(empty_database, "db", "downgrade" if target == "0002" else "upgrade", target)

    states, counts = _rows(engine, "project_state"), _rows(engine, "participation_snapshot")
    engine.dispose()
    moment = at.replace(tzinfo=UTC)
    kept = [(row.title, row.status, row.form, row.partners, row.division_ids) for row in states]
    assert kept == [("里山", "working", None, [["npo", "里山の会", None]], [])]
    assert [row.digest for row in counts] == [participation_digest(2026, moment, {"talking": ["C-0001"]})]


def _insert(engine, table, values):
    mark = is_writing.set(True)
    with engine.begin() as connection:
        connection.execute(Table(table, MetaData(), autoload_with=connection).insert(), values)
    is_writing.reset(mark)


def _rows(engine, table):
    with engine.connect() as connection:
        return connection.execute(select(Table(table, MetaData(), autoload_with=connection))).all()


def test_migrations_make_every_named_check_of_the_models(empty_database):
    _flask(empty_database, "db", "upgrade")
    engine = create_engine(database_url(empty_database), **engine_options(database_url(empty_database)))

    found = {
        f"{table}: {check['name']}"
        for table in Model.metadata.tables
        for check in inspect(engine).get_check_constraints(table)
    }

    engine.dispose()
    assert found == {
        f"{table.name}: {constraint.name}"
        for table in Model.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def test_every_constraint_has_a_name(database):
    unnamed = [
        f"{table.name}: {constraint}"
        for table in Model.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]

    assert unnamed == []
    assert db.engine is not None
