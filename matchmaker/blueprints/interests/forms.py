"""The five questions."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from matchmaker.blueprints.forms import AmountField, CheckboxesField, ChoiceField, DayField, Form, LineField, tidied
from matchmaker.directory.models import Organisation
from matchmaker.directory.places import MIE_REGIONS, label_of, municipalities_of_region
from matchmaker.foundation import clock
from matchmaker.interests.answers import Answers
from matchmaker.interests.service import RENEWED_FOR
from matchmaker.matching.facts import NATIONWIDE, Offer
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture, ResourceKind, Theme, Unit

UNDECIDED = "undecided"
LONGEST_VALIDITY = timedelta(days=3 * 366)
MOST_OFFERS = 7

NPO_FORMS = (
    LegalForm.NPO,
    LegalForm.CERTIFIED_NPO,
    LegalForm.SPECIAL_CERTIFIED_NPO,
    LegalForm.GENERAL_ASSOCIATION,
    LegalForm.GENERAL_FOUNDATION,
    LegalForm.PUBLIC_ASSOCIATION,
    LegalForm.PUBLIC_FOUNDATION,
    LegalForm.SOCIAL_WELFARE,
    LegalForm.SCHOOL,
    LegalForm.CIVIC,
    LegalForm.COMMITTEE,
    LegalForm.NEIGHBOURHOOD,
    LegalForm.COOPERATIVE,
    LegalForm.OTHER,
)


def _terms(terms: Any) -> list[SelectChoice]:
    return [SelectChoice(value=term.value, label=term.label) for term in terms]


def _optional_terms(terms: Any) -> list[SelectChoice]:
    return [SelectChoice(value="", label=_l("選んでください")), *_terms(terms)]


class OfferForm(PlainForm):
    """One thing that the company can give."""

    kind = ChoiceField(_l("種類"), choices=_optional_terms(ResourceKind))
    detail = LineField(_l("内容"), validators=[Length(max=200, message=_l("200文字以内で入力してください"))])
    amount = AmountField(_l("量"))
    unit = ChoiceField(_l("単位"), choices=_optional_terms(Unit))

    def validate_kind(self, field: ChoiceField) -> None:
        if not field.data and (self.detail.data or self.amount.data or self.unit.data):
            raise ValidationError(_l("種類を選んでください"))

    def validate_amount(self, field: AmountField) -> None:
        if field.data == 0:
            raise ValidationError(_l("1以上の数を入力してください"))
        if self.unit.data and field.data is None and not field.process_errors:
            raise ValidationError(_l("単位を選んだときは、量も入力してください"))

    def validate_unit(self, field: ChoiceField) -> None:
        if self.amount.data and not field.data:
            raise ValidationError(_l("量を入力したときは、単位も選んでください"))

    def to_offer(self) -> Offer | None:
        if not self.kind.data:
            return None
        unit = Unit(self.unit.data) if self.unit.data else None
        return Offer(ResourceKind(self.kind.data), self.detail.data, self.amount.data, unit)


class InterestForm(Form):
    """What a company answers; ``to_answers`` is what the domain accepts."""

    themes = CheckboxesField(
        _l("取り組みたいテーマ"),
        choices=[*_terms(Theme), SelectChoice(value=UNDECIDED, label=_l("まだ決まっていない"))],
    )
    wide_places = CheckboxesField(_l("力になれる地域"))
    municipalities = CheckboxesField(_l("三重県の市町"))
    prefectures = CheckboxesField(
        _l("三重県の外の都道府県"), choices=_terms(one for one in Prefecture if one is not Prefecture.MIE)
    )
    offers = FieldList(FormField(OfferForm), _l("出せるもの"), min_entries=MOST_OFFERS, max_entries=MOST_OFFERS)
    refused_fields = CheckboxesField(_l("受けない活動分野"), choices=_terms(ActivityField))
    refused_legal_forms = CheckboxesField(_l("受けない団体の種類"), choices=_terms(NPO_FORMS))
    refused_kinds = CheckboxesField(_l("受けない支援の種類"), choices=_terms(ResourceKind))
    refuses_outside_regions = BooleanField(_l("上で選んだ地域の外の提案は受けない"))
    refusal_note = TextAreaField(
        _l("受けないことについての説明"),
        filters=[tidied],
        validators=[Length(max=500, message=_l("500文字以内で入力してください"))],
    )
    valid_until_on = DayField(_l("いつまで登録しますか"))
    policy = TextAreaField(
        _l("社会貢献の方針"),
        filters=[tidied],
        validators=[Length(max=4000, message=_l("4,000文字以内で入力してください"))],
    )
    shows_name = BooleanField(_l("社名を公開する"))
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wide = [NATIONWIDE, Prefecture.MIE.value, *(f"{Prefecture.MIE.value}:{name}" for name in MIE_REGIONS)]
        self.wide_places.choices = [SelectChoice(value=code, label=label_of(code)) for code in wide]
        self.municipalities.choices = [
            SelectChoice(value=code, label=name, optgroup=_("%(region)s地域", region=region))
            for region in MIE_REGIONS
            for code, name in municipalities_of_region(region)
        ]

    def validate_themes(self, field: CheckboxesField) -> None:
        if not field.data:
            raise ValidationError(_l("テーマを選ぶか、「まだ決まっていない」を選んでください"))
        if UNDECIDED in field.data and len(field.data) > 1:
            raise ValidationError(_l("「まだ決まっていない」を選ぶときは、ほかのテーマのチェックを外してください"))

    def validate_wide_places(self, field: CheckboxesField) -> None:
        if not self.place_codes():
            raise ValidationError(_l("地域を1つ以上選んでください。決まっていなければ「全国」を選んでください"))

    def validate_refused_kinds(self, field: CheckboxesField) -> None:
        offered = {entry.form.kind.data for entry in self.offers.entries}
        both = [kind.label for kind in ResourceKind if kind.value in offered and kind.value in (field.data or [])]
        if both:
            raise ValidationError(
                _l("「%(kinds)s」は「出せるもの」にも入っています。どちらかを外してください", kinds="」「".join(both))
            )

    def validate_valid_until_on(self, field: DayField) -> None:
        if field.process_errors:
            return
        today = clock.today()
        if field.data is None:
            raise ValidationError(_l("いつまで登録するかを入力してください"))
        if field.data < today:
            raise ValidationError(_l("今日か、今日より後の日を入力してください"))
        if field.data > today + LONGEST_VALIDITY:
            raise ValidationError(_l("3年以内の日を入力してください。期限は、あとからのばせます"))

    def place_codes(self) -> tuple[str, ...]:
        chosen = (self.wide_places.data, self.municipalities.data, self.prefectures.data)
        return tuple(sorted({code for codes in chosen for code in codes or []}))

    def to_answers(self) -> Answers:
        is_undecided = UNDECIDED in self.themes.data
        offers = (entry.form.to_offer() for entry in self.offers.entries)
        return Answers(
            valid_until_on=self.valid_until_on.data,
            is_undecided=is_undecided,
            themes=() if is_undecided else tuple(sorted(map(Theme, self.themes.data))),
            place_codes=self.place_codes(),
            offers=tuple(offer for offer in offers if offer),
            refused_fields=tuple(sorted(map(ActivityField, self.refused_fields.data))),
            refused_legal_forms=tuple(sorted(map(LegalForm, self.refused_legal_forms.data))),
            refused_kinds=tuple(sorted(map(ResourceKind, self.refused_kinds.data))),
            refuses_outside_regions=self.refuses_outside_regions.data,
            refusal_note=self.refusal_note.data,
            policy=self.policy.data,
            shows_name=self.shows_name.data,
        )


def filled(answers: Answers, version: int) -> dict[str, Any]:
    """Return what a form shows of stored answers."""
    inside_mie = {code for region in MIE_REGIONS for code, _name in municipalities_of_region(region)}
    prefectures = {one.value for one in Prefecture if one is not Prefecture.MIE}
    return {
        "themes": [UNDECIDED] if answers.is_undecided else [theme.value for theme in answers.themes],
        "wide_places": [code for code in answers.place_codes if code not in inside_mie | prefectures],
        "municipalities": [code for code in answers.place_codes if code in inside_mie],
        "prefectures": [code for code in answers.place_codes if code in prefectures],
        "offers": [
            {"kind": o.kind.value, "detail": o.detail, "amount": o.amount, "unit": o.unit.value if o.unit else ""}
            for o in answers.offers
        ],
        "refused_fields": [field.value for field in answers.refused_fields],
        "refused_legal_forms": [form.value for form in answers.refused_legal_forms],
        "refused_kinds": [kind.value for kind in answers.refused_kinds],
        "refuses_outside_regions": answers.refuses_outside_regions,
        "refusal_note": answers.refusal_note,
        "valid_until_on": answers.valid_until_on,
        "policy": answers.policy,
        "shows_name": answers.shows_name,
        "version": str(version),
    }


def first_answers(company: Organisation) -> dict[str, Any]:
    """Return what a new form begins with: the company's own prefecture and one year."""
    home = company.prefecture
    is_mie = home is Prefecture.MIE
    return {
        "wide_places": [Prefecture.MIE.value] if is_mie else [],
        "prefectures": [home.value] if home and not is_mie else [],
        "valid_until_on": clock.today() + RENEWED_FOR,
    }
