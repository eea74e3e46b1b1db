"""What people fill in when they look back together."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.accounts.models import User
from matchmaker.blueprints.forms import ChoiceField, DayField, Form, hidden_number, tidied
from matchmaker.foundation import clock
from matchmaker.projects.models import Project
from matchmaker.projects.reflection import BEGINS_IN, Answers
from matchmaker.projects.reflection_models import ReflectionRound, ReflectionSheet
from matchmaker.projects.reflection_questions import QUESTIONS, SCORE_LABELS, ReflectionQuestion, ReflectionStage
from matchmaker.proposals.questions import SECTIONS

_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))


class BeginForm(Form):
    """Which moment, and until when the sheets are to be handed in."""

    stage = RadioField(_l("いつのふりかえりか"), validators=[InputRequired(_l("いつのふりかえりかを選んでください"))])
    due_on = DayField(_l("提出の期限"), validators=[InputRequired(_l("提出の期限を入力してください"))])

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = [stage for stage in ReflectionStage if project.status in BEGINS_IN[stage]]
        self.stage.choices = [SelectChoice(value=stage.value, label=stage.label) for stage in possible]

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))


class AppointForm(Form):
    """Whom the office asks to accompany the project."""

    coordinator = ChoiceField(_l("頼む人"), validators=[DataRequired(_l("人を選んでください"))])

    def __init__(self, people: Sequence[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coordinator.choices = [
            SelectChoice(value="", label=_("選んでください")),
            *(SelectChoice(value=str(one.id), label=one.name) for one in people),
        ]


class SheetForm(Form):
    """The sheet of one side; every line may stay empty until it is handed in."""

    version = HiddenField()

    questions: tuple[ReflectionQuestion, ...] = ()

    @property
    def seen_version(self) -> int:
        return hidden_number(self.version.data)

    @property
    def scored(self) -> list[Any]:
        return [self[question.key] for question in self.questions if question.is_scored]

    @property
    def worded(self) -> list[Any]:
        return [self[question.key] for question in self.questions if not question.is_scored]

    @property
    def answers(self) -> Answers:
        return Answers(
            {one.key: int(self[one.key].data) for one in self.questions if one.is_scored and self[one.key].data},
            {one.key: self[one.key].data for one in self.questions if not one.is_scored},
        )


def sheet_form(stage: ReflectionStage, sheet: ReflectionSheet | None) -> SheetForm:
    """Return the sheet of a stage with what the side has saved so far."""
    fields = {question.key: _field(question) for question in QUESTIONS[stage]}
    kind = type("SheetFormOfStage", (SheetForm,), {**fields, "questions": QUESTIONS[stage]})
    saved: dict[str, Any] = {"version": sheet.version if sheet else 0}
    if sheet is not None:
        saved |= {key: str(score) for key, score in sheet.scores.items()} | sheet.words
    form: SheetForm = kind(data=saved)
    return form


def _field(question: ReflectionQuestion) -> Any:
    if not question.is_scored:
        return TextAreaField(question.label, filters=[tidied], validators=[_FITS])
    choices = [SelectChoice(value=str(score), label=f"{score}　{label}") for score, label in SCORE_LABELS.items()]
    return RadioField(question.label, choices=choices, validate_choice=False, validators=[_known_score])


def _known_score(form: Form, field: RadioField) -> None:
    if field.data and field.data not in {str(score) for score in SCORE_LABELS}:
        raise ValidationError(_("選べない項目です。選びなおしてください"))


class OpenEarlyForm(Form):
    """Why the sheets are opened though one is missing."""

    reason = TextAreaField(
        _l("そろわないまま開く理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _FITS]
    )


class TalkForm(Form):
    """The record of a talk."""

    held_on = DayField(_l("話し合った日"), validators=[InputRequired(_l("話し合った日を入力してください"))])
    notes = TextAreaField(
        _l("話し合いの記録"),
        filters=[tidied],
        validators=[
            DataRequired(_l("話し合いの記録を入力してください")),
            Length(max=5000, message=_l("5000文字までで入力してください")),
        ],
    )

    def validate_held_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))


class SummaryForm(Form):
    """What will be public: a summary, and a lesson for each section of a proposal where there is one."""

    version = HiddenField()
    summary = TextAreaField(
        _l("公開するまとめ"),
        filters=[tidied],
        validators=[
            DataRequired(_l("公開するまとめを入力してください")),
            Length(max=3000, message=_l("3000文字までで入力してください")),
        ],
    )

    @property
    def seen_version(self) -> int:
        return hidden_number(self.version.data)

    @property
    def lesson_fields(self) -> list[Any]:
        return [self[_lesson(part.number)] for part in SECTIONS]

    @property
    def lessons(self) -> dict[int, str]:
        return {part.number: self[_lesson(part.number)].data for part in SECTIONS}


def _lesson(section: int) -> str:
    return f"lesson_{section}"


for _part in SECTIONS:
    setattr(
        SummaryForm,
        _lesson(_part.number),
        TextAreaField(
            _l("「%(section)s」を書く人へ", section=_part.label),
            filters=[tidied],
            validators=[Length(max=300, message=_l("300文字までで入力してください"))],
        ),
    )


def summary_form(round_: ReflectionRound) -> SummaryForm:
    """Return the form with the edition that stands now."""
    written = {_lesson(row.section): row.words for row in round_.lessons}
    return SummaryForm(data={"version": round_.version, "summary": round_.summary} | written)


class ConsentForm(Form):
    """The edition that the person read."""

    edition = HiddenField()

    @property
    def seen_edition(self) -> int:
        return hidden_number(self.edition.data)


class EmptyForm(Form):
    """Nothing to say: the button is the step."""
