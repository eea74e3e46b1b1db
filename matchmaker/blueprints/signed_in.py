"""Who is signed in: the bridge between the cookie and the sign-ins in the database."""

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, login_user, logout_user

from matchmaker.accounts import sessions
from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction

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
    token = g.get("seen_token")
    if token and request.endpoint != "accounts.sign_out":
        with transaction():
            sessions.mark_seen(token, at=clock.now())
    return response


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
