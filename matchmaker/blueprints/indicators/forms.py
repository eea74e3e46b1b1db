"""Forms of indicators."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length, ValidationError

from matchmaker.blueprints.forms import LARGEST_AMOUNT, Form, LineField, narrowed
from matchmaker.foundation import clock, fiscal_year
from matchmaker.indicators.catalogue import Indicator


class EnterForm(Form):
    """An actual that somebody published. ``fy`` and ``amount`` hold what was typed once the form is valid."""

    year = StringField(
        _l("年度"), filters=[narrowed], validators=[DataRequired(_l("年度を入力してください（例：令和8年度）"))]
    )
    value = StringField(
        _l("実績値"), filters=[narrowed], validators=[DataRequired(_l("実績値を数字で入力してください"))]
    )
    data_year_label = LineField(
        _l("データの年（年度とちがうとき）"), validators=[Length(max=20, message=_l("20文字までで入力してください"))]
    )
    source = LineField(
        _l("出典"),
        validators=[
            DataRequired(_l("出典を入力してください（資料の名前と、のっているページ）")),
            Length(max=300, message=_l("300文字までで入力してください")),
        ],
    )

    def __init__(self, indicator: Indicator, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fy = 0
        self.amount = Decimal(0)

    def validate_year(self, field: StringField) -> None:
        try:
            self.fy = fiscal_year.parse(field.data or "")
        except fiscal_year.NotAFiscalYear as error:
            raise ValidationError(
                _("年度がわかりません。「令和8年度」「R8」「2026」のように入力してください")
            ) from error
        if self.fy > fiscal_year.fiscal_year_of(clock.today()):
            raise ValidationError(_("まだ始まっていない年度の実績は登録できません"))

    def validate_value(self, field: StringField) -> None:
        try:
            self.amount = Decimal((field.data or "").replace(",", "").removesuffix(self.indicator.unit))
        except InvalidOperation as error:
            raise ValidationError(
                _("数字だけで入力してください（例：%(example)s）", example=self._example())
            ) from error
        if not self.amount.is_finite() or not 0 <= self.amount <= self._largest():
            raise ValidationError(
                _("0から%(largest)sまでの数で入力してください", largest=self.indicator.written(self._largest()))
            )
        if self.amount != round(self.amount, self.indicator.decimals):
            raise ValidationError(_("小数は%(decimals)sけたまでです", decimals=self.indicator.decimals))

    def _largest(self) -> Decimal:
        return Decimal(100) if self.indicator.unit == "%" else Decimal(LARGEST_AMOUNT)

    def _example(self) -> str:
        return "12.5" if self.indicator.decimals else "58"
