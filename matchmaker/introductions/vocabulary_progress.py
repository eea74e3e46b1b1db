"""How far the registry has been read again under a new edition of the vocabulary: from what all workers have kept."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import listed
from matchmaker.introductions import vocabularies
from matchmaker.introductions.ranking import MEASURED_AS_A_WHOLE_UP_TO
from matchmaker.introductions.reading_models import MatchingReading
from matchmaker.matching.packing import reader_version
from matchmaker.matching.vocabulary import using
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import open_clause


@dataclass(frozen=True, slots=True)
class Progress:
    """Records whose topics have been read again, of all that can be matched."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def progress(on: date) -> Progress | None:
    """Return how far a large registry is; None when nothing is left to read, as always in a small one.

    A registry that keeps no readings at all yet has nothing to compare with: its workers are still starting.
    """
    proposals = select(func.count()).select_from(Proposal).where(open_clause(on))
    interests = select(func.count()).select_from(Interest).join(Interest.organisation).where(listed(on))
    total = (db.session.scalar(proposals) or 0) + (db.session.scalar(interests) or 0)
    kept = db.session.scalar(select(func.count()).select_from(MatchingReading)) or 0
    if total <= MEASURED_AS_A_WHOLE_UP_TO or not kept:
        return None
    with using(vocabularies.in_force(on)):
        reader = reader_version()
    done = select(func.count()).select_from(MatchingReading).where(MatchingReading.reader == reader)
    found = Progress(min(db.session.scalar(done) or 0, total), total)
    return found if found.done < total else None
