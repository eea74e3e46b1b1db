"""One page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """``items`` of page ``number`` (from 1) of a list of ``total`` items, ``size`` a page.

    >>> page = Page(items=["c"], number=2, size=2, total=3)
    >>> page.pages, page.has_prev, page.has_next, page.first, page.last
    (2, True, False, 3, 3)
    """

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.items)


def cut(items: Sequence[Item], number: int, *, size: int = 20) -> Page[Item]:
    """Return one page of a list that is at hand as a whole, the last page when ``number`` lies behind it.

    >>> page = cut("abcde", 9, size=2)
    >>> page.items, page.number, page.total
    ('e', 3, 5)
    """
    shown = max(1, min(number, -(-len(items) // size)))
    return Page(items=items[(shown - 1) * size : shown * size], number=shown, size=size, total=len(items))
