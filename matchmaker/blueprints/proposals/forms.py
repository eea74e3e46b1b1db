"""What members type. A draft asks for nothing; only what cannot be stored is refused, beside its field.

What a submission still lacks is told by ``proposals.completeness``, all at once.
"""

from datetime import timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.blueprints.forms import AmountField, DayField, Form, LineField, tidied
from matchmaker.directory.places import (
    MIE_REGIONS,
    NATIONWIDE_LABEL,
    is_place_code,
    label_of,
    municipalities_of_region,
)
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock
from matchmaker.matching.facts import NATIONWIDE
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Unit
from matchmaker.proposals.answers import MOST_NEEDS, Need, is_answered
from matchmaker.proposals.completeness import REQUIRED, REQUIRED_TO_PUBLISH, missing_to_publish
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import FIRST_SCREEN, SECOND_SCREEN, SECTIONS, Question
from matchmaker.proposals.service import answers_of, version_of
from matchmaker.proposals.status import CollaborationForm

LONGEST_LINE = 120
LONGEST_DETAIL = 200
LONGEST_TEXT = 4_000
OPEN_FOR = timedelta(days=183)
"""How long a proposal seeks partners when its owner names no day: half a year."""

_FIELD_ORDER = {field.value: place for place, field in enumerate(ActivityField)}


class CheckboxesField(SelectMultipleField):
    """Any number of choices, each a checkbox."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: PlainForm) -> None:
        """A choice that is not offered can only come from a tampered or outdated page."""
        known = {choice.value for choice in self.iter_choices()}
        if any(value not in known for value in self.data or []):
            raise ValidationError(_l("選べない項目がふくまれています。選びなおしてください"))


def choices_of(terms: Any) -> list[SelectChoice]:
    return [SelectChoice(value=term.value, label=term.label) for term in terms]


def optional_choices(terms: Any, nothing: Any) -> list[SelectChoice]:
    return [SelectChoice(value="", label=nothing), *choices_of(terms)]


def _at_most(limit: int) -> Length:
    return Length(max=limit, message=_l("%(limit)s文字以内で入力してください", limit=f"{limit:,}"))


def _line(question: Question) -> LineField:
    return LineField(question.label, validators=[_at_most(LONGEST_LINE)])


def _text(question: Question) -> TextAreaField:
    return TextAreaField(question.label, filters=[tidied], validators=[_at_most(LONGEST_TEXT)])


def _amount(question: Question) -> AmountField:
    return AmountField(question.label)


class NeedRow(PlainForm):
    """One thing that is asked for; an empty row is none."""

    kind = SelectField(_l("種類"), choices=optional_choices(ResourceKind, _l("選んでください")), default="")
    detail = LineField(_l("くわしい内容"), validators=[_at_most(LONGEST_DETAIL)])
    amount = AmountField(_l("量"))
    unit = SelectField(_l("単位"), choices=optional_choices(Unit, _l("なし")), default="")

    def validate_kind(self, field: SelectField) -> None:
        if not field.data and (self.detail.data or self.amount.data is not None or self.unit.data):
            raise ValidationError(_l("種類を選んでください"))

    def validate_amount(self, field: AmountField) -> None:
        if field.data == 0:
            raise ValidationError(_l("1以上の数を入力してください"))
        if field.data is None and not field.process_errors and self.unit.data:
            raise ValidationError(_l("単位を選んだときは、量も入力してください"))

    def validate_unit(self, field: SelectField) -> None:
        if self.amount.data and not field.data:
            raise ValidationError(_l("量を入力したときは、単位も選んでください"))

    def to_need(self) -> Need | None:
        if not self.kind.data:
            return None
        unit = Unit(self.unit.data) if self.unit.data else None
        return Need(ResourceKind(self.kind.data), self.detail.data, self.amount.data, unit)


class AnswersForm(Form):
    """The parent of all forms that store answers; ``answers`` is what the domain accepts."""

    screen: ClassVar[tuple[Question, ...]]
    """The questions asked on this screen."""

    version = HiddenField()

    def __init__(self, proposal: Proposal | None = None, **values: Any) -> None:
        self.proposal = proposal
        if proposal is not None:
            values = {**self._stored(proposal), **values}
        super().__init__(data=values)
        if "fields" in self:
            self["fields"].choices = choices_of(ActivityField)

    def validate(self, extra_validators: Any = None) -> bool:
        """A published proposal also keeps what companies must see of it."""
        is_valid: bool = super().validate(extra_validators)
        if self.proposal is not None and self.proposal.is_published:
            answers = self.answers()
            for question in REQUIRED_TO_PUBLISH:
                if question in answers and not is_answered(answers[question]):
                    self[question.value].errors = [_("公開中は空にできません。%(ask)s", ask=REQUIRED[question])]
                    is_valid = False
        return is_valid

    def answers(self) -> dict[Question, Any]:
        """Return every answer that can be stored; after ``validate`` the others are left out."""
        return {question: self._answer(question) for question in self.screen if not self.is_wrong(question)}

    def is_wrong(self, question: Question) -> bool:
        """Say whether an answer cannot be stored. The two ends of a period stand or fall together."""
        if question in (Question.STARTS_ON, Question.ENDS_ON):
            return bool(self["starts_on"].errors or self["ends_on"].errors)
        if question is Question.PLACE_CODES:
            return bool(self["place_codes"].errors or self["prefecture_codes"].errors)
        return bool(self[question.value].errors)

    def _answer(self, question: Question) -> Any:
        data = self[question.value].data
        if question is Question.FIELDS:
            return [ActivityField(code) for code in sorted(set(data or []), key=_FIELD_ORDER.__getitem__)]
        if question is Question.PLACE_CODES:
            return sorted({*(data or []), *(self["prefecture_codes"].data or [])})
        if question is Question.NEEDS:
            return [need for entry in self["needs"].entries if (need := entry.form.to_need())]
        if question is Question.DIVISION_IDS:
            return sorted({int(known) for known in data or []})
        if question is Question.PREFERRED_FORM:
            return CollaborationForm(data) if data else None
        return data

    def _stored(self, proposal: Proposal) -> dict[str, Any]:
        answers = answers_of(proposal)
        values: dict[str, Any] = {question.value: answers[question] for question in self.screen}
        if Question.PLACE_CODES in self.screen:
            values["prefecture_codes"] = values["place_codes"]
        if Question.NEEDS in self.screen:
            # Rows that are sent stand for themselves: a stored unit must not fill the gap of one that was left out.
            values["needs"] = (
                []
                if self.is_submitted()
                else [
                    {"kind": need.kind.value, "detail": need.detail, "amount": need.amount, "unit": need.unit or ""}
                    for need in answers[Question.NEEDS]
                ]
            )
        if Question.DIVISION_IDS in self.screen:
            values["division_ids"] = [str(known) for known in answers[Question.DIVISION_IDS]]
        return {**values, "version": version_of(proposal, self.screen)}


def places_of_mie() -> list[SelectChoice]:
    wide = _("県全体・全国")
    choices = [
        SelectChoice(value=Prefecture.MIE.value, label=_("三重県の全域"), optgroup=wide),
        SelectChoice(value=NATIONWIDE, label=NATIONWIDE_LABEL, optgroup=wide),
    ]
    for region in MIE_REGIONS:
        name = _("%(region)s地域", region=region)
        whole = (f"{Prefecture.MIE.value}:{region}", _("%(region)s地域の全域", region=region))
        choices += [
            SelectChoice(value=code, label=label, optgroup=name)
            for code, label in [whole, *municipalities_of_region(region)]
        ]
    return choices


class _AsksWhere(AnswersForm):
    """Where and from when to when; Mie's municipalities by region, then the other prefectures."""

    place_codes = CheckboxesField(Question.PLACE_CODES.label)
    prefecture_codes = CheckboxesField(_l("三重県の外の都道府県"))
    starts_on = DayField(Question.STARTS_ON.label)
    ends_on = DayField(Question.ENDS_ON.label)

    def offer_places(self) -> None:
        """Set the choices. A place that is stored but not among them is offered, so that saving does not lose it."""
        places, prefectures = self["place_codes"], self["prefecture_codes"]
        others = [one for one in Prefecture if one is not Prefecture.MIE]
        prefectures.choices = choices_of(others)
        outside = {one.value for one in others}
        if not self.is_submitted():
            prefectures.data = [code for code in prefectures.data or [] if code in outside]
            places.data = [code for code in places.data or [] if code not in outside]
        places.choices = places_of_mie()
        known = {choice.value for choice in places.choices}
        places.choices += [
            SelectChoice(value=code, label=label_of(code), optgroup=_("すでに選んだほかの市区町村"))
            for code in places.data or []
            if code not in known and is_place_code(code)
        ]

    def validate_ends_on(self, field: DayField) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_l("終わる日は、始める日と同じ日か、後の日を入力してください"))


class _AsksNeeds(AnswersForm):
    """Up to five typed needs, and until when partners are sought."""

    needs = FieldList(FormField(NeedRow), Question.NEEDS.label, min_entries=MOST_NEEDS, max_entries=MOST_NEEDS)
    open_until_on = DayField(Question.OPEN_UNTIL_ON.label)


class OutlineForm(AnswersForm):
    """The first of two screens: what it is about."""

    screen = FIRST_SCREEN

    title = _line(Question.TITLE)
    issue = _text(Question.ISSUE)
    beneficiaries = _text(Question.BENEFICIARIES)
    fields = CheckboxesField(Question.FIELDS.label)


class NeedsForm(_AsksWhere, _AsksNeeds):
    """The second: where, when and what is needed. After it the proposal can be matched."""

    screen = SECOND_SCREEN

    is_published = BooleanField(_l("企業に公開して、相手をさがす"))

    def __init__(self, proposal: Proposal) -> None:
        until = proposal.open_until_on or clock.today() + OPEN_FOR
        super().__init__(proposal, is_published=proposal.is_published, open_until_on=until)
        self.offer_places()

    def validate_is_published(self, field: BooleanField) -> None:
        if not field.data:
            return
        stored = answers_of(self.proposal) if self.proposal else {}
        missing = missing_to_publish({**stored, **self.answers()})
        if missing:
            raise ValidationError(
                _l("公開するには、次の入力が必要です：%(names)s", names="、".join(one.field.label for one in missing))
            )


class IssueForm(AnswersForm):
    """Section 1."""

    screen = SECTIONS[0].questions

    title = _line(Question.TITLE)
    fields = CheckboxesField(Question.FIELDS.label)
    issue = _text(Question.ISSUE)
    evidence = _text(Question.EVIDENCE)
    aim = _text(Question.AIM)
    beneficiaries = _text(Question.BENEFICIARIES)
    goals = _text(Question.GOALS)


class ContentForm(_AsksWhere):
    """Section 2."""

    screen = SECTIONS[1].questions

    content = _text(Question.CONTENT)
    schedule = _text(Question.SCHEDULE)
    team = _text(Question.TEAM)

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal)
        self.offer_places()


class RolesForm(AnswersForm):
    """Section 3."""

    screen = SECTIONS[2].questions

    role_npo = _text(Question.ROLE_NPO)
    role_prefecture = _text(Question.ROLE_PREFECTURE)
    role_municipality = _text(Question.ROLE_MUNICIPALITY)
    role_company = _text(Question.ROLE_COMPANY)
    reason_together = _text(Question.REASON_TOGETHER)


class BudgetForm(_AsksNeeds):
    """Section 4."""

    screen = SECTIONS[3].questions

    budget_yen = _amount(Question.BUDGET_YEN)
    own_funds_yen = _amount(Question.OWN_FUNDS_YEN)
    budget_detail = _text(Question.BUDGET_DETAIL)
    other_grants = _text(Question.OTHER_GRANTS)


class ConfirmationForm(AnswersForm):
    """Section 5."""

    screen = SECTIONS[4].questions

    declares_no_politics_or_religion = BooleanField(Question.DECLARES_NO_POLITICS_OR_RELIGION.label)
    declares_no_organised_crime = BooleanField(Question.DECLARES_NO_ORGANISED_CRIME.label)
    preferred_form = SelectField(
        Question.PREFERRED_FORM.label, choices=optional_choices(CollaborationForm, _l("まだ決まっていない"))
    )
    division_ids = CheckboxesField(Question.DIVISION_IDS.label)
    publishes_plan = BooleanField(Question.PUBLISHES_PLAN.label)
    publishes_budget = BooleanField(Question.PUBLISHES_BUDGET.label)

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal)
        current = list_divisions(on=clock.today())
        ended = [division for division in proposal.divisions if division not in current]
        self.division_ids.choices = [
            SelectChoice(value=str(division.id), label=f"{division.department} {division.name}")
            for division in [*current, *ended]
        ]


SECTION_FORMS: dict[int, type[Any]] = {
    1: IssueForm,
    2: ContentForm,
    3: RolesForm,
    4: BudgetForm,
    5: ConfirmationForm,
}


class PublishForm(Form):
    """Until when partners are sought."""

    open_until_on = DayField(Question.OPEN_UNTIL_ON.label)

    def validate_open_until_on(self, field: DayField) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError(_l("今日か、今日より後の日を入力してください"))


class AttachmentForm(Form):
    """One file; what it holds is checked by ``attachments.sniffing``."""

    file = FileField(_l("ファイル"))
