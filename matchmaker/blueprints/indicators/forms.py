"""Forms of indicators."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from matchmaker.blueprints.forms import LARGEST_AMOUNT, AmountField, CheckboxesField, Form, LineField, narrowed, tidied
from matchmaker.foundation import clock, fiscal_year
from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.counting import CountingRule
from matchmaker.indicators.models import Measure
from matchmaker.indicators.progress_degree import ProgressDegree
from matchmaker.indicators.service import Entry
from matchmaker.matching.terms import LegalForm
from matchmaker.proposals.status import CollaborationForm


class EnterForm(Form):
    """A figure that somebody published. ``fy`` and ``amount`` hold what was typed once the form is valid."""

    measure = RadioField(
        _l("目標か実績か"),
        choices=[SelectChoice(Measure.ACTUAL.value, _l("実績")), SelectChoice(Measure.TARGET.value, _l("目標"))],
        default=Measure.ACTUAL.value,
    )

    year = StringField(
        _l("年度"), filters=[narrowed], validators=[DataRequired(_l("年度を入力してください（例：令和8年度）"))]
    )
    value = StringField(_l("数値"), filters=[narrowed], validators=[DataRequired(_l("数値を数字で入力してください"))])
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

    is_sure = BooleanField(_l("資料をもう一度見て、この数値と単位で正しいことを確かめました"))

    def __init__(self, indicator: Indicator, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fy = 0
        self.amount = Decimal(0)

    def validate_year(self, field: StringField) -> None:
        self.fy = _year_in(field, _("年度がわかりません。「令和8年度」「R8」「2026」のように入力してください"))
        is_target = self.measure.data == Measure.TARGET.value
        if not is_target and self.fy > fiscal_year.fiscal_year_of(clock.today()):
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

    @property
    def entry(self) -> Entry:
        return Entry(
            fy=self.fy,
            value=self.amount,
            source=self.source.data or "",
            data_year_label=self.data_year_label.data or "",
            measure=Measure(self.measure.data),
        )


class BreakForm(Form):
    """From which fiscal year on an indicator is measured otherwise."""

    year = StringField(
        _l("変わった年度"), filters=[narrowed], validators=[DataRequired(_l("年度を入力してください（例：令和8年度）"))]
    )
    note = LineField(
        _l("何が変わったか"),
        validators=[
            DataRequired(_l("何が変わったかを入力してください")),
            Length(max=300, message=_l("300文字までで入力してください")),
        ],
    )
    takes_back = BooleanField(_l("前に記録した調査方法の変更を取り消す（理由を上の欄に書く）"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fy = 0

    def validate_year(self, field: StringField) -> None:
        self.fy = _year_in(field, _("年度がわかりません。「令和8年度」「R8」「2026」のように入力してください"))


class ProgressForm(Form):
    """The judgement on a fiscal year. ``after`` is the version that was read before writing."""

    degree = RadioField(
        _l("進展度"),
        choices=[SelectChoice(one.value, one.label) for one in ProgressDegree],
        validators=[InputRequired(_l("進展度を選んでください"))],
    )
    reason = TextAreaField(
        _l("判断理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("判断理由を入力してください")),
            Length(max=2000, message=_l("2000文字までで入力してください")),
        ],
    )
    after = HiddenField()


class TargetForm(Form):
    """A target that somebody tries out in the address; nothing of it is stored."""

    class Meta(Form.Meta):
        csrf = False

    target = AmountField(
        _l("ためしの目標"),
        validators=[Optional(), NumberRange(max=9999, message=_l("9999までの数で入力してください"))],
    )

    def __init__(self, args: MultiDict[str, str]) -> None:
        super().__init__(formdata=MultiDict(args))


class CorrectionForm(Form):
    """Why a closed year is counted again."""

    reason = TextAreaField(
        _l("訂正の理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("訂正の理由を入力してください")),
            Length(max=1000, message=_l("1000文字までで入力してください")),
        ],
    )


_NPO_FORMS = [form for form in LegalForm if form not in {LegalForm.COMPANY, LegalForm.SOLE_PROPRIETOR}]


class RuleForm(Form):
    """A changed counting rule: what counts, from which fiscal year on, and why."""

    from_year = StringField(
        _l("いつの年度から使うか"),
        filters=[narrowed],
        validators=[DataRequired(_l("年度を入力してください（例：令和9年度）"))],
    )
    forms = CheckboxesField(
        _l("数える協働の形態"),
        choices=[SelectChoice(value=form.value, label=form.label) for form in CollaborationForm],
    )
    excluded_npos = CheckboxesField(
        _l("NPOとして数えない団体の種類"),
        choices=[SelectChoice(value=form.value, label=form.label) for form in _NPO_FORMS],
    )
    counts_continuing = BooleanField(_l("年度をまたぐ事業を、それぞれの年度で数える"))
    counts_dissolved = BooleanField(_l("途中で解消された事業も、解消された年度まで数える"))
    reason = TextAreaField(
        _l("変える理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("変える理由を入力してください")),
            Length(max=1000, message=_l("1000文字までで入力してください")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.from_fy = 0

    def validate_from_year(self, field: StringField) -> None:
        self.from_fy = _year_in(field, _("年度がわかりません。「令和9年度」「R9」「2027」のように入力してください"))

    def validate_forms(self, field: CheckboxesField) -> None:
        if not field.data:
            raise ValidationError(_("数える協働の形態を、1つ以上選んでください"))

    @property
    def rule(self) -> CountingRule:
        return CountingRule(
            version=0,
            forms=frozenset(map(CollaborationForm, self.forms.data or [])),
            excluded_npos=frozenset(map(LegalForm, self.excluded_npos.data or [])),
            counts_continuing=bool(self.counts_continuing.data),
            counts_dissolved=bool(self.counts_dissolved.data),
        )


def values_of(rule: CountingRule, from_fy: int) -> dict[str, Any]:
    """Return a rule as the form shows it."""
    return {
        "from_year": fiscal_year.label(from_fy),
        "forms": [form.value for form in rule.forms],
        "excluded_npos": [form.value for form in rule.excluded_npos],
        "counts_continuing": rule.counts_continuing,
        "counts_dissolved": rule.counts_dissolved,
    }


def _year_in(field: StringField, refusal: str) -> int:
    """Return the fiscal year that was typed."""
    try:
        return fiscal_year.parse(field.data or "")
    except fiscal_year.NotAFiscalYear as error:
        raise ValidationError(refusal) from error
