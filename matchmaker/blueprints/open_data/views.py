"""Open data: the catalogue with its dictionary, files in three formats, and a read-only interface for programs."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import public
from matchmaker.blueprints.addresses import page_number
from matchmaker.foundation import clock
from matchmaker.open_data import archive, datasets, feeds, openapi, standards, writing
from matchmaker.open_data.datasets import Dataset
from matchmaker.open_data.fields import Row, plain

bp = Blueprint("open_data", __name__)

DAYS_SHOWN = 5

_ENDING = f"<any({','.join(writing.WRITERS)}):ending>"


@bp.get("/open-data")
@public
def catalogue() -> ResponseReturnValue:
    """Every dataset: what it holds, its fields, its files, and the licence."""
    counts = {dataset.key: dataset.count() for dataset in datasets.DATASETS}
    return render_template(
        "open_data/catalogue.html",
        datasets=datasets.DATASETS,
        counts=counts,
        standards=standards.STANDARDS,
        days=archive.list_days().items[:DAYS_SHOWN],
    )


@bp.get("/open-data/<key>")
@public
def dataset(key: str) -> ResponseReturnValue:
    """One dataset with its dictionary."""
    found = _dataset(key)
    standard = standards.of_dataset(found)
    return render_template("open_data/dataset.html", dataset=found, count=found.count(), standard=standard)


@bp.get(f"/open-data/<key>.{_ENDING}")
@public
def download(key: str, ending: str) -> ResponseReturnValue:
    """A whole dataset as a file; it is written while it is sent."""
    found = _dataset(key)
    pieces = writing.WRITERS[ending](found, found.every(current_app.config["BASE_URL"]))
    return _file(Response(stream_with_context(pieces)), found.key, ending)


@bp.get("/open-data/days")
@public
def days() -> ResponseReturnValue:
    """Every day whose files were kept."""
    return render_template(
        "open_data/days.html",
        page=archive.list_days(page=page_number()),
        url_for_page=lambda number: url_for("open_data.days", page=number),
    )


@bp.get("/open-data/<day:on>")
@public
def day(on: date) -> ResponseReturnValue:
    """The files of one day, with their digests and what was corrected in them."""
    files = archive.list_files(on)
    if not files:
        return _no_archive(on)
    groups = [(key, list(group)) for key, group in groupby(files, attrgetter("dataset"))]
    return render_template("open_data/day.html", on=on, files=files, groups=groups, find_dataset=datasets.find)


@bp.get(f"/open-data/<day:on>/<key>.{_ENDING}")
@public
def archived(on: date, key: str, ending: str) -> ResponseReturnValue:
    """One file as it was published on that day."""
    found = archive.find(on, key, ending)
    if found is None:
        return _no_archive(on)
    file = archive.opened(found)
    response = Response(iter(lambda: file.read(writing.CHUNK), b""))
    response.call_on_close(file.close)
    response.content_length = found.size_bytes
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(found.sha256)).decode()}:"
    response.set_etag(found.sha256)
    response = _file(response, f"{key}-{on}", ending)
    response.make_conditional(request)
    return response


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


def _no_archive(on: date) -> ResponseReturnValue:
    return render_template("open_data/no_day.html", on=on, near=archive.neighbours(on)), 404


def _file(response: Response, name: str, ending: str) -> Response:
    response.headers["Content-Type"] = writing.MEDIA_TYPES[ending]
    response.headers["Content-Disposition"] = f'attachment; filename="{writing.file_name(name, ending)}"'
    return _shared(response)


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
