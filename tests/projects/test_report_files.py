"""Files of a report: pictures and PDF of the partners, while it is written, for the parties only."""

import io
from datetime import timedelta

import pytest

from matchmaker.attachments import service as attachments
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import delivery, report_files
from matchmaker.projects.delivery_terms import ReportKind
from tests.support import files, records
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.projects import TODAY, born, in_progress, staff_of
from tests.support.queries import counted_queries
from tests.support.records import LONG_AGO


@pytest.fixture
def running(npo, npo_member, approver, office):
    """A running project with a report that is due, and somebody of its division."""
    division = records.division()
    project, officer = in_progress(born(npo, approver, division), office), staff_of(division, "環境 五郎")
    with transaction():
        report = delivery.ask_for_report(
            project, ReportKind.PROGRESS, TODAY + timedelta(days=5), actor=officer, at=LONG_AGO
        )
    return project, report, officer


def sent(client, address: str, name: str, content: bytes):
    return client.post(f"{address}/files", data={"file": (io.BytesIO(content), name)})


def address_of(project, report) -> str:
    return f"/projects/{project.number}/reports/{report.number}"


def test_a_partner_adds_files_that_the_prefecture_can_save_and_takes_one_away(app, running, npo_client, session):
    project, report, officer = running
    address, division_client = address_of(project, report), sign_in(app.test_client(), officer)

    answers = [sent(npo_client, address, "写真.png", files.png()), sent(npo_client, address, "領収書.pdf", files.PDF)]

    assert [answer.status_code for answer in answers] == [303, 303]
    links = [link["href"] for link in parse(division_client.get(address).text).select(".card__title a")]
    saved = []
    for link in links:
        with division_client.get(link) as one:
            saved.append((one.status_code, one.mimetype, one.data, "sandbox" in one.headers["Content-Security-Policy"]))
    assert saved == [(200, "image/png", files.png(), True), (200, "application/pdf", files.PDF, True)]
    stored = attachments.path_of(report.files[0].stored_name)
    assert npo_client.post(f"{links[0]}/remove").status_code == 303
    session.refresh(report)
    assert ([kept.file_name for kept in report.files], stored.exists()) == (["領収書.pdf"], False)


def test_what_is_no_picture_or_pdf_or_is_there_already_is_refused_beside_the_field(running, npo_client):
    project, report, _officer = running
    address = address_of(project, report)
    sent(npo_client, address, "領収書.pdf", files.PDF)

    wrong = [
        sent(npo_client, address, "予算.docx", files.office("docx")),
        sent(npo_client, address, "領収書.pdf", files.PDF),
        sent(npo_client, address, "にせもの.png", b"text"),
        npo_client.post(f"{address}/files", data={}),
    ]

    assert [(one.status_code, list(errors_beside_fields(one.text))) for one in wrong] == [(422, ["file"])] * 4
    assert "報告に添えられるのは、PDF、PNG、JPEGです。" in main_text(wrong[0].text)


def test_strangers_find_no_file_and_the_prefecture_and_late_comers_add_none(
    app, running, npo_client, npo_member, other_npo_member, session
):
    project, report, officer = running
    address, division_client = address_of(project, report), sign_in(app.test_client(), officer)
    sent(npo_client, address, "写真.png", files.png())
    [kept] = report.files
    stranger = sign_in(app.test_client(), other_npo_member)

    refused = [
        stranger.get(f"{address}/files/{kept.public_id}").status_code,
        division_client.get(f"{address}/files/{'0' * 32}").status_code,
        sent(division_client, address, "図.png", files.png()).status_code,
        division_client.post(f"{address}/files/{kept.public_id}/remove").status_code,
    ]
    words = delivery.ReportText(done="開いた。", results="30人。")
    with transaction():
        delivery.send(report, project, words, version=report.version, actor=npo_member, at=LONG_AGO)
    late = sent(npo_client, address, "図.png", files.png()).status_code

    assert (refused, late) == ([403, 404, 403, 403], 409)
    assert not report_files.may_attach(report, project, npo_member)
    assert "ファイルを添える" not in main_text(npo_client.get(address).text)


def test_a_report_with_files_costs_the_same_for_one_and_for_three(running, npo_client):
    project, report, _officer = running
    address, counts = address_of(project, report), []
    for width in (10, 11, 12):
        sent(npo_client, address, f"{width}.png", files.png(width))
        with counted_queries() as asked:
            npo_client.get(address)
        counts.append(len(asked))

    assert counts[0] == counts[2]
