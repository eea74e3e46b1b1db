"""Open data: every format says the same, nothing leaves that no field names, and programs get clear answers."""

import csv
import io
import json
import tracemalloc
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from sqlalchemy import insert
from sqlalchemy import text as sql

from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.tables import safe_cell
from matchmaker.foundation.transaction import transaction
from matchmaker.open_data import openapi
from matchmaker.open_data.datasets import DATASETS, ORGANISATIONS, Dataset
from matchmaker.open_data.fields import cell
from matchmaker.open_data.writing import WRITERS
from matchmaker.projects import service as projects
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.call_models import Call, CallStage, StageKind
from tests.support import records
from tests.support.pages import main_text
from tests.support.queries import counted_queries

KEYS = [dataset.key for dataset in DATASETS]
BASE = "http://localhost"
ATOM = "{http://www.w3.org/2005/Atom}"


def rows_of_csv(client, key: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"/open-data/{key}.csv", buffered=True).data.decode("utf-8-sig"))))


def items_of(client, key: str) -> list[dict[str, Any]]:
    return json.loads(client.get(f"/api/v1/{key}").data)["items"]


# One content in every format


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_every_format_has_the_same_rows(dataset: Dataset, registry, client):
    rows = list(dataset.every(BASE))
    assert len(rows) == dataset.count() > 0

    header, *lines = rows_of_csv(client, dataset.key)
    assert header == [field.label for field in dataset.fields]
    assert lines == [[str(safe_cell(cell(row[field.key]))) for field in dataset.fields] for row in rows]
    from_json = json.loads(client.get(f"/open-data/{dataset.key}.json", buffered=True).data)
    assert from_json == items_of(client, dataset.key)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/open-data/{dataset.key}.xlsx", buffered=True).data))
    assert len(sheet.get_sheet_by_index(0).to_python()) == len(rows) + 1
    assert f"{len(rows)}件" in main_text(client.get(f"/open-data/{dataset.key}").text)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_a_reader_fills_exactly_the_fields_of_its_dataset(dataset: Dataset, registry):
    for row in dataset.every(BASE):
        assert list(row) == [field.key for field in dataset.fields]
        empty = {field.key for field in dataset.fields if row[field.key] is None}
        assert empty <= {field.key for field in dataset.fields if field.may_be_empty}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_every_row_is_found_by_its_id(dataset: Dataset, registry, client):
    for item in items_of(client, dataset.key):
        assert json.loads(client.get(f"/api/v1/{dataset.key}/{item['id']}").data) == item


def test_the_sum_of_the_members_is_the_figure(registry, client):
    members = items_of(client, "indicator-members")
    assert [row["project_id"] for row in members] == [registry.number, "R8-P002"]
    assert "2 事業" in main_text(client.get("/indicators/npo-prefecture-projects/R8").text)


# What stays inside


def test_nothing_that_is_not_public_leaves_in_any_format(registry, client):
    secrets = ["ひみつの下書き", "取り下げた提案", "連絡先の名前", "059-000-1111", "確認前の報告", "伊勢湾の海を守る会"]
    for dataset in DATASETS:
        for address in (f"/open-data/{dataset.key}.csv", f"/open-data/{dataset.key}.json", f"/api/v1/{dataset.key}"):
            text = client.get(address, buffered=True).data.decode("utf-8-sig")
            assert [word for word in secrets if word in text] == [], address


def test_an_unpublished_row_is_not_found_by_its_id(registry, npo: Organisation, client):
    draft = records.proposal(npo, status=ProposalStatus.DRAFT, is_published=False)
    assert client.get(f"/api/v1/proposals/{draft.draft_number}").status_code == 404


def test_a_formula_in_a_name_is_a_text_for_every_spreadsheet(npo: Organisation, client):
    with transaction():
        npo.name = "=HYPERLINK(1)"
    assert "'=HYPERLINK(1)" in client.get("/open-data/organisations.csv", buffered=True).data.decode("utf-8-sig")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/open-data/organisations.xlsx", buffered=True).data))
    assert sheet.get_sheet_by_index(0).to_python()[1][1] == "=HYPERLINK(1)"


# For programs


def test_pages_of_a_dataset_follow_each_other_and_end(npo, client):
    for number in range(5):
        records.proposal(npo, status=ProposalStatus.SUBMITTED, title=f"提案{number}")
    titles, address = [], "/api/v1/proposals?per_page=2"
    while address:
        answer = json.loads(client.get(address.removeprefix(BASE)).data)
        titles += [item["title"] for item in answer["items"]]
        address = answer["next"]
    assert titles == [f"提案{number}" for number in range(5)]


def test_a_page_behind_the_last_is_empty(npo, client):
    answer = json.loads(client.get("/api/v1/organisations?page=99").data)
    assert (answer["total"], answer["items"], answer["next"]) == (1, [], None)


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=１", "per_page=101", "per_page=", "page=100001"]
)
def test_a_wrong_number_is_refused_with_a_sentence(query, database, client):
    answer = client.get(f"/api/v1/proposals?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert "整数" in json.loads(answer.data)["error"]


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/projects/R8-P999", "/api/v1/indicator-figures/x"])
def test_what_is_not_there_is_answered_in_json(address, database, client):
    answer = client.get(address)
    assert (answer.status_code, list(json.loads(answer.data))) == (404, ["error"])


def test_a_known_copy_is_not_sent_again(registry, client):
    first = client.get("/api/v1/projects")
    again = client.get("/api/v1/projects", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with transaction():
        registry.title = "新しい名前"
    assert client.get("/api/v1/projects", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_other_sites_may_read(database, client):
    assert client.get("/api/v1/projects").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/projects").headers


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(method, database, client):
    assert getattr(client, method)("/api/v1/projects").status_code == 405


def test_the_document_describes_every_dataset_and_each_answer_obeys_it(registry, client):
    document = json.loads(client.get("/api/v1/openapi.json").data)
    shapes = {"/360giving", "/common-grants/opportunities", "/common-grants/opportunities/{oppId}"}
    assert set(document["paths"]) == {path for key in KEYS for path in (f"/{key}", f"/{key}/{{id}}")} | shapes
    assert document == json.loads(json.dumps(openapi.document(BASE)))
    for dataset in DATASETS:
        properties = document["components"]["schemas"][openapi.schema_name(dataset)]["properties"]
        for item in items_of(client, dataset.key):
            assert {key: _fits(properties[key], value) for key, value in item.items()} == dict.fromkeys(item, True)


def _fits(schema: dict[str, Any], value: Any) -> bool:
    """The types of the document, as far as it uses them."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "null": type(None)}
    return any(isinstance(value, names[kind]) for kind in kinds)


# Pages and cost


def test_the_catalogue_leads_to_every_file_and_to_the_reference(registry, client):
    text = client.get("/open-data").text
    for key in KEYS:
        assert all(f"/open-data/{key}{ending}" in text for ending in ("", ".csv", ".json", ".xlsx"))
    assert "/api/v1/projects" in client.get("/api/v1/").text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("key", ["organisations", "proposals", "projects"])
def test_a_page_of_the_interface_costs_a_fixed_number_of_queries(key, count, npo, approver, client):
    for number in range(count):
        records.organisation(npo.side, name=f"団体{number}")
        proposal = records.proposal(npo, status=ProposalStatus.ADOPTED)
        with transaction():
            projects.open_from(proposal, actor=approver, at=clock.now())
    client.get(f"/api/v1/{key}")
    with counted_queries() as statements:
        client.get(f"/api/v1/{key}")
    assert len(statements) == QUERIES[key]


QUERIES = {"organisations": 4, "proposals": 8, "projects": 5}


@pytest.mark.parametrize("ending", WRITERS)
def test_a_long_file_takes_no_more_memory_than_a_shorter_one(ending, npo, session):
    """Both are longer than what stands in memory at once (``AT_ONCE``), the second four times as long."""
    table, peaks = Organisation.__table__, []
    row = dict(session.execute(table.select().where(table.c.id == npo.id)).mappings().one())
    for first, last in ((1, 1500), (1500, 6000)):
        numbers = range(first, last)
        with transaction():
            others = [{"id": n + 10, "number": f"O-{n + 1000}", "corporate_number": None} for n in numbers]
            session.execute(insert(Organisation), [row | other for other in others])
            # PostgreSQL would go on checking each reference as in a table of a few rows.
            session.execute(sql("ANALYZE organisation"))
        tracemalloc.start()
        for _piece in WRITERS[ending](ORGANISATIONS, ORGANISATIONS.every(BASE)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


# Feeds


def test_the_feed_of_proposals_is_xml_and_names_only_public_ones(registry, client):
    feed = ElementTree.fromstring(client.get("/feeds/proposals.atom").data)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert (titles, feed.findtext(f"{ATOM}id")) == (["公開の提案"], f"{BASE}/feeds/proposals.atom")


def test_the_calendar_holds_opening_deadline_and_stages_and_takes_back_a_cancelled_call(office, client):
    opens = datetime(2026, 4, 1, tzinfo=clock.JAPAN)
    values = {"fiscal_year_fy": 2026, "opens_at": opens, "created_at": opens}
    with transaction():
        for number, cancelled_at in (("R8-C1", None), ("R8-C2", opens)):
            call = Call(
                number=number,
                title=f"募集{number}",
                closes_at=datetime(2026, 5, 8, 23, 59, tzinfo=clock.JAPAN),
                published_at=opens,
                cancelled_at=cancelled_at,
                cancel_reason="理由" if cancelled_at else "",
                stages=[CallStage(kind=StageKind.PRESENTATION, held_on=date(2026, 6, 1), place="アスト津")],
                **values,
            )
            db.session.add(call)
        db.session.add(Call(number="R8-C3", title="ひみつの下書き", closes_at=opens + timedelta(days=9), **values))

    events = Calendar.from_ical(client.get("/feeds/calls.ics").data).walk("VEVENT")

    assert [str(event["uid"]) for event in events] == [
        f"{number}-{name}@localhost" for number in ("R8-C1", "R8-C2") for name in ("opens", "closes", "presentation")
    ]
    assert [str(event.get("status", "")) for event in events] == [""] * 3 + ["CANCELLED"] * 3
    assert events[1].decoded("dtend") == datetime(2026, 5, 8, 23, 59, tzinfo=clock.JAPAN)
    assert str(events[2]["location"]) == "アスト津"
