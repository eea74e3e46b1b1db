"""The outbox: the decided results of a call are told together, at one moment, all of them or none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import is_recused, open_to
from matchmaker.proposals.status import DRAFTABLE, ProposalStatus
from matchmaker.review import letters, service, steps
from matchmaker.review.call_models import Call
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.outbox_models import ResultRelease
from matchmaker.review.workflow import Outcome

OPEN_BEFORE_RESULT = DRAFTABLE | {
    ProposalStatus.SUBMITTED,
    ProposalStatus.RETURNED_FOR_FIX,
    ProposalStatus.DECISION_DRAFTED,
}
"""States of proposals of a call that have no decision to tell yet."""


class NothingToRelease(DomainError):
    """No decision of the call is waiting to be told."""

    def __init__(self) -> None:
        super().__init__(_("通知を待っている仮決定が、ありません。画面を開き直して確認してください。"))


class AlreadyOrdered(DomainError):
    """The call's results wait for a moment that was set before."""

    def __init__(self) -> None:
        super().__init__(_("この募集の結果には、すでに通知の予約があります。取り消してから予約し直してください。"))


class MomentInThePast(DomainError):
    """A release can only be ordered for a moment that lies ahead."""

    def __init__(self) -> None:
        super().__init__(_("通知する日時は、いまより後にしてください。"))


class ReleaseMoved(DomainError):
    """The order was done or cancelled meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("この予約は、ほかの人が先に処理しました。画面を開き直して、いまの状態を確認してください。"))


@dataclass(frozen=True, slots=True)
class CallResults:
    """What of a call waits to be told: the decisions, how many of each result, and what stands in the way."""

    call: Call
    decisions: Sequence[Decision]
    undecided: int
    waiting: ResultRelease | None

    @property
    def counts(self) -> list[tuple[Outcome, int]]:
        found = Counter(decision.outcome for decision in self.decisions)
        return [(outcome, found[outcome]) for outcome in Outcome if found[outcome]]

    @property
    def without_letter(self) -> list[Decision]:
        return [decision for decision in self.decisions if decision.letter is None]


def list_waiting(user: User) -> list[CallResults]:
    """Return the calls with decisions that wait to be told, the newest call first.

    A call with a proposal that the person keeps out of is left out as a whole: its counts would tell the result.
    """
    decided = select(Proposal.call_id).join(Decision, Decision.proposal_id == Proposal.id)
    decided = decided.where(Decision.stage == DecisionStage.DECIDED, Proposal.status == ProposalStatus.DECIDED)
    calls = db.session.scalars(select(Call).where(Call.id.in_(decided)).order_by(Call.id.desc())).all()
    found = [results_of(call) for call in calls]
    return [results for results in found if is_open_to(user, results.decisions)]


def is_open_to(user: User, decisions: Sequence[Decision]) -> bool:
    """Say whether the person keeps out of none of the proposals."""
    return not any(is_recused(user, decision.proposal) for decision in decisions)


def results_of(call: Call) -> CallResults:
    """Return what of a call waits to be told."""
    undecided = select(func.count()).select_from(Proposal)
    undecided = undecided.where(Proposal.call_id == call.id, Proposal.status.in_(OPEN_BEFORE_RESULT))
    return CallResults(call, _decided(call), db.session.scalar(undecided) or 0, _waiting_order(call))


def list_done() -> Sequence[ResultRelease]:
    """Return the last releases that were done, cancelled or refused, the newest first."""
    rows = select(ResultRelease).order_by(ResultRelease.id.desc()).limit(20)
    return db.session.scalars(rows.options(selectinload(ResultRelease.decisions))).all()


def list_standing(user: User) -> Sequence[Decision]:
    """Return the decisions about proposals outside any call that wait to be told, the oldest first."""
    rows = _decided_rows().where(Proposal.call_id.is_(None), open_to(user)).order_by(Decision.decided_at, Decision.id)
    return db.session.scalars(rows).all()


def order(call: Call, *, release_at: datetime | None, seen: Sequence[int], actor: User, at: datetime) -> ResultRelease:
    """Tell all decided results of a call, at a moment ahead or (None) now. ``seen``: the decisions on the page.

    Errors: steps.StepRefused, NothingToRelease, AlreadyOrdered, MomentInThePast, letters.LetterMissing.
    """
    locked(call)
    _require_may(actor)
    decisions = _decided(call)
    if not decisions or sorted(decision.id for decision in decisions) != sorted(seen):
        raise NothingToRelease
    if not is_open_to(actor, decisions):
        raise steps.StepRefused(
            _("あなたが審査にかかわれない提案がふくまれています。ほかの決裁者に通知を頼んでください。")
        )
    if _waiting_order(call) is not None:
        raise AlreadyOrdered
    if release_at is not None and release_at <= at:
        raise MomentInThePast
    _require_letters(decisions)
    release = ResultRelease(
        call_id=call.id,
        release_at=release_at or at,
        ordered_by_id=actor.id,
        ordered_at=at,
        decisions=list(decisions),
    )
    db.session.add(release)
    db.session.flush()
    audit.record("approver:result_release:order", call.number, actor_id=actor.id, at=at, decisions=len(decisions))
    if release_at is None:
        run(release, at=at)
    return release


def cancel(release: ResultRelease, *, actor: User, at: datetime) -> None:
    """Take an order back before its moment. Errors: steps.StepRefused, ReleaseMoved."""
    locked(release)
    _require_may(actor)
    if not release.is_waiting:
        raise ReleaseMoved
    release.cancelled_at = at
    audit.record("approver:result_release:cancel", release.call.number, actor_id=actor.id, at=at)


def run(release: ResultRelease, *, at: datetime) -> int:
    """Tell every decision of an order that still waits, in the name of who ordered it; return how many were told.

    A proposal that was withdrawn meanwhile drops out. Whatever else stands in the way stops all.
    Errors: ReleaseMoved, letters.LetterMissing, steps.StepRefused.
    """
    locked(release)
    if not release.is_waiting:
        raise ReleaseMoved
    actor, told = release.ordered_by, 0
    for decision in release.decisions:
        locked(decision.proposal)
        if decision.proposal.status is ProposalStatus.WITHDRAWN:
            continue
        service.release_together(decision, actor=actor, at=at)
        told += 1
    release.done_at = at
    audit.record("approver:result_release:run", release.call.number, actor_id=actor.id, at=at, decisions=told)
    return told


def list_due(*, at: datetime) -> Sequence[int]:
    """Return the ids of the orders whose moment has come, the earliest first."""
    waiting = (
        ResultRelease.done_at.is_(None),
        ResultRelease.cancelled_at.is_(None),
        ResultRelease.refusal == "",
        ResultRelease.release_at <= at,
    )
    return db.session.scalars(select(ResultRelease.id).where(*waiting).order_by(ResultRelease.release_at)).all()


def find_call(number: str) -> Call | None:
    """Return a call by its number."""
    return db.session.scalar(select(Call).where(Call.number == number))


def find(release_id: int) -> ResultRelease | None:
    """Return an order by its id."""
    return db.session.get(ResultRelease, release_id)


def get(release_id: int) -> ResultRelease:
    """Return an order that is known to exist. Errors: sqlalchemy.exc.NoResultFound."""
    return db.session.get_one(ResultRelease, release_id)


def refuse(release: ResultRelease, words: str) -> None:
    """Keep why an order could not be carried out, so that a person sees it."""
    locked(release)
    release.refusal = words


def _require_may(actor: User) -> None:
    if not actor.may(Permission.DECISION_DECIDE):
        raise steps.StepRefused(_("結果の通知は、決裁者だけができます。"))


def _require_letters(decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        if decision.letter is None:
            raise letters.LetterMissing(decision.proposal.public_number)


def _decided(call: Call) -> Sequence[Decision]:
    rows = _decided_rows().where(Proposal.call_id == call.id).order_by(Proposal.id)
    return db.session.scalars(rows).all()


def _decided_rows() -> Select[Decision]:
    return (
        select(Decision)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Decision.stage == DecisionStage.DECIDED, Proposal.status == ProposalStatus.DECIDED)
        .options(selectinload(Decision.letter), selectinload(Decision.proposal))
    )


def _waiting_order(call: Call) -> ResultRelease | None:
    return db.session.scalar(
        select(ResultRelease).where(
            ResultRelease.call_id == call.id,
            ResultRelease.done_at.is_(None),
            ResultRelease.cancelled_at.is_(None),
            ResultRelease.refusal == "",
        )
    )
