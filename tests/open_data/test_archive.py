"""What was published on a day stays under the day's address, byte by byte; what must go, goes with a reason."""

import csv
import gzip
import io
import json
from base64 import b64decode
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.open_data import archive
from matchmaker.open_data.archive import Neighbours
from matchmaker.open_data.archive_models import ArchivedFile
from matchmaker.open_data.datasets import DATASETS, ORGANISATIONS
from matchmaker.open_data.writing import WRITERS
from tests.support.at_once import results_at_once
from tests.support.pages import main_text
from tests.support.queries import counted_queries

BASE = "http://localhost"
FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 4)
FILES = [(dataset.key, ending) for dataset in DATASETS for ending in WRITERS]


@pytest.fixture(autouse=True)
def _own_files(app, tmp_path, monkeypatch):
    """The stored files of one test."""
    monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path / "uploads"))


@pytest.fixture
def stored(app) -> Path:
    return Path(app.config["UPLOAD_FOLDER"])


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def bytes_of(client, on: date, name: str) -> bytes:
    response = client.get(f"/open-data/{on}/{name}", buffered=True)
    assert response.status_code == 200
    return response.data


def ids_of(client, on: date) -> dict[str, list[str]]:
    """The ids of the organisations of a day, by format."""
    rows = list(csv.reader(io.StringIO(bytes_of(client, on, "organisations.csv").decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(client, on, "organisations.xlsx")))
    return {
        "csv": [row[0] for row in rows[1:]],
        "json": [row["id"] for row in json.loads(bytes_of(client, on, "organisations.json"))],
        "xlsx": [row[0] for row in book.get_sheet_by_index(0).to_python()[1:]],
    }


# What stays


@pytest.mark.parametrize(("key", "ending"), FILES)
def test_a_day_keeps_the_bytes_that_were_published(key, ending, registry, npo, client):
    published = client.get(f"/open-data/{key}.{ending}", buffered=True).data
    archive.keep(FIRST, BASE)
    with transaction():
        npo.name, registry.title = "新しい名前の会", "新しい題名"

    response = client.get(f"/open-data/{FIRST}/{key}.{ending}", buffered=True)

    digest = sha256(published).digest()
    assert response.data == published
    assert response.headers["Repr-Digest"].startswith("sha-256=:")
    assert b64decode(response.headers["Repr-Digest"][9:-1]) == digest
    assert response.headers["Content-Disposition"] == f'attachment; filename="{key}-{FIRST}.{ending}"'
    assert int(response.headers["Content-Length"]) == len(published)


def test_every_file_of_the_catalogue_is_kept_and_counted(registry, session):
    assert archive.keep(FIRST, BASE) == len(FILES)
    rows = archive.list_files(FIRST)
    assert [(row.dataset, row.ending) for row in rows] == FILES
    assert {row.dataset: row.row_count for row in rows} == {dataset.key: dataset.count() for dataset in DATASETS}


def test_an_unchanged_day_points_to_the_same_files(registry, npo, stored):
    archive.keep(FIRST, BASE)
    before = names_in(stored)
    archive.keep(SECOND, BASE)
    assert names_in(stored) == before
    assert [row.sha256 for row in archive.list_files(SECOND)] == [row.sha256 for row in archive.list_files(FIRST)]

    with transaction():
        npo.website = "https://example.jp/"
    archive.keep(THIRD, BASE)

    assert len(names_in(stored) - before) == len(WRITERS)


def test_a_second_run_of_a_day_changes_nothing(registry, npo, stored, client):
    archive.keep(FIRST, BASE)
    before, published = names_in(stored), bytes_of(client, FIRST, "organisations.csv")
    with transaction():
        npo.name = "新しい名前の会"

    assert archive.keep(FIRST, BASE) == 0
    assert (names_in(stored), bytes_of(client, FIRST, "organisations.csv")) == (before, published)


def test_two_runs_at_once_keep_each_file_once(app, registry):
    new = results_at_once(app, [lambda: archive.keep(FIRST, BASE)] * 2)
    assert sum(new) == len(FILES)
    assert {(row.dataset, row.ending) for row in archive.list_files(FIRST)} == set(FILES)
    assert archive.faults() == []


def test_stored_files_are_packed_and_bear_their_digest(registry, stored):
    archive.keep(FIRST, BASE)
    for path in stored.iterdir():
        assert sha256(gzip.decompress(path.read_bytes())).hexdigest() == path.name


def test_a_known_copy_is_not_sent_again(registry, client):
    archive.keep(FIRST, BASE)
    address = f"/open-data/{FIRST}/projects.csv"
    first = client.get(address, buffered=True)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


# What is not there


def test_a_day_without_files_says_so_and_leads_to_the_nearest_days(registry, client):
    for on in (FIRST, THIRD):
        archive.keep(on, BASE)
    for address in ("2026-11-03", "2026-11-03/organisations.csv", "2026-11-03/nothing.json"):
        response = client.get(f"/open-data/{address}")
        assert response.status_code == 404
        text = main_text(response.text)
        assert "令和8年11月3日のデータはありません" in text
        assert "その前でいちばん近い日： 令和8年11月1日" in text
        assert "そのあとでいちばん近い日： 令和8年11月4日" in text


def test_without_any_day_the_nearest_are_none(database):
    assert archive.neighbours(FIRST) == Neighbours(before=None, after=None)


@pytest.mark.parametrize("address", ["2026-02-30", "2026-02-30/organisations.csv", "2026-11-01/organisations.pdf"])
def test_what_is_no_day_or_no_format_is_not_found(address, database, client):
    assert client.get(f"/open-data/{address}").status_code == 404


# Withdrawing


def test_a_record_is_taken_out_of_every_day_and_format_and_the_reason_is_beside_it(registry, npo, company, client):
    for on in (FIRST, SECOND):
        archive.keep(on, BASE)
    was = archive.find(FIRST, "organisations", "csv").sha256

    changed = archive.withdraw(ORGANISATIONS, npo.number, reason="個人の名前がふくまれていたため", at=clock.now())

    assert changed == 2 * len(WRITERS)
    for on in (FIRST, SECOND):
        assert ids_of(client, on) == {ending: [company.number] for ending in WRITERS}
        row = archive.find(on, "organisations", "csv")
        assert (row.row_count, row.published_sha256) == (1, was)
        assert row.sha256 == sha256(bytes_of(client, on, "organisations.csv")).hexdigest() != was
        text = main_text(client.get(f"/open-data/{on}").text)
        assert text.count("に直しました。理由：個人の名前がふくまれていたため") == 1
        assert was in text


def test_what_is_left_is_as_it_was(registry, npo, company, client):
    archive.keep(FIRST, BASE)
    lines = {name: bytes_of(client, FIRST, name).splitlines() for name in ("organisations.csv", "organisations.json")}
    book = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(client, FIRST, "organisations.xlsx")))
    header, *rows = book.get_sheet_by_index(0).to_python()

    archive.withdraw(ORGANISATIONS, npo.number, reason="理由", at=clock.now())

    head, _npo, last = lines["organisations.csv"]
    assert bytes_of(client, FIRST, "organisations.csv").splitlines() == [head, last]
    opening, _npo, last, closing = lines["organisations.json"]
    assert bytes_of(client, FIRST, "organisations.json").splitlines() == [opening, last, closing]
    again = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(client, FIRST, "organisations.xlsx")))
    assert again.get_sheet_by_index(0).to_python() == [header, rows[1]]


def test_the_earlier_bytes_are_gone(registry, npo, stored):
    archive.keep(FIRST, BASE)
    before = names_in(stored)
    archive.withdraw(ORGANISATIONS, npo.number, reason="理由", at=clock.now())
    found = b"".join(gzip.decompress(path.read_bytes()) for path in stored.iterdir() if path.name not in before)
    assert npo.number.encode() not in found
    assert len(names_in(stored)) == len(before)
    assert len(names_in(stored) & before) == len(before) - len(WRITERS)


def test_a_second_withdrawal_keeps_the_first_reason(registry, npo, company):
    archive.keep(FIRST, BASE)
    for organisation, reason in ((npo, "一つめ"), (company, "二つめ")):
        archive.withdraw(ORGANISATIONS, organisation.number, reason=reason, at=clock.now())
    assert archive.find(FIRST, "organisations", "json").correction_reason == "一つめ\n二つめ"


def test_numbers_stay_numbers_when_a_row_beside_them_goes(registry, session, client):
    archive.keep(FIRST, BASE)
    figures = next(dataset for dataset in DATASETS if dataset.key == "indicator-figures")
    before = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(client, FIRST, "indicator-figures.xlsx")))
    archive.withdraw(figures, "1", reason="理由", at=clock.now())
    after = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(client, FIRST, "indicator-figures.xlsx")))
    header, first, *rest = before.get_sheet_by_index(0).to_python()
    assert first[0] == "1"
    assert after.get_sheet_by_index(0).to_python() == [header, *rest]


def test_it_is_on_record(registry, npo, session):
    archive.keep(FIRST, BASE)
    archive.withdraw(ORGANISATIONS, npo.number, reason="理由", at=clock.now())
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.tag, entry.subject, entry.detail) == (
        "system:open-data:withdraw",
        f"organisations {npo.number}",
        {"files": len(WRITERS), "reason": "理由"},
    )


def test_nothing_goes_without_a_reason(registry, npo, client):
    archive.keep(FIRST, BASE)
    published = bytes_of(client, FIRST, "organisations.csv")
    with pytest.raises(archive.ReasonMissing):
        archive.withdraw(ORGANISATIONS, npo.number, reason="  ", at=clock.now())
    assert bytes_of(client, FIRST, "organisations.csv") == published


def test_a_record_that_no_day_holds_is_refused_and_leaves_no_file(registry, stored):
    archive.keep(FIRST, BASE)
    before = names_in(stored)
    with pytest.raises(archive.NothingToWithdraw):
        archive.withdraw(ORGANISATIONS, "O-9999", reason="理由", at=clock.now())
    assert names_in(stored) == before


def test_the_database_refuses_other_bytes_without_a_reason(registry, session):
    archive.keep(FIRST, BASE)
    with pytest.raises(Exception, match="only_corrections_differ"), transaction():
        session.execute(update(ArchivedFile).values(sha256="0" * 64))


# Proof


def test_a_file_that_is_gone_or_changed_is_found(registry, stored):
    archive.keep(FIRST, BASE)
    assert archive.faults() == []
    gone, changed, cut, *_others = sorted(stored.iterdir())
    gone.unlink()
    changed.write_bytes(gzip.compress(b"something else"))
    cut.write_bytes(cut.read_bytes()[:-10])
    assert archive.faults() == [gone.name, changed.name, cut.name]


# Commands and pages


def test_the_commands_keep_prove_and_withdraw(app, registry, npo):
    run = app.test_cli_runner().invoke
    today = clock.today()
    assert run(args=["open-data", "archive"]).output == f"{today}: {len(FILES)} files kept\n"
    assert run(args=["open-data", "archive"]).output == f"{today}: 0 files kept\n"
    withdrawn = run(args=["open-data", "withdraw", "organisations", npo.number, "--reason", "理由"])
    assert withdrawn.output == f"organisations {npo.number}: taken out of 3 files\n"
    assert run(args=["open-data", "verify"]).output == "0 faults\n"
    again = run(args=["open-data", "withdraw", "organisations", npo.number, "--reason", "理由"])
    assert (again.exit_code, again.output) == (1, "Error: その番号は、どの日の控えにもありません。\n")


def test_the_catalogue_and_the_list_name_the_days_newest_first(registry, client):
    empty = client.get("/open-data/days")
    assert "まだ、どの日のデータも残していません" in main_text(empty.text)
    for on in (FIRST, SECOND, THIRD):
        archive.keep(on, BASE)
    for address in ("/open-data", "/open-data/days"):
        text = client.get(address).text
        places = [text.index(f'href="/open-data/{on}"') for on in (THIRD, SECOND, FIRST)]
        assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_of_days_costs_a_fixed_number_of_queries(count, registry, client):
    with transaction():
        for number in range(count):
            values = {"sha256": "0" * 64, "published_sha256": "0" * 64, "size_bytes": 1, "row_count": 0}
            archive.insert_new(
                ArchivedFile,
                [
                    {"published_on": FIRST + timedelta(days=number), "dataset": "projects", "ending": "csv"}
                    | values
                    | {"correction_reason": ""}
                ],
            )
    client.get("/open-data/days")
    with counted_queries() as statements:
        client.get("/open-data/days")
    assert len(statements) == 4
