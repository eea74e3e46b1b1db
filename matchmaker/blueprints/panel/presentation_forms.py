"""What the office fills in about a day of presentations."""

from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from matchmaker.blueprints.forms import AmountField, ChoiceField, DayField, Form, LineField, hidden_number, tidied
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock
from matchmaker.foundation.clock import JAPAN
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.review.call_models import Call, StageKind
from matchmaker.review.presentation import DayFacts
from matchmaker.review.presentation_models import Asker, PresentationDay
from matchmaker.review.presentation_times import Lengths

_LONG = Length(max=2000, message=_l("2000文字までで入力してください"))


class TimeOfDayField(StringField):
    """A time; full-width digits and 「13時30分」 are taken as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        text = half_width(tidy_line(self.typed)).replace("時", ":").replace("分", "").rstrip(":")
        hours, _colon, minutes = text.partition(":")
        self.data = None
        if not text:
            return
        if not (hours.isascii() and hours.isdigit() and (minutes or "0").isascii() and (minutes or "0").isdigit()):
            raise ValidationError(_l("時刻は「13:00」のように入力してください"))
        if len(hours) > 2 or len(minutes) > 2 or int(hours) > 23 or int(minutes or 0) > 59:
            raise ValidationError(_l("時刻は「13:00」のように入力してください"))
        self.data = time(int(hours), int(minutes or 0))

    def _value(self) -> str:
        return f"{self.data:%H:%M}" if self.data else getattr(self, "typed", "")


def _minutes(label: Any, least: int, most: int, default: int) -> AmountField:
    words = _l("%(least)sから%(most)sまでで入力してください", least=least, most=most)
    return AmountField(label, default=default, validators=[InputRequired(words), NumberRange(least, most, words)])


class DayForm(Form):
    """Where and when, and how long the parts of each slot are."""

    version = HiddenField()
    call_id = ChoiceField(_l("募集"))
    title = LineField(
        _l("名前"),
        validators=[DataRequired(_l("名前を入力してください")), Length(max=120, message=_l("120文字まで"))],
    )
    held_on = DayField(_l("日"), validators=[InputRequired(_l("日を入力してください"))])
    starts = TimeOfDayField(_l("始める時刻"), validators=[InputRequired(_l("始める時刻を入力してください"))])
    place = LineField(_l("場所"), validators=[Length(max=200, message=_l("200文字までで入力してください"))])
    talk = _minutes(_l("発表"), 1, 120, 10)
    questions = _minutes(_l("質疑"), 0, 120, 10)
    changeover = _minutes(_l("入れかえ"), 0, 60, 5)

    def __init__(self, calls: list[Call], day: PresentationDay | None = None, *, of_call: Call | None = None) -> None:
        super().__init__(data=_stored(day) | (_of_call(of_call) if of_call else {}))
        self.call_id.choices = [
            SelectChoice(value="", label=_("募集の外の提案")),
            *(SelectChoice(value=str(one.id), label=f"{one.number}　{one.title}") for one in calls),
        ]

    @property
    def opened_as(self) -> int:
        return hidden_number(self.version.data)

    def facts(self) -> DayFacts:
        given = self.data
        return DayFacts(
            title=given["title"],
            place=given["place"],
            starts_at=datetime.combine(given["held_on"], given["starts"], tzinfo=JAPAN),
            lengths=Lengths(given["talk"], given["questions"], given["changeover"]),
            call_id=int(given["call_id"]) if given["call_id"] else None,
        )


def _stored(day: PresentationDay | None) -> dict[str, Any]:
    if day is None:
        return {"talk": 10, "questions": 10, "changeover": 5, "version": 0, "call_id": ""}
    local = day.starts_at.astimezone(JAPAN)
    return {
        "version": day.version,
        "call_id": str(day.call_id or ""),
        "title": day.title,
        "held_on": local.date(),
        "starts": local.time(),
        "place": day.place,
        "talk": day.talk_minutes,
        "questions": day.questions_minutes,
        "changeover": day.changeover_minutes,
    }


def _of_call(call: Call) -> dict[str, Any]:
    stage = next((one for one in call.stages if one.kind is StageKind.PRESENTATION), None)
    named = {"call_id": str(call.id), "title": _("%(call)s 公開プレゼンテーション", call=call.title)[:120]}
    return named | ({"held_on": stage.held_on, "place": stage.place} if stage else {})


class QuestionForm(Form):
    """A question and its answer."""

    asked_by = RadioField(
        _l("質問した人"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Asker],
        default=Asker.JUDGE.value,
        validators=[InputRequired(_l("質問した人を選んでください"))],
    )
    asker = LineField(_l("名前"), validators=[Length(max=80, message=_l("80文字までで入力してください"))])
    question = TextAreaField(
        _l("質問"), filters=[tidied], validators=[DataRequired(_l("質問を入力してください")), _LONG]
    )
    answer = TextAreaField(_l("答え"), filters=[tidied], validators=[_LONG])

    def __init__(self, slot_id: int, **kwargs: Any) -> None:
        super().__init__(prefix=f"slot-{slot_id}-", **kwargs)


class DropForm(Form):
    """Why a slot was not held."""

    state = RadioField(
        _l("どうなったか"),
        choices=[
            SelectChoice(value="no-show", label=_l("発表者が来なかった")),
            SelectChoice(value="cancelled", label=_l("発表を中止した")),
        ],
        validators=[InputRequired(_l("どうなったかを選んでください"))],
    )
    reason = TextAreaField(_l("理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _LONG])

    def __init__(self, slot_id: int, **kwargs: Any) -> None:
        super().__init__(prefix=f"drop-{slot_id}-", **kwargs)


class AttendanceForm(Form):
    """How many people of a division came."""

    division_id = ChoiceField(_l("課"), validators=[InputRequired(_l("課を選んでください"))])
    people = AmountField(
        _l("人数"),
        validators=[
            InputRequired(_l("人数を入力してください")),
            NumberRange(0, 999, _l("0から999までで入力してください")),
        ],
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="attendance-", **kwargs)
        self.division_id.choices = [
            SelectChoice(value="", label=_("選んでください")),
            *(
                SelectChoice(value=str(one.id), label=f"{one.department} {one.name}")
                for one in list_divisions(on=clock.today())
            ),
        ]
