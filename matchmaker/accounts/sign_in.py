"""Signing in with an address and a password.

Three steps, because hashing must not hold a transaction open: the throttle writes the try down, ``check`` compares the
password, ``finish`` stores the result. An unknown address, a wrong password and a demo account outside a demonstration
get the same answer after the same work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import current_app

from matchmaker.accounts import links, passwords, queries, sessions, throttle
from matchmaker.accounts.models import OneTimeLinkKind, User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import locked
from matchmaker.notices import service as notices


class Answer(StrEnum):
    """What the person is told."""

    SIGNED_IN = "signed-in"
    WRONG = "wrong"
    SUSPENDED = "suspended"
    UNCONFIRMED = "unconfirmed"
    TOO_SHORT = "too-short"


@dataclass(frozen=True, slots=True)
class Compared:
    """What the comparison found. ``checked_hash`` is the stored hash that was compared with."""

    user: User | None
    checked_hash: str
    is_right: bool
    is_long_enough_for_staff: bool
    new_hash: str | None


def compare(email: str, password: str) -> Compared:
    """Compare the password, outside any transaction. Errors: passwords.TooBusy."""
    user = queries.find_by_email(email)
    stored = user.password_hash if user is not None and may_ever_sign_in(user) else ""
    is_right = passwords.is_right(stored, password)
    is_outdated = is_right and passwords.is_outdated(stored)
    return Compared(
        user=user,
        checked_hash=stored,
        is_right=is_right,
        is_long_enough_for_staff=passwords.is_long_enough_for_staff(password),
        new_hash=passwords.hash_password(password) if is_outdated else None,
    )


def may_ever_sign_in(user: User) -> bool:
    """Demonstration accounts exist for no other environment."""
    return not user.is_demo or bool(current_app.config["ALLOWS_DEMO"])


def finish(compared: Compared, *, attempt_id: int, browser: str, at: datetime) -> tuple[Answer, str]:
    """Store the result; the second value is the token of the new sign-in, empty when there is none."""
    user = compared.user
    # The password may have been changed, or the person suspended, while it was being compared.
    if user is None or not compared.is_right or locked(user).password_hash != compared.checked_hash:
        subject = f"user {user.id}" if user else "-"
        audit.record("account:sign-in:failed", subject, actor_id=user.id if user else None, at=at)
        return Answer.WRONG, ""
    throttle.passed(attempt_id)
    refusal = _refusal(user, compared)
    if refusal is not None:
        audit.record("account:sign-in:refused", f"user {user.id}", actor_id=user.id, at=at, because=refusal.value)
        _mail_way_out(user, refusal, at)
        return refusal, ""
    if compared.new_hash:
        user.password_hash = compared.new_hash
    audit.record("account:sign-in:done", f"user {user.id}", actor_id=user.id, at=at)
    return Answer.SIGNED_IN, sessions.begin(user, at=at, browser=browser)


def _refusal(user: User, compared: Compared) -> Answer | None:
    if user.suspended_at is not None:
        return Answer.SUSPENDED
    if user.email_confirmed_at is None:
        return Answer.UNCONFIRMED
    if user.is_staff and not user.is_demo and not compared.is_long_enough_for_staff:
        return Answer.TOO_SHORT
    return None


def _mail_way_out(user: User, refusal: Answer, at: datetime) -> None:
    """Who knows the password may have the mail again that is missing, but not every minute."""
    if refusal is Answer.UNCONFIRMED:
        kind, mail = OneTimeLinkKind.CONFIRM_EMAIL, "confirm-email"
    elif refusal is Answer.TOO_SHORT:
        kind, mail = OneTimeLinkKind.RESET_PASSWORD, "reset-password"
    else:
        return
    if queries.has_link_since(user, kind, at - timedelta(minutes=2)):
        return
    links.withdraw_all(kind, user_id=user.id)
    token = links.make(kind, email=user.email, user_id=user.id, at=at)
    notices.queue(mail, to_email=user.email, at=at, name=user.name, token=token)
