"""Who is signed in: the bridge between the cookie and the sign-ins in the database."""

import logging

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, login_user, logout_user
from sqlalchemy.exc import OperationalError

from matchmaker.accounts import sessions
from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction

log = logging.getLogger(__name__)

login_manager = LoginManager()
login_manager.session_protection = None


def install(app: Flask) -> None:
    """Let the login extension load people by the token of their sign-in."""
    login_manager.init_app(app)
    app.after_request(_mark_seen)


@login_manager.user_loader
def _load(token: str) -> User | None:
    at = clock.now()
    sign_in = sessions.find(token, at=at)
    if sign_in is None or (sign_in.user.is_demo and not current_app.config["ALLOWS_DEMO"]):
        return None
    sign_in.user.sign_in_token = token
    g.seen_token = token if sessions.is_due_to_be_seen(sign_in, at=at) else None
    return sign_in.user


def _mark_seen(response: object) -> object:
    """Write the moment of last use after the view, in a short transaction of its own."""
    token = g.pop("seen_token", None)
    if token and request.endpoint != "accounts.sign_out":
        try:
            with transaction():
                sessions.mark_seen(token, at=clock.now())
        except OperationalError as failure:
            # What the view did is stored: its answer must reach the person all the same.
            log.warning("last use not written: %s", type(failure).__name__)
    return response


def ask_no_more() -> None:
    """Let the rest of the request go on as for a visitor: the page for a failure must not need the database."""
    g.pop("seen_token", None)
    g._login_user = login_manager.anonymous_user()


def has_sign_in() -> bool:
    """Say whether the browser brought a sign-in, without asking the database whether it is alive."""
    return "_user_id" in session


def begin(user: User, token: str) -> None:
    """Bind this browser to a stored sign-in; whatever the browser held before is dropped."""
    session.clear()
    session.permanent = True
    user.sign_in_token = token
    login_user(user)


def end() -> None:
    """Forget the sign-in in this browser."""
    logout_user()
    session.clear()
