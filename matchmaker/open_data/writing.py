"""Write a dataset as a file: CSV, JSON or a workbook, row by row."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

import xlsxwriter

from matchmaker.foundation.tables import csv_pieces
from matchmaker.open_data.datasets import Dataset
from matchmaker.open_data.fields import Row, cell, plain

SPOOLED = 4 * 1024 * 1024
"""A workbook larger than this is written to a temporary file and not kept in memory."""

CHUNK = 64 * 1024

_SAME_EVERY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""A workbook says when it was made; with a moment of its own each day, equal contents would be different files."""


def as_csv(dataset: Dataset, rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as CSV in UTF-8 with a byte order mark; the first line has the labels."""
    header = [field.label for field in dataset.fields]
    keys = [field.key for field in dataset.fields]
    return csv_pieces(header, ([cell(row[key]) for key in keys] for row in rows))


def as_json(dataset: Dataset, rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as one JSON array of objects, each in a line."""
    keys = [field.key for field in dataset.fields]
    contents = ({key: plain(row[key]) for key in keys} for row in rows)
    return json_lines(json.dumps(content, ensure_ascii=False) for content in contents)


def json_lines(written: Iterable[str]) -> Iterator[bytes]:
    """Yield an array of values that are written already.

    >>> b"".join(json_lines(["1", "2"]))
    b'[\\n1,\\n2\\n]\\n'
    """
    yield b"["
    separator = "\n"
    for one in written:
        yield f"{separator}{one}".encode()
        separator = ",\n"
    yield b"\n]\n"


def as_xlsx(dataset: Dataset, rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as a workbook."""
    keys = [field.key for field in dataset.fields]
    labels = [field.label for field in dataset.fields]
    yield from in_pieces(workbook(dataset.title, labels, ([cell(row[key]) for key in keys] for row in rows)))


def workbook(title: str, labels: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """Return a workbook, at its beginning; every text is a text, never a formula or a link."""
    out = SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - who reads it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": _SAME_EVERY_DAY})
        page = book.add_worksheet(title[:31])
        page.freeze_panes(1, 0)
        page.set_column(0, len(labels) - 1, 24)
        for column, label in enumerate(labels):
            page.write_string(0, column, label)
        for number, values in enumerate(rows, start=1):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write_number(number, column, value)
    out.seek(0)
    return out


def in_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with file:
        while piece := file.read(CHUNK):
            yield piece


WRITERS: dict[str, Callable[[Dataset, Iterable[Row]], Iterator[bytes]]] = {
    "csv": as_csv,
    "json": as_json,
    "xlsx": as_xlsx,
}

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_name(name: str, ending: str) -> str:
    """Return the name of a downloaded file."""
    return Path(name).with_suffix(f".{ending}").name
