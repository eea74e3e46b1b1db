"""Nothing acknowledged is lost, on either engine."""

import threading

import pytest
from flask import Flask

from matchmaker.foundation.database import Counter, db, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from tests.support import records

WRITERS, TIMES = 8, 15


def _in_threads(app: Flask, act) -> list[BaseException]:
    """Run the act in many threads, each in an application context of its own; return what failed."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                for _ in range(TIMES):
                    act()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_numbers_come_without_gaps_or_doubles_when_many_ask_at_once(app, session):
    taken: list[int] = []

    def take() -> None:
        with transaction():
            number = next_number("proposal-2026")
        taken.append(number)

    assert _in_threads(app, take) == []
    assert sorted(taken) == list(range(1, WRITERS * TIMES + 1))


def test_a_number_taken_in_an_act_that_fails_is_given_again(session):
    with pytest.raises(DomainError), transaction():
        assert next_number("draft") == 1
        raise DomainError("だめです")

    with transaction():
        assert next_number("draft") == 1


def test_a_stale_version_becomes_a_conflict(session, company):
    interest = records.interest(company)

    with pytest.raises(EditConflict), transaction():
        row = session.get(Interest, interest.id)
        session.connection().execute(
            Interest.__table__.update().where(Interest.__table__.c.id == row.id).values(version=row.version + 1)
        )
        row.policy = "古い画面から"

    assert session.get(Interest, interest.id).policy == "次の世代を支える活動に力を入れています。"


def test_a_refusal_undoes_the_whole_act(session):
    with pytest.raises(DomainError), transaction():
        session.add(Counter(series="x", last=1))
        session.flush()
        raise DomainError("だめです")

    assert session.get(Counter, "x") is None


def test_increments_by_many_writers_are_all_kept(app, session):
    with transaction():
        session.add(Counter(series="visits", last=0))

    def add_one() -> None:
        with transaction():
            counter = db.session.scalars(db.select(Counter).where(Counter.series == "visits").with_for_update()).one()
            counter.last += 1

    assert _in_threads(app, add_one) == []
    session.rollback()
    assert session.get(Counter, "visits").last == WRITERS * TIMES
