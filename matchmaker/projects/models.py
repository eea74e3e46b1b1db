"""Projects, their partners and divisions, and what happened to them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import CollaborationForm


class Project(Model):
    """A collaboration that began: born from an adopted proposal, or reported by a division.

    The database itself refuses a period out of order, a form without the day it was agreed, a confirmation without its
    person, one by the person who reported, a standstill that does not say since when, and a merger without the project
    that goes on.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("(form IS NULL) = (form_agreed_on IS NULL)", name="agreed_on_iff_form"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_at_iff_confirmed_by"),
        CheckConstraint("reported_by_id IS NULL OR confirmed_by_id <> reported_by_id", name="two_people"),
        CheckConstraint("form IS NULL OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)", name="form_has_period"),
        CheckConstraint("budget_yen IS NULL OR budget_yen >= 0", name="budget_not_negative"),
        CheckConstraint("settled_yen IS NULL OR settled_yen >= 0", name="settled_not_negative"),
        CheckConstraint("(status = 'stalled') = (stalled_from IS NOT NULL)", name="stalled_from_iff_stalled"),
        CheckConstraint("(status = 'stalled') = (waiting_since_on IS NOT NULL)", name="waiting_since_iff_stalled"),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_iff_merged"),
        CheckConstraint("(merged_into_id IS NULL) = (merged_on IS NULL)", name="merged_on_iff_merged"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_merged_into_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # "R8-P008"
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ProjectStatus] = mapped_column(ByValue(ProjectStatus), index=True)
    form: Mapped[CollaborationForm | None] = mapped_column(ByValue(CollaborationForm))
    form_agreed_on: Mapped[date | None]
    starts_on: Mapped[date | None] = mapped_column(index=True)
    ends_on: Mapped[date | None] = mapped_column(index=True)
    budget_yen: Mapped[int | None] = mapped_column(BigInteger)
    settled_yen: Mapped[int | None] = mapped_column(BigInteger)  # 確定額, stated when the project is completed
    stalled_from: Mapped[ProjectStatus | None] = mapped_column(ByValue(ProjectStatus))
    waiting_key: Mapped[str] = mapped_column(String(40), default="")  # parties.Party.key of who is waited for
    waiting_name: Mapped[str] = mapped_column(String(120), default="")
    waiting_since_on: Mapped[date | None]
    contracted_on: Mapped[date | None]
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), unique=True)  # last year's project
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    merged_on: Mapped[date | None]  # from this day's fiscal year on, only the other project counts
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal | None] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    continues: Mapped["Project | None"] = relationship(foreign_keys=[continues_id], remote_side=[id])
    merged_into: Mapped["Project | None"] = relationship(foreign_keys=[merged_into_id], remote_side=[id])
    partners: Mapped[list["ProjectPartner"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ProjectPartner.id"
    )
    divisions: Mapped[list[Division]] = relationship(
        secondary="project_division", lazy="selectin", order_by=Division.id
    )

    __mapper_args__ = {"version_id_col": version}


class ProjectPartner(Model):
    """A party of a project; ``name`` is the name it had when it joined."""

    __tablename__ = "project_partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[PartnerKind] = mapped_column(ByValue(PartnerKind))
    name: Mapped[str] = mapped_column(String(120))

    organisation: Mapped[Organisation | None] = relationship()


class ProjectDivision(Model):
    """A division of the prefecture that takes part."""

    __tablename__ = "project_division"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)


class ProjectState(Model):
    """What was on record of a project from a moment on, as far as counting asks. Rows are added, never edited."""

    __tablename__ = "project_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(120))
    status: Mapped[ProjectStatus] = mapped_column(ByValue(ProjectStatus))
    form: Mapped[CollaborationForm | None] = mapped_column(ByValue(CollaborationForm))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    merged_on: Mapped[date | None]
    partners: Mapped[list[list[Any]]] = mapped_column(JSON)  # kind, name, organisation's id or null; in their order
    division_ids: Mapped[list[int]] = mapped_column(JSON)


class ProjectEvent(Model):
    """One step of a project's life. Rows are added, never edited."""

    __tablename__ = "project_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[ProjectAction] = mapped_column(ByValue(ProjectAction))
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User | None] = relationship(lazy="joined")
