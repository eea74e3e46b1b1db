"""Proposals that somebody enters for an NPO (代理入力), and the owner's confirmation."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term
from matchmaker.proposals.models import Proposal


class Channel(Term):
    """How the NPO gave the proposal."""

    PAPER = "paper", "紙の書類"
    FAX = "fax", "ファクス"
    TELEPHONE = "telephone", "電話"
    VISIT = "visit", "来所"


class ConfirmedBy(Term):
    """How the owner confirmed."""

    LINK = "link", "メールのリンク"
    CODE = "code", "確認コード"


class ProxyEntry(Model):
    """Who entered a proposal for its owner, and what the owner confirmed. Owner and enterer are never the same field.

    The link and the code are kept as hashes. The database itself refuses a confirmation without its way, and one
    beside a refusal.
    """

    __tablename__ = "proxy_entry"
    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_at_iff_way"),
        CheckConstraint("(refused_at IS NULL) = (refused_reason = '')", name="refused_at_iff_reason"),
        CheckConstraint("confirmed_at IS NULL OR refused_at IS NULL", name="confirmed_or_refused"),
        CheckConstraint("code_tries >= 0", name="tries_counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    channel: Mapped[Channel] = mapped_column(ByValue(Channel))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    entered_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    link_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    code_made_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[ConfirmedBy | None] = mapped_column(ByValue(ConfirmedBy))
    confirmed_mark: Mapped[str] = mapped_column(String(20), default="")  # the text that was confirmed (answers.mark)
    refused_at: Mapped[datetime | None]
    refused_reason: Mapped[str] = mapped_column(Text, default="")

    proposal: Mapped[Proposal] = relationship(lazy="joined")
    entered_by: Mapped[User] = relationship(lazy="joined")
