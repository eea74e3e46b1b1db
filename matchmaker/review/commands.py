"""``flask workflow diagram``: write the page that shows the workflow."""

from pathlib import Path

import click

from config import ROOT
from matchmaker.review.diagram import workflow_page

PAGE = ROOT / "docs" / "workflow.md"


@click.group("workflow")
def workflow() -> None:
    """Show the workflow."""


@workflow.command("diagram")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), default=PAGE, help="The file to write.")
def diagram(path: Path) -> None:
    """Write the workflow's picture and table from the table in the code."""
    path.write_text(workflow_page(), encoding="utf-8")
    click.echo(str(path))
