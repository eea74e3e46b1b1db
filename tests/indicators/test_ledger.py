"""Counts that are kept: as of when, by which rule, frozen with the year, provable."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, ledger, queries
from matchmaker.indicators.counting import RULE_V1
from matchmaker.indicators.ledger_models import CountDecision, CountingRuleEdition, LedgerSnapshot
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from tests.support.at_once import ends_at_once
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

FIGURE = "/indicators/npo-prefecture-projects"
OVER = datetime(2027, 4, 2, tzinfo=clock.JAPAN)
"""A moment at which the fiscal year 2026 is over."""


def counted(fy: int, *, at: datetime | None = None, **wanted) -> LedgerSnapshot | None:
    with transaction():
        return ledger.take(fy, actor=wanted.pop("actor", None), at=at or clock.now(), **wanted)


def closed(fy: int, actor: User, at: datetime = OVER) -> LedgerSnapshot:
    return counted(fy, kind=SnapshotKind.CLOSING, actor=actor, at=at)


# Taking


def test_a_count_keeps_its_moment_its_rule_its_members_and_a_digest(add_project, office):
    add_project(title="里山の手入れ")
    snapshot = queries.latest_snapshots()[2026]

    [row] = queries.members_of(snapshot).items
    assert (snapshot.edition, snapshot.kind, snapshot.value, snapshot.rule_version) == (1, SnapshotKind.INTERIM, 1, 1)
    assert (row.title, row.is_counted, row.obstacles) == ("里山の手入れ", True, "")
    assert ledger.faults_of(snapshot) == []


def test_counting_again_without_a_change_keeps_no_second_count(add_project):
    add_project()
    assert counted(2026) is None
    assert len(queries.list_snapshots(2026)) == 1


def test_a_renamed_project_is_a_change_and_the_count_before_keeps_the_old_name(add_project):
    project = add_project(title="前の名前")
    with transaction():
        project.title = "新しい名前"

    later = counted(2026)

    first = queries.find_snapshot(2026, 1)
    assert [row.title for row in queries.members_of(first).items] == ["前の名前"]
    assert [row.title for row in queries.members_of(later).items] == ["新しい名前"]


def test_as_of_leaves_out_what_was_confirmed_later(add_project):
    early = add_project(confirmed_at=clock.now() - timedelta(days=30))
    add_project(confirmed_at=clock.now() - timedelta(days=1))

    snapshot = counted(2026, as_of=clock.now() - timedelta(days=10))

    assert [row.project_id for row in queries.members_of(snapshot).items] == [early.id]


def test_a_moment_to_come_cannot_be_counted(add_project):
    with pytest.raises(ledger.SnapshotRefused, match="これから先"):
        counted(2026, as_of=clock.now() + timedelta(hours=1))


def test_an_act_that_fails_keeps_no_count(add_project):
    project = add_project()
    with transaction():
        project.title = "新しい名前"
    with pytest.raises(RuntimeError), transaction():
        ledger.take(2026, actor=None, at=clock.now())
        raise RuntimeError("stopped")

    assert [row.edition for row in queries.list_snapshots(2026)] == [1]


# Closing and correcting


def test_a_year_is_closed_only_after_its_last_day(add_project, office):
    add_project()
    last_evening = datetime(2027, 3, 31, 23, 59, tzinfo=clock.JAPAN)
    with pytest.raises(ledger.SnapshotRefused, match="まだ終わっていません"):
        closed(2026, office, last_evening)
    assert closed(2026, office, last_evening + timedelta(minutes=1)).kind is SnapshotKind.CLOSING


def test_a_closed_year_does_not_change_with_the_records(add_project, office):
    project = add_project()
    closed(2026, office)
    with transaction():
        project.form = CollaborationForm.SPONSORSHIP

    with pytest.raises(ledger.YearClosed):
        counted(2026, at=OVER)
    with transaction():
        ledger.take_open_years(actor=None, at=OVER)
    assert queries.latest_snapshots()[2026].value == 1


def test_the_second_of_two_closings_is_refused(add_project, office, approver):
    add_project()
    closed(2026, office)
    with pytest.raises(ledger.YearClosed, match="もう確定しています"):
        closed(2026, approver)


def test_the_database_itself_refuses_a_second_closing(add_project, office):
    add_project()
    first = closed(2026, office)
    values = {"fy": 2026, "edition": 9, "kind": SnapshotKind.CLOSING, "as_of": first.as_of, "taken_at": first.taken_at}
    with pytest.raises(IntegrityError), transaction():
        db.session.add(LedgerSnapshot(**values, rule=first.rule, value=0, digest=""))


def test_a_correction_needs_a_closed_year_and_a_reason_and_keeps_the_closing(add_project, office):
    project = add_project()
    with pytest.raises(ledger.SnapshotRefused, match="まだ確定していない"):
        counted(2026, kind=SnapshotKind.CORRECTION, reason="理由", at=OVER)
    closed(2026, office)
    with transaction():
        project.form = CollaborationForm.SPONSORSHIP
    with pytest.raises(ledger.SnapshotRefused, match="訂正の理由"):
        counted(2026, kind=SnapshotKind.CORRECTION, reason=" ", at=OVER)

    counted(2026, kind=SnapshotKind.CORRECTION, reason="形態の記録がまちがっていたため", at=OVER, actor=office)

    kinds = [(row.kind, row.value) for row in queries.list_snapshots(2026)]
    assert kinds == [(SnapshotKind.CORRECTION, 0), (SnapshotKind.CLOSING, 1), (SnapshotKind.INTERIM, 1)]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "years"),
    [
        (date(2026, 3, 31), date(2026, 4, 1), {2025, 2026}),
        (date(2019, 3, 31), date(2019, 5, 1), {2018, 2019}),
        (date(2026, 4, 1), date(2027, 3, 31), {2026}),
        (date(2012, 4, 1), date(2027, 3, 31), set(range(2012, 2027))),
    ],
)
def test_a_project_is_a_member_of_every_year_that_its_period_meets(starts_on, ends_on, years, add_project):
    add_project(starts_on=starts_on, ends_on=ends_on)
    assert {fy for fy, row in queries.latest_snapshots().items() if row.value} == years


def test_a_project_that_merged_after_the_closing_stays_in_the_closed_count(add_project, office):
    project, other = add_project(), add_project()
    closed(2026, office)
    with transaction():
        project.merged_into_id, project.merged_on, project.status = other.id, date(2027, 4, 1), ProjectStatus.MERGED

    assert queries.latest_snapshots()[2026].value == 2
    [year] = [row for row in queries.counting_for(project) if row.fy == 2026]
    assert (year.is_counted, year.next_reasons) == (True, ())


# Proof


def test_verify_finds_a_row_that_was_changed_behind_the_ledgers_back(app: Flask, add_project):
    add_project()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["indicators", "verify"]).output.endswith("1 snapshots, 0 of companies, 0 faults\n")

    with transaction():
        db.session.execute(update(CountDecision).values(title="すりかえた名前"))

    result = runner.invoke(args=["indicators", "verify"])
    assert result.exit_code == 1
    assert "the digest does not match the stored rows" in result.output


def test_verify_tells_of_an_open_year_whose_records_have_changed(app: Flask, add_project):
    project = add_project()
    with transaction():
        project.title = "新しい名前"
    result = app.test_cli_runner().invoke(args=["indicators", "verify"])
    assert (result.exit_code, "R8: the records have changed" in result.output) == (0, True)


def test_the_command_counts_one_year_and_says_when_nothing_has_changed(app: Flask, add_project):
    project = add_project()
    with transaction():
        project.title = "新しい名前"
    runner = app.test_cli_runner()
    assert runner.invoke(args=["indicators", "snapshot", "--fy", "R8"]).output.startswith("R8-2: 1 projects, ")
    assert runner.invoke(args=["indicators", "snapshot"]).output == "nothing has changed\n"
    assert runner.invoke(args=["indicators", "snapshot", "--fy", "R99x"]).exit_code == 2


# Pages


def test_every_page_and_file_says_the_figure_of_the_newest_count(add_project, client):
    for _ in range(3):
        add_project()
    pages = ["/indicators", FIGURE, f"{FIGURE}/R8", f"{FIGURE}/R8/members"]
    assert [("3事業" in main_text(client.get(page).text)) for page in pages] == [True] * 4
    csv = client.get(f"{FIGURE}/R8/members.csv").data.decode("utf-8-sig")
    assert len(csv.splitlines()) == 1 + 3


def test_a_record_changed_after_the_count_is_told_on_its_own_page(add_project, client):
    project = add_project()
    with transaction():
        project.form = CollaborationForm.SPONSORSHIP
    text = main_text(client.get(f"/projects/{project.number}").text)
    assert "数えた" in text
    assert "次に数えるときは変わります：協働の形態が「後援」で" in text


def test_an_older_count_is_shown_by_its_number_and_marked(add_project, client):
    project = add_project(title="前の名前")
    with transaction():
        project.title = "新しい名前"
    counted(2026)
    text = main_text(client.get(f"{FIGURE}/R8/members?edition=1").text)
    assert ("これは前の集計です" in text, "前の名前" in text, "新しい名前" in text) == (True, True, False)
    assert client.get(f"{FIGURE}/R8/members?edition=9").status_code == 404
    assert client.get(f"{FIGURE}/R8/members?edition=1x").status_code == 404


def test_the_office_counts_from_the_page(add_project, office_client):
    project = add_project()
    with transaction():
        project.title = "新しい名前"
    office_client.post(f"{FIGURE}/R8/count")
    assert "数えました。令和8年度は1事業です。" in office_client.get(f"{FIGURE}/R8").text
    office_client.post(f"{FIGURE}/R8/count")
    assert "変わったところはありません" in office_client.get(f"{FIGURE}/R8").text


def test_a_running_year_cannot_be_closed_from_the_page(add_project, office_client):
    add_project()
    page = office_client.post(f"{FIGURE}/R8/close")
    assert page.status_code == 409
    assert "まだ終わっていません" in page.text


def test_a_correction_without_its_reason_is_refused_beside_the_field(add_project, office, office_client):
    add_project(starts_on=date(2024, 4, 1), ends_on=date(2025, 3, 31))
    closed(2024, office, clock.now())
    page = office_client.post(f"{FIGURE}/R6/correct", data={"reason": ""})
    assert (page.status_code, set(errors_beside_fields(page.text))) == (422, {"reason"})
    office_client.post(f"{FIGURE}/R6/correct", data={"reason": "報告が1件もれていたため"})
    assert "報告が1件もれていたため" in office_client.get(f"{FIGURE}/R6").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_members_costs_a_fixed_number_of_queries(count, add_project, client):
    for _ in range(count):
        add_project()
    client.get(f"{FIGURE}/R8/members")
    with counted_queries() as statements:
        client.get(f"{FIGURE}/R8/members")
    assert len(statements) == MEMBER_QUERIES


MEMBER_QUERIES = 10


# Changing the rule


def drafted(actor: User, **changes) -> CountingRuleEdition:
    with transaction():
        return counting_rules.draft(
            replace(RULE_V1, **changes), from_fy=2026, reason="後援も協働とみるため", actor=actor, at=clock.now()
        )


WITH_SPONSORSHIP = RULE_V1.forms | {CollaborationForm.SPONSORSHIP}


def test_the_workbench_shows_who_enters_and_leaves_before_anything_changes(add_project, office):
    add_project(title="後援の事業", form=CollaborationForm.SPONSORSHIP)
    add_project(title="委託の事業")

    found = ledger.compare(2026, replace(RULE_V1, forms=frozenset({CollaborationForm.SPONSORSHIP})))

    assert (found.before, found.after) == (1, 1)
    assert [row.title for row in found.enters] == ["後援の事業"]
    assert [row.title for row in found.leaves] == ["委託の事業"]
    assert len(queries.list_snapshots(2026)) == 2


def test_a_drafted_rule_counts_nothing_until_somebody_else_adopted_it(add_project, office, approver):
    add_project(form=CollaborationForm.SPONSORSHIP)
    edition = drafted(office, forms=WITH_SPONSORSHIP)
    assert counting_rules.in_force_for(2026) == RULE_V1
    with pytest.raises(counting_rules.RuleRefused, match="2人で"), transaction():
        counting_rules.adopt(edition, actor=office, at=clock.now())

    with transaction():
        counting_rules.adopt(edition, actor=approver, at=clock.now())

    assert counting_rules.in_force_for(2026).forms == WITH_SPONSORSHIP
    assert counting_rules.in_force_for(2025) == RULE_V1
    assert (counted(2026).value, counted(2026)) == (1, None)
    assert queries.latest_snapshots()[2026].rule_version == 2


def test_a_rule_cannot_reach_back_into_a_closed_year(add_project, office):
    add_project()
    closed(2026, office)
    with pytest.raises(counting_rules.RuleRefused, match="令和9年度からしか"):
        drafted(office, forms=WITH_SPONSORSHIP)


def test_an_unchanged_rule_and_a_second_draft_are_refused(office):
    with pytest.raises(counting_rules.RuleRefused, match="同じです"):
        drafted(office)
    drafted(office, forms=WITH_SPONSORSHIP)
    with pytest.raises(counting_rules.RuleRefused, match="採用を待っています"):
        drafted(office, counts_continuing=False)


def test_a_dropped_draft_stays_on_record_and_counts_nothing(office, approver):
    edition = drafted(office, counts_continuing=False)
    with transaction():
        counting_rules.drop(edition, actor=office, at=clock.now())
    with pytest.raises(counting_rules.RuleRefused, match="もう採用されたか"), transaction():
        counting_rules.adopt(edition, actor=approver, at=clock.now())
    assert [row.version for row in counting_rules.list_editions()] == [2]


def test_the_page_tries_a_rule_and_keeps_what_was_chosen(add_project, office_client):
    add_project(title="後援の事業", form=CollaborationForm.SPONSORSHIP)
    chosen = {"from_year": "令和8年度", "forms": ["sponsorship"], "reason": "ためすため", "then": "preview"}

    page = office_client.post("/indicators/counting-rules/new", data=chosen)

    text = main_text(page.text)
    assert "入る： 後援の事業" in text
    assert [box["value"] for box in parse(page.text).select("input[name=forms][checked]")] == ["sponsorship"]
    assert counting_rules.list_editions() == []


def test_a_rule_is_drafted_by_the_office_and_adopted_by_the_approver(add_project, office_client, approver_client):
    add_project(form=CollaborationForm.SPONSORSHIP)
    chosen = {"from_year": "R8", "forms": ["sponsorship", "agreement"], "reason": "後援を数えるため", "then": "draft"}
    office_client.post("/indicators/counting-rules/new", data=chosen)
    assert "採用待ち" in office_client.get("/indicators/counting-rules").text

    approver_client.post("/indicators/counting-rules/2/adopt")

    assert counting_rules.in_force_for(2026).version == 2
    assert "後援を数えるため" in approver_client.get("/indicators/counting-rules/2").text


def test_a_refused_draft_keeps_what_was_typed(office_client, office):
    drafted(office, counts_continuing=False)
    chosen = {"from_year": "R8", "forms": ["sponsorship"], "reason": "長い理由の文", "then": "draft"}
    page = office_client.post("/indicators/counting-rules/new", data=chosen)
    assert page.status_code == 409
    assert "長い理由の文" in page.text


def test_a_count_that_is_killed_midway_leaves_nothing_and_the_next_one_is_whole(app: Flask, add_project):
    """SIGKILL between the first row and the commit: the process has no chance to clean up."""
    for number in range(3):
        add_project(title=f"事業{number}", starts_on=date(2031, 4, 1), ends_on=date(2032, 3, 31))
    with transaction():
        for model in (CountDecision, LedgerSnapshot):
            db.session.execute(delete(model))
    script = (
        "import time; from matchmaker.app import create_app; from matchmaker.foundation import clock;"
        "from matchmaker.foundation.transaction import transaction; from matchmaker.indicators import ledger;"
        "app = create_app('testing')\n"
        "with app.app_context(), transaction():\n"
        "    taken = ledger.take(2031, actor=None, at=clock.now())\n"
        "    print(len(ledger.stored_decisions(taken)), flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        written = process.stdout.readline()
        process.kill()
    db.session.rollback()
    left = [db.session.scalars(select(model)).all() for model in (LedgerSnapshot, CountDecision)]
    verified = app.test_cli_runner().invoke(args=["indicators", "verify"])

    assert (written, process.returncode, left) == ("3\n", -signal.SIGKILL, [[], []])
    assert (verified.exit_code, verified.output) == (0, "0 snapshots, 0 of companies, 0 faults\n")
    assert (counted(2031).value, app.test_cli_runner().invoke(args=["indicators", "verify"]).exit_code) == (3, 0)


def test_of_clerks_who_close_a_year_at_once_one_closes_it(app: Flask, add_project, office, approver):
    add_project()
    ids = [office.id, approver.id] * 3

    def close(user_id: int) -> None:
        actor = db.session.get_one(User, user_id)
        ledger.take(2026, actor=actor, at=OVER, kind=SnapshotKind.CLOSING)

    ends = ends_at_once(app, [lambda user_id=user_id: close(user_id) for user_id in ids])

    assert ends == ["YearClosed"] * 5 + ["done"]
    db.session.rollback()  # what this session read before is older than the closing
    assert [row.kind for row in queries.list_snapshots(2026)] == [SnapshotKind.CLOSING, SnapshotKind.INTERIM]


@pytest.mark.parametrize(
    ("moment", "is_over"),
    [(datetime(2027, 3, 31, 23, 59, 59), False), (datetime(2027, 4, 1), True)],
)
def test_a_year_ends_at_midnight_in_japan(moment, is_over, add_project, office):
    add_project()
    at = moment.replace(tzinfo=clock.JAPAN)
    if is_over:
        assert closed(2026, office, at=at).kind is SnapshotKind.CLOSING
    else:
        with pytest.raises(ledger.SnapshotRefused, match="まだ終わっていません"):
            closed(2026, office, at=at)


def test_heisei_31_and_reiwa_1_are_one_year_with_one_count(app: Flask, add_project):
    add_project(starts_on=date(2019, 4, 30), ends_on=date(2019, 5, 1))
    runner = app.test_cli_runner()
    said = [runner.invoke(args=["indicators", "snapshot", "--fy", year]).output for year in ("H31", "R1", "平成31年度")]
    assert said == ["nothing has changed\n"] * 3
    assert [(row.fy, row.edition, row.value) for row in queries.list_snapshots(2019)] == [(2019, 1, 1)]


def test_a_period_out_of_order_is_refused_by_the_database(add_project):
    with pytest.raises(IntegrityError, match="period_in_order"):
        add_project(starts_on=date(2026, 5, 2), ends_on=date(2026, 5, 1))


def test_a_rule_without_an_end_holds_for_every_later_year_until_another_follows(office, approver):
    for version, from_fy, counts_dissolved in ((2, 2027, False), (3, 2030, True)):
        with transaction():
            rule = replace(RULE_V1, counts_dissolved=counts_dissolved, counts_continuing=False)
            drafted_rule = counting_rules.draft(rule, from_fy=from_fy, reason="試す。", actor=office, at=clock.now())
            assert drafted_rule.version == version
        with transaction():
            counting_rules.adopt(drafted_rule, actor=approver, at=clock.now())

    versions = {fy: counting_rules.in_force_for(fy).version for fy in (2011, 2026, 2027, 2029, 2030, 2099)}

    assert versions == {2011: 1, 2026: 1, 2027: 2, 2029: 2, 2030: 3, 2099: 3}


def test_members_of_a_count_belong_to_projects_on_record(add_project):
    project: Project = add_project()
    [row] = db.session.scalars(select(CountDecision)).all()
    assert row.project_id == project.id


def test_what_is_left_out_has_pages_of_its_own(add_project, client):
    for number in range(3):
        add_project(title=f"後援{number}", form=CollaborationForm.SPONSORSHIP)
    snapshot = queries.latest_snapshots()[2026]
    pages = [[row.title for row in queries.left_out_of(snapshot, number=page, size=2).items] for page in (1, 2, 9)]
    assert pages == [["後援0", "後援1"], ["後援2"], ["後援2"]]
    text = main_text(client.get(f"{FIGURE}/R8/members?left_out=9").text)
    assert "数えていない事業（3件）" in text
