"""Tables as CSV that a spreadsheet opens correctly and safely. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff".encode()
"""Without it a Japanese spreadsheet takes a file in UTF-8 for one in Shift_JIS."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""Return a CSV file in UTF-8 with a byte order mark; texts that a spreadsheet would run as a formula are quoted.

    Source: OWASP, CSV Injection; the full-width signs are taken as formulas by Japanese spreadsheets.

    >>> csv_bytes(["a"], [["=1+1"], [5]]).decode("utf-8-sig")
    "a\r\n'=1+1\r\n5\r\n"
    """
    return b"".join(csv_pieces(header, rows))


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the same file piece by piece, so that a long table never stands in memory as a whole."""
    yield MARK
    yield csv_line(header)
    for row in rows:
        yield csv_line([safe_cell(cell) for cell in row])


def safe_cell(cell: object) -> object:
    """Return a cell that no spreadsheet runs; None becomes an empty one.

    >>> safe_cell("＝A1"), safe_cell(None), safe_cell(-5)
    ("'＝A1", '', -5)
    """
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def csv_line(cells: Sequence[object]) -> bytes:
    """Return one line as it is; ``safe_cell`` is the caller's."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
