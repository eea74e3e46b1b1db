"""What is kept so that a recommendation can be made again: rulesets, facts as they were, and saved lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import Model
from matchmaker.interests.models import Interest
from matchmaker.proposals.models import Proposal


class RulesetVersion(Model):
    """One edition of the weights. Rows are added and never changed; the edition built in is number 1 and has no row."""

    __tablename__ = "ruleset_version"
    __table_args__ = (
        CheckConstraint("number > 1", name="number_after_built_in"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 2, 3, 4 … without gaps
    label: Mapped[str] = mapped_column(String(20), unique=True)  # as it is kept with each match
    ruleset: Mapped[dict[str, Any]] = mapped_column(JSON)  # every number of it, see matching.weights.as_data
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    in_force_from_on: Mapped[date] = mapped_column(index=True)  # never before that of the number before
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[User] = relationship(lazy="joined")


class FactSnapshot(Model):
    """One record's facts as they were, named by what is in them: equal facts are kept once."""

    __tablename__ = "fact_snapshot"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON


class SavedList(Model):
    """A ranked list as it was shown, with all that it was made from. Rows are added and taken away, never changed."""

    __tablename__ = "saved_list"
    __table_args__ = (
        CheckConstraint("(proposal_id IS NULL) <> (interest_id IS NULL)", name="of_one_record"),
        CheckConstraint("introduction_id IS NULL OR organisation_id IS NOT NULL", name="introduction_has_organisation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)  # whose list it is
    interest_id: Mapped[int | None] = mapped_column(ForeignKey("interest.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)  # none: the office's
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id"), index=True)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    saved_at: Mapped[datetime]
    on_day: Mapped[date]  # the day that dates were judged on
    ruleset: Mapped[dict[str, Any]] = mapped_column(JSON)
    ruleset_digest: Mapped[str] = mapped_column(String(64))
    knowledge: Mapped[dict[str, str]] = mapped_column(JSON)  # vocabulary, encoder and dictionary that it was made with
    inputs: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON: digests of the pool, the record asked for
    lines: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON: the list
    digest: Mapped[str] = mapped_column(String(64))  # of the list

    proposal: Mapped[Proposal | None] = relationship(lazy="joined")
    interest: Mapped[Interest | None] = relationship(lazy="joined")
    saved_by: Mapped[User] = relationship(lazy="joined")


def _refuse(_mapper: Mapper[Any], _connection: Connection, row: Model) -> None:
    raise RuntimeError(f"{type(row).__name__} is never changed")


event.listen(RulesetVersion, "before_update", _refuse)
event.listen(RulesetVersion, "before_delete", _refuse)
event.listen(FactSnapshot, "before_update", _refuse)
event.listen(SavedList, "before_update", _refuse)
