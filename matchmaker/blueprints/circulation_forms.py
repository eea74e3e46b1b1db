"""Asking divisions about a proposal: what both the proposal's own page and the work queue ask for."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.blueprints.forms import CheckboxesField, DayField, Form, tidied
from matchmaker.directory import queries
from matchmaker.foundation import clock
from matchmaker.review.circulation import Question
from matchmaker.review.promises import Promises


class SendForm(Form):
    """Which divisions are asked, until when, with which note."""

    division_ids = CheckboxesField(_l("回付する課"), validators=[DataRequired(_l("回付する課を1つ以上選んでください"))])
    due_on = DayField(_l("返事の期限"), validators=[InputRequired(_l("返事の期限を入力してください"))])
    note = TextAreaField(
        _l("課へのことば"),
        filters=[tidied],
        validators=[Length(max=2000, message=_l("2000文字までで入力してください"))],
    )

    def __init__(self, *, without: Collection[int] = (), wanted: Collection[int] = (), **values: Any) -> None:
        data = {"due_on": usual_due_day(), "division_ids": [str(row_id) for row_id in wanted]}
        super().__init__(data=data, **values)
        self.division_ids.choices = division_choices(without=without)

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))

    def to_question(self) -> Question:
        return Question(due_on=self.due_on.data or clock.today(), note=self.note.data)

    @property
    def chosen_ids(self) -> list[int]:
        return [int(value) for value in self.division_ids.data or []]


def division_choices(*, without: Collection[int] = ()) -> list[SelectChoice]:
    """Return the divisions in force today, in the order of departments, without those whose ids are given."""
    return [
        SelectChoice(value=str(row.id), label=f"{row.department}　{row.name}")
        for row in queries.list_divisions(on=clock.today())
        if row.id not in without
    ]


def usual_due_day() -> date:
    """Return the day that the promise of the divisions gives for what is sent now."""
    return Promises.load().due_after(WaitingKind.CIRCULATION, clock.now())
