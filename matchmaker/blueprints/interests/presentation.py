"""What the conflict page shows of two answers to the same questions."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from matchmaker.blueprints.interests.forms import InterestForm
from matchmaker.interests.answers import answers_of
from matchmaker.interests.models import Interest
from matchmaker.interests.reading import rows_of


def conflict_of(form: InterestForm, saved: Interest) -> dict[str, Any]:
    """Return what the conflict page needs: both texts, and how to save one's own after all."""
    theirs = dict(rows_of(answers_of(saved)))
    edit_url = url_for("interests.edit", number=saved.number)
    sent = request.form.items(multi=True)
    values = [(name, value) for name, value in sent if name not in {"csrf_token", "version"}]
    return {
        "what": _("関心 %(number)s", number=saved.number),
        "by": None,
        "at": saved.saved_at,
        "fields": [
            {"label": label, "mine": text, "theirs": theirs[label], "changes": None}
            for label, text in rows_of(form.to_answers())
            if text != theirs[label]
        ],
        "edit_url": edit_url,
        "resend": {"url": edit_url, "values": [*values, ("version", str(saved.version))]},
    }
