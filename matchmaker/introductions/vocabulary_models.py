"""The editions of the vocabulary: what each holds, when it came into force, and the draft of the next one."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import Model


class VocabularyContent(Model):
    """All tables of the vocabulary in one state, named by what is in them; also kept for each saved list."""

    __tablename__ = "vocabulary_content"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON, see matching.vocabulary.Tables


class VocabularyEdition(Model):
    """One edition. Rows are added and never changed; the edition built in is number 1 and has no row."""

    __tablename__ = "vocabulary_edition"
    __table_args__ = (
        CheckConstraint("number > 1", name="number_after_built_in"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 2, 3, 4 … without gaps
    label: Mapped[str] = mapped_column(String(20), unique=True)
    digest: Mapped[str] = mapped_column(ForeignKey("vocabulary_content.digest"))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # the draft that became it: table, key, before, after
    reason: Mapped[str] = mapped_column(Text)
    in_force_from_on: Mapped[date] = mapped_column(index=True)  # never before that of the number before
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[User] = relationship(lazy="joined")


class VocabularyChange(Model):
    """One row of the draft: what a row of the newest edition is to become. ``row`` is null for one that is retired."""

    __tablename__ = "vocabulary_change"
    __table_args__ = (
        UniqueConstraint("table_name", "key"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(200))
    row: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(Text)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    changed_by: Mapped[User] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


def _refuse(_mapper: Mapper[Any], _connection: Connection, row: Model) -> None:
    raise RuntimeError(f"{type(row).__name__} is never changed")


event.listen(VocabularyEdition, "before_update", _refuse)
event.listen(VocabularyEdition, "before_delete", _refuse)
event.listen(VocabularyContent, "before_update", _refuse)
