"""What was taken back is read by nobody any more, not even where it was shown before."""

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import saved_lists
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.client import sign_in


@pytest.fixture(autouse=True)
def _without_meaning(app, monkeypatch):
    monkeypatch.setitem(app.config, "MATCHES_BY_MEANING", False)
    app.extensions.pop("match_registry", None)
    yield
    app.extensions.pop("match_registry", None)


def test_a_kept_list_names_no_proposal_that_is_public_no_more(app, npo, company, company_member):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, title="公開していた題名")
    interest = records.interest(company)
    made = saved_lists.capture(interest, on=clock.today())
    with transaction():
        saved_id = saved_lists.save(made, actor=company_member, at=clock.now()).id
    client = sign_in(app.test_client(), company_member)
    assert "公開していた題名" in client.get(f"/saved-lists/{saved_id}").text

    with transaction():
        proposal.is_published = False
        proposal.title = "まだ見せない題名"

    page = client.get(f"/saved-lists/{saved_id}").text
    assert "まだ見せない題名" not in page
    assert "いまはありません" in page
