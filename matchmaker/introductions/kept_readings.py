"""Readings kept in the database, so that a worker that starts reads no text and encodes no sentence again.

A row is good while the record says the same and reader and encoder are the same; any other is read anew and replaced.
Rows are written beside requests: by the thread that builds the index ahead, or by ``flask matching read``.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

import numpy as np
from sqlalchemy import delete, insert, select

from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions.reading_models import MatchingReading, ReadSide
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import items_of
from matchmaker.matching.packing import reader_version
from matchmaker.matching.readings import Facts, Kept, prose_of

WRITTEN_AT_ONCE = 200
READ_AT_ONCE = 2000

_Key = tuple[ReadSide, str]


def load(records: Iterable[Facts], encoder_version: str) -> dict[_Key, Kept]:
    """Return the readings that are kept and still good, by side and id, in one query."""
    wanted = {key_of(one): one for one in records}
    statement = select(
        MatchingReading.side,
        MatchingReading.record,
        MatchingReading.digest,
        MatchingReading.texts,
        MatchingReading.vector,
    ).where(MatchingReading.reader == reader_version(), MatchingReading.encoder == encoder_version)
    found = {}
    for side, record, digest, texts, vector in db.session.execute(statement).yield_per(READ_AT_ONCE):
        facts = wanted.get((side, record))
        if facts is not None and digest == digest_of(facts):
            found[side, record] = Kept(texts, None if vector is None else np.frombuffer(vector, dtype=np.float16))
    return found


def store(readings: Iterable[tuple[Facts, Kept]], encoder_version: str, at: datetime) -> None:
    """Write readings, a few in each transaction, in place of older ones of the same records."""
    remaining = iter(readings)
    while some := list(islice(remaining, WRITTEN_AT_ONCE)):
        rows = [_row(facts, kept, encoder_version, at) for facts, kept in some]
        with transaction():
            for side in ReadSide:
                ids = [row["record"] for row in rows if row["side"] is side]
                db.session.execute(
                    delete(MatchingReading).where(MatchingReading.side == side, MatchingReading.record.in_(ids))
                )
            db.session.execute(insert(MatchingReading), rows)


def key_of(facts: Facts) -> _Key:
    """Name a record of either side."""
    return (ReadSide.INTEREST if isinstance(facts, InterestFacts) else ReadSide.PROPOSAL, facts.id)


def digest_of(facts: Facts) -> str:
    """Return a hash over all that a reading depends on: texts, details in their order, and the closed terms."""
    if isinstance(facts, ProposalFacts):
        terms: Sequence[str] = sorted(facts.fields)
    else:
        terms = [*sorted(facts.themes), facts.industry or "", facts.profile]
    parts = [prose_of(facts), *(item.detail for item in items_of(facts)), "", *terms]
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def _row(facts: Facts, kept: Kept, encoder_version: str, at: datetime) -> dict[str, object]:
    side, record = key_of(facts)
    return {
        "side": side,
        "record": record,
        "digest": digest_of(facts),
        "reader": reader_version(),
        "encoder": encoder_version,
        "texts": kept.texts,
        "vector": None if kept.vector is None else kept.vector.tobytes(),
        "read_at": at,
    }
