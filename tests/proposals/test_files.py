import io
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import current_app
from sqlalchemy import select

from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment
from matchmaker.audit.models import AuditEntry
from matchmaker.foundation.database import db
from matchmaker.proposals import service
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.files import PDF, office
from tests.support.pages import errors_beside_fields, parse

NAME = "事業計画書（令和７年度）髙橋.pdf"


def upload(client, number, *, name=NAME, content=PDF):
    return client.post(f"/proposals/{number}/attachments", data={"file": (io.BytesIO(content), name)})


def status_of(client, address):
    with client.get(address) as response:
        return response.status_code


def kept_files():
    return sorted(path.name for path in Path(current_app.config["UPLOAD_FOLDER"]).glob("*"))


def stored():
    return db.session.scalars(select(Attachment).order_by(Attachment.id)).all()


def address_of(client, number):
    html = parse(client.get(f"/proposals/{number}/attachments").get_data(as_text=True))
    return html.select_one("main .card__title a")["href"]


@pytest.fixture(autouse=True)
def empty_folder(database):
    for name in kept_files():
        attachments.discard(name)


@pytest.fixture
def draft(npo):
    return records.proposal(npo)


def test_a_file_comes_back_as_it_was_under_its_japanese_name_and_cannot_run_in_our_pages(npo_client, draft):
    response = upload(npo_client, "D-0001")
    assert (response.status_code, response.location) == (303, "/proposals/D-0001/attachments")

    with npo_client.get(address_of(npo_client, "D-0001")) as file:
        assert (file.status_code, file.data, file.mimetype) == (200, PDF, "application/pdf")
    disposition = file.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert f"filename*=UTF-8''{quote(NAME)}" in disposition
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"].startswith("sandbox;")
    assert file.headers["Cache-Control"] == "no-store"


def test_the_stored_name_is_ours_and_the_record_says_who_and_what(npo_client, npo_member, npo, draft):
    upload(npo_client, "D-0001", name="../../etc/計画\u202e.pdf")

    [row] = stored()
    assert (row.file_name, row.media_type, row.size_bytes, row.organisation_id, row.uploaded_by_id) == (
        "計画.pdf",
        "application/pdf",
        len(PDF),
        npo.id,
        npo_member.id,
    )
    assert kept_files() == [row.stored_name]
    assert row.public_id != row.stored_name
    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.tag, entry.subject, entry.detail) == ("npo:attachment:add", "D-0001", {"sha256": row.sha256})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.exe", PDF, "受け付けていない種類です"),
        ("x.pdf", b"<html></html>", "中身と名前の終わり（拡張子）が合っていません"),
        ("x.docx", office("xlsx"), "中身と名前の終わり（拡張子）が合っていません"),
        ("x.pdf", b"", "ファイルが空です"),
        ("", PDF, "ファイルを選んでください"),
    ],
)
def test_a_bad_file_is_refused_beside_the_field_and_leaves_nothing(npo_client, draft, name, content, message):
    response = upload(npo_client, "D-0001", name=name, content=content)
    assert response.status_code == 422
    assert message in errors_beside_fields(response.get_data(as_text=True))["file"]
    assert (stored(), kept_files()) == ([], [])


def test_a_form_without_a_file_is_told_so(npo_client, draft):
    response = npo_client.post("/proposals/D-0001/attachments", data={"file": "text"})
    assert errors_beside_fields(response.get_data(as_text=True)) == {"file": "エラー： ファイルを選んでください"}


def test_a_request_beyond_the_limit_is_cut_off(npo_client, draft):
    body = b" " * 22 * 1024 * 1024
    response = npo_client.post(
        "/proposals/D-0001/attachments", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 413
    assert kept_files() == []


def test_the_same_file_twice_is_kept_once(npo_client, draft):
    upload(npo_client, "D-0001")
    assert upload(npo_client, "D-0001").status_code == 422
    assert len(stored()) == len(kept_files()) == 1


def test_an_eleventh_file_is_refused_and_removed(npo_client, draft):
    for number in range(service.MOST_FILES):
        assert upload(npo_client, "D-0001", name=f"{number}.pdf").status_code == 303
    response = upload(npo_client, "D-0001", name="11.pdf")
    assert "10個まで" in errors_beside_fields(response.get_data(as_text=True))["file"]
    assert len(stored()) == len(kept_files()) == 10


def test_the_quota_counts_all_proposals_of_the_organisation(npo_client, npo, draft, monkeypatch):
    monkeypatch.setattr(attachments, "QUOTA_BYTES", len(PDF))
    records.proposal(npo)
    upload(npo_client, "D-0001")
    assert upload(npo_client, "D-0002").status_code == 422
    assert len(stored()) == len(kept_files()) == 1


def test_a_file_goes_with_its_record_while_the_text_may_be_changed(npo_client, draft):
    upload(npo_client, "D-0001")
    address = address_of(npo_client, "D-0001")
    npo_client.post(f"{address}/remove")
    assert (stored(), kept_files()) == ([], [])
    assert npo_client.get(address).status_code == 404


def test_files_of_a_text_that_was_handed_in_stay(npo_client, draft):
    upload(npo_client, "D-0001")
    npo_client.post("/proposals/D-0001/submit")
    address = address_of(npo_client, "R8-0001")
    assert draft.status is ProposalStatus.SUBMITTED
    assert npo_client.post(f"{address}/remove").location == "/proposals/R8-0001"
    assert upload(npo_client, "R8-0001", name="後から.pdf").location == "/proposals/R8-0001"
    assert len(stored()) == len(kept_files()) == 1


def test_only_the_owner_and_those_who_review_get_a_file(
    npo_client, office_client, approver_client, other_npo_client, company_client, division_client, client, npo
):
    records.proposal(npo, is_published=True)
    upload(npo_client, "D-0001")
    address = address_of(npo_client, "D-0001")
    assert [status_of(one, address) for one in (npo_client, office_client, approver_client)] == [200] * 3
    assert [status_of(one, address) for one in (other_npo_client, company_client, division_client)] == [404] * 3
    assert client.get(address).status_code == 302


def test_a_file_is_not_found_under_another_proposal_or_a_made_up_name(npo_client, npo, draft):
    records.proposal(npo)
    upload(npo_client, "D-0001")
    public_id = address_of(npo_client, "D-0001").rpartition("/")[2]
    for address in (
        f"/proposals/D-0002/attachments/{public_id}",
        f"/proposals/D-0001/attachments/{'0' * 32}",
        "/proposals/D-0001/attachments/%00",
        "/proposals/D-0001/attachments/..%2f..%2fetc%2fpasswd",
        f"/proposals/D-0001/attachments/{stored()[0].stored_name}",
    ):
        assert npo_client.get(address).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_a_page_not_a_crash(npo_client, draft):
    upload(npo_client, "D-0001")
    address = address_of(npo_client, "D-0001")
    attachments.discard(stored()[0].stored_name)
    assert npo_client.get(address).status_code == 404
