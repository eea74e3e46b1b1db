"""Disclosure (開示請求): the office chooses records and what is kept back, asks third parties, the approver decides.

Source: 三重県情報公開条例 (平成11年条例第42号); its steps in order: request, third parties' opinion, decision, copy.
Where a third party objects and the record is disclosed all the same, two weeks pass before the copy is handed out
(as in 行政機関の保有する情報の公開に関する法律 第13条第3項).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import code, fiscal_year_of
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission
from matchmaker.permissions.levels import WithholdingReason
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import is_recused
from matchmaker.review import steps
from matchmaker.review.disclosure_models import (
    DisclosureItem,
    DisclosureRequest,
    DisclosureVerdict,
    RecordKind,
    Redaction,
    ThirdPartyConsultation,
)
from matchmaker.review.disclosure_records import fields_of

AFTER_OBJECTION = timedelta(days=14)
"""How long a copy waits when it is handed out against a third party's will."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the office writes down when a request comes in."""

    requester: str
    subject: str
    received_on: date
    due_on: date


class DisclosureRefused(DomainError):
    """The step is not possible now, or not for this person."""


def receive(facts: RequestFacts, *, actor: User, at: datetime) -> DisclosureRequest:
    """Write a request down. Errors: DisclosureRefused."""
    _require_office(actor)
    if facts.due_on < facts.received_on or facts.received_on > day_of(at):
        raise DisclosureRefused(_("受け付けた日は今日までの日、期限はそれより後の日にしてください。"))
    fy = fiscal_year_of(day_of(at))
    request = DisclosureRequest(
        number=f"{code(fy)}-D{next_number(f'disclosure-{fy}'):03d}",
        requester=facts.requester,
        subject=facts.subject,
        received_on=facts.received_on,
        due_on=facts.due_on,
        created_by_id=actor.id,
        created_at=at,
    )
    db.session.add(request)
    db.session.flush()
    audit.record("office:disclosure:receive", request.number, actor_id=actor.id, at=at)
    return request


def add_item(
    request: DisclosureRequest, proposal: Proposal, kind: RecordKind, *, actor: User, at: datetime
) -> DisclosureItem:
    """Add a record with what is usually kept back in it. Errors: DisclosureRefused."""
    _require_open(request, actor)
    if proposal.submitted_at is None or is_recused(actor, proposal):
        raise DisclosureRefused(_("その番号の提案は、選べません。"))
    if any(item.proposal_id == proposal.id and item.kind is kind for item in request.items):
        raise DisclosureRefused(_("その文書は、すでに選ばれています。"))
    item = DisclosureItem(
        proposal_id=proposal.id,
        kind=kind,
        redactions=[
            Redaction(field_key=field.key, reason=field.usual)
            for field in fields_of(proposal, kind)
            if field.usual is not None
        ],
    )
    request.items.append(item)
    db.session.flush()
    audit.record("office:disclosure:add-item", request.number, actor_id=actor.id, at=at, kind=kind.value)
    return item


def remove_item(item: DisclosureItem, *, actor: User, at: datetime) -> None:
    """Take a record out of the request. Errors: DisclosureRefused."""
    request = item.request
    _require_open(request, actor)
    request.items.remove(item)
    audit.record("office:disclosure:remove-item", request.number, actor_id=actor.id, at=at)


def redact(
    item: DisclosureItem,
    reasons: Mapping[str, WithholdingReason],
    *,
    version: int,
    actor: User,
    at: datetime,
) -> None:
    """Keep exactly these fields back. Errors: DisclosureRefused, EditConflict."""
    request = item.request
    _require_open(request, actor)
    if request.version != version:
        raise EditConflict
    known = {field.key for field in fields_of(item.proposal, item.kind)}
    if not set(reasons) <= known:
        raise DisclosureRefused(_("選べない項目がふくまれています。画面を開き直してください。"))
    kept = {row.field_key: row for row in item.redactions}
    item.redactions = [kept.get(key) or Redaction(field_key=key, reason=reason) for key, reason in reasons.items()]
    for row in item.redactions:
        row.reason = reasons[row.field_key]
    _touch(request)
    audit.record(
        "office:disclosure:redact", request.number, actor_id=actor.id, at=at, item=item.id, fields=len(reasons)
    )


def third_parties_of(request: DisclosureRequest) -> Sequence[Organisation]:
    """Return the organisations whose information is in the records, by name."""
    found = {item.proposal.organisation_id: item.proposal.organisation for item in request.items}
    return sorted(found.values(), key=lambda one: one.name)


def consult(
    request: DisclosureRequest, organisation: Organisation, *, due_on: date, actor: User, at: datetime
) -> ThirdPartyConsultation:
    """Ask an organisation for its opinion, by mail to its members. Errors: DisclosureRefused."""
    _require_open(request, actor)
    if organisation.id not in {one.id for one in third_parties_of(request)}:
        raise DisclosureRefused(_("その団体の情報は、選んだ文書にありません。"))
    if any(one.organisation_id == organisation.id for one in request.consultations):
        raise DisclosureRefused(_("その団体には、すでに意見を聞いています。"))
    if due_on <= day_of(at):
        raise DisclosureRefused(_("回答の期限は、明日より後の日にしてください。"))
    asked = ThirdPartyConsultation(organisation_id=organisation.id, sent_by_id=actor.id, sent_at=at, due_on=due_on)
    request.consultations.append(asked)
    db.session.flush()
    audit.record(
        "office:disclosure:consult", request.number, actor_id=actor.id, at=at, organisation=organisation.number
    )
    _tell(organisation, "disclosure_opinion", at=at, due_on=due_on, consultation_id=asked.id)
    return asked


def answer(asked: ThirdPartyConsultation, *, objects: bool, words: str, actor: User, at: datetime) -> None:
    """Keep the third party's opinion, given by its member or written down by the office. Errors: DisclosureRefused."""
    locked(asked.request)
    locked(asked)
    is_member = actor.organisation is not None and actor.organisation.id == asked.organisation_id
    if not is_member and not actor.may(Permission.DISCLOSURE_EXPORT):
        raise DisclosureRefused(_("意見は、聞かれた団体の人だけが答えられます。"))
    if asked.request.verdict is not None:
        raise DisclosureRefused(_("この請求は、すでに決定しました。"))
    if asked.answered_at is not None:
        raise DisclosureRefused(_("意見は、すでに受け付けました。変えたいときは、事務局に連絡してください。"))
    if objects and not words.strip():
        raise DisclosureRefused(_("開示に反対するときは、反対する部分と理由を入力してください。"))
    asked.objects, asked.words, asked.answered_by_id, asked.answered_at = objects, words, actor.id, at
    source = "member" if is_member else "office"
    audit.record(f"{source}:disclosure:answer", asked.request.number, actor_id=actor.id, at=at, objects=objects)


def missing_before_decision(request: DisclosureRequest, on: date) -> str:
    """Return what still stands in the way of a decision in one sentence; "" when nothing does."""
    if not request.items:
        return _("文書がまだ選ばれていません。")
    asked = {one.organisation_id: one for one in request.consultations}
    for organisation in third_parties_of(request):
        consultation = asked.get(organisation.id)
        if consultation is None:
            return _("%(name)sの意見をまだ聞いていません。", name=organisation.name)
        if consultation.answered_at is None and on <= consultation.due_on:
            return _("%(name)sの回答を待っています。", name=organisation.name)
    return ""


def verdict_of(request: DisclosureRequest) -> DisclosureVerdict:
    """Return what the chosen records amount to: all open, or parts kept back."""
    is_whole = not any(item.redactions for item in request.items)
    return DisclosureVerdict.FULL if is_whole else DisclosureVerdict.PARTIAL


def decide(request: DisclosureRequest, *, refuses: bool, reason: str, version: int, actor: User, at: datetime) -> None:
    """Decide on a request, and tell the third parties. Errors: DisclosureRefused, EditConflict."""
    locked(request)
    if not actor.may(Permission.DECISION_DECIDE) or actor.id == request.created_by_id:
        raise DisclosureRefused(_("開示の決定は、請求を受け付けた人とは別の決裁者が行います。"))
    if request.verdict is not None:
        raise DisclosureRefused(_("この請求は、すでに決定しました。"))
    if request.version != version:
        raise EditConflict
    if (missing := missing_before_decision(request, day_of(at))) and not refuses:
        raise DisclosureRefused(missing)
    if not reason.strip():
        raise steps.ReasonNeeded
    objected = any(one.objects for one in request.consultations)
    waits = AFTER_OBJECTION if objected and not refuses else timedelta(0)
    request.verdict = DisclosureVerdict.REFUSED if refuses else verdict_of(request)
    request.decision_reason, request.decided_by_id, request.decided_at = reason, actor.id, at
    request.opens_on = day_of(at) + waits
    audit.record("approver:disclosure:decide", request.number, actor_id=actor.id, at=at, verdict=request.verdict.value)
    for asked in request.consultations:
        _tell(
            asked.organisation,
            "disclosure_decided",
            at=at,
            verdict=request.verdict.label,
            reason=reason,
            opens_on=request.opens_on,
        )


def record_export(request: DisclosureRequest, kind: str, *, actor: User, at: datetime) -> None:
    """Write down that a copy was made. Errors: DisclosureRefused when the copies may not be handed out."""
    _require_office(actor)
    if request.verdict is DisclosureVerdict.REFUSED:
        raise DisclosureRefused(_("不開示と決定したので、写しは作れません。"))
    audit.record("office:disclosure:export", request.number, actor_id=actor.id, at=at, kind=kind)


def list_for(user: User) -> Sequence[DisclosureRequest]:
    """Return all requests, the open ones first by their due day, for the office and those who decide."""
    if not sees(user):
        return []
    rows = select(DisclosureRequest).order_by(
        DisclosureRequest.decided_at.is_not(None), DisclosureRequest.due_on, DisclosureRequest.id
    )
    return [request for request in db.session.scalars(rows) if _is_open_to(user, request)]


def find_for(user: User, number: str) -> DisclosureRequest | None:
    """Return a request for the office and those who decide; not to somebody who keeps out of a proposal in it."""
    if not sees(user):
        return None
    request = db.session.scalar(select(DisclosureRequest).where(DisclosureRequest.number == number))
    return request if request is not None and _is_open_to(user, request) else None


def find_consultation_for(user: User, consultation_id: int) -> ThirdPartyConsultation | None:
    """Return a question to the person's own organisation."""
    if user.organisation is None:
        return None
    return db.session.scalar(
        select(ThirdPartyConsultation).where(
            ThirdPartyConsultation.id == consultation_id,
            ThirdPartyConsultation.organisation_id == user.organisation.id,
        )
    )


def sees(user: User) -> bool:
    """Say whether the person works on requests."""
    return user.may(Permission.DISCLOSURE_EXPORT) or user.may(Permission.DECISION_DECIDE)


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the requests that wait for the person, for the page of all that waits."""
    may_decide, may_prepare = user.may(Permission.DECISION_DECIDE), user.may(Permission.DISCLOSURE_EXPORT)
    found = []
    for request in list_for(user):
        if request.verdict is not None:
            continue
        is_ready = not missing_before_decision(request, clock.today())
        if (may_decide and is_ready and request.created_by_id != user.id) or (may_prepare and not is_ready):
            found.append(
                WaitingItem(
                    kind=WaitingKind.DISCLOSURE,
                    number=request.number,
                    title=request.subject[:80],
                    path=f"/review/disclosures/{request.number}",
                    since=request.created_at,
                    due_on=request.due_on,
                )
            )
    return found


def _is_open_to(user: User, request: DisclosureRequest) -> bool:
    return not any(is_recused(user, item.proposal) for item in request.items)


def _require_office(actor: User) -> None:
    if not actor.may(Permission.DISCLOSURE_EXPORT):
        raise DisclosureRefused(_("開示請求の手続きは、事務局だけができます。"))


def _require_open(request: DisclosureRequest, actor: User) -> None:
    locked(request)
    _require_office(actor)
    if request.verdict is not None:
        raise DisclosureRefused(_("この請求は、すでに決定しました。"))


def _touch(request: DisclosureRequest) -> None:
    """What the decision is about changed: a page that showed it before is old now."""
    flag_modified(request, "subject")
    db.session.flush()


def _tell(organisation: Organisation, kind: str, *, at: datetime, **values: Any) -> None:
    for person in steps.members_of(organisation.id):
        notices.tell(
            person,
            kind,
            at=at,
            organisation=organisation.name,
            **values,
        )
