"""What the office and the divisions fill in about projects."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchmaker.blueprints.forms import AmountField, DayField, Form, LineField, hidden_number, tidied
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.matching.terms import Term
from matchmaker.projects.models import Project
from matchmaker.projects.money_rules import question_about
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm

MOST_PARTNERS = 8

_NAME_FITS = Length(max=120, message=_l("120文字までで入力してください"))
_TEXT_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))


def _terms(terms: Iterable[Term]) -> list[SelectChoice]:
    return [SelectChoice(value=term.value, label=term.label) for term in terms]


class VersionedForm(Form):
    """A form on one project, which carries the version that the page showed."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        return hidden_number(self.version.data)


class PartnerForm(PlainForm):
    """One party; rows without a name are left out."""

    kind = SelectField(_l("種類"), choices=[SelectChoice(value="", label=_l("選んでください")), *_terms(PartnerKind)])
    name = LineField(_l("名前"), validators=[_NAME_FITS], render_kw={"list": "organisation-names"})

    def validate_kind(self, field: SelectField) -> None:
        if self.name.data and not field.data:
            raise ValidationError(_("種類を選んでください"))


class ProjectForm(VersionedForm):
    """What can be said of a project beside its form."""

    has_form = True
    """A project that has its form must keep an NPO, a division and a period; without a form they may still be open."""

    title = LineField(_l("事業の名前"), validators=[DataRequired(_l("事業の名前を入力してください")), _NAME_FITS])
    summary = TextAreaField(_l("事業の内容"), filters=[tidied], validators=[Optional(), _TEXT_FITS])
    partners = FieldList(
        FormField(PartnerForm), _l("いっしょに行う団体"), min_entries=MOST_PARTNERS, max_entries=MOST_PARTNERS
    )
    division_ids = SelectMultipleField(_l("県の担当課"))
    starts_on = DayField(_l("始まる日"))
    ends_on = DayField(_l("終わる日"))
    budget_yen = AmountField(_l("事業費"), validators=[Optional()])
    is_sure = BooleanField(_l("この金額でまちがいありません"))

    def __init__(self, divisions: Sequence[Division], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.division_ids, divisions)

    def validate_ends_on(self, field: DayField) -> None:
        _check_order(self.starts_on, field)

    def validate_budget_yen(self, field: AmountField) -> None:
        question = question_about(field.data, None) if field.data else ""
        if question and not self.is_sure.data:
            raise ValidationError(question)

    @property
    def named_partners(self) -> list[NamedPartner]:
        rows = [entry.form for entry in self.partners.entries if entry.form.kind.data in set(PartnerKind)]
        return [NamedPartner(PartnerKind(row.kind.data), row.name.data) for row in rows if row.name.data]

    @property
    def facts(self) -> ProjectFacts:
        return ProjectFacts(
            title=self.title.data or "",
            summary=self.summary.data or "",
            partners=self.named_partners,
            division_ids=_ids(self.division_ids),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            budget_yen=self.budget_yen.data,
        )

    def validate_partners(self, field: FieldList) -> None:
        if self.has_form and not any(partner.kind is PartnerKind.NPO for partner in self.named_partners):
            raise ValidationError(_("NPOを1つ以上入力してください。NPOの入らない事業は、協働事業として数えられません"))

    def validate_division_ids(self, field: SelectMultipleField) -> None:
        if self.has_form and not field.data:
            raise ValidationError(_("県の担当課を1つ以上選んでください"))


class EditForm(ProjectForm):
    """The office changes what is known of a project."""

    def __init__(self, project: Project, divisions: Sequence[Division]) -> None:
        self.has_form = project.form is not None
        super().__init__(divisions, data=_stored(project))

    def validate_starts_on(self, field: DayField) -> None:
        _require_day(field, self.has_form)

    def validate_ends_on(self, field: DayField) -> None:
        _require_day(field, self.has_form)
        _check_order(self.starts_on, field)


class ReportForm(ProjectForm):
    """A collaboration that already has its form."""

    form_of_collaboration = RadioField(
        _l("協働の形態"),
        choices=_terms(CollaborationForm),
        validators=[InputRequired(_l("協働の形態を選んでください"))],
    )
    form_agreed_on = DayField(_l("形態を決めた日"), validators=[InputRequired(_l("形態を決めた日を入力してください"))])
    starts_on = DayField(_l("始まる日"), validators=[InputRequired(_l("始まる日を入力してください"))])
    ends_on = DayField(_l("終わる日"), validators=[InputRequired(_l("終わる日を入力してください"))])

    def __init__(self, divisions: Sequence[Division], own_division: Division | None) -> None:
        self.own_division = own_division
        own = [str(own_division.id)] if own_division else []
        super().__init__(divisions, data={"division_ids": own, "partners": [{"kind": PartnerKind.NPO.value}]})

    def validate_division_ids(self, field: SelectMultipleField) -> None:
        super().validate_division_ids(field)
        if self.own_division and str(self.own_division.id) not in field.data:
            raise ValidationError(
                _(
                    "あなたの課（%(name)s）を選んでください。自分の課の事業だけを報告できます",
                    name=self.own_division.name,
                )
            )

    def validate_form_agreed_on(self, field: DayField) -> None:
        _check_past(field)


class StepForm(VersionedForm):
    """A step of the project's page; the prefix keeps the ids of several forms apart."""

    step_name: ClassVar[str]

    def __init__(self, formdata: Any = _Auto, **kwargs: Any) -> None:
        super().__init__(formdata, prefix=f"{self.step_name}-", **kwargs)


class ConfirmForm(StepForm):
    """Nothing to say: the button is the step."""

    step_name = "confirm"


class RefuseForm(StepForm):
    """Why a report cannot be confirmed."""

    step_name = "refuse"

    reason = TextAreaField(
        _l("確認できない理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT_FITS]
    )


def given_day(field: DayField) -> date:
    """Return the day of a field that had to be filled in. Errors: ValueError before the form was validated."""
    if field.data is None:
        raise ValueError(f"{field.name} has no day")
    return field.data


def _offer(field: SelectMultipleField, divisions: Sequence[Division]) -> None:
    field.choices = [SelectChoice(value=str(row.id), label=f"{row.department} {row.name}") for row in divisions]


def _stored(project: Project) -> dict[str, Any]:
    return {
        "version": project.version,
        "title": project.title,
        "summary": project.summary,
        "partners": [{"kind": row.kind.value, "name": row.name} for row in project.partners],
        "division_ids": [str(row.id) for row in project.divisions],
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "budget_yen": project.budget_yen,
    }


def _ids(field: SelectMultipleField) -> list[int]:
    return [int(value) for value in field.data or []]


def _require_day(field: DayField, is_needed: bool) -> None:
    if is_needed and field.data is None and not field.errors:
        raise ValidationError(_("%(label)sを入力してください", label=field.label.text))


def _check_order(starts_on: DayField, ends_on: DayField) -> None:
    if starts_on.data and ends_on.data and ends_on.data < starts_on.data:
        raise ValidationError(_("終わる日は、始まる日と同じか、あとの日を入力してください"))


def _check_past(field: DayField) -> None:
    if field.data and field.data > clock.today():
        raise ValidationError(_("今日までの日を入力してください"))
