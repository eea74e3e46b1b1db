"""The chained record shows every change made to it afterwards."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from matchmaker.audit import queries, service
from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcあ", max_size=3), inner, max_size=3),
    max_leaves=6,
)


class _Colour(StrEnum):
    RED = "red"


def _write(number):
    with transaction():
        for index in range(number):
            service.record("test:entry:write", f"S-{index:04d}", actor_id=index, at=clock.now(), index=index)


def _run(app):
    return app.test_cli_runner().invoke(args=["audit", "verify"])


def _found(session):
    session.expire_all()
    return service.check_chain(queries.each_entry(batch=2)).first_broken


def test_an_empty_record_is_whole(app, database):
    result = _run(app)

    assert (result.exit_code, result.output) == (0, "whole: 0 entries, last MAC -\n")


def test_a_whole_record_is_walked_in_batches(app, session):
    _write(7)

    checked = service.check_chain(queries.each_entry(batch=3))

    last = session.scalars(select(AuditEntry.mac).where(AuditEntry.id == 7)).one()
    assert (checked.count, checked.last_mac, checked.first_broken) == (7, last, None)
    assert _run(app).output == f"whole: 7 entries, last MAC {last}\n"


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "S-9999"},
        {"tag": "test:entry:other"},
        {"actor_id": None},
        {"detail": {"index": 99}},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"mac": "0" * 64},
        {"previous_mac": "0" * 64},
    ],
    ids=str,
)
def test_a_changed_entry_is_named(app, session, values):
    _write(5)
    with transaction():
        session.execute(update(AuditEntry).where(AuditEntry.id == 3).values(**values))

    assert _found(session) == 3
    result = _run(app)
    assert (result.exit_code, result.output) == (1, "broken at entry 3\n")


def test_a_missing_entry_is_named_by_the_one_after_it(session):
    _write(5)
    with transaction():
        session.execute(delete(AuditEntry).where(AuditEntry.id == 3))

    assert _found(session) == 4


def test_a_missing_beginning_is_named(session):
    _write(3)
    with transaction():
        session.execute(delete(AuditEntry).where(AuditEntry.id == 1))

    assert _found(session) == 2


def test_two_swapped_entries_are_named(session):
    _write(4)
    with transaction():
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(update(AuditEntry).where(AuditEntry.id == old).values(id=new))

    assert _found(session) == 2


def test_a_chain_made_with_another_key_is_not_ours(app, session, monkeypatch):
    _write(2)
    monkeypatch.setitem(app.config, "AUDIT_KEY", "another key of sufficient length")

    assert _found(session) == 1


def test_a_moment_in_japan_and_an_enum_survive_the_way_through_the_database(session):
    japan = timezone(timedelta(hours=9))
    with transaction():
        service.record(
            "test:entry:write",
            "S-0001",
            actor_id=None,
            at=datetime(2026, 4, 1, 0, 30, 5, 123456, tzinfo=japan),
            colour=_Colour.RED,
            pair=(1, 2),
            codes={1: "一"},
        )
    session.expire_all()

    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.at, entry.detail) == (
        datetime(2026, 3, 31, 15, 30, 5, 123456, tzinfo=UTC),
        {"colour": "red", "pair": [1, 2], "codes": {"1": "一"}},
    )
    assert _found(session) is None


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3), min_size=1, max_size=3))
def test_any_detail_reads_back_as_it_was_signed(app, details):
    with app.app_context():
        with transaction():
            queries.db.session.execute(delete(AuditEntry))
        with transaction():
            for detail in details:
                service.record("test:entry:write", "S-0001", actor_id=None, at=clock.now(), **detail)
        queries.db.session.expire_all()
        assert service.check_chain(queries.each_entry(batch=1)).first_broken is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_json_cannot_hold_is_refused(session, value):
    with pytest.raises((ValueError, TypeError)), transaction():
        service.record("test:entry:write", "S-0001", actor_id=None, at=clock.now(), value=value)


def test_an_act_that_fails_leaves_no_entry(session):
    with pytest.raises(RuntimeError), transaction():
        service.record("test:entry:write", "S-0001", actor_id=None, at=clock.now())
        raise RuntimeError

    assert session.scalars(select(AuditEntry)).all() == []
