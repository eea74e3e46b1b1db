"""What people change about their own account."""

from datetime import datetime

from matchmaker.accounts import sessions
from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import locked


def change_name(user: User, name: str, *, at: datetime) -> None:
    """Store another name."""
    locked(user).name = name
    audit.record("account:user:change-name", f"user {user.id}", actor_id=user.id, at=at)


def want_call_mails(user: User, is_wanted: bool, *, at: datetime) -> None:
    """Say whether the person wants the mail before a call closes."""
    locked(user).call_mails_stopped_at = None if is_wanted else at
    audit.record("account:user:call-mails", f"user {user.id}", actor_id=user.id, at=at, wanted=is_wanted)


def end_other_sign_ins(user: User, *, token: str, at: datetime) -> None:
    """Sign the person out everywhere but in the browser that holds the token."""
    sessions.end_all(user, but=token)
    audit.record("account:sign-in:end-others", f"user {user.id}", actor_id=user.id, at=at)


def sign_out(user: User, *, token: str, at: datetime) -> None:
    """End this browser's sign-in."""
    sessions.end(token)
    audit.record("account:sign-in:end", f"user {user.id}", actor_id=user.id, at=at)
