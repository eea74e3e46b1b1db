"""Narrow how far a field of a proposal is open: the owner by choice, the office for a reason."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.permissions.levels import Level, WithholdingReason
from matchmaker.proposals import queries
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication_models import FieldLevel
from matchmaker.proposals.questions import BUDGET, PLAN, Question
from matchmaker.proposals.service import refresh_search_text

OWNER_CHOOSES = (*PLAN, *BUDGET)
"""The fields whose level the owner chooses; the rest of what is published a company must be able to read."""

OWNER_LEVELS = (Level.PUBLIC, Level.REGISTERED, Level.PANEL)
"""The panel, the divisions and the office always read what they judge."""

_NAMES_AND_PLACES = frozenset(
    {
        Question.TITLE,
        Question.FIELDS,
        Question.PLACE_CODES,
        Question.STARTS_ON,
        Question.ENDS_ON,
        Question.NEEDS,
        Question.OPEN_UNTIL_ON,
    }
)

OFFICE_NARROWS = tuple(question for question in Question if question not in _NAMES_AND_PLACES)
"""The texts and amounts that the office may keep back. Without title, field, place, time and needs a proposal could not
be listed; one that must not show those is taken out of public sight as a whole."""


class LevelNotPossible(DomainError):
    """The field cannot have this level."""


def choose(proposal: Proposal, levels: Mapping[Question, Level], *, actor: User, at: datetime) -> None:
    """Keep the owner's levels; a field at its base has none. Errors: LevelNotPossible."""
    locked(proposal)
    if not queries.is_own(actor, proposal):
        raise LevelNotPossible(_("公開の範囲は、提案した団体だけが選べます。"))
    for question, level in levels.items():
        if question not in OWNER_CHOOSES or level not in OWNER_LEVELS:
            raise LevelNotPossible(_("「%(field)s」は、この範囲を選べません。", field=question.label))
        row = _row(proposal, question, is_by_office=False)
        if level is Level.PUBLIC:
            if row is not None:
                proposal.field_levels.remove(row)
            continue
        _write(proposal, row, question, level, actor=actor, at=at)
    _refresh(proposal, at)
    audit.record("npo:proposal:choose-levels", proposal.public_number, actor_id=actor.id, at=at)


def withhold(
    proposal: Proposal,
    question: Question,
    level: Level,
    reason: WithholdingReason,
    *,
    until_on: date | None,
    actor: User,
    at: datetime,
) -> None:
    """Keep a field narrower for a reason; a second time replaces the first. Errors: LevelNotPossible."""
    locked(proposal)
    if not actor.may(Permission.DISCLOSURE_EXPORT):
        raise LevelNotPossible(_("公開の範囲をせばめることは、事務局だけができます。"))
    if question not in OFFICE_NARROWS or level is Level.PUBLIC:
        raise LevelNotPossible(_("「%(field)s」は、この範囲を選べません。", field=question.label))
    if until_on is not None and until_on < day_of(at):
        raise LevelNotPossible(_("期限は、今日からあとの日にしてください。"))
    if reason is WithholdingReason.DELIBERATION and until_on is None:
        raise LevelNotPossible(_("審議検討情報は、検討が終わると公開します。いつまで公開しないかを入力してください。"))
    row = _write(proposal, _row(proposal, question, is_by_office=True), question, level, actor=actor, at=at)
    row.is_by_office, row.reason, row.until_on = True, reason, until_on
    _refresh(proposal, at)
    audit.record(
        "office:proposal:withhold",
        proposal.public_number,
        actor_id=actor.id,
        at=at,
        field=question.value,
        level=level.value,
        reason=reason.value,
    )


def lift(proposal: Proposal, question: Question, *, actor: User, at: datetime) -> None:
    """Take the office's level of a field away; without one nothing happens. Errors: LevelNotPossible."""
    locked(proposal)
    if not actor.may(Permission.DISCLOSURE_EXPORT):
        raise LevelNotPossible(_("公開の範囲をせばめることは、事務局だけができます。"))
    row = _row(proposal, question, is_by_office=True)
    if row is None:
        return
    proposal.field_levels.remove(row)
    _refresh(proposal, at)
    audit.record("office:proposal:lift", proposal.public_number, actor_id=actor.id, at=at, field=question.value)


def list_kept(proposal: Proposal) -> list[FieldLevel]:
    """Return what the office keeps back, in the order of the questions."""
    rows = select(FieldLevel).where(FieldLevel.proposal_id == proposal.id, FieldLevel.is_by_office)
    order = list(Question)
    return sorted(db.session.scalars(rows), key=lambda row: order.index(row.question))


def _row(proposal: Proposal, question: Question, *, is_by_office: bool) -> FieldLevel | None:
    rows = (row for row in proposal.field_levels if row.question is question and row.is_by_office == is_by_office)
    return next(rows, None)


def _write(
    proposal: Proposal, row: FieldLevel | None, question: Question, level: Level, *, actor: User, at: datetime
) -> FieldLevel:
    if row is None:
        row = FieldLevel(question=question, is_by_office=False, from_on=day_of(at))
        proposal.field_levels.append(row)
    row.level, row.from_on, row.set_by_id, row.set_at = level, day_of(at), actor.id, at
    return row


def _refresh(proposal: Proposal, at: datetime) -> None:
    """Search words and matching follow what is public: both read the proposal again."""
    refresh_search_text(proposal)
    proposal.saved_at = at
