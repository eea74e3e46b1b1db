"""Take in files, keep them under names of our own, and hand them out.

A file is checked and written before the transaction that records it; when that fails the file is removed again.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import func, select

from matchmaker.attachments.models import Attachment
from matchmaker.attachments.scanning import ScannerUnavailable, is_clean
from matchmaker.attachments.sniffing import LARGEST_BYTES, FileRefused, Refusal, media_type_of, shown_name
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024

QUOTA_BYTES = 500 * MEBIBYTE
"""All files of one organisation together."""

_CHUNK = 64 * 1024


class UploadRefused(DomainError):
    """The file may not be kept; the text says why and what to do."""


class QuotaReached(UploadRefused):
    """The organisation's files together would take too much room."""

    def __init__(self) -> None:
        quota = QUOTA_BYTES // MEBIBYTE
        super().__init__(
            _(
                "団体の添付ファイルは合わせて%(quota)sMBまでです。使わなくなったファイルを消してから追加してください。",
                quota=quota,
            )
        )


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is written but not yet recorded."""

    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    stored_name: str


@contextmanager
def received(typed_name: str, file: IO[bytes]) -> Iterator[StoredFile]:
    """Check a file and write it; whatever goes wrong inside the block removes it again.

    Errors: UploadRefused.
    """
    name = shown_name(typed_name)
    try:
        media_type = media_type_of(name, file)
        _scan(file)
    except FileRefused as refused:
        raise UploadRefused(_(refused.refusal.label)) from refused
    stored_name = secrets.token_hex(16)
    path = path_of(stored_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        size_bytes, sha256 = _write(file, path)
        yield StoredFile(name, media_type, size_bytes, sha256, stored_name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def is_among(stored: StoredFile, files: Iterable[Attachment]) -> bool:
    """Say whether the same file is kept already under the same name: a second press of the button."""
    return any((kept.file_name, kept.sha256) == (stored.file_name, stored.sha256) for kept in files)


def record(stored: StoredFile, *, organisation_id: int, uploaded_by_id: int, at: datetime) -> Attachment:
    """Record a written file, inside the caller's transaction, which holds the organisation's row.

    Errors: QuotaReached.
    """
    of_organisation = select(func.coalesce(func.sum(Attachment.size_bytes), 0)).where(
        Attachment.organisation_id == organisation_id
    )
    if db.session.scalars(of_organisation).one() + stored.size_bytes > QUOTA_BYTES:
        raise QuotaReached
    attachment = Attachment(
        public_id=secrets.token_hex(16),
        file_name=stored.file_name,
        media_type=stored.media_type,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        stored_name=stored.stored_name,
        organisation_id=organisation_id,
        uploaded_by_id=uploaded_by_id,
        uploaded_at=at,
    )
    db.session.add(attachment)
    return attachment


def take_out(kept: Attachment, files: list[Attachment]) -> str:
    """Forget one of a record's files; return its stored name, for the file itself to go once this is stored."""
    stored_name = kept.stored_name
    files.remove(kept)
    db.session.flush()
    db.session.delete(kept)
    db.session.flush()
    return stored_name


def path_of(stored_name: str) -> Path:
    """Return where a file lies: outside the web root, under a name that nobody chose."""
    return Path(current_app.config["UPLOAD_FOLDER"]) / stored_name


def discard(stored_name: str) -> None:
    """Remove a file whose record is gone."""
    path_of(stored_name).unlink(missing_ok=True)


def _scan(file: IO[bytes]) -> None:
    """A scanner that is set up but silent means no: an unchecked file must not slip in while it is down."""
    address = current_app.config["CLAMD_ADDRESS"]
    if not address:
        return
    try:
        if not is_clean(file, address):
            raise FileRefused(Refusal.VIRUS)
    except ScannerUnavailable as silent:
        log.error("virus scanner does not answer")
        raise UploadRefused(
            _("いまはウイルスの検査ができないため、受け付けられません。しばらくしてから、もう一度添付してください。")
        ) from silent


def _write(file: IO[bytes], path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size_bytes = 0
    with path.open("xb") as target:
        while piece := file.read(_CHUNK):
            size_bytes += len(piece)
            if size_bytes > LARGEST_BYTES:
                raise UploadRefused(_(Refusal.TOO_LARGE.label))
            digest.update(piece)
            target.write(piece)
    return size_bytes, digest.hexdigest()
