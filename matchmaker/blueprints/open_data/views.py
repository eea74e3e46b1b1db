"""Open data: the catalogue with its dictionary, files in three formats, and a read-only interface for programs."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import public
from matchmaker.foundation import clock
from matchmaker.open_data import datasets, feeds, openapi, standards, writing
from matchmaker.open_data.datasets import Dataset
from matchmaker.open_data.fields import Row, plain

bp = Blueprint("open_data", __name__)

_TYPES: dict[str, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_WRITERS: dict[str, Callable[[Dataset, str], Any]] = {"csv": writing.as_csv, "json": writing.as_json}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/open-data")
@public
def catalogue() -> ResponseReturnValue:
    """Every dataset: what it holds, its fields, its files, and the licence."""
    counts = {dataset.key: dataset.count() for dataset in datasets.DATASETS}
    return render_template(
        "open_data/catalogue.html", datasets=datasets.DATASETS, counts=counts, standards=standards.STANDARDS
    )


@bp.get("/open-data/<key>")
@public
def dataset(key: str) -> ResponseReturnValue:
    """One dataset with its dictionary."""
    found = _dataset(key)
    standard = standards.of_dataset(found)
    return render_template("open_data/dataset.html", dataset=found, count=found.count(), standard=standard)


@bp.get('/open-data/<key>.<any("csv", "json", "xlsx"):ending>')
@public
def download(key: str, ending: str) -> ResponseReturnValue:
    """A whole dataset as a file; it is written while it is sent."""
    found, base_url = _dataset(key), current_app.config["BASE_URL"]
    name = writing.file_name(found, ending)
    if ending == "xlsx":
        return send_file(writing.as_xlsx(found, base_url), mimetype=_XLSX, as_attachment=True, download_name=name)
    pieces = _WRITERS[ending](found, base_url)
    response = Response(stream_with_context(pieces), mimetype=_TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _shared(response)


@bp.get("/feeds/proposals.atom")
@public
def proposals_feed() -> ResponseReturnValue:
    """The proposals that were published or changed last."""
    proposals = feeds.newest_proposals()
    updated = max((one.saved_at for one in proposals), default=clock.now())
    base_url = current_app.config["BASE_URL"]
    body = render_template("open_data/proposals.atom", proposals=proposals, updated=updated, base_url=base_url)
    return _shared(Response(body, mimetype="application/atom+xml"))


@bp.get("/feeds/calls.ics")
@public
def calls_calendar() -> ResponseReturnValue:
    """Calls and their deadlines for a calendar."""
    body = feeds.calls_calendar(current_app.config["BASE_URL"], at=clock.now())
    return _shared(Response(body, mimetype="text/calendar"))


@bp.get("/api/v1/")
@public
def reference() -> ResponseReturnValue:
    """The interface explained for people."""
    return render_template("open_data/reference.html", document=openapi.document(current_app.config["BASE_URL"]))


@bp.get("/api/v1/openapi.json")
@public
def openapi_document() -> ResponseReturnValue:
    """The interface explained for programs."""
    return _answer(openapi.document(current_app.config["BASE_URL"]))


@bp.get("/api/v1/360giving")
@public
def giving() -> ResponseReturnValue:
    """The commissioned projects as a 360Giving package; it is written while it is sent."""
    if not datasets.GRANTS.count():
        return _problem(404, _("まだ1件もありません"))
    base_url = current_app.config["BASE_URL"]
    pieces = standards.grant_package(datasets.GRANTS.every(base_url), base_url)
    return _shared(Response(stream_with_context(pieces), mimetype="application/json"))


@bp.get("/api/v1/common-grants/opportunities")
@public
def opportunities() -> ResponseReturnValue:
    """One page of the calls as CommonGrants opportunities, what changed last first."""
    number = _whole("page", 1, openapi.LARGEST_NUMBER)
    size = _whole("pageSize", openapi.LARGEST_PAGE, openapi.LARGEST_PAGE)
    if number is None or size is None:
        text = _("page は1以上、pageSize は1から%(most)sまでの整数にしてください", most=openapi.LARGEST_PAGE)
        return _json({"status": 400, "message": text, "errors": []}, 400)
    found = standards.newest_first(datasets.CALLS.every(current_app.config["BASE_URL"]))
    paging = {"page": number, "pageSize": size, "totalItems": len(found), "totalPages": -(-len(found) // size)}
    items = found[(number - 1) * size : number * size]
    return _answer({"status": 200, "message": "Success", "items": items, "paginationInfo": paging})


@bp.get("/api/v1/common-grants/opportunities/<identity>")
@public
def opportunity(identity: str) -> ResponseReturnValue:
    """One call as a CommonGrants opportunity."""
    found = standards.newest_first(datasets.CALLS.every(current_app.config["BASE_URL"]))
    one = next((item for item in found if item["id"] == identity.lower()), None)
    if one is None:
        return _json({"status": 404, "message": _("その番号のものはありません"), "errors": []}, 404)
    return _answer({"status": 200, "message": "Success", "data": one})


@bp.get("/api/v1/<key>")
@public
def rows(key: str) -> ResponseReturnValue:
    """One page of a dataset."""
    found = datasets.find(key)
    number = _whole("page", 1, openapi.LARGEST_NUMBER)
    size = _whole("per_page", openapi.USUAL_PAGE, openapi.LARGEST_PAGE)
    if found is None:
        return _problem(404, _("そのデータはありません"))
    if number is None or size is None:
        return _problem(
            400, _("page は1以上、per_page は1から%(most)sまでの整数にしてください", most=openapi.LARGEST_PAGE)
        )
    page = found.page(number, size, current_app.config["BASE_URL"])
    base = f"{current_app.config['BASE_URL']}/api/v1/{key}"
    has_next = number * size < page.total
    return _answer(
        {
            "total": page.total,
            "page": number,
            "per_page": size,
            "next": f"{base}?page={number + 1}&per_page={size}" if has_next else None,
            "items": [_written(found, row) for row in page.items],
        }
    )


@bp.get("/api/v1/<key>/<path:identity>")
@public
def row(key: str, identity: str) -> ResponseReturnValue:
    """One row of a dataset."""
    found = datasets.find(key)
    one = found.find(identity, current_app.config["BASE_URL"]) if found else None
    if found is None or one is None:
        return _problem(404, _("その番号のものはありません"))
    return _answer(_written(found, one))


def _dataset(key: str) -> Dataset:
    return datasets.find(key) or abort(404)


def _whole(name: str, usual: int, largest: int) -> int | None:
    asked = request.args.get(name)
    if asked is None:
        return usual
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    return number if 1 <= number <= largest else None


def _written(found: Dataset, one: Row) -> dict[str, Any]:
    return {field.key: plain(one[field.key]) for field in found.fields}


def _answer(content: Mapping[str, Any]) -> Response:
    """The content, or nothing but its tag when the program has it already."""
    body = json.dumps(content, ensure_ascii=False)
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return _shared(response)


def _problem(status: int, text: str) -> Response:
    return _json({"error": text}, status)


def _json(content: Mapping[str, Any], status: int) -> Response:
    return _shared(Response(json.dumps(content, ensure_ascii=False), status=status, mimetype="application/json"))


def _shared(response: Response) -> Response:
    """Pages of other sites may read open data."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
