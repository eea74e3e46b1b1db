"""Reconsideration (再検討): the proposer asks, another person than the first drafter answers, the approver decides.

Clocks run in business days: so many to ask, so many to answer. The result that was told stays on record in every case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.audit import service as audit
from matchmaker.foundation.business_days import add_business_days, business_days_between
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import fiscal_year_of
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import is_recused
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import letters, steps
from matchmaker.review.criteria import criteria_of
from matchmaker.review.models import Decision, DecisionStage, ReviewEvent
from matchmaker.review.reconsideration_models import Reconsideration, ReconsiderationPoint, Verdict
from matchmaker.review.workflow import Action

ANSWER_WITHIN_BUSINESS_DAYS = 20
"""How long the prefecture takes at most to answer a request."""

WHOLE = "whole"
"""The criterion's key of a reason that concerns the result as a whole: the only one where no criterion was judged."""

_RESULTS = {
    ProposalStatus.INELIGIBLE: Action.MARK_INELIGIBLE,
    ProposalStatus.NOT_SHORTLISTED: Action.NOT_SHORTLIST,
    ProposalStatus.REFERRED: Action.REFER,
    ProposalStatus.REJECTED: Action.REJECT,
}
"""The states from which a proposal can be judged anew, and the step that told each."""


class CannotAsk(DomainError):
    """The result cannot be reconsidered, or not any more."""


class PointsMissing(DomainError):
    """A request says under at least one criterion what should be looked at again."""

    def __init__(self) -> None:
        super().__init__(_("見直してほしい審査基準を1つ以上選んで、理由を入力してください。"))


class FirstDrafterMayNotAnswer(DomainError):
    """Who drafted the result may not draft the answer to a request about it."""

    def __init__(self) -> None:
        super().__init__(_("はじめの結果を起案した人は、再検討の回答を起案できません。ほかの担当者に頼んでください。"))


class AnswerMoved(DomainError):
    """The request is not at the stage that the page showed."""

    def __init__(self) -> None:
        super().__init__(_("この再検討は、ほかの人が先に進めました。画面を開き直して、いまの状態を確認してください。"))


class RequestWaits(DomainError):
    """A result about which a request waits is reopened by the answer to it, not beside it."""

    def __init__(self) -> None:
        super().__init__(_("この結果には再検討の求めがあります。その回答として、審査に戻してください。"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a result stands: the step that told it, until when the proposer may ask, and the request, if there is one."""

    event: ReviewEvent
    until_on: date
    request: Reconsideration | None

    def may_ask(self, today: date) -> bool:
        return self.request is None and today <= self.until_on

    def days_left(self, today: date) -> int:
        return business_days_between(today, self.until_on)


@dataclass(frozen=True, slots=True)
class YearCount:
    """How the requests of a fiscal year ended. ``median_days``: business days to the answer, None without one."""

    fy: int
    asked: int
    upheld: int
    reopened: int
    median_days: float | None

    @property
    def waiting(self) -> int:
        return self.asked - self.upheld - self.reopened


def standing_of(proposal: Proposal) -> Standing | None:
    """Return how the result stands; None when none was told that can be reconsidered."""
    told_by = _RESULTS.get(proposal.status)
    if told_by is None:
        return None
    event = db.session.scalar(
        select(ReviewEvent)
        .where(ReviewEvent.proposal_id == proposal.id, ReviewEvent.action == told_by)
        .order_by(ReviewEvent.id.desc())
        .limit(1)
    )
    if event is None:
        return None
    request = db.session.scalar(select(Reconsideration).where(Reconsideration.event_id == event.id))
    return Standing(event, letters.ask_until_on(day_of(event.at)), request)


def list_of(proposal: Proposal) -> Sequence[Reconsideration]:
    """Return every request about the proposal's results, the oldest first."""
    rows = select(Reconsideration).where(Reconsideration.proposal_id == proposal.id).order_by(Reconsideration.id)
    return db.session.scalars(rows).all()


def points_of(proposal: Proposal) -> dict[str, str]:
    """Return the criteria under which a request may say something, by key, and the result as a whole."""
    named = (
        {}
        if proposal.status is ProposalStatus.INELIGIBLE
        else {criterion.key: criterion.name for criterion in criteria_of(proposal)}
    )
    return {**named, WHOLE: _("結果の全体")}


def ask(proposal: Proposal, reasons: dict[str, str], *, actor: User, at: datetime) -> Reconsideration:
    """Ask to reconsider the result that was told last; ``reasons`` by criterion key, empty ones left out.

    Errors: steps.StepRefused, CannotAsk, PointsMissing.
    """
    locked(proposal)
    if not _owns(actor, proposal) or not actor.may(Permission.PROPOSAL_SUBMIT):
        raise steps.StepRefused(_("再検討は、提案した団体だけが求められます。"))
    standing = standing_of(proposal)
    if standing is None:
        raise CannotAsk(_("いまの状態では、再検討を求められません。"))
    if standing.request is not None:
        raise CannotAsk(_("この結果の再検討は、すでに求めています。回答をお待ちください。"))
    if day_of(at) > standing.until_on:
        raise CannotAsk(_("再検討を求められる期間が過ぎました。事務局に相談してください。"))
    names = points_of(proposal)
    given = [(key, reasons[key]) for key in names if reasons.get(key, "").strip()]
    if not given:
        raise PointsMissing
    request = Reconsideration(
        proposal_id=proposal.id,
        event_id=standing.event.id,
        decision_id=_decision_told_by(standing.event),
        asked_by_id=actor.id,
        asked_at=at,
        answer_due_on=add_business_days(day_of(at), ANSWER_WITHIN_BUSINESS_DAYS),
        points=[
            ReconsiderationPoint(position=position, criterion_key=key, criterion_name=names[key], reason=reason)
            for position, (key, reason) in enumerate(given, start=1)
        ],
    )
    db.session.add(request)
    db.session.flush()
    audit.record("npo:reconsideration:ask", proposal.public_number, actor_id=actor.id, at=at, points=len(given))
    steps.tell_proposer(proposal, "reconsideration_asked", at=at, answer_due_on=request.answer_due_on)
    return request


def draft_answer(
    request: Reconsideration, verdict: Verdict, answer: str, *, version: int, actor: User, at: datetime
) -> None:
    """Put an answer to the approver. Errors: steps.StepRefused, AnswerMoved, EditConflict, FirstDrafterMayNotAnswer."""
    _locked(request)
    if not actor.may(Permission.DECISION_DRAFT):
        raise steps.StepRefused(_("再検討の回答は、事務局が起案します。"))
    if request.decided_at is not None or request.drafted_by_id is not None:
        raise AnswerMoved
    if request.version != version:
        raise EditConflict
    if actor.id == first_drafter_id(request):
        raise FirstDrafterMayNotAnswer
    request.verdict, request.answer = verdict, answer
    request.drafted_by_id, request.drafted_at = actor.id, at
    request.sent_back_reason = ""
    audit.record("office:reconsideration:draft", _number(request), actor_id=actor.id, at=at, verdict=verdict.value)


def send_back(request: Reconsideration, reason: str, *, version: int, actor: User, at: datetime) -> None:
    """Ask the office to draft the answer again. Errors: steps.StepRefused, steps.ReasonNeeded, AnswerMoved."""
    _locked(request)
    _require_decidable(request, version, actor)
    if not reason.strip():
        raise steps.ReasonNeeded
    request.sent_back_reason, request.sent_back_answer = reason, request.answer
    request.verdict, request.answer, request.drafted_by_id, request.drafted_at = None, "", None, None
    audit.record("approver:reconsideration:send-back", _number(request), actor_id=actor.id, at=at)


def decide(request: Reconsideration, *, version: int, actor: User, at: datetime) -> None:
    """Decide the answer as drafted and send it: the result stands, or the proposal is judged anew.

    Errors: steps.StepRefused, AnswerMoved, service.DrafterMayNotDecide.
    """
    proposal = _locked(request)
    _require_decidable(request, version, actor)
    if request.drafted_by_id == actor.id:
        raise steps.StepRefused(
            _("起案した人は、決裁できません。ほかの決裁者に決裁を頼んでください（2人で決める決まりです）。")
        )
    number = letters.next_document_number(at)
    request.decided_by_id, request.decided_at, request.document_number = actor.id, at, number
    db.session.flush()
    audit.record(
        "approver:reconsideration:decide",
        _number(request),
        actor_id=actor.id,
        at=at,
        verdict=request.verdict.value if request.verdict else "",
    )
    if request.verdict is Verdict.REOPENED:
        _reopen(proposal, request.answer, actor=actor, at=at)
        return
    steps.tell_proposer(
        proposal,
        "reconsideration_answered",
        at=at,
        document_number=request.document_number,
        answer=request.answer,
        sender=letters.SENDER,
    )


def reopen(proposal: Proposal, reason: str, *, actor: User, at: datetime) -> None:
    """Judge anew although nobody asked (職権). Errors: steps.StepRefused, steps.ReasonNeeded, RequestWaits."""
    locked(proposal)
    steps.allowed(proposal, Action.REOPEN, actor, reason)
    standing = standing_of(proposal)
    if standing is not None and standing.request is not None and standing.request.decided_at is None:
        raise RequestWaits
    _reopen(proposal, reason, actor=actor, at=at)


def first_drafter_id(request: Reconsideration) -> int | None:
    """Return who drafted the result, or took the step that told it where there was no draft."""
    if request.decision_id is None:
        return request.event.actor_id
    return db.session.scalar(select(Decision.drafted_by_id).where(Decision.id == request.decision_id))


def find_for(user: User, proposal: Proposal, request_id: int) -> Reconsideration | None:
    """Return one request of the proposal to its owner and to those who review."""
    if not user.may(Permission.REVIEW_READ) and not _owns(user, proposal):
        return None
    return db.session.scalar(
        select(Reconsideration).where(Reconsideration.proposal_id == proposal.id, Reconsideration.id == request_id)
    )


def list_waiting_for(user: User) -> Sequence[Reconsideration]:
    """Return the requests that the person can bring forward now, the one that is due first on top."""
    rows = select(Reconsideration).where(Reconsideration.decided_at.is_(None)).order_by(Reconsideration.answer_due_on)
    may_draft, may_decide = user.may(Permission.DECISION_DRAFT), user.may(Permission.DECISION_DECIDE)
    return [
        request
        for request in db.session.scalars(rows)
        if (may_draft and request.drafted_by_id is None and first_drafter_id(request) != user.id)
        or (may_decide and request.drafted_by_id is not None and request.drafted_by_id != user.id)
    ]


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the requests that wait for the person, for the page of all that waits."""
    if not user.may(Permission.DECISION_DRAFT) and not user.may(Permission.DECISION_DECIDE):
        return []
    return [
        WaitingItem(
            kind=WaitingKind.RECONSIDERATION,
            number=_number(request),
            title=request.proposal.title,
            path=f"/review/{_number(request)}/reconsiderations/{request.id}",
            since=request.drafted_at or request.asked_at,
            who=request.proposal.organisation.name,
            due_on=request.answer_due_on,
            note=_("回答の起案") if request.drafted_by_id is None else _("回答の決裁"),
        )
        for request in list_waiting_for(user)
        if not is_recused(user, request.proposal)
    ]


def count_by_year() -> list[YearCount]:
    """Return how many asked in each fiscal year and how it ended, without names, the latest year first."""
    by_year: dict[int, list[Reconsideration]] = {}
    for request in db.session.scalars(select(Reconsideration)):
        by_year.setdefault(fiscal_year_of(day_of(request.asked_at)), []).append(request)
    return [_count(fy, by_year[fy]) for fy in sorted(by_year, reverse=True)]


def _count(fy: int, requests: Sequence[Reconsideration]) -> YearCount:
    answered = [request for request in requests if request.decided_at is not None]
    days = [
        business_days_between(day_of(request.asked_at), day_of(request.decided_at))
        for request in answered
        if request.decided_at is not None
    ]
    return YearCount(
        fy=fy,
        asked=len(requests),
        upheld=sum(request.verdict is Verdict.UPHELD for request in answered),
        reopened=sum(request.verdict is Verdict.REOPENED for request in answered),
        median_days=median(days) if days else None,
    )


def _reopen(proposal: Proposal, reason: str, *, actor: User, at: datetime) -> None:
    step = steps.allowed(proposal, Action.REOPEN, actor, reason)
    told = db.session.scalar(
        select(Decision)
        .where(Decision.proposal_id == proposal.id, Decision.stage == DecisionStage.RELEASED)
        .order_by(Decision.released_at.desc(), Decision.id.desc())
        .limit(1)
    )
    if told is not None and proposal.status is not ProposalStatus.INELIGIBLE:
        told.reopened_at = at
    steps.take(proposal, step, actor=actor, at=at, reason=reason)


def _require_decidable(request: Reconsideration, version: int, actor: User) -> None:
    if not actor.may(Permission.DECISION_DECIDE):
        raise steps.StepRefused(_("再検討の回答は、決裁者が決裁します。"))
    if request.decided_at is not None or request.drafted_by_id is None:
        raise AnswerMoved
    if request.version != version:
        raise EditConflict


def _locked(request: Reconsideration) -> Proposal:
    proposal = locked(request.proposal)
    locked(request)
    return proposal


def _decision_told_by(event: ReviewEvent) -> int | None:
    if event.action is Action.MARK_INELIGIBLE:
        return None
    return db.session.scalar(
        select(Decision.id)
        .where(Decision.proposal_id == event.proposal_id, Decision.stage == DecisionStage.RELEASED)
        .order_by(Decision.released_at.desc(), Decision.id.desc())
        .limit(1)
    )


def _number(request: Reconsideration) -> str:
    return request.proposal.public_number


def _owns(user: User, proposal: Proposal) -> bool:
    return user.organisation is not None and user.organisation.id == proposal.organisation_id
