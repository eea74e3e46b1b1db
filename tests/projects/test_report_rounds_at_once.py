"""Several people act in one report round at the same moment: one act, one history line, a refusal for the others."""

import pytest
from sqlalchemy import func, select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import round_closing
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects import report_rounds
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_models import ReportRound, RoundEvent
from matchmaker.projects.report_round_terms import RoundAction
from matchmaker.projects.report_rounds import CarryDates
from tests.support.at_once import results_at_once
from tests.support.round_records import FIRST, FY, LAST, answer_for, confirmed, opened_round

AT_ONCE = 4


def at_once(app, act):
    """Run an act in several threads at one signal; return how often it was done and the refusals."""
    results = results_at_once(app, [act] * AT_ONCE)
    refused = [str(result) for result in results if isinstance(result, DomainError)]
    db.session.rollback()
    return AT_ONCE - len(refused), refused


@pytest.fixture
def report_round(division_staff, office):
    return opened_round(office)


def events(action):
    return db.session.scalar(select(func.count()).where(RoundEvent.action == action))


def test_of_clerks_who_close_at_once_one_closes_round_and_year(app, office, report_round):
    version, office_id = report_round.version, office.id

    def close():
        found = queries.find_round(FY)
        actor = db.session.get(type(office), office_id)
        with transaction():
            round_closing.close(found, version=version, reason="返事がないため。", actor=actor, at=clock.now())

    done, refused = at_once(app, close)

    assert (done, len(refused)) == (1, AT_ONCE - 1)
    assert all("締め切られました" in text for text in refused)
    closings = select(func.count()).where(LedgerSnapshot.kind == SnapshotKind.CLOSING)
    assert (db.session.scalar(closings), events(RoundAction.CLOSE)) == (1, 1)


def test_of_clerks_who_open_at_once_one_opens(app, division_staff, office):
    office_id = office.id
    due_on = clock.today()

    def begin():
        actor = db.session.get(type(office), office_id)
        with transaction():
            round_closing.open_round(FY, due_on=due_on, note="", actor=actor, at=clock.now())

    done, refused = at_once(app, begin)

    assert (done, len(refused)) == (1, AT_ONCE - 1)
    assert db.session.scalar(select(func.count()).select_from(ReportRound)) == 1


def test_of_presses_that_carry_one_project_over_one_reports_it(app, division_staff, office):
    before_id = confirmed(division_staff, office, fy=FY - 1).id
    opened_round(office)
    person_id = division_staff.id

    def carry():
        actor = db.session.get(type(division_staff), person_id)
        answer, before = answer_for(actor), db.session.get(Project, before_id)
        with transaction():
            report_rounds.carry_over(answer, before, CarryDates(FIRST, LAST, FIRST), actor=actor, at=clock.now())

    done, refused = at_once(app, carry)

    assert (done, len(refused)) == (1, AT_ONCE - 1)
    assert db.session.scalar(select(func.count()).where(Project.continues_id == before_id)) == 1


def test_handing_in_and_closing_at_once_end_in_one_order(app, division_staff, office, report_round):
    version, round_version = answer_for(division_staff).version, report_round.version
    office_id, person_id = office.id, division_staff.id
    turns = iter([True, False] * AT_ONCE)

    def act():
        if next(turns):
            actor = db.session.get(type(office), person_id)
            answer = answer_for(actor)
            with transaction():
                report_rounds.hand_in(answer, version=version, has_none=True, actor=actor, at=clock.now())
        else:
            actor, found = db.session.get(type(office), office_id), queries.find_round(FY)
            with transaction():
                round_closing.close(
                    found, version=round_version, reason="返事がないため。", actor=actor, at=clock.now()
                )

    at_once(app, act)

    found = queries.find_round(FY)
    assert found is not None
    assert found.closed_at is not None
    assert events(RoundAction.CLOSE) == 1
    assert events(RoundAction.HAND_IN) == sum(row.handed_in_at is not None for row in found.answers)
