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
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from matchmaker.blueprints import signed_in
from matchmaker.foundation.errors import DomainError

log = logging.getLogger(__name__)

_LOST_DATABASE = (OperationalError, InterfaceError, PoolTimeout)

_PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 429, 500, 503})


def install(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(CSRFError, _expired_page)
    app.register_error_handler(DomainError, _refusal)
    for failure in _LOST_DATABASE:
        app.register_error_handler(failure, _database_unavailable)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        return _failed_answer(error.original_exception)
    response = _page(error.code)
    kept = error.get_response().headers
    return response, error.code, {name: kept[name] for name in ("Allow", "Retry-After") if name in kept}


def _unknown_host(_error: SecurityError) -> ResponseReturnValue:
    """Our pages cannot be made for a host that is not ours: their addresses would have none."""
    return Response(_("このアドレスでは利用できません。"), status=400, mimetype="text/plain")


def _failed_answer(error: BaseException) -> ResponseReturnValue:
    """The page of an error, or what follows the view, failed in turn."""
    return _database_unavailable(error) if isinstance(error, _LOST_DATABASE) else _unexpected(error)


def _expired_page(_error: CSRFError) -> ResponseReturnValue:
    if request.headers.get("X-Requested-With") and not current_user.is_authenticated:
        return _page(401), 401
    return _page(
        400, _("画面を開いてから時間がたったため、受け付けられませんでした。前の画面に戻り、もう一度操作してください。")
    ), 400


def _refusal(error: DomainError) -> ResponseReturnValue:
    return _page(409, str(error)), 409


def _database_unavailable(error: BaseException) -> ResponseReturnValue:
    signed_in.ask_no_more()
    log.error("database unavailable: %s", type(error).__name__)
    return _page(503), 503, {"Retry-After": "5"}


def _unexpected(error: BaseException) -> ResponseReturnValue:
    signed_in.ask_no_more()
    reference = secrets.token_hex(4)
    log.exception("unexpected error %s at %s", reference, request.endpoint, exc_info=error)
    return _page(500, reference=reference), 500


def _page(code: int, message: str = "", reference: str = "") -> str | Response:
    if request.headers.get("X-Requested-With"):
        return jsonify(error=message or code)
    name = code if code in _PAGES else 400
    return render_template(f"errors/{name}.html", message=message, reference=reference)
