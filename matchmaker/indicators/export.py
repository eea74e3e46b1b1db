"""Tables as CSV that a spreadsheet opens correctly and safely. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""Return a CSV file in UTF-8 with a byte order mark; texts that a spreadsheet would run as a formula are quoted.

    Source: OWASP, CSV Injection.

    >>> csv_bytes(["a"], [["=1+1"], [5]]).decode("utf-8-sig")
    "a\r\n'=1+1\r\n5\r\n"
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
