"""What judges and the office fill in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from matchmaker.accounts.models import User
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
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review.criteria import Criterion
from matchmaker.review.panel_models import ScoreSheet
from matchmaker.review.score_sheets import Scored
from matchmaker.review.workflow import Outcome

_LONG = Length(max=2000, message=_l("2000文字までで入力してください"))
_LINE = Length(max=120, message=_l("120文字までで入力してください"))
NO_TIE = "none"


def _long_text(label: Any, *validators: Any) -> TextAreaField:
    return TextAreaField(label, filters=[tidied], validators=[*validators, _LONG])


def _kind_choices(kinds: Iterable[TieKind]) -> list[SelectChoice]:
    return [SelectChoice(value=kind.value, label=kind.label) for kind in kinds]


class TieForm(Form):
    """What the judge says about ties, before any text is shown."""

    tie = RadioField(
        _l("この団体・提案との利害関係"),
        choices=[SelectChoice(value=NO_TIE, label=_l("利害関係はありません")), *_kind_choices(TieKind)],
        validators=[InputRequired(_l("利害関係の有無を選んでください"))],
    )
    words = _long_text(_l("どんな関係か"))

    def validate_words(self, field: TextAreaField) -> None:
        if self.tie.data not in (None, NO_TIE) and not field.data:
            raise ValidationError(_("どんな関係かを入力してください"))

    @property
    def kind(self) -> TieKind | None:
        return None if self.tie.data == NO_TIE else TieKind(self.tie.data)


class LateTieForm(TieForm):
    """A tie that the judge learned of after they had said that there was none."""

    tie = RadioField(
        _l("わかった利害関係"),
        choices=_kind_choices(TieKind),
        validators=[InputRequired(_l("利害関係の種類を選んでください"))],
    )
    words = _long_text(_l("どんな関係か"), DataRequired(_l("どんな関係かを入力してください")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="late-", **kwargs)


class SheetForm(Form):
    """A score sheet; ``sheet_form`` adds score and reason of each criterion."""

    version = HiddenField()
    criteria: Sequence[Criterion] = ()
    comment = _long_text(_l("全体についての意見"))

    @property
    def opened_as(self) -> int:
        return hidden_number(self.version.data)

    def scored(self) -> dict[str, Scored]:
        """Return what was given to each criterion, by its key; a score that is not on the sheet is none."""
        found = {}
        for place, criterion in enumerate(self.criteria, start=1):
            typed = self[f"score_{place}"].data
            offered = {str(one) for one in range(criterion.least_score, criterion.most_score + 1)}
            found[criterion.key] = Scored(int(typed) if typed in offered else None, self[f"reason_{place}"].data or "")
        return found

    def require_all(self) -> bool:
        """Say what is missing beside its field; a sheet is handed in whole."""
        scored, is_whole = self.scored(), True
        for place, criterion in enumerate(self.criteria, start=1):
            given = scored[criterion.key]
            if given.score is None:
                self[f"score_{place}"].errors = [_("点を選んでください")]
            if not given.reason:
                self[f"reason_{place}"].errors = [_("理由を入力してください")]
            is_whole = is_whole and given.score is not None and bool(given.reason)
        return is_whole


def sheet_form(criteria: Sequence[Criterion], sheet: ScoreSheet | None, *, is_sent: bool = False) -> SheetForm:
    """Return the form of a sheet on these criteria with what is stored of it, or with what the request sent."""
    fields: dict[str, Any] = {"criteria": criteria}
    for place, one in enumerate(criteria, start=1):
        fields[f"score_{place}"] = RadioField(
            _("「%(name)s」の点", name=one.name),
            choices=[
                SelectChoice(value=str(score), label=str(score)) for score in range(one.least_score, one.most_score + 1)
            ],
            validate_choice=False,
        )
        fields[f"reason_{place}"] = _long_text(_("「%(name)s」の理由", name=one.name))
    data: dict[str, Any] = {"version": sheet.version if sheet else 0, "comment": sheet.comment if sheet else ""}
    for place, entry in enumerate(sheet.entries if sheet else (), start=1):
        data[f"score_{place}"] = "" if entry.score is None else str(entry.score)
        data[f"reason_{place}"] = entry.reason
    kind: type[SheetForm] = type("SheetFormOfCriteria", (SheetForm,), fields)
    return kind(data=data) if is_sent else kind(formdata=None, data=data)


class AssignForm(Form):
    """The words around the table of who judges what; the table itself sends ``pair``, each "judge-proposal"."""

    seen = HiddenField()
    due_on = DayField(_l("採点の期限"), validators=[Optional()])
    reason = _long_text(_l("担当から外す理由"))

    def validate_due_on(self, field: DayField) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError(_("今日からあとの日を入力してください"))


class AffiliationForm(Form):
    """What a judge works for or is an officer of."""

    judge_id = ChoiceField(_l("委員"), validators=[InputRequired(_l("委員を選んでください"))])
    kind = RadioField(
        _l("かかわり"),
        choices=_kind_choices((TieKind.EMPLOYER, TieKind.OFFICER)),
        default=TieKind.EMPLOYER.value,
        validators=[InputRequired(_l("かかわりを選んでください"))],
    )
    name = LineField(_l("団体・勤務先の名前"), validators=[_LINE])
    division_id = ChoiceField(_l("県の課"))

    def __init__(self, judges: Sequence[User], divisions: Sequence[Division]) -> None:
        super().__init__()
        none = SelectChoice(value="", label=_("選んでください"))
        self.judge_id.choices = [none, *(SelectChoice(value=str(one.id), label=one.name) for one in judges)]
        self.division_id.choices = [
            SelectChoice(value="", label=_("県の課ではない")),
            *(SelectChoice(value=str(one.id), label=f"{one.department} {one.name}") for one in divisions),
        ]

    def validate_name(self, field: LineField) -> None:
        if not field.data and not self.division_id.data:
            raise ValidationError(_("団体・勤務先の名前を入力するか、県の課を選んでください"))


class RecuseForm(Form):
    """A tie of a judge that the office learned of."""

    judge_id = ChoiceField(_l("委員"), validators=[InputRequired(_l("委員を選んでください"))])
    kind = ChoiceField(_l("利害関係の種類"), choices=_kind_choices(TieKind), default=TieKind.OTHER.value)
    words = _long_text(_l("理由"), DataRequired(_l("理由を入力してください")))

    def __init__(self, judges: Iterable[User]) -> None:
        super().__init__(prefix="recuse-")
        self.judge_id.choices = [
            SelectChoice(value="", label=_("選んでください")),
            *(SelectChoice(value=str(one.id), label=one.name) for one in judges),
        ]


class ReasonForm(Form):
    """Nothing but the reason; the prefix keeps several on one page apart."""

    reason = _long_text(_l("理由"), DataRequired(_l("理由を入力してください")))


class MeetingForm(Form):
    """The minutes on one proposal; ``meeting_form`` adds the reason of each criterion and each judge's dissent."""

    criteria: Sequence[Criterion] = ()
    judges: Sequence[User] = ()
    seen = HiddenField()
    outcome = RadioField(_l("審査会の判断"), validators=[InputRequired(_l("審査会の判断を選んでください"))])
    held_on = DayField(_l("審査会の日"), validators=[InputRequired(_l("審査会の日を入力してください"))])
    chair = LineField(
        _l("議長"),
        validators=[DataRequired(_l("議長の名前を入力してください")), Length(max=80, message=_l("80文字までです"))],
    )
    present = CheckboxesField(_l("出席した委員"), validators=[InputRequired(_l("出席した委員を選んでください"))])
    quorum = AmountField(
        _l("定足数"),
        validators=[
            InputRequired(_l("定足数を入力してください")),
            NumberRange(1, 99, _l("1から99までで入力してください")),
        ],
    )
    reason = _long_text(_l("判断の理由"), DataRequired(_l("判断の理由を入力してください")))

    @property
    def seen_id(self) -> int:
        return hidden_number(self.seen.data)

    def validate_held_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("今日までの日を入力してください"))

    @property
    def present_ids(self) -> frozenset[int]:
        return frozenset(int(one) for one in self.present.data or [])

    @property
    def reasons(self) -> Mapping[str, str]:
        return {one.key: self[f"reason_{place}"].data for place, one in enumerate(self.criteria, start=1)}

    @property
    def dissents(self) -> Mapping[int, str]:
        said = {one.id: self[f"dissent_{one.id}"].data for one in self.judges}
        return {judge_id: words for judge_id, words in said.items() if words}


def meeting_form(
    criteria: Sequence[Criterion], judges: Sequence[User], outcomes: Iterable[Outcome], *, quorum: int, seen: int
) -> MeetingForm:
    """Return the form of a meeting of these judges on these criteria."""
    fields: dict[str, Any] = {"criteria": criteria, "judges": judges}
    for place, one in enumerate(criteria, start=1):
        fields[f"reason_{place}"] = _long_text(_("「%(name)s」についての理由", name=one.name))
    for judge in judges:
        fields[f"dissent_{judge.id}"] = _long_text(_("%(name)sさんの反対の意見", name=judge.name))
    data = {"held_on": clock.today(), "quorum": quorum, "present": [], "seen": seen}
    form: MeetingForm = type("MeetingFormOfProposal", (MeetingForm,), fields)(data=data)
    form.outcome.choices = [SelectChoice(value=one.value, label=one.label) for one in outcomes]
    form.present.choices = [SelectChoice(value=str(one.id), label=one.name) for one in judges]
    return form
