"""People and records of a circulation."""

from datetime import timedelta

import pytest

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import circulation
from matchmaker.review.circulation import Question
from matchmaker.review.circulation_models import CirculationRequest
from tests.support import records


@pytest.fixture
def proposal(npo) -> Proposal:
    return records.proposal(npo, status=ProposalStatus.ACCEPTED)


@pytest.fixture
def forests(database: None) -> Division:
    return records.division("森林・林業経営課", "農林水産部")


@pytest.fixture
def sent(proposal: Proposal, division_staff: User, office: User) -> CirculationRequest:
    """The proposal circulated to the division of ``division_staff``, due in two weeks."""
    [request] = circulate(proposal, [division_staff.division], office)
    return request


def circulate(proposal: Proposal, divisions: list[Division], office: User, days: int = 14) -> list[CirculationRequest]:
    question = Question(due_on=clock.today() + timedelta(days=days), note="既存の事業との関係を教えてください。")
    with transaction():
        return circulation.circulate(proposal, divisions, question, actor=office, at=clock.now())
