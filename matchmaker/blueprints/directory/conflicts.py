"""What the conflict page shows when two people changed the same organisation."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms import Field

from matchmaker.blueprints.directory.forms import CompanyEditForm, NpoEditForm, edit_form
from matchmaker.directory.models import Organisation


def conflict_of(organisation: Organisation, form: NpoEditForm | CompanyEditForm) -> dict[str, Any]:
    """Return both texts of each field that differs, and what is needed to save one's own over the other."""
    stored = edit_form(organisation, is_sent=False)
    names = [field.name for field in form if field.name not in {"version", "csrf_token"}]
    address = url_for("directory.edit", number=organisation.number)
    return {
        "what": _("団体の情報"),
        "by": None,
        "at": None,
        "fields": [
            {
                "label": form[name].label.text,
                "mine": _readable(form[name]),
                "theirs": _readable(stored[name]),
                "changes": None,
            }
            for name in names
            if (form[name].data or "") != (stored[name].data or "")
        ],
        "edit_url": address,
        "resend": {
            "url": address,
            "values": [
                *((name, value) for name in names for value in _sent(form[name].data)),
                ("version", str(organisation.version)),
            ],
        },
    }


def _readable(field: Field) -> str:
    """Options by their labels, everything else as typed."""
    if not hasattr(field, "iter_choices"):
        return str(field.data or "")
    return "、".join(str(choice.label) for choice in field.iter_choices() if choice.selected and choice.value)


def _sent(data: Any) -> list[str]:
    return [str(value) for value in data] if isinstance(data, list) else [str(data or "")]
