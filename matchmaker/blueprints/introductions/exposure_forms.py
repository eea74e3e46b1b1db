"""What staff type about exposure."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import AmountField, Form, LineField
from matchmaker.introductions.exposure_rules import ExposureRules
from matchmaker.introductions.models import ExposureSettings

PERIODS = {"30": _l("最近の30日"), "90": _l("最近の90日"), "365": _l("最近の1年"), "": _l("すべての期間")}
PERIOD_AT_FIRST = "90"


def _whole(label: Any, least: int, most: int) -> AmountField:
    def check(form: Form, field: AmountField) -> None:
        if field.data is not None and not least <= field.data <= most:
            raise ValidationError(_("%(least)sから%(most)sまでの数で入力してください", least=least, most=most))

    return AmountField(label, validators=[InputRequired(_l("数を入力してください")), check])


class ExposureSettingsForm(Form):
    """The guarantee and its limits."""

    companies = _whole(_l("1つの提案を見てもらう企業の数"), 1, 50)
    within_days = _whole(_l("見てもらうまでの日数"), 1, 90)
    reserved_slots = _whole(_l("企業1社の一覧に取っておく枠の数"), 1, 10)
    suitable_points = _whole(_l("合うとみなす点数"), 0, 1000)
    open_request_cap = _whole(_l("企業が同時に受ける、返事を待つ依頼の上限"), 1, 50)
    warning_days = _whole(_l("期限の何日前から注意を出すか"), 0, 30)
    note = LineField(
        _l("変える理由"),
        validators=[
            DataRequired(_l("変える理由を入力してください")),
            Length(max=200, message=_l("200文字以内で入力してください")),
        ],
    )
    version = HiddenField()

    def __init__(self, rules: ExposureRules) -> None:
        guarantee = rules.guarantee
        super().__init__(
            data={
                "companies": guarantee.companies,
                "within_days": guarantee.within_days,
                "reserved_slots": guarantee.reserved_slots,
                "suitable_points": rules.suitable_points,
                "open_request_cap": guarantee.open_request_cap,
                "warning_days": guarantee.warning_days,
                "version": str(rules.version),
            }
        )

    def validate_warning_days(self, field: AmountField) -> None:
        if field.data is not None and self.within_days.data is not None and field.data >= self.within_days.data:
            raise ValidationError(_("「見てもらうまでの日数」より少ない数で入力してください"))

    @property
    def seen_version(self) -> int:
        """The version that the person saw; what is not a number was tampered with and fits no version."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def to_settings(self) -> ExposureSettings:
        return ExposureSettings(
            companies=self.companies.data,
            within_days=self.within_days.data,
            reserved_slots=self.reserved_slots.data,
            open_request_cap=self.open_request_cap.data,
            warning_days=self.warning_days.data,
            suitable_points=self.suitable_points.data,
            note=self.note.data,
        )


class PeriodForm(PlainForm):
    """Which days the report covers; what is not offered is the period at first."""

    days = SelectField(_l("期間"))

    def __init__(self) -> None:
        super().__init__(request.args)
        self.days.choices = [SelectChoice(value=days, label=str(label)) for days, label in PERIODS.items()]
        if self.days.data not in PERIODS:
            self.days.data = PERIOD_AT_FIRST

    @property
    def length(self) -> int | None:
        """The days of the period, None for all."""
        return int(self.days.data) if self.days.data else None
