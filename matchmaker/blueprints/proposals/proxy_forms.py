"""What is filled in when a proposal is entered for an NPO, and what the NPO answers."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import Form, narrowed, tidied
from matchmaker.blueprints.organisation_fields import NpoFields
from matchmaker.directory.models import Organisation
from matchmaker.proposals.proxy_models import Channel
from matchmaker.proposals.proxy_queries import find_npo


def _channel() -> RadioField:
    return RadioField(
        _l("どのように受け取りましたか"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Channel],
        validators=[InputRequired(_l("受け取り方を選んでください"))],
    )


class KnownNpoForm(Form):
    """An NPO that is registered already."""

    number = StringField(
        _l("団体の番号"), filters=[narrowed], validators=[DataRequired(_l("団体の番号を入力してください"))]
    )
    channel = _channel()

    organisation: Organisation | None = None

    def validate_number(self, field: StringField) -> None:
        self.organisation = find_npo((field.data or "").upper()[:12])
        if self.organisation is None:
            raise ValidationError(_("この番号のNPOは、登録されていないか、県の確認がすんでいません"))


class NewNpoForm(NpoFields):
    """An NPO that is not registered: its contact is where the confirmation goes."""

    channel = _channel()

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if not (self.contact_email.data or self.contact_phone.data or self.address.data):
            self.contact_phone.errors = [
                *self.contact_phone.errors,
                _("確認を頼むために、電話番号か、メールアドレスか、住所を入力してください"),
            ]
            is_valid = False
        return is_valid


class ConfirmForm(Form):
    """The owner confirms what was read, or says what is wrong."""

    version = HiddenField()
    number = HiddenField()
    code = HiddenField()
    reason = TextAreaField(
        _l("違うところ"),
        filters=[tidied],
        validators=[Length(max=2000, message=_l("2000文字までで入力してください"))],
    )


class CodeForm(Form):
    """The number of the draft and the code that came by telephone or letter."""

    number = StringField(
        _l("提案の番号"), filters=[narrowed], validators=[DataRequired(_l("提案の番号を入力してください"))]
    )
    code = StringField(
        _l("確認コード（8けたの数字）"),
        filters=[narrowed],
        validators=[DataRequired(_l("確認コードを入力してください"))],
    )
