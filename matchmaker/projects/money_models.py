"""The programmes' budgets, what of them each project was given, and what was paid."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.money_rules import InstalmentKind


class ProgrammeBudget(Model):
    """The budget of one programme (事業) in one fiscal year, with its source. The newest row of a year counts."""

    __tablename__ = "programme_budget"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(String(80))
    basic_programme_code: Mapped[str] = mapped_column(String(10))
    basic_programme: Mapped[str] = mapped_column(String(80))
    fy: Mapped[int]
    budget_thousand_yen: Mapped[int]
    source: Mapped[str] = mapped_column(String(60))


class Allocation(Model):
    """What a project may spend of one programme's budget of one fiscal year."""

    __tablename__ = "project_allocation"
    __table_args__ = (
        UniqueConstraint("project_id", "programme", "fy", name="uq_project_allocation_year"),
        CheckConstraint("yen >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    programme: Mapped[str] = mapped_column(String(80))
    fy: Mapped[int] = mapped_column(index=True)
    yen: Mapped[int] = mapped_column(BigInteger)
    over_reason: Mapped[str] = mapped_column(Text, default="")  # why more than remains of the programme's budget
    allocated_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    allocated_at: Mapped[datetime]


class Instalment(Model):
    """One payment to a project, planned and then paid (概算払, 精算払 …); a cancelled plan keeps its reason."""

    __tablename__ = "project_instalment"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_project_instalment_number"),
        CheckConstraint("planned_yen >= 0 AND (paid_yen IS NULL OR paid_yen >= 0)", name="not_negative"),
        CheckConstraint("(paid_on IS NULL) = (paid_yen IS NULL)", name="paid_on_iff_paid"),
        CheckConstraint("cancel_reason = '' OR paid_on IS NULL", name="paid_is_not_cancelled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]
    kind: Mapped[InstalmentKind] = mapped_column(ByValue(InstalmentKind))
    planned_on: Mapped[date]
    planned_yen: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date | None]
    paid_yen: Mapped[int | None] = mapped_column(BigInteger)
    over_reason: Mapped[str] = mapped_column(Text, default="")
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    allocation_id: Mapped[int] = mapped_column(ForeignKey("project_allocation.id"), index=True)
    allocation: Mapped[Allocation] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}
