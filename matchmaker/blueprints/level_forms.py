"""How far single fields are open."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from matchmaker.blueprints.forms import ChoiceField, DayField, Form
from matchmaker.permissions.levels import Level, WithholdingReason
from matchmaker.proposals.narrowing import OFFICE_NARROWS, OWNER_CHOOSES, OWNER_LEVELS
from matchmaker.proposals.questions import Question


class OwnerLevelsForm(Form):
    """One choice for each field that the owner may keep narrower."""

    @property
    def levels(self) -> dict[Question, Level]:
        return {question: Level(self[question.value].data) for question in OWNER_CHOOSES}


for _question in OWNER_CHOOSES:
    setattr(
        OwnerLevelsForm,
        _question.value,
        ChoiceField(
            _question.label,
            choices=[SelectChoice(value=level.value, label=level.label) for level in OWNER_LEVELS],
            default=Level.PUBLIC.value,
        ),
    )


class WithholdForm(Form):
    """One field that the office keeps back, and why."""

    question = ChoiceField(
        _l("項目"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in OFFICE_NARROWS],
        validators=[InputRequired(_l("項目を選んでください"))],
    )
    level = ChoiceField(
        _l("見られる人"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in Level if one is not Level.PUBLIC],
        validators=[InputRequired(_l("見られる人を選んでください"))],
    )
    reason = ChoiceField(
        _l("理由"),
        choices=[SelectChoice(value=one.value, label=one.label) for one in WithholdingReason],
        validators=[InputRequired(_l("理由を選んでください"))],
    )
    until_on = DayField(_l("いつまで（審議検討情報では必ず入力）"))


class LiftForm(Form):
    """Which field is opened again."""

    question = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="lift-", **kwargs)

    @property
    def chosen(self) -> Question | None:
        return next((one for one in Question if one.value == self.question.data), None)
