"""Two reports that were made one are parted again: before the round closes, and afterwards as a correction."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, ledger, round_closing
from matchmaker.indicators import queries as indicators
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.notices.models import Notice
from matchmaker.projects import continuing, lifecycle, report_round_pairs, report_round_queries, report_rounds, service
from matchmaker.projects.models import Project, ProjectEvent, ProjectState
from matchmaker.projects.report_round_models import PairDecision, ReportRound
from matchmaker.projects.report_round_terms import PairVerdict, RoundAction
from matchmaker.projects.report_rounds import RoundRefused
from matchmaker.projects.service import NamedPartner
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus
from tests.support import records
from tests.support.forms import field_values
from tests.support.pages import main_text
from tests.support.projects import staff_of
from tests.support.queries import counted_queries
from tests.support.round_records import CODE, FY, confirmed, opened_round, reported

PAIRS = f"/projects/rounds/{CODE}/pairs"
COMPANY = NamedPartner(PartnerKind.COMPANY, "木の会社")


@pytest.fixture
def report_round(division_staff, office) -> ReportRound:
    return opened_round(office)


@pytest.fixture
def forest(database):
    """Somebody of a second division."""
    return staff_of(records.division("森林課"), "森林 五郎")


def made_one(report_round, first: Project, second: Project, office) -> None:
    pair = report_round_pairs.find_pair(FY, first.number, second.number)
    assert pair is not None
    seen = (first.version, second.version)
    with transaction():
        report_round_pairs.decide(
            report_round, pair, PairVerdict.SAME, seen=seen, reason="同じ協定。", actor=office, at=clock.now()
        )


def part(report_round, first: Project, second: Project, office, *, reason="協定が2つあった。", seen=None) -> list[int]:
    pair = report_round_pairs.find_merged(FY, first.number, second.number)
    assert pair is not None
    with transaction():
        taken = round_closing.part(
            report_round,
            pair,
            seen=seen or (first.version, second.version),
            reason=reason,
            actor=office,
            at=clock.now(),
        )
        return [row.fy for row in taken]


def parties_of(project: Project) -> tuple[list[str], list[str]]:
    return [row.name for row in project.partners], [row.name for row in project.divisions]


def counted() -> int:
    return sum(one.is_counted for one in ledger.decide(FY, counting_rules.in_force_for(FY)))


def test_parted_reports_have_their_own_parties_again_and_stand_where_they_stood(
    division_staff, forest, office, report_round
):
    first = confirmed(division_staff, office)
    second = reported(forest, partners=[NamedPartner(PartnerKind.NPO, "里山の会"), COMPANY])
    before = (parties_of(first), parties_of(second))
    made_one(report_round, first, second, office)
    assert parties_of(first) == (["里山の会", "木の会社"], ["担当課 三郎の課", "森林課"])

    corrected = part(report_round, first, second, office)

    assert (parties_of(first), parties_of(second)) == before
    assert (first.status, second.status, second.merged_into_id, second.merged_on) == (
        ProjectStatus.COMPLETED,
        ProjectStatus.REPORTED,
        None,
        None,
    )
    assert corrected == []
    assert report_round_pairs.merged_in(FY) == []


def test_history_is_added_and_the_parted_pair_is_not_asked_about_again(division_staff, forest, office, report_round):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    assert counted() == 1

    part(report_round, first, second, office)

    said = [(row.verdict, row.reason) for row in db.session.scalars(select(PairDecision).order_by(PairDecision.id))]
    assert said == [(PairVerdict.SAME, "同じ協定。"), (PairVerdict.DIFFERENT, "協定が2つあった。")]
    [pair] = report_round_pairs.pairs_in(FY)
    assert pair.decision is not None
    assert pair.decision.verdict is PairVerdict.DIFFERENT
    assert counted() == 2
    events = db.session.scalars(
        select(ProjectEvent.action).where(ProjectEvent.project_id == second.id).order_by(ProjectEvent.id)
    ).all()
    assert events == [ProjectAction.REPORT, ProjectAction.CONFIRM, ProjectAction.MERGE, ProjectAction.PART]
    last = report_round_queries.history_of(report_round)[-1]
    assert (last.action, last.actor, last.note) == (
        RoundAction.PART,
        office,
        f"{first.number}・{second.number}\n協定が2つあった。",
    )
    tags = set(db.session.scalars(select(AuditEntry.tag)))
    assert {"office:project:part", "office:report-round:part"} <= tags
    told = db.session.scalars(select(Notice.to_email).where(Notice.kind == "project_parted")).all()
    assert told == [forest.email]


def test_what_was_added_to_the_kept_project_meanwhile_stays(division_staff, forest, office, report_round):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    with transaction():
        facts = report_rounds.facts_today(first)
        partners = [*facts.partners, NamedPartner(PartnerKind.NPO, "川の会")]
        service.edit(first, replace(facts, partners=partners), actor=office, at=clock.now())

    part(report_round, first, second, office)

    assert parties_of(first) == (["里山の会", "川の会"], ["担当課 三郎の課"])


def test_a_stalled_report_can_be_made_one_and_stands_where_it_stood_before(
    division_staff, forest, office, report_round
):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    with transaction():
        second.status = ProjectStatus.IN_PROGRESS
        service.edit(second, report_rounds.facts_today(second), actor=office, at=clock.now())
        lifecycle.stall(
            second, key="", name="県議会", since_on=clock.today(), reason="審議。", actor=office, at=clock.now()
        )
    made_one(report_round, first, second, office)

    part(report_round, first, second, office)

    assert (second.status, second.stalled_from) == (ProjectStatus.IN_PROGRESS, None)


def test_after_closing_parting_is_a_correction_with_the_reason(division_staff, forest, office, report_round):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    with transaction():
        version = report_round.version
        round_closing.close(report_round, version=version, reason="期限。", actor=office, at=clock.now())

    corrected = part(report_round, first, second, office)

    kept = [(row.kind, row.value, row.reason) for row in indicators.list_snapshots(FY)]
    reason = f"{first.number} と {second.number} を分けた：協定が2つあった。"
    assert (corrected, kept) == ([FY], [(SnapshotKind.CORRECTION, 2, reason), (SnapshotKind.CLOSING, 1, "")])


def test_reports_parted_meanwhile_or_changed_since_they_were_seen_are_not_parted(
    division_staff, forest, office, report_round
):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    pair = report_round_pairs.find_merged(FY, first.number, second.number)
    with pytest.raises(EditConflict):
        part(report_round, first, second, office, seen=(first.version, second.version - 1))
    with pytest.raises(DomainError, match="理由"):
        part(report_round, first, second, office, reason="  ")
    part(report_round, first, second, office)
    with pytest.raises(RoundRefused, match="もう分けられています"), transaction():
        seen = (first.version, second.version)
        report_round_pairs.part(report_round, pair, seen=seen, reason="もう一度。", actor=office, at=clock.now())


def test_a_kept_project_that_was_merged_itself_is_parted_first(division_staff, forest, office, report_round):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    other = confirmed(division_staff, office, "川の清掃")
    made_one(report_round, first, second, office)
    with transaction():
        continuing.merge(first, other, on=first.starts_on, reason="まとめる。", actor=office, at=clock.now())
    with pytest.raises(RoundRefused, match=f"{other.number}に統合されています"):
        part(report_round, first, second, office)


def test_a_merger_older_than_the_history_is_parted_and_the_kept_project_keeps_all_parties(
    division_staff, forest, office, report_round
):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    with transaction():
        db.session.execute(delete(ProjectState))

    part(report_round, first, second, office)

    assert (second.status, parties_of(first)[1]) == (ProjectStatus.COMPLETED, ["担当課 三郎の課", "森林課"])


def test_the_page_says_what_parting_does_asks_why_and_keeps_what_was_typed(
    office_client, division_staff, forest, office, report_round
):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    address = f"{PAIRS}/{first.number}/{second.number}/part"
    assert address in office_client.get(PAIRS).text
    page = office_client.get(address)
    said = main_text(page.text)
    assert f"{second.number}は{first.number}と同じ事業としてまとめられています：同じ協定。" in said

    empty = office_client.post(address, data=field_values(page.text) | {"reason": ""})
    stale = office_client.post(address, data=field_values(page.text) | {"reason": "別の協定。", "first_version": "1"})
    done = office_client.post(address, data=field_values(stale.text) | {"reason": "別の協定。"})

    assert (empty.status_code, "分ける理由を入力してください" in main_text(empty.text)) == (422, True)
    assert (stale.status_code, "別の協定。" in stale.text) == (409, True)
    assert (done.status_code, done.location) == (303, PAIRS)
    assert "2つの事業に分けました。" in main_text(office_client.get(PAIRS).text)
    assert office_client.get(address).status_code == 404


def test_the_page_of_a_closed_year_says_that_the_count_is_corrected(
    office_client, division_staff, forest, office, report_round
):
    first, second = confirmed(division_staff, office), confirmed(forest, office)
    made_one(report_round, first, second, office)
    with transaction():
        version = report_round.version
        round_closing.close(report_round, version=version, reason="期限。", actor=office, at=clock.now())

    page = office_client.get(f"{PAIRS}/{first.number}/{second.number}/part").text

    assert "は確定しています。分けると、この理由をつけた訂正として、もう一度数えます。" in main_text(page)


def test_the_list_of_merged_pairs_costs_a_fixed_number_of_queries(
    office_client, division_staff, forest, office, report_round
):
    made_one(report_round, reported(division_staff, "川の清掃"), reported(forest, "川の清掃"), office)
    with counted_queries() as few:
        office_client.get(PAIRS)
    for title in ("海の清掃", "森の清掃"):
        made_one(report_round, reported(division_staff, title), reported(forest, title), office)
    with counted_queries() as many:
        office_client.get(PAIRS)
    assert len(few) == len(many)


@pytest.mark.parametrize("who", ["division_client", "npo_client", "approver_client"])
def test_others_may_not_part_reports(who, request):
    assert request.getfixturevalue(who).get(f"{PAIRS}/{CODE}-P001/{CODE}-P002/part").status_code == 403
