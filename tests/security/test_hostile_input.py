"""Wrong, over-long, strange and hostile input, in every field and every parameter: an answer, never an error page.

By default a sample runs; ``SECURITY_TESTS=all`` sends every value to every field.
"""

import itertools
import os
import random
import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from matchmaker.accounts import sessions
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from tests.security import world as worlds
from tests.security.walk import Browser, fingerprint
from tests.support.forms import field_values
from tests.support.pages import parse

MARK = "zq7x"
"""Stands in each value, so that it can be found again in the answer."""

VALUES = {
    "NUL": f"{MARK}\0",
    "only NUL": "\0",
    "controls": f"{MARK}\x01\x07\x1b[31m\x7f\x85",
    "line ends": f"{MARK}\r\nSet-Cookie: a=b\r\n",
    "right to left": f"{MARK}\u202egnp.exe\u2066",
    "no width": f"{MARK}\u200b\u200d\ufeff",
    "combining": MARK + "e" + "\u0301" * 200,
    "emoji": f"{MARK}👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇯🇵",
    "outside the plane": f"{MARK}𠮷𩸽",
    "noncharacters": f"{MARK}\ufffe\uffff\U0010ffff",
    "full width": f"{MARK}１２３，４５６",
    "long": MARK + "あ" * 10_000,
    "long line of letters": "a" * 20_000 + "!",
    "script": f"<script>{MARK}</script>",
    "attribute": f'"{MARK}" autofocus onfocus="alert(1)" x="',
    "apostrophe": f"'{MARK}' onfocus='alert(1)",
    "picture": f"<img src=x onerror={MARK}>",
    "comment": f"--><svg/onload={MARK}>",
    "template": MARK + "{{7*7}}{% for x in ().__class__.__mro__ %}{{x}}{% endfor %}${7*7}#{7*7}",
    "SQL": f"{MARK}' OR '1'='1' --",
    "SQL union": f"{MARK}') UNION SELECT password_hash FROM user_account --",
    "like": f"{MARK}%_\\%",
    "format": MARK + "%s%n%(a)s{0}{a.__class__}",
    "huge number": "9" * 5_000,
    "larger than 64 bit": "18446744073709551616",
    "larger than 32 bit": "4294967296",
    "negative": "-1",
    "minus zero": "-0",
    "decimal": "1.5e308",
    "not a number": "NaN",
    "infinite": "Infinity",
    "exponent": "1e999999999",
    "full-width minus": "－１",
    "Thai digits": "๑๒๓",
    "superscript": "²³",
    "date before all": "0001-01-01",
    "date after all": "9999-12-31",
    "no date": "2026-02-31",
    "year zero": "0000-00-00",
    "fiscal year": "R99",
    "last year": "9999",
    "unknown code": f"{MARK}-unknown",
    "path": f"../../../../etc/passwd{MARK}",
    "address": f"javascript:alert('{MARK}')",
    "odd address": "http://[::1",
    "blank": " \u3000\t\n ",
    "empty": "",
    "JSON": '{"a":' * 500 + "1" + "}" * 500,
}

MARKUP = rf"<script>{MARK}|<img src=x onerror={MARK}|<svg/onload={MARK}|\"{MARK}\" autofocus|'{MARK}' onfocus"
"""How the values above would look in a page that takes them for its own."""

QUERIES = [
    "q=%FF%FE%00",
    "q=%ED%A0%80",
    "q=a&q=b&q=%00",
    "page=%EF%BC%91",
    "page=-1",
    "page=99999999999999999999",
    "page=1e3",
    "q[]=a&q[a][b]=c",
    "&&&===%",
    "_anchor=x&_external=1&_scheme=javascript&_method=DELETE",
    "endpoint=home.index&values=1&number=R8-0001",
]

NAMES = [
    "q", "page", "sort", "state", "side", "field", "place", "need", "stage", "open", "year", "scheme", "result", "form",
    "late", "item", "stalled",
    "fy", "status", "show", "box", "subject", "kind", "new", "other", "next", "done", "length", "threshold", "days",
    "each", "from",
]  # fmt: skip
"""Every parameter that a page reads from its address, and some that none does."""

ALL = os.environ.get("SECURITY_TESTS") == "all"
SEED = 20261124


@pytest.fixture(scope="module")
def world(app):
    meaning = app.config.get("MATCHES_BY_MEANING")
    app.config.update(MATCHES_BY_MEANING=False, PROPAGATE_EXCEPTIONS=False)
    app.extensions.pop("match_registry", None)
    with app.app_context():
        yield worlds.build()
    app.config.update(MATCHES_BY_MEANING=meaning, PROPAGATE_EXCEPTIONS=None)
    app.extensions.pop("match_registry", None)


@pytest.fixture(scope="module")
def browsers(app, world):
    return {role: _browser(app, world, role) for role in world.people if role != "suspended"}


def _browser(app, world, role):
    browser, person = Browser(app, app.response_class), world.people[role]
    if person is not None:
        with transaction():
            token = sessions.begin(person, at=clock.now())
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = token
    return browser


def _sampled(cells, most):
    cells = list(cells)
    if ALL or len(cells) <= most:
        return cells
    return random.Random(SEED).sample(cells, most)


def _complaint(answer, sent):
    """What is wrong with an answer, if anything."""
    text = answer.get_data(as_text=True) if answer.mimetype.startswith("text") else ""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if "Traceback" in text or "sqlalchemy" in text.lower():
        return "tells of its inside"
    if any(mark in sent for mark in ("<", ">", "'", '"')) and sent.strip() and sent.strip() in text:
        return "repeats markup as it was sent"
    if MARK in sent and re.search(rf"{MARK}49|{MARK}[^<]*onerror=(?!&)", text) and "{{" in sent:
        return "worked a template out"
    if "\n" in answer.headers.get("Location", "") or "Set-Cookie: a=b" in str(answer.headers):
        return "let a header in"
    return None


PAGES = [
    ("visitor", "/"),
    ("visitor", "/search"),
    ("visitor", "/proposals"),
    ("visitor", "/proposals/past"),
    ("visitor", "/projects"),
    ("visitor", "/organisations"),
    ("visitor", "/indicators"),
    ("visitor", "/indicators/report/R8"),
    ("visitor", "/dashboard"),
    ("visitor", "/en/dashboard"),
    ("office", "/dashboard/stages/submitted"),
    ("visitor", "/en/dashboard/stages/submitted"),
    ("office", "/indicators/planner"),
    ("visitor", "/indicators/npo-prefecture-projects/R8/members"),
    ("visitor", "/sign-in"),
    ("visitor", "/criteria"),
    ("npo", "/consultations"),
    ("office", "/calls"),
    ("npo", "/introductions"),
    ("npo", "/matches/{submitted}"),
    ("npo", "/alerts/new"),
    ("npo", "/matches/{submitted}/alert"),
    ("company", "/matches/{unnamed}"),
    ("office", "/review"),
    ("office", "/work"),
    ("npo", "/work"),
    ("division", "/circulation"),
    ("visitor", "/response-times"),
    ("visitor", "/history"),
    ("office", "/organisations/verification"),
    ("office", "/projects/reports"),
    ("office", "/exposure"),
    ("office", "/panel/assignments/standing"),
    ("visitor", "/presentations"),
    ("administrator", "/accounts"),
    ("administrator", "/rulesets/new"),
    ("administrator", "/vocabulary/topics"),
]

FORMS = [
    ("visitor", "/sign-up/npo"),
    ("visitor", "/sign-up/company"),
    ("visitor", "/sign-in"),
    ("visitor", "/password/forgotten"),
    ("npo", "/account/name"),
    ("npo", "/account/members"),
    ("npo", "/organisations/{npo}/edit"),
    ("npo", "/proposals/new"),
    ("npo", "/proposals/{draft_private}/needs"),
    *(("npo", f"/proposals/{{draft_private}}/edit/{section}") for section in range(1, 6)),
    ("npo", "/proposals/{draft_public}/publish"),
    ("npo", "/matches/{submitted}~{named}"),
    ("npo", "/alerts/new"),
    ("npo", "/alerts/{alert}/edit"),
    ("company", "/interests/new"),
    ("company", "/interests/{unnamed}/edit"),
    ("company", "/organisations/{company}/edit"),
    ("company", "/introductions/{asked}"),
    ("office", "/review/{submitted}"),
    ("office", "/review/{submitted}/reception"),
    ("office", "/calls/new"),
    ("office", "/calls/{call}"),
    ("office", "/calls/{call}/edit"),
    ("office", "/consultations/slots"),
    ("office", "/consultations/slots/new"),
    ("npo", "/consultations/slots/{offered_id}/book"),
    ("npo", "/consultations/{consultation}"),
    ("npo", "/proposals/{draft_private}/call"),
    ("office", "/proposals/proxy/new"),
    ("office", "/proposals/proxy/new-organisation"),
    ("visitor", "/proposals/proxy/code"),
    ("office", "/review/{judged}/circulation"),
    ("division", "/circulation/{judged}"),
    ("office", "/response-times/fixing"),
    ("office", "/work/circulate?item=assessing:{judged}"),
    ("office", "/work/remind?item=assessing:{judged}"),
    ("office", "/organisations/{waiting}/verification"),
    ("office", "/projects/report"),
    ("division", "/projects/rounds/R8"),
    ("division", "/projects/rounds/R8/report"),
    ("division", "/projects/rounds/R8/report?from={last_year}"),
    ("division", "/projects/rounds/R8/carry/{last_year}"),
    ("division", "/projects/rounds/R8/upload"),
    ("office", "/projects/rounds/new"),
    ("office", "/projects/rounds/R8/divisions/{division_id}"),
    ("office", "/projects/rounds/R8/report?division={division_id}"),
    ("office", "/projects/rounds/R8/change"),
    ("office", "/projects/rounds/R8/pairs/{twin}/{other_twin}"),
    ("office", "/projects/rounds/R8/pairs/{kept}/{dropped}/part"),
    ("office", "/projects/rounds/R8/confirm"),
    ("office", "/projects/{confirmed}/edit"),
    ("npo", "/projects/{born}"),
    ("npo", "/projects/{born}/meetings/new"),
    ("npo", "/projects/{born}/meetings/1"),
    ("npo", "/projects/{born}/roles"),
    ("npo", "/projects/{born}/form"),
    ("npo", "/projects/{born}/agreement"),
    ("npo", "/projects/{born}/agreement/write"),
    ("npo", "/projects/{born}/milestones"),
    ("npo", "/projects/{born}/reports/1"),
    ("npo", "/projects/{born}/requests/new"),
    ("npo", "/projects/{born}/steps/stall"),
    ("office", "/projects/{born}/agreement"),
    ("office", "/projects/{born}/reports/new"),
    ("office", "/projects/{born}/reports/1"),
    ("office", "/projects/{born}/requests/1"),
    ("office", "/projects/{born}/money/allocate"),
    ("office", "/projects/{born}/money/new"),
    ("office", "/projects/{born}/money/1"),
    ("office", "/projects/{born}/steps/reroute"),
    ("office", "/projects/{born}/steps/dissolve"),
    ("office", "/projects/{born}/steps/merge"),
    ("office", "/projects/programmes/R8"),
    ("office", "/divisions/{division_id}/successor"),
    ("office", "/organisations/{npo_other}/names"),
    ("office", "/organisations/{npo_other}/merge"),
    ("office", "/projects/{reported}"),
    ("office", "/indicators/npo-prefecture-projects/enter"),
    ("office", "/indicators/npo-prefecture-projects/break"),
    ("office", "/indicators/report/R8/progress"),
    ("office", "/exposure/settings"),
    ("office", "/review/{decision_drafted}/letters/1"),
    ("office", "/review/{submitted}/levels"),
    ("office", "/review/disclosures/new"),
    ("npo", "/proposals/{submitted}/levels"),
    ("approver", "/review/{decision_drafted}"),
    ("panel", "/panel/{judged}"),
    ("office", "/panel/{judged}/scores"),
    ("office", "/panel/{judged}/decision"),
    ("office", "/panel/assignments/standing"),
    ("office", "/panel/members"),
    ("office", "/presentations/new"),
    ("office", "/presentations/{presentation}/edit"),
    ("office", "/presentations/{presentation}/manage"),
    ("administrator", "/accounts/new"),
    ("administrator", "/divisions"),
    *(("administrator", f"/vocabulary/{table}/new") for table in ("crosswalk", "topics", "wide_regions")),
    ("administrator", "/vocabulary/topics/row?key=sea"),
    ("administrator", "/vocabulary/topics/upload"),
    ("administrator", "/accounts/{office_id}"),
]


def _address(pattern, world):
    return pattern.format(
        **{key: row.public_number for key, row in world.proposals.items() if key != "waiting"},
        **{key: row.number for key, row in world.interests.items()},
        **{key: row.number for key, row in world.organisations.items()},
        **{key: row.number for key, row in world.introductions.items()},
        **{key: row.number for key, row in world.projects.items()},
        call=world.calls["drafted"].number,
        consultation=world.consultations["booked"].number,
        offered_id=world.offered_id,
        alert=world.alert_id,
        presentation=world.presentation_id,
        last_year=world.round_projects[0],
        twin=world.round_projects[1],
        other_twin=world.round_projects[2],
        kept=world.round_projects[3],
        dropped=world.round_projects[4],
        office_id=world.people["office"].id,
        division_id=world.people["division"].division.id,
    )


def test_no_parameter_of_an_address_breaks_a_page(world, browsers):
    cells = list(itertools.product(PAGES, NAMES, VALUES))

    complaints = []
    for (role, pattern), name, kind in _sampled(cells, 400):
        value = VALUES[kind]
        with browsers[role].get(f"{_address(pattern, world)}?{name}={quote(value)}") as answer:
            if complaint := _complaint(answer, value):
                complaints.append((role, pattern, name, kind, complaint))

    assert complaints == []


def test_no_odd_query_breaks_a_page(world, browsers):
    complaints = []
    for (role, pattern), query in _sampled(itertools.product(PAGES, QUERIES), 80):
        with browsers[role].get(f"{_address(pattern, world)}?{query}") as answer:
            if complaint := _complaint(answer, query):
                complaints.append((role, pattern, query, complaint))

    assert complaints == []


@dataclass(frozen=True)
class Sent:
    """A form of a page: what a browser would send if nothing were changed, and the names of its fields."""

    role: str
    action: str
    values: dict[str, list[str]]
    names: tuple[str, ...]
    texts: tuple[str, ...]


@pytest.fixture(scope="module")
def forms(world, browsers):
    found = []
    for role, pattern in FORMS:
        address = _address(pattern, world)
        with browsers[role].get(address) as answer:
            page = parse(answer.get_data(as_text=True))
        for form in page.select("main form[method=post]"):
            names = {control["name"] for control in form.select("[name]")} - {"csrf_token"}
            texts = {control["name"] for control in form.select("textarea[name]")}
            values = field_values(str(form), "form")
            found.append(Sent(role, form.get("action") or address, values, tuple(sorted(names)), tuple(sorted(texts))))
    return found


def _fields(forms):
    return [(form, name) for form in forms for name in form.names]


LONGER = {"text": 21_000, "body": 21_000, "public_text": 21_000, "minutes": 11_000}
"""Texts that may be longer than most."""


def test_what_was_typed_stays_in_a_form_that_is_refused(forms, browsers):
    lost = []
    for form in (form for form in forms if form.texts):
        typed = {name: f"{name}に{MARK}と入力した。" + "長" * LONGER.get(name, 5_000) for name in form.texts}
        with browsers[form.role].post(form.action, data={**form.values, **typed}) as answer:
            assert answer.status_code == 422
            page = answer.get_data(as_text=True)
            lost += [(form.action, name) for name in typed if f"{name}に{MARK}と入力した。" not in page]

    assert lost == []


def test_no_value_of_a_field_breaks_its_form(forms, browsers):
    fields = _fields(forms)
    assert len(fields) > 150

    complaints = []
    for (form, name), kind in _sampled(itertools.product(fields, VALUES), 400):
        value = VALUES[kind]
        with browsers[form.role].post(form.action, data={**form.values, name: value}) as answer:
            if complaint := _complaint(answer, value):
                complaints.append((form.role, form.action, name, kind, complaint))

    assert complaints == []


def test_pages_still_open_after_everything_that_was_stored(world, browsers):
    for role, pattern in (*PAGES, *FORMS):
        with browsers[role].get(_address(pattern, world)) as answer:
            assert answer.status_code < 500, (role, pattern)
            assert not re.search(MARKUP, answer.get_data(as_text=True)), (role, pattern)


BODIES = [
    (b"{" * 100_000, "application/json"),
    (b"[" * 100_000, "application/json"),
    (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    (b"a=" + b"%ff" * 1000, "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % n for n in range(2_000)), "application/x-www-form-urlencoded"),
    (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
    (b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx', "multipart/form-data; boundary=b"),
    (b"x", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary=" + "b" * 300),
    (b"x", "text/plain"),
    (b"x", "\0"),
    (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "application/xml"),
]


def test_no_body_of_a_strange_kind_breaks_a_form(app, world, browsers):
    posting = [
        (role, _address(pattern, world))
        for role, pattern in FORMS
        if "/introductions/" not in pattern and "/review/" not in pattern and "{reported}" not in pattern
    ]
    complaints = []
    for (role, address), (body, kind) in _sampled(itertools.product(posting, BODIES), 120):
        with browsers[role].post(address, data=body, content_type=kind) as answer:
            if complaint := _complaint(answer, ""):
                complaints.append((role, address, body[:30], kind, complaint))

    assert complaints == []


def test_a_field_sent_twice_or_empty_or_not_at_all_breaks_no_form(forms, browsers):
    complaints = []
    for form, name in _sampled(_fields(forms), 100):
        twice = {**form.values, name: [*form.values.get(name, []), "", MARK, "\0"]}
        without = {key: value for key, value in form.values.items() if key != name}
        for sent in (twice, without):
            with browsers[form.role].post(form.action, data=sent) as answer:
                if complaint := _complaint(answer, ""):
                    complaints.append((form.role, form.action, name, complaint))

    assert complaints == []


PATHS = [
    "/proposals/R8-%30%30%30%31",
    "/proposals/R8-99999999",
    "/proposals/D-00000000",
    "/interests/K-99999999",
    "/introductions/S-99999999",
    "/consultations/J-99999999",
    "/consultations/slots/2147483647/book",
    "/calls/R99-C9999",
    "/themes/T-99999999",
    "/introductions/S-00000000",
    "/projects/R99-P999999",
    "/indicators/npo-prefecture-projects/R0",
    "/indicators/npo-prefecture-projects/R99",
    "/indicators/npo-prefecture-projects/S1/members",
    "/indicators/%00",
    "/indicators/" + "a" * 5_000,
    "/proposals/R8-0001/edit/0",
    "/proposals/R8-0001/edit/6",
    "/proposals/D-0001/edit/0",
    "/proposals/D-0001/edit/99999999999999999999999",
    "/proposals/D-0001/edit/" + "9" * 5_000,
    "/proposals/D-0001/edit/-1",
    "/accounts/" + "9" * 5_000,
    "/accounts/0",
    "/accounts/2147483647",
    "/accounts/2147483648",
    "/account/members/2147483647/end",
    "/alerts/2147483647/edit",
    "/vocabulary/%00",
    "/vocabulary/topics/row?key=" + "a" * 5_000,
    "/vocabulary/editions/2147483648",
    "/password/reset/%00",
    "/password/reset/" + "a" * 5_000,
    "/password/reset/%F0%9F%98%80",
    "/alerts/stop/%00",
    "/alerts/stop/a.b.c",
    "/alerts/unsubscribe/%00",
    "/sign-up/confirm/%ED%A0%80",
    "/static/%2e%2e/%2e%2e/config.py",
    "/static/../../config.py",
    "/static/%00",
    "/%ff%fe",
    "/proposals/R8-0001;a=b",
    "/.git/config",
    "/.env",
]


@pytest.mark.parametrize("role", ["visitor", "npo", "administrator"])
def test_no_path_breaks_the_router(world, browsers, role):
    codes = {}
    for path in PATHS:
        with browsers[role].get(path) as answer:
            codes[path[:60]] = answer.status_code

    assert {path: code for path, code in codes.items() if code >= 500} == {}
    assert codes["/.git/config"] == codes["/.env"] == 404


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "X" * 300])
def test_no_unknown_method_is_answered(browsers, method):
    with browsers["visitor"].open("/about", method=method) as answer:
        assert answer.status_code in {405, 200} if method == "get" else answer.status_code == 405


def test_a_search_finds_its_signs_and_not_what_they_mean_to_a_database(world, browsers):
    with browsers["visitor"].get("/proposals?q=%25") as answer:
        assert "R8-0001" not in answer.text
    with browsers["visitor"].get("/proposals?q=_") as answer:
        assert "R8-0001" not in answer.text


def test_a_refused_form_of_a_visitor_writes_nothing_but_the_count_of_tries(world, browsers):
    before = fingerprint()

    for _role, pattern in FORMS[:4]:
        browsers["visitor"].post(pattern, data={"email": "<script>", "password": "x"}).close()

    assert fingerprint() == before
