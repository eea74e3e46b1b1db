"""Japanese message ids that also work outside a request (commands, pure code, tests)."""

from flask import has_request_context
from flask_babel import gettext as _translate


def gettext(message: str, **values: object) -> str:
    """Return the message in the reader's language, with its values filled in."""
    if has_request_context():
        return str(_translate(message, **values))
    return message % values if values else message
