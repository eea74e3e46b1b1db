import threading

from sqlalchemy import select

from matchmaker.interests.models import Interest
from tests.interests.test_new_interest import typed
from tests.support.client import sign_in


def test_same_form_sent_eight_times_at_once_is_stored_once(app, company_member, session):
    clients = [sign_in(app.test_client(), company_member) for _n in range(8)]
    places, gate = [], threading.Barrier(len(clients))
    sent = typed()

    def press(client):
        with app.app_context():
            gate.wait()
            places.append(client.post("/interests/new", data=sent).location)

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert places == ["/matches/K-0001"] * 8
    assert [interest.number for interest in session.scalars(select(Interest))] == ["K-0001"]
