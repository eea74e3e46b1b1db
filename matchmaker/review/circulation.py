"""Circulation (回付): ask divisions, answer, remind, withdraw, forward, escalate. Inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import StaffRole, User
from matchmaker.accounts.waiting import WaitingKind
from matchmaker.audit import service as audit
from matchmaker.directory.divisions import current_id, line_today, successors
from matchmaker.directory.models import Division
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission, Role
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import DRAFTABLE, SHOWN_AS_ACCEPTED, ProposalStatus, shown_status
from matchmaker.review import steps
from matchmaker.review.circulation_models import (
    OPEN,
    AnswerCode,
    CirculationAnswer,
    CirculationRequest,
    CirculationStatus,
)
from matchmaker.review.promises import Promises, is_overdue
from matchmaker.review.workflow import Action

SENDABLE = DRAFTABLE - {ProposalStatus.ACCEPTED}
"""States in which further divisions are asked; from ACCEPTED the first circulation is a step of its own."""

ANSWERABLE = SHOWN_AS_ACCEPTED
"""Up to the result. A narrower rule would tell divisions that a decision is being drafted."""


class NothingToSend(DomainError):
    """No division was chosen, or each of them owes an answer already."""


class DivisionNotInForce(DomainError):
    """A division that has ended, or not begun, cannot be asked."""


class DueDayNeeded(DomainError):
    """The day for the answer must lie ahead."""

    def __init__(self) -> None:
        super().__init__(_("返事の期限は、明日より後の日を入力してください。"))


class RequestNotOpen(DomainError):
    """The request has moved on since the page was opened."""


class NotYourDivision(DomainError):
    """The request went to another division."""

    def __init__(self) -> None:
        super().__init__(_("この依頼は、ほかの課にあてたものです。"))


class WordsNeeded(DomainError):
    """Any answer but plain interest must say why."""

    def __init__(self) -> None:
        super().__init__(_("「関心あり」以外の返事には、理由や条件を入力してください。"))


class RemindedToday(DomainError):
    """One reminder a day is enough."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the office asks of divisions: until when, with a note."""

    due_on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a division answers. ``suggested``: who is in charge instead, for "outside our remit" only."""

    code: AnswerCode
    comment: str = ""
    contact: str = ""
    suggested: Division | None = None


def circulate(
    proposal: Proposal, divisions: Sequence[Division], question: Question, *, actor: User, at: datetime
) -> list[CirculationRequest]:
    """Send an accepted proposal to divisions: the step of the workflow.

    Errors: StepRefused, NothingToSend, DivisionNotInForce, DueDayNeeded.
    """
    locked(proposal)
    step = steps.allowed(proposal, Action.CIRCULATE, actor)
    sent = _send(proposal, divisions, question, actor=actor, at=at)
    steps.take(proposal, step, actor=actor, at=at)
    return sent


def send_further(
    proposal: Proposal, divisions: Sequence[Division], question: Question, *, actor: User, at: datetime
) -> list[CirculationRequest]:
    """Ask more divisions later. Errors: StepRefused, NothingToSend, DivisionNotInForce, DueDayNeeded."""
    locked(proposal)
    _require_office(actor)
    if proposal.status not in SENDABLE:
        raise steps.StepRefused(_("この提案はいま「%(now)s」なので、回付できません。", now=proposal.status.label))
    return _send(proposal, divisions, question, actor=actor, at=at)


def answer(request: CirculationRequest, said: Said, *, actor: User, at: datetime) -> CirculationAnswer:
    """Answer for the division; a second answer is one more row, and the last one counts.

    Errors: NotYourDivision, RequestNotOpen, WordsNeeded.
    """
    _lock(request)
    if not is_of_desk(actor, request):
        raise NotYourDivision
    if request.status not in OPEN | {CirculationStatus.ANSWERED} or request.proposal.status not in ANSWERABLE:
        raise RequestNotOpen(_refusal(request))
    if said.code is not AnswerCode.INTERESTED and not said.comment.strip():
        raise WordsNeeded
    suggested_id = said.suggested.id if said.suggested and said.code is AnswerCode.OUTSIDE_REMIT else None
    given = CirculationAnswer(
        code=said.code,
        comment=said.comment,
        contact=said.contact,
        suggested_division_id=suggested_id,
        answered_by_id=actor.id,
        answered_at=at,
    )
    if request.answer is not None and _says_the_same(request.answer, given):
        return request.answer
    request.answers.append(given)
    request.status = CirculationStatus.ANSWERED
    db.session.flush()
    _record(request, "answer", actor=actor, at=at, code=said.code.value)
    if given.code is AnswerCode.OUTSIDE_REMIT:
        # The question is still open to somebody: the office has to forward it.
        _tell_office(request, "circulation_outside_remit", at=at)
    return given


def withdraw(request: CirculationRequest, *, reason: str, actor: User, at: datetime) -> None:
    """Take a question back; the division is told why. Errors: RequestNotOpen, ReasonNeeded."""
    _require_office(actor)
    _lock_open(request)
    if not reason.strip():
        raise steps.ReasonNeeded
    _end(request, CirculationStatus.WITHDRAWN, reason, at=at)
    _record(request, "withdraw", actor=actor, at=at)
    _tell_division(request, "circulation_withdrawn", at=at, reason=reason)


def forward(
    request: CirculationRequest, division: Division, question: Question, *, actor: User, at: datetime
) -> CirculationRequest:
    """Ask the division that is in charge, after another one answered that it is not.

    Errors: RequestNotOpen, StepRefused, NothingToSend, DivisionNotInForce, DueDayNeeded.
    """
    _require_office(actor)
    _lock(request)
    if request.answer is None or request.answer.code is not AnswerCode.OUTSIDE_REMIT:
        raise RequestNotOpen(_("「所管外」と返事のあった依頼だけを、別の課に回せます。"))
    if request.proposal.status not in DRAFTABLE:
        raise RequestNotOpen(_refusal(request))
    [sent] = _send(request.proposal, [division], question, actor=actor, at=at, moved_from=request)
    return sent


def remind(request: CirculationRequest, *, actor: User, at: datetime) -> int:
    """Remind the division now, at most once a day; return how many people were told.

    Errors: RequestNotOpen, RemindedToday.
    """
    _require_office(actor)
    _lock_open(request)
    if request.reminded_at is not None and day_of(request.reminded_at) == day_of(at):
        raise RemindedToday(_("%(division)sには、今日すでに催促しました。", division=request.division.name))
    request.reminded_at = at
    _record(request, "remind", actor=actor, at=at)
    return _tell_division(request, "circulation_reminder", at=at)


def stall(request: CirculationRequest, *, at: datetime) -> bool:
    """Note that the due day has passed without an answer, and tell the office. False when there is nothing to note."""
    _lock(request)
    is_late = request.status is CirculationStatus.WAITING and is_overdue(request.due_on, day_of(at))
    if not is_late or request.proposal.status not in ANSWERABLE:
        return False
    request.status, request.stalled_at = CirculationStatus.STALLED, at
    _record(request, "stall", actor=None, at=at)
    _tell_office(request, "circulation_stalled", at=at)
    return True


def settle_ended(request: CirculationRequest, *, at: datetime) -> CirculationRequest | None:
    """Move the open question of a division that has ended to the one that follows it, or close it with its reason.

    Returns the request that goes on; None when it was closed, or when the division still exists.
    """
    _lock(request)
    last_on = request.division.valid_until_on
    if request.status not in OPEN or last_on is None or last_on >= day_of(at):
        return None
    follower = db.session.get(Division, current_id(request.division_id, successors(on=day_of(at))))
    if follower is None or follower.id == request.division_id or not _is_in_force(follower, day_of(at)):
        _end(request, CirculationStatus.CLOSED, _("課が終わり、あとをつぐ課が記録されていないため"), at=at)
        _record(request, "close", actor=None, at=at)
        _tell_office(request, "circulation_closed", at=at)
        return None
    reason = _("課が%(division)sになったため", division=follower.name)
    _end(request, CirculationStatus.MOVED, reason, at=at)
    _record(request, "move", actor=None, at=at, to_division=follower.id)
    return _continue(request, follower, at=at)


def is_of_desk(user: User, request: CirculationRequest) -> bool:
    """Say whether the request went to the person's division, under whatever name it has now."""
    return user.may(Permission.CIRCULATION_ANSWER) and request.division_id in desk_of(user)


def people_of(division_id: int) -> Sequence[User]:
    """Return who answers for a division, under whatever name they were given their role."""
    return _staff(StaffRole.role == Role.DIVISION, StaffRole.division_id.in_(line_today(division_id)))


def people_of_office() -> Sequence[User]:
    """Return the people of the NPO office."""
    return _staff(StaffRole.role == Role.NPO_OFFICE)


def _says_the_same(one: CirculationAnswer, other: CirculationAnswer) -> bool:
    """A second click is no change of mind."""
    said = ("code", "comment", "contact", "suggested_division_id", "answered_by_id")
    return all(getattr(one, name) == getattr(other, name) for name in said)


def _staff(*which: object) -> Sequence[User]:
    return db.session.scalars(
        select(User)
        .join(StaffRole, StaffRole.user_id == User.id)
        .where(
            StaffRole.ended_at.is_(None),
            User.suspended_at.is_(None),
            User.email_confirmed_at.is_not(None),
            *which,  # type: ignore[arg-type]
        )
        .order_by(User.id)
    ).all()


def _send(
    proposal: Proposal,
    divisions: Iterable[Division],
    question: Question,
    *,
    actor: User,
    at: datetime,
    moved_from: CirculationRequest | None = None,
) -> list[CirculationRequest]:
    today = day_of(at)
    if question.due_on <= today:
        raise DueDayNeeded
    asked = set(
        db.session.scalars(
            select(CirculationRequest.division_id).where(
                CirculationRequest.proposal_id == proposal.id, CirculationRequest.status.in_(sorted(OPEN))
            )
        )
    )
    chosen = [division for division in dict.fromkeys(divisions) if division.id not in asked]
    if not chosen:
        raise NothingToSend(_("回付する課を選んでください。返事を待っている課には、もう一度は送れません。"))
    for division in chosen:
        if not _is_in_force(division, today):
            raise DivisionNotInForce(_("%(division)sは、いまはない課です。", division=division.name))
    sent = [
        CirculationRequest(
            proposal_id=proposal.id,
            proposal=proposal,
            division=division,
            note=question.note,
            due_on=question.due_on,
            sent_by_id=actor.id,
            sent_at=at,
            moved_from_id=moved_from.id if moved_from else None,
        )
        for division in chosen
    ]
    db.session.add_all(sent)
    db.session.flush()
    for request in sent:
        _record(request, "ask", actor=actor, at=at, division=request.division_id)
        _tell_division(request, "circulation_asked", at=at)
    return sent


def _continue(request: CirculationRequest, follower: Division, *, at: datetime) -> CirculationRequest:
    """The follower answers the same question, with time to do so; one that was asked itself goes on with its own."""
    own = db.session.scalar(
        select(CirculationRequest).where(
            CirculationRequest.proposal_id == request.proposal_id,
            CirculationRequest.division_id == follower.id,
            CirculationRequest.status.in_(sorted(OPEN)),
        )
    )
    if own is not None:
        return own
    moved = CirculationRequest(
        proposal=request.proposal,
        division=follower,
        note=request.note,
        due_on=max(request.due_on, Promises.load().due_after(WaitingKind.CIRCULATION, at)),
        sent_at=request.sent_at,
        moved_from_id=request.id,
    )
    db.session.add(moved)
    db.session.flush()
    _tell_division(moved, "circulation_asked", at=at)
    return moved


def _is_in_force(division: Division, on: date) -> bool:
    return division.valid_from_on <= on and (division.valid_until_on is None or division.valid_until_on >= on)


def _require_office(actor: User) -> None:
    if not actor.may(Permission.CIRCULATION_SEND):
        raise steps.StepRefused(_("回付は、NPO担当課だけが行えます。"))


def _lock(request: CirculationRequest) -> None:
    """The proposal first, as every step does."""
    locked(request.proposal)
    locked(request)


def _lock_open(request: CirculationRequest) -> None:
    _lock(request)
    if request.status not in OPEN:
        raise RequestNotOpen(_refusal(request))


def _refusal(request: CirculationRequest) -> str:
    if request.status in OPEN | {CirculationStatus.ANSWERED} and request.proposal.status not in ANSWERABLE:
        return _(
            "この提案はいま「%(now)s」です。回付への返事は、受け付けを終わりました。",
            now=shown_status(request.proposal.status).label,
        )
    return _(
        "%(division)sへの依頼は、いま「%(now)s」です。画面を開き直して、いまの状態を確認してください。",
        division=request.division.name,
        now=request.status.label,
    )


def _end(request: CirculationRequest, status: CirculationStatus, reason: str, *, at: datetime) -> None:
    request.status, request.ended_at, request.end_reason = status, at, reason
    db.session.flush()


def _record(request: CirculationRequest, verb: str, *, actor: User | None, at: datetime, **detail: object) -> None:
    source = "system" if actor is None else "division" if verb == "answer" else "office"
    audit.record(
        f"{source}:circulation:{verb}",
        request.proposal.public_number,
        actor_id=actor.id if actor else None,
        at=at,
        request=request.id,
        **detail,
    )


def _tell_division(request: CirculationRequest, kind: str, *, at: datetime, reason: str = "") -> int:
    return _tell(people_of(request.division_id), request, kind, at=at, reason=reason)


def _tell_office(request: CirculationRequest, kind: str, *, at: datetime) -> None:
    _tell(people_of_office(), request, kind, at=at, reason=request.end_reason)


def _tell(people: Sequence[User], request: CirculationRequest, kind: str, *, at: datetime, reason: str) -> int:
    for person in people:
        notices.tell(
            person,
            kind,
            at=at,
            division=request.division.name,
            title=request.proposal.title,
            number=request.proposal.public_number,
            organisation=request.proposal.organisation.name,
            note=request.note,
            due_on=request.due_on,
            since=request.sent_at,
            reason=reason,
        )
    return len(people)
