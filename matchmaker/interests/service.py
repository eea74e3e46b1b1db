"""What happens to interests. Every function runs inside the caller's transaction."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.answers import Answers, answers_of, write
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import list_members_to_tell
from matchmaker.interests.status import RUNNING, InterestStatus, status_on
from matchmaker.notices import service as notices

RENEWED_FOR = timedelta(days=365)
NOTICE_BEFORE = timedelta(days=30)
TWICE_WITHIN = timedelta(minutes=10)


class StepNotPossible(DomainError):
    """The interest stands where this cannot be done."""


def create(organisation: Organisation, answers: Answers, *, actor: User, at: datetime) -> Interest:
    """Store an interest and make it active; the same answers sent twice are stored once."""
    locked(organisation)
    sent_before = _just_created(organisation, answers, actor=actor, at=at)
    if sent_before is not None:
        return sent_before
    interest = Interest(
        number=f"K-{next_number('interest'):04d}",
        organisation=organisation,
        status=InterestStatus.ACTIVE,
        created_by_id=actor.id,
        created_at=at,
        saved_at=at,
        activated_at=at,
    )
    write(interest, answers)
    db.session.add(interest)
    db.session.flush()
    audit.record("member:interest:create", interest.number, actor_id=actor.id, at=at)
    return interest


def update(interest: Interest, answers: Answers, *, version: int, actor: User, at: datetime) -> None:
    """Replace the answers. Errors: EditConflict when the form was made from an older version."""
    locked(interest)
    if answers_of(interest) == answers:
        return
    if interest.version != version:
        raise EditConflict
    _refuse_ended(interest)
    write(interest, answers)
    if interest.status is InterestStatus.EXPIRED:
        _activate(interest, at=at)
    interest.expiry_notice_at = None
    interest.saved_at = at
    audit.record("member:interest:update", interest.number, actor_id=actor.id, at=at)


def pause(interest: Interest, *, actor: User, at: datetime) -> None:
    """Take an interest out of sight for a while."""
    locked(interest)
    if interest.status is InterestStatus.PAUSED:
        return
    if _status_now(interest, at) is not InterestStatus.ACTIVE:
        raise StepNotPossible(_("公開中の関心だけ、休止できます。"))
    _step(interest, InterestStatus.PAUSED, "pause", actor=actor, at=at)


def resume(interest: Interest, *, actor: User, at: datetime) -> None:
    """Show a paused interest again."""
    locked(interest)
    if _status_now(interest, at) is InterestStatus.ACTIVE:
        return
    if _status_now(interest, at) is not InterestStatus.PAUSED:
        raise StepNotPossible(_("休止中の関心だけ、再開できます。期限が切れているときは、先に期限をのばしてください。"))
    _step(interest, InterestStatus.ACTIVE, "resume", actor=actor, at=at)


def end(interest: Interest, *, actor: User, at: datetime) -> None:
    """Close an interest for good."""
    locked(interest)
    if interest.status is InterestStatus.ENDED:
        return
    _step(interest, InterestStatus.ENDED, "end", actor=actor, at=at)


def renew(interest: Interest, *, actor: User, at: datetime) -> date:
    """Let an interest run for a year from today and return its new last day; an expired one becomes active again."""
    locked(interest)
    _refuse_ended(interest)
    last_day = day_of(at) + RENEWED_FOR
    if interest.valid_until_on is not None and interest.valid_until_on >= last_day:
        return interest.valid_until_on
    has_expired = _status_now(interest, at) is InterestStatus.EXPIRED
    interest.valid_until_on = last_day
    interest.expiry_notice_at = None
    interest.saved_at = at
    if has_expired:
        _activate(interest, at=at)
    audit.record("member:interest:renew", interest.number, actor_id=actor.id, at=at, until=last_day.isoformat())
    return last_day


def expire_due(*, at: datetime) -> int:
    """Mark what ran out before today as expired and return how many; no person acts here."""
    due = db.session.scalars(
        select(Interest)
        .where(Interest.status.in_(RUNNING), Interest.valid_until_on < day_of(at))
        .order_by(Interest.id)
        .with_for_update(of=Interest)
    ).all()
    for interest in due:
        interest.status = InterestStatus.EXPIRED
        interest.saved_at = at
        audit.record("system:interest:expire", interest.number, actor_id=None, at=at)
    return len(due)


def announce_expiry(*, at: datetime) -> int:
    """Write once to the members of each interest that ends within 30 days; return how many interests."""
    today = day_of(at)
    ending = db.session.scalars(
        select(Interest)
        .where(
            Interest.status.in_(RUNNING),
            Interest.valid_until_on.between(today, today + NOTICE_BEFORE),
            Interest.expiry_notice_at.is_(None),
        )
        .order_by(Interest.id)
        .with_for_update(of=Interest)
    ).all()
    for interest in ending:
        interest.expiry_notice_at = at
        for member in list_members_to_tell(interest.organisation):
            notices.tell(
                member,
                "interest-expiring",
                at=at,
                number=interest.number,
                last_day=interest.valid_until_on,
            )
    return len(ending)


def _just_created(organisation: Organisation, answers: Answers, *, actor: User, at: datetime) -> Interest | None:
    recent = db.session.scalars(
        select(Interest)
        .where(
            Interest.organisation_id == organisation.id,
            Interest.created_by_id == actor.id,
            Interest.created_at > at - TWICE_WITHIN,
            Interest.status == InterestStatus.ACTIVE,
        )
        .order_by(Interest.id.desc())
    ).all()
    return next((interest for interest in recent if answers_of(interest) == answers), None)


def _status_now(interest: Interest, at: datetime) -> InterestStatus:
    return status_on(interest.status, interest.valid_until_on, day_of(at))


def _refuse_ended(interest: Interest) -> None:
    if interest.status is InterestStatus.ENDED:
        raise StepNotPossible(_("終了した関心は変えられません。新しい関心を登録してください。"))


def _step(interest: Interest, status: InterestStatus, verb: str, *, actor: User, at: datetime) -> None:
    interest.status = status
    interest.saved_at = at
    audit.record(f"member:interest:{verb}", interest.number, actor_id=actor.id, at=at)


def _activate(interest: Interest, *, at: datetime) -> None:
    interest.status = InterestStatus.ACTIVE
    interest.activated_at = at
