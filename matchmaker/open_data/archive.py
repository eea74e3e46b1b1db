"""Keep what was published on each day, under the day's address, and take a record out of it where it must be.

A file is stored under its digest before its row is written, and removed after no row names it any more: an unchanged
day costs rows and no bytes.
"""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from matchmaker.attachments.service import discard, path_of
from matchmaker.audit import service as audit
from matchmaker.directory.queries import page_of
from matchmaker.foundation.database import db, insert_new
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.foundation.tables import MARK, csv_line
from matchmaker.foundation.transaction import end_reading, transaction
from matchmaker.open_data.archive_models import ArchivedFile
from matchmaker.open_data.datasets import DATASETS, Dataset
from matchmaker.open_data.writing import CHUNK, WRITERS, in_pieces, json_lines, workbook


class ReasonMissing(DomainError):
    """Nothing is taken out of the archive silently."""

    def __init__(self) -> None:
        super().__init__(_("理由を入力してください。だれでも読める記録になります。"))


class NothingToWithdraw(DomainError):
    """No archived file holds the record."""

    def __init__(self) -> None:
        super().__init__(_("その番号は、どの日の控えにもありません。"))


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that lie under their digest; ``rows`` says how many records they hold."""

    sha256: str
    size_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The kept days around one that was not kept."""

    before: date | None
    after: date | None


def keep(on: date, base_url: str) -> int:
    """Keep every file as it is now for a day; what the day has already stays. Return how many files were new.

    It is its own act: the files are written from one reading, and their rows in one transaction.
    """
    _read_one_moment()
    kept = {(row.dataset, row.ending) for row in list_files(on)}
    made: dict[tuple[str, str], Stored] = {}
    for dataset in DATASETS:
        for ending in WRITERS:
            if (dataset.key, ending) not in kept:
                made[dataset.key, ending] = _store_dataset(dataset, ending, base_url)
    with transaction():
        new = insert_new(ArchivedFile, [_values(on, *name, stored) for name, stored in made.items()])
    _discard_unnamed(stored.sha256 for stored in made.values())
    return new


def find(on: date, dataset: str, ending: str) -> ArchivedFile | None:
    """Return one file of a day."""
    return db.session.scalar(
        select(ArchivedFile).where(
            ArchivedFile.published_on == on, ArchivedFile.dataset == dataset, ArchivedFile.ending == ending
        )
    )


def list_files(on: date) -> Sequence[ArchivedFile]:
    """Return the files of a day, in the order in which they were kept."""
    return db.session.scalars(
        select(ArchivedFile).where(ArchivedFile.published_on == on).order_by(ArchivedFile.id)
    ).all()


def list_days(*, page: int = 1) -> Page[date]:
    """Return a page of the days that were kept, the newest first."""
    return page_of(
        select(ArchivedFile.published_on)
        .group_by(ArchivedFile.published_on)
        .order_by(ArchivedFile.published_on.desc()),
        page,
    )


def neighbours(on: date) -> Neighbours:
    """Return the nearest kept days before and after a day."""
    day = ArchivedFile.published_on
    return Neighbours(
        before=db.session.scalar(select(func.max(day)).where(day < on)),
        after=db.session.scalar(select(func.min(day)).where(day > on)),
    )


def opened(file: ArchivedFile) -> gzip.GzipFile:
    """Return the bytes of a file, to be read and closed. Errors: FileNotFoundError."""
    return _opened(file.sha256)


def withdraw(dataset: Dataset, identity: str, *, reason: str, at: datetime) -> int:
    """Take a record out of every day of a dataset, and say so beside each file. Return how many files changed.

    It is its own act. The earlier bytes are gone afterwards; their digest stays on record, with the reason.
    Errors: ReasonMissing; NothingToWithdraw.
    """
    if not reason.strip():
        raise ReasonMissing
    same = select(ArchivedFile.sha256, ArchivedFile.ending).where(ArchivedFile.dataset == dataset.key).distinct()
    replaced: dict[str, Stored] = {}
    for sha256, ending in db.session.execute(same).all():
        stored = _store_without(dataset, sha256, ending, identity)
        if stored is not None:
            replaced[sha256] = stored
    if not replaced:
        raise NothingToWithdraw
    with transaction():
        changed = sum(_replace(dataset, old, stored, reason, at) for old, stored in replaced.items())
        tag = "system:open-data:withdraw"
        audit.record(tag, f"{dataset.key} {identity}"[:40], actor_id=None, at=at, files=changed, reason=reason)
    _discard_unnamed(replaced)
    return changed


def faults() -> list[str]:
    """Return the digests whose stored bytes are gone or are not what they were."""
    end_reading()
    found = db.session.scalars(select(ArchivedFile.sha256).distinct().order_by(ArchivedFile.sha256)).all()
    return [sha256 for sha256 in found if not _is_sound(sha256)]


def _read_one_moment() -> None:
    """On PostgreSQL each statement sees what is newest: the files of a day would not belong together."""
    end_reading()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _store_dataset(dataset: Dataset, ending: str, base_url: str) -> Stored:
    rows = _Counted(dataset.every(base_url))
    sha256, size_bytes = _store(WRITERS[ending](dataset, rows))
    return Stored(sha256, size_bytes, rows.count)


class _Counted:
    """Rows that are counted while somebody takes them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Any]:
        for row in self.rows:
            self.count += 1
            yield row


def _store(pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write bytes, packed, under their digest. The same bytes are the same file; a half written one is no file."""
    digest, size_bytes = hashlib.sha256(), 0
    folder = path_of("")
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="unfinished-", delete=False) as raw:
        unfinished = Path(raw.name)
        try:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                for piece in pieces:
                    digest.update(piece)
                    size_bytes += len(piece)
                    packed.write(piece)
            raw.flush()
        except BaseException:
            unfinished.unlink()
            raise
    unfinished.replace(path_of(digest.hexdigest()))
    return digest.hexdigest(), size_bytes


def _opened(sha256: str) -> gzip.GzipFile:
    return gzip.open(path_of(sha256), "rb")


def _values(on: date, dataset: str, ending: str, stored: Stored) -> dict[str, Any]:
    return {
        "published_on": on,
        "dataset": dataset,
        "ending": ending,
        "sha256": stored.sha256,
        "published_sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "row_count": stored.rows,
        "correction_reason": "",
    }


def _replace(dataset: Dataset, old: str, stored: Stored, reason: str, at: datetime) -> int:
    """Let every day that names the old bytes name the new ones; earlier reasons stay."""
    rows = db.session.scalars(
        select(ArchivedFile).where(ArchivedFile.dataset == dataset.key, ArchivedFile.sha256 == old).with_for_update()
    ).all()
    for row in rows:
        row.sha256, row.size_bytes, row.row_count = stored.sha256, stored.size_bytes, stored.rows
        row.corrected_at = at
        row.correction_reason = "\n".join(filter(None, (row.correction_reason, reason.strip())))
    return len(rows)


def _discard_unnamed(digests: Iterable[str]) -> None:
    """Remove stored files that no row names."""
    asked = set(digests)
    named = set(db.session.scalars(select(ArchivedFile.sha256).where(ArchivedFile.sha256.in_(asked))))
    for sha256 in asked - named:
        discard(sha256)


def _is_sound(sha256: str) -> bool:
    digest = hashlib.sha256()
    with suppress(OSError, EOFError), _opened(sha256) as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
        return digest.hexdigest() == sha256
    return False


# A record is taken out of the bytes themselves: the fields of that day may be others than today's.


def _store_without(dataset: Dataset, sha256: str, ending: str, identity: str) -> Stored | None:
    """Store a file again without the rows of an id; None when it has none."""
    sieve = _Sieve(identity)
    with _opened(sha256) as file:
        new, size_bytes = _store(_WITHOUT[ending](file, dataset, sieve))
    if sieve.dropped:
        return Stored(new, size_bytes, sieve.kept)
    _discard_unnamed([new])
    return None


@dataclass
class _Sieve:
    """Which rows stay, counted."""

    identity: str
    kept: int = 0
    dropped: int = 0

    def lets_pass(self, identity: object) -> bool:
        is_kept = identity != self.identity
        self.kept += is_kept
        self.dropped += not is_kept
        return is_kept


def _csv_without(file: gzip.GzipFile, _dataset: Dataset, sieve: _Sieve) -> Iterator[bytes]:
    lines = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
    yield MARK
    yield csv_line(next(lines))
    for cells in lines:
        if sieve.lets_pass(cells[0]):
            yield csv_line(cells)


def _json_without(file: gzip.GzipFile, _dataset: Dataset, sieve: _Sieve) -> Iterator[bytes]:
    lines = (line.decode().rstrip(",\n") for line in file)
    return json_lines(line for line in lines if line.startswith("{") and sieve.lets_pass(json.loads(line)["id"]))


def _xlsx_without(file: gzip.GzipFile, dataset: Dataset, sieve: _Sieve) -> Iterator[bytes]:
    labels, *rows = CalamineWorkbook.from_filelike(io.BytesIO(file.read())).get_sheet_by_index(0).to_python()
    left = ([None if value == "" else value for value in row] for row in rows if sieve.lets_pass(row[0]))
    yield from in_pieces(workbook(dataset.title, [str(label) for label in labels], left))


_WITHOUT: dict[str, Callable[[gzip.GzipFile, Dataset, _Sieve], Iterator[bytes]]] = {
    "csv": _csv_without,
    "json": _json_without,
    "xlsx": _xlsx_without,
}
