"""Forms of the working group: meetings, the role matrix, the choice of form."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import FieldList, FormField, HiddenField, RadioField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import DayField, Form, LineField, narrowed, tidied
from matchmaker.blueprints.projects.forms import VersionedForm, given_day
from matchmaker.foundation import clock
from matchmaker.projects.form_choice import FormAnswers, Procedure
from matchmaker.projects.meetings import MeetingFacts
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, parties_of
from matchmaker.projects.working import TaskLine
from matchmaker.projects.working_models import FormChoice, ProjectMeeting
from matchmaker.proposals.status import CollaborationForm

MOST_TASKS = 12
_CELL_FITS = Length(max=200, message=_l("200文字までで入力してください"))
_LINE_FITS = Length(max=120, message=_l("120文字までで入力してください"))
_PEOPLE_FIT = Length(max=300, message=_l("300文字までで入力してください"))
_TEXT_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))
_MINUTES_FIT = Length(max=10000, message=_l("10000文字までで入力してください"))
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


class AttendanceForm(PlainForm):
    """Who of one party came; the party stands in the label beside it."""

    key = HiddenField()
    people = LineField(_l("出た人"), validators=[Optional(), _PEOPLE_FIT])


class MeetingForm(Form):
    """One meeting, before or after it was held."""

    version = HiddenField()
    held_on = DayField(_l("開く日"), validators=[InputRequired(_l("開く日を入力してください"))])
    begins = LineField(_l("始まる時刻"), filters=[narrowed], validators=[Optional()])
    place = LineField(_l("場所"), validators=[Optional(), _LINE_FITS])
    purpose = LineField(_l("目的"), validators=[DataRequired(_l("目的を入力してください")), _CELL_FITS])
    is_public = RadioField(
        _l("公開するかどうか"),
        choices=[SelectChoice("no", _l("非公開（当事者だけ）")), SelectChoice("yes", _l("公開（事業のページに出る）"))],
        validators=[InputRequired(_l("公開するかどうかを選んでください"))],
    )
    attendances = FieldList(FormField(AttendanceForm), _l("出席した人"))
    minutes = TextAreaField(_l("議事録"), filters=[tidied], validators=[Optional(), _MINUTES_FIT])

    def __init__(self, project: Project, meeting: ProjectMeeting | None = None, formdata: Any = _Auto) -> None:
        names = {row.party_key: row.people for row in meeting.attendances} if meeting else {}
        self.parties = [party for party in parties_of(project) if party.key != OFFICE_KEY]
        rows = [{"key": party.key, "people": names.get(party.key, "")} for party in self.parties]
        super().__init__(formdata, data={**_stored(meeting), "attendances": rows})
        labels = {party.key: party.name for party in self.parties}
        for entry in self.attendances.entries:
            entry.form.people.label.text = labels.get(entry.form.key.data, "")

    def validate_begins(self, field: LineField) -> None:
        if field.data and not _CLOCK.fullmatch(field.data):
            raise ValidationError(_("時刻は「13:30」のように入力してください"))

    def validate_minutes(self, field: TextAreaField) -> None:
        if field.data and self.held_on.data and self.held_on.data > clock.today():
            raise ValidationError(_("これから開く検討会には、議事録を書けません"))

    @property
    def facts(self) -> MeetingFacts:
        return MeetingFacts(
            held_on=given_day(self.held_on),
            begins=self.begins.data or "",
            place=self.place.data or "",
            purpose=self.purpose.data or "",
            is_public=self.is_public.data == "yes",
            minutes=self.minutes.data or "",
            attendance={row.form.key.data: row.form.people.data for row in self.attendances.entries},
        )


def _stored(meeting: ProjectMeeting | None) -> dict[str, Any]:
    if meeting is None:
        return {"is_public": "no"}
    return {
        "version": meeting.version,
        "held_on": meeting.held_on,
        "begins": meeting.begins,
        "place": meeting.place,
        "purpose": meeting.purpose,
        "is_public": "yes" if meeting.is_public else "no",
        "minutes": meeting.minutes,
    }


class CancelForm(Form):
    """Why a meeting is called off."""

    reason = TextAreaField(
        _l("中止の理由"), filters=[tidied], validators=[DataRequired(_l("中止の理由を入力してください")), _TEXT_FITS]
    )


class TaskForm(PlainForm):
    """One line of the role matrix; lines without a task are left out."""

    task = LineField(_l("すること"), validators=[_LINE_FITS])
    npo = LineField(_l("NPO"), validators=[Optional(), _CELL_FITS])
    prefecture = LineField(_l("県"), validators=[Optional(), _CELL_FITS])
    municipality = LineField(_l("市町"), validators=[Optional(), _CELL_FITS])
    company = LineField(_l("企業"), validators=[Optional(), _CELL_FITS])

    def validate_task(self, field: LineField) -> None:
        cells = [cell.data for cell in (self.npo, self.prefecture, self.municipality, self.company)]
        if not field.data and any(cells):
            raise ValidationError(_("すること（仕事の名前）を入力してください"))
        if field.data and not any(cells):
            raise ValidationError(_("だれがするかを、1つ以上入力してください"))


class RolesForm(VersionedForm):
    """Who does what."""

    tasks = FieldList(FormField(TaskForm), _l("役割"), min_entries=MOST_TASKS, max_entries=MOST_TASKS)

    def validate_tasks(self, field: FieldList) -> None:
        if not self.lines:
            raise ValidationError(_("役割を1つ以上入力してください"))

    @property
    def lines(self) -> list[TaskLine]:
        rows = [entry.form for entry in self.tasks.entries]
        return [
            TaskLine(*(row[name].data or "" for name in ("task", "npo", "prefecture", "municipality", "company")))
            for row in rows
            if row.task.data
        ]


_YES_NO = [SelectChoice("yes", _l("はい")), SelectChoice("no", _l("いいえ"))]


class FormChoiceForm(VersionedForm):
    """The questions that lead to a form, and the form itself."""

    has_public_cost = RadioField(
        _l("県の費用を新しく使いますか"), choices=_YES_NO, validators=[InputRequired(_l("どちらかを選んでください"))]
    )
    prefecture_specifies = RadioField(
        _l("県が仕様を決めて、成果を受けとりますか"),
        choices=_YES_NO,
        validators=[InputRequired(_l("どちらかを選んでください"))],
    )
    form_of_collaboration = RadioField(
        _l("協働の形態"),
        choices=[SelectChoice(one.value, one.label) for one in CollaborationForm],
        validators=[InputRequired(_l("協働の形態を選んでください"))],
    )
    procedure = RadioField(
        _l("費用を出すための手続き"),
        choices=[SelectChoice(one.value, one.label) for one in Procedure],
        validators=[InputRequired(_l("手続きを選んでください"))],
    )
    grounds = TextAreaField(
        _l("この形を選んだ理由"),
        filters=[tidied],
        validators=[DataRequired(_l("この形を選んだ理由を入力してください")), _TEXT_FITS],
    )

    def __init__(self, project: Project, choice: FormChoice | None) -> None:
        super().__init__(data={"version": project.version, **_answered(choice)})

    @property
    def answers(self) -> FormAnswers:
        return FormAnswers(
            form=CollaborationForm(self.form_of_collaboration.data),
            has_public_cost=self.has_public_cost.data == "yes",
            prefecture_specifies=self.prefecture_specifies.data == "yes",
            procedure=Procedure(self.procedure.data),
            grounds=self.grounds.data or "",
        )


def _answered(choice: FormChoice | None) -> dict[str, Any]:
    if choice is None:
        return {}
    return {
        "has_public_cost": "yes" if choice.has_public_cost else "no",
        "prefecture_specifies": "yes" if choice.prefecture_specifies else "no",
        "form_of_collaboration": choice.form.value,
        "procedure": choice.procedure.value,
        "grounds": choice.grounds,
    }
