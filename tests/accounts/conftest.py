"""What the tests of accounts begin with."""

import re

import pytest

from matchmaker.accounts import passwords
from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from tests.support import records

PASSWORD = "umi to yama to sora"


def with_password(user: User, password: str = PASSWORD) -> User:
    """Give the person a password that fits."""
    stored = passwords.hash_password(password)
    with transaction():
        user.password_hash = stored
    return user


def link_in(notice: Notice) -> str:
    """The path of the only link in a mail."""
    [path] = re.findall(r"^http://localhost(/\S+)$", notice.body, re.MULTILINE)
    return path


def npo_sign_up(**other: object) -> dict[str, object]:
    """What a person of an NPO types."""
    typed: dict[str, object] = {
        "name": "鈴木花子",
        "email": "hanako@example.jp",
        "password": PASSWORD,
        "organisation_name": "みえ子ども応援団",
        "kana": "みえこどもおうえんだん",
        "legal_form": "npo",
        "corporate_number": "5000020240001",
        "municipality": "242012",
        "prefecture": "",
        "address": "栄町1-954",
        "website": "https://example.jp/",
        "description": "子どもの学びを支えています。",
        "activity_fields": ["children", "social-education"],
        "contact_name": "",
        "contact_email": "",
        "contact_phone": "059-224-3070",
    }
    return typed | other


@pytest.fixture
def member(npo: Organisation) -> User:
    return with_password(records.member(npo, name="鈴木花子", email="hanako@example.jp"))


@pytest.fixture
def waiting_npo(database: None) -> Organisation:
    return records.organisation(Side.NPO, name="確認待ちの会", is_verified=False)
