import re

from tests.bench.one_size import DRAFT, EVERYTHING, FOUR, Findings, measure
from tests.bench.registry import synthetic_registry
from tests.bench.report import size_report


def test_a_registry_of_200_records_gives_every_row_of_the_report():
    steps: list[str] = []

    findings = measure(synthetic_registry(5, 200), tell=steps.append, rounds=1)
    report = size_report(findings, bandwidth=10e9)

    assert report.startswith("200 interests, 5 proposals\n")
    rows = [EVERYTHING, FOUR, DRAFT, "SQLite FTS5", "limit: reading", "one interest changed", "best 20 of 200 for each"]
    for row in [*rows, "cold start", "start with the index"]:
        assert re.search(rf"^{re.escape(row)}.*[0-9]", report, re.MULTILINE)
    assert re.search(r"^list after changes against the scalar scorer.* equal$", report, re.MULTILINE)
    assert steps[0] == "building the index"


def test_findings_survive_the_way_between_processes():
    findings = measure(synthetic_registry(2, 10), tell=lambda step: None, rounds=1)

    assert Findings.from_json(findings.to_json()) == findings
