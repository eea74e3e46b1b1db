"""Other grants (ほかの助成) to which a proposal that was not adopted can be pointed. Data with its source."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "other_grants.json"


@dataclass(frozen=True, slots=True)
class OtherGrant:
    """A grant of another body, with the page that was read and the day on which it was."""

    key: str
    name: str
    provider: str
    what: str
    url: str
    checked_on: date

    @property
    def label(self) -> str:
        return f"{self.name}（{self.provider}）"


@lru_cache(maxsize=1)
def other_grants() -> dict[str, OtherGrant]:
    """Return the grants by their keys, in the order of the file.

    >>> all(grant.url.startswith("https://") for grant in other_grants().values())
    True
    """
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    grants = (OtherGrant(**{**row, "checked_on": date.fromisoformat(row["checked_on"])}) for row in rows)
    return {grant.key: grant for grant in grants}
