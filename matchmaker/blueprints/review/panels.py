"""The parts of the review page that come from an activity of their own: each finds its data and has its template."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from matchmaker.accounts.models import User
from matchmaker.proposals.models import Proposal
from matchmaker.review import circulation_queries
from matchmaker.review.workflow import Action


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of the page. ``find`` returns None when there is nothing to show to this person.

    The template ``review/_<key>.html`` gets what was found under the name ``panel``, and starts with its own ``h2``
    whose id is ``key``.
    """

    key: str
    label: Any
    find: Callable[[User, Proposal], Any]


PANELS: list[Panel] = [
    Panel("circulation", _l("関係課の意見"), circulation_queries.list_of),
]
"""In the order of the page, between the decision and the text of the proposal."""

STEP_PAGES: dict[Action, str] = {
    Action.CIRCULATE: "circulation.send",
    Action.LAPSE: "clocks.lapse",
    Action.RESUME: "clocks.resume",
}
"""Steps that are taken on a page of their own: its endpoint, which takes the proposal's ``number``."""


def panels_for(user: User, proposal: Proposal) -> list[tuple[Panel, Any]]:
    """Return the parts that have something to show to the person, with what they show."""
    found = [(panel, panel.find(user, proposal)) for panel in PANELS]
    return [(panel, data) for panel, data in found if data is not None]
