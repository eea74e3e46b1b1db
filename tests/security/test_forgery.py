"""A form that another site sends in somebody's name is refused, whatever stands in place of the token."""

import pytest
from bs4 import BeautifulSoup

from matchmaker.proposals.status import ProposalStatus
from tests.security.walk import fingerprint
from tests.support import records
from tests.support.client import InspectingClient, sign_in


@pytest.fixture(scope="module")
def guarded_app(make_app):
    guarded = make_app("testing", PROPAGATE_EXCEPTIONS=False)
    guarded.test_client_class = InspectingClient
    return guarded


def _token(client, address="/account"):
    return BeautifulSoup(client.get(address).text, "html.parser").select_one("input[name=csrf_token]")["value"]


@pytest.fixture
def addresses(npo):
    draft = records.proposal(npo).draft_number
    number = records.proposal(npo, status=ProposalStatus.SUBMITTED).number
    return [
        "/account/name",
        "/account/leave",
        "/sign-out",
        "/proposals/new",
        f"/proposals/{draft}/edit/1",
        f"/proposals/{draft}/edit/1/autosave",
        f"/proposals/{draft}/submit",
        f"/proposals/{number}/withdraw",
        f"/proposals/{number}/unpublish",
    ]


def test_no_forged_form_is_taken(guarded_app, npo_member, other_npo_member, addresses):
    mine, theirs = (sign_in(guarded_app.test_client(), who) for who in (npo_member, other_npo_member))
    before = fingerprint()
    forged = {"none": None, "empty": "", "wrong": "x" * 40, "of another browser": _token(theirs)}

    codes = {
        (kind, address): mine.post(address, data={} if token is None else {"csrf_token": token}).status_code
        for kind, token in forged.items()
        for address in addresses
    }

    assert {cell: code for cell, code in codes.items() if code != 400} == {}
    assert fingerprint() == before
    assert mine.get("/account").status_code == 200


def test_a_forged_form_changes_nothing_by_get(guarded_app, npo_member, addresses):
    mine = sign_in(guarded_app.test_client(), npo_member)
    token, before = _token(mine), fingerprint()

    for address in addresses:
        mine.get(address, query_string={"csrf_token": token, "name": "乗っ取られた名前", "_method": "POST"})

    assert fingerprint() == before


def test_the_own_token_is_taken_from_the_form_and_from_the_header_of_a_script(guarded_app, npo_member, npo):
    draft = records.proposal(npo).draft_number
    mine = sign_in(guarded_app.test_client(), npo_member)
    token = _token(mine)

    by_form = mine.post("/account/name", data={"csrf_token": token, "name": "新しい名前"})
    by_header = mine.post(
        f"/proposals/{draft}/edit/1/autosave",
        data={"title": ""},
        headers={"X-CSRFToken": token, "X-Requested-With": "fetch"},
    )

    assert by_form.status_code == 303
    assert by_header.status_code in {200, 409}
