"""What an administrator does with accounts: suspend, restore, give and end roles."""

from datetime import datetime, timedelta

from matchmaker.accounts import links, queries, sessions, sign_up
from matchmaker.accounts.models import OneTimeLinkKind, StaffRole, User
from matchmaker.accounts.sign_up import NewPerson
from matchmaker.audit import service as audit
from matchmaker.directory.models import Division
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import STAFF_ROLES, Role

FIRST_PASSWORD_WITHIN = timedelta(days=3)

ROLE_LABELS = {
    Role.NPO: "NPOのメンバー",
    Role.COMPANY: "企業のメンバー",
    Role.NPO_OFFICE: "NPO担当課（事務局）",
    Role.DIVISION: "関係課",
    Role.PANEL: "審査・サポート委員",
    Role.APPROVER: "決裁者",
    Role.ADMINISTRATOR: "システム管理者",
    Role.COORDINATOR: "コーディネーター",
    Role.INTERMEDIARY: "中間支援組織",
}


class NotOnOneself(DomainError):
    """Administrators cannot lock themselves out."""

    def __init__(self) -> None:
        super().__init__(_("自分のアカウントには、この操作はできません。ほかの管理者に頼んでください。"))


class RoleNotGiven(DomainError):
    """The role cannot be given to this person."""


class AlreadyDone(DomainError):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(_("この操作は、すでに終わっています。"))


def create(
    *, email: str, name: str, role: Role, division: Division | None, actor_id: int | None, at: datetime
) -> tuple[User, str]:
    """Make an account for a person of the prefecture; they choose their password by a mailed link.

    Returns the person and the link's token. Errors: sign_up.AddressTaken; RoleNotGiven.
    """
    if queries.find_by_email(email) is not None:
        raise sign_up.AddressTaken
    user = sign_up.add_person(NewPerson(name, email, ""), at=at)
    _add_role(user, role, division, actor_id=actor_id, at=at)
    token = links.make(OneTimeLinkKind.RESET_PASSWORD, email=email, user_id=user.id, at=at, lasts=FIRST_PASSWORD_WITHIN)
    notices.queue("staff-account", to_email=email, to_user_id=user.id, at=at, name=name, token=token)
    return user, token


def grant(user: User, role: Role, *, division: Division | None, actor: User, at: datetime) -> None:
    """Give a role; the person signs in anew. Errors: RoleNotGiven."""
    locked(user)
    if user.organisation is not None:
        raise RoleNotGiven(
            _("団体のメンバーには県の役割を付けられません。審査の公正のため、別のアカウントを作ってください。")
        )
    for given in user.staff_roles:
        if given.ended_at is None and given.role is role and given.division_id == (division.id if division else None):
            raise RoleNotGiven(_("この役割は、すでに付いています。"))
    _add_role(user, role, division, actor_id=actor.id, at=at)
    sessions.end_all(user)


def end_role(given: StaffRole, *, actor: User, at: datetime) -> None:
    """End a role; the person signs in anew. Errors: AlreadyDone; NotOnOneself."""
    locked(given)
    if given.ended_at is not None:
        raise AlreadyDone
    if given.user_id == actor.id:
        raise NotOnOneself
    given.ended_at = at
    user = db.session.get_one(User, given.user_id)
    sessions.end_all(user)
    audit.record("account:role:end", f"user {user.id}", actor_id=actor.id, at=at, role=given.role.value)


def suspend(user: User, *, actor: User | None, at: datetime) -> None:
    """Stop an account; every browser is signed out at once. Errors: AlreadyDone; NotOnOneself."""
    if actor is not None and user.id == actor.id:
        raise NotOnOneself
    if locked(user).suspended_at is not None:
        raise AlreadyDone
    user.suspended_at = at
    sessions.end_all(user)
    links.withdraw_all(OneTimeLinkKind.RESET_PASSWORD, user_id=user.id)
    audit.record("account:user:suspend", f"user {user.id}", actor_id=actor.id if actor else None, at=at)


def restore(user: User, *, actor: User, at: datetime) -> None:
    """Let a suspended person sign in again. Errors: AlreadyDone."""
    if locked(user).suspended_at is None:
        raise AlreadyDone
    user.suspended_at = None
    audit.record("account:user:restore", f"user {user.id}", actor_id=actor.id, at=at)


def end_sign_ins(user: User, *, actor: User, at: datetime) -> None:
    """Sign a person out everywhere."""
    sessions.end_all(user)
    audit.record("account:sign-in:end-all", f"user {user.id}", actor_id=actor.id, at=at)


def _add_role(user: User, role: Role, division: Division | None, *, actor_id: int | None, at: datetime) -> None:
    if role not in STAFF_ROLES:
        raise RoleNotGiven(_("この役割は、団体のメンバーになると付きます。ここでは付けられません。"))
    if (role is Role.DIVISION) != (division is not None):
        raise RoleNotGiven(_("課を選ぶのは、関係課の役割のときだけです。関係課では必ず選んでください。"))
    db.session.add(
        StaffRole(
            user_id=user.id,
            role=role,
            division_id=division.id if division else None,
            granted_by_id=actor_id,
            granted_at=at,
        )
    )
    db.session.flush()
    db.session.expire(user, ["staff_roles"])
    audit.record("account:role:grant", f"user {user.id}", actor_id=actor_id, at=at, role=role.value)
