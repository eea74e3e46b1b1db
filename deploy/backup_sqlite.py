"""``python -m deploy.backup_sqlite SOURCE TARGET``: a sound copy of an embedded database while it is in use.

The file is never copied as such: parts of it are still in its journal. The product's own SQLite is used, because an
older one can damage the journal.
"""

from contextlib import closing
from pathlib import Path

import click
import pysqlite3

FAILED = 1


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def main(source: Path, target: Path) -> None:
    """Copy SOURCE to TARGET through the database, check the copy, and only then put it in its place."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with (
        closing(pysqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as live,
        closing(pysqlite3.connect(unfinished)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        [(verdict,)] = copy.execute("PRAGMA quick_check(1)")
    if verdict != "ok":
        click.echo(f"{source}: {verdict}", err=True)
        raise SystemExit(FAILED)
    unfinished.replace(target)
    click.echo(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
