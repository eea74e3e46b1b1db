"""Send a paper as a download."""

import io

from flask import send_file
from flask.typing import ResponseReturnValue

from matchmaker.review.documents import Paper


def sent(paper: Paper) -> ResponseReturnValue:
    """Return the PDF under its own name, Japanese characters included; it is kept by no cache."""
    answer = send_file(
        io.BytesIO(paper.content), mimetype="application/pdf", as_attachment=True, download_name=paper.file_name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
