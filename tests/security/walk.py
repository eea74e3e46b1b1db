"""Ask for every address as every role, once, and keep the answers for all tests that look at them."""

import contextvars
import hashlib
import itertools
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from matchmaker.accounts import sessions
from matchmaker.accounts.models import Membership, OneTimeLink, SignIn, User
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.database import Model, db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from tests.security.expectations import ACTS, NOBODY, NOT_ALLOWED, ROLES, Cell, expected, has_duty
from tests.security.world import World, build

LINKS_FOLLOWED = 25
"""How many further pages each role reaches by links, beside every address of the table."""

IS_COMPLETE = os.environ.get("SECURITY_TESTS") == "all"

Address = tuple[Rule, str, dict[str, str]]
"""A rule, an address of it, and the records that stand in it."""

LIKE_OTHERS_IN_A_PAIR = {"judged", "decision_drafted", "released", "withdrawn"}

ASKING_FOR_OTHER_METHODS = {"visitor", "npo"}
"""The answer to a method that an address does not take is given before anybody asks who is there."""


@dataclass(frozen=True)
class Asked:
    """One cell of the table with its answer; ``wanted`` is None when nobody has said what it must be."""

    endpoint: str
    address: str
    cell: Cell
    wanted: int | None
    code: int


@dataclass(frozen=True)
class Mail:
    to_email: str
    subject: str
    body: str


@dataclass
class Walk:
    """What came back. ``pages``: texts by role and address; ``changed``: role and table that a refused request changed.

    ``allowed``: how many cells were not sent, because the person may do it.
    """

    world: World
    cells: list[Asked] = field(default_factory=list)
    allowed: int = 0
    pages: dict[tuple[str, str], str] = field(default_factory=dict)
    changed: list[tuple[str, str]] = field(default_factory=list)
    written_by_reading: list[tuple[str, str]] = field(default_factory=list)
    log: str = ""
    mails: list[Mail] = field(default_factory=list)
    role_of: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Browser(FlaskClient):
    """Each request runs in a context of its own; the pages are looked at elsewhere."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **kwargs)


def walk(app: Flask) -> Walk:
    """Build the world and ask for everything. Needs an application context."""
    found, log = Walk(build()), _Kept()
    logging.getLogger("matchmaker").addHandler(log)
    addresses = list(_addresses(app, found.world))
    try:
        for role in ROLES:
            _as_role(app, role, addresses, found)
    finally:
        logging.getLogger("matchmaker").removeHandler(log)
    found.log = "\n".join(log.lines)
    found.role_of = {person.email: role for role, person in found.world.people.items() if person is not None}
    found.mails = [Mail(one.to_email, one.subject, one.body) for one in db.session.scalars(select(Notice))]
    found.secrets = [
        *found.world.tokens,
        *db.session.scalars(select(OneTimeLink.token_hash)),
        *db.session.scalars(select(SignIn.token_hash)),
        *db.session.scalars(select(User.password_hash).where(User.password_hash != "")),
    ]
    return found


def _as_role(app: Flask, role: str, addresses: list[Address], found: Walk) -> None:
    client, person = Browser(app, app.response_class), found.world.people[role]
    if person is not None:
        with transaction():
            token = sessions.begin(person, at=clock.now())
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
    endpoints = _endpoints(addresses)
    addresses = addresses if IS_COMPLETE else list(_fewer(role, addresses))
    before = fingerprint()
    for _rule, address, about in addresses:
        _ask(client, endpoints, Cell(role, "POST", about), address, found)
    after = fingerprint()
    found.changed += _differences(role, before, after)
    before = after
    seen: set[str] = set()
    for _rule, address, about in addresses:
        if address not in seen:
            _ask(client, endpoints, Cell(role, "GET", about), address, found)
            seen.add(address)
    _follow_links(client, role, found)
    found.written_by_reading += _differences(role, before, fingerprint())


def _differences(role: str, before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str]]:
    return [(role, name) for name in after if after[name] != before[name]]


def _fewer(role: str, addresses: list[Address]) -> Iterator[Address]:
    """Who lacks the duty is refused before any record is looked at: one record stands for all then."""
    seen: set[str] = set()
    for rule, address, about in addresses:
        if has_duty(rule.endpoint, role) or rule.endpoint not in seen:
            yield rule, address, about
        seen.add(rule.endpoint)


def _endpoints(addresses: list[Address]) -> dict[tuple[str, str], str]:
    return {(address, method): rule.endpoint for rule, address, _about in addresses for method in rule.methods or ()}


def _ask(client: FlaskClient, endpoints: dict[tuple[str, str], str], cell: Cell, address: str, found: Walk) -> None:
    endpoint = endpoints.get((address, cell.method))
    if endpoint is None and cell.role not in ASKING_FOR_OTHER_METHODS:
        return
    if endpoint is None:
        # The same address under two rules is asked once a method.
        wanted: int | None = NOT_ALLOWED
        endpoint = endpoints.get((address, "GET"), "") or endpoints[address, "POST"]
    else:
        try:
            wanted = expected(endpoint, cell)
        except KeyError:
            found.cells.append(Asked(endpoint, address, cell, wanted=None, code=0))
            return
    if wanted == ACTS:
        found.allowed += 1
        return
    # A script is refused with less to render than a person; a visitor is sent to sign in only as a person.
    is_script = cell.method == "POST" and cell.role not in NOBODY
    headers = {"X-Requested-With": "fetch"} if is_script else {}
    with client.open(address, method=cell.method, headers=headers) as answer:
        if cell.method == "GET":
            is_text = answer.mimetype.startswith("text") or answer.is_json
            found.pages[cell.role, address] = answer.get_data(as_text=True) if is_text else ""
        found.cells.append(Asked(endpoint, address, cell, wanted, answer.status_code))


def _follow_links(client: FlaskClient, role: str, found: Walk) -> None:
    waiting = [address for (who, address) in found.pages if who == role]
    followed = 0
    while waiting and followed < LINKS_FOLLOWED:
        here = waiting.pop(0)
        for link in re.findall(r'(?:href|data-url|data-fit|src)="([^"#]+)', found.pages[role, here]):
            target = urljoin(here, link.replace("&amp;", "&"))
            parts = urlsplit(target)
            if parts.netloc or parts.scheme or parts.path.startswith("/static") or (role, target) in found.pages:
                continue
            with client.get(target) as answer:
                found.pages[role, target] = answer.get_data(as_text=True) if answer.mimetype.startswith("text") else ""
            waiting.append(target)
            followed += 1
            if followed >= LINKS_FOLLOWED:
                return


def fingerprint() -> dict[str, str]:
    """What every table holds, but for the record of what was looked at and the moments of last use."""
    db.session.rollback()
    skipped = {"audit_entry", SignIn.__tablename__}
    tables = [table for table in Model.metadata.sorted_tables if table.name not in skipped]
    kept = {
        table.name: hashlib.sha256(
            repr(sorted(map(repr, db.session.execute(select(table)).all()))).encode()
        ).hexdigest()
        for table in tables
    }
    db.session.rollback()
    return kept


def _addresses(app: Flask, world: World) -> Iterator[Address]:
    """Every rule with every record that can stand in it."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            choices = [_values(rule, name, world) for name in sorted(rule.arguments)]
            for chosen in itertools.product(*choices):
                values = {name: value for name, (value, _about) in zip(sorted(rule.arguments), chosen, strict=True)}
                about = {kind: key for _value, said in chosen for kind, key in said.items()}
                is_pair = len(about) > 1
                if is_pair and not IS_COMPLETE and about.get("proposal") in LIKE_OTHERS_IN_A_PAIR:
                    continue
                built = adapter.build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))
                yield rule, built, about


def _values(rule: Rule, name: str, world: World) -> list[tuple[object, dict[str, str]]]:
    """The values that an argument can take, each with what it stands for."""
    if name in (rule.defaults or {}):
        return [(rule.defaults[name], {})]
    converter = type(rule._converters[name]).__name__
    records = {
        "ProposalNumber": ("proposal", {key: row.public_number for key, row in world.proposals.items()}),
        "InterestNumber": ("interest", {key: row.number for key, row in world.interests.items()}),
        "IntroductionNumber": ("introduction", {key: row.id for key, row in world.introductions.items()}),
        "ProjectNumber": ("project", {key: row.number for key, row in world.projects.items()}),
        "CallNumber": ("call", {key: row.number for key, row in world.calls.items()}),
        "ThemeNumber": ("call", {key: row.themes[0].number for key, row in world.calls.items()}),
        "ConsultationNumber": ("consultation", {key: row.id for key, row in world.consultations.items()}),
        "DisclosureNumber": ("disclosure", {"unknown": "R8-D001"}),
        "OrganisationNumber": ("organisation", {key: row.number for key, row in world.organisations.items()}),
    }
    if converter in records:
        kind, rows = records[converter]
        return [(value, {kind: key}) for key, value in rows.items()]
    return [(_plain_value(rule, name, world), {})]


def _plain_value(rule: Rule, name: str, world: World) -> object:
    items = getattr(rule._converters[name], "items", None)
    if items:
        return min(items)
    office = world.people["office"]
    suspended = world.people["suspended"]
    values = {
        "token": "nothing",
        "on": date(2026, 6, 1),
        "table": "topics",
        "filename": "css/page.css",
        "key": "npo-prefecture-projects",
        "fy": 2026,
        "section": 1,
        "public_id": world.attachment_id,
        "search_id": world.alert_id,
        "saved_id": world.saved_id,
        "scope": "standing",
        "day_id": world.presentation_id,
        "slot_id": world.slot_id,
        "question_id": world.note_id,
        "circulation_id": world.circulation_id,
        "kind": "screening",
        "offered_id": world.offered_id,
        "record_id": world.record_id,
        "user_id": office.id if office else 0,
        "role_id": office.staff_roles[0].id if office else 0,
        "membership_id": db.session.scalar(select(Membership.id).where(Membership.user_id == suspended.id))
        if suspended
        else 0,
        "division_id": db.session.scalar(select(Division.id)),
    }
    return values.get(name, 1)
