"""What a decision rests on, where a referral leads, and the letter that tells it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.database import Model


class DecisionGround(Model):
    """What was found under one criterion, and what it rests on. Names are kept as they stood when it was drafted.

    The database itself refuses a ground without its finding or without a source.
    """

    __tablename__ = "decision_ground"
    __table_args__ = (
        UniqueConstraint("decision_id", "position"),
        CheckConstraint("finding <> ''", name="has_finding"),
        CheckConstraint("source_label <> ''", name="has_source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    criterion_key: Mapped[str] = mapped_column(String(40))
    criterion_name: Mapped[str] = mapped_column(String(60))
    source_key: Mapped[str] = mapped_column(String(80))
    source_label: Mapped[str] = mapped_column(String(200))
    second_source_key: Mapped[str] = mapped_column(String(80), default="")
    second_source_label: Mapped[str] = mapped_column(String(200), default="")
    score: Mapped[str] = mapped_column(String(120), default="")  # the panel's figures for the criterion, in words
    finding: Mapped[str] = mapped_column(Text)

    @property
    def sources(self) -> list[str]:
        return [label for label in (self.score, self.source_label, self.second_source_label) if label]


class Referral(Model):
    """Where a proposal that is not adopted is led (採択外・協議を仲介): who brokers talks with whom until when.

    The database itself refuses a broker without the day until which talks are brokered.
    """

    __tablename__ = "referral"
    __table_args__ = (CheckConstraint("(broker = '') = (until_on IS NULL)", name="broker_iff_until"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True)
    broker: Mapped[str] = mapped_column(String(120), default="")
    until_on: Mapped[date | None]

    divisions: Mapped[list[Division]] = relationship(secondary="referral_division", order_by=Division.id)
    grants: Mapped[list["ReferralGrant"]] = relationship(cascade="all, delete-orphan", order_by="ReferralGrant.id")


class ReferralDivision(Model):
    """A division with which the office brokers talks."""

    __tablename__ = "referral_division"

    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.decision_id", ondelete="CASCADE"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)


class ReferralGrant(Model):
    """Another grant that is pointed to, as its page stood when it was."""

    __tablename__ = "referral_grant"
    __table_args__ = (UniqueConstraint("referral_id", "grant_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.decision_id", ondelete="CASCADE"), index=True)
    grant_key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(500))


class Letter(Model):
    """The letter (通知文) of one decision, and the version of its reasons for the public (公表文).

    A letter is written with the draft of its decision and gets its document number when it is sent.
    The database itself refuses a second letter of a decision, an empty one, and a number without a day.
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("subject <> '' AND body <> '' AND public_text <> '' AND sender <> ''", name="is_written"),
        CheckConstraint("(document_number IS NULL) = (dated_on IS NULL)", name="number_iff_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    document_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    dated_on: Mapped[date | None]
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(String(120))
    public_text: Mapped[str] = mapped_column(Text)
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    edited_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    edited_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
