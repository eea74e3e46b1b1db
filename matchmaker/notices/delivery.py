"""Send what waits in the outbox: each mail at most once.

SMTP cannot be part of a database transaction, so there is always a moment in which a mail may have left while nothing
says so. Here a mail is claimed and committed before the try, and its result committed after it. When the process dies
between the two, or the line breaks after the text went out, the claim stays: nobody knows whether the mail arrived, it
is never sent again by itself, and ``flask notices list`` shows it for a person to decide. A server that says no, or
that cannot be reached, has certainly not taken the mail: such tries are repeated later.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime, formataddr, make_msgid
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long to wait after the first, second … failed try; after one more the mail is given up."""
TIMEOUT_SECONDS = 15
SENDER_NAME = "協創マッチング"


class _Address(UnstructuredHeader, BaseHeader):
    """A header that holds an address of a page: it stays in one piece, as encoded words would break it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    headers.map_to_type("list-unsubscribe", _Address)
    return SMTP.clone(header_factory=headers)


POLICY = _policy()


class NotSent(Exception):
    """The mail certainly did not leave; the text names the reason without personal data."""


class ResultUnknown(Exception):
    """The mail may or may not have left."""


class NotAfterUnknown(DomainError):
    """Only a mail whose result is unknown can be put back by hand."""

    def __init__(self) -> None:
        super().__init__(_("結果が分からないメールではありません。"))


class Result(StrEnum):
    """What became of one mail in one run."""

    SENT = "sent"
    LATER = "later"
    GIVEN_UP = "given up"
    UNKNOWN = "unknown"


class Carrier(Protocol):
    """A way in which a mail leaves."""

    def __call__(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. The password travels over an encrypted line only."""

    host: str
    port: int
    user: str
    password: str

    def __call__(self, message: EmailMessage) -> None:
        """Hand over one mail. Errors: NotSent, ResultUnknown."""
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as failure:
            raise NotSent(_reason(failure)) from failure
        try:
            self._introduce(server)
            _hand_over(message, server)
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self.port == 465:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _introduce(self, server: smtplib.SMTP) -> None:
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif self.user and self.port != 465:
                raise NotSent("the server offers no encryption for the password")
            if self.user:
                server.login(self.user, self.password)
        except (OSError, smtplib.SMTPException) as failure:
            raise NotSent(_reason(failure)) from failure


def carrier_of(settings: Any) -> Carrier | None:
    """Return the mail server of the settings, or None when mails go to the console."""
    if not settings["SMTP_HOST"]:
        return None
    return Smtp(settings["SMTP_HOST"], settings["SMTP_PORT"], settings["SMTP_USER"], settings["SMTP_PASSWORD"])


def send_due(carrier: Carrier, *, sender: str) -> dict[Result, int]:
    """Try every mail that is due now, each in transactions of its own, and count the results."""
    counts = dict.fromkeys(Result, 0)
    started_at = clock.now()
    while (claimed := _claim(started_at, sender)) is not None:
        counts[_try(claimed, carrier)] += 1
    return counts


def message_of(notice: Notice, *, sender: str) -> EmailMessage:
    """Return the mail as it travels. Errors: ValueError when a header holds a line end."""
    message = EmailMessage(policy=POLICY)
    message["From"] = formataddr((SENDER_NAME, sender))
    message["To"] = notice.to_email
    message["Subject"] = notice.subject
    message["Date"] = format_datetime(notice.queued_at)
    message["Message-ID"] = make_msgid(idstring=f"notice-{notice.id}", domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    if notice.unsubscribe_url:
        # RFC 2369 and, where the address is encrypted as it asks, RFC 8058.
        message["List-Unsubscribe"] = f"<{notice.unsubscribe_url}>"
        if notice.unsubscribe_url.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(notice.body, cte="base64")
    return message


def list_open() -> list[Notice]:
    """Return the mails that are not sent: waiting, of unknown result, given up; the oldest first."""
    return list(db.session.scalars(select(Notice).where(Notice.sent_at.is_(None)).order_by(Notice.id)))


def list_latest(number: int) -> list[Notice]:
    """Return the mails queued last, the newest first."""
    return list(db.session.scalars(select(Notice).order_by(Notice.id.desc()).limit(number)))


def put_back(notice: Notice, *, at: datetime) -> None:
    """Let a mail of unknown result, or one given up, be tried again, because a person decided so.

    Errors: NotAfterUnknown.
    """
    locked(notice)
    if notice.claimed_at is None and notice.given_up_at is None:
        raise NotAfterUnknown
    notice.claimed_at = None
    notice.given_up_at = None
    notice.tries = 0
    notice.next_try_at = at


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A mail taken by this sender. ``message`` is None when it cannot be written as a mail at all."""

    notice_id: int
    tries: int
    message: EmailMessage | None


def _claim(due_at: datetime, sender: str) -> _Claimed | None:
    """Take the mail that waits longest; a second sender running now takes another one."""
    with transaction():
        notice = db.session.scalar(
            select(Notice)
            .where(
                Notice.next_try_at <= due_at,
                Notice.sent_at.is_(None),
                Notice.given_up_at.is_(None),
                Notice.claimed_at.is_(None),
            )
            .order_by(Notice.next_try_at, Notice.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if notice is None:
            return None
        notice.claimed_at = clock.now()
        notice.tries += 1
        # Written here, so that no database connection is held while the server is spoken to.
        return _Claimed(notice.id, notice.tries, _message_or_none(notice, sender))


def _message_or_none(notice: Notice, sender: str) -> EmailMessage | None:
    try:
        return message_of(notice, sender=sender)
    except ValueError:
        return None


def _try(claimed: _Claimed, carrier: Carrier) -> Result:
    if claimed.message is None:
        return _store(claimed, Result.GIVEN_UP, "not a sound mail")
    try:
        carrier(claimed.message)
    except NotSent as refusal:
        return _store(claimed, Result.LATER if claimed.tries <= len(PAUSES) else Result.GIVEN_UP, str(refusal))
    except ResultUnknown as lost:
        return _store(claimed, Result.UNKNOWN, str(lost))
    return _store(claimed, Result.SENT, "")


def _store(claimed: _Claimed, result: Result, reason: str) -> Result:
    with transaction():
        notice = locked(db.session.get_one(Notice, claimed.notice_id))
        at = clock.now()
        notice.last_error = reason[:200]
        if result is not Result.UNKNOWN:
            notice.claimed_at = None
        if result is Result.SENT:
            notice.sent_at = at
        elif result is Result.GIVEN_UP:
            notice.given_up_at = at
        elif result is Result.LATER:
            notice.next_try_at = at + PAUSES[claimed.tries - 1]
    return result


def _hand_over(message: EmailMessage, server: smtplib.SMTP) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected as lost:
        raise ResultUnknown(type(lost).__name__) from lost
    except smtplib.SMTPException as refusal:
        raise NotSent(_reason(refusal)) from refusal
    except OSError as lost:
        raise ResultUnknown(type(lost).__name__) from lost


def _reason(failure: Exception) -> str:
    """The kind and the server's number only: the server's text may repeat the address."""
    code = getattr(failure, "smtp_code", "")
    return f"{type(failure).__name__} {code}".strip()
