"""Who may use a route: nobody unless it says so."""

import pytest
from flask import Flask

from matchmaker.blueprints import access
from matchmaker.permissions.grants import Permission

PUBLIC_ENDPOINTS = {
    "static",
    "home.index",
    "home.search",
    "home.about",
    "home.accessibility",
    "home.privacy",
    "home.healthz",
    "home.readyz",
    "accounts.sign_in",
    "accounts.sign_up",
    "accounts.sign_up_side",
    "accounts.mail_sent",
    "accounts.confirm_email",
    "accounts.forgot_password",
    "accounts.reset_password",
    "accounts.accept_invitation",
    "accounts.outbox",
    "clocks.response_times",
    "history.funnel",
    "directory.list",
    "directory.show",
    "proposals.list",
    "proposals.show",
    "proposals.past",
    "proposals.proxy_confirm",
    "proposals.proxy_enter_code",
    "proposals.reconsiderations",
    "panel.presentations",
    "panel.programme",
    "calls.criteria",
    "calls.show",
    "calls.history",
    "calls.theme",
    "projects.lessons",
    "projects.list",
    "projects.reflection_round",
    "projects.reflection_rounds",
    "projects.show",
    "introductions.stop_alerts",
    "introductions.unsubscribe",
    "indicators.counting_rule",
    "indicators.counting_rules_list",
    "indicators.list",
    "open_data.catalogue",
    "open_data.dataset",
    "open_data.download",
    "open_data.reference",
    "open_data.openapi_document",
    "open_data.rows",
    "open_data.proposals_feed",
    "open_data.calls_calendar",
    "open_data.row",
    "open_data.giving",
    "open_data.days",
    "open_data.day",
    "open_data.archived",
    "open_data.opportunities",
    "open_data.opportunity",
    "indicators.show",
    "indicators.figure",
    "indicators.members",
    "indicators.budgets",
    "indicators.figures_csv",
    "indicators.members_csv",
    "indicators.report",
    "indicators.report_xlsx",
    "indicators.report_pdf",
    "indicators.participation",
    "dashboard.show",
    "dashboard.stage",
}


def test_an_unmarked_view_stops_the_application_from_starting(app):
    other = Flask("other")
    other.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(RuntimeError, match="forgotten"):
        access.refuse_unmarked(other)


def test_an_unmarked_view_refuses_even_when_the_start_check_is_missing(make_app):
    other = make_app("testing")
    other.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    assert other.test_client().get("/forgotten").status_code == 403


def test_only_the_listed_views_are_public(app):
    public = {endpoint for endpoint in app.view_functions if access.access_of(app, endpoint) == "public"}

    assert public - PUBLIC_ENDPOINTS == set()


def test_every_other_view_names_a_permission(app):
    marks = {access.access_of(app, endpoint) for endpoint in app.view_functions if endpoint not in PUBLIC_ENDPOINTS}

    assert all(isinstance(mark, Permission) for mark in marks)


def _plain_address(rule):
    """An address of the rule with well-formed numbers of records that do not exist."""
    examples = {
        "proposal_number": "R8-9999",
        "interest_number": "K-9999",
        "organisation_number": "O-0999",
        "project_number": "R8-P999",
        "introduction_number": 9999,
        "fiscal_year": 2026,
        "call_number": "R8-C99",
        "disclosure_number": "R8-D999",
        "consultation_number": 9999,
        "theme_number": "T-9999",
        "IntegerConverter": 1,
    }
    return (rule.defaults or {}) | {
        name: min(
            getattr(rule._converters[name], "items", ()), default=examples.get(_converter_name(rule, name), "nothing")
        )
        for name in rule._converters
    }


def _converter_name(rule, argument):
    converter = rule._converters[argument]
    names = {type_: name for name, type_ in rule.map.converters.items()}
    return names.get(type(converter), "") if type(converter).__name__ != "IntegerConverter" else "IntegerConverter"


def _address_of(rule):
    return rule.build(_plain_address(rule), append_unknown=False)[1]


def test_every_unsafe_route_refuses_a_request_without_the_anti_forgery_token(app, make_app, database):
    guarded = make_app("testing")
    guarded.test_client_class = app.test_client_class
    unsafe = {"POST", "PUT", "PATCH", "DELETE"}
    with guarded.test_request_context():
        addresses = {rule.endpoint: _address_of(rule) for rule in guarded.url_map.iter_rules() if rule.methods & unsafe}
    client = guarded.test_client()

    answers = {endpoint: client.post(address).status_code for endpoint, address in addresses.items()}

    assert len(answers) > 20
    assert {endpoint: code for endpoint, code in answers.items() if code != 400} == {}


def test_a_visitor_is_sent_to_sign_in_by_every_route_that_needs_a_permission(app, client):
    rules = [rule for rule in app.url_map.iter_rules() if isinstance(access.access_of(app, rule.endpoint), Permission)]
    with app.test_request_context():
        addresses = {rule.endpoint: (_address_of(rule), "GET" in rule.methods) for rule in rules}

    answers = {
        endpoint: (client.get(address) if is_get else client.post(address)).location or ""
        for endpoint, (address, is_get) in addresses.items()
    }

    assert {endpoint: location for endpoint, location in answers.items() if not location.startswith("/sign-in")} == {}
