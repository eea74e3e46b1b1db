"""Only foundation/transaction.py ends a transaction."""

import ast
from pathlib import Path

import pytest

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import WriteOutsideTransaction, db
from matchmaker.foundation.transaction import end_reading, transaction

PACKAGE = Path(__file__).parents[2] / "matchmaker"
ALLOWED = {PACKAGE / "foundation" / "transaction.py"}


def _ends_of_transactions(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback", "begin_nested"}
    ]


def test_no_other_file_commits_or_rolls_back():
    found = [
        place for path in sorted(PACKAGE.rglob("*.py")) if path not in ALLOWED for place in _ends_of_transactions(path)
    ]

    assert found == []


def test_the_search_finds_a_commit():
    file = PACKAGE / "foundation" / "transaction.py"

    assert len(_ends_of_transactions(file)) >= 3


def test_a_write_outside_a_transaction_is_refused(session):
    session.add(User(email="a@example.jp", name="a", password_hash="", created_at=clock.now()))

    with pytest.raises(WriteOutsideTransaction):
        session.flush()
    session.expunge_all()


def test_a_bulk_write_outside_a_transaction_is_refused(session):
    from sqlalchemy import delete

    with pytest.raises(WriteOutsideTransaction):
        session.execute(delete(User))


def test_acts_do_not_nest(database):
    with transaction(), pytest.raises(RuntimeError, match="nest"), transaction():
        pass
    assert db.session.get(User, 1) is None


def test_reading_cannot_be_ended_inside_an_act(database):
    with transaction(), pytest.raises(RuntimeError, match="block"):
        end_reading()
