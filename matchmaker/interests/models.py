"""Interests and what belongs to them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import ByValue, Model
from matchmaker.interests.status import InterestStatus, RefusalKind
from matchmaker.matching.terms import ResourceKind, Theme, Unit


class Interest(Model):
    """What a company would like to do with NPOs, until when.

    The database itself refuses an active interest without the day it expires.
    """

    __tablename__ = "interest"
    __table_args__ = (CheckConstraint("status <> 'active' OR valid_until_on IS NOT NULL", name="active_has_expiry"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "K-0034"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[InterestStatus] = mapped_column(ByValue(InterestStatus), default=InterestStatus.DRAFT, index=True)
    policy: Mapped[str] = mapped_column(Text, default="")  # the company's CSR policy in its own words
    is_undecided: Mapped[bool] = mapped_column(default=False)  # 「まだ決まっていない」
    refusal_note: Mapped[str] = mapped_column(Text, default="")  # what it does not take up, in its own words
    shows_name: Mapped[bool] = mapped_column(default=False)  # the company's name may be shown before both accept
    valid_until_on: Mapped[date | None] = mapped_column(index=True)
    source_url: Mapped[str] = mapped_column(String(500), default="")
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    activated_at: Mapped[datetime | None] = mapped_column(index=True)
    expiry_notice_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    theme_rows: Mapped[list["InterestTheme"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    region_rows: Mapped[list["InterestRegion"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    offers: Mapped[list["InterestOffer"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="InterestOffer.position"
    )
    refusals: Mapped[list["InterestRefusal"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __mapper_args__ = {"version_id_col": version}

    @property
    def themes(self) -> list[Theme]:
        return [row.theme for row in self.theme_rows]

    @property
    def place_codes(self) -> list[str]:
        return [row.place_code for row in self.region_rows]

    def refused(self, kind: RefusalKind) -> list[str]:
        """The codes that the company refuses, of one kind."""
        return [row.value for row in self.refusals if row.kind is kind]


class InterestTheme(Model):
    __tablename__ = "interest_theme"

    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[Theme] = mapped_column(ByValue(Theme), primary_key=True, index=True)


class InterestRegion(Model):
    """One region of an interest, as a place code (see directory.places)."""

    __tablename__ = "interest_region"

    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)
    place_code: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)


class InterestOffer(Model):
    """One thing that a company can give."""

    __tablename__ = "interest_offer"
    __table_args__ = (
        UniqueConstraint("interest_id", "position"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),
        CheckConstraint("(amount IS NULL) = (unit IS NULL)", name="amount_iff_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[ResourceKind] = mapped_column(ByValue(ResourceKind), index=True)
    detail: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit | None] = mapped_column(ByValue(Unit))


class InterestRefusal(Model):
    """One thing that a company does not take up."""

    __tablename__ = "interest_refusal"

    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[RefusalKind] = mapped_column(ByValue(RefusalKind), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
