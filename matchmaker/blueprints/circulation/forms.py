"""What the office asks and what divisions answer."""

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.blueprints.circulation_forms import division_choices, usual_due_day
from matchmaker.blueprints.forms import ChoiceField, DayField, Form, LineField, tidied
from matchmaker.directory import queries as directory
from matchmaker.foundation import clock
from matchmaker.review.circulation import Question, Said
from matchmaker.review.circulation_models import AnswerCode, CirculationRequest

_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))


class AnswerForm(Form):
    """What the division thinks, and whom to ask about it."""

    code = RadioField(
        _l("課の見解"),
        choices=[SelectChoice(value=code.value, label=code.label) for code in AnswerCode],
        validators=[InputRequired(_l("課の見解を選んでください"))],
    )
    comment = TextAreaField(_l("理由、条件、助言"), filters=[tidied], validators=[_FITS])
    contact = LineField(_l("担当者と連絡先"), validators=[Length(max=200, message=_l("200文字までで入力してください"))])
    suggested_id = ChoiceField(_l("担当だと思う課"))

    def __init__(self, request: CirculationRequest, formdata: Any = _Auto) -> None:
        given = request.answer
        data = (
            {
                "code": given.code.value,
                "comment": given.comment,
                "contact": given.contact,
                "suggested_id": str(given.suggested_division_id or ""),
            }
            if given
            else {}
        )
        super().__init__(formdata, data=data)
        empty = SelectChoice(value="", label=_("わからない"))
        self.suggested_id.choices = [empty, *division_choices(without={request.division_id})]

    def validate_comment(self, field: TextAreaField) -> None:
        if self.code.data and self.code.data != AnswerCode.INTERESTED.value and not field.data:
            raise ValidationError(_("「関心あり」以外のときは、理由や条件を入力してください"))

    def to_said(self) -> Said:
        suggested = int(self.suggested_id.data) if self.suggested_id.data else None
        return Said(
            code=AnswerCode(self.code.data),
            comment=self.comment.data,
            contact=self.contact.data,
            suggested=directory.find_division(suggested) if suggested else None,
        )


class RequestForm(Form):
    """A step on one request; the prefix keeps the forms of several requests on a page apart."""

    step_name: ClassVar[str]

    def __init__(self, request: CirculationRequest, formdata: Any = _Auto, **values: Any) -> None:
        super().__init__(formdata, prefix=f"{self.step_name}-{request.id}-", **values)


class RemindForm(RequestForm):
    """Nothing to say: the button is the step."""

    step_name = "remind"


class WithdrawForm(RequestForm):
    """Why the division need not answer."""

    step_name = "withdraw"

    reason = TextAreaField(
        _l("取り消す理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _FITS]
    )


class ForwardForm(RequestForm):
    """Which division is in charge instead."""

    step_name = "forward"

    division_id = ChoiceField(_l("回す先の課"), validators=[DataRequired(_l("回す先の課を選んでください"))])
    due_on = DayField(_l("返事の期限"), validators=[InputRequired(_l("返事の期限を入力してください"))])

    def __init__(self, request: CirculationRequest, formdata: Any = _Auto) -> None:
        suggested = request.answer.suggested_division_id if request.answer else None
        super().__init__(request, formdata, data={"division_id": str(suggested or ""), "due_on": usual_due_day()})
        empty = SelectChoice(value="", label=_("選んでください"))
        self.division_id.choices = [empty, *division_choices(without={request.division_id})]

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))

    def to_question(self, note: str) -> Question:
        return Question(due_on=self.due_on.data or clock.today(), note=note)
