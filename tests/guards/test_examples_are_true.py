"""The page of examples shows the code as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "examples_to_follow.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r"^## [^`]+`([^`]+)`$.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_each_excerpt_stands_in_its_file():
    changed = [path for path, excerpt in EXCERPTS if excerpt not in (ROOT / path).read_text(encoding="utf-8")]

    assert changed == []


def test_there_is_an_example_of_each_kind():
    kinds = re.findall(r"^## (.+?):", PAGE, re.MULTILINE)

    assert kinds == [
        "A model",
        "A form",
        "A view",
        "A service function",
        "A pure function",
        "A workflow row",
        "A test",
    ]
    assert len(EXCERPTS) == len(kinds)
