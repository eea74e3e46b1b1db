"""People of each part."""

import pytest

from matchmaker.accounts.models import User
from tests.support.reviewing import People


@pytest.fixture
def people(npo_member: User, office: User, approver: User) -> People:
    return People(owner=npo_member, office=office, approver=approver)
