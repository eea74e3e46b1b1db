"""What the office fills in about promised times."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from matchmaker.blueprints.forms import AmountField, DayField, Form, hidden_number, tidied
from matchmaker.foundation import clock
from matchmaker.review.promises import PromiseInForce, Terms

_FITS = Length(max=1000, message=_l("1000文字までで入力してください"))
_IN_RANGE = NumberRange(1, 250, message=_l("1から250までの数を入力してください"))


class PromiseForm(Form):
    """How many business days are promised, from which day on, and why. ``version`` is the newest one on the page."""

    version = HiddenField()
    business_days = AmountField(
        _l("約束する日数（営業日）"), validators=[InputRequired(_l("約束する日数を入力してください")), _IN_RANGE]
    )
    release_days = AmountField(
        _l("期限のあと、自動で終わるまでの日数（営業日）"),
        validators=[InputRequired(_l("自動で終わるまでの日数を入力してください")), _IN_RANGE],
    )
    valid_from_on = DayField(_l("いつから使うか"), validators=[InputRequired(_l("いつから使うかを入力してください"))])
    reason = TextAreaField(
        _l("変える理由"), filters=[tidied], validators=[DataRequired(_l("変える理由を入力してください")), _FITS]
    )

    def __init__(self, promise: PromiseInForce, newest: int, **values: Any) -> None:
        tomorrow = clock.today() + timedelta(days=1)
        data = {
            "version": newest,
            "business_days": promise.business_days,
            "release_days": promise.release_days,
            "valid_from_on": tomorrow,
        }
        super().__init__(data=data, **values)
        if promise.standing.release_days is None:
            del self.release_days

    def validate_valid_from_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))

    def to_terms(self) -> Terms:
        """Return what a valid form says."""
        return Terms(
            business_days=self.business_days.data or 0,
            release_days=self.release_days.data if "release_days" in self else None,
            valid_from_on=self.valid_from_on.data or clock.today(),
            reason=self.reason.data,
        )

    @property
    def seen_version(self) -> int:
        return hidden_number(self.version.data)


class ResumeForm(Form):
    """Until when a suspended proposal may be mended after all."""

    reason = TextAreaField(
        _l("再開する理由と、直してほしいところ"),
        filters=[tidied],
        validators=[DataRequired(_l("理由を入力してください")), _FITS],
    )
    fix_due_on = DayField(_l("新しい修正の期限"), validators=[InputRequired(_l("新しい修正の期限を入力してください"))])

    def validate_fix_due_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))
