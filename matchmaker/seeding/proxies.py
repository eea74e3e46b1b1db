"""The demonstration's paper proposal, entered for its owner and not confirmed yet (``seeds/demo.json``)."""

from datetime import timedelta
from typing import Any

from matchmaker.permissions.grants import Role
from matchmaker.proposals import proxy, service
from matchmaker.proposals.proxy_models import Channel
from matchmaker.proposals.questions import Question
from matchmaker.seeding.journeys import Journeys

ENTERED_BEFORE = timedelta(days=3)


def add_entry(written: dict[str, Any], journeys: Journeys) -> None:
    """Store one entry: the text of another proposal under a title of its own."""
    actor, at = journeys.users[Role.INTERMEDIARY], journeys.at - ENTERED_BEFORE
    source = journeys.proposals[written["like"]]
    entry = proxy.enter(source.organisation, Channel(written["channel"]), actor=actor, at=at)
    screen = tuple(Question)
    answers = service.answers_of(source) | {Question.TITLE: written["title"]}
    opened_as = service.version_of(entry.proposal, screen)
    service.save(entry.proposal, answers, screen=screen, opened_as=opened_as, actor=actor, at=at)
    proxy.ask(entry, actor=actor, at=at)
