"""Asking for an introduction and answering. Every function runs inside the caller's transaction."""

from datetime import datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import list_members_to_tell
from matchmaker.interests.status import InterestStatus, status_on
from matchmaker.introductions.declined import effect_between, fingerprint_for, wait_sentence
from matchmaker.introductions.exposure_rules import is_at_cap
from matchmaker.introductions.matches import Match, snapshot
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import OPEN, DeclineReason, IntroductionStatus
from matchmaker.notices import service as notices
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_open, is_public

CONTACT_VIEW = "member:contact:view"


class CannotAsk(DomainError):
    """The pair cannot be introduced now; the text says what would have to change."""


class AlreadyOpen(DomainError):
    """The pair has an open introduction; ``introduction`` is that one."""

    def __init__(self, introduction: Introduction, text: str) -> None:
        self.introduction_id = introduction.id
        super().__init__(text)


class AlreadyAnswered(DomainError):
    """A colleague, or the other side, was faster."""


class NotYourTurn(DomainError):
    """The other side has to act."""


def side_of(user: User, proposal: Proposal, interest: Interest) -> Side | None:
    """Return the side on which the person stands in a pair, or None for somebody else."""
    organisation = user.organisation
    if organisation is None:
        return None
    if organisation.id == proposal.organisation_id:
        return Side.NPO
    return Side.COMPANY if organisation.id == interest.organisation_id else None


def trouble_of(proposal: Proposal, interest: Interest, *, at: datetime) -> str | None:
    """Return, in one sentence, why the pair cannot begin to talk; None when it can."""
    today = day_of(at)
    if not (proposal.organisation.is_verified and interest.organisation.is_verified):
        return _("団体と企業の両方を事務局が確認するまで、紹介を進められません。")
    if not is_public(proposal):
        return _("この提案は公開されていないので、紹介を進められません。")
    if not is_open(proposal, today):
        return _("この提案は、募集の期限が過ぎています。")
    status = status_on(interest.status, interest.valid_until_on, today)
    if status is not InterestStatus.ACTIVE:
        return _(
            "企業の関心（%(number)s）が「%(status)s」なので、紹介を進められません。",
            number=interest.number,
            status=status.label,
        )
    return None


def cap_trouble_of(interest: Interest, side: Side | None) -> str | None:
    """Return, in one sentence, why NPOs have to leave a company in peace for now; None when they need not."""
    if side is not Side.NPO or not is_at_cap(interest.organisation):
        return None
    return _(
        "この企業には、返事を待っている依頼がたくさん届いています。いまは新しい依頼を送れません。"
        "返事がすむと送れます。企業からは、いつでも依頼できます。"
    )


def ask(
    proposal: Proposal, interest: Interest, *, message: str, match: Match, actor: User, at: datetime
) -> Introduction:
    """Ask the other side to talk. ``match``: the pair as it stands now, kept with the introduction.

    Errors: CannotAsk; AlreadyOpen when the pair has an open introduction, whoever asked.
    """
    locked(proposal)
    locked(interest)
    side = side_of(actor, proposal, interest)
    if side is None:
        raise CannotAsk(_("自分の団体や企業の組み合わせだけ、紹介を依頼できます。"))
    _refuse_second(proposal, interest, side)
    # The lock makes requests at once count each other.
    locked(interest.organisation)
    trouble = (
        trouble_of(proposal, interest, at=at)
        or wait_sentence(effect_between(proposal, interest, day_of(at)))
        or cap_trouble_of(interest, side)
    )
    if trouble:
        raise CannotAsk(trouble)
    if match.refusals:
        raise CannotAsk(_("この組み合わせは、紹介を依頼できません。%(reasons)s", reasons="".join(match.refusals)))
    introduction = Introduction(
        proposal=proposal,
        interest=interest,
        status=IntroductionStatus.ASKED,
        asked_by_side=side,
        asked_by_id=actor.id,
        asked_at=at,
        message=message,
        match=snapshot(match),
    )
    db.session.add(introduction)
    db.session.flush()
    audit.record("member:introduction:ask", introduction.number, actor_id=actor.id, at=at, pair=introduction.pair)
    _tell("introduction-asked", introduction, _organisation_of(introduction, other_than=side), at=at)
    return introduction


def accept(introduction: Introduction, *, answer: str, actor: User, at: datetime) -> None:
    """Agree to talk: names and contacts open to both. Errors: AlreadyAnswered; NotYourTurn; CannotAsk."""
    locked(introduction)
    if introduction.status is IntroductionStatus.TALKING and introduction.answered_by_id == actor.id:
        return
    _require_answerable(introduction, actor)
    trouble = trouble_of(introduction.proposal, introduction.interest, at=at)
    if trouble is not None:
        raise CannotAsk(trouble)
    _answer(introduction, IntroductionStatus.TALKING, answer, actor=actor, at=at)
    audit.record("member:introduction:accept", introduction.number, actor_id=actor.id, at=at)
    _tell("introduction-accepted", introduction, _asking_organisation(introduction), at=at)


def decline(introduction: Introduction, *, reason: DeclineReason, words: str, actor: User, at: datetime) -> None:
    """Say no, with a reason that the asking side can read. Errors: AlreadyAnswered; NotYourTurn."""
    locked(introduction)
    if introduction.status is IntroductionStatus.DECLINED and introduction.answered_by_id == actor.id:
        return
    _require_answerable(introduction, actor)
    introduction.decline_reason = reason
    introduction.decline_fingerprint = fingerprint_for(introduction.proposal, introduction.interest, reason, day_of(at))
    _answer(introduction, IntroductionStatus.DECLINED, words, actor=actor, at=at)
    audit.record("member:introduction:decline", introduction.number, actor_id=actor.id, at=at, reason=reason.value)
    _tell("introduction-declined", introduction, _asking_organisation(introduction), at=at)


def close(introduction: Introduction, *, actor: User, at: datetime) -> None:
    """Take an unanswered request back, or end the talks. Errors: AlreadyAnswered; NotYourTurn."""
    locked(introduction)
    if introduction.status is IntroductionStatus.CLOSED:
        return
    side = _side_in(introduction, actor)
    if introduction.status is IntroductionStatus.DECLINED:
        raise AlreadyAnswered(_already(introduction))
    if introduction.status is IntroductionStatus.ASKED and side is not introduction.asked_by_side:
        raise NotYourTurn(
            _("依頼を取り下げられるのは、依頼した側だけです。受けないときは、理由をえらんで見送ってください。")
        )
    introduction.status = IntroductionStatus.CLOSED
    introduction.closed_at = at
    audit.record("member:introduction:close", introduction.number, actor_id=actor.id, at=at)
    _tell("introduction-closed", introduction, _organisation_of(introduction, other_than=side), at=at)


def record_contact_view(introduction: Introduction, *, actor: User, at: datetime) -> None:
    """Write down that a person was shown the other side's contact; both sides can read this."""
    audit.record(CONTACT_VIEW, introduction.number, actor_id=actor.id, at=at)


def may_see_contacts(introduction: Introduction, user: User) -> bool:
    """Say whether the person stands on one of the two sides and both agreed to talk."""
    is_party = side_of(user, introduction.proposal, introduction.interest) is not None
    return is_party and introduction.status is IntroductionStatus.TALKING


def _refuse_second(proposal: Proposal, interest: Interest, side: Side) -> None:
    found = db.session.scalar(
        select(Introduction).where(
            Introduction.proposal_id == proposal.id,
            Introduction.interest_id == interest.id,
            Introduction.status.in_(OPEN),
        )
    )
    if found is None:
        return
    if found.status is IntroductionStatus.TALKING:
        raise AlreadyOpen(found, _("この相手とは、もう話し合いが始まっています。"))
    if found.asked_by_side is side:
        raise AlreadyOpen(found, _("この相手には、もう依頼を送っています。返事をお待ちください。"))
    raise AlreadyOpen(found, _("この相手から、先に依頼が届いています。このページで返事ができます。"))


def _require_answerable(introduction: Introduction, actor: User) -> None:
    side = _side_in(introduction, actor)
    if introduction.status is not IntroductionStatus.ASKED:
        raise AlreadyAnswered(_already(introduction))
    if side is introduction.asked_by_side:
        raise NotYourTurn(_("自分たちが送った依頼には、返事ができません。相手の返事をお待ちください。"))


def _already(introduction: Introduction) -> str:
    if introduction.status is IntroductionStatus.CLOSED:
        return _("この依頼は、すでに終了しています。")
    return _("ほかの担当者が先に返事をしました（%(status)s）。", status=introduction.status.label)


def _side_in(introduction: Introduction, actor: User) -> Side:
    side = side_of(actor, introduction.proposal, introduction.interest)
    if side is None:
        raise NotYourTurn(_("この紹介に返事ができるのは、紹介の相手だけです。"))
    return side


def _answer(introduction: Introduction, status: IntroductionStatus, answer: str, *, actor: User, at: datetime) -> None:
    introduction.status = status
    introduction.answer = answer
    introduction.answered_by_id = actor.id
    introduction.answered_at = at


def _asking_organisation(introduction: Introduction) -> Organisation:
    is_npo = introduction.asked_by_side is Side.NPO
    return introduction.proposal.organisation if is_npo else introduction.interest.organisation


def _organisation_of(introduction: Introduction, *, other_than: Side) -> Organisation:
    is_npo = other_than is Side.NPO
    return introduction.interest.organisation if is_npo else introduction.proposal.organisation


def _tell(kind: str, introduction: Introduction, organisation: Organisation, *, at: datetime) -> None:
    """Write to the members of one side. A mail can go astray: no names of the other side, no words of the letters."""
    for member in list_members_to_tell(organisation):
        notices.tell(
            member,
            kind,
            at=at,
            number=introduction.number,
            proposal_number=introduction.proposal.public_number,
            interest_number=introduction.interest.number,
            reason=introduction.decline_reason.label if introduction.decline_reason else "",
        )
