"""The headers of every kind of answer, cookies, hosts and redirects."""

import pytest

from config import MEBIBYTE
from matchmaker.accounts import passwords
from matchmaker.blueprints.access import public
from matchmaker.foundation.transaction import transaction
from tests.support import records
from tests.support.client import InspectingClient, sign_in
from tests.support.pages import parse

PASSWORD = "long enough to be kept 2026"

OFF_SITE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "／／evil.example",
    "evil.example",
    "@evil.example",
    "/\x00/evil.example",
    "https://localhost@evil.example/",
    "/%0d%0aLocation:%20https://evil.example",
]


@pytest.fixture(scope="module")
def guarded_app(make_app):
    guarded = make_app("testing", PROPAGATE_EXCEPTIONS=False)
    guarded.test_client_class = InspectingClient

    @public
    def wrong():
        raise ZeroDivisionError

    guarded.add_url_rule("/wrong", "wrong", wrong)
    return guarded


@pytest.fixture
def guarded(guarded_app, database):
    """The application as people use it: with the anti-forgery token, and errors shown as pages."""
    return guarded_app


@pytest.fixture(scope="module")
def production_app(make_app):
    environment = {
        "SECRET_KEY": "k" * 40,
        "AUDIT_KEY": "a" * 40,
        "BASE_URL": "https://kyoso.example.jp",
        "SMTP_HOST": "mail.example.jp",
        "MAIL_FROM": "no-reply@example.jp",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        production = make_app("production", PROPAGATE_EXCEPTIONS=False)
    production.test_client_class = InspectingClient
    return production


@pytest.fixture
def production(production_app, database):
    return production_app


def _check_headers(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers


def _answers_of_every_kind(client):
    """One answer by each code that the edge can give."""
    return {
        200: client.get("/about"),
        301: client.get("/indicators/npo-prefecture-projects/H31"),
        302: client.get("/account"),
        400: client.post("/sign-in", data={}),
        404: client.get("/nowhere"),
        405: client.delete("/about"),
        410: client.get("/password/reset/nothing"),
        413: client.post("/sign-in", data=b"0" * (22 * MEBIBYTE), content_type="multipart/form-data; boundary=b"),
        500: client.get("/wrong"),
    }


def test_every_kind_of_answer_carries_the_security_headers(guarded):
    answers = _answers_of_every_kind(guarded.test_client())

    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in answers}
    for code, answer in answers.items():
        _check_headers(answer)
        if code >= 400:
            assert answer.headers["Cache-Control"] == "no-store", code


@pytest.mark.parametrize("name", ["css/page.css", "js/app.js", "icons/favicon.svg", "icons/nothing.svg"])
def test_files_of_the_site_carry_the_security_headers_and_no_cookie(guarded, name):
    with guarded.test_client().get(f"/static/{name}") as answer:
        _check_headers(answer)
        assert "Set-Cookie" not in answer.headers


def test_a_refused_sign_in_and_a_throttled_one_carry_the_headers_too(guarded, app, client):
    answers = [client.post("/sign-in", data={"email": "a@example.jp", "password": "wrong"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    for answer in answers:
        _check_headers(answer)
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_public_pages_set_no_cookie_and_may_be_kept(guarded, npo):
    client = guarded.test_client()

    for page in ("/", "/proposals", "/projects", "/organisations", "/indicators", "/about", "/search?q=a"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers, page
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Cookie" in answer.vary


def test_a_page_with_a_form_is_kept_nowhere_because_its_token_belongs_to_one_browser(guarded):
    client = guarded.test_client()

    first, again = client.get("/sign-in"), client.get("/sign-in")

    assert "Set-Cookie" in first.headers
    assert "Set-Cookie" not in again.headers
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "no-store"


def test_pages_of_somebody_who_is_signed_in_are_kept_nowhere(app, npo_client):
    for page in ("/", "/proposals", "/account", "/proposals/mine", "/about", "/healthz"):
        assert npo_client.get(page).headers["Cache-Control"] == "no-store", page


def _form_token(client, address):
    return parse(client.get(address).text).select_one("input[name=csrf_token]")["value"]


def _with_password(user):
    with transaction():
        user.password_hash = passwords.hash_password(PASSWORD)
    return user


def _sign_in_by_form(client, user, **more):
    token = _form_token(client, "/sign-in")
    values = {"csrf_token": token, "email": user.email, "password": PASSWORD, **more}
    return client.post("/sign-in", data=values)


def test_signing_in_drops_what_the_browser_held_before(guarded, npo_member):
    _with_password(npo_member)
    client = guarded.test_client()
    with client.session_transaction() as planted:
        planted["_user_id"] = "planted"
        planted["planted"] = "by somebody else"

    answer = _sign_in_by_form(client, npo_member)

    with client.session_transaction() as cookie:
        kept = dict(cookie)
    assert answer.status_code == 303
    assert kept["_user_id"] not in {"planted", ""}
    assert "planted" not in kept


def test_a_cookie_that_was_copied_is_dead_after_the_sign_out(guarded, npo_member):
    _with_password(npo_member)
    client, thief = guarded.test_client(), guarded.test_client()
    _sign_in_by_form(client, npo_member)
    thief.set_cookie("session", client.get_cookie("session").value)
    assert thief.get("/account").status_code == 200

    client.post("/sign-out", data={"csrf_token": _form_token(client, "/account")})

    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 302


def test_the_session_cookie_of_production_is_locked_to_the_host(production):
    answer = production.test_client().get("/sign-in", base_url="https://kyoso.example.jp")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("host", ["evil.example", "kyoso.example.jp.evil.example", "kyoso.example.jp:80@evil", "a b"])
def test_production_refuses_a_host_that_is_not_its_own(production, host):
    client = production.test_client()

    for page in ("/", "/proposals", "/account", "/nowhere", "/static/css/page.css"):
        answer = client.get(page, base_url="https://kyoso.example.jp", headers={"Host": host})
        assert answer.status_code == 400, page
        assert "evil" not in answer.text + str(answer.headers)
        _check_headers(answer)


@pytest.mark.parametrize("host", ["a, b", "a b", "localhost:x", "[::1", "a/b", "<script>", "localhost:80:80", "a@b"])
def test_a_host_that_is_none_is_refused_everywhere(guarded, host):
    answer = guarded.test_client().get("/about", headers={"Host": host})

    assert answer.status_code == 400
    assert host not in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "my_host-1.example.jp"]
)
def test_a_sound_host_is_served(guarded, host):
    assert guarded.test_client().get("/about", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL", "X-Rewrite-URL"])
def test_a_host_named_by_another_header_shows_nowhere(guarded, header):
    client = guarded.test_client()

    for page in ("/", "/account", "/proposals//past", "/proposals/", "/indicators/npo-prefecture-projects/H31"):
        answer = client.get(page, headers={header: "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers), (page, header)


@pytest.mark.parametrize(
    "page", ["/proposals/", "/proposals//past", "/account", "/indicators/npo-prefecture-projects/H31"]
)
def test_no_redirect_repeats_the_host_of_the_request(guarded, page):
    answer = guarded.test_client().get(page, headers={"Host": "evil.example"})

    assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("target", OFF_SITE)
def test_nobody_is_led_off_the_site_after_signing_in(guarded, npo_member, target):
    _with_password(npo_member)
    client = guarded.test_client()
    page = client.get("/sign-in", query_string={"next": target})
    kept = parse(page.text).select_one("input[name=next]")["value"]

    answer = _sign_in_by_form(client, npo_member, next=target)
    again = client.get("/sign-in", query_string={"next": target})

    assert kept == "" or kept.startswith("/%0d%0a")
    for location in (answer.location, again.location):
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "\n" not in location


def test_the_way_back_after_a_refused_page_stays_on_the_site(guarded):
    client = guarded.test_client()

    for address in ("/account?next=//evil.example", "/review?q=https://evil.example"):
        location = client.get(address).location
        assert location.startswith("/sign-in?next=%2F") or location.startswith("/sign-in?next=/")


def test_sign_in_says_the_same_of_a_known_and_of_an_unknown_address(guarded, npo_member):
    _with_password(npo_member)
    client = guarded.test_client()
    answers = []
    for email in (npo_member.email, "nobody@example.jp"):
        token = _form_token(client, "/sign-in")
        values = {"csrf_token": token, "email": email, "password": "not the password"}
        answers.append(client.post("/sign-in", data=values))

    known, unknown = (parse(answer.text).select_one("main").get_text(" ", strip=True) for answer in answers)

    assert [answer.status_code for answer in answers] == [422, 422]
    assert known == unknown


@pytest.mark.parametrize("page", ["/password/forgotten", "/sign-up/confirm/x", "/password/reset/x", "/invitations/x"])
def test_a_link_that_never_was_and_one_that_was_used_look_the_same(guarded, page):
    answer = guarded.test_client().get(page)

    assert answer.status_code == (200 if page == "/password/forgotten" else 410)


def test_a_suspended_person_has_no_page_that_needs_a_sign_in(app, database):
    person = records.user(name="止められた人")
    client = sign_in(app.test_client(), person)
    assert client.get("/account").status_code == 200

    with transaction():
        person.suspended_at = records.LONG_AGO

    assert client.get("/account").status_code == 302
