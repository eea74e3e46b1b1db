"""Signing up: a person and their organisation, real only after the mailed link was used.

The screen is the same whether or not the address has an account; only its mailbox learns the difference.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import links, queries
from matchmaker.accounts.models import Membership, OneTimeLink, OneTimeLinkKind, User
from matchmaker.audit import service as audit
from matchmaker.directory import service as directory
from matchmaker.directory.models import Organisation
from matchmaker.directory.service import OrganisationFacts
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices

ABANDONED_AFTER = links.LASTS[OneTimeLinkKind.CONFIRM_EMAIL] + timedelta(hours=1)
SAME_PRESS_WITHIN = timedelta(minutes=1)


class AddressTaken(DomainError):
    """Another request stored an account for the address at this very moment."""

    def __init__(self) -> None:
        super().__init__(_("同じメールアドレスの登録が進んでいます。メールを確認してください。"))


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who signs up; the address is in lower case, the password already hashed."""

    name: str
    email: str
    password_hash: str


def sign_up(person: NewPerson, facts: OrganisationFacts, *, side: Side, at: datetime) -> None:
    """Store both and mail the link; for an address in use, mail that instead.

    Errors: directory.service.NumberTaken; AddressTaken.
    """
    remove_abandoned(at=at)
    known = queries.find_by_email(person.email)
    if known is not None and known.email_confirmed_at is not None:
        if not queries.has_notice_since("address-in-use", person.email, at - SAME_PRESS_WITHIN):
            notices.queue("address-in-use", to_email=person.email, at=at, name=known.name)
        return
    if known is not None:
        if _is_same_press(known, person, facts, at):
            return
        discard(known)
    user = add_person(person, at=at)
    organisation = directory.register(facts, side=side, actor_id=user.id, at=at)
    db.session.add(Membership(user_id=user.id, organisation_id=organisation.id, joined_at=at))
    audit.record("account:user:sign-up", f"user {user.id}", actor_id=user.id, at=at, organisation=organisation.number)
    token = links.make(OneTimeLinkKind.CONFIRM_EMAIL, email=user.email, user_id=user.id, at=at)
    notices.queue("confirm-email", to_email=user.email, at=at, name=user.name, token=token)


def confirm(token: str, *, at: datetime) -> User:
    """Take the mailed link as proof that the address is the person's. Errors: links.LinkNotUsable."""
    link = links.use(OneTimeLinkKind.CONFIRM_EMAIL, token, at=at)
    user = db.session.get_one(User, link.user_id)
    confirm_address(user, at=at)
    return user


def confirm_address(user: User, *, at: datetime) -> None:
    """Note that the person reads mail at the address."""
    if user.email_confirmed_at is None:
        user.email_confirmed_at = at
        audit.record("account:user:confirm-email", f"user {user.id}", actor_id=user.id, at=at)


def add_person(person: NewPerson, *, at: datetime, is_confirmed: bool = False) -> User:
    """Store a person. Errors: AddressTaken."""
    user = User(
        email=person.email,
        name=person.name,
        password_hash=person.password_hash,
        email_confirmed_at=at if is_confirmed else None,
        created_at=at,
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError as clash:
        raise AddressTaken from clash
    return user


def remove_abandoned(*, at: datetime) -> None:
    """Delete sign-ups that nobody confirmed in time, so that neither names nor numbers stay taken by them."""
    users = db.session.scalars(
        select(User)
        .where(
            User.email_confirmed_at.is_(None),
            User.created_at < at - ABANDONED_AFTER,
            User.is_demo.is_(False),
            ~User.staff_roles.any(),
        )
        .limit(20)
    ).all()
    for user in users:
        discard(user)


def discard(user: User) -> None:
    """Delete an unconfirmed person and the organisation that only they entered."""
    organisation_ids = [row.organisation_id for row in user.memberships]
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user.id))
    db.session.execute(delete(Membership).where(Membership.user_id == user.id))
    db.session.expire(user, ["memberships"])
    for organisation_id in organisation_ids:
        organisation = db.session.get(Organisation, organisation_id)
        others = db.session.scalar(select(Membership.id).where(Membership.organisation_id == organisation_id).limit(1))
        if organisation is not None and others is None and organisation.verification is Verification.WAITING:
            db.session.delete(organisation)
    db.session.delete(user)
    db.session.flush()


def _is_same_press(known: User, person: NewPerson, facts: OrganisationFacts, at: datetime) -> bool:
    """A button pressed twice sends the same sign-up twice within moments: it acts once."""
    return (
        at - known.created_at < SAME_PRESS_WITHIN
        and known.name == person.name
        and known.organisation is not None
        and known.organisation.name == facts.name
    )
