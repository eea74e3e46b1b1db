"""Reception of a proposal (形式審査): the checklist, and the three steps that rest on it.

The items are data with their source (``data/reception_items.json``). Inside the caller's transaction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.review import steps
from matchmaker.review.models import ReviewEvent
from matchmaker.review.reception_models import ReceptionAnswer, ReceptionCheck
from matchmaker.review.service import FixDueNeeded
from matchmaker.review.workflow import Action

_FILE = Path(__file__).parent / "data" / "reception_items.json"


@dataclass(frozen=True, slots=True)
class ReceptionItem:
    """One question of the checklist. ``refusal`` is the reason it gives when the answer is no.

    ``declared_by``: the name of the proposal's own declaration about it, or "".
    """

    key: str
    question: str
    refusal: str
    source: str
    declared_by: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer and, unless it is yes, what to tell or to ask the proposer."""

    answer: ReceptionAnswer
    note: str = ""


class ChecklistIncomplete(DomainError):
    """A proposal is accepted when every item is answered with yes."""


class NoteNeeded(DomainError):
    """An answer other than yes says why, because it is told to the proposer."""


@cache
def items() -> tuple[ReceptionItem, ...]:
    """Return the checklist.

    >>> len(items()), items()[0].key
    (9, 'active-in-mie')
    """
    return tuple(ReceptionItem(**row) for row in json.loads(_FILE.read_text(encoding="utf-8")))


def all_yes() -> dict[str, Checked]:
    """Return the checklist of a proposal without any trouble."""
    return {item.key: Checked(ReceptionAnswer.YES) for item in items()}


def round_of(proposal: Proposal) -> int:
    """Return which submission of the proposal is looked at, from 1."""
    count = (
        select(func.count())
        .select_from(ReviewEvent)
        .where(ReviewEvent.proposal_id == proposal.id, ReviewEvent.action.in_([Action.SUBMIT, Action.RESUBMIT]))
    )
    return max(1, db.session.scalar(count) or 0)


def checks_of(proposal: Proposal) -> dict[str, ReceptionCheck]:
    """Return the newest answer to each item, by the item's key; those of an earlier submission have a lower round."""
    rows = db.session.scalars(
        select(ReceptionCheck).where(ReceptionCheck.proposal_id == proposal.id).order_by(ReceptionCheck.round)
    )
    return {row.item_key: row for row in rows}


def current_checks(proposal: Proposal) -> dict[str, ReceptionCheck]:
    """Return the answers given for the submission that is looked at now, by the item's key."""
    this_round = round_of(proposal)
    return {key: row for key, row in checks_of(proposal).items() if row.round == this_round}


def check(proposal: Proposal, answers: Mapping[str, Checked], *, actor: User, at: datetime) -> None:
    """Write answers to items of the checklist; who answered when stays with each. Errors: StepRefused, NoteNeeded."""
    locked(proposal)
    steps.allowed(proposal, Action.ACCEPT, actor)
    silent = [
        item.question
        for item in items()
        if item.key in answers and answers[item.key].answer is not ReceptionAnswer.YES and not answers[item.key].note
    ]
    if silent:
        raise NoteNeeded(
            _("「はい」でない項目には、理由や確かめたいことを入力してください：%(q)s", q="、".join(silent))
        )
    this_round, known = round_of(proposal), current_checks(proposal)
    changed = {}
    for item in items():
        given, row = answers.get(item.key), known.get(item.key)
        if given is None or (row is not None and (row.answer, row.note) == (given.answer, given.note)):
            continue
        if row is None:
            row = ReceptionCheck(proposal_id=proposal.id, round=this_round, item_key=item.key)
            db.session.add(row)
        row.answer, row.note = given.answer, given.note
        row.checked_by_id, row.checked_at = actor.id, at
        changed[item.key] = given.answer.value
    db.session.flush()
    if changed:
        audit.record(
            "office:reception:check", proposal.public_number, actor_id=actor.id, at=at, round=this_round, **changed
        )


def accept(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Take the proposal into the review (受理). Errors: StepRefused, ChecklistIncomplete."""
    locked(proposal)
    step = steps.allowed(proposal, Action.ACCEPT, actor)
    answered = current_checks(proposal)
    missing = [
        item.question
        for item in items()
        if item.key not in answered or answered[item.key].answer is not ReceptionAnswer.YES
    ]
    if missing:
        raise ChecklistIncomplete(
            _(
                "受理するには、すべての項目が「はい」である必要があります。残り%(count)s件：%(items)s",
                count=len(missing),
                items="、".join(missing),
            )
        )
    steps.take(proposal, step, actor=actor, at=at)


def mark_ineligible(proposal: Proposal, *, note: str = "", actor: User, at: datetime) -> None:
    """Say that the proposal is outside the scheme, for each item that was answered with no.

    Errors: StepRefused, ReasonNeeded when no item was.
    """
    locked(proposal)
    reason = composed(proposal, ReceptionAnswer.NO, note)
    step = steps.allowed(proposal, Action.MARK_INELIGIBLE, actor, reason)
    steps.take(proposal, step, actor=actor, at=at, reason=reason)


def return_for_fix(proposal: Proposal, *, fix_due_on: date | None, note: str = "", actor: User, at: datetime) -> None:
    """Ask the proposer about each item that was answered so, until a day.

    Errors: StepRefused, ReasonNeeded when nothing is asked, FixDueNeeded.
    """
    locked(proposal)
    reason = composed(proposal, ReceptionAnswer.ASK, note)
    step = steps.allowed(proposal, Action.RETURN_FOR_FIX, actor, reason)
    if fix_due_on is None or fix_due_on <= day_of(at):
        raise FixDueNeeded
    steps.take(proposal, step, actor=actor, at=at, reason=reason, fix_due_on=fix_due_on)


def composed(proposal: Proposal, answer: ReceptionAnswer, note: str = "") -> str:
    """Return the reason that the answers of one kind make together: "" when there is none of it.

    A closing ``note`` belongs to a reason and is none by itself.
    """
    rows = current_checks(proposal)
    parts = []
    for item in items():
        row = rows.get(item.key)
        if row is not None and row.answer is answer:
            head = item.refusal if answer is ReceptionAnswer.NO else _("【%(question)s】", question=item.question)
            parts.append(f"{head}\n{row.note}")
    return "\n\n".join([*parts, *([note] if note and parts else [])])
