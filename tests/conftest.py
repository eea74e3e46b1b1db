"""What all tests share: one application, a clean database for each test, people and records to begin with."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import databases

_FOLDER = Path(tempfile.mkdtemp(prefix="matchmaker-tests-"))
os.environ["DATABASE_URL"] = databases.address(_FOLDER)
os.environ["UPLOAD_FOLDER"] = str(_FOLDER / "uploads")

from flask import Flask  # noqa: E402
from sqlalchemy.orm import Session, scoped_session  # noqa: E402

from matchmaker.accounts.models import User  # noqa: E402
from matchmaker.app import create_app  # noqa: E402
from matchmaker.directory import places  # noqa: E402
from matchmaker.directory.models import Organisation  # noqa: E402
from matchmaker.directory.terms import Side  # noqa: E402
from matchmaker.foundation.database import Model, db  # noqa: E402
from matchmaker.foundation.transaction import transaction  # noqa: E402
from matchmaker.permissions.grants import Role  # noqa: E402
from tests.support import records  # noqa: E402
from tests.support.client import InspectingClient, sign_in  # noqa: E402


@pytest.fixture(scope="session")
def app() -> Iterator[Flask]:
    app = create_app("testing", WTF_CSRF_ENABLED=False)
    app.test_client_class = InspectingClient
    with app.app_context(), transaction():
        Model.metadata.drop_all(db.session.connection())
        Model.metadata.create_all(db.session.connection())
    app.extensions["written"] = databases.Written({table.name for table in Model.metadata.sorted_tables})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def make_app() -> Iterator[Callable[..., Flask]]:
    """Build further applications; their connections are closed at the end of the run."""
    made: list[Flask] = []

    def make(*args: Any, **settings: Any) -> Flask:
        made.append(create_app(*args, **settings))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """An application context over an empty database that has Mie's municipalities."""
    with app.app_context():
        _empty(app.extensions["written"])
        places.forget_loaded()
        yield
        db.session.rollback()


def _empty(written: databases.Written) -> None:
    """Leave Mie's municipalities, and nothing else."""
    tables = [table for table in Model.metadata.sorted_tables if table.name in written.tables]
    with transaction():
        databases.empty(db.session.connection(), tables)
        if "municipality" in written.tables:
            records.add_municipalities()
    written.tables.clear()


@pytest.fixture
def session(database: None) -> scoped_session[Session]:
    return db.session


@pytest.fixture
def client(app: Flask, database: None) -> InspectingClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def npo(database: None) -> Organisation:
    return records.organisation(Side.NPO, name="みえ子ども応援団", kana="ミエコドモオウエンダン")


@pytest.fixture
def other_npo(database: None) -> Organisation:
    return records.organisation(Side.NPO, name="伊勢湾の海を守る会", kana="イセワンノウミヲマモルカイ")


@pytest.fixture
def company(database: None) -> Organisation:
    return records.organisation(Side.COMPANY, name="津みなと運輸株式会社", kana="ツミナトウンユ")


@pytest.fixture
def npo_member(npo: Organisation) -> User:
    return records.member(npo, name="鈴木花子")


@pytest.fixture
def other_npo_member(other_npo: Organisation) -> User:
    return records.member(other_npo, name="浜口海")


@pytest.fixture
def company_member(company: Organisation) -> User:
    return records.member(company, name="田中一郎")


@pytest.fixture
def office(database: None) -> User:
    return records.staff(Role.NPO_OFFICE, name="事務局 太郎")


@pytest.fixture
def approver(database: None) -> User:
    return records.staff(Role.APPROVER, name="決裁 次郎")


@pytest.fixture
def division_staff(database: None) -> User:
    return records.staff(Role.DIVISION, name="担当課 三郎")


@pytest.fixture
def administrator(database: None) -> User:
    return records.staff(Role.ADMINISTRATOR, name="管理 四郎")


@pytest.fixture
def npo_client(app: Flask, npo_member: User) -> InspectingClient:
    return sign_in(app.test_client(), npo_member)


@pytest.fixture
def other_npo_client(app: Flask, other_npo_member: User) -> InspectingClient:
    return sign_in(app.test_client(), other_npo_member)


@pytest.fixture
def company_client(app: Flask, company_member: User) -> InspectingClient:
    return sign_in(app.test_client(), company_member)


@pytest.fixture
def office_client(app: Flask, office: User) -> InspectingClient:
    return sign_in(app.test_client(), office)


@pytest.fixture
def approver_client(app: Flask, approver: User) -> InspectingClient:
    return sign_in(app.test_client(), approver)


@pytest.fixture
def division_client(app: Flask, division_staff: User) -> InspectingClient:
    return sign_in(app.test_client(), division_staff)


@pytest.fixture
def administrator_client(app: Flask, administrator: User) -> InspectingClient:
    return sign_in(app.test_client(), administrator)
