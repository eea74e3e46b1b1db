import hashlib
import io
from pathlib import Path

import pytest
from flask import current_app

from matchmaker.attachments import service
from matchmaker.attachments.models import Attachment
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from tests.support.files import PDF


def files():
    return sorted(path.name for path in Path(current_app.config["UPLOAD_FOLDER"]).glob("*"))


@pytest.fixture(autouse=True)
def empty_folder(database):
    for name in files():
        service.discard(name)


def test_a_good_file_is_written_under_a_name_of_our_own():
    with service.received("事業計画書（令和７年度）髙橋.pdf", io.BytesIO(PDF)) as stored:
        pass

    assert (stored.file_name, stored.media_type, stored.size_bytes, stored.sha256) == (
        "事業計画書（令和７年度）髙橋.pdf",
        "application/pdf",
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
    )
    assert files() == [stored.stored_name]
    assert service.path_of(stored.stored_name).read_bytes() == PDF


def test_a_bad_file_is_told_why_and_leaves_nothing():
    with (
        pytest.raises(service.UploadRefused, match="受け付けていない種類です"),
        service.received("x.exe", io.BytesIO(PDF)),
    ):
        pass
    assert files() == []


def test_a_file_whose_record_fails_is_removed_again():
    with pytest.raises(RuntimeError, match="no record"), service.received("x.pdf", io.BytesIO(PDF)):
        assert len(files()) == 1
        raise RuntimeError("no record")
    assert files() == []


def test_a_full_organisation_is_told_so_and_the_file_is_removed(npo, npo_member, monkeypatch):
    monkeypatch.setattr(service, "QUOTA_BYTES", 2 * len(PDF))

    def add():
        with service.received("x.pdf", io.BytesIO(PDF)) as stored, transaction():
            service.record(stored, organisation_id=npo.id, uploaded_by_id=npo_member.id, at=clock.now())

    add()
    add()
    with pytest.raises(service.QuotaReached):
        add()
    assert db.session.query(Attachment).count() == 2
    assert len(files()) == 2
