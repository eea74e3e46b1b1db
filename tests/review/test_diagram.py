"""The generated page about the workflow."""

from flask import Flask

from matchmaker.proposals.status import DRAFTABLE
from matchmaker.review.commands import PAGE
from matchmaker.review.diagram import workflow_page
from matchmaker.review.workflow import STEPS


def test_the_page_in_docs_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == workflow_page(), "run: flask workflow diagram"


def test_the_page_has_one_row_and_one_arrow_for_each_step():
    page = workflow_page()

    rows = [line for line in page.splitlines() if line.startswith("| `")]
    arrows = [line for line in page.splitlines() if " --> " in line and " : " in line]
    ends = [len(DRAFTABLE) if step.to_status is None else 1 for step in STEPS]
    assert (len(rows), len(arrows)) == (len(STEPS), sum(ends))


def test_the_command_writes_the_page(app: Flask, tmp_path):
    result = app.test_cli_runner().invoke(args=["workflow", "diagram", "--to", str(tmp_path / "workflow.md")])

    assert (result.exit_code, (tmp_path / "workflow.md").read_text(encoding="utf-8")) == (0, workflow_page())
