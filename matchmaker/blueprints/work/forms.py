"""What narrows the work queue, and what is chosen in it."""

from collections.abc import Collection
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation.text import tidy_line
from matchmaker.review.work import WorkFilter, WorkOrder

LONGEST_WORDS = 100
MOST_CHOSEN = 100
"""Things chosen at once: their names stand in the address, which stays below 4,000 characters."""


class Asked:
    """The list as the address asks for it: filter, order, page and selection. Anything odd in it counts as absent."""

    def __init__(self, values: MultiDict[str, str]) -> None:
        self.wanted = WorkFilter(
            kind=next((kind for kind in WaitingKind if kind.value == values.get("kind")), None),
            is_overdue=values.get("late") == "1",
            text=tidy_line(values.get("q", ""))[:LONGEST_WORDS],
            order=next((order for order in WorkOrder if order.value == values.get("sort")), WorkOrder.DUE),
        )
        page = values.get("page", "")
        self.page = int(page) if page.isascii() and page.isdigit() and 0 < len(page) <= 4 else 1
        chosen = tuple(dict.fromkeys(values.getlist("item")))
        self.selected, self.is_too_many = chosen[:MOST_CHOSEN], len(chosen) > MOST_CHOSEN

    @classmethod
    def of_request(cls) -> "Asked":
        """Return what the address says, or the form that was sent from it."""
        return cls(request.form if request.method == "POST" else request.args)

    @property
    def is_narrowed(self) -> bool:
        wanted = self.wanted
        return wanted.kind is not None or wanted.is_overdue or bool(wanted.text)

    @property
    def numbers(self) -> list[str]:
        """The numbers of the chosen records: items are named "assessing:R8-0012"."""
        return list(dict.fromkeys(key.rpartition(":")[2] for key in self.selected))

    def values(self, **changed: Any) -> dict[str, Any]:
        """Return the parameters that lead back to this list, with some of them changed; None and "" drop one."""
        wanted = self.wanted
        values: dict[str, Any] = {
            "kind": wanted.kind.value if wanted.kind else None,
            "late": "1" if wanted.is_overdue else None,
            "q": wanted.text,
            "sort": wanted.order.value if wanted.order is not WorkOrder.DUE else None,
            "page": self.page if self.page > 1 else None,
            "item": list(self.selected),
        } | changed
        return {name: value for name, value in values.items() if value}

    def address(self, **changed: Any) -> str:
        """Return the address of the list with some parameters changed."""
        return url_for("work.queue", **self.values(**changed))

    def keep_selected(self, keys: Collection[str]) -> None:
        """Forget the chosen things that are no longer among those that can be chosen."""
        self.selected = tuple(key for key in self.selected if key in keys)

    def without_filter(self) -> str:
        """Return the address of the whole list with the selection as it is."""
        return url_for("work.queue", item=list(self.selected))

    def applied(self) -> list[tuple[str, str]]:
        """Return what narrows the list now, each with the address without it."""
        wanted = self.wanted
        named = (
            ("kind", wanted.kind and wanted.kind.label),
            ("late", wanted.is_overdue and _("期限を過ぎたもの")),
            ("q", wanted.text and _("ことば：%(text)s", text=wanted.text)),
        )
        return [(str(label), self.address(**{name: None, "page": None})) for name, label in named if label]
