import io
import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import progress, report_files
from matchmaker.indicators.catalogue import CERTIFIED, DONATIONS, PARTICIPATION, PROJECTS, Kind
from matchmaker.indicators.progress_degree import ProgressDegree
from matchmaker.indicators.progress_models import ProgressAssessment
from matchmaker.indicators.report import report_of
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("in_fiscal_year_2026")

GOOD = {"degree": "partly", "reason": "目標にはとどかなかったが、協働は増えた。", "after": "0"}


def test_report_prints_the_layout_with_the_year_of_the_data_apart(policy_figures, policy_budgets, publish):
    publish(PARTICIPATION, 2012, "11.9")
    publish(DONATIONS, 2012, "133000", data_year_label="23年")
    content = report_of(2012)
    assert report_files.figures_table(content, Kind.PREFECTURAL) == [
        [
            "目標項目",
            "",
            "平成23年度（現状値）",
            "平成24年度",
            "平成25年度",
            "平成26年度",
            "平成27年度",
            "目標達成状況",
        ],
        [PARTICIPATION.title, "目標値", None, "12.5%", "15.0%", None, "20.0%", "0.95"],
        [PARTICIPATION.title, "実績値", "9.5%", "11.9%", None, None, None, ""],
    ]
    assert report_files.figures_table(content, Kind.ACTIVITY)[1:3] == [
        [
            DONATIONS.title,
            "目標値",
            None,
            "140,000千円\n（23年）",
            "160,000千円\n（24年）",
            None,
            "200,000千円\n（26年）",
            "0.95",
        ],
        [DONATIONS.title, "実績値", "124,938千円\n（22年）", "133,000千円\n（23年）", None, None, None, ""],
    ]


def test_report_has_no_ratio_for_h26_though_an_actual_is_known(policy_figures, publish):
    publish(CERTIFIED, 2014, "9")
    assert {line.indicator.key: line.attained for line in report_of(2014).lines} == {
        "participation-rate": None,
        "donations-to-npo-corporations": None,
        "certified-npo-corporations": None,
        "npo-prefecture-projects": None,
    }


def test_report_of_a_year_does_not_know_later_actuals(policy_figures, publish):
    publish(PROJECTS, 2013, "66")
    lines = {fy: report_of(fy).of_kind(Kind.ACTIVITY)[-1] for fy in (2012, 2013)}
    assert [[year.actual and int(year.actual.value) for year in line.years] for line in lines.values()] == [
        [58, None, None, None, None],
        [58, None, 66, None, None],
    ]
    assert str(lines[2013].attained) == "0.94"


def test_report_puts_the_budgets_beside_the_outcomes(policy_figures, policy_budgets):
    content = report_of(2013)
    assert report_files.outcome_table(content) == [
        ["費用と成果", "平成24年度", "平成25年度"],
        ["予算の合計（千円）", 174504, 81298],
        *[[f"{line.indicator.title}（実績）", None, None] for line in content.lines],
    ]
    assert [row for row in report_files.budget_table(content) if row[0][:5] in {"21401", "21402", "21403"}] == [
        ["21401 県民の社会参画活動への支援", 61440, 57518],
        ["21402 NPOが活発に活動できる環境の充実", 60080, 6468],
        ["21403 NPOとさまざまな主体との「協創」の推進", 52984, 17312],
    ]


def test_page_workbook_and_paper_say_the_same(client, policy_figures, policy_budgets, publish, add_project):
    add_project()
    publish(PROJECTS, 2026, "70")
    page = main_text(client.get("/indicators/report/R8").get_data(as_text=True))
    workbook = client.get("/indicators/report/R8.xlsx")
    paper = client.get("/indicators/report/R8.pdf")
    with zipfile.ZipFile(io.BytesIO(workbook.data)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    for words in ("70事業", "124,938千円", "まだ承認されて", "平成27年度"):
        assert (words in page, words in texts) == (True, True)
    assert "1 事業" in page
    assert "1事業（" in texts
    assert "174,504" in page
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert paper.headers["Content-Disposition"] == "attachment; filename=seika-report-R8.pdf"


def test_paper_is_tagged(policy_figures, policy_budgets):
    assert b"/StructTreeRoot" in report_files.paper(report_of(2013))


def test_report_of_a_year_without_anything_still_is_a_page(client):
    page = client.get("/indicators/report/R8")
    assert page.status_code == 200
    assert "この年度の進展度は、まだ承認されていません。" in page.get_data(as_text=True)
    assert client.get("/indicators/report/R8.pdf").status_code == 200
    assert [client.get(f"/indicators/report/{code}").status_code for code in ("R9", "H22")] == [404, 404]


def test_report_sends_as_many_queries_with_more_figures(client, policy_figures, policy_budgets, publish):
    with counted_queries() as few:
        client.get("/indicators/report/R8")
    for fy in (2012, 2013, 2014):
        publish(CERTIFIED, fy, "5")
    with counted_queries() as more:
        client.get("/indicators/report/R8")
    assert len(few) == len(more)


def test_progress_is_drafted_by_one_person_and_approved_by_another(client, office_client, approver_client):
    answer = office_client.post("/indicators/report/H25/progress", data=GOOD)
    assert (answer.status_code, answer.location) == (303, "/indicators/report/H25")
    assert "ある程度進んだ" not in client.get("/indicators/report/H25").get_data(as_text=True)
    assert "この案を承認する" in approver_client.get("/indicators/report/H25").get_data(as_text=True)
    approver_client.post("/indicators/report/H25/progress/approve", data={"edition": "1"})
    page = main_text(client.get("/indicators/report/H25").get_data(as_text=True))
    assert "ある程度進んだ" in page
    assert "目標にはとどかなかったが、協働は増えた。" in page


def test_a_changed_judgement_is_a_later_version_and_the_approved_one_stands_until_then(office, approver):
    with transaction():
        progress.draft(2013, degree=ProgressDegree.PARTLY, reason="はじめの案", after=0, actor=office, at=clock.now())
    with transaction():
        progress.approve(2013, edition=1, actor=approver, at=clock.now())
    with transaction():
        progress.draft(2013, degree=ProgressDegree.ADVANCED, reason="あとの案", after=1, actor=office, at=clock.now())
    versions = progress.list_versions(2013)
    assert [(one.edition, one.reason) for one in versions] == [(2, "あとの案"), (1, "はじめの案")]
    assert (progress.in_force(versions).edition, progress.waiting(versions).edition) == (1, 2)


def test_the_drafter_may_not_approve_and_neither_does_the_database(office):
    with transaction():
        progress.draft(2013, degree=ProgressDegree.NONE, reason="理由", after=0, actor=office, at=clock.now())
    with pytest.raises(progress.ProgressRefused, match="案を作った人"), transaction():
        progress.approve(2013, edition=1, actor=office, at=clock.now())
    row = db.session.scalars(select(ProgressAssessment)).one()
    with pytest.raises(IntegrityError, match="two_people"), transaction():
        row.approved_by_id, row.approved_at = office.id, clock.now()
        db.session.flush()


def test_an_approver_cannot_approve_what_was_changed_since(office, approver):
    for edition, reason in enumerate(("はじめの案", "あとの案")):
        with transaction():
            progress.draft(
                2013, degree=ProgressDegree.PARTLY, reason=reason, after=edition, actor=office, at=clock.now()
            )
    with pytest.raises(EditConflict), transaction():
        progress.approve(2013, edition=1, actor=approver, at=clock.now())
    assert progress.in_force(progress.list_versions(2013)) is None


def test_two_people_who_write_at_once_see_both_texts_and_lose_none(office_client):
    office_client.post("/indicators/report/H25/progress", data=GOOD)
    mine = {"degree": "little", "reason": "協働は増えなかった。", "after": "0"}
    answer = office_client.post("/indicators/report/H25/progress", data=mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert {"あまり進まなかった", "ある程度進んだ", GOOD["reason"], mine["reason"]} <= set(main_text(page).split()) | {
        one.get_text(strip=True) for one in parse(page).select(".two-texts p")
    }
    resent = {field["name"]: field["value"] for field in parse(page).select("form.post-button input")}
    assert office_client.post("/indicators/report/H25/progress", data=resent).status_code == 303
    assert [one.reason for one in progress.list_versions(2013)] == [mine["reason"], GOOD["reason"]]


@pytest.mark.parametrize(("change", "field"), [({"degree": ""}, "degree"), ({"reason": ""}, "reason")])
def test_a_judgement_without_degree_or_reason_is_not_stored(office_client, change, field):
    answer = office_client.post("/indicators/report/H25/progress", data=GOOD | change)
    assert list(errors_beside_fields(answer.get_data(as_text=True))) == [field]
    assert (answer.status_code, progress.list_versions(2013)) == (422, [])


def test_what_waits_for_approval_stands_on_the_page_of_the_indicators_for_those_it_concerns(
    client, office_client, approver_client, policy_figures
):
    office_client.post("/indicators/report/H25/progress", data=GOOD)
    typed = {"year": "H24", "value": "12.1", "source": "報告"}
    office_client.post("/indicators/participation-rate/enter", data=typed)
    expected = ["/indicators/participation-rate", "/indicators/report/H25"]
    for who, links in ((client, []), (office_client, expected), (approver_client, expected)):
        page = parse(who.get("/indicators").get_data(as_text=True))
        assert [one["href"] for one in page.select("main .notice a")] == links
