"""Every address × every role × every state of the record: the answer is the one in ``expectations``."""

from collections import Counter

from tests.security.expectations import NEEDS_DUTY, PUBLIC, ROLES


def test_every_endpoint_has_an_expectation(app):
    known = {*PUBLIC, *NEEDS_DUTY}
    real = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert real - known == set(), "say in expectations.py who may use them"
    assert known - real == set(), "they are gone: take them out of expectations.py"


def test_every_cell_gets_the_answer_that_it_must(walked):
    wrong = [
        f"{asked.cell.role} {asked.cell.method} {asked.endpoint} {asked.cell.about}: {asked.code}, not {asked.wanted}"
        for asked in walked.cells
        if asked.code != asked.wanted
    ]

    assert wrong == []


def test_the_table_is_large_enough_to_mean_something(walked):
    roles = Counter(asked.cell.role for asked in walked.cells)

    assert set(roles) == set(ROLES)
    assert len(walked.cells) + walked.allowed >= 3_000
    assert {asked.code for asked in walked.cells} >= {200, 302, 303, 403, 404, 405, 422}


def test_a_refused_request_changes_nothing(walked):
    assert walked.changed == []


def test_reading_changes_nothing_but_the_record_of_who_was_shown_what(walked):
    noted = {"exposure", "exposure_plan", "exposure_alarm", "guaranteed_proposal", "reserved_slot"}

    changed = {(role, name) for role, name in walked.written_by_reading if name not in noted}

    assert changed == set()
    assert {role for role, name in walked.written_by_reading if name == "exposure"} <= {"company", "company_other"}


def test_nothing_ends_in_an_error_page(walked):
    failed = [asked for asked in walked.cells if asked.code >= 500 and asked.endpoint != "home.readyz"]

    assert failed == []
