"""The text on which the parties agree, in numbered versions, and who signed which."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.proposals.status import CollaborationForm


class AgreementVersion(Model):
    """One version of the text with its form and period. Rows are added, never edited; a new one has no signatures.

    ``effective_on`` is the day of the last signature; from then on the version is in force until a later one is.
    """

    __tablename__ = "project_agreement"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_project_agreement_number"),
        CheckConstraint("ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("text <> ''", name="has_text"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]
    form: Mapped[CollaborationForm] = mapped_column(ByValue(CollaborationForm))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(300), default="")  # what changed, in a sentence
    party_keys: Mapped[list[str]] = mapped_column(JSON)  # the parties when it was written: others need a new version
    written_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
    effective_on: Mapped[date | None]

    written_by: Mapped[User] = relationship()
    signatures: Mapped[list["AgreementSignature"]] = relationship(
        lazy="selectin", order_by="AgreementSignature.id", back_populates="version"
    )


class AgreementSignature(Model):
    """One party's yes to one version: who signed, on which day, and who recorded it."""

    __tablename__ = "project_signature"
    __table_args__ = (
        UniqueConstraint("version_id", "party_key", name="uq_project_signature_party"),
        CheckConstraint("signer <> ''", name="has_signer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("project_agreement.id"), index=True)
    party_key: Mapped[str] = mapped_column(String(40))
    party_name: Mapped[str] = mapped_column(String(200))
    signer: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(80), default="")
    signed_on: Mapped[date]
    is_on_paper: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]

    version: Mapped[AgreementVersion] = relationship(back_populates="signatures")
