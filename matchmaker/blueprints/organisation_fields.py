"""The fields about an organisation, shared by sign-up (accounts) and editing (directory)."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from stdnum.jp import cn
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, StopValidation, ValidationError

from matchmaker.blueprints.forms import Form, LineField, narrowed, tidied
from matchmaker.directory import places
from matchmaker.directory.service import OrganisationFacts
from matchmaker.directory.terms import Side
from matchmaker.foundation.text import katakana, tidy_line
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture

NPO_FORMS = tuple(form for form in LegalForm if form not in {LegalForm.COMPANY, LegalForm.SOLE_PROPRIETOR})
COMPANY_FORMS = (
    LegalForm.COMPANY,
    LegalForm.SOLE_PROPRIETOR,
    LegalForm.COOPERATIVE,
    LegalForm.ECONOMIC_BODY,
    LegalForm.UNIVERSITY,
    LegalForm.SCHOOL,
    LegalForm.SOCIAL_WELFARE,
    LegalForm.OTHER,
)

_KANA = re.compile(r"[ァ-ヺー・\s0-9A-Za-z&.,'’\-]*")
_PHONE = re.compile(r"[+]?[0-9()\- ]{9,20}")


def email_address(value: str | None) -> str:
    """Filter for addresses: half width, lower case."""
    return narrowed(value).lower()


def reading(value: str | None) -> str:
    """Filter for readings: katakana, however they were typed."""
    return katakana(tidy_line(value or ""))


def digits(value: str | None) -> str:
    """Filter for long numbers: half width, without hyphens and spaces."""
    return re.sub(r"[\s\-‐-―ー−]", "", narrowed(value))


def _half_width_only(_form: Form, field: Field) -> None:
    """Not every mail server takes other addresses, and a mail that never arrives helps nobody."""
    if not field.data.isascii():
        raise StopValidation(_l("メールアドレスは、半角の英数字と記号で入力してください"))


class EmailField(StringField):
    """An e-mail address."""

    def __init__(self, label: Any, *, is_needed: bool = True, **kwargs: Any) -> None:
        first = DataRequired(_l("メールアドレスを入力してください")) if is_needed else Optional()
        validators = [
            first,
            Length(max=254, message=_l("メールアドレスは254文字以内で入力してください")),
            _half_width_only,
            Email(_l("メールアドレスの形で入力してください（例：hanako@example.jp）")),
        ]
        super().__init__(label, validators=validators, filters=[email_address], **kwargs)


class OrganisationFields(Form):
    """What is asked about every organisation; the two sides differ in what they do."""

    _fields: dict[str, Field]
    legal_forms: tuple[LegalForm, ...] = tuple(LegalForm)
    asked_first: tuple[str, ...] = ()
    asked_last = ("contact_name", "contact_email", "contact_phone")

    organisation_name = LineField(
        _l("団体の名前"),
        validators=[
            DataRequired(_l("会社・団体の名前を入力してください")),
            Length(max=120, message=_l("会社・団体の名前は120文字以内で入力してください")),
        ],
    )
    kana = StringField(
        _l("団体の名前のよみ（カタカナ）"),
        filters=[reading],
        validators=[
            DataRequired(_l("よみを入力してください")),
            Length(max=120, message=_l("よみは120文字以内で入力してください")),
        ],
    )
    legal_form = SelectField(
        _l("団体の種類"), validate_choice=False, validators=[DataRequired(_l("種類を選んでください"))]
    )
    corporate_number = StringField(_l("法人番号（13けた）"), filters=[digits], validators=[Optional()])
    municipality = SelectField(_l("三重県の中の市町"), validate_choice=False)
    prefecture = SelectField(_l("三重県の外の都道府県"), validate_choice=False)
    address = LineField(
        _l("市町から後の住所"),
        validators=[Optional(), Length(max=200, message=_l("住所は200文字以内で入力してください"))],
    )
    website = StringField(
        _l("ウェブサイト"),
        filters=[narrowed],
        validators=[Optional(), Length(max=300, message=_l("ウェブサイトの住所は300文字以内で入力してください"))],
    )
    description = TextAreaField(
        _l("どのような団体ですか"),
        filters=[tidied],
        validators=[
            DataRequired(_l("1文でもよいので入力してください")),
            Length(max=2000, message=_l("2000文字以内で入力してください")),
        ],
    )
    contact_name = LineField(
        _l("連絡先の担当者"),
        validators=[Optional(), Length(max=80, message=_l("担当者の名前は80文字以内で入力してください"))],
    )
    contact_email = EmailField(_l("連絡先のメールアドレス"), is_needed=False)
    contact_phone = StringField(_l("連絡先の電話番号"), filters=[narrowed], validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The order of the page, so that the summary of errors follows it.
        between = [name for name in self._fields if name not in {*self.asked_first, *self.asked_last}]
        self._fields = {name: self._fields[name] for name in (*self.asked_first, *between, *self.asked_last)}
        self.legal_form.choices = [SelectChoice("", _l("選んでください")), *choices(self.legal_forms)]
        self.municipality.choices = mie_choices(_l("選んでください"))
        self.prefecture.choices = [
            SelectChoice("", _l("三重県の外ではない")),
            *(choices(one for one in Prefecture if one is not Prefecture.MIE)),
        ]

    def validate_kana(self, field: Field) -> None:
        if not _KANA.fullmatch(field.data):
            raise ValidationError(_l("よみは、ひらがなかカタカナで入力してください（漢字や絵文字は使えません）"))

    def validate_legal_form(self, field: Field) -> None:
        if field.data not in self.legal_forms:
            raise ValidationError(_l("種類を選んでください"))

    def validate_corporate_number(self, field: Field) -> None:
        # The length first: the check reads any number of digits.
        if field.data and not (len(field.data) == 13 and field.data.isascii() and cn.is_valid(field.data)):
            raise ValidationError(
                _l("法人番号が正しくありません。13けたの数字を確認してください。分からないときは空のままでかまいません")
            )

    def validate_municipality(self, field: Field) -> None:
        if field.data and self.prefecture.data:
            raise ValidationError(_l("「三重県の中の市町」と「三重県の外の都道府県」は、どちらか1つを選んでください"))
        if not field.data and not self.prefecture.data:
            raise ValidationError(_l("市町を選んでください。三重県の外のときは、都道府県を選んでください"))
        if field.data and field.data not in dict(places.municipalities_of(Prefecture.MIE)):
            raise ValidationError(_l("市町を、一覧から選んでください"))

    def validate_prefecture(self, field: Field) -> None:
        if field.data and field.data not in {one.value for one in Prefecture} - {Prefecture.MIE.value}:
            raise ValidationError(_l("都道府県を、一覧から選んでください"))

    def validate_website(self, field: Field) -> None:
        if field.data and not is_web_address(field.data):
            raise ValidationError(
                _l("ウェブサイトは https:// か http:// で始まる住所を入力してください（例：https://example.jp）")
            )

    def validate_contact_phone(self, field: Field) -> None:
        if field.data and not _PHONE.fullmatch(field.data):
            raise ValidationError(_l("電話番号は数字とハイフンで入力してください（例：059-000-0000）"))

    def facts(self, *, contact_name: str, contact_email: str) -> OrganisationFacts:
        """Return what the domain accepts; an empty contact falls back to the given one."""
        in_mie = bool(self.municipality.data)
        return OrganisationFacts(
            legal_form=LegalForm(self.legal_form.data),
            name=self.organisation_name.data,
            kana=self.kana.data,
            corporate_number=self.corporate_number.data or None,
            prefecture=Prefecture.MIE if in_mie else Prefecture(self.prefecture.data),
            municipality_code=self.municipality.data if in_mie else None,
            address=self.address.data,
            website=self.website.data,
            description=self.description.data,
            fields=self.chosen_fields(),
            industry=self.chosen_industry(),
            contact_name=self.contact_name.data or contact_name,
            contact_email=self.contact_email.data or contact_email,
            contact_phone=self.contact_phone.data,
        )

    def chosen_fields(self) -> tuple[ActivityField, ...]:
        """Return the activity fields; only NPOs are asked for them."""
        return ()

    def chosen_industry(self) -> Industry | None:
        """Return the industry; only companies are asked for it."""
        return None


class NpoFields(OrganisationFields):
    """An NPO says in which fields it is active."""

    legal_forms = NPO_FORMS

    activity_fields = SelectMultipleField(_l("活動の分野"), choices=[], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activity_fields.choices = choices(ActivityField)

    def validate_activity_fields(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_l("活動の分野を1つ以上選んでください"))
        if not set(field.data) <= set(ActivityField):
            raise ValidationError(_l("活動の分野を、一覧から選んでください"))

    def chosen_fields(self) -> tuple[ActivityField, ...]:
        return tuple(field for field in ActivityField if field in self.activity_fields.data)


class CompanyFields(OrganisationFields):
    """A company says what business it is in."""

    legal_forms = COMPANY_FORMS

    industry = SelectField(
        _l("業種"), validate_choice=False, validators=[DataRequired(_l("業種を選んでください"))], choices=[]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation_name.label.text = _l("会社・団体の名前")
        self.kana.label.text = _l("会社・団体の名前のよみ（カタカナ）")
        self.legal_form.label.text = _l("会社・団体の種類")
        self.description.label.text = _l("どのような会社・団体ですか")
        self.industry.choices = [SelectChoice("", _l("選んでください")), *choices(Industry)]

    def validate_industry(self, field: Field) -> None:
        if field.data not in set(Industry):
            raise ValidationError(_l("業種を選んでください"))

    def chosen_industry(self) -> Industry | None:
        return Industry(self.industry.data)


FIELDS_OF: dict[Side, type[OrganisationFields]] = {Side.NPO: NpoFields, Side.COMPANY: CompanyFields}


def choices(terms: Any) -> list[SelectChoice]:
    """Return the options for terms with labels."""
    return [SelectChoice(term.value, term.label) for term in terms]


def mie_choices(first: Any) -> list[SelectChoice]:
    """Return Mie's municipalities, grouped by region, after an empty option."""
    return [
        SelectChoice("", first),
        *(
            SelectChoice(code, name, optgroup=f"{region}地域")
            for region in places.MIE_REGIONS
            for code, name in places.municipalities_of_region(region)
        ),
    ]


def is_web_address(text: str) -> bool:
    """Say whether a text is an http or https address with a host and without a name or password in it."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_plain = not re.search(r"[\s<>\"'`\\]", text)
    return (
        parts.scheme in {"http", "https"} and bool(host) and "." in str(host) and "@" not in parts.netloc and is_plain
    )
