"""The weights as an administrator types them, and the words that go with using them."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form as PlainForm
from wtforms import HiddenField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import AmountField, CheckboxesField, DayField, Form, tidied
from matchmaker.foundation.text import half_width, tidy_line
from matchmaker.introductions.sentences import condition_label, criterion_label, level_label
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.weights import (
    ALWAYS_HARD,
    CONTENT_CRITERIA,
    TOTAL_POINTS,
    Criterion,
    InvalidRuleset,
    Neutral,
    RegionLevels,
    Ruleset,
    levels_out_of_order,
)

LONGEST_REASON = 500
SWITCHED = tuple(condition for condition in Refusal if condition not in ALWAYS_HARD)
_MINUS_SIGNS = "-−‐‑–—ー"


class WeightField(AmountField):
    """Whole points from 0 to a limit; what was typed stays in the box."""

    def __init__(self, label: Any, *, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most = most

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = half_width(tidy_line(valuelist[0] if valuelist else ""))
        if typed[:1] in tuple(_MINUS_SIGNS) and typed[1:].isdigit():
            self.typed, self.data = valuelist[0], None
            raise ValidationError(_l("0より小さい数は使えません。0以上の数を入力してください"))
        super().process_formdata(valuelist)

    def pre_validate(self, form: PlainForm) -> None:
        if self.data is None and not self.process_errors:
            raise ValidationError(_l("数を入力してください（使わないときは0）"))
        if self.data is not None and self.data > self.most:
            raise ValidationError(_("%(most)s以下の数を入力してください", most=f"{self.most:,}"))


def _weight(most: int) -> WeightField:
    return WeightField("", most=most)


LEVELS = tuple(asdict(RegionLevels()))


def _level(name: str) -> str:
    """The name of a level's box."""
    return f"level_{name}"


def _neutral(criterion: Criterion) -> str:
    """The name of the box for the share that a criterion gives when one side did not answer."""
    return f"neutral_{criterion.value}"


PERCENTS = (*map(_level, LEVELS), *map(_neutral, CONTENT_CRITERIA))
NUMBERS = (*map(str, CONTENT_CRITERIA), "one_sidedness", "pool_percent", *PERCENTS)


class RulesetForm(PlainForm):
    """All that is edited of a ruleset; it travels in the address, because looking at its effect changes nothing."""

    words = _weight(TOTAL_POINTS)
    bigrams = _weight(TOTAL_POINTS)
    meaning = _weight(TOTAL_POINTS)
    region = _weight(TOTAL_POINTS)
    needs = _weight(TOTAL_POINTS)
    theme = _weight(TOTAL_POINTS)
    business = _weight(TOTAL_POINTS)
    one_sidedness = _weight(TOTAL_POINTS)
    pool_percent = _weight(100)
    level_municipality = _weight(100)
    level_area = _weight(100)
    level_region = _weight(100)
    level_prefecture = _weight(100)
    level_served = _weight(100)
    level_nationwide = _weight(100)
    level_neighbour = _weight(100)
    level_elsewhere = _weight(100)
    neutral_words = _weight(100)
    neutral_bigrams = _weight(100)
    neutral_meaning = _weight(100)
    neutral_region = _weight(100)
    neutral_needs = _weight(100)
    neutral_theme = _weight(100)
    neutral_business = _weight(100)
    conditions = CheckboxesField(_l("一覧から外す条件"))

    def __init__(self, asked: MultiDict[str, str], base: Ruleset) -> None:
        super().__init__(_with_shares(asked, base) if "words" in asked else _values_of(base))
        self._base = base
        for criterion in CONTENT_CRITERIA:
            self[criterion.value].label.text = criterion_label(criterion)
            self[_neutral(criterion)].label.text = criterion_label(criterion)
        for name in LEVELS:
            self[_level(name)].label.text = level_label(name)
        self.one_sidedness.label.text = criterion_label(Criterion.ONE_SIDEDNESS)
        self.pool_percent.label.text = criterion_label(Criterion.POOL)
        self.conditions.choices = [SelectChoice(value=one.value, label=condition_label(one)) for one in SWITCHED]

    @property
    def content_fields(self) -> list[WeightField]:
        """The weights that have to add up."""
        return [self[criterion.value] for criterion in CONTENT_CRITERIA]

    @property
    def level_fields(self) -> list[WeightField]:
        """How near counts how much, the nearest first."""
        return [field for field in self if field.name.startswith("level_")]

    @property
    def neutral_fields(self) -> list[WeightField]:
        """What a criterion gives when one side did not answer."""
        return [self[_neutral(criterion)] for criterion in CONTENT_CRITERIA]

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if not is_valid:
            return False
        for nearer, farther in levels_out_of_order(self._levels()):
            self[_level(farther)].errors = [_order_error(nearer, self[_level(nearer)].data)]
            return False
        total = sum(field.data or 0 for field in self.content_fields)
        if total != TOTAL_POINTS:
            self.words.errors = [_sum_error(total)]
            return False
        return True

    def ruleset(self) -> Ruleset:
        """Return the ruleset of a valid form; what is not edited here stays as in the base. Errors: InvalidRuleset."""
        weights: Mapping[str, Any] = {name: self[name].data for name in NUMBERS if name not in PERCENTS}
        neutral = Neutral(**{criterion.value: self[_neutral(criterion)].data for criterion in CONTENT_CRITERIA})
        chosen = {Refusal(value) for value in self.conditions.data or []} | ALWAYS_HARD
        conditions = tuple(condition for condition in Refusal if condition in chosen)
        return replace(
            self._base,
            version=_("確認中"),
            hard_conditions=conditions,
            levels=self._levels(),
            neutral=neutral,
            **weights,
        )

    def checked(self) -> Ruleset | None:
        """Return the ruleset, or None with an error beside the field."""
        if not self.validate():
            return None
        try:
            return self.ruleset()
        except InvalidRuleset as fault:
            self.words.errors = [str(fault)]
            return None

    def as_query(self) -> dict[str, Any]:
        """Return the values as the address carries them."""
        return {**{name: self[name].data for name in NUMBERS}, "conditions": self.conditions.data or []}

    def _levels(self) -> RegionLevels:
        return RegionLevels(**{name: self[_level(name)].data for name in LEVELS})


class UseRulesetForm(Form):
    """Why a ruleset is made, from when it is used, and the edition that it was compared with."""

    base = HiddenField()
    in_force_from_on = DayField(_l("使い始める日"), validators=[InputRequired(_l("使い始める日を入力してください"))])
    reason = TextAreaField(
        _l("変える理由"),
        filters=[tidied],
        validators=[
            InputRequired(_l("変える理由を入力してください")),
            Length(max=LONGEST_REASON, message=_l("500文字以内で入力してください")),
        ],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid: bool = super().validate(extra_validators)
        if is_valid and not self.reason.data:
            self.reason.errors = [_("変える理由を入力してください")]
        return is_valid and not self.reason.errors

    @property
    def first_day(self) -> date:
        """The day of a valid form."""
        if self.in_force_from_on.data is None:
            raise ValueError("the form is not valid")
        return self.in_force_from_on.data

    @property
    def base_number(self) -> int:
        """The edition's number; 0, which is none, when the page was tampered with."""
        typed = self.base.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0


def _values_of(ruleset: Ruleset) -> MultiDict[str, str]:
    values = MultiDict((criterion.value, str(ruleset.weight(criterion))) for criterion in CONTENT_CRITERIA)
    values["one_sidedness"] = str(ruleset.one_sidedness)
    values["pool_percent"] = str(ruleset.pool_percent)
    values.update({_level(name): str(percent) for name, percent in asdict(ruleset.levels).items()})
    values.update({_neutral(one): str(getattr(ruleset.neutral, one.value)) for one in CONTENT_CRITERIA})
    values.setlist("conditions", [one.value for one in ruleset.hard_conditions if one in SWITCHED])
    return values


def _with_shares(asked: MultiDict[str, str], base: Ruleset) -> MultiDict[str, str]:
    """Complete an address that names weights alone."""
    values = asked.copy()
    for name, value in _values_of(base).items():
        if name in PERCENTS and name not in asked:
            values[name] = value
    return values


def _order_error(nearer: str, most: int) -> str:
    return _(
        "「%(nearer)s」（%(most)s%%）より遠いので、%(most)s以下の数にしてください",
        nearer=level_label(nearer),
        most=most,
    )


def _sum_error(total: int) -> str:
    if total == 0:
        return _("すべての重みが0です。少なくとも1つに点を入れ、合計を1,000点にしてください")
    if total > TOTAL_POINTS:
        return _(
            "7つの重みの合計が%(total)s点です。%(gap)s点へらして、ちょうど1,000点にしてください",
            total=f"{total:,}",
            gap=f"{total - TOTAL_POINTS:,}",
        )
    return _(
        "7つの重みの合計が%(total)s点です。%(gap)s点ふやして、ちょうど1,000点にしてください",
        total=f"{total:,}",
        gap=f"{TOTAL_POINTS - total:,}",
    )
