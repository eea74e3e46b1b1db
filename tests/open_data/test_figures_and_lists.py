"""A figure that leads to a list is as large as the list: on every page, in every export, and in the interface.

The crawler begins at the start page of the whole demonstration and follows every link. Whatever it meets that states
how many there are is held against the list itself, counted over all its pages.
"""

import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, url_for
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from matchmaker.accounts.models import StaffRole, User
from matchmaker.foundation import clock
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import queries
from matchmaker.open_data import archive
from matchmaker.open_data.datasets import DATASETS, GRANTS, Dataset
from matchmaker.open_data.writing import WRITERS
from matchmaker.permissions.grants import Role
from matchmaker.seeding import demo, policy
from tests.support.client import sign_in
from tests.support.databases import empty
from tests.support.pages import main_text, parse

CARDS = ".card-list > .card"

LISTS = {
    "proposals.list": CARDS,
    "proposals.past": CARDS,
    "projects.list": CARDS,
    "directory.list": CARDS,
    "indicators.members": ".members-table tbody tr",
}
"""The public lists that figures lead to, and what one entry of each is on its page."""

MOST_OF_A_KIND = 40
"""Addresses of one endpoint that are visited: the page of the hundredth organisation states no other figure."""

STATED = re.compile(r"([\d,]+)\s*(?:件|事業|社)")
ALL_OF_A_LIST = re.compile(r"(?:^|全部で|一覧：)([\d,]+)(?:件のうち|件$|件 |事業です)")


@dataclass(frozen=True)
class Claim:
    """Somewhere stands that a list has so many entries."""

    at: str
    address: str
    count: int


@dataclass
class Crawl:
    client: FlaskClient
    pages: dict[str, BeautifulSoup] = field(default_factory=dict)
    claims: set[Claim] = field(default_factory=set)


@pytest.fixture(scope="module")
def demonstration(app, tmp_path_factory) -> Iterator[Flask]:
    """The whole demonstration with a kept day, loaded once; the tests of this file only read it."""
    kept, app.config["UPLOAD_FOLDER"] = app.config["UPLOAD_FOLDER"], str(tmp_path_factory.mktemp("uploads"))
    with app.app_context():
        with transaction():
            empty(db.session.connection(), Model.metadata.sorted_tables)
        policy.load(at=clock.now())
        demo.load(at=clock.now())
        archive.keep(clock.today(), app.config["BASE_URL"])
        yield app
        db.session.rollback()
    app.config["UPLOAD_FOLDER"] = kept


@pytest.fixture(scope="module")
def crawled(demonstration) -> Crawl:
    """Every public page that links lead to, and what it claims."""
    found, seen = Crawl(demonstration.test_client()), {"/"}
    waiting, visited = deque(["/"]), dict.fromkeys(demonstration.view_functions, 0)
    while waiting:
        address = waiting.popleft()
        endpoint = _endpoint(demonstration, address)
        if endpoint is None or visited[endpoint] >= MOST_OF_A_KIND:
            continue
        visited[endpoint] += 1
        response = found.client.get(address, buffered=True)
        if response.mimetype != "text/html" or response.status_code != 200:
            continue
        page = found.pages[address] = parse(response.text)
        found.claims |= set(_claims(demonstration, address, page))
        for link in page.select("a[href]"):
            target = _inside(address, link)
            if target and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found


def _inside(address: str, link: Tag) -> str | None:
    """Where a link of a page leads, when it stays in the site."""
    target = urlsplit(urldefrag(urljoin(f"http://localhost{address}", str(link["href"]))).url)
    return target._replace(scheme="", netloc="").geturl() if target.netloc == "localhost" else None


def _endpoint(app: Flask, address: str) -> str | None:
    try:
        return app.url_map.bind("localhost").match(urlsplit(address).path, method="GET")[0]
    except HTTPException:
        return None


def _claims(app: Flask, address: str, page: BeautifulSoup) -> Iterator[Claim]:
    """What a page says of lists: its own, by its head, and others, by links that bear a number."""
    main = page.select_one("main")
    if _endpoint(app, address) in LISTS and "page=" not in address:
        for paragraph in main.select("p, h2"):
            stated = ALL_OF_A_LIST.search(paragraph.get_text(strip=True))
            if stated:
                yield Claim(address, address, _number(stated[1]))
                break
    for figure in main.select("dl.live-figures > div:has(a)"):
        yield Claim(address, _inside(address, figure.a), _number(figure.dd.get_text()))
    for row in main.select("tr:has(> th a[href])"):
        target, cells = _inside(address, row.a), row.select(":scope > td")
        if target and len(cells) == 1 and _endpoint(app, target) in LISTS:
            yield Claim(address, target, _number(cells[0].get_text()))
    for link in main.select("a[href]:not(.card__title a)"):
        target, stated = _inside(address, link), STATED.search(link.get_text(" ", strip=True))
        if target and stated and _endpoint(app, target) in LISTS:
            yield Claim(address, target, _number(stated[1]))


def _number(text: str) -> int:
    return int(text.strip().replace(",", ""))


def _length(app: Flask, client: FlaskClient, address: str) -> int:
    """How many entries a list has, over all its pages."""
    selector, count, following = LISTS[_endpoint(app, address)], 0, address
    while following:
        page = parse(client.get(following).text)
        count += len(page.select(f"main {selector}"))
        link = page.select_one("main .pagination a[rel=next]")
        following = _inside(following, link) if link else None
    return count


def _items(client: FlaskClient, key: str) -> list[dict[str, Any]]:
    """Every row of the interface, page by page."""
    items, address = [], f"/api/v1/{key}?per_page=7"
    while address:
        answer = json.loads(client.get(address).data)
        items += answer["items"]
        address = answer["next"] and answer["next"].removeprefix("http://localhost")
        assert answer["total"] >= len(items)
    assert answer["total"] == len(items)
    return items


def _rows(content: bytes, ending: str) -> int:
    """How many records a file holds."""
    if ending == "csv":
        return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1
    if ending == "json":
        return len(json.loads(content))
    return len(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()) - 1


# Pages


def test_the_crawler_sees_the_site_and_meets_every_kind_of_list(crawled, demonstration):
    endpoints = {_endpoint(demonstration, address) for address in crawled.pages}
    assert len(crawled.pages) > 200
    assert {_endpoint(demonstration, claim.address) for claim in crawled.claims} == set(LISTS)
    assert {"dashboard.show", "history.funnel", "indicators.report", "open_data.day", "home.index"} <= endpoints


def test_every_figure_of_every_page_is_the_length_of_its_list(crawled, demonstration):
    length = cache(lambda address: _length(demonstration, crawled.client, address))
    wrong = [(claim, length(claim.address)) for claim in crawled.claims if length(claim.address) != claim.count]
    assert wrong == []


def test_what_a_search_says_it_found_is_what_the_list_shows(crawled, demonstration):
    page = parse(crawled.client.get("/search?q=子ども").text)
    for heading in page.select("main h2"):
        stated = re.search(r"（([\d,]+)件）", heading.get_text())
        if stated:
            whole = heading.find_next("a", string=re.compile("すべて見る"))
            shown = heading.find_next("ul", class_="card-list").select(":scope > .card")
            assert len(shown) == min(_number(stated[1]), 5)
            assert not whole or _number(STATED.search(whole.get_text())[1]) <= _length(
                demonstration, crawled.client, _inside("/search", whole)
            )


# The ledger, wherever it is told


@pytest.fixture(scope="module")
def snapshots(demonstration):
    found = queries.latest_snapshots()
    assert len(found) > 1
    return {fy: (snapshot.value, snapshot.edition) for fy, snapshot in found.items()}


def test_a_year_counts_the_same_on_its_pages_in_its_files_and_in_the_interface(snapshots, crawled, demonstration):
    client = crawled.client
    members = _items(client, "indicator-members")
    for fy, (value, _edition) in snapshots.items():
        with demonstration.test_request_context():
            figure, listed = url_for("indicators.figure", fy=fy), url_for("indicators.members", fy=fy)
            exported = url_for("indicators.members_csv", fy=fy)
        told = {
            figure: int(parse(client.get(figure).text).select_one(".big-figure strong").get_text().replace(",", "")),
            listed: _length(demonstration, client, listed),
            exported: _rows(client.get(exported).data, "csv"),
            "interface": sum(row["fiscal_year"] == fy for row in members),
        }
        assert told == dict.fromkeys(told, value)


def test_every_link_to_a_years_members_says_the_same_number(snapshots, crawled):
    said: dict[str, set[int]] = {}
    for claim in crawled.claims:
        if urlsplit(claim.address).path.endswith("/members") and not urlsplit(claim.address).query:
            said.setdefault(claim.address, set()).add(claim.count)
    assert sorted(len(numbers) for numbers in said.values()) == [1] * len(snapshots)


def test_the_companies_that_the_office_sees_are_those_that_everybody_is_told_the_number_of(demonstration, crawled):
    public = parse(crawled.client.get("/indicators/participation").text)
    client = _office(demonstration)
    office = parse(client.get("/indicators/participation").text)
    for row, own in zip(public.select("main tbody tr"), office.select("main tbody tr"), strict=True):
        figures = [_number(cell.get_text()) for cell in row.select("td.number")]
        listed = parse(client.get(own.th.a["href"]).text)
        lengths = []
        for heading in listed.select("main h2"):
            following = heading.find_next_sibling()
            lengths.append(len(following.select(":scope > li")) if following.name == "ul" else 0)
            assert heading.get_text().endswith(f"：{lengths[-1]}社")
        assert lengths == figures


def _office(app: Flask) -> FlaskClient:
    roles = select(StaffRole.user_id).where(StaffRole.role == Role.NPO_OFFICE)
    staff = db.session.scalars(select(User).where(User.id.in_(roles))).first()
    return sign_in(app.test_client(), staff)


# Open data


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.key)
def test_a_dataset_has_the_same_length_everywhere(dataset: Dataset, crawled):
    client, key, today = crawled.client, dataset.key, clock.today()
    catalogue = parse(client.get("/open-data").text)
    card = next(card for card in catalogue.select(".card") if card.a["href"] == f"/open-data/{key}")
    day = parse(client.get(f"/open-data/{today}").text)
    kept = next(card for card in day.select(".card") if card.h2.get_text(strip=True) == dataset.title)
    told = {
        "catalogue": _number(STATED.search(card.select_one(".card__meta li").get_text())[1]),
        "dictionary": _number(re.search(r"いま([\d,]+)件", main_text(client.get(f"/open-data/{key}").text))[1]),
        "interface": len(_items(client, key)),
        "day": _number(STATED.search(kept.select_one(".card__meta li").get_text())[1]),
    }
    for ending in WRITERS:
        told[ending] = _rows(client.get(f"/open-data/{key}.{ending}", buffered=True).data, ending)
        told[f"day {ending}"] = _rows(client.get(f"/open-data/{today}/{key}.{ending}", buffered=True).data, ending)
    assert told == dict.fromkeys(told, dataset.count())


@pytest.mark.parametrize(
    ("key", "address"),
    [("organisations", "/organisations"), ("proposals", "/proposals?open=all"), ("projects", "/projects")],
)
def test_a_public_list_holds_what_its_dataset_holds(key, address, crawled, demonstration):
    assert _length(demonstration, crawled.client, address) == len(_items(crawled.client, key))


def test_the_official_figures_are_the_same_in_both_files(crawled):
    exported = _rows(crawled.client.get("/indicators/figures.csv").data, "csv")
    assert exported == len(_items(crawled.client, "indicator-figures"))


def test_the_shapes_of_other_standards_leave_no_row_out(crawled):
    client = crawled.client
    grants = json.loads(client.get("/api/v1/360giving", buffered=True).data)["grants"]
    assert sum(one["amountAwarded"] for one in grants) == sum(row["amount_yen"] for row in _items(client, "grants"))
    assert len(grants) == GRANTS.count()
    calls = json.loads(client.get("/api/v1/common-grants/opportunities").data)
    assert calls["paginationInfo"]["totalItems"] == len(calls["items"]) == len(_items(client, "calls"))
