"""What people choose about mails on what is new to a saved search."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from matchmaker.blueprints.forms import ChoiceField, Form
from matchmaker.introductions.alert_times import Frequency, Weekday
from matchmaker.introductions.models import SavedSearch
from matchmaker.introductions.saved_searches import THRESHOLDS, USUAL_THRESHOLD
from matchmaker.introductions.status import SavedSearchKind


class EmptyForm(Form):
    """A button: the form holds nothing but the anti-forgery token."""


class AlertForm(Form):
    """How often, and for matches from how many points on. ``counts``: how many reach each threshold now, if known."""

    threshold = ChoiceField(_l("何点以上の相手を知らせるか"), default=str(USUAL_THRESHOLD))
    frequency = RadioField(
        _l("どのくらいの頻度で知らせるか"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Frequency],
        default=Frequency.DAILY.value,
        validators=[InputRequired(_l("頻度を1つ選んでください"))],
        validate_choice=False,
    )
    weekday = ChoiceField(
        _l("毎週のときの曜日"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Weekday],
        default=Weekday.MONDAY.value,
    )

    def __init__(self, search: SavedSearch, counts: Mapping[int, int], *, is_saved: bool) -> None:
        super().__init__(data=_values_of(search) if is_saved else None)
        if search.kind is SavedSearchKind.PROPOSALS:
            del self.threshold
        else:
            self.threshold.choices = [
                SelectChoice(value=str(points), label=_threshold_label(points, counts.get(points)))
                for points in THRESHOLDS
            ]

    def validate_frequency(self, field: RadioField) -> None:
        if field.data not in set(Frequency):
            raise ValidationError(_l("頻度を1つ選んでください"))

    def chosen(self) -> dict[str, Any]:
        """Return the valid choices as the service takes them."""
        return {
            "threshold": int(self.threshold.data) if self.threshold else None,
            "frequency": Frequency(self.frequency.data),
            "weekday": Weekday(self.weekday.data),
        }


def _threshold_label(points: int, count: int | None) -> str:
    if count is None:
        return _("%(points)s点以上", points=points)
    return _("%(points)s点以上（いま%(count)s件）", points=points, count=f"{count:,}")


def _values_of(saved: SavedSearch) -> dict[str, str]:
    return {
        "threshold": str(saved.threshold_points),
        "frequency": saved.frequency.value,
        "weekday": (saved.weekday or Weekday.MONDAY).value,
    }
