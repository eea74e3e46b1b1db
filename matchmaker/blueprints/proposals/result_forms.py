"""What the proposer writes when asking to reconsider a result."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length

from matchmaker.blueprints.forms import Form, tidied


class PointForm(PlainForm):
    """What should be looked at again under one criterion."""

    reason = TextAreaField(
        _l("見直してほしい理由"),
        filters=[tidied],
        validators=[Length(max=2000, message=_l("2000文字までで入力してください"))],
    )

    key: str
    name: str


class ReconsiderationForm(Form):
    """One text for each criterion; ``offer`` says which there are before anything is read."""

    points = FieldList(FormField(PointForm), label=_l("見直してほしいところ"), max_entries=21)

    def offer(self, names: Mapping[str, str]) -> None:
        while len(self.points.entries) < len(names):
            self.points.append_entry()
        del self.points.entries[len(names) :]
        for entry, (key, name) in zip(self.points.entries, names.items(), strict=True):
            entry.form.key, entry.form.name = key, name

    @property
    def reasons(self) -> dict[str, str]:
        """What was written, by the criterion's key."""
        return {entry.form.key: entry.form.reason.data or "" for entry in self.points.entries}

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if is_valid and not any(self.reasons.values()):
            self.form_errors.append(_("見直してほしいところを、1つ以上書いてください"))
            return False
        return is_valid
