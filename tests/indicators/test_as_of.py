"""A count as of an earlier moment is the count that was made then: members and reasons."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import first_day, fiscal_year_of, last_day
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, ledger, queries
from matchmaker.indicators.counting import RULE_V1
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.snapshots import Decision
from matchmaker.matching.terms import LegalForm
from matchmaker.permissions.grants import Role
from matchmaker.projects import continuing, lifecycle, report_rounds, service
from matchmaker.projects.models import Project, ProjectState
from matchmaker.projects.service import NamedPartner
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from tests.support import records, round_records

FY = fiscal_year_of(clock.today())
START = clock.now() - timedelta(days=40)


@dataclass
class Walk:
    """People who act at random, an hour between two acts."""

    office: User
    colleague: User
    approver: User
    division: User
    chance: random.Random
    acts: int = 0

    @property
    def at(self) -> datetime:
        return START + timedelta(hours=self.acts)

    def act(self) -> None:
        self.acts += 1
        choices: list[Callable[[], object]] = [self._report, self._confirm, self._edit, self._merge, self._end]
        try:
            with transaction():
                self.chance.choice([*choices, self._report, self._confirm, self._confirm, self._edit, self._adopt])()
        except DomainError:
            pass  # nobody may do that now; another act comes

    def _any(self, *statuses: ProjectStatus) -> Project:
        found = db.session.scalars(select(Project).where(Project.status.in_(statuses or tuple(ProjectStatus)))).all()
        if not found:
            raise DomainError("no project")
        return self.chance.choice(found)

    def _report(self) -> None:
        facts = self._facts(f"事業{self.acts}")
        form = self.chance.choice(
            [CollaborationForm.SUBSIDY, CollaborationForm.AGREEMENT, CollaborationForm.SPONSORSHIP]
        )
        service.report(facts, form=form, form_agreed_on=first_day(FY), actor=self.division, at=self.at)

    def _facts(self, title: str) -> service.ProjectFacts:
        assert self.division.division is not None
        starts_on = first_day(FY) + timedelta(days=self.chance.randrange(-300, 300))
        names = self.chance.sample(["里山の会", "川の会", "海の会", "町の会"], k=self.chance.randrange(1, 4))
        return round_records.facts(
            title,
            partners=[NamedPartner(PartnerKind.NPO, name) for name in names],
            division_ids=[self.division.division.id],
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=self.chance.randrange(400)),
        )

    def _confirm(self) -> None:
        project = self._any(ProjectStatus.REPORTED)
        if self.chance.random() < 0.2:
            service.refuse(project, reason="確かめられない。", actor=self.office, at=self.at)
        else:
            service.confirm(project, actor=self.office, at=self.at)

    def _edit(self) -> None:
        project = self._any()
        service.edit(project, self._facts(f"変えた事業{self.acts}"), actor=self.office, at=self.at)

    def _merge(self) -> None:
        project, into = self._any(), self._any(ProjectStatus.IN_PROGRESS, ProjectStatus.AGREED)
        continuing.merge(project, into, on=first_day(FY), reason="1つにする。", actor=self.office, at=self.at)

    def _end(self) -> None:
        project = self._any(ProjectStatus.IN_PROGRESS, ProjectStatus.AGREED)
        lifecycle.dissolve(project, reason="続けられない。", actor=self.office, at=self.at)

    def _adopt(self) -> None:
        now = counting_rules.in_force_for(FY)
        forms = now.forms ^ {CollaborationForm.SPONSORSHIP}
        rule = replace(now, forms=forms, counts_continuing=self.chance.random() < 0.5)
        edition = counting_rules.draft(rule, from_fy=FY, reason="試す。", actor=self.colleague, at=self.at)
        counting_rules.adopt(edition, actor=self.approver, at=self.at)


def taken(fy: int, *, at: datetime, as_of: datetime | None = None) -> list[Decision]:
    """The decisions of a count that was taken, or of the one before when nothing had changed."""
    with transaction():
        ledger.take(fy, actor=None, at=at, as_of=as_of)
    newest = ledger.latest(fy, until=as_of)
    return ledger.stored_decisions(newest) if newest else []


@pytest.mark.parametrize("seed", range(6))
def test_a_count_as_of_then_equals_the_count_that_was_taken_then(seed, office, approver, division_staff):
    colleague = records.staff(Role.NPO_OFFICE, name="事務局 花子")
    walk = Walk(office, colleague, approver, division_staff, random.Random(seed))
    years = (FY - 1, FY, FY + 1)
    then: list[tuple[datetime, dict[int, list[Decision]]]] = []
    for _act in range(25):
        walk.act()
        at = walk.at + timedelta(minutes=30)
        then.append((at, {fy: taken(fy, at=at) for fy in years}))

    end = walk.at + timedelta(days=1)
    again = [(at, {fy: taken(fy, at=end, as_of=at) for fy in years}) for at, _decisions in then]

    assert again == then
    assert any(decisions[FY] != then[-1][1][FY] for _at, decisions in then)  # the walk led somewhere


def confirmed(by: User, office: User, at: datetime, title: str = "里山の手入れ") -> Project:
    assert by.division is not None
    with transaction():
        facts = round_records.facts(title, fy=FY, division_ids=[by.division.id])
        project = service.report(facts, form=CollaborationForm.SUBSIDY, form_agreed_on=first_day(FY), actor=by, at=at)
        service.confirm(project, actor=office, at=at)
    return project


def changed(project: Project, office: User, at: datetime, **values: object) -> None:
    with transaction():
        facts = replace(report_rounds.facts_today(project), **values)
        service.edit(project, facts, actor=office, at=at)


def test_a_project_whose_period_left_the_year_was_a_member_before(division_staff, office):
    project = confirmed(division_staff, office, START)
    changed(
        project, office, START + timedelta(hours=2), starts_on=first_day(FY + 1), ends_on=last_day(FY + 1), title="先へ"
    )

    before = taken(FY, at=START + timedelta(days=1), as_of=START + timedelta(hours=1))

    assert [(one.title, one.is_counted, one.starts_on) for one in before] == [("里山の手入れ", True, first_day(FY))]
    [snapshot] = queries.list_snapshots(FY)
    assert snapshot.note == ""
    assert ledger.decide(FY, RULE_V1) == []


def test_a_count_that_looks_back_is_kept_but_the_latest_moment_stays_the_figure(division_staff, office, client):
    confirmed(division_staff, office, START)
    [now] = taken(FY, at=clock.now())
    assert taken(FY, at=clock.now(), as_of=START - timedelta(days=1)) == []
    confirmed(division_staff, office, clock.now(), "川の清掃")
    with transaction():
        ledger.take(FY, actor=None, at=clock.now(), as_of=START)

    kept = [(row.edition, row.value) for row in queries.list_snapshots(FY)]
    page = client.get(f"/indicators/npo-prefecture-projects/R{FY - 2018}/members").text

    assert kept == [(1, 1), (3, 1), (2, 0)]
    assert (queries.latest_snapshots()[FY].edition, now.title in page) == (1, True)


def test_the_command_looks_back_on_one_year_by_japanese_time(app: Flask, division_staff, office):
    confirmed(division_staff, office, START)
    runner = app.test_cli_runner()
    before = ["indicators", "snapshot", "--as-of", f"{START - timedelta(days=1):%Y-%m-%d}"]

    alone = runner.invoke(args=before)
    looked = runner.invoke(args=[*before, "--fy", f"R{FY - 2018}"])

    assert (alone.exit_code, "--as-of needs --fy" in alone.output) == (2, True)
    assert (looked.exit_code, looked.output[:16]) == (0, f"R{FY - 2018}-1: 0 projects")


def test_a_project_without_history_of_then_is_counted_by_the_oldest_record_and_the_note_says_so(
    app: Flask, division_staff, office, client
):
    project = confirmed(division_staff, office, START)
    with transaction():  # as if the history began later than the project
        kept = db.session.scalars(select(ProjectState).order_by(ProjectState.id)).all()
        db.session.execute(delete(ProjectState).where(ProjectState.id != kept[-1].id))
        db.session.execute(update(ProjectState).values(at=START + timedelta(days=5)))
    changed(project, office, START + timedelta(days=6), title="新しい名前")

    [decision] = taken(FY, at=clock.now(), as_of=START + timedelta(days=1))

    note = f"次の事業は、この時点の記録の履歴がありません。残っているいちばん古い内容で数えました：{project.number}"
    assert (decision.title, decision.is_counted, ledger.latest(FY).note) == ("里山の手入れ", True, note)
    assert note in client.get(f"/indicators/npo-prefecture-projects/R{FY - 2018}/members").text
    assert taken(FY, at=clock.now(), as_of=START - timedelta(days=1)) == []  # not confirmed yet


def test_the_kind_of_npos_has_no_history_and_a_rule_that_asks_for_it_says_so(add_project, office, approver):
    add_project()
    rule = replace(RULE_V1, excluded_npos=frozenset({LegalForm.COOPERATIVE}))
    with transaction():
        edition = counting_rules.draft(rule, from_fy=FY, reason="数えない。", actor=office, at=clock.now())
        counting_rules.adopt(edition, actor=approver, at=clock.now())
    now = clock.now()
    taken(FY, at=now, as_of=now)

    assert ledger.latest(FY).note.endswith("団体の種類（法人格）は履歴がないため、数えた日のもので判断しました。")


def test_a_step_that_changes_nothing_for_counting_keeps_no_row(division_staff, office):
    project = confirmed(division_staff, office, START)
    changed(project, office, START + timedelta(hours=1))
    statuses = db.session.scalars(select(ProjectState.status).order_by(ProjectState.id)).all()
    assert statuses == [ProjectStatus.REPORTED, project.status]
    assert db.session.scalars(select(LedgerSnapshot)).all() == []
