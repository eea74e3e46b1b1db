"""Requests to change or to stop a project: one party asks, another answers with its reason."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import workflow
from matchmaker.projects.delivery_models import ChangeRequest
from matchmaker.projects.delivery_terms import RequestKind, RequestStatus
from matchmaker.projects.events import FactMissing, next_within, note
from matchmaker.projects.lifecycle import NotYours, end_early, require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import Party, all_keys, parties_for, tell
from matchmaker.projects.status import UNDERWAY, ProjectAction
from matchmaker.projects.workflow import Part


class RequestOpen(DomainError):
    """Another request of the project waits for its answer."""


class RequestAnswered(DomainError):
    """Somebody answered or withdrew the request first."""

    def __init__(self) -> None:
        super().__init__(_("この申請は、すでに回答されたか、取り下げられています。"))


def ask(project: Project, kind: RequestKind, *, what: str, reason: str, actor: User, at: datetime) -> ChangeRequest:
    """Ask the other parties. Errors: ProjectNotInState; RequestOpen; NotYours."""
    require_underway(project, UNDERWAY, _("変更・中止の申請"))
    own = parties_for(actor, project)
    if not own:
        raise NotYours(_("この事業に参加している団体・課だけが申請できます。"))
    if open_request(project) is not None:
        raise RequestOpen(_("回答を待っている申請があります。回答されるか、取り下げてから申請してください。"))
    request = ChangeRequest(
        project_id=project.id,
        number=next_within(project, ChangeRequest.number),
        kind=kind,
        what=what,
        reason=reason,
        asked_by_id=actor.id,
        asked_by_key=own[0].key,
        asked_by_name=own[0].name,
        asked_at=at,
    )
    db.session.add(request)
    db.session.flush()
    note(project, ProjectAction.ASK_CHANGE, actor=actor, at=at, text=f"{kind.label}：{what}\n{reason}")
    others = [key for key in all_keys(project) if key != own[0].key]
    tell(
        project,
        "project_change_asked",
        others,
        at=at,
        but=actor,
        of_kind=kind.label,
        party=own[0].name,
        what=what,
        reason=reason,
        request_number=request.number,
    )
    return request


def answer(
    request: ChangeRequest, project: Project, *, is_accepted: bool, words: str, actor: User, at: datetime
) -> None:
    """Say yes or no for another party than the one that asked. A stop that is accepted ends the project on that day.

    Errors: RequestAnswered; NotYours for the party that asked; FactMissing for a no without its reason;
    ProjectNotInState when the project ended in the meantime.
    """
    require_underway(project, UNDERWAY, _("申請への回答"))
    locked(request)
    if request.status is not RequestStatus.OPEN:
        raise RequestAnswered
    party = next((one for one in answering_parties(actor, project, request)), None)
    if party is None:
        raise NotYours(_("申請した側は、自分の申請に回答できません。相手方かNPO担当課の回答を待ってください。"))
    if not is_accepted and not words.strip():
        raise FactMissing(_("認めない理由を入力してください。"))
    request.status = RequestStatus.ACCEPTED if is_accepted else RequestStatus.DECLINED
    request.answered_by_id, request.answered_by_name, request.answered_at = actor.id, party.name, at
    request.answer = words
    text = f"{request.kind.label}：{request.status.label}" + (f"\n{words}" if words else "")
    note(project, ProjectAction.ANSWER_CHANGE, actor=actor, at=at, text=text)
    told = {"of_kind": request.kind.label, "status": request.status.label, "party": party.name, "reason": words}
    tell(project, "project_change_answered", all_keys(project), at=at, but=actor, request_number=request.number, **told)
    if is_accepted and request.kind is RequestKind.STOP:
        office = frozenset({Part.OFFICE})  # the row of the table; both sides have just agreed to it
        step = workflow.take(ProjectAction.DISSOLVE, project.status, office, request.reason)
        end_early(project, step, ProjectAction.DISSOLVE, reason=request.reason, actor=actor, at=at)


def withdraw(request: ChangeRequest, project: Project, *, actor: User, at: datetime) -> None:
    """Take a request back. Errors: RequestAnswered; NotYours for anybody but the party that asked."""
    locked(request)
    if request.status is not RequestStatus.OPEN:
        raise RequestAnswered
    if not is_own(actor, project, request):
        raise NotYours(_("申請した側だけが取り下げられます。"))
    request.status = RequestStatus.WITHDRAWN
    text = f"{request.kind.label}：{request.status.label}"
    note(project, ProjectAction.ASK_CHANGE, actor=actor, at=at, text=text)


def is_own(user: User, project: Project, request: ChangeRequest) -> bool:
    """Say whether the person acts for the party that asked."""
    return any(party.key == request.asked_by_key for party in parties_for(user, project))


def answering_parties(user: User, project: Project, request: ChangeRequest) -> list[Party]:
    """Return the parties for which the person may answer."""
    return [] if is_own(user, project, request) else parties_for(user, project)


def open_request(project: Project) -> ChangeRequest | None:
    """Return the request that waits for its answer."""
    return db.session.scalar(
        select(ChangeRequest).where(ChangeRequest.project_id == project.id, ChangeRequest.status == RequestStatus.OPEN)
    )


def list_requests(project: Project) -> Sequence[ChangeRequest]:
    """Return the requests of a project, the newest first."""
    query = select(ChangeRequest).where(ChangeRequest.project_id == project.id)
    return db.session.scalars(query.order_by(ChangeRequest.id.desc())).all()


def find_request(project: Project, number: int) -> ChangeRequest | None:
    """Return the request with this number."""
    return db.session.scalar(
        select(ChangeRequest)
        .where(ChangeRequest.project_id == project.id, ChangeRequest.number == number)
        .options(joinedload(ChangeRequest.asked_by), joinedload(ChangeRequest.answered_by))
    )
