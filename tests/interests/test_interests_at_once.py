from sqlalchemy import select

from matchmaker.interests.models import Interest
from tests.interests.test_new_interest import typed
from tests.support.at_once import results_at_once
from tests.support.client import sign_in


def test_same_form_sent_eight_times_at_once_is_stored_once(app, company_member, session):
    clients = [sign_in(app.test_client(), company_member) for _n in range(8)]
    sent = typed()

    def press(client):
        return client.post("/interests/new", data=sent).location

    places = results_at_once(app, [lambda client=client: press(client) for client in clients])
    assert places == ["/matches/K-0001"] * 8
    assert [interest.number for interest in session.scalars(select(Interest))] == ["K-0001"]
