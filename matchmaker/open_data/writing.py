"""Write a dataset as a file: CSV, JSON or a workbook, row by row."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

import xlsxwriter

from matchmaker.foundation.tables import csv_pieces
from matchmaker.open_data.datasets import Dataset
from matchmaker.open_data.fields import cell, plain

SPOOLED = 4 * 1024 * 1024
"""A workbook larger than this is written to a temporary file and not kept in memory."""


def as_csv(dataset: Dataset, base_url: str) -> Iterator[bytes]:
    """Yield the dataset as CSV in UTF-8 with a byte order mark; the first line has the labels."""
    header = [field.label for field in dataset.fields]
    keys = [field.key for field in dataset.fields]
    return csv_pieces(header, ([cell(row[key]) for key in keys] for row in dataset.every(base_url)))


def as_json(dataset: Dataset, base_url: str) -> Iterator[bytes]:
    """Yield the dataset as one JSON array of objects."""
    yield b"["
    separator = b"\n"
    for row in dataset.every(base_url):
        content = {field.key: plain(row[field.key]) for field in dataset.fields}
        yield separator + json.dumps(content, ensure_ascii=False).encode()
        separator = b",\n"
    yield b"\n]\n"


def as_xlsx(dataset: Dataset, base_url: str) -> IO[bytes]:
    """Return the dataset as a workbook, at its beginning; every text is a text, never a formula or a link."""
    out = SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet(dataset.title[:31])
        page.freeze_panes(1, 0)
        for column, field in enumerate(dataset.fields):
            page.set_column(column, column, 24)
            page.write_string(0, column, field.label)
        for number, row in enumerate(dataset.every(base_url), start=1):
            for column, field in enumerate(dataset.fields):
                value = cell(row[field.key])
                if isinstance(value, str):
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write_number(number, column, value)
    out.seek(0)
    return out


def file_name(dataset: Dataset, ending: str) -> str:
    """Return the name of a downloaded file."""
    return Path(dataset.key).with_suffix(f".{ending}").name
