"""What reading a record's texts gave, kept beside the registry."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.foundation.database import ByValue, Model


class ReadSide(StrEnum):
    """Whose texts were read."""

    PROPOSAL = "proposal"
    INTEREST = "interest"


class MatchingReading(Model):
    """One record as the matching reads it; a copy that may be thrown away at any time.

    ``record`` is the draft number of a proposal or the number of an interest, ``digest`` a hash of what was read,
    ``vector`` 16-bit floats of the sentence encoder that ``encoder`` names ("" without one).
    """

    __tablename__ = "matching_reading"
    __table_args__ = (CheckConstraint("(encoder = '') = (vector IS NULL)", name="vector_iff_encoder"),)

    side: Mapped[ReadSide] = mapped_column(ByValue(ReadSide), primary_key=True)
    record: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    reader: Mapped[str] = mapped_column(String(80))
    encoder: Mapped[str] = mapped_column(String(40))
    texts: Mapped[bytes] = mapped_column(LargeBinary)
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    read_at: Mapped[datetime]
