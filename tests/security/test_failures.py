"""What people see when the database is away or the code is wrong: one of our pages, at once, that tells nothing."""

import logging

import pytest

from matchmaker.app import create_app
from matchmaker.blueprints.access import public
from matchmaker.foundation.database import engine_options
from tests.support.client import InspectingClient
from tests.support.pages import parse

NOBODY_LISTENS = "postgresql+psycopg://nobody@127.0.0.1:1/none"
PAGES = [
    "/",
    "/proposals",
    "/proposals/R8-0001",
    "/proposals/mine",
    "/interests/mine",
    "/introductions",
    "/review",
    "/projects",
    "/organisations",
    "/indicators",
    "/search?q=a",
    "/account",
    "/accounts",
]


def _app(**overrides):
    app = create_app("testing", PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False, **overrides)
    app.test_client_class = InspectingClient
    return app


@pytest.fixture
def cut_off():
    """An application whose database does not answer."""
    return _app(SQLALCHEMY_DATABASE_URI=NOBODY_LISTENS, SQLALCHEMY_ENGINE_OPTIONS=engine_options(NOBODY_LISTENS))


def _client(app, *, has_sign_in):
    client = app.test_client()
    if has_sign_in:
        with app.app_context(), client.session_transaction() as cookie:
            cookie["_user_id"] = "a token that the database would know"
    return client


def _open(app, client, address, method="GET", **values):
    with app.app_context():
        return client.open(address, method=method, **values)


@pytest.mark.parametrize("has_sign_in", [False, True])
def test_every_page_says_that_it_is_not_available_when_the_database_is_away(cut_off, has_sign_in):
    client = _client(cut_off, has_sign_in=has_sign_in)
    needing_a_sign_in = {"/proposals/mine", "/interests/mine", "/introductions", "/review", "/account", "/accounts"}
    pages = [page for page in PAGES if has_sign_in or page not in needing_a_sign_in]

    answers = {page: _open(cut_off, client, page) for page in pages}

    assert {page: answer.status_code for page, answer in answers.items() if answer.status_code != 503} == {}
    for answer in answers.values():
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in answer.headers
        assert "Traceback" not in answer.text
        assert "psycopg" not in answer.text


@pytest.mark.parametrize("has_sign_in", [False, True])
def test_pages_for_wrong_addresses_and_methods_fail_cleanly_when_the_database_is_away(cut_off, has_sign_in):
    client = _client(cut_off, has_sign_in=has_sign_in)

    answers = [
        _open(cut_off, client, "/nowhere"),
        _open(cut_off, client, "/about", method="DELETE"),
        _open(cut_off, client, "/sign-in", method="POST", data={"email": "a@example.jp", "password": "x" * 12}),
        _open(cut_off, client, "/proposals/new/autosave", method="POST", headers={"X-Requested-With": "fetch"})
        if has_sign_in
        else _open(cut_off, client, "/nowhere/else"),
    ]

    assert [answer.status_code for answer in answers] == [503] * 4
    assert all("Content-Security-Policy" in answer.headers for answer in answers)


@pytest.mark.parametrize("has_sign_in", [False, True])
def test_the_health_check_answers_without_the_database_and_readiness_says_no(cut_off, has_sign_in):
    client = _client(cut_off, has_sign_in=has_sign_in)

    health, readiness = _open(cut_off, client, "/healthz"), _open(cut_off, client, "/readyz")

    assert (health.status_code, health.json) == (200, {"status": "ok"})
    assert (readiness.status_code, readiness.json["status"]) == (503, "not ready")


@pytest.mark.parametrize("has_sign_in", [False, True])
def test_the_page_for_an_unexpected_error_asks_nothing_of_the_database(has_sign_in, caplog):
    app = _app(SQLALCHEMY_DATABASE_URI=NOBODY_LISTENS, SQLALCHEMY_ENGINE_OPTIONS=engine_options(NOBODY_LISTENS))

    @public
    def wrong():
        raise ZeroDivisionError("told to the log alone")

    app.add_url_rule("/wrong", "wrong", wrong)
    client = _client(app, has_sign_in=has_sign_in)
    with caplog.at_level(logging.ERROR):
        page = _open(app, client, "/wrong")
        answer = _open(app, client, "/wrong", headers={"X-Requested-With": "fetch"})

    reference = parse(page.text).select_one("strong.number").get_text()
    assert (page.status_code, answer.status_code) == (500, 500)
    assert f"unexpected error {reference} at wrong" in caplog.text
    assert "told to the log alone" not in page.text + answer.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in page.headers


def test_what_people_typed_stays_out_of_the_texts_of_database_errors(app, session):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as failure:
        session.execute(text("SELECT * FROM nowhere WHERE email = :email"), {"email": "canary@example.jp"})
    session.rollback()

    assert "canary@example.jp" not in str(failure.value)
