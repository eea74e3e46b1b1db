"""Organisations, divisions and municipalities."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture


class Municipality(Model):
    """A city, ward, town or village. Regions and areas are known for Mie only."""

    __tablename__ = "municipality"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)  # six digits with the check digit
    prefecture: Mapped[Prefecture] = mapped_column(ByValue(Prefecture), index=True)
    name: Mapped[str] = mapped_column(String(40))
    kana: Mapped[str] = mapped_column(String(60), default="")
    region: Mapped[str | None] = mapped_column(String(20))
    area: Mapped[str | None] = mapped_column(String(20))


class Division(Model):
    """A division of the prefecture. A renamed or merged one stays, with its last day and who took over its work."""

    __tablename__ = "division"
    __table_args__ = (
        CheckConstraint("valid_until_on IS NULL OR valid_until_on >= valid_from_on", name="period_in_order"),
        CheckConstraint("successor_id IS NULL OR valid_until_on IS NOT NULL", name="successor_of_ended"),
        CheckConstraint("successor_id IS NULL OR successor_id <> id", name="no_own_successor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    department: Mapped[str] = mapped_column(String(80))
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))


class Organisation(Model):
    """An NPO or a company. Nothing of it is public before the NPO office has verified it.

    The database itself refuses a verification without its moment and person.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("(verification = 'waiting') = (checked_at IS NULL)", name="checked_at_iff_checked"),
        CheckConstraint("verification <> 'refused' OR check_note <> ''", name="refusal_has_reason"),
        CheckConstraint("(merged_into_id IS NULL) = (merged_on IS NULL)", name="merged_on_iff_merged"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_merged_into_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "O-0012"
    side: Mapped[Side] = mapped_column(ByValue(Side), index=True)
    legal_form: Mapped[LegalForm] = mapped_column(ByValue(LegalForm))
    name: Mapped[str] = mapped_column(String(120))
    kana: Mapped[str] = mapped_column(String(120), default="")
    corporate_number: Mapped[str | None] = mapped_column(String(13), unique=True)
    prefecture: Mapped[Prefecture | None] = mapped_column(ByValue(Prefecture))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    industry: Mapped[Industry | None] = mapped_column(ByValue(Industry))
    contact_name: Mapped[str] = mapped_column(String(80), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(20), default="")
    verification: Mapped[Verification] = mapped_column(ByValue(Verification), default=Verification.WAITING, index=True)
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    check_note: Mapped[str] = mapped_column(Text, default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")  # set for entries made from public cases
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    merged_on: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    merged_into: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")
    former_names: Mapped[list["OrganisationName"]] = relationship(
        foreign_keys="OrganisationName.organisation_id", order_by="OrganisationName.until_on, OrganisationName.id"
    )
    municipality: Mapped[Municipality | None] = relationship()
    field_rows: Mapped[list["OrganisationField"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __mapper_args__ = {"version_id_col": version}

    @property
    def fields(self) -> list[ActivityField]:
        return [row.field for row in self.field_rows]

    @property
    def is_verified(self) -> bool:
        return self.verification is Verification.VERIFIED


class OrganisationField(Model):
    """One activity field of an organisation."""

    __tablename__ = "organisation_field"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[ActivityField] = mapped_column(ByValue(ActivityField), primary_key=True)


class OrganisationName(Model):
    """A name that an organisation, or one that became part of it, bore until a day."""

    __tablename__ = "organisation_name"
    __table_args__ = (CheckConstraint("from_on IS NULL OR until_on >= from_on", name="period_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kana: Mapped[str] = mapped_column(String(120), default="")
    from_on: Mapped[date | None]  # None: since when is not known
    until_on: Mapped[date]
    merged_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # the one that became part of it
