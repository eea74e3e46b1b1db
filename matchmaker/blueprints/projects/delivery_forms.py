"""Forms of the running project: milestones, reports and their answers, requests."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import FieldList, FormField, HiddenField, RadioField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import AmountField, DayField, Form, LineField, tidied
from matchmaker.blueprints.projects.forms import VersionedForm
from matchmaker.foundation import clock
from matchmaker.projects.delivery import MilestoneLine, ReportText
from matchmaker.projects.delivery_terms import ReportKind, RequestKind

MOST_MILESTONES = 10
_LINE_FITS = Length(max=120, message=_l("120文字までで入力してください"))
_TEXT_FITS = Length(max=4000, message=_l("4000文字までで入力してください"))


class MilestoneForm(PlainForm):
    """One milestone; lines without a name are left out."""

    title = LineField(_l("節目"), validators=[_LINE_FITS])
    due_on = DayField(_l("目標の日"), validators=[Optional()])
    reached_on = DayField(_l("できた日"), validators=[Optional()])

    def validate_title(self, field: LineField) -> None:
        if not field.data and (self.due_on.data or self.reached_on.data):
            raise ValidationError(_("節目の名前を入力してください"))
        if field.data and not self.due_on.data and not self.due_on.errors:
            raise ValidationError(_("目標の日を入力してください"))

    def validate_reached_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))


class MilestonesForm(VersionedForm):
    """What is to be reached by when."""

    milestones = FieldList(
        FormField(MilestoneForm), _l("節目"), min_entries=MOST_MILESTONES, max_entries=MOST_MILESTONES
    )

    @property
    def lines(self) -> list[MilestoneLine]:
        rows = [entry.form for entry in self.milestones.entries]
        return [MilestoneLine(row.title.data, row.due_on.data, row.reached_on.data) for row in rows if row.title.data]


class AskReportForm(Form):
    """Another report with its due day."""

    kind = RadioField(
        _l("報告の種類"),
        choices=[SelectChoice(one.value, one.label) for one in ReportKind],
        validators=[InputRequired(_l("報告の種類を選んでください"))],
    )
    due_on = DayField(_l("期限"), validators=[InputRequired(_l("期限を入力してください"))])

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError(_("今日からあとの日を入力してください"))


class ReportFileForm(Form):
    """One file of a report; what it holds is checked by ``attachments.sniffing``."""

    file = FileField(_l("ファイル"))


class ReportForm(Form):
    """A progress or final report."""

    version = HiddenField()
    done = TextAreaField(
        _l("行ったこと"), filters=[tidied], validators=[DataRequired(_l("行ったことを入力してください")), _TEXT_FITS]
    )
    results = TextAreaField(
        _l("結果（何が、どれだけ変わったか）"),
        filters=[tidied],
        validators=[DataRequired(_l("結果を入力してください")), _TEXT_FITS],
    )
    problems = TextAreaField(_l("困っていること"), filters=[tidied], validators=[Optional(), _TEXT_FITS])
    spent_yen = AmountField(_l("これまでに使った額"), validators=[Optional()])

    @property
    def words(self) -> ReportText:
        return ReportText(self.done.data or "", self.results.data or "", self.problems.data or "", self.spent_yen.data)


class AnswerReportForm(Form):
    """Accepted, to be mended, or not needed."""

    verdict = RadioField(_l("回答"), validators=[InputRequired(_l("回答を選んでください"))])
    reason = TextAreaField(_l("直してほしいところ・理由"), filters=[tidied], validators=[_TEXT_FITS])

    def __init__(self, verdicts: list[tuple[str, str]]) -> None:
        super().__init__()
        self.verdict.choices = [SelectChoice(*one) for one in verdicts]

    def validate_reason(self, field: TextAreaField) -> None:
        if self.verdict.data in {"returned", "waived"} and not field.data:
            raise ValidationError(_("理由を入力してください"))


class RequestForm(Form):
    """A request to change or to stop."""

    kind = RadioField(
        _l("何を申請しますか"),
        choices=[SelectChoice(RequestKind.CHANGE.value, _l("変更")), SelectChoice(RequestKind.STOP.value, _l("中止"))],
        validators=[InputRequired(_l("変更か中止かを選んでください"))],
    )
    what = TextAreaField(
        _l("申請する内容"),
        filters=[tidied],
        validators=[DataRequired(_l("申請する内容を入力してください")), _TEXT_FITS],
    )
    reason = TextAreaField(
        _l("理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT_FITS]
    )


class AnswerRequestForm(Form):
    """Yes or no to a request."""

    verdict = RadioField(
        _l("回答"),
        choices=[SelectChoice("yes", _l("認める")), SelectChoice("no", _l("認めない"))],
        validators=[InputRequired(_l("回答を選んでください"))],
    )
    answer = TextAreaField(_l("回答の理由"), filters=[tidied], validators=[_TEXT_FITS])

    def validate_answer(self, field: TextAreaField) -> None:
        if self.verdict.data == "no" and not field.data:
            raise ValidationError(_("認めない理由を入力してください"))
