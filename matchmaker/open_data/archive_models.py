"""Open data as it was published on a day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.foundation.database import Model


class ArchivedFile(Model):
    """One file of one day. The stored file bears its digest as its name, so days without a change share it.

    The database itself refuses a second file for a day, dataset and format, and other bytes without a stated reason.
    """

    __tablename__ = "open_data_archive"
    __table_args__ = (
        UniqueConstraint("published_on", "dataset", "ending"),
        CheckConstraint("(corrected_at IS NULL) = (correction_reason = '')", name="corrected_at_iff_reason"),
        CheckConstraint("corrected_at IS NOT NULL OR sha256 = published_sha256", name="only_corrections_differ"),
        CheckConstraint("row_count >= 0 AND size_bytes > 0", name="has_content"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    published_on: Mapped[date]
    dataset: Mapped[str] = mapped_column(String(40))
    ending: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the content as it is handed out
    published_sha256: Mapped[str] = mapped_column(String(64))  # what it was on the day
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int]
    corrected_at: Mapped[datetime | None]
    correction_reason: Mapped[str] = mapped_column(Text, default="")
