"""What the office fills in when a division or an organisation is renamed or merged."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import ChoiceField, DayField, Form, LineField, narrowed
from matchmaker.directory.models import Division, Organisation

_DIVISION_FITS = Length(max=80, message=_l("80文字までで入力してください"))
_NAME_FITS = Length(max=120, message=_l("120文字までで入力してください"))


class SuccessorForm(Form):
    """How a division goes on: under another name, or in another division."""

    how = RadioField(
        _l("この課はどうなりますか"),
        choices=[
            SelectChoice("rename", _l("名前や部が変わって、続く")),
            SelectChoice("merge", _l("ほかの課に引きつがれる（統合・廃止）")),
        ],
        validators=[InputRequired(_l("どうなるかを選んでください"))],
    )
    on = DayField(_l("変わる日"), validators=[InputRequired(_l("変わる日を入力してください"))])
    name = LineField(_l("新しい課の名前"), validators=[_DIVISION_FITS])
    department = LineField(_l("新しい部の名前"), validators=[_DIVISION_FITS])
    successor = ChoiceField(_l("引きつぐ課"))

    def __init__(self, division: Division, divisions: Sequence[Division]) -> None:
        super().__init__(data={"name": division.name, "department": division.department})
        self.successor.choices = [
            SelectChoice("", _("選んでください")),
            *(SelectChoice(str(row.id), f"{row.department} {row.name}") for row in divisions if row.id != division.id),
        ]

    def validate_name(self, field: LineField) -> None:
        if self.how.data == "rename" and not field.data:
            raise ValidationError(_("新しい課の名前を入力してください"))

    def validate_department(self, field: LineField) -> None:
        if self.how.data == "rename" and not field.data:
            raise ValidationError(_("新しい部の名前を入力してください"))

    def validate_successor(self, field: ChoiceField) -> None:
        if self.how.data == "merge" and not field.data:
            raise ValidationError(_("引きつぐ課を選んでください"))


class RenameForm(Form):
    """The new name of an organisation."""

    name = LineField(_l("新しい名前"), validators=[DataRequired(_l("新しい名前を入力してください")), _NAME_FITS])
    kana = LineField(_l("新しいよみ（カタカナ）"), validators=[Optional(), _NAME_FITS])
    on = DayField(_l("名前が変わった日"), validators=[InputRequired(_l("名前が変わった日を入力してください"))])

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(data={"name": organisation.name, "kana": organisation.kana})


class MergeForm(Form):
    """Which organisation the other became part of."""

    into = LineField(
        _l("統合した先の団体の番号"),
        filters=[narrowed],
        validators=[DataRequired(_l("統合した先の団体の番号を入力してください（例：O-0012）"))],
    )
    on = DayField(_l("統合した日"), validators=[InputRequired(_l("統合した日を入力してください"))])
