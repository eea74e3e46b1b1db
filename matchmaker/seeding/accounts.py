"""The demonstration's accounts. Their password is public, so they work only where ``ALLOWS_DEMO`` is set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matchmaker.accounts.models import Membership, StaffRole, User
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role

DEMO_PASSWORD = "kyoso-mie-demo-2026"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account: its address, the name shown, its role, and what to try with it first."""

    email: str
    name: str
    role: Role
    label: str
    first_try: str


ACCOUNTS = (
    DemoAccount("npo@demo.example", "デモ NPO 花子", Role.NPO, "NPO", "提案を直して出す、紹介の依頼に答える"),
    DemoAccount("company@demo.example", "デモ 企業 一郎", Role.COMPANY, "企業", "合う提案を見る、紹介の依頼に答える"),
    DemoAccount("office@demo.example", "デモ 事務局 涼子", Role.NPO_OFFICE, "NPO担当課", "受理、起案、報告の確認"),
    # Whoever drafted a decision does not answer the request to reconsider it.
    DemoAccount(
        "office2@demo.example", "デモ 事務局 直人", Role.NPO_OFFICE, "NPO担当課の2人目", "再検討の申し出への回答"
    ),
    DemoAccount("division@demo.example", "デモ 関係課 次郎", Role.DIVISION, "関係課", "回付への返事、協働事業の報告"),
    DemoAccount("panel@demo.example", "デモ 委員 良枝", Role.PANEL, "審査委員", "利害関係を申告し、採点する"),
    DemoAccount("approver@demo.example", "デモ 決裁 健", Role.APPROVER, "決裁者", "起案を決裁する"),
    DemoAccount("admin@demo.example", "デモ 管理 直美", Role.ADMINISTRATOR, "管理者", "アカウントを管理する"),
    DemoAccount(
        "coordinator@demo.example", "デモ 協創 友子", Role.COORDINATOR, "コーディネーター", "ふりかえりに同行する"
    ),
    DemoAccount("support@demo.example", "デモ 支援 洋介", Role.INTERMEDIARY, "中間支援組織", "提案を代わりに入力する"),
)

_ORIGIN = "公開されている事例から作ったデモです。「架空」とある記録は、デモのために作ったものです。"


def add_accounts(
    *, password_hash: str, organisations: Mapping[Role, Organisation], division: Division, at: datetime
) -> dict[Role, User]:
    """Store the accounts and return the first of each role.

    The password is hashed by the caller, once and before it writes.
    """
    users: dict[Role, User] = {}
    for account in ACCOUNTS:
        user = User(
            email=account.email,
            name=account.name,
            password_hash=password_hash,
            email_confirmed_at=at,
            is_demo=True,
            created_at=at,
        )
        organisation = organisations.get(account.role)
        if organisation is not None:
            user.memberships = [Membership(organisation=organisation, joined_at=at)]
        else:
            where = division if account.role is Role.DIVISION else None
            user.staff_roles = [StaffRole(role=account.role, division=where, granted_at=at)]
        users.setdefault(account.role, user)
        db.session.add(user)
    db.session.flush()
    return users


def accounts_table() -> str:
    """Return the accounts, their password and where to begin, for a terminal."""
    lines = [f"  {account.email:<26}{account.label}：{account.first_try}" for account in ACCOUNTS]
    return "\n".join([f"デモ用アカウント（パスワードはすべて {DEMO_PASSWORD} ）", *lines, _ORIGIN])
