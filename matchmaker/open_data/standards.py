"""Two datasets in the shapes that programs of other countries read: 360Giving (grants) and CommonGrants (calls).

Every function makes a shape from the rows of a dataset and from nothing else, so what ``datasets`` does not name cannot
leave here either. Sources: 360Giving Data Standard, schema and package schema; CommonGrants protocol, OpportunityBase.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from matchmaker.foundation.clock import JAPAN
from matchmaker.open_data.datasets import CALLS, GRANTS, Dataset
from matchmaker.open_data.fields import Row
from matchmaker.open_data.readers import PREFECTURE_ID
from matchmaker.open_data.writing import json_lines

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PREFECTURE = "三重県"
PREFECTURE_WEBSITE = "https://www.pref.mie.lg.jp/"

_STATUSES = {"coming": "forecasted", "open": "open", "closed": "closed", "cancelled": "custom"}


@dataclass(frozen=True, slots=True)
class Standard:
    """One shape: which dataset it shows, under which address of the interface, and what of it has no place there."""

    title: str
    dataset: Dataset
    path: str
    about: str
    description: str
    left_out: str

    @property
    def address(self) -> str:
        return f"/api/v1{self.path}"


GIVING = Standard(
    title="360Givingの形のJSON",
    dataset=GRANTS,
    path="/360giving",
    about="https://standard.threesixtygiving.org/",
    description="イギリスなどで助成の記録を公開するときの標準です。助成1件を grant として書きます。",
    left_out="助成を受ける地域（beneficiaryLocation）、もとの予算の名前（grantProgramme）、支払った額（amountDisbursed）、"
    "公募によるかどうか（fromOpenCall）は、公開しているデータにないので入れていません。"
    "番号は、360Givingに登録した接頭辞ではなく、三重県の法人番号で始まります。amountAwarded は、合意した事業費です。",
)

COMMON_GRANTS = Standard(
    title="CommonGrantsの形のJSON",
    dataset=CALLS,
    path="/common-grants/opportunities",
    about="https://commongrants.org/",
    description="アメリカなどで募集の情報をやりとりするときの取り決めです。募集1件を opportunity として書きます。",
    left_out="予算の額（funding）は、募集ごとに公表していないので入れていません。createdAt は、公表した日時です。"
    "日付と時刻は日本時間で書きます。中止した募集の status は custom です。"
    "審査基準とテーマには決まった項目がないので、customFields に入れています。",
)

STANDARDS: tuple[Standard, ...] = (GIVING, COMMON_GRANTS)


def of_dataset(dataset: Dataset) -> Standard | None:
    """Return the standard in whose shape a dataset can be had too."""
    return next((standard for standard in STANDARDS if standard.dataset is dataset), None)


def grant(row: Row) -> dict[str, Any]:
    """Return a row of ``grants`` as a grant."""
    return {
        "id": f"{PREFECTURE_ID}-{row['id']}",
        "title": row["title"],
        "description": row["description"] or row["title"],
        "currency": "JPY",
        "amountAwarded": row["amount_yen"],
        "awardDate": _iso(row["agreed_on"]),
        "url": row["url"],
        "plannedDates": [{"startDate": _iso(row["starts_on"]), "endDate": _iso(row["ends_on"])}],
        "recipientOrganization": [
            {"id": identity, "name": name}
            for identity, name in zip(_texts(row["recipient_ids"]), _texts(row["recipients"]), strict=True)
        ],
        "fundingOrganization": [
            {"id": PREFECTURE_ID, "name": PREFECTURE, "department": "、".join(_texts(row["divisions"]))}
        ],
    }


def grant_package(rows: Iterable[Row], base_url: str) -> Iterator[bytes]:
    """Yield the package around the grants, row by row. The standard knows no package without a grant."""
    head = {
        "version": "1.1",
        "title": GRANTS.title,
        "description": GRANTS.description,
        "identifier": f"{PREFECTURE_ID}-{GRANTS.key}",
        "publisher": {"identifier": PREFECTURE_ID, "name": PREFECTURE, "website": PREFECTURE_WEBSITE},
        "downloadURL": f"{base_url}{GIVING.address}",
        "accessURL": f"{base_url}/open-data/{GRANTS.key}",
        "license": LICENCE,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "grants": '
    yield from json_lines(json.dumps(grant(row), ensure_ascii=False) for row in rows)
    yield b"}\n"


def opportunity(row: Row) -> dict[str, Any]:
    """Return a row of ``calls`` as an opportunity."""
    stages = {
        "firstReview": ("第1次審査（書類）", row["papers_on"]),
        "presentation": ("第2次審査（公開プレゼンテーション）", row["presentation_on"]),
    }
    opens, closes = _moment(row["opens_at"]), _moment(row["closes_at"])
    period = {
        "name": "募集期間",
        "eventType": "dateRange",
        "startDate": opens.date().isoformat(),
        "startTime": f"{opens:%H:%M:%S}",
        "endDate": closes.date().isoformat(),
        "endTime": f"{closes:%H:%M:%S}",
        "description": "日本時間",
    }
    others = {name: _on(label, day) for name, (label, day) in stages.items() if isinstance(day, date)}
    return {
        "id": opportunity_id(str(row["url"])),
        "title": row["title"],
        "status": _status(row),
        "description": row["aim"] or row["title"],
        "keyDates": {
            "postDate": _at("公表した日", _moment(row["published_at"])),
            "closeDate": _at("締め切り", closes),
            "otherDates": {"applicationPeriod": period} | others,
        },
        "acceptedApplicantTypes": [
            {"value": "custom", "customValue": "NPO", "description": row["eligibility"] or "NPO"},
        ],
        "source": row["url"],
        "customFields": {
            field.key: {
                "name": field.key,
                "fieldType": kind,
                "value": row[field.key],
                "description": field.description or field.label,
            }
            for field in CALLS.fields
            if (kind := _CUSTOM.get(field.key))
        },
        "createdAt": _utc(row["published_at"]),
        "lastModifiedAt": _utc(row["changed_at"]),
    }


_CUSTOM = {
    "id": "string",
    "fiscal_year": "integer",
    "accepts_free_theme": "boolean",
    "themes": "array",
    "criteria": "array",
    "grace_minutes": "integer",
}
"""Fields of a call that the protocol has no name for, with the type under which it takes them."""


def opportunity_id(url: str) -> str:
    """Return the id of a call for the whole world: the protocol takes UUIDs only, and this one never changes.

    >>> opportunity_id("https://kyoso.example.jp/calls/R8-C1")
    'a6df6ff1-f304-5745-9715-7b0a34fe5374'
    """
    return str(uuid5(NAMESPACE_URL, url))


def newest_first(rows: Iterable[Row]) -> Sequence[dict[str, Any]]:
    """Return all opportunities in the order that the protocol asks for; calls are a few in a year."""
    return sorted((opportunity(row) for row in rows), key=lambda one: (one["lastModifiedAt"], one["id"]), reverse=True)


def _status(row: Row) -> dict[str, Any]:
    status = {"value": _STATUSES[str(row["status"])], "description": row["status_label"]}
    if status["value"] == "custom":
        status |= {"customValue": row["status"], "description": f"{row['status_label']}。{row['cancel_reason'] or ''}"}
    return status


def _on(name: str, day: date) -> dict[str, Any]:
    return {"name": name, "eventType": "singleDate", "date": day.isoformat()}


def _at(name: str, moment: datetime) -> dict[str, Any]:
    return _on(name, moment.date()) | {"time": f"{moment:%H:%M:%S}", "description": "日本時間"}


def _iso(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None


def _moment(value: object) -> datetime:
    """The protocol's times have no zone: they are Japan's."""
    if not isinstance(value, datetime):
        raise TypeError("a call has its moments")
    return value.astimezone(JAPAN)


def _utc(value: object) -> str:
    return _moment(value).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _texts(value: object) -> list[str]:
    return value if isinstance(value, list) else []
