"""People who sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation.database import ByValue, Model
from matchmaker.permissions.grants import STAFF_ROLES, Permission, Role, permissions_of


class OneTimeLinkKind(StrEnum):
    """What a mailed link is for."""

    CONFIRM_EMAIL = "confirm-email"
    RESET_PASSWORD = "reset-password"
    INVITATION = "invitation"
    PROXY_CONFIRMATION = "proxy-confirmation"


class User(Model):
    """A person with an address and a password."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    email_confirmed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    call_mails_stopped_at: Mapped[datetime | None]  # wants no mail before a call closes
    created_at: Mapped[datetime]

    sign_in_token = ""  # the secret of this browser's sign-in, known during a request only
    is_authenticated = True
    is_anonymous = False

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="selectin")
    staff_roles: Mapped[list["StaffRole"]] = relationship(lazy="selectin", foreign_keys="StaffRole.user_id")

    @property
    def is_active(self) -> bool:
        return self.suspended_at is None

    def get_id(self) -> str:
        """What the cookie holds: never the person's id, always the token of one sign-in."""
        return self.sign_in_token

    @property
    def membership(self) -> "Membership | None":
        """The organisation that the person acts for: the one joined first that has not ended."""
        return next((row for row in sorted(self.memberships, key=lambda row: row.id) if row.ended_at is None), None)

    @property
    def organisation(self) -> Organisation | None:
        return self.membership.organisation if self.membership else None

    @property
    def division(self) -> Division | None:
        return next((row.division for row in self.staff_roles if row.ended_at is None and row.division), None)

    @property
    def roles(self) -> frozenset[Role]:
        roles = {row.role for row in self.staff_roles if row.ended_at is None}
        if self.organisation:
            roles.add(Role.NPO if self.organisation.side is Side.NPO else Role.COMPANY)
        return frozenset(roles)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF_ROLES)

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Say whether one of the person's roles grants the permission."""
        return permission in self.permissions


class Membership(Model):
    """A person acting for an organisation; ended ones stay."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "ix_membership_one_current",
            "user_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class StaffRole(Model):
    """A role that an administrator gave to a person of the prefecture; ended ones stay."""

    __tablename__ = "staff_role"
    __table_args__ = (
        CheckConstraint("role <> 'division' OR division_id IS NOT NULL", name="division_role_has_division"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(ByValue(Role))
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    division: Mapped[Division | None] = relationship(lazy="joined")


class SignIn(Model):
    """One signed-in browser. The cookie holds the token, the table only its SHA-256."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    browser: Mapped[str] = mapped_column(String(60), default="")  # as people call it, never the whole header
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined")


class SignInAttempt(Model):
    """One try to sign in, counted for the throttle. Neither the address nor the source is stored readable."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_hash: Mapped[str] = mapped_column(String(64), index=True)
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    has_failed: Mapped[bool]


class OneTimeLink(Model):
    """A mailed link that works once and for a limited time."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[OneTimeLinkKind] = mapped_column(ByValue(OneTimeLinkKind))
    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
