"""What people type when they look at matches, ask for an introduction and answer one."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import Form, narrowed, tidied
from matchmaker.directory.places import MIE_REGIONS, is_place_code, label_of, municipalities_of_region
from matchmaker.introductions.declined import rule_sentence
from matchmaker.introductions.narrowing import Narrowing
from matchmaker.introductions.status import DeclineReason
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Term, Theme

LONGEST_MESSAGE = 1_000

_HYPHENS = re.compile(r"[‐‑–—―−ーｰ]")


def _message(label: Any, *validators: Any) -> TextAreaField:
    too_long = _l("1,000文字以内で入力してください")
    return TextAreaField(
        label, filters=[tidied], validators=[*validators, Length(max=LONGEST_MESSAGE, message=too_long)]
    )


class AskForm(Form):
    """The first words to the other side."""

    message = _message(_l("相手へのメッセージ"), InputRequired(_l("相手へのメッセージを入力してください")))

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if is_valid and not self.message.data:
            self.message.errors = [_("相手へのメッセージを入力してください")]
        return is_valid and not self.message.errors


class AcceptForm(Form):
    """Words that go with a yes."""

    answer = _message(_l("返事に添えることば"))


class DeclineForm(Form):
    """A no with its reason; beside each reason stands what it will do."""

    reason = RadioField(
        _l("見送る理由"),
        validators=[InputRequired(_l("理由を1つ選んでください"))],
        validate_choice=False,
    )
    words = _message(_l("理由に添えることば"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [
            SelectChoice(value=one.value, label=f"{one.label}：{rule_sentence(one)}") for one in DeclineReason
        ]

    def validate_reason(self, field: RadioField) -> None:
        if field.data not in set(DeclineReason):
            raise ValidationError(_l("理由を1つ選んでください"))


class NarrowForm(PlainForm):
    """Narrows a list of matches; what is not offered narrows nothing."""

    subject = SelectField()
    place = SelectField(_l("地域"))
    kind = SelectField()
    new = BooleanField(_l("14日以内の新しいものだけ"))

    def __init__(self, asked: MultiDict[str, str], *, of_interests: bool) -> None:
        super().__init__(asked)
        self._subjects: type[Theme] | type[ActivityField] = Theme if of_interests else ActivityField
        self.subject.label.text = _("テーマ") if of_interests else _("活動の分野")
        self.kind.label.text = _("出せるもの") if of_interests else _("必要なもの")
        self.subject.choices = _all_or(self._subjects)
        self.kind.choices = _all_or(ResourceKind)
        self.place.choices = _all_or_places()

    def wanted(self) -> Narrowing:
        subject, kind, place = self._chosen("subject"), self._chosen("kind"), self._chosen("place")
        return Narrowing(
            subject=self._subjects(subject) if subject else None,
            place_code=place if place and is_place_code(place) else "",
            kind=ResourceKind(kind) if kind else None,
            is_new=self.new.data,
        )

    def _chosen(self, name: str) -> str:
        field = self[name]
        return field.data if field.data in {choice.value for choice in field.iter_choices()} else ""


class WhyForm(PlainForm):
    """The number of a record that does not appear in a list."""

    other = StringField(filters=[narrowed])

    def __init__(self, asked: MultiDict[str, str], *, of_interests: bool) -> None:
        super().__init__(asked)
        self.other.label.text = _("企業の関心の番号") if of_interests else _("提案の番号")

    @property
    def number(self) -> str:
        """The number as it is written in addresses, however it was typed: 「ｋ34」 is K-0034."""
        typed = _HYPHENS.sub("-", (self.other.data or "").upper().replace(" ", ""))
        found = re.fullmatch(r"([KD])-?([0-9]{1,8})|([RHS][0-9]{1,2})-([0-9]{1,6})", typed)
        if found is None:
            return ""
        return f"{found[1] or found[3]}-{int(found[2] or found[4]):04d}"

    def refuse(self) -> None:
        """Say beside the field that there is nothing to show."""
        if not self.number:
            self.other.errors = [_("番号を「K-0034」や「R8-0012」のように入力してください")]
        else:
            self.other.errors = [
                _("この番号は見つからないか、いまは公開されていません（準備中・休止中・期限切れなど）")
            ]


def _all_or(terms: type[Term]) -> list[SelectChoice]:
    return [
        SelectChoice(value="", label=_("すべて")),
        *(SelectChoice(value=one.value, label=one.label) for one in terms),
    ]


def _all_or_places() -> list[SelectChoice]:
    mie = Prefecture.MIE
    choices = [SelectChoice(value="", label=_("すべて")), SelectChoice(value=mie.value, label=mie.label)]
    for region in MIE_REGIONS:
        code = f"{mie.value}:{region}"
        choices.append(SelectChoice(value=code, label=label_of(code), optgroup=label_of(code)))
        choices += [
            SelectChoice(value=inner, label=name, optgroup=label_of(code))
            for inner, name in municipalities_of_region(region)
        ]
    others = [one for one in Prefecture if one is not mie]
    return choices + [SelectChoice(value=one.value, label=one.label, optgroup=_("ほかの都道府県")) for one in others]
