"""The OpenAPI document of the read-only interface, made from the datasets. Pure but for them."""

from typing import Any

from matchmaker.open_data.datasets import DATASETS, Dataset
from matchmaker.open_data.fields import schema
from matchmaker.open_data.standards import COMMON_GRANTS, GIVING, Standard

LARGEST_PAGE = 100
USUAL_PAGE = 50
LARGEST_NUMBER = 100_000

_PROBLEM = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object that always has these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _listed(content: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": content} | limits


_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_DAY = {"type": "string", "format": "date"}
_LINK = {"type": "string", "format": "uri"}
_MOMENT = {"type": "string", "format": "date-time"}
_ORGANISATION = _object(id=_TEXT, name=_TEXT)

_GRANT = _object(
    id=_TEXT,
    title=_TEXT,
    description=_TEXT,
    currency={"const": "JPY"},
    amountAwarded={"type": "number"},
    awardDate=_DAY,
    url=_LINK,
    plannedDates=_listed(_object(startDate=_DAY, endDate=_DAY)),
    recipientOrganization=_listed(_ORGANISATION, minItems=1),
    fundingOrganization=_listed(_ORGANISATION, minItems=1),
)
_PACKAGE = _object(version=_TEXT, title=_TEXT, license=_LINK, grants=_listed({"$ref": "#/components/schemas/Grant"}))

_EVENT = {
    "type": "object",
    "properties": {"name": _TEXT, "eventType": {"enum": ["singleDate", "dateRange"]}},
    "required": ["name", "eventType"],
}
_OPPORTUNITY = _object(
    id={"type": "string", "format": "uuid"},
    title=_TEXT,
    status=_object(value={"enum": ["forecasted", "open", "closed", "custom"]}, description=_TEXT),
    description=_TEXT,
    keyDates=_object(postDate=_EVENT, closeDate=_EVENT, otherDates={"type": "object", "additionalProperties": _EVENT}),
    acceptedApplicantTypes=_listed(_object(value=_TEXT, customValue=_TEXT, description=_TEXT)),
    source=_LINK,
    customFields={
        "type": "object",
        "additionalProperties": _object(name=_TEXT, fieldType=_TEXT, value={}, description=_TEXT),
    },
    createdAt=_MOMENT,
    lastModifiedAt=_MOMENT,
)
_OTHER_PROBLEM = _object(status=_WHOLE, message=_TEXT, errors=_listed({}))


def document(base_url: str) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1) for the interface at an address."""
    paths: dict[str, Any] = {}
    for dataset in DATASETS:
        paths[f"/{dataset.key}"] = {"get": _list_operation(dataset)}
        paths[f"/{dataset.key}/{{id}}"] = {"get": _one_operation(dataset)}
    paths[GIVING.path] = {"get": _giving_operation()}
    paths[COMMON_GRANTS.path] = {"get": _opportunities_operation()}
    paths[f"{COMMON_GRANTS.path}/{{oppId}}"] = {"get": _opportunity_operation()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "協創マッチング オープンデータ",
            "version": "1",
            "description": "三重県のNPOと県・企業の協働のデータを読むための窓口です。書き込みはできません。",
            "license": {
                "name": "クリエイティブ・コモンズ 表示 4.0 国際",
                "url": "https://creativecommons.org/licenses/by/4.0/deed.ja",
            },
        },
        "servers": [{"url": f"{base_url}/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": {schema_name(dataset): _row_schema(dataset) for dataset in DATASETS}
            | {"Error": _PROBLEM, "Grant": _GRANT, "Opportunity": _OPPORTUNITY, "CommonGrantsError": _OTHER_PROBLEM}
        },
    }


def _list_operation(dataset: Dataset) -> dict[str, Any]:
    page = {
        "type": "object",
        "properties": {
            "total": {"type": "integer"},
            "page": {"type": "integer"},
            "per_page": {"type": "integer"},
            "next": {"type": ["string", "null"], "format": "uri"},
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{schema_name(dataset)}"}},
        },
        "required": ["total", "page", "per_page", "next", "items"],
    }
    return {
        "operationId": f"list-{dataset.key}",
        "summary": dataset.title,
        "description": dataset.description,
        "parameters": [
            _number("page", "何ページめか", 1, LARGEST_NUMBER),
            _number("per_page", "1ページの件数", USUAL_PAGE, LARGEST_PAGE),
            _known_copy(),
        ],
        "responses": {"200": _ok(page), "304": _unchanged(), "400": _refused("数の指定がまちがっています")},
    }


def _one_operation(dataset: Dataset) -> dict[str, Any]:
    return {
        "operationId": f"get-{dataset.key}",
        "summary": f"{dataset.title}（1件）",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
            _known_copy(),
        ],
        "responses": {
            "200": _ok({"$ref": f"#/components/schemas/{schema_name(dataset)}"}),
            "304": _unchanged(),
            "404": _refused("その番号のものはありません"),
        },
    }


def _giving_operation() -> dict[str, Any]:
    return _standard_operation(GIVING, "get-360giving") | {
        "parameters": [],
        "responses": {
            "200": {"description": "内容", "content": {"application/json": {"schema": _PACKAGE}}},
            "404": _refused("まだ1件もありません"),
        },
    }


def _opportunities_operation() -> dict[str, Any]:
    page = _object(
        status=_WHOLE,
        message=_TEXT,
        items=_listed({"$ref": "#/components/schemas/Opportunity"}),
        paginationInfo=_object(page=_WHOLE, pageSize=_WHOLE, totalItems=_WHOLE, totalPages=_WHOLE),
    )
    return _standard_operation(COMMON_GRANTS, "list-opportunities") | {
        "parameters": [
            _number("page", "何ページめか", 1, LARGEST_NUMBER),
            _number("pageSize", "1ページの件数", LARGEST_PAGE, LARGEST_PAGE),
            _known_copy(),
        ],
        "responses": {
            "200": _ok(page),
            "304": _unchanged(),
            "400": _refused("数の指定がまちがっています", "CommonGrantsError"),
        },
    }


def _opportunity_operation() -> dict[str, Any]:
    one = _object(status=_WHOLE, message=_TEXT, data={"$ref": "#/components/schemas/Opportunity"})
    return {
        "operationId": "get-opportunity",
        "summary": f"{COMMON_GRANTS.title}（1件）",
        "parameters": [
            {"name": "oppId", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
            _known_copy(),
        ],
        "responses": {
            "200": _ok(one),
            "304": _unchanged(),
            "404": _refused("その番号のものはありません", "CommonGrantsError"),
        },
    }


def _standard_operation(standard: Standard, operation_id: str) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "summary": f"{standard.dataset.title}（{standard.title}）",
        "description": f"{standard.description}{standard.left_out}",
        "externalDocs": {"url": standard.about},
    }


def _row_schema(dataset: Dataset) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.key: schema(field) for field in dataset.fields},
        "required": [field.key for field in dataset.fields],
        "additionalProperties": False,
    }


def schema_name(dataset: Dataset) -> str:
    """Return the name of a dataset's row in the document."""
    return "".join(part.capitalize() for part in dataset.key.split("-"))


def _number(name: str, description: str, usual: int, largest: int) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "integer", "minimum": 1, "maximum": largest, "default": usual},
    }


def _known_copy() -> dict[str, Any]:
    return {
        "name": "If-None-Match",
        "in": "header",
        "description": "前の答えの ETag。変わっていないときは、304だけを返します。",
        "schema": {"type": "string"},
    }


def _ok(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "内容",
        "headers": {"ETag": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": content}},
    }


def _unchanged() -> dict[str, Any]:
    return {"description": "前の答えから変わっていません", "headers": {"ETag": {"schema": {"type": "string"}}}}


def _refused(description: str, name: str = "Error") -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }
