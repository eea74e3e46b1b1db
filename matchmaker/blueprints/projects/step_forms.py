"""What is asked before a step of a project's life."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import AmountField, ChoiceField, DayField, LineField, narrowed, tidied
from matchmaker.blueprints.projects.forms import VersionedForm
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.projects.models import Project
from matchmaker.projects.money_rules import question_about
from matchmaker.projects.parties import parties_of
from matchmaker.projects.status import ProjectAction, ProjectStatus

_TEXT_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))
_NAME_FITS = Length(max=120, message=_l("120文字までで入力してください"))


class PlainStepForm(VersionedForm):
    """Nothing to say: the button is the step."""

    def __init__(self, project: Project, divisions: list[Division], **kwargs: Any) -> None:
        super().__init__(data={"version": project.version, **kwargs})
        self.offer(project, divisions)

    def offer(self, project: Project, divisions: list[Division]) -> None:
        """Fill in the choices that depend on the project."""


class NoteForm(PlainStepForm):
    """A word may be added."""

    reason = TextAreaField(_l("メモ"), filters=[tidied], validators=[Optional(), _TEXT_FITS])


class ReasonForm(PlainStepForm):
    """The step must say why."""

    reason = TextAreaField(
        _l("理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT_FITS]
    )


class StallForm(PlainStepForm):
    """Who is waited for, since when, and what for."""

    waiting = ChoiceField(_l("だれを待っていますか"))
    waiting_name = LineField(_l("ほかの相手の名前"), validators=[_NAME_FITS])
    since_on = DayField(_l("待ち始めた日"), validators=[InputRequired(_l("待ち始めた日を入力してください"))])
    reason = TextAreaField(
        _l("何を待っていますか"),
        filters=[tidied],
        validators=[DataRequired(_l("何を待っているかを入力してください")), _TEXT_FITS],
    )

    def offer(self, project: Project, divisions: list[Division]) -> None:
        choices = [(party.key, party.name) for party in parties_of(project)]
        self.waiting.choices = [
            SelectChoice("", _("ほかの相手（下に名前を入力）")),
            *(SelectChoice(*one) for one in choices),
        ]

    def validate_waiting_name(self, field: LineField) -> None:
        if not self.waiting.data and not field.data:
            raise ValidationError(_("だれを待っているかを選ぶか、名前を入力してください"))

    def validate_since_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))


class RerouteForm(ReasonForm):
    """Which division takes over from which."""

    from_division = ChoiceField(_l("代わる前の課"))
    to_division = ChoiceField(_l("新しい担当課"), validators=[InputRequired(_l("新しい担当課を選んでください"))])

    def offer(self, project: Project, divisions: list[Division]) -> None:
        none = SelectChoice("", _("なし（担当課を加える）"))
        self.from_division.choices = [none, *(_choice(row) for row in project.divisions)]
        own = {row.id for row in project.divisions}
        self.to_division.choices = [
            SelectChoice("", _("選んでください")),
            *(_choice(row) for row in divisions if row.id not in own),
        ]


class ContractForm(PlainStepForm):
    """Which procedure was settled, and when."""

    on = DayField(_l("手続きを終えた日"), validators=[InputRequired(_l("手続きを終えた日を入力してください"))])
    reason = TextAreaField(
        _l("終えた手続き"),
        filters=[tidied],
        validators=[DataRequired(_l("終えた手続きを入力してください（契約の名前や、交付決定の番号など）")), _TEXT_FITS],
    )

    def validate_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))


class CompleteForm(NoteForm):
    """What was spent in the end."""

    settled_yen = AmountField(_l("確定額"), validators=[Optional()])
    is_sure = BooleanField(_l("この金額でまちがいありません"))

    def offer(self, project: Project, divisions: list[Division]) -> None:
        self.budget_yen = project.budget_yen

    def validate_settled_yen(self, field: AmountField) -> None:
        question = question_about(field.data, self.budget_yen) if field.data else ""
        if question and not self.is_sure.data:
            raise ValidationError(question)


class MergeForm(ReasonForm):
    """Which project goes on, and from when on they are one."""

    into = LineField(
        _l("続ける事業の番号"),
        filters=[narrowed],
        validators=[DataRequired(_l("続ける事業の番号を入力してください（例：R8-P012）"))],
    )
    on = DayField(_l("一つの事業になった日"), validators=[InputRequired(_l("一つの事業になった日を入力してください"))])


FORMS: dict[ProjectAction, type[PlainStepForm]] = {
    ProjectAction.CONTRACT: ContractForm,
    ProjectAction.START: PlainStepForm,
    ProjectAction.STALL: StallForm,
    ProjectAction.RESUME: NoteForm,
    ProjectAction.REROUTE: RerouteForm,
    ProjectAction.DISSOLVE: ReasonForm,
    ProjectAction.COMPLETE: CompleteForm,
    ProjectAction.CLOSE: NoteForm,
    ProjectAction.CONTINUE: PlainStepForm,
    ProjectAction.MERGE: MergeForm,
}


def step_form(project: Project, action: ProjectAction, divisions: list[Division]) -> PlainStepForm:
    """Return the form of a step; ending without a ふりかえり must say why."""
    if action is ProjectAction.CLOSE and project.status is ProjectStatus.COMPLETED:
        return ReasonForm(project, divisions)
    return FORMS[action](project, divisions)


def _choice(row: Division) -> SelectChoice:
    return SelectChoice(str(row.id), f"{row.department} {row.name}")
