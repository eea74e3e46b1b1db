"""The tables that a run prints. Ratios are between best rounds of the same run."""

import unicodedata
from collections.abc import Sequence

from tests.bench.one_size import EVERYTHING, FOUR, Findings
from tests.bench.peers import TOP


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns, the first to the left and all others to the right.

    >>> print(table(["engine", "ms"], [["ours", "1.5"], ["theirs", "20.25"]]))
    engine     ms
    ------  -----
    ours      1.5
    theirs  20.25
    """
    widths = [max(_width(row[column]) for row in [headings, *rows]) for column in range(len(headings))]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    gaps = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    first, *rest = zip(cells, gaps, strict=True)
    return "  ".join(["".join(first), *(gap + cell for cell, gap in rest)]).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def size_report(findings: Findings, bandwidth: float) -> str:
    """Return everything that one size gave; ``bandwidth`` in bytes a second."""
    parts = [
        f"{findings.interests:,} interests, {findings.proposals:,} proposals",
        _queries(findings, bandwidth),
        _other(findings),
        *(f"left out: {reason}" for reason in findings.left_out),
    ]
    return "\n\n".join(parts)


def _queries(findings: Findings, bandwidth: float) -> str:
    limit = 1000 * findings.least_bytes / bandwidth
    rows = [["limit: reading what four parts need, once", "", short(limit), "", *_ratios(findings, limit)]]
    for name, timing in sorted(findings.queries.items(), key=lambda entry: entry[1].best):
        times = [short(timing.median), short(timing.best), short(timing.worked)]
        rows.append([name, *times, *_ratios(findings, timing.best)])
    headings = [f"one proposal, best {TOP}", "median ms", "best ms", "worked ms", "to four parts", "to all criteria"]
    return table(headings, rows)


def _ratios(findings: Findings, milliseconds: float) -> list[str]:
    ours = (findings.queries.get(FOUR), findings.queries.get(EVERYTHING))
    return [f"{short(milliseconds / timing.best)}x" if timing else "-" for timing in ours]


def _other(findings: Findings) -> str:
    pairs = findings.interests * findings.proposals
    rows = []
    if findings.put and findings.put_and_list:
        for name, timing in (
            ("one interest changed", findings.put),
            ("one interest changed, and one list", findings.put_and_list),
        ):
            rows.append(
                [name, f"{short(timing.median)} ms", f"{short(timing.best)} ms best, worked {short(timing.worked)}"]
            )
        verdict = "equal" if findings.lists_are_equal else "DIFFERENT"
        rows.append(["list after changes against the scalar scorer, and after taking them back", verdict, ""])
    for name, found in findings.all_pairs.items():
        what = f"best {TOP} of {findings.interests:,} for each of {findings.proposals:,}: {name}"
        rate = f"{pairs / found.seconds / 1e6:.0f} million pairs a second, processors worked {found.worked:.2f} s"
        rows.append([what, f"{found.seconds:.2f} s", rate])
    started = findings.imported + findings.loaded + findings.built + findings.first_list
    how = f"imports {findings.imported:.2f}, rows {findings.loaded:.2f}, index {findings.built:.2f}"
    rows.append(["cold start to the first list", f"{started:.2f} s", how])
    rows.append(["peak memory of that process", f"{findings.peak_memory:.0f} MB", "while it builds"])
    if findings.kept_start is not None:
        size = f"file of {findings.file_size:.0f} MB, written in {findings.written:.2f} s"
        rows.append(["start with the index of another process", f"{findings.kept_start:.2f} s", size])
        own = f"{findings.kept_own:.0f} MB its own, the rest pages that all workers share"
        rows.append(["peak memory of that process", f"{findings.kept_memory:.0f} MB", own])
    return table(["what else", "", ""], rows)


def short(value: float) -> str:
    """Three digits that count, without an exponent."""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 4
    return f"{value:.{decimals}f}"
