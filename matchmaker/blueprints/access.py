"""Who may use a route. Every view is marked; an unmarked view refuses, and the application does not start with one."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.permissions.grants import Permission

View = TypeVar("View", bound=Callable[..., Any])

_PUBLIC = "public"


def public(view: View) -> View:
    """Mark a view that anybody may use."""
    view.access = _PUBLIC  # type: ignore[attr-defined]
    return view


def by_signed_address(view: View) -> View:
    """Mark a public view that mail servers post to: its address carries a signed token, which stands for the form's."""
    view.has_signed_address = True  # type: ignore[attr-defined]
    return public(view)


def exempt_signed_addresses(app: Flask) -> None:
    """Ask for no anti-forgery token where the address itself proves that we made it."""
    for view in app.view_functions.values():
        if getattr(view, "has_signed_address", False):
            app.extensions["csrf"].exempt(view)


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view that only people with the permission may use."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Permission | str | None:
    """Return the mark of an endpoint: a permission, "public", or None when it has none."""
    if endpoint == "static":
        return _PUBLIC
    return getattr(app.view_functions[endpoint], "access", None)


def install(app: Flask) -> None:
    """Check the mark of the view before each request."""
    app.before_request(_check)


def refuse_unmarked(app: Flask) -> None:
    """Errors: RuntimeError naming each endpoint that does not say who may use it."""
    unmarked = sorted(endpoint for endpoint in app.view_functions if access_of(app, endpoint) is None)
    if unmarked:
        raise RuntimeError(f"views without @requires or @public: {', '.join(unmarked)}")


def acting_user() -> User:
    """Return the signed-in person; only for views that are marked with a permission."""
    user: User = current_user._get_current_object()
    return user


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access == _PUBLIC:
        return None
    if not isinstance(access, Permission):
        abort(403)
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if not current_user.may(access):
        abort(403)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.headers.get("X-Requested-With"):
        abort(401)
    here = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
    return redirect(url_for("accounts.sign_in", next=here or None))


def _page_of_form() -> str:
    """The page to come back to when a form was sent without a sign-in: its own address, when that is a page too."""
    methods = request.url_rule.methods if request.url_rule else None
    return request.path if methods and "GET" in methods else ""
