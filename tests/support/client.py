"""A test client that looks at every page that it is given."""

import contextvars
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchmaker.accounts import sessions
from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from tests.support.pages import check_page


class InspectingClient(FlaskClient):
    """Each request runs in a context of its own, and each HTML answer must be a sound page."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.rollback()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            check_page(response.get_data(as_text=True))
        return response


def sign_in(client: InspectingClient, user: User) -> InspectingClient:
    """Give the client a sign-in of the person."""
    with transaction():
        token = sessions.begin(user, at=clock.now())
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client
