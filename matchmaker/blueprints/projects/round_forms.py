"""What the office and the divisions fill in during a yearly report round."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import (
    AmountField,
    CheckboxesField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    hidden_number,
    tidied,
)
from matchmaker.blueprints.projects.forms import ProjectForm, ReportForm, VersionedForm, given_day
from matchmaker.directory.models import Division
from matchmaker.foundation import clock, fiscal_year
from matchmaker.projects.models import Project
from matchmaker.projects.money_rules import question_about
from matchmaker.projects.report_round_models import ReportRound
from matchmaker.projects.report_round_pairs import Pair
from matchmaker.projects.report_round_terms import PairVerdict
from matchmaker.projects.report_rounds import CarryDates, NewReport
from matchmaker.projects.service import ProjectFacts
from matchmaker.proposals.status import CollaborationForm

_TEXT_FITS = Length(max=1000, message=_l("1000文字までで入力してください"))


class DueForm(VersionedForm):
    """Until when the divisions answer, and what they should know."""

    due_on = DayField(_l("提出の期限"), validators=[InputRequired(_l("提出の期限を入力してください"))])
    note = TextAreaField(_l("課へのお知らせ"), filters=[tidied], validators=[Optional(), _TEXT_FITS])

    def __init__(self, report_round: ReportRound | None = None) -> None:
        super().__init__(
            data={"version": report_round.version, "due_on": report_round.due_on, "note": report_round.note}
            if report_round
            else None
        )


class OpenRoundForm(DueForm):
    """The fiscal year that is asked for."""

    fy = ChoiceField(_l("年度"), validators=[InputRequired(_l("年度を選んでください"))])

    def __init__(self) -> None:
        super().__init__()
        newest = fiscal_year.fiscal_year_of(clock.today())
        years = [SelectChoice(fiscal_year.code(fy), fiscal_year.label(fy)) for fy in range(newest, newest - 3, -1)]
        self.fy.choices = [SelectChoice("", _("選んでください")), *years]

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError(_("今日か、今日より後の日を入力してください"))


class CarryForm(Form):
    """What changes when a project of the year before goes on as it was."""

    starts_on = DayField(_l("始まる日"), validators=[InputRequired(_l("始まる日を入力してください"))])
    ends_on = DayField(_l("終わる日"), validators=[InputRequired(_l("終わる日を入力してください"))])
    form_agreed_on = DayField(_l("形態を決めた日"), validators=[InputRequired(_l("形態を決めた日を入力してください"))])
    budget_yen = AmountField(_l("事業費"), validators=[Optional()])
    is_sure = BooleanField(_l("この金額でまちがいありません"))

    def __init__(self, fy: int) -> None:
        first, last = fiscal_year.first_day(fy), fiscal_year.last_day(fy)
        super().__init__(data={"starts_on": first, "ends_on": last, "form_agreed_on": min(first, clock.today())})

    def validate_ends_on(self, field: DayField) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("終わる日は、始まる日と同じか、あとの日を入力してください"))

    def validate_budget_yen(self, field: AmountField) -> None:
        question = question_about(field.data, None) if field.data else ""
        if question and not self.is_sure.data:
            raise ValidationError(question)

    def validate_form_agreed_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))

    @property
    def dates(self) -> CarryDates:
        return CarryDates(
            given_day(self.starts_on), given_day(self.ends_on), given_day(self.form_agreed_on), self.budget_yen.data
        )


class RoundReportForm(ReportForm):
    """A collaboration of the year; filled in beforehand with a project of the year before that goes on."""

    def __init__(
        self, divisions: Sequence[Division], own_division: Division, before: ProjectFacts | None, form: str
    ) -> None:
        if before is None:
            super().__init__(divisions, own_division)
            return
        self.own_division = own_division
        ids = dict.fromkeys([own_division.id, *before.division_ids])
        data: dict[str, Any] = {
            "title": before.title,
            "summary": before.summary,
            "partners": [{"kind": row.kind.value, "name": row.name} for row in before.partners],
            "division_ids": [str(one) for one in ids],
            "form_of_collaboration": form,
        }
        ProjectForm.__init__(self, divisions, data=data)

    @property
    def new_report(self) -> NewReport:
        form = CollaborationForm(self.form_of_collaboration.data)
        return NewReport(self.facts, form, given_day(self.form_agreed_on))


class UploadForm(Form):
    """A filled-in sheet, and what to do when some of its rows are wrong."""

    file = FileField(_l("Excelファイル（.xlsx）"))
    takes_good = BooleanField(_l("まちがいのある行をのぞいて、正しい行だけを登録する"))
    is_sure = BooleanField(_l("たずねられた金額も、このままでまちがいありません"))


class HandInForm(VersionedForm):
    """The list as it is, or that there is nothing to report."""

    has_none = BooleanField(_l("該当なし（この年度に、NPOといっしょに行った事業はありません）"))


class ProxyHandInForm(HandInForm):
    """The list of a division that answered by mail, telephone or paper, as the office entered it."""

    source = LineField(
        _l("課からどのように受け取ったか"),
        validators=[
            DataRequired(_l("どのように受け取ったかを入力してください（例：11月20日のメール）")),
            Length(max=200, message=_l("200文字までで入力してください")),
        ],
    )


class SeenPairForm(Form):
    """Two reports as the person saw them."""

    first_version = HiddenField()
    second_version = HiddenField()

    def __init__(self, pair: Pair) -> None:
        super().__init__(data={"first_version": pair.first.version, "second_version": pair.second.version})

    def look_again(self, pair: Pair) -> None:
        """Take the versions of today: the page shows the two reports as they are now."""
        self.first_version.data, self.second_version.data = str(pair.first.version), str(pair.second.version)

    @property
    def seen(self) -> tuple[int, int]:
        return hidden_number(self.first_version.data), hidden_number(self.second_version.data)


class PairForm(SeenPairForm):
    """Whether two reports are one project, and why."""

    verdict = RadioField(
        _l("判断"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in PairVerdict],
        validators=[InputRequired(_l("判断を選んでください"))],
    )
    reason = TextAreaField(
        _l("判断の理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT_FITS]
    )


class PartForm(SeenPairForm):
    """Why two reports that were made one are parted again."""

    reason = TextAreaField(
        _l("分ける理由"), filters=[tidied], validators=[DataRequired(_l("分ける理由を入力してください")), _TEXT_FITS]
    )


class ConfirmAllForm(Form):
    """The reports to be confirmed; each choice carries the version that was seen: "R7-P001.3"."""

    chosen = CheckboxesField(_l("確認する報告"), validators=[DataRequired(_l("確認する報告を1つ以上選んでください"))])
    is_looked_at = HiddenField()

    def __init__(self, projects: Sequence[Project]) -> None:
        super().__init__()
        self.projects = {f"{row.number}.{row.version}": row for row in projects}
        self.chosen.choices = [
            SelectChoice(value=key, label=f"{row.number} {row.title}") for key, row in self.projects.items()
        ]

    @property
    def seen(self) -> list[tuple[Project, int]]:
        return [(self.projects[key], int(key.rpartition(".")[2])) for key in dict.fromkeys(self.chosen.data or [])]


class CloseForm(VersionedForm):
    """Why the round is closed although something is open."""

    reason = TextAreaField(_l("このまま締め切る理由"), filters=[tidied], validators=[Optional(), _TEXT_FITS])
