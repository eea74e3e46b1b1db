"""How far each field of a proposal is open, and what a reader sees of it. Page, list, search and paper ask here.

The owner's two switches (publishes_plan, publishes_budget) say how far plan and budget are open at all; for single
fields the owner may be narrower, and the office, with a reason, narrower still.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.levels import Level, Reader, level_on, may_read
from matchmaker.proposals import queries
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import ALWAYS_PUBLIC, BUDGET, PLAN, Question
from matchmaker.proposals.recusals import is_recused


class Withheld(str):
    """Stands in the place of an answer that the reader may not see; its text says why."""

    __slots__ = ()
    is_withheld = True


def base_level(proposal: Proposal, question: Question) -> Level:
    """Return how far a field is open before anybody narrows it."""
    if question is Question.TITLE or question in ALWAYS_PUBLIC:
        return Level.PUBLIC
    if question in PLAN:
        return Level.PUBLIC if proposal.publishes_plan else Level.PANEL
    if question in BUDGET:
        return Level.PUBLIC if proposal.publishes_budget else Level.PANEL
    return Level.PANEL


def level_of(proposal: Proposal, question: Question, on: date) -> Level:
    """Return the level of a field on a day."""
    restrictions = tuple(row.restriction for row in proposal.field_levels if row.question is question)
    return level_on(base_level(proposal, question), restrictions, on)


def is_shown(proposal: Proposal, question: Question, reader: Reader, on: date) -> bool:
    """Say whether a reader may read a field on a day."""
    return may_read(level_of(proposal, question, on), reader)


def is_never_narrowed(proposal: Proposal, question: Question) -> bool:
    """Say whether everybody may read a field on every day.

    What is written once and read long after (search words, facts for matching) holds only this: a level that ran out
    keeps its field out of them until it is lifted.
    """
    is_narrowed = any(row.question is question for row in proposal.field_levels)
    return base_level(proposal, question) is Level.PUBLIC and not is_narrowed


def reader_for(user: User | None, proposal: Proposal) -> Reader:
    """Return in which part a person reads the page of a proposal. Judges and divisions have pages of their own."""
    if queries.is_own(user, proposal):
        return Reader.OWNER
    if queries.reviews(user, proposal):
        return Reader.REVIEWER
    if user is None or is_recused(user, proposal):
        return Reader.PUBLIC
    is_known = user.is_staff or (user.organisation is not None and user.organisation.is_verified)
    return Reader.REGISTERED if is_known else Reader.PUBLIC


def shown(proposal: Proposal, answers: Mapping[Question, Any], reader: Reader, on: date) -> dict[Question, Any]:
    """Return the answers as a reader may see them; a withheld one is replaced by the words that say so."""
    found: dict[Question, Any] = {}
    for question, value in answers.items():
        is_open = is_shown(proposal, question, reader, on)
        found[question] = value if is_open else Withheld(words_of_withholding(proposal, question, on))
    return found


def words_of_withholding(proposal: Proposal, question: Question, on: date) -> str:
    """Return what stands in the place of a field that is kept back."""
    reasons = [
        row.reason.label
        for row in proposal.field_levels
        if row.question is question and row.reason is not None and row.restriction.holds_on(on)
    ]
    return _("公開していません（%(reason)s）", reason="、".join(reasons)) if reasons else _("公開していません")
