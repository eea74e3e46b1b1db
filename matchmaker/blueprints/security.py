"""Headers that every answer carries, and the one of a request that could mislead us."""

import re

from flask import Flask, Response, current_app, g, request, session
from werkzeug.exceptions import SecurityError

from matchmaker.blueprints import signed_in

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def install(app: Flask) -> None:
    """Look at the host before each request, and add the headers after it."""
    app.before_request(_refuse_strange_host)
    app.after_request(_add_headers)


def _refuse_strange_host() -> None:
    """Two Host headers reach us as one with a comma: a proxy before us may have believed the other one."""
    if not _HOST.fullmatch(request.headers.get("Host", "localhost")):
        raise SecurityError


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if current_app.config["IS_PRODUCTION"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store" if _is_private(response) else "no-cache")
    response.vary.add("Cookie")
    return response


def _is_private(response: Response) -> bool:
    """The cookie itself is only set later, so that what will set it is asked for; so is a token on the page."""
    return response.status_code >= 400 or session.modified or signed_in.has_sign_in() or "csrf_token" in g
