"""One page per error. A DomainError that a view did not expect becomes a page with its message."""

import logging
import secrets

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from matchmaker.foundation.errors import DomainError

log = logging.getLogger(__name__)

_PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 429, 500, 503})


def install(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _expired_page)
    app.register_error_handler(DomainError, _refusal)
    for failure in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(failure, _database_unavailable)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = _page(error.code)
    kept = error.get_response().headers
    return response, error.code, {name: kept[name] for name in ("Allow", "Retry-After") if name in kept}


def _expired_page(_error: CSRFError) -> ResponseReturnValue:
    if request.headers.get("X-Requested-With") and not current_user.is_authenticated:
        return _page(401), 401
    return _page(
        400, _("画面を開いてから時間がたったため、受け付けられませんでした。前の画面に戻り、もう一度操作してください。")
    ), 400


def _refusal(error: DomainError) -> ResponseReturnValue:
    return _page(409, str(error)), 409


def _database_unavailable(error: Exception) -> ResponseReturnValue:
    log.error("database unavailable: %s", type(error).__name__)
    return _page(503), 503, {"Retry-After": "5"}


def _unexpected(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.exception("unexpected error %s at %s", reference, request.endpoint, exc_info=error)
    return _page(500, reference=reference), 500


def _page(code: int, message: str = "", reference: str = "") -> str | Response:
    if request.headers.get("X-Requested-With"):
        return jsonify(error=message or code)
    name = code if code in _PAGES else 400
    return render_template(f"errors/{name}.html", message=message, reference=reference)
