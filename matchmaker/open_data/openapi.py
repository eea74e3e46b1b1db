"""The OpenAPI document of the read-only interface, made from the datasets. Pure but for them."""

from typing import Any

from matchmaker.open_data.datasets import DATASETS, Dataset
from matchmaker.open_data.fields import schema

LARGEST_PAGE = 100
USUAL_PAGE = 50
LARGEST_NUMBER = 100_000

_PROBLEM = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def document(base_url: str) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1) for the interface at an address."""
    paths: dict[str, Any] = {}
    for dataset in DATASETS:
        paths[f"/{dataset.key}"] = {"get": _list_operation(dataset)}
        paths[f"/{dataset.key}/{{id}}"] = {"get": _one_operation(dataset)}
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
            "schemas": {schema_name(dataset): _row_schema(dataset) for dataset in DATASETS} | {"Error": _PROBLEM}
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


def _refused(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
