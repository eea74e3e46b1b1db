"""What all forms share: input is tidied, and only form bodies are read."""

from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.foundation.text import half_width, tidy, tidy_line

LARGEST_AMOUNT = 999_999_999_999


class Form(FlaskForm):
    """The parent of all forms.

    A JSON body is never read as form data: a deeply nested one would otherwise end in a recursion error.
    """

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: PlainForm, formdata: Any) -> Any:
            if formdata is _Auto:
                if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
                    return None
                return CombinedMultiDict([request.files, request.form]) if request.files else request.form
            return formdata


def typed_words(form: PlainForm, *names: str) -> list[tuple[str, str]]:
    """Return label and text of the named fields that hold something, for a page that must not lose them."""
    fields = [form[name] for name in names if name in form]
    return [(str(field.label.text), field.data) for field in fields if field.data]


def tidied(value: str | None) -> str:
    """Filter for texts of several lines."""
    return tidy(value or "")


def tidied_line(value: str | None) -> str:
    """Filter for texts of one line."""
    return tidy_line(value or "")


def narrowed(value: str | None) -> str:
    """Filter for addresses and numbers: full width becomes half width."""
    return half_width(tidy_line(value or ""))


def hidden_number(typed: object) -> int:
    """Return the version or id that a hidden field brought back; -1, which no row has, for anything else.

    A number that is no text is the form's own: the field was not sent.
    """
    text = typed if isinstance(typed, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else -1


class AmountField(IntegerField):
    """A whole number; full-width digits and separators (１，０００) are taken as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = half_width(tidy_line(valuelist[0] if valuelist else "")).replace(",", "").replace("、", "")
        self.typed = valuelist[0] if valuelist else ""
        self.data = None
        if not typed:
            return
        if not typed.isascii() or not typed.isdigit():
            raise ValidationError(_l("数字だけで入力してください（例：100000）"))
        if int(typed[:20]) > LARGEST_AMOUNT or len(typed) > 15:
            raise ValidationError(_l("数が大きすぎます"))
        self.data = int(typed)

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data)
        return getattr(self, "typed", "")


class DayField(DateField):
    """A day; full-width digits, slashes and dots (２０２７/４/１) are taken as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = half_width(tidy_line(valuelist[0] if valuelist else "")).replace("/", "-").replace(".", "-")
        if not typed and not "".join(valuelist[:1]).strip():
            return
        try:
            year, month, day = (int(part) for part in typed[:10].split("-"))
            self.data = date(year, month, day)
        except ValueError as error:
            raise ValidationError(_l("日付は「2027-04-01」のように、年・月・日で入力してください")) from error
        if len(typed) > 10 or not 1950 <= year <= 2150:
            self.data = None
            raise ValidationError(_l("日付の年を確認してください"))


class LineField(StringField):
    """A text of one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("filters", [tidied_line])
        super().__init__(*args, **kwargs)


class ChoiceField(SelectField):
    """One choice; one that was not sent at all is the empty one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def pre_validate(self, form: PlainForm) -> None:
        """A choice that is not offered can only come from a tampered or outdated page."""
        if self.data not in {choice.value for choice in self.iter_choices()}:
            raise ValidationError(_l("選べない項目です。選びなおしてください"))


class CheckboxesField(SelectMultipleField):
    """Any number of choices, each a checkbox."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: PlainForm) -> None:
        """A choice that is not offered can only come from a tampered or outdated page."""
        known = {choice.value for choice in self.iter_choices()}
        if any(value not in known for value in self.data or []):
            raise ValidationError(_l("選べない項目がふくまれています。選びなおしてください"))
