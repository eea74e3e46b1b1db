"""What is due while a project runs: milestones, reports, and requests to change or stop."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.attachments.models import Attachment
from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.delivery_terms import ReportKind, ReportStatus, RequestKind, RequestStatus


class Milestone(Model):
    """What is to be reached by a day."""

    __tablename__ = "project_milestone"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date]
    reached_on: Mapped[date | None]


class DeliveryReport(Model):
    """A report (進捗報告, 実績報告) with its due day; one that was returned or waived says why."""

    __tablename__ = "project_delivery_report"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_project_delivery_report_number"),
        CheckConstraint("(status IN ('sent', 'accepted', 'returned')) = (sent_at IS NOT NULL)", name="sent_has_moment"),
        CheckConstraint("status NOT IN ('returned', 'waived') OR answer <> ''", name="answer_says_why"),
        CheckConstraint("answered_by_id IS NULL OR answered_by_id <> sent_by_id", name="two_people"),
        CheckConstraint("spent_yen IS NULL OR spent_yen >= 0", name="spent_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]  # 1, 2 … within the project, as addresses say it
    kind: Mapped[ReportKind] = mapped_column(ByValue(ReportKind))
    due_on: Mapped[date] = mapped_column(index=True)
    status: Mapped[ReportStatus] = mapped_column(ByValue(ReportStatus), default=ReportStatus.DUE, index=True)
    done: Mapped[str] = mapped_column(Text, default="")
    results: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    spent_yen: Mapped[int | None] = mapped_column(BigInteger)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    sent_by_key: Mapped[str] = mapped_column(String(40), default="")
    sent_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    sent_by: Mapped[User | None] = relationship(foreign_keys=[sent_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])
    files: Mapped[list[Attachment]] = relationship(secondary="project_report_file", order_by=Attachment.id)

    __mapper_args__ = {"version_id_col": version}


class ReportFile(Model):
    """A file that belongs to a report; what it holds, and how much, ``attachments`` says."""

    __tablename__ = "project_report_file"

    report_id: Mapped[int] = mapped_column(ForeignKey("project_delivery_report.id"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True, unique=True)


_OPEN = text("status = 'open'")


class ChangeRequest(Model):
    """One party asks to change or to stop the project, another answers. One open request of a project at a time."""

    __tablename__ = "project_change_request"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_project_change_request_number"),
        CheckConstraint("(status IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", name="answer_has_moment"),
        CheckConstraint("status <> 'declined' OR answer <> ''", name="no_says_why"),
        Index(
            "ix_project_change_request_one_open", "project_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]
    kind: Mapped[RequestKind] = mapped_column(ByValue(RequestKind))
    status: Mapped[RequestStatus] = mapped_column(ByValue(RequestStatus), default=RequestStatus.OPEN)
    what: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_by_key: Mapped[str] = mapped_column(String(40))
    asked_by_name: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_by_name: Mapped[str] = mapped_column(String(200), default="")
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")

    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])


class SentReminder(Model):
    """A reminder that went out, so that it goes out once."""

    __tablename__ = "project_sent_reminder"
    __table_args__ = (UniqueConstraint("subject", "stage", name="uq_project_sent_reminder_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(60))  # "report 12", "meeting 3"
    stage: Mapped[str] = mapped_column(String(40))  # "before 2027-03-31": a new due day reminds anew
    at: Mapped[datetime]
