"""Signed-in browsers: server-side, so that they can be ended from here.

The cookie holds a 256-bit token, the table its SHA-256. Staff sessions end after 30 idle minutes or 8 hours, others
after 60 idle minutes or 12 hours (ASVS 5.0 V7.3.1, V7.3.2).
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from matchmaker.accounts.models import SignIn, User
from matchmaker.foundation.database import db

STAFF_IDLE, STAFF_ABSOLUTE = timedelta(minutes=30), timedelta(hours=8)
IDLE, ABSOLUTE = timedelta(minutes=60), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


def hash_token(token: str) -> str:
    """Return what the table stores of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(user: User, *, at: datetime, browser: str = "") -> str:
    """Store a new sign-in and return its token; sign-ins that are over for everybody are deleted."""
    db.session.execute(delete(SignIn).where(SignIn.started_at < at - ABSOLUTE))
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(token_hash=hash_token(token), user_id=user.id, browser=browser, started_at=at, last_seen_at=at)
    )
    return token


def find(token: str, *, at: datetime) -> SignIn | None:
    """Return the live sign-in of a token: not ended, not idle for too long, its person not suspended."""
    sign_in = db.session.scalar(select(SignIn).where(SignIn.token_hash == hash_token(token)))
    return sign_in if sign_in is not None and _is_live(sign_in, at) else None


def list_live(user: User, *, at: datetime) -> list[SignIn]:
    """Return the browsers in which a person is signed in, the one used last first."""
    rows = db.session.scalars(select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.last_seen_at.desc()))
    return [row for row in rows if _is_live(row, at)]


def is_due_to_be_seen(sign_in: SignIn, *, at: datetime) -> bool:
    """Say whether the moment of last use is old enough to be written again."""
    return at - sign_in.last_seen_at > SEEN_EVERY


def mark_seen(token: str, *, at: datetime) -> None:
    """Write down that the browser was used."""
    # Not through the record: it may be deleted by a sign-out at this very moment.
    db.session.execute(update(SignIn).where(SignIn.token_hash == hash_token(token)).values(last_seen_at=at))


def end(token: str) -> None:
    """End one sign-in."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == hash_token(token)))


def end_all(user: User, *, but: str | None = None) -> None:
    """End every sign-in of a person, except the one whose token is given."""
    statement = delete(SignIn).where(SignIn.user_id == user.id)
    if but is not None:
        statement = statement.where(SignIn.token_hash != hash_token(but))
    db.session.execute(statement)


def _is_live(sign_in: SignIn, at: datetime) -> bool:
    if sign_in.user.suspended_at is not None:
        return False
    idle, absolute = (STAFF_IDLE, STAFF_ABSOLUTE) if sign_in.user.is_staff else (IDLE, ABSOLUTE)
    return at - sign_in.last_seen_at <= idle and at - sign_in.started_at <= absolute
