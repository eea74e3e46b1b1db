"""The copy of an embedded database, taken while it is written to."""

import pysqlite3
import pytest
from click.testing import CliRunner

from deploy import backup_sqlite


@pytest.fixture
def live(tmp_path):
    """A database whose last change is still in its journal alone, with a connection that keeps it there."""
    connection = pysqlite3.connect(tmp_path / "live.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE proposal (title TEXT)")
    connection.execute("INSERT INTO proposal VALUES ('学びの場')")
    assert (tmp_path / "live.db-wal").stat().st_size > 0
    yield connection
    connection.close()


def back_up(folder, source="live.db"):
    return CliRunner().invoke(backup_sqlite.main, [str(folder / source), str(folder / "copy.db")])


def titles(path):
    connection = pysqlite3.connect(path)
    rows = connection.execute("SELECT title FROM proposal").fetchall()
    connection.close()
    return rows


def test_a_copy_holds_what_is_still_in_the_journal_and_nothing_unfinished(live, tmp_path):
    live.execute("BEGIN IMMEDIATE")
    live.execute("INSERT INTO proposal VALUES ('まだ保存していない')")

    result = back_up(tmp_path)

    assert result.exit_code == 0, result.output
    assert titles(tmp_path / "copy.db") == [("学びの場",)]
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_copy_that_fails_leaves_the_last_good_one(live, tmp_path):
    back_up(tmp_path)
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\0" + b"x" * 9000)

    assert back_up(tmp_path, "broken.db").exit_code == 1
    assert titles(tmp_path / "copy.db") == [("学びの場",)]
