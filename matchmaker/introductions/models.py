"""Introductions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Side
from matchmaker.foundation.database import ByValue, Model
from matchmaker.interests.models import Interest
from matchmaker.introductions.alert_times import Frequency, Weekday
from matchmaker.introductions.status import DeclineReason, IntroductionStatus, SavedSearchKind
from matchmaker.matching.exposure import AlarmReason
from matchmaker.proposals.models import Proposal

_OPEN = text("status IN ('asked', 'talking')")


def _when(condition: str) -> dict[str, Any]:
    """An index over some rows only, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Introduction(Model):
    """One side asked to be introduced to the other; names and contacts open only after acceptance.

    The database itself refuses a second open introduction of the same pair and a decline without its reason.
    """

    __tablename__ = "introduction"
    __table_args__ = (
        CheckConstraint("(status = 'declined') = (decline_reason IS NOT NULL)", name="reason_iff_declined"),
        CheckConstraint("status <> 'asked' OR answered_at IS NULL", name="asked_is_unanswered"),
        CheckConstraint("status NOT IN ('talking', 'declined') OR answered_at IS NOT NULL", name="answer_has_moment"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at_iff_closed"),
        CheckConstraint("decline_fingerprint = '' OR status = 'declined'", name="fingerprint_of_declined"),
        Index(
            "ix_introduction_one_open",
            "proposal_id",
            "interest_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id"), index=True)
    status: Mapped[IntroductionStatus] = mapped_column(
        ByValue(IntroductionStatus), default=IntroductionStatus.ASKED, index=True
    )
    asked_by_side: Mapped[Side] = mapped_column(ByValue(Side))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    message: Mapped[str] = mapped_column(Text)
    match: Mapped[dict[str, Any]] = mapped_column(JSON)  # points, parts and ruleset version as they stood when asked
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    decline_reason: Mapped[DeclineReason | None] = mapped_column(ByValue(DeclineReason))
    decline_fingerprint: Mapped[str] = mapped_column(String(64), default="", server_default="")  # matching.declines
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship(lazy="joined")
    interest: Mapped[Interest] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def pair(self) -> str:
        """Both numbers as in the address of the pair's page."""
        return f"{self.proposal.public_number}~{self.interest.number}"

    @property
    def was_accepted(self) -> bool:
        """Whether both sides agreed to talk, now or before it was closed."""
        return self.answered_at is not None and self.decline_reason is None

    @property
    def number(self) -> str:
        """The number in addresses: ``pair`` names the two, this the asking."""
        return f"S-{self.id:04d}"


class SavedSearch(Model):
    """What a person wants to hear of by mail, how often, and when next. ``filters``: names and values as in addresses.

    The database itself refuses matches without the record whose matches they are, or without a threshold.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        CheckConstraint("(kind = 'proposal-matches') = (proposal_id IS NOT NULL)", name="proposal_iff_its_matches"),
        CheckConstraint("(kind = 'interest-matches') = (interest_id IS NOT NULL)", name="interest_iff_its_matches"),
        CheckConstraint("(kind = 'proposals') = (threshold_points IS NULL)", name="threshold_iff_matches"),
        CheckConstraint("(frequency = 'weekly') = (weekday IS NOT NULL)", name="weekday_iff_weekly"),
        Index("ix_saved_search_due", "next_at", **_when("paused_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[SavedSearchKind] = mapped_column(ByValue(SavedSearchKind))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    interest_id: Mapped[int | None] = mapped_column(ForeignKey("interest.id"), index=True)
    filters: Mapped[dict[str, str]] = mapped_column(JSON)
    threshold_points: Mapped[int | None]
    frequency: Mapped[Frequency] = mapped_column(ByValue(Frequency))
    weekday: Mapped[Weekday | None] = mapped_column(ByValue(Weekday))
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    last_told_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")
    proposal: Mapped[Proposal | None] = relationship(lazy="joined")
    interest: Mapped[Interest | None] = relationship(lazy="joined")


class SavedSearchSighting(Model):
    """Something that a person need not be told of: it was on the list when the search was saved, or in a mail since.

    ``item`` is a proposal's draft number, or a pair of it and an interest's number. What was in a mail counts for all
    searches of the person, and stays when the search is deleted.
    """

    __tablename__ = "saved_search_sighting"
    __table_args__ = (
        CheckConstraint("(search_id IS NULL) = (told_at IS NOT NULL)", name="told_or_on_the_list"),
        Index("ix_saved_search_sighting_told_once", "user_id", "item", unique=True, **_when("told_at IS NOT NULL")),
        Index("ix_saved_search_sighting_seen_once", "search_id", "item", unique=True, **_when("search_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    search_id: Mapped[int | None] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(30))
    told_at: Mapped[datetime | None]


class ExposureSettings(Model):
    """What staff promise about who sees a proposal. Rows are added, never edited; the newest is in force."""

    __tablename__ = "exposure_settings"
    __table_args__ = (
        CheckConstraint("companies >= 1", name="companies_positive"),
        CheckConstraint("within_days >= 1", name="within_days_positive"),
        CheckConstraint("reserved_slots >= 1", name="reserved_slots_positive"),
        CheckConstraint("open_request_cap >= 1", name="open_request_cap_positive"),
        CheckConstraint("warning_days >= 0 AND warning_days < within_days", name="warning_days_within"),
        CheckConstraint("suitable_points BETWEEN 0 AND 1000", name="suitable_points_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    companies: Mapped[int]
    within_days: Mapped[int]
    reserved_slots: Mapped[int]
    open_request_cap: Mapped[int]
    warning_days: Mapped[int]
    suitable_points: Mapped[int]  # so many points make a pair suitable
    note: Mapped[str] = mapped_column(Text, default="")  # why it was changed
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class GuaranteedProposal(Model):
    """An open proposal whose days of the guarantee run since a day: the one on which it was opened to companies."""

    __tablename__ = "guaranteed_proposal"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    since_on: Mapped[date]


class Exposure(Model):
    """A proposal stood on the list that a suitable company opened that day."""

    __tablename__ = "exposure"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    shown_on: Mapped[date] = mapped_column(primary_key=True, index=True)
    is_reserved: Mapped[bool]  # it had a reserved slot that day


class ExposurePlan(Model):
    """The plan of a day; whoever writes this row first makes it."""

    __tablename__ = "exposure_plan"

    planned_on: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]


class ReservedSlot(Model):
    """A place that a day's plan keeps for a proposal in a company's lists, and what its label says."""

    __tablename__ = "reserved_slot"

    planned_on: Mapped[date] = mapped_column(ForeignKey("exposure_plan.planned_on"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    position: Mapped[int]  # from 1, the most urgent of the company first
    days_left: Mapped[int]
    still_needed: Mapped[int]
    is_planned: Mapped[bool]


class ExposureAlarm(Model):
    """A guarantee that a day's plan found lost or at risk."""

    __tablename__ = "exposure_alarm"

    planned_on: Mapped[date] = mapped_column(ForeignKey("exposure_plan.planned_on"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True, index=True)
    reason: Mapped[AlarmReason] = mapped_column(ByValue(AlarmReason))
    last_day_on: Mapped[date]
    shown: Mapped[int]
    reachable: Mapped[int]
    wanted: Mapped[int]

    proposal: Mapped[Proposal] = relationship(lazy="joined")
