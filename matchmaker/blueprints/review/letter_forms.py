"""What is changed in a letter, and when results are told."""

from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import DayField, Form, LineField, hidden_number, narrowed, tidied
from matchmaker.foundation import clock
from matchmaker.review.reconsideration_models import Verdict

_LONG = Length(max=20_000, message=_l("20,000文字までで入力してください"))


class LetterForm(Form):
    """The letter, and what the public reads in its place."""

    subject = LineField(
        _l("件名"),
        validators=[
            DataRequired(_l("件名を入力してください")),
            Length(max=200, message=_l("200文字までで入力してください")),
        ],
    )
    body = TextAreaField(_l("本文"), filters=[tidied], validators=[DataRequired(_l("本文を入力してください")), _LONG])
    sender = LineField(
        _l("発信者"),
        validators=[
            DataRequired(_l("発信者を入力してください")),
            Length(max=120, message=_l("120文字までで入力してください")),
        ],
    )
    public_text = TextAreaField(
        _l("公表文（だれでも読める理由）"),
        filters=[tidied],
        validators=[DataRequired(_l("公表文を入力してください")), _LONG],
    )
    version = HiddenField()

    @property
    def opened_version(self) -> int:
        return hidden_number(self.version.data)


class OrderForm(Form):
    """When the results of a call are told; ``seen`` are the decisions that the page showed."""

    moment = RadioField(
        _l("いつ通知するか"),
        choices=[
            SelectChoice(value="later", label=_l("日時を決めて、自動で通知する")),
            SelectChoice(value="now", label=_l("いますぐ通知する")),
        ],
        validators=[InputRequired(_l("いつ通知するかを選んでください"))],
    )
    release_on = DayField(_l("通知する日"))
    release_time = LineField(_l("通知する時刻"), filters=[narrowed])
    seen = HiddenField()

    @property
    def seen_ids(self) -> list[int]:
        return [hidden_number(one) for one in (self.seen.data or "").split(",")]

    @property
    def release_at(self) -> datetime | None:
        """The moment that was chosen; None for now. Errors: ValueError when a later one is not whole."""
        if self.moment.data == "now":
            return None
        if self.release_on.data is None:
            raise ValueError("a later release has its day")
        return datetime.combine(self.release_on.data, self._time(), clock.JAPAN)

    def validate_release_on(self, field: DayField) -> None:
        if self.moment.data == "later" and field.data is None:
            raise ValidationError(_("通知する日を入力してください"))

    def validate_release_time(self, field: LineField) -> None:
        if self.moment.data != "later":
            return
        try:
            self._time()
        except ValueError as error:
            raise ValidationError(_("時刻は「10:00」のように入力してください")) from error
        if self.release_on.data is not None and (self.release_at or clock.now()) <= clock.now():
            raise ValidationError(_("いまより後の日時にしてください"))

    def _time(self) -> time:
        hour, minute = (self.release_time.data or "").split(":")
        if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hour, minute)):
            raise ValueError(self.release_time.data)
        return time(int(hour), int(minute))


class AnswerForm(Form):
    """The answer to a request to reconsider, as the office drafts it."""

    verdict = RadioField(
        _l("回答"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Verdict],
        validators=[InputRequired(_l("回答を選んでください"))],
    )
    answer = TextAreaField(
        _l("回答の理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("回答の理由を入力してください")),
            Length(max=5000, message=_l("5000文字までで入力してください")),
        ],
    )
    version = HiddenField()

    @property
    def opened_version(self) -> int:
        return hidden_number(self.version.data)


class AnswerStepForm(Form):
    """A step on a drafted answer."""

    version = HiddenField()

    @property
    def opened_version(self) -> int:
        return hidden_number(self.version.data)


class AnswerBackForm(AnswerStepForm):
    """Why the answer has to be drafted again."""

    reason = TextAreaField(
        _l("差し戻す理由"),
        filters=[tidied],
        validators=[
            DataRequired(_l("理由を入力してください")),
            Length(max=2000, message=_l("2000文字までで入力してください")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="back-", **kwargs)
