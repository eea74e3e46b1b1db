"""Passwords changed, forgotten and set anew."""

from datetime import datetime, timedelta

from matchmaker.accounts import links, queries, sessions, sign_up
from matchmaker.accounts.models import OneTimeLinkKind, User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices

SAME_PRESS_WITHIN = timedelta(minutes=1)


class PasswordChangedMeanwhile(DomainError):
    """The password that was compared is no longer the stored one."""

    def __init__(self) -> None:
        super().__init__(_("パスワードは、別の操作で先に変わりました。新しいパスワードでやり直してください。"))


def ask_reset(email: str, *, at: datetime) -> None:
    """Mail a link to the address when a person has it; otherwise nothing happens, and nobody is told."""
    user = queries.find_by_email(email)
    if user is None or user.suspended_at is not None or user.is_demo:
        return
    if queries.has_link_since(user, OneTimeLinkKind.RESET_PASSWORD, at - SAME_PRESS_WITHIN):
        return
    mail_reset(user, actor_id=user.id, at=at)


def mail_reset(user: User, *, actor_id: int, at: datetime) -> None:
    """Mail the link; an older one stops working."""
    links.withdraw_all(OneTimeLinkKind.RESET_PASSWORD, user_id=user.id)
    token = links.make(OneTimeLinkKind.RESET_PASSWORD, email=user.email, user_id=user.id, at=at)
    notices.tell(user, "reset-password", at=at, token=token)
    audit.record("account:password:ask-reset", f"user {user.id}", actor_id=actor_id, at=at)


def reset(token: str, *, password_hash: str, at: datetime) -> User:
    """Set the password by a mailed link and end every sign-in. Errors: links.LinkNotUsable."""
    link = links.use(OneTimeLinkKind.RESET_PASSWORD, token, at=at)
    user = locked(db.session.get_one(User, link.user_id))
    if user.suspended_at is not None:
        raise links.LinkNotUsable
    user.password_hash = password_hash
    sign_up.confirm_address(user, at=at)
    sessions.end_all(user)
    audit.record("account:password:reset", f"user {user.id}", actor_id=user.id, at=at)
    _tell(user, at)
    return user


def change_password(user: User, *, checked_hash: str, password_hash: str, token: str, at: datetime) -> None:
    """Set the password of somebody who knew the old one; other browsers are signed out.

    Errors: PasswordChangedMeanwhile.
    """
    locked(user)
    if user.password_hash != checked_hash:
        raise PasswordChangedMeanwhile
    user.password_hash = password_hash
    links.withdraw_all(OneTimeLinkKind.RESET_PASSWORD, user_id=user.id)
    sessions.end_all(user, but=token)
    audit.record("account:password:change", f"user {user.id}", actor_id=user.id, at=at)
    _tell(user, at)


def _tell(user: User, at: datetime) -> None:
    notices.tell(user, "password-changed", at=at)
