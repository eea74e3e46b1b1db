"""Mailed links that work once and for a limited time (ASVS 5.0 V6.4.1).

The token has 256 bits; the table holds its SHA-256 only. Looking at a link does not use it up, because mail scanners
look at links: only the button on its page does.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from matchmaker.accounts.models import OneTimeLink, OneTimeLinkKind
from matchmaker.accounts.sessions import hash_token
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _

LASTS = {
    OneTimeLinkKind.CONFIRM_EMAIL: timedelta(hours=24),
    OneTimeLinkKind.RESET_PASSWORD: timedelta(hours=1),
    OneTimeLinkKind.INVITATION: timedelta(days=7),
    OneTimeLinkKind.PROXY_CONFIRMATION: timedelta(days=21),
}


class LinkNotUsable(DomainError):
    """The link was used before, is too old, or never existed: nobody is told which."""

    def __init__(self) -> None:
        super().__init__(_("このリンクは使えません。すでに使ったか、期限が過ぎています。"))


def make(
    kind: OneTimeLinkKind,
    *,
    email: str,
    at: datetime,
    user_id: int | None = None,
    organisation_id: int | None = None,
    lasts: timedelta | None = None,
) -> str:
    """Store a link and return its token."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        OneTimeLink(
            token_hash=hash_token(token),
            kind=kind,
            email=email,
            user_id=user_id,
            organisation_id=organisation_id,
            made_at=at,
            expires_at=at + (lasts or LASTS[kind]),
        )
    )
    return token


def find(kind: OneTimeLinkKind, token: str, *, at: datetime) -> OneTimeLink | None:
    """Return the link when it can still be used."""
    return db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.kind == kind,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
    )


def use(kind: OneTimeLinkKind, token: str, *, at: datetime) -> OneTimeLink:
    """Use the link up and return it; of several at once exactly one wins. Errors: LinkNotUsable."""
    used = db.session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.kind == kind,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
        .values(used_at=at)
        .execution_options(synchronize_session=False)
        .returning(OneTimeLink.token_hash)
    ).all()
    if len(used) != 1:
        raise LinkNotUsable
    return db.session.scalars(
        select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token)).execution_options(populate_existing=True)
    ).one()


def withdraw_all(kind: OneTimeLinkKind, *, user_id: int) -> None:
    """Make a person's open links of a kind unusable (a newer one replaces them, or the password was changed)."""
    db.session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.user_id == user_id, OneTimeLink.kind == kind, OneTimeLink.used_at.is_(None)
        )
    )
