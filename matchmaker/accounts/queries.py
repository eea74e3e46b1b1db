"""Find people, memberships and links."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import Membership, OneTimeLink, OneTimeLinkKind, StaffRole, User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.directory.models import Organisation
from matchmaker.directory.queries import page_of
from matchmaker.directory.terms import Verification
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Permission


def find_by_email(email: str) -> User | None:
    """Return the person with an address (in lower case)."""
    return db.session.scalar(select(User).where(User.email == email))


def find(user_id: int) -> User | None:
    """Return a person."""
    return db.session.get(User, user_id)


def list_people(words: str, state: str, *, page: int) -> Page[User]:
    """Return a page of all people; ``state`` is "staff", "suspended", "unconfirmed" or "" for all."""
    statement = select(User).options(selectinload(User.memberships), selectinload(User.staff_roles))
    for word in words.split():
        statement = statement.where(
            or_(User.name.icontains(word, autoescape=True), User.email.icontains(word, autoescape=True))
        )
    if state == "staff":
        statement = statement.where(User.staff_roles.any(StaffRole.ended_at.is_(None)))
    elif state == "suspended":
        statement = statement.where(User.suspended_at.is_not(None))
    elif state == "unconfirmed":
        statement = statement.where(User.email_confirmed_at.is_(None))
    return page_of(statement.order_by(User.name, User.id), page)


def find_role(user: User, role_id: int) -> StaffRole | None:
    """Return a role of the person."""
    return db.session.scalar(select(StaffRole).where(StaffRole.id == role_id, StaffRole.user_id == user.id))


def list_members(organisation: Organisation) -> list[Membership]:
    """Return the current memberships, the oldest first."""
    return list(
        db.session.scalars(
            select(Membership)
            .where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
            .options(selectinload(Membership.user))
            .order_by(Membership.id)
        )
    )


def find_membership_for(user: User, membership_id: int) -> Membership | None:
    """Return a membership of the person's own organisation, ended ones included."""
    if user.organisation is None:
        return None
    return db.session.scalar(
        select(Membership).where(Membership.id == membership_id, Membership.organisation_id == user.organisation.id)
    )


def list_open_invitations(organisation: Organisation, *, at: datetime) -> list[OneTimeLink]:
    """Return the invitations that can still be used, the newest first."""
    return list(
        db.session.scalars(
            select(OneTimeLink)
            .where(
                OneTimeLink.kind == OneTimeLinkKind.INVITATION,
                OneTimeLink.organisation_id == organisation.id,
                OneTimeLink.used_at.is_(None),
                OneTimeLink.expires_at > at,
            )
            .order_by(OneTimeLink.made_at.desc())
        )
    )


def has_link_since(user: User, kind: OneTimeLinkKind, since: datetime) -> bool:
    """Say whether a link of the kind was made for the person after a moment."""
    return bool(
        db.session.scalar(
            select(
                exists().where(OneTimeLink.user_id == user.id, OneTimeLink.kind == kind, OneTimeLink.made_at > since)
            )
        )
    )


def has_notice_since(kind: str, email: str, since: datetime) -> bool:
    """Say whether a mail of the kind was queued for the address after a moment."""
    return bool(
        db.session.scalar(
            select(exists().where(Notice.kind == kind, Notice.to_email == email, Notice.queued_at > since))
        )
    )


def list_for_verification(state: Verification, *, page: int) -> Page[Organisation]:
    """Return a page of organisations by the state of their check: those waiting longest first, else newest first.

    A sign-up whose address nobody has confirmed is not shown to the office.
    """
    order = Organisation.id.asc() if state is Verification.WAITING else Organisation.checked_at.desc()
    statement = select(Organisation).where(Organisation.verification == state, _is_real())
    return page_of(statement.options(selectinload(Organisation.municipality)).order_by(order, Organisation.id), page)


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the organisations that wait for the office's check."""
    if not user.may(Permission.ORGANISATION_VERIFY):
        return []
    rows = db.session.scalars(
        select(Organisation)
        .where(Organisation.verification == Verification.WAITING, _is_real())
        .order_by(Organisation.id)
    )
    return [
        WaitingItem(
            kind=WaitingKind.VERIFICATION,
            number=row.number,
            title=row.name,
            path=f"/organisations/{row.number}/verification",
            since=row.created_at,
        )
        for row in rows
    ]


def _is_real() -> ColumnElement[bool]:
    """Somebody has confirmed the address behind an organisation, or the office entered it."""
    members = select(Membership.id).where(Membership.organisation_id == Organisation.id)
    return or_(
        ~members.exists(),
        members.join(User, User.id == Membership.user_id).where(User.email_confirmed_at.is_not(None)).exists(),
    )
