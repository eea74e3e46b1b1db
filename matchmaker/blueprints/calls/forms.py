"""What the office fills in about a call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from matchmaker.blueprints.forms import AmountField, ChoiceField, DayField, Form, LineField, hidden_number, tidied
from matchmaker.directory.models import Division
from matchmaker.foundation import clock, fiscal_year
from matchmaker.review.call_facts import CallFacts, CriterionFacts, StageFacts, ThemeFacts, dates_out_of_order
from matchmaker.review.call_models import StageKind
from matchmaker.review.criteria_templates import CriteriaTemplate

MOST_THEMES = 10
MOST_CRITERIA = 15
GRACES = (0, 15, 30, 60, 120)

_LINE = Length(max=120, message=_l("120文字までで入力してください"))
_TEXT = Length(max=5000, message=_l("5000文字までで入力してください"))


def _text(label: Any) -> TextAreaField:
    return TextAreaField(label, filters=[tidied], validators=[_TEXT])


class ThemeRow(PlainForm):
    """A theme of a division; a row without a title is none."""

    kept_number = HiddenField()
    title = LineField(_l("テーマの名前"), validators=[_LINE])
    division_id = ChoiceField(_l("担当の課"), choices=[])
    issue = TextAreaField(_l("いま困っていること"), filters=[tidied], validators=[_TEXT], render_kw={"rows": 3})
    wish = TextAreaField(_l("NPOといっしょに行いたいこと"), filters=[tidied], validators=[_TEXT], render_kw={"rows": 3})

    def validate_title(self, field: LineField) -> None:
        if not field.data and (self.division_id.data or self.issue.data or self.wish.data):
            raise ValidationError(_("テーマの名前を入力してください"))

    def validate_division_id(self, field: ChoiceField) -> None:
        if self.title.data and not field.data:
            raise ValidationError(_("担当の課を選んでください"))

    def facts(self) -> ThemeFacts:
        kept_number, division_id = self.kept_number.data or "", int(self.division_id.data)
        return ThemeFacts(kept_number, division_id, self.title.data, self.issue.data, self.wish.data)


class CriterionRow(PlainForm):
    """A criterion; a row without a name is none."""

    name = LineField(_l("基準の名前"), validators=[Length(max=60, message=_l("60文字までで入力してください"))])
    description = LineField(_l("何を見るか"), validators=[Length(max=300, message=_l("300文字までで入力してください"))])
    weight = AmountField(_l("重み"), validators=[Optional(), NumberRange(1, 10, _l("重みは1から10までです"))])
    least_score = AmountField(_l("最低の点"), validators=[Optional(), NumberRange(0, 9, _l("点は0から10までです"))])
    most_score = AmountField(_l("最高の点"), validators=[Optional(), NumberRange(1, 10, _l("点は0から10までです"))])

    def validate_name(self, field: LineField) -> None:
        if not field.data and self.description.data:
            raise ValidationError(_("基準の名前を入力してください"))

    def validate_most_score(self, field: AmountField) -> None:
        facts = self.facts()
        if field.data is not None and facts.most_score <= facts.least_score:
            raise ValidationError(_("最高の点は、最低の点より大きくしてください"))

    def facts(self) -> CriterionFacts:
        """A field left empty means the usual weight and range."""
        usual = CriterionFacts(self.name.data or "", self.description.data or "")
        given = {
            name: self[name].data for name in ("weight", "least_score", "most_score") if self[name].data is not None
        }
        return replace(usual, **given)


class CallForm(Form):
    """All that a call says; ``change_reason`` only where one is published already."""

    version = HiddenField()
    title = LineField(_l("募集の名前"), validators=[DataRequired(_l("募集の名前を入力してください")), _LINE])
    aim = _text(_l("募集の目的"))
    eligibility = _text(_l("応募できる団体と事業"))
    accepts_free_theme = BooleanField(_l("自由テーマの提案を受け付ける"))
    themes = FieldList(FormField(ThemeRow), _l("県が募集するテーマ"), min_entries=MOST_THEMES, max_entries=MOST_THEMES)
    consultation_from_on = DayField(_l("事前意見交換を始める日"))
    opens_on = DayField(_l("募集を始める日"), validators=[InputRequired(_l("募集を始める日を入力してください"))])
    closes_on = DayField(_l("締め切りの日"), validators=[InputRequired(_l("締め切りの日を入力してください"))])
    grace_minutes = SelectField(
        _l("締め切りの猶予"),
        choices=[SelectChoice(value=str(one), label=_l("%(minutes)s分", minutes=one)) for one in GRACES],
        default="0",
    )
    papers_on = DayField(StageKind.PAPERS.label)
    papers_place = LineField(_l("第1次審査の場所"), validators=[Length(max=200)])
    presentation_on = DayField(StageKind.PRESENTATION.label)
    presentation_place = LineField(_l("公開プレゼンテーションの場所"), validators=[Length(max=200)])
    criteria = FieldList(FormField(CriterionRow), _l("審査基準"), min_entries=MOST_CRITERIA, max_entries=MOST_CRITERIA)
    pass_percent = AmountField(
        _l("採択の目安"), validators=[Optional(), NumberRange(1, 100, _l("1から100までで入力してください"))]
    )
    publication_rules = _text(_l("公開と情報の扱いの決まり"))
    change_reason = TextAreaField(
        _l("変える理由"), filters=[tidied], validators=[Length(max=1000, message=_l("1000文字までで入力してください"))]
    )

    def __init__(self, divisions: Sequence[Division], facts: CallFacts | None = None, *, version: int = 0) -> None:
        super().__init__(data=stored(facts, version) if facts else {})
        choices = [SelectChoice(value="", label=_("選んでください"))]
        choices += [SelectChoice(value=str(row.id), label=f"{row.department} {row.name}") for row in divisions]
        for entry in self.themes.entries:
            entry.form.division_id.choices = choices

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        can_be_read = not (self.themes.errors or self.grace_minutes.errors)
        if self.opens_on.data and self.closes_on.data and can_be_read:
            for name, words in dates_out_of_order(self.facts()).items():
                self[name].errors = [*self[name].errors, words]
                is_valid = False
        return is_valid

    @property
    def seen_version(self) -> int:
        return hidden_number(self.version.data)

    def facts(self) -> CallFacts:
        days = (
            (StageKind.PAPERS, self.papers_on, self.papers_place),
            (StageKind.PRESENTATION, self.presentation_on, self.presentation_place),
        )
        return CallFacts(
            title=self.title.data,
            aim=self.aim.data,
            eligibility=self.eligibility.data,
            publication_rules=self.publication_rules.data,
            accepts_free_theme=self.accepts_free_theme.data,
            consultation_from_on=self.consultation_from_on.data,
            opens_on=given_day(self.opens_on),
            closes_on=given_day(self.closes_on),
            grace_minutes=int(self.grace_minutes.data),
            pass_percent=self.pass_percent.data,
            themes=tuple(entry.form.facts() for entry in self.themes.entries if entry.form.title.data),
            stages=tuple(StageFacts(kind, day.data, place.data) for kind, day, place in days if day.data),
            criteria=tuple(entry.form.facts() for entry in self.criteria.entries if entry.form.name.data),
        )


class NewCallForm(CallForm):
    """A call that does not exist yet also needs its fiscal year."""

    fiscal_year = SelectField(_l("年度"), choices=[])

    def __init__(self, divisions: Sequence[Division], template: CriteriaTemplate) -> None:
        super().__init__(divisions)
        this_fy = fiscal_year.fiscal_year_of(clock.today())
        self.fiscal_year.choices = [
            SelectChoice(value=str(fy), label=fiscal_year.label(fy)) for fy in (this_fy, this_fy + 1)
        ]
        if not self.is_submitted():
            self.begin_with(template)

    def begin_with(self, template: CriteriaTemplate) -> None:
        """Fill in the criteria that were published elsewhere, and the words that most calls need."""
        self.accepts_free_theme.data = True
        self.grace_minutes.data = "30"
        self.pass_percent.data = template.pass_percent
        self.eligibility.data = ELIGIBILITY
        self.publication_rules.data = PUBLICATION_RULES
        for entry, row in zip(self.criteria.entries, template.criteria, strict=False):
            for name in ("name", "description", "weight", "least_score", "most_score"):
                entry.form[name].data = getattr(row, name)


class CancelForm(Form):
    """Why a call is cancelled."""

    version = HiddenField()
    reason = TextAreaField(
        _l("中止する理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT]
    )


def given_day(field: DayField) -> date:
    """Return the day of a field that had to be filled in. Errors: ValueError before the form was validated."""
    if field.data is None:
        raise ValueError(f"{field.name} has no day")
    return field.data


ELIGIBILITY = (
    "三重県内で活動する、民間で営利を目的としない団体（法人格は問いません）。\n"
    "宗教活動や政治活動をおもな目的とする団体、特定の公職の候補者・公職にある人・政党を推薦、支持、反対する団体は、応募できません。\n"
    "団体と役員が、暴力団や暴力団員と関係がないこと。\n"
    "県といっしょに行う事業であること。"
)
"""Source: 三重県 平成15年度 NPOからの協働事業提案 募集要綱; organised crime: later programmes of Mie."""

PUBLICATION_RULES = (
    "提案の題名、団体の名前、結果とその理由は公開します。\n"
    "計画と予算は、提案した団体が公開してよいとしたときだけ公開します。\n"
    "審査委員の点数の明細と、決裁の前の案は、結果を通知するまで公開しません。\n"
    "公文書の開示の請求があったときは、三重県情報公開条例にしたがいます。"
)


def stored(facts: CallFacts, version: int) -> dict[str, Any]:
    """Return a call as the form's data."""
    days = {stage.kind: stage for stage in facts.stages}
    papers, presentation = days.get(StageKind.PAPERS), days.get(StageKind.PRESENTATION)
    plain = ("title", "aim", "eligibility", "publication_rules", "accepts_free_theme", "consultation_from_on")
    return {name: getattr(facts, name) for name in (*plain, "opens_on", "closes_on", "pass_percent")} | {
        "version": version,
        "grace_minutes": str(facts.grace_minutes),
        "papers_on": papers.held_on if papers else None,
        "papers_place": papers.place if papers else "",
        "presentation_on": presentation.held_on if presentation else None,
        "presentation_place": presentation.place if presentation else "",
        "themes": [
            {
                "kept_number": row.number,
                "title": row.title,
                "division_id": str(row.division_id),
                "issue": row.issue,
                "wish": row.wish,
            }
            for row in facts.themes
        ],
        "criteria": [
            {name: getattr(row, name) for name in ("name", "description", "weight", "least_score", "most_score")}
            for row in facts.criteria
        ],
    }
