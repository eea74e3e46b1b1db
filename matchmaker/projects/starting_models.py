"""What both sides settle before the work of a project begins."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.foundation.database import ByValue, Model
from matchmaker.matching.terms import Term


class StartItem(Term):
    """One thing that is easily forgotten before the first day."""

    CONTRACT = "contract", "契約・交付・協定の手続き"
    ACCOUNT = "account", "お金の受け渡しの口座と請求のしかた"
    CONTACTS = "contacts", "連絡先（ふだんと緊急のとき）"
    ROLES = "roles", "役割分担の表"
    SCHEDULE = "schedule", "日程と節目、報告の期限"
    INSURANCE = "insurance", "参加者・ボランティアの保険"
    PERSONAL_DATA = "personal-data", "個人情報・写真・作ったものの扱い"


class StartSide(Term):
    """The two sides, whoever of them ticks."""

    PARTNERS = "partners", "団体・企業"
    PREFECTURE = "prefecture", "県"


class StartCheck(Model):
    """One side says that one thing is settled. A tick that is taken back is deleted; the project's history keeps both.

    The database itself refuses a second tick of one side on one thing.
    """

    __tablename__ = "project_start_check"
    __table_args__ = (UniqueConstraint("project_id", "item", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    item: Mapped[StartItem] = mapped_column(ByValue(StartItem))
    side: Mapped[StartSide] = mapped_column(ByValue(StartSide))
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime]

    checked_by: Mapped[User] = relationship(lazy="joined")
