"""Requests to disclose records (開示請求), what is kept back in them, and what third parties said first."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.permissions.levels import WithholdingReason
from matchmaker.proposals.models import Proposal


class RecordKind(Term):
    """The records of a proposal that can be asked for."""

    PROPOSAL = "proposal", "提案書"
    CIRCULATION = "circulation", "回付への返事"
    SCORES = "scores", "採点表と審査会の判断"
    DECISION = "decision", "起案・決裁・通知文"


class DisclosureVerdict(Term):
    """What was decided on a request."""

    FULL = "full", "開示"
    PARTIAL = "partial", "部分開示"
    REFUSED = "refused", "不開示"


class DisclosureRequest(Model):
    """One request, received on paper or at the counter.

    The database itself refuses half a decision.
    """

    __tablename__ = "disclosure_request"
    __table_args__ = (
        CheckConstraint("subject <> '' AND requester <> ''", name="says_who_and_what"),
        CheckConstraint("due_on >= received_on", name="due_after_received"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="verdict_iff_decided_at"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_by_iff_decided_at"),
        CheckConstraint("(verdict IS NULL) = (decision_reason = '')", name="verdict_iff_reason"),
        CheckConstraint("(verdict IS NULL) = (opens_on IS NULL)", name="verdict_iff_opens_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "R8-D001"
    requester: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    due_on: Mapped[date]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    verdict: Mapped[DisclosureVerdict | None] = mapped_column(ByValue(DisclosureVerdict))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    opens_on: Mapped[date | None]  # the first day on which the copies may be handed out
    version: Mapped[int] = mapped_column()

    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    items: Mapped[list["DisclosureItem"]] = relationship(
        cascade="all, delete-orphan", order_by="DisclosureItem.id", back_populates="request"
    )
    consultations: Mapped[list["ThirdPartyConsultation"]] = relationship(
        order_by="ThirdPartyConsultation.id", back_populates="request"
    )

    __mapper_args__ = {"version_id_col": version}


class DisclosureItem(Model):
    """One record that the request concerns."""

    __tablename__ = "disclosure_item"
    __table_args__ = (UniqueConstraint("request_id", "proposal_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("disclosure_request.id", ondelete="CASCADE"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    kind: Mapped[RecordKind] = mapped_column(ByValue(RecordKind))

    request: Mapped[DisclosureRequest] = relationship(back_populates="items")
    proposal: Mapped[Proposal] = relationship(lazy="joined")
    redactions: Mapped[list["Redaction"]] = relationship(cascade="all, delete-orphan", order_by="Redaction.id")


class Redaction(Model):
    """One field of a record that is blackened (墨塗り), and why."""

    __tablename__ = "redaction"
    __table_args__ = (UniqueConstraint("item_id", "field_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("disclosure_item.id", ondelete="CASCADE"), index=True)
    field_key: Mapped[str] = mapped_column(String(80))
    reason: Mapped[WithholdingReason] = mapped_column(ByValue(WithholdingReason))


class ThirdPartyConsultation(Model):
    """The question to an organisation whose information is in the records (第三者意見照会), and its answer.

    The database itself refuses an answer without its day, and an objection without its reason.
    """

    __tablename__ = "third_party_consultation"
    __table_args__ = (
        UniqueConstraint("request_id", "organisation_id"),
        CheckConstraint("(objects IS NULL) = (answered_at IS NULL)", name="answer_iff_answered_at"),
        CheckConstraint("objects IS NULL OR NOT objects OR words <> ''", name="objection_says_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("disclosure_request.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    sent_at: Mapped[datetime]
    due_on: Mapped[date]
    objects: Mapped[bool | None]
    words: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]

    request: Mapped[DisclosureRequest] = relationship(back_populates="consultations")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])
