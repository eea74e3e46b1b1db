"""Forms about money. A question about an improbable amount is answered with the box that only then appears."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from matchmaker.blueprints.forms import AmountField, ChoiceField, DayField, Form, LineField, tidied
from matchmaker.foundation import fiscal_year
from matchmaker.projects.money import Amount
from matchmaker.projects.money_models import Allocation
from matchmaker.projects.money_rules import InstalmentKind

_TEXT_FITS = Length(max=1000, message=_l("1000文字までで入力してください"))


class MoneyForm(Form):
    """An amount, the answer to a question about it, and the sentence that spending beyond the limit needs."""

    yen = AmountField(_l("金額"), validators=[InputRequired(_l("金額を入力してください"))])
    is_sure = BooleanField(_l("この金額でまちがいありません"))
    over_reason = TextAreaField(_l("残りをこえる理由"), filters=[tidied], validators=[Optional(), _TEXT_FITS])

    asks: bool = False
    """Set when the amount was asked about; the page then shows the box."""

    @property
    def amount(self) -> Amount:
        return Amount(self.yen.data or 0, is_sure=bool(self.is_sure.data), over_reason=self.over_reason.data or "")


class AllocateForm(MoneyForm):
    """What a project is given of a programme's budget."""

    programme = ChoiceField(_l("予算の事業"), validators=[InputRequired(_l("予算の事業を選んでください"))])
    fy = ChoiceField(_l("年度"), validators=[InputRequired(_l("年度を選んでください"))])

    def __init__(self, programmes: Sequence[str], years: Sequence[int]) -> None:
        super().__init__()
        self.programme.choices = [
            SelectChoice("", _("選んでください")),
            *(SelectChoice(one, one) for one in programmes),
        ]
        self.fy.choices = [
            SelectChoice("", _("選んでください")),
            *(SelectChoice(fiscal_year.code(fy), fiscal_year.label(fy)) for fy in years),
        ]


class InstalmentForm(MoneyForm):
    """A payment that is planned."""

    allocation = ChoiceField(_l("どの予算から"), validators=[InputRequired(_l("予算を選んでください"))])
    kind = RadioField(
        _l("支払の種類"),
        choices=[SelectChoice(one.value, one.label) for one in InstalmentKind],
        validators=[InputRequired(_l("支払の種類を選んでください"))],
    )
    planned_on = DayField(_l("支払の予定日"), validators=[InputRequired(_l("支払の予定日を入力してください"))])

    def __init__(self, allocations: Sequence[Allocation]) -> None:
        super().__init__()
        self.allocation.choices = [
            SelectChoice("", _("選んでください")),
            *(
                SelectChoice(str(row.id), f"{row.programme}（{fiscal_year.label(row.fy)}、{row.yen:,}円）")
                for row in allocations
            ),
        ]


class PayForm(MoneyForm):
    """A payment that was made."""

    version = HiddenField()
    paid_on = DayField(_l("支払った日"), validators=[InputRequired(_l("支払った日を入力してください"))])


class CancelInstalmentForm(Form):
    """Why a planned payment is dropped."""

    version = HiddenField()
    reason = TextAreaField(
        _l("取りやめる理由"),
        filters=[tidied],
        validators=[DataRequired(_l("取りやめる理由を入力してください")), _TEXT_FITS],
    )

    def __init__(self, version: int, **kwargs: Any) -> None:
        super().__init__(data={"version": version}, prefix="cancel-", **kwargs)


class ProgrammeForm(Form):
    """A programme's budget of a year."""

    programme = ChoiceField(_l("事業"), validators=[InputRequired(_l("事業を選んでください"))])
    thousand_yen = AmountField(_l("予算額"), validators=[InputRequired(_l("予算額を入力してください"))])
    source = LineField(
        _l("出典"),
        validators=[
            DataRequired(_l("出典を入力してください（予算書の名前とページなど）")),
            Length(max=60, message=_l("60文字までで入力してください")),
        ],
    )
    is_sure = BooleanField(_l("この金額でまちがいありません"))

    asks: bool = False

    def __init__(self, programmes: Sequence[str]) -> None:
        super().__init__()
        self.programme.choices = [
            SelectChoice("", _("選んでください")),
            *(SelectChoice(one, one) for one in programmes),
        ]
