"""A proposal under review and three judges."""

import pytest

from matchmaker.accounts.models import User
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.panelling import judge


@pytest.fixture
def proposal(npo) -> Proposal:
    return records.proposal(npo, status=ProposalStatus.ACCEPTED)


@pytest.fixture
def judges(database) -> list[User]:
    return [judge("委員 一"), judge("委員 二"), judge("委員 三")]
