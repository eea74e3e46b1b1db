from datetime import timedelta

import pytest

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.interests.status import InterestStatus
from matchmaker.permissions.grants import Role
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text
from tests.support.queries import counted_queries


def open_as(app, person, interest):
    return sign_in(app.test_client(), person).get(f"/interests/{interest.number}")


@pytest.fixture
def named(database):
    """A company that names itself in everything it writes."""
    return records.organisation(Side.COMPANY, name="カナリア物産株式会社", description="ｶﾅﾘｱ物産は港の会社です。")


@pytest.fixture
def named_interest(named):
    return records.interest(
        named,
        policy="カナリア物産株式会社は森を守ります。",
        refusal_note="カナリア物産は協賛しません。",
        offers=[("goods", "カナリア物産の文具", None, None)],
    )


def test_own_members_and_the_office_see_the_name(app, named, named_interest, office, approver):
    for person in (records.member(named), office, approver):
        response = open_as(app, person, named_interest)
        assert response.status_code == 200
        assert "カナリア物産株式会社" in main_text(response.text)


def test_verified_npo_sees_everything_but_the_name(app, named_interest, npo_member):
    response = open_as(app, npo_member, named_interest)
    assert response.status_code == 200
    assert "カナリア" not in response.text
    assert "ｶﾅﾘｱ" not in response.text
    text = main_text(response.text)
    assert "運輸業、郵便業・三重県の企業" in text
    assert "（社名）は森を守ります。" in text
    assert "港の会社です。" not in text


def test_name_ticked_public_is_shown(app, named, npo_member):
    interest = records.interest(named, shows_name=True)
    assert "カナリア物産株式会社" in main_text(open_as(app, npo_member, interest).text)


def test_nobody_else_learns_that_it_exists(app, client, named_interest, database):
    unverified = records.member(records.organisation(Side.NPO, is_verified=False))
    competitor = records.member(records.organisation(Side.COMPANY))
    for person in (unverified, competitor):
        assert open_as(app, person, named_interest).status_code == 404
    assert open_as(app, records.staff(Role.DIVISION), named_interest).status_code == 403
    assert client.get(f"/interests/{named_interest.number}").status_code == 302


@pytest.mark.parametrize(
    "changed",
    [
        {"status": InterestStatus.PAUSED},
        {"status": InterestStatus.ENDED},
        {"status": InterestStatus.EXPIRED},
        {"valid_until_on": clock.today() - timedelta(days=1)},
    ],
)
def test_npo_sees_it_only_while_it_is_listed(app, named, npo_member, changed):
    assert open_as(app, npo_member, records.interest(named, **changed)).status_code == 404


def test_only_own_members_change_it(app, client, company_client, npo_client, office_client, named, named_interest):
    for path in ("edit", "pause", "resume", "end", "renew"):
        url = f"/interests/{named_interest.number}/{path}"
        assert company_client.post(url).status_code == 404
        assert npo_client.post(url).status_code == 403
        assert office_client.post(url).status_code == 403
        assert client.post(url).status_code == 302


def test_own_list_costs_the_same_queries_for_one_and_three(company_client, company):
    counts = []
    for _round in range(2):
        records.interest(company)
        with counted_queries() as statements:
            assert company_client.get("/interests/mine").status_code == 200
        counts.append(len(statements))
        records.interest(company)
    assert counts[0] == counts[1]


def test_own_list_without_interests_leads_to_the_form(company_client):
    assert "/interests/new" in company_client.get("/interests/mine").text
