"""Grants and calls in the shapes of two standards: the fields these demand, in their formats, and nothing else."""

import json
import re
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.open_data.datasets import GRANTS
from matchmaker.open_data.standards import STANDARDS, opportunity_id
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review import calls
from matchmaker.review.call_facts import StageFacts
from matchmaker.review.call_models import CallPhase, StageKind
from tests.support import calling, records
from tests.support import projects as made
from tests.support.pages import main_text

GIVING = "/api/v1/360giving"
OPPORTUNITIES = "/api/v1/common-grants/opportunities"
MIE = "JP-JCN-5000020240001"
FULL_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])")
UTC_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")


def answer(client, address: str):
    response = client.get(address, buffered=True)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return json.loads(response.data)


# 360Giving


def test_a_commission_is_a_grant_with_all_that_the_standard_demands(registry, client):
    package = answer(client, GIVING)

    assert package["grants"] == [
        {
            "id": f"{MIE}-R8-P002",
            "title": "竹林の調査",
            "description": "竹林の広がりを調べます。",
            "currency": "JPY",
            "amountAwarded": 2_400_000,
            "awardDate": "2026-04-01",
            "url": "http://localhost/projects/R8-P002",
            "plannedDates": [{"startDate": "2026-04-01", "endDate": "2027-03-31"}],
            "recipientOrganization": [
                {"id": "JP-JCN-7190005000018", "name": "みえ子ども応援団"},
                {"id": f"{MIE}-里山_の会", "name": "里山 の会"},
            ],
            "fundingOrganization": [
                {"id": MIE, "name": "三重県", "department": "環境生活部 担当課 三郎の課"},
            ],
        }
    ]
    assert FULL_DATE.fullmatch(package["grants"][0]["awardDate"])


def test_the_package_says_who_publishes_it_and_under_which_licence(registry, client):
    package = answer(client, GIVING)

    del package["grants"], package["description"], package["title"]
    assert package == {
        "version": "1.1",
        "identifier": f"{MIE}-grants",
        "publisher": {"identifier": MIE, "name": "三重県", "website": "https://www.pref.mie.lg.jp/"},
        "downloadURL": f"http://localhost{GIVING}",
        "accessURL": "http://localhost/open-data/grants",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert re.fullmatch(r"\d+\.\d+", package["version"])


def test_without_a_grant_there_is_no_package(database, client):
    response = client.get(GIVING)
    assert (response.status_code, json.loads(response.data)) == (404, {"error": "まだ1件もありません"})


def test_the_sum_of_the_grants_is_the_sum_of_the_table(registry, client):
    rows = answer(client, "/api/v1/grants")["items"]
    assert sum(one["amountAwarded"] for one in answer(client, GIVING)["grants"]) == sum(r["amount_yen"] for r in rows)


@pytest.mark.parametrize(
    "change",
    [
        {"form": CollaborationForm.SUBSIDY},
        {"form": CollaborationForm.COST_SHARE},
        {"budget_yen": None},
        {"budget_yen": 0},
        {"status": ProjectStatus.AGREED},
        {"status": ProjectStatus.DISSOLVED},
    ],
    ids=str,
)
def test_what_is_no_settled_commission_is_no_grant(registry, session, change):
    commission = session.query(Project).filter_by(number="R8-P002").one()
    with transaction():
        for name, value in change.items():
            setattr(commission, name, value)

    assert GRANTS.count() == 0


def test_a_commission_is_a_grant_from_its_contract_on(npo, approver, office):
    project = made.agreed(made.born(npo, approver, records.division()), office, **made.COMMISSION)
    with transaction():
        project.budget_yen = 600_000
    assert GRANTS.count() == 0

    with transaction():
        made.lifecycle.contract(project, on=clock.today(), reason="契約した。", actor=office, at=clock.now())

    assert [row["amount_yen"] for row in GRANTS.every("http://localhost")] == [600_000]


def test_an_organisation_outside_the_directory_is_known_by_its_name_alone(registry, npo, session):
    with transaction():
        npo.corporate_number = None
    [row] = GRANTS.every("http://localhost")
    assert row["recipient_ids"] == [f"{MIE}-{npo.number}", f"{MIE}-里山_の会"]


# CommonGrants


def test_a_call_is_an_opportunity_with_all_that_the_protocol_demands(registry, client):
    [one] = answer(client, OPPORTUNITIES)["items"]

    opens_on = clock.today() - timedelta(days=10)
    closes_on = opens_on + timedelta(days=30)
    assert {name: one[name] for name in ("id", "title", "status", "description", "source")} == {
        "id": opportunity_id("http://localhost/calls/R8-C1"),
        "title": "公表した募集",
        "status": {"value": "open", "description": "募集中"},
        "description": "新しい協働の形をさがします。",
        "source": "http://localhost/calls/R8-C1",
    }
    assert one["keyDates"]["closeDate"] == {
        "name": "締め切り",
        "eventType": "singleDate",
        "date": closes_on.isoformat(),
        "time": "23:59:59",
        "description": "日本時間",
    }
    assert one["keyDates"]["otherDates"] == {
        "applicationPeriod": {
            "name": "募集期間",
            "eventType": "dateRange",
            "startDate": opens_on.isoformat(),
            "startTime": "00:00:00",
            "endDate": closes_on.isoformat(),
            "endTime": "23:59:59",
            "description": "日本時間",
        },
        "firstReview": {
            "name": "第1次審査（書類）",
            "eventType": "singleDate",
            "date": (opens_on + timedelta(days=45)).isoformat(),
        },
    }
    assert {name: field["value"] for name, field in one["customFields"].items()} == {
        "id": "R8-C1",
        "fiscal_year": 2026,
        "accepts_free_theme": True,
        "themes": ["T-0001 放課後の学びの場"],
        "criteria": ["課題のとらえ方×2", "実現の見込み×1"],
        "grace_minutes": 30,
    }


def test_the_formats_are_those_of_the_protocol(registry, client):
    [one] = answer(client, OPPORTUNITIES)["items"]

    assert UUID(one["id"]).version == 5
    assert all(UTC_MOMENT.fullmatch(one[name]) for name in ("createdAt", "lastModifiedAt"))
    for event in (one["keyDates"]["postDate"], one["keyDates"]["closeDate"]):
        assert FULL_DATE.fullmatch(event["date"])
        assert TIME.fullmatch(event["time"])
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list}
    for field in one["customFields"].values():
        assert set(field) == {"name", "fieldType", "value", "description"}
        assert type(field["value"]) is kinds[field["fieldType"]]


@pytest.mark.parametrize(
    ("phase", "status"), [(CallPhase.COMING, "forecasted"), (CallPhase.OPEN, "open"), (CallPhase.CLOSED, "closed")]
)
def test_the_phase_of_a_call_is_a_status_of_the_protocol(phase, status, office, client):
    calling.call(office, phase)
    assert answer(client, OPPORTUNITIES)["items"][0]["status"] == {"value": status, "description": phase.label}


def test_a_cancelled_call_stays_with_its_reason(office, client):
    call = calling.call(office)
    with transaction():
        calls.cancel(call, reason="予算がなくなったため。", actor=office, at=clock.now())

    assert answer(client, OPPORTUNITIES)["items"][0]["status"] == {
        "value": "custom",
        "customValue": "cancelled",
        "description": "中止しました。予算がなくなったため。",
    }


def test_what_changed_last_comes_first_and_pages_follow_each_other(office, client):
    first, second = calling.call(office), calling.call(office, title="あとの募集")
    with transaction():
        facts = calls.facts_of(first)
        calls.change(first, facts, version=first.version, reason="直した。", actor=office, at=clock.now())

    pages = [answer(client, f"{OPPORTUNITIES}?page={page}&pageSize=1") for page in (1, 2)]

    assert [page["items"][0]["source"][-5:] for page in pages] == [first.number, second.number]
    assert pages[1]["paginationInfo"] == {"page": 2, "pageSize": 1, "totalItems": 2, "totalPages": 2}
    assert (pages[1]["status"], pages[1]["message"]) == (200, "Success")


def test_one_opportunity_is_found_by_its_id_and_a_draft_is_not(registry, client):
    [one] = answer(client, OPPORTUNITIES)["items"]
    draft = opportunity_id("http://localhost/calls/R8-C2")

    assert answer(client, f"{OPPORTUNITIES}/{one['id']}") == {"status": 200, "message": "Success", "data": one}
    for identity in (draft, "x"):
        refusal = client.get(f"{OPPORTUNITIES}/{identity}")
        assert (refusal.status_code, sorted(json.loads(refusal.data))) == (404, ["errors", "message", "status"])


@pytest.mark.parametrize("query", ["page=0", "pageSize=101", "pageSize=x"])
def test_a_wrong_page_is_refused_in_the_words_of_the_protocol(query, database, client):
    refusal = client.get(f"{OPPORTUNITIES}?{query}")
    assert (refusal.status_code, json.loads(refusal.data)) == (
        400,
        {"status": 400, "message": "page は1以上、pageSize は1から100までの整数にしてください", "errors": []},
    )


# Both


def test_nothing_that_is_not_public_leaves_in_a_shape(registry, client):
    for standard in STANDARDS:
        text = client.get(standard.address, buffered=True).text
        secrets = ["ひみつの募集", "確認前の報告", "連絡先の名前", "059-000-1111"]
        assert [word for word in secrets if word in text] == []


def test_each_shape_is_in_the_catalogue_the_dictionary_and_the_document(registry, client):
    catalogue, document = client.get("/open-data").text, answer(client, "/api/v1/openapi.json")
    for standard in STANDARDS:
        assert f'href="{standard.address}"' in catalogue
        assert standard.left_out in main_text(client.get(f"/open-data/{standard.dataset.key}").text)
        assert standard.path in document["paths"]


def test_the_days_of_a_call_are_days_in_japan(office, client):
    calling.call(office, closes_on=date(2099, 6, 30), stages=(StageFacts(StageKind.PAPERS, date(2099, 8, 1)),))
    [one] = answer(client, OPPORTUNITIES)["items"]
    close = one["keyDates"]["closeDate"]
    assert datetime.fromisoformat(f"{close['date']}T{close['time']}") == datetime(2099, 6, 30, 23, 59, 59)
