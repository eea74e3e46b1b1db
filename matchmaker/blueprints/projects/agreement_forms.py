"""Forms of the agreement: its text, and a signature under it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import HiddenField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import ChoiceField, DayField, Form, LineField, hidden_number, tidied
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.foundation import clock
from matchmaker.projects.agreements import Draft
from matchmaker.projects.parties import Party

_NAME_FITS = Length(max=80, message=_l("80文字までで入力してください"))


class AgreementForm(Form):
    """The next version of the text."""

    based_on = HiddenField()
    starts_on = DayField(_l("始まる日"), validators=[InputRequired(_l("始まる日を入力してください"))])
    ends_on = DayField(_l("終わる日"), validators=[InputRequired(_l("終わる日を入力してください"))])
    text = TextAreaField(
        _l("協定の文書"),
        filters=[tidied],
        validators=[
            DataRequired(_l("協定の文書を入力してください")),
            Length(max=20000, message=_l("20000文字までで入力してください")),
        ],
    )
    note = LineField(
        _l("変えたところ"), validators=[Optional(), Length(max=300, message=_l("300文字までで入力してください"))]
    )

    @property
    def seen_number(self) -> int:
        return hidden_number(self.based_on.data)

    @property
    def draft(self) -> Draft:
        first, last = given_day(self.starts_on), given_day(self.ends_on)
        return Draft(self.text.data or "", first, last, self.note.data or "")

    def validate_ends_on(self, field: DayField) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("終わる日は、始まる日と同じか、あとの日を入力してください"))


class SignForm(Form):
    """A party's yes; the prefix keeps the ids of the two forms on the page apart."""

    prefix_word = "sign"

    version = HiddenField()
    party = ChoiceField(_l("だれとして署名しますか"), validators=[InputRequired(_l("だれの署名かを選んでください"))])
    signer = LineField(_l("署名する人の名前"), validators=[DataRequired(_l("名前を入力してください")), _NAME_FITS])
    title = LineField(_l("役職"), validators=[Optional(), _NAME_FITS])

    def __init__(self, parties: list[Party], number: int, formdata: Any = _Auto, **kwargs: Any) -> None:
        super().__init__(formdata, prefix=f"{self.prefix_word}-", data={"version": number, **kwargs})
        none = [SelectChoice("", _("選んでください"))] if len(parties) != 1 else []
        self.party.choices = [*none, *(SelectChoice(party.key, party.name) for party in parties)]

    @property
    def seen_number(self) -> int:
        return hidden_number(self.version.data)


class PaperForm(SignForm):
    """A signature that was put on paper, recorded by the office."""

    prefix_word = "paper"

    signed_on = DayField(_l("署名した日"), validators=[InputRequired(_l("署名した日を入力してください"))])

    def validate_signed_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))
