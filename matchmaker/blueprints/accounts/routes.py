"""The blueprint of accounts, and what its views share."""

import logging
import re
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.accounts import passwords, throttle
from matchmaker.accounts.models import User
from matchmaker.accounts.passwords import TooBusy
from matchmaker.accounts.throttle import TooManyTries
from matchmaker.blueprints.access import acting_user
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission, Role

log = logging.getLogger(__name__)

bp = Blueprint("accounts", __name__)

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@bp.app_errorhandler(TooManyTries)
def too_many_tries(refusal: TooManyTries) -> ResponseReturnValue:
    """Say how long to wait."""
    log.warning("throttled at %s", request.endpoint)
    minutes = -(-refusal.retry_after_seconds // 60)
    page = render_template("errors/429.html", retry_after_minutes=minutes)
    return page, 429, {"Retry-After": str(refusal.retry_after_seconds)}


@bp.app_errorhandler(TooBusy)
def too_busy(_refusal: TooBusy) -> ResponseReturnValue:
    """Refuse rather than queue: a hash takes a processor and much memory."""
    return render_template("errors/503.html"), 503, {"Retry-After": "5"}


def source() -> str:
    """Where the request comes from; a proxy's word counts only when the server was told to trust it."""
    return request.remote_addr or "-"


def browser_name() -> str:
    """Return what people call the browser, and nothing that identifies one."""
    header = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in header), "")
    device = next((name for mark, name in _DEVICES if mark in header), "")
    return " / ".join(part for part in (browser, device) if part)


def local_path(target: str | None) -> str | None:
    """Return the target when it is a path on this site, else None.

    >>> local_path("/proposals?page=2"), local_path("//evil.example"), local_path("https://evil.example/")
    ('/proposals?page=2', None, None)
    >>> local_path("/\\\\evil.example"), local_path("javascript:alert(1)"), local_path("")
    (None, None, None)
    """
    if not target or not re.fullmatch(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*", target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def knows_password(password: str) -> bool:
    """Ask again who is there, under the same limit as a sign-in. Errors: TooManyTries, TooBusy."""
    user, at = acting_user(), clock.now()
    email, stored = user.email, user.password_hash
    with transaction():
        attempt_id = throttle.begin(throttle.SIGN_IN, account=email, source=source(), at=at)
    if not passwords.is_right(stored, password):
        return False
    with transaction():
        throttle.passed(attempt_id)
    return True


def landing(user: User) -> str:
    """Return the page where the person's own work begins."""
    places = (
        (Role.NPO in user.roles, "proposals.mine"),
        (Role.COMPANY in user.roles, "interests.mine"),
        (user.may(Permission.REVIEW_READ), "review.queue"),
        (user.may(Permission.PANEL_SCORE), "panel.mine"),
        (user.may(Permission.ACCOUNT_MANAGE), "accounts.manage"),
        (user.may(Permission.PROJECT_REPORT), "projects.reports"),
    )
    endpoints = (endpoint for fits, endpoint in places if fits and endpoint in current_app.view_functions)
    return url_for(next(endpoints, "accounts.show"))
