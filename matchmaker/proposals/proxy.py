"""Enter a paper or telephone proposal for an NPO, and let the NPO confirm it (代理入力).

The confirming link goes to the organisation's own address, never to one that the enterer types for an organisation
that is registered already. Every function runs inside the caller's transaction.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from matchmaker.accounts import links
from matchmaker.accounts.models import OneTimeLinkKind, User
from matchmaker.accounts.sessions import hash_token
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Role
from matchmaker.proposals import service
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.proxy_models import Channel, ConfirmedBy, ProxyEntry
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import EDITABLE, ProposalStatus

CODE_LASTS = timedelta(days=21)
"""Long enough for a letter to go and a call to come."""

MOST_TRIES = 5


class CannotConfirm(DomainError):
    """The entry was confirmed, refused or submitted already, or the code is wrong."""


class NoAddress(DomainError):
    """The organisation has no address to which a link could go."""

    def __init__(self) -> None:
        super().__init__(
            _("この団体には、連絡先のメールアドレスがありません。確認コードをつくって、電話か郵便で伝えてください。")
        )


class AlreadyConfirmed(DomainError):
    """What the owner confirmed is not changed by anybody else."""

    def __init__(self) -> None:
        super().__init__(_("団体が確認した文は、代理では変えられません。直すときは、団体の人が直します。"))


def enter(organisation: Organisation, channel: Channel, *, actor: User, at: datetime) -> ProxyEntry:
    """Begin a draft that belongs to the organisation; who enters it stays apart."""
    proposal = service.begin_for(organisation, actor=actor, at=at)
    entry = ProxyEntry(proposal=proposal, channel=channel, entered_by_id=actor.id, entered_at=at)
    db.session.add(entry)
    db.session.flush()
    audit.record("proxy:proposal:enter", proposal.draft_number, actor_id=actor.id, at=at, channel=channel.value)
    return entry


def require_writable(entry: ProxyEntry) -> None:
    """Errors: AlreadyConfirmed, CannotConfirm when the text is closed or was refused."""
    locked(entry)
    if entry.confirmed_at is not None:
        raise AlreadyConfirmed
    if entry.refused_at is not None or entry.proposal.status not in EDITABLE:
        raise CannotConfirm(_("この代理入力は、もう変えられません。"))


def may_reopen(entry: ProxyEntry) -> bool:
    """Say whether the text has to be put to the owner anew: it was refused, or the office returned it for changes."""
    is_returned = entry.proposal.status is ProposalStatus.RETURNED_FOR_FIX and entry.confirmed_at is not None
    return is_returned or (entry.refused_at is not None and entry.proposal.status in EDITABLE)


def reopen(entry: ProxyEntry, *, actor: User, at: datetime) -> None:
    """Let the enterer mend the text; the owner confirms it anew. Errors: CannotConfirm."""
    locked(entry)
    locked(entry.proposal)
    if not may_reopen(entry):
        raise CannotConfirm(_("この代理入力は、いまは直せません。"))
    entry.confirmed_at = entry.confirmed_by = entry.refused_at = entry.asked_at = None
    entry.confirmed_mark = entry.refused_reason = entry.link_hash = entry.code_hash = ""
    db.session.flush()
    audit.record("proxy:proposal:reopen", entry.proposal.public_number, actor_id=actor.id, at=at)


def ask(entry: ProxyEntry, *, actor: User, at: datetime) -> None:
    """Mail the confirming link to the organisation's own address; an older link stops working.

    Errors: AlreadyConfirmed, CannotConfirm, NoAddress, ProposalIncomplete.
    """
    require_writable(entry)
    organisation = entry.proposal.organisation
    if not organisation.contact_email:
        raise NoAddress
    service.require_complete(entry.proposal, at=at)
    token = links.make(
        OneTimeLinkKind.PROXY_CONFIRMATION,
        email=organisation.contact_email,
        organisation_id=organisation.id,
        at=at,
    )
    entry.link_hash, entry.asked_at = hash_token(token), at
    notices.queue(
        "proxy_confirm",
        to_email=organisation.contact_email,
        at=at,
        name=organisation.contact_name,
        organisation=organisation.name,
        title=entry.proposal.title,
        entered_by=role_of(entry),
        token=token,
    )
    audit.record("proxy:proposal:ask", entry.proposal.draft_number, actor_id=actor.id, at=at)


def make_code(entry: ProxyEntry, *, actor: User, at: datetime) -> str:
    """Return a new code to be told by telephone or letter; it is shown once, and an older one stops working.

    Errors: AlreadyConfirmed, CannotConfirm, ProposalIncomplete.
    """
    require_writable(entry)
    service.require_complete(entry.proposal, at=at)
    code = f"{secrets.randbelow(10**8):08d}"
    entry.code_hash, entry.code_made_at, entry.code_tries = _hash_of(entry, code), at, 0
    entry.asked_at = at
    audit.record("proxy:proposal:make-code", entry.proposal.draft_number, actor_id=actor.id, at=at)
    return code


def find_by_link(token: str, *, at: datetime) -> ProxyEntry | None:
    """Return the entry of a link that can still be used; looking does not use it up."""
    if links.find(OneTimeLinkKind.PROXY_CONFIRMATION, token, at=at) is None:
        return None
    entry = db.session.scalar(select(ProxyEntry).where(ProxyEntry.link_hash == hash_token(token)))
    return entry if entry is not None and _is_open(entry) else None


def find_by_code(draft_number: str, code: str, *, at: datetime) -> ProxyEntry | None:
    """Return the entry that a code opens. A wrong one is counted; after the fifth the code opens nothing."""
    entry = db.session.scalar(
        select(ProxyEntry)
        .join(ProxyEntry.proposal)
        .where(Proposal.draft_number == draft_number)
        .with_for_update(of=ProxyEntry)
    )
    if entry is None or not _is_open(entry) or not entry.code_hash or entry.code_made_at is None:
        return None
    if entry.code_tries >= MOST_TRIES or at > entry.code_made_at + CODE_LASTS:
        return None
    if secrets.compare_digest(entry.code_hash, _hash_of(entry, code)):
        return entry
    entry.code_tries += 1
    db.session.flush()
    return None


def confirm(entry: ProxyEntry, way: ConfirmedBy, *, read_as: str, token: str = "", at: datetime) -> None:
    """The owner says that this is their proposal, as it was read.

    Errors: CannotConfirm, EditConflict, links.LinkNotUsable, ProposalIncomplete.
    """
    _close(entry, way, token, at)
    service.require_unchanged(entry.proposal, read_as)
    service.require_complete(entry.proposal, at=at)
    entry.confirmed_at, entry.confirmed_by, entry.confirmed_mark = at, way, read_as
    db.session.flush()
    audit.record("owner:proxy:confirm", entry.proposal.draft_number, actor_id=None, at=at, way=way.value)


def refuse(entry: ProxyEntry, way: ConfirmedBy, *, reason: str, token: str = "", at: datetime) -> None:
    """The owner says that this is not what they meant; the enterer is told. Errors: CannotConfirm, LinkNotUsable."""
    _close(entry, way, token, at)
    entry.refused_at, entry.refused_reason = at, reason
    db.session.flush()
    person = entry.entered_by
    notices.tell(
        person,
        "proxy_refused",
        at=at,
        organisation=entry.proposal.organisation.name,
        title=entry.proposal.title,
        number=entry.proposal.draft_number,
        reason=reason,
    )
    audit.record("owner:proxy:refuse", entry.proposal.draft_number, actor_id=None, at=at, way=way.value)


def is_confirmed_as_it_stands(entry: ProxyEntry) -> bool:
    """Say whether the text is the one that the owner confirmed."""
    return entry.confirmed_at is not None and entry.confirmed_mark == service.version_of(
        entry.proposal, tuple(Question)
    )


def role_of(entry: ProxyEntry) -> str:
    """Return who entered it, as people outside the prefecture may know it."""
    is_office = Role.NPO_OFFICE in entry.entered_by.roles
    return _("NPO担当課") if is_office else _("中間支援組織（%(name)s）", name=entry.entered_by.name)


def _close(entry: ProxyEntry, way: ConfirmedBy, token: str, at: datetime) -> None:
    locked(entry)
    locked(entry.proposal)
    if not _is_open(entry):
        raise CannotConfirm(_("この代理入力は、すでに確認されたか、取り消されています。"))
    if way is ConfirmedBy.LINK:
        links.use(OneTimeLinkKind.PROXY_CONFIRMATION, token, at=at)
    entry.code_hash = ""


def _is_open(entry: ProxyEntry) -> bool:
    is_editable = entry.proposal.status in EDITABLE
    return is_editable and entry.confirmed_at is None and entry.refused_at is None


def _hash_of(entry: ProxyEntry, code: str) -> str:
    return hash_token(f"{entry.proposal.draft_number} {code}")
