"""Colleagues of one organisation: invited, joined, gone. A person acts for one organisation at a time."""

from datetime import datetime, timedelta

from sqlalchemy import select

from matchmaker.accounts import links, queries, sessions, sign_up
from matchmaker.accounts.models import Membership, OneTimeLink, OneTimeLinkKind, User
from matchmaker.accounts.sign_up import NewPerson
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices

SAME_PRESS_WITHIN = timedelta(minutes=1)


class AlreadyMember(DomainError):
    """The person invited is a colleague already."""

    def __init__(self) -> None:
        super().__init__(_("この方は、すでにメンバーです。"))


class ActsForAnother(DomainError):
    """The person already acts for an organisation, or works for the prefecture."""


class InvitedSomebodyElse(DomainError):
    """The invitation went to another address than that of the person signed in."""

    def __init__(self) -> None:
        super().__init__(_("この招待は、ほかのメールアドレスあてのものです。そのアドレスの方だけが参加できます。"))


class HasAccountAlready(DomainError):
    """The address invited has an account: the person signs in instead of making a second one."""

    def __init__(self) -> None:
        super().__init__(_("このメールアドレスは登録ずみです。ログインしてから参加してください。"))


class LastMember(DomainError):
    """Nobody would be left to act for the organisation."""

    def __init__(self) -> None:
        super().__init__(
            _("最後の1人は抜けられません。先にほかの方を招待するか、団体の登録をやめるときは事務局へお知らせください。")
        )


class MembershipEnded(DomainError):
    """Somebody ended the membership first."""

    def __init__(self) -> None:
        super().__init__(_("このメンバーは、すでに外れています。"))


def invite(organisation: Organisation, email: str, *, actor: User, at: datetime) -> None:
    """Mail a link with which the address may join; an older open one to the same address stops working.

    Errors: AlreadyMember.
    """
    known = queries.find_by_email(email)
    if known is not None and known.organisation is not None and known.organisation.id == organisation.id:
        raise AlreadyMember
    for link in queries.list_open_invitations(organisation, at=at):
        if link.email == email:
            if at - link.made_at < SAME_PRESS_WITHIN:
                return
            link.used_at = at
    token = links.make(OneTimeLinkKind.INVITATION, email=email, organisation_id=organisation.id, at=at)
    notices.queue("invitation", to_email=email, at=at, organisation=organisation.name, inviter=actor.name, token=token)
    audit.record("account:membership:invite", organisation.number, actor_id=actor.id, at=at)


def withdraw_invitation(organisation: Organisation, email: str, *, actor: User, at: datetime) -> None:
    """Make the open invitations of an address unusable."""
    for link in queries.list_open_invitations(organisation, at=at):
        if link.email == email and locked(link).used_at is None:
            link.used_at = at
            audit.record("account:membership:withdraw-invitation", organisation.number, actor_id=actor.id, at=at)


def join_as_new(token: str, *, name: str, password_hash: str, at: datetime) -> User:
    """Make an account for the address invited and let it join.

    Errors: links.LinkNotUsable; HasAccountAlready; sign_up.AddressTaken.
    """
    link = links.use(OneTimeLinkKind.INVITATION, token, at=at)
    known = queries.find_by_email(link.email)
    if known is not None and (known.email_confirmed_at is not None or known.staff_roles):
        raise HasAccountAlready
    if known is not None:
        # An unconfirmed sign-up of the same address proves nothing; the invitation proves the mailbox.
        sign_up.discard(known)
    user = sign_up.add_person(NewPerson(name, link.email, password_hash), at=at, is_confirmed=True)
    _add(user, link, at)
    return user


def join(token: str, *, user: User, at: datetime) -> None:
    """Let a person who has an account join. Errors: links.LinkNotUsable; InvitedSomebodyElse; ActsForAnother."""
    link = links.use(OneTimeLinkKind.INVITATION, token, at=at)
    if link.email != locked(user).email:
        raise InvitedSomebodyElse
    if user.is_staff:
        raise ActsForAnother(
            _(
                "県の職員のアカウントでは団体に参加できません。団体用に、ほかのメールアドレスで招待してもらってください。"
            )
        )
    if user.organisation is not None:
        raise ActsForAnother(
            _(
                "いまは「%(name)s」のメンバーです。参加するには、先にその団体を抜けてください。",
                name=user.organisation.name,
            )
        )
    _add(user, link, at)


def leave(user: User, *, at: datetime) -> None:
    """End one's own membership. Errors: LastMember; MembershipEnded."""
    membership = user.membership
    if membership is None:
        raise MembershipEnded
    _end(membership, actor=user, at=at)


def end_membership(membership: Membership, *, actor: User, at: datetime) -> None:
    """End a colleague's membership and tell them. Errors: LastMember; MembershipEnded."""
    _end(membership, actor=actor, at=at)
    user = membership.user
    notices.tell(
        user,
        "membership-ended",
        at=at,
        organisation=membership.organisation.name,
    )


def _add(user: User, link: OneTimeLink, at: datetime) -> None:
    db.session.add(Membership(user_id=user.id, organisation_id=link.organisation_id, joined_at=at))
    db.session.flush()
    db.session.expire(user, ["memberships"])
    audit.record("account:membership:join", _number_of(link), actor_id=user.id, at=at)


def _number_of(link: OneTimeLink) -> str:
    return db.session.get_one(Organisation, link.organisation_id).number


def _end(membership: Membership, *, actor: User, at: datetime) -> None:
    # The organisation's row is locked, so that two last members cannot leave at the same moment.
    organisation = locked(db.session.get_one(Organisation, membership.organisation_id))
    locked(membership)
    if membership.ended_at is not None:
        raise MembershipEnded
    current = db.session.scalars(
        select(Membership.id).where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
    ).all()
    if len(current) == 1:
        raise LastMember
    membership.ended_at = at
    sessions.end_all(membership.user)
    audit.record(
        "account:membership:end", organisation.number, actor_id=actor.id, at=at, user=f"user {membership.user_id}"
    )
