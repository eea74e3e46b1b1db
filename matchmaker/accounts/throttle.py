"""Limits on tries, counted in the database, so that all processes count together.

A try is written down as failed *before* anything slow happens and marked as passed afterwards: many tries at the same
moment cannot slip through between counting and writing. Sources: ASVS 5.0 V6.3.1, V2.4.1.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select, text

from matchmaker.accounts.models import SignInAttempt
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failed tries are taken within a time, for one address and for one source."""

    name: str
    within: timedelta
    per_account: int
    per_source: int


SIGN_IN = Limit("sign-in", timedelta(minutes=5), per_account=10, per_source=30)
MAIL = Limit("mail", timedelta(hours=1), per_account=5, per_source=30)


class TooManyTries(DomainError):
    """The limit is reached; ``retry_after_seconds`` says when the next try is taken."""

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(_("短い間に何度も操作があったため、受け付けを止めています。"))


def begin(limit: Limit, *, account: str, source: str, at: datetime) -> int:
    """Write down a try and return its id for ``passed``. Errors: TooManyTries, and then nothing is written."""
    account_hash, source_hash = _key(limit, "account", account), _key(limit, "source", _network(source))
    _wait_for_others(account_hash, source_hash)
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < at - KEPT))
    since = at - limit.within
    for own, allowed in (
        (SignInAttempt.account_hash == account_hash, limit.per_account),
        (SignInAttempt.source_hash == source_hash, limit.per_source),
    ):
        failures, first = _failures(own, since)
        if failures >= allowed:
            raise TooManyTries(max(1, int((first + limit.within - at).total_seconds()) + 1) if first else 1)
    attempt = SignInAttempt(account_hash=account_hash, source_hash=source_hash, at=at, has_failed=True)
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def passed(attempt_id: int) -> None:
    """Take a try out of the count."""
    attempt = db.session.get(SignInAttempt, attempt_id)
    if attempt is not None:
        attempt.has_failed = False


def _failures(own: ColumnElement[bool], since: datetime) -> tuple[int, datetime | None]:
    row = db.session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(
            own, SignInAttempt.has_failed.is_(True), SignInAttempt.at > since
        )
    ).one()
    return row[0], row[1]


def _wait_for_others(*keys: str) -> None:
    """On PostgreSQL, let tries for the same account or source count one after the other; SQLite does so anyway."""
    if db.engine.dialect.name == "postgresql":
        for key in sorted(keys):
            db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(key[:15], 16)})


def _key(limit: Limit, kind: str, value: str) -> str:
    """Neither addresses nor sources are stored readable, and without the key they cannot be tried out."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"throttle:{limit.name}:{kind}:{value.casefold()}".encode(), hashlib.sha256).hexdigest()


def _network(source: str) -> str:
    """One line of IPv6 has a whole /64 of addresses."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
