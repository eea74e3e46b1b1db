"""What a working group leaves on record: its meetings, who does what, and how the form was chosen."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.projects.form_choice import Procedure
from matchmaker.proposals.status import CollaborationForm


class ProjectMeeting(Model):
    """One 検討会, numbered within its project; a cancelled one keeps its number and its reason."""

    __tablename__ = "project_meeting"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_project_meeting_number"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason = '')", name="cancelled_says_why"),
        CheckConstraint("cancelled_at IS NULL OR minutes_at IS NULL", name="cancelled_has_no_minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]
    held_on: Mapped[date] = mapped_column(index=True)
    begins: Mapped[str] = mapped_column(String(5), default="")  # "13:00", the clock of Japan
    place: Mapped[str] = mapped_column(String(120), default="")
    purpose: Mapped[str] = mapped_column(String(200))
    is_public: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[str] = mapped_column(Text, default="")
    minutes_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    attendances: Mapped[list["MeetingAttendance"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="MeetingAttendance.id"
    )

    __mapper_args__ = {"version_id_col": version}


class MeetingAttendance(Model):
    """Who of one party came to a meeting."""

    __tablename__ = "project_meeting_attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "party_key", name="uq_project_meeting_attendance_party"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("project_meeting.id", ondelete="CASCADE"), index=True)
    party_key: Mapped[str] = mapped_column(String(40))
    party_name: Mapped[str] = mapped_column(String(200))
    people: Mapped[str] = mapped_column(String(300))


class ProjectTask(Model):
    """One line of the role matrix: a task, and what each kind of party does for it."""

    __tablename__ = "project_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    position: Mapped[int]
    task: Mapped[str] = mapped_column(String(120))
    npo: Mapped[str] = mapped_column(String(200), default="")
    prefecture: Mapped[str] = mapped_column(String(200), default="")
    municipality: Mapped[str] = mapped_column(String(200), default="")
    company: Mapped[str] = mapped_column(String(200), default="")


class FormChoice(Model):
    """The form that the parties chose, and their answers to the questions. Rows are added; the newest counts."""

    __tablename__ = "project_form_choice"
    __table_args__ = (CheckConstraint("grounds <> ''", name="has_grounds"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    form: Mapped[CollaborationForm] = mapped_column(ByValue(CollaborationForm))
    has_public_cost: Mapped[bool]
    prefecture_specifies: Mapped[bool]
    procedure: Mapped[Procedure] = mapped_column(ByValue(Procedure))
    grounds: Mapped[str] = mapped_column(Text)
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    chosen_at: Mapped[datetime]

    chosen_by: Mapped[User] = relationship()
