"""Hand a stored file to a person who may have it; who may is the caller's question."""

import re
from collections.abc import Iterable

from flask import Response, abort, send_file

from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment


def attachment_of(files: Iterable[Attachment], public_id: str) -> Attachment:
    """Return the file with this name in addresses, or end with 404."""
    if not re.fullmatch(r"[0-9a-f]{32}", public_id):
        abort(404)
    return next((kept for kept in files if kept.public_id == public_id), None) or abort(404)


def handed_out(attachment: Attachment) -> Response:
    """Return the file as a download, never to be shown inside our own pages."""
    path = attachments.path_of(attachment.stored_name)
    if not path.exists():
        abort(404)
    response = send_file(
        path, mimetype=attachment.media_type, as_attachment=True, download_name=attachment.file_name, max_age=0
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
