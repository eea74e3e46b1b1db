"""Proposals, their needs and versions, and the proposals of earlier years."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.attachments.models import Attachment
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import ActivityField, ResourceKind, Unit
from matchmaker.proposals.publication_models import FieldLevel
from matchmaker.proposals.status import CollaborationForm, ProposalStatus


class Proposal(Model):
    """A collaboration that an NPO asks others to join. Decisions are rows of their own (review.Decision).

    The database itself refuses a period out of order, a submitted proposal without its number,
    and a published proposal without a title.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("(submitted_at IS NULL) = (number IS NULL)", name="number_iff_submitted"),
        CheckConstraint("NOT is_published OR title <> ''", name="published_has_title"),
        CheckConstraint("theme_id IS NULL OR call_id IS NOT NULL", name="theme_has_call"),
        CheckConstraint("budget_yen IS NULL OR budget_yen >= 0", name="budget_not_negative"),
        CheckConstraint("own_funds_yen IS NULL OR own_funds_yen >= 0", name="own_funds_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_number: Mapped[str] = mapped_column(String(12), unique=True)  # "D-0034", for life
    number: Mapped[str | None] = mapped_column(String(12), unique=True)  # "R8-0012", given at submission
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[ProposalStatus] = mapped_column(ByValue(ProposalStatus), default=ProposalStatus.DRAFT, index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("call_theme.id"), index=True)
    is_published: Mapped[bool] = mapped_column(default=False, index=True)
    published_at: Mapped[datetime | None]  # when it was last opened to companies, or again after its deadline
    open_until_on: Mapped[date | None] = mapped_column(index=True)

    title: Mapped[str] = mapped_column(String(120), default="")
    issue: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    aim: Mapped[str] = mapped_column(Text, default="")
    beneficiaries: Mapped[str] = mapped_column(Text, default="")
    goals: Mapped[str] = mapped_column(Text, default="")

    content: Mapped[str] = mapped_column(Text, default="")
    schedule: Mapped[str] = mapped_column(Text, default="")
    team: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    role_npo: Mapped[str] = mapped_column(Text, default="")
    role_prefecture: Mapped[str] = mapped_column(Text, default="")
    role_municipality: Mapped[str] = mapped_column(Text, default="")
    role_company: Mapped[str] = mapped_column(Text, default="")
    reason_together: Mapped[str] = mapped_column(Text, default="")

    budget_yen: Mapped[int | None] = mapped_column(BigInteger)
    own_funds_yen: Mapped[int | None] = mapped_column(BigInteger)
    budget_detail: Mapped[str] = mapped_column(Text, default="")
    other_grants: Mapped[str] = mapped_column(Text, default="")

    declares_no_politics_or_religion: Mapped[bool] = mapped_column(default=False)
    declares_no_organised_crime: Mapped[bool] = mapped_column(default=False)
    preferred_form: Mapped[CollaborationForm | None] = mapped_column(ByValue(CollaborationForm))
    publishes_plan: Mapped[bool] = mapped_column(default=False)
    publishes_budget: Mapped[bool] = mapped_column(default=False)

    source_url: Mapped[str] = mapped_column(String(500), default="")  # set for entries made from public cases
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    field_rows: Mapped[list["ProposalField"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    place_rows: Mapped[list["ProposalPlace"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    needs: Mapped[list["ProposalNeed"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ProposalNeed.position"
    )
    field_levels: Mapped[list[FieldLevel]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    divisions: Mapped[list[Division]] = relationship(secondary="proposal_division", order_by=Division.id)
    attachments: Mapped[list[Attachment]] = relationship(secondary="proposal_attachment", order_by=Attachment.id)

    __mapper_args__ = {"version_id_col": version}

    @property
    def public_number(self) -> str:
        """The number in addresses: the official one once there is one."""
        return self.number or self.draft_number

    @property
    def fields(self) -> list[ActivityField]:
        return [row.field for row in self.field_rows]

    @property
    def place_codes(self) -> list[str]:
        return [row.place_code for row in self.place_rows]


class ProposalField(Model):
    """One activity field of a proposal."""

    __tablename__ = "proposal_field"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[ActivityField] = mapped_column(ByValue(ActivityField), primary_key=True, index=True)


class ProposalPlace(Model):
    """One place of a proposal, as a place code (see directory.places)."""

    __tablename__ = "proposal_place"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    place_code: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)


class ProposalNeed(Model):
    """One thing that a proposal asks for, at most five a proposal."""

    __tablename__ = "proposal_need"
    __table_args__ = (
        UniqueConstraint("proposal_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 5", name="at_most_five"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),
        CheckConstraint("(amount IS NULL) = (unit IS NULL)", name="amount_iff_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[ResourceKind] = mapped_column(ByValue(ResourceKind), index=True)
    detail: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit | None] = mapped_column(ByValue(Unit))


class ProposalDivision(Model):
    """A division that the proposer thinks is concerned."""

    __tablename__ = "proposal_division"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)


class ProposalAttachment(Model):
    """A file that belongs to a proposal."""

    __tablename__ = "proposal_attachment"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True, unique=True)


class ProposalVersion(Model):
    """The whole text as it stood at one moment. Rows are added, never edited."""

    __tablename__ = "proposal_version"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PastProposal(Model):
    """A proposal made on paper before this register began, with its published result and source."""

    __tablename__ = "past_proposal"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    calendar_year: Mapped[int] = mapped_column(index=True)
    scheme: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    proposer: Mapped[str] = mapped_column(String(200), default="")
    proposer_type: Mapped[str] = mapped_column(String(60), default="")
    theme: Mapped[str] = mapped_column(String(60), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str] = mapped_column(String(20))
    result_detail: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    source_url: Mapped[str] = mapped_column(String(500))
