from pathlib import Path

from matchmaker.indicators.catalogue import INDICATORS
from matchmaker.indicators.counting import RULE_V1, Obstacle

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")


def test_documentation_names_every_indicator_as_the_catalogue_does():
    rows = [f"| `{one.key}` | {one.title} | {one.unit} | {one.kind.label} |" for one in INDICATORS]
    assert [row for row in rows if row not in PAGE] == []


def test_documentation_names_every_obstacle_as_the_rule_does():
    rows = [f"| `{one.value}` | {one.label} |" for one in Obstacle]
    assert [row for row in rows if row not in PAGE] == []


def test_documentation_names_every_form_that_counts():
    line = next(line for line in PAGE.splitlines() if line.startswith("2. its form is agreed"))
    assert [form.label for form in RULE_V1.forms if form.label not in line] == []
