"""Reading the data files under ``seeds/``."""

import csv
import json
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).parents[2] / "seeds"


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file, each by column name."""
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_entries(name: str) -> list[dict[str, Any]]:
    """Return the objects of a JSON lines file."""
    with (SEEDS / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
