from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger, queries, service
from matchmaker.indicators.catalogue import CERTIFIED, DONATIONS, INDICATORS, PARTICIPATION, PROJECTS
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.models import FigureState, Measure, OfficialFigure
from matchmaker.projects.models import Project, ProjectDivision, ProjectEvent, ProjectPartner
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm


def printed(years: list[queries.OfficialYear]) -> list[tuple[int, Decimal | None, Decimal | None]]:
    return [
        (year.fy, year.target.value if year.target else None, year.actual.value if year.actual else None)
        for year in years
    ]


def test_official_figures_are_those_of_the_policy_and_h26_has_no_target(policy_figures):
    found = {key: printed(years) for key, years in queries.official_years_of().items()}
    assert found == {
        "participation-rate": [
            (2011, None, Decimal("9.5")),
            (2012, Decimal("12.5"), None),
            (2013, Decimal("15.0"), None),
            (2014, None, None),
            (2015, Decimal("20.0"), None),
        ],
        "donations-to-npo-corporations": [
            (2011, None, Decimal(124938)),
            (2012, Decimal(140000), None),
            (2013, Decimal(160000), None),
            (2014, None, None),
            (2015, Decimal(200000), None),
        ],
        "certified-npo-corporations": [
            (2011, None, Decimal(1)),
            (2012, Decimal(5), None),
            (2013, Decimal(10), None),
            (2014, None, None),
            (2015, Decimal(30), None),
        ],
        "npo-prefecture-projects": [
            (2011, None, Decimal(58)),
            (2012, Decimal(65), None),
            (2013, Decimal(70), None),
            (2014, None, None),
            (2015, Decimal(75), None),
        ],
    }


def test_donations_keep_the_year_of_their_data_apart_from_the_year_of_the_report(policy_figures):
    years = queries.official_years(DONATIONS)
    assert [(year.target or year.actual).data_year_label for year in years if year.target or year.actual] == [
        "22年",
        "23年",
        "24年",
        "26年",
    ]


def test_a_correction_is_a_new_row_and_the_newest_approved_row_counts(policy_figures, publish):
    publish(CERTIFIED, 2012, "4")
    publish(CERTIFIED, 2012, "3")
    assert printed(queries.official_years(CERTIFIED))[1] == (2012, Decimal(5), Decimal(3))
    actuals = [row.value for row in queries.list_history(CERTIFIED) if row.measure is Measure.ACTUAL]
    assert actuals == [Decimal(3), Decimal(4), Decimal(1)]


def test_the_same_figure_is_stored_once(policy_figures, office):
    entry = service.Entry(fy=2012, value=Decimal(4), source="報告")
    with transaction():
        service.enter(CERTIFIED, entry, actor=office, at=clock.now())
    with pytest.raises(service.AlreadyEntered), transaction():
        service.enter(CERTIFIED, entry, actor=office, at=clock.now())
    assert len(queries.list_waiting(CERTIFIED)) == 1


def test_a_figure_counts_once_another_person_has_approved_it(policy_figures, office, approver):
    with transaction():
        figure = service.enter(
            CERTIFIED, service.Entry(fy=2012, value=Decimal(4), source="報告"), actor=office, at=clock.now()
        )
    assert printed(queries.official_years(CERTIFIED))[1] == (2012, Decimal(5), None)
    with pytest.raises(service.FigureRefused, match="入力した人は、承認できません"), transaction():
        service.approve(figure, actor=office, at=clock.now())
    with transaction():
        service.approve(figure, actor=approver, at=clock.now())
    assert printed(queries.official_years(CERTIFIED))[1] == (2012, Decimal(5), Decimal(4))
    with pytest.raises(service.FigureRefused, match="もう承認された"), transaction():
        service.approve(figure, actor=approver, at=clock.now())


def test_a_second_entry_waits_until_the_first_is_settled(policy_figures, office):
    with transaction():
        first = service.enter(
            CERTIFIED, service.Entry(fy=2012, value=Decimal(4), source="報告"), actor=office, at=clock.now()
        )
    other = service.Entry(fy=2012, value=Decimal(5), source="報告")
    with pytest.raises(service.FigureRefused, match="承認を待っています"), transaction():
        service.enter(CERTIFIED, other, actor=office, at=clock.now())
    with transaction():
        service.drop(first, actor=office, at=clock.now())
    with transaction():
        service.enter(CERTIFIED, other, actor=office, at=clock.now())
    assert [row.value for row in queries.list_waiting(CERTIFIED)] == [Decimal(5)]


def test_the_database_refuses_an_approval_by_the_person_who_entered(policy_figures, office):
    with transaction():
        figure = service.enter(
            CERTIFIED, service.Entry(fy=2012, value=Decimal(4), source="報告"), actor=office, at=clock.now()
        )
    with pytest.raises(IntegrityError, match="two_people"), transaction():
        figure.state, figure.approved_by_id, figure.approved_at = FigureState.APPROVED, office.id, clock.now()
        db.session.flush()


def test_a_break_is_marked_with_its_note_and_can_be_taken_back(policy_figures, office):
    marked = {"fy": 2014, "actor": office, "at": clock.now()}
    with transaction():
        service.mark_break(PARTICIPATION, is_break=True, note="調査会社が変わった", **marked)
    assert [(row.fy, row.note) for row in queries.breaks_of()[PARTICIPATION.key]] == [(2014, "調査会社が変わった")]
    with transaction():
        service.mark_break(PARTICIPATION, is_break=False, note="年度のまちがい", **marked)
    assert queries.breaks_of() == {indicator.key: [] for indicator in INDICATORS}
    with pytest.raises(service.FigureRefused, match="記録されていません"), transaction():
        service.mark_break(PARTICIPATION, is_break=False, note="もう一度", **marked)


@pytest.mark.parametrize(
    ("measure", "fy", "value"),
    [(Measure.ACTUAL, 2013, 1), (Measure.TARGET, 2014, 10), (Measure.TARGET, 2030, 30)],
)
def test_an_entry_is_compared_with_the_nearest_year_of_its_measure(policy_figures, measure, fy, value):
    assert queries.last_known(CERTIFIED, measure, fy).value == Decimal(value)


def test_years_without_any_figure_still_show_the_columns_of_the_policy(database):
    assert printed(queries.official_years(PARTICIPATION)) == [(fy, None, None) for fy in range(2011, 2016)]


def test_ledger_figure_holds_the_projects_that_the_rule_counts(add_project):
    counted = [add_project(), add_project(form=CollaborationForm.AGREEMENT)]
    sponsored = add_project(form=CollaborationForm.SPONSORSHIP)
    add_project(confirmed_at=None, confirmed_by_id=None, status=ProjectStatus.REPORTED)
    add_project(starts_on=date(2025, 4, 1), ends_on=date(2026, 3, 31))
    figure = queries.latest_snapshots()[2026]
    members, left_out = queries.members_of(figure).items, queries.left_out_of(figure).items
    assert [row.project_number for row in members] == [project.number for project in counted]
    assert [row.project_number for row in left_out] == [sponsored.number]
    assert (figure.value, figure.rule_version) == (2, 1)


def test_ledger_leaves_out_a_project_without_a_division_or_without_an_npo(add_project):
    add_project(divisions=[])
    add_project(partners=[ProjectPartner(kind=PartnerKind.COMPANY, name="会社")])
    assert {fy: row.value for fy, row in queries.latest_snapshots().items()} == {2026: 0}


def test_counting_of_a_project_says_why_for_each_of_its_years(add_project, office):
    project = add_project(
        form=CollaborationForm.CO_HOSTING, starts_on=date(2020, 3, 31), ends_on=date(2020, 4, 1), title="春の集い"
    )
    reason = (
        "ダイバーシティ社会推進課とみえ子ども応援団が「共催」の形で行い、"
        "実施期間（令和2年3月31日～令和2年4月1日）が{year}にかかるため"
    )
    found = [(row.fy, row.is_counted, row.reasons) for row in queries.counting_for(project)[:2]]
    assert found == [
        (2019, True, (reason.format(year="令和元年度"),)),
        (2020, True, (reason.format(year="令和2年度"),)),
    ]
    assert queries.counting_for(project)[-1].reasons == (
        "実施期間（令和2年3月31日～令和2年4月1日）がこの年度にかかっていないため",
    )


def test_counting_names_the_form_that_the_rule_does_not_know(add_project):
    project = add_project(form=CollaborationForm.SPONSORSHIP)
    [year] = [row for row in queries.counting_for(project) if row.fy == 2026]
    assert (year.is_counted, year.reasons) == (False, ("協働の形態が「後援」で、数え方の対象に入っていないため",))


def test_reasons_of_a_project_with_many_parties_name_the_first_and_count_the_rest(add_project):
    names = ["甲の会", "乙の会", "丙の会"]
    project = add_project(partners=[ProjectPartner(kind=PartnerKind.NPO, name=name) for name in names])
    [year] = [row for row in queries.counting_for(project) if row.fy == 2026]
    assert year.reasons[0].startswith("ダイバーシティ社会推進課と甲の会ほか2者が「委託」の形で行い、")


days = st.dates(min_value=date(2022, 1, 1), max_value=date(2028, 12, 31))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.sampled_from(CollaborationForm),
            st.tuples(days, days).map(sorted),
            st.booleans(),
            st.sampled_from(PartnerKind),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_sum_of_the_list_is_the_figure_in_every_year(add_project, office, rows):
    with transaction():
        for table in (CountDecision, LedgerSnapshot, ProjectPartner, ProjectDivision, ProjectEvent, Project):
            db.session.execute(delete(table))
    divisions = add_project(number="R7-P999", confirmed_at=None, confirmed_by_id=None).divisions
    for place, (form, (starts_on, ends_on), is_confirmed, kind, has_division) in enumerate(rows):
        add_project(
            number=f"R9-P{place:03d}",
            form=form,
            form_agreed_on=starts_on if form else None,
            starts_on=starts_on,
            ends_on=ends_on,
            confirmed_at=clock.now() if is_confirmed else None,
            confirmed_by_id=office.id if is_confirmed else None,
            partners=[ProjectPartner(kind=kind, name="相手")],
            divisions=list(divisions) if has_division else [],
        )
    with transaction():
        ledger.take_open_years(actor=None, at=clock.now())
    for snapshot in queries.latest_snapshots().values():
        members = list(queries.list_members(snapshot))
        assert (len(members), {row.is_counted for row in members} - {True}) == (snapshot.value, set())
        assert ledger.faults_of(snapshot) == []


def test_every_indicator_has_figures_with_a_source(policy_figures):
    rows = db.session.scalars(select(OfficialFigure)).all()
    assert {row.indicator for row in rows} == {one.key for one in INDICATORS}
    assert {row.source for row in rows} == {"三重県「平成25年度当初予算 施策別取組概要」施策214"}
    assert sum(row.measure is Measure.ACTUAL for row in rows) == 4
    assert PROJECTS.has_ledger


def test_entering_leaves_a_trace_without_personal_data(policy_figures, office: User):
    from matchmaker.audit.models import AuditEntry

    with transaction():
        service.enter(CERTIFIED, service.Entry(fy=2012, value=Decimal(4), source="報告"), actor=office, at=clock.now())
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.tag, entry.subject, entry.detail["fy"], entry.detail["value"]) == (
        "indicators:figure:enter",
        "certified-npo-corporations",
        2012,
        "4",
    )
