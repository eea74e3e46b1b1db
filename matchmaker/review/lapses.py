"""The polite end of a wait for changes that never came, and its way back. Inside the caller's transaction."""

from datetime import date, datetime

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingKind
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import steps, waiting, workflow
from matchmaker.review.models import ReviewEvent
from matchmaker.review.promises import Promises, is_overdue
from matchmaker.review.service import FixDueNeeded
from matchmaker.review.workflow import Action


class NotLateYet(DomainError):
    """The day for the changes has not passed."""

    def __init__(self) -> None:
        super().__init__(_("修正の期限がまだ過ぎていないので、休止できません。"))


def list_due(*, on: date) -> list[Proposal]:
    """Return the proposals whose changes are so late that the promise lets the wait end by itself."""
    promises = Promises.load()
    return [proposal for proposal, event in waiting.returned() if _is_due(event, promises, on)]


def lapse_when_due(proposal: Proposal, *, at: datetime) -> bool:
    """Suspend a proposal in the clock's name if its time is up now, under the lock; say whether it was."""
    locked(proposal)
    if all(late.id != proposal.id for late in list_due(on=day_of(at))):
        return False
    step = workflow.take(Action.LAPSE, proposal.status, frozenset({Permission.PROPOSAL_SCREEN}))
    steps.take(proposal, step, actor=None, at=at)
    return True


def lapse(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Suspend by hand a proposal whose changes are late; its text stays. Errors: StepRefused, NotLateYet."""
    locked(proposal)
    step = steps.allowed(proposal, Action.LAPSE, actor)
    for late, event in waiting.returned(organisation_id=proposal.organisation_id):
        if late.id == proposal.id and not is_overdue(_due_on(event, Promises.load()), day_of(at)):
            raise NotLateYet
    steps.take(proposal, step, actor=actor, at=at)


def resume(proposal: Proposal, *, reason: str, fix_due_on: date, actor: User, at: datetime) -> None:
    """Let a suspended proposal be mended after all, until a new day.

    Errors: StepRefused, ReasonNeeded, FixDueNeeded.
    """
    locked(proposal)
    step = steps.allowed(proposal, Action.RESUME, actor, reason)
    if fix_due_on <= day_of(at):
        raise FixDueNeeded
    steps.take(proposal, step, actor=actor, at=at, reason=reason, fix_due_on=fix_due_on)


def _is_due(event: ReviewEvent, promises: Promises, on: date) -> bool:
    release_on = promises.releases_on(WaitingKind.FIXING, since=event.at, due_on=_due_on(event, promises))
    return release_on is not None and on > release_on


def _due_on(event: ReviewEvent, promises: Promises) -> date:
    return event.fix_due_on or promises.due_after(WaitingKind.FIXING, event.at)
