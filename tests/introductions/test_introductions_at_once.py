import pytest
from sqlalchemy import select

from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.at_once import codes_at_once
from tests.support.client import sign_in


@pytest.fixture
def pair(npo, company):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    return f"/matches/{proposal.number}~{records.interest(company).number}"


def at_once(app, clients, send):
    return codes_at_once(app, [lambda client=client: send(client) for client in clients])


def test_eight_requests_at_once_make_one_introduction(app, npo_member, company_member, pair, session):
    clients = [sign_in(app.test_client(), person) for person in (npo_member, company_member) for _n in range(4)]
    codes = at_once(app, clients, lambda client: client.post(f"{pair}/ask", data={"message": "お願いします"}))
    assert codes == [303] * 8
    assert len(session.scalars(select(Introduction)).all()) == 1


def test_two_colleagues_answering_at_once_leave_one_answer(app, npo_client, company, pair, session):
    npo_client.post(f"{pair}/ask", data={"message": "お願いします"})
    introduction = session.scalars(select(Introduction)).one()
    number = introduction.number
    clients = [sign_in(app.test_client(), records.member(company)) for _n in range(6)]
    turns = iter(["accept", "decline"] * 3)
    verbs = {client: next(turns) for client in clients}

    def answer(client):
        return client.post(f"/introductions/{number}/{verbs[client]}", data={"reason": "timing"})

    assert at_once(app, clients, answer) == [303] * 6
    session.expire_all()
    assert introduction.status in {IntroductionStatus.TALKING, IntroductionStatus.DECLINED}
    assert (introduction.status is IntroductionStatus.DECLINED) == (introduction.decline_reason is not None)
    assert introduction.version == 2
