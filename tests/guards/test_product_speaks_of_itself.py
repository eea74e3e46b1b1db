"""Templates and code keep the promises that a reader cannot see by running them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _lines_with(pattern: str, *folders: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".html", ".txt", ".js"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_no_template_marks_typed_text_as_safe():
    assert _lines_with(r"\|\s*safe\b", "templates") == []


def test_no_template_holds_inline_style_script_or_event_handler():
    assert _lines_with(r"\sstyle=|<style|<script(?![^>]*(src=|ld\+json))|\son[a-z]+=\"", "templates") == []


def test_only_the_clock_tells_the_time():
    places = _lines_with(r"datetime\.now\(|utcnow\(|date\.today\(|time\.time\(", "matchmaker")

    assert [place for place in places if not place.startswith("matchmaker/foundation/clock.py")] == []


def test_no_package_is_named_after_nothing():
    names = {path.stem for path in (ROOT / "matchmaker").rglob("*.py")}

    assert names & {"utils", "util", "helpers", "common", "misc", "manager", "core", "base"} == set()


def test_package_files_hold_no_imports():
    files = list((ROOT / "matchmaker").rglob("__init__.py"))

    assert [str(path) for path in files if re.search(r"^\s*(import|from)\s", path.read_text(), re.MULTILINE)] == []
