"""Views of accounts."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import public, requires
from matchmaker.permissions.grants import Permission

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    return redirect(url_for("home.index"))


@bp.post("/sign-out")
@requires(Permission.ACCOUNT_USE)
def sign_out() -> ResponseReturnValue:
    return redirect(url_for("home.index"))


@bp.get("/account")
@requires(Permission.ACCOUNT_USE)
def show() -> ResponseReturnValue:
    return redirect(url_for("home.index"))
