"""Shares of small groups, with thin cells hidden. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST_SHOWN = 5
"""A group with fewer settled proposals would say something of single organisations."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group came through. Both numbers are None where the group is hidden."""

    group: str
    moved: int | None
    tried: int | None

    @property
    def is_hidden(self) -> bool:
        return self.tried is None

    @property
    def percent(self) -> int | None:
        """The share in whole per cent; None where the group is hidden."""
        return round(100 * self.moved / self.tried) if self.tried and self.moved is not None else None


def shares(groups: Mapping[str, tuple[int, int]], fewest: int = FEWEST_SHOWN) -> list[Share]:
    """Return the groups (its key -> moved, tried) in their order, thin ones hidden.

    A single hidden group could be worked out from the total, so the smallest of the others is then hidden with it.

    >>> [one.percent for one in shares({"北勢": (6, 12), "伊賀": (1, 2), "中勢": (5, 8), "東紀州": (0, 1)})]
    [50, None, 62, None]
    >>> [one.percent for one in shares({"北勢": (6, 12), "伊賀": (1, 2), "中勢": (5, 8)})]
    [50, None, None]
    >>> [one.percent for one in shares({"北勢": (6, 12), "中勢": (5, 8)})]
    [50, 62]
    """
    hidden = {group for group, (_moved, tried) in groups.items() if tried < fewest}
    shown = [group for group in groups if group not in hidden]
    if len(hidden) == 1 and shown:
        hidden.add(min(shown, key=lambda group: groups[group][1]))
    return [
        Share(group, None, None) if group in hidden else Share(group, moved, tried)
        for group, (moved, tried) in groups.items()
    ]
