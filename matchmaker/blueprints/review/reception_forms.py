"""The checklist of reception as one form; its items are data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from matchmaker.blueprints.forms import DayField, Form, hidden_number, tidied
from matchmaker.foundation import clock
from matchmaker.review.reception import Checked, ReceptionItem, items
from matchmaker.review.reception_models import ReceptionAnswer, ReceptionCheck
from matchmaker.review.workflow import Action

USUAL_FIX_DAYS = 14
_FITS = Length(max=1000, message=_l("1000文字までで入力してください"))


class ReceptionForm(Form):
    """An answer and a note for each item, and what the three steps need beside them."""

    checklist: ClassVar[tuple[ReceptionItem, ...]] = ()
    seen = HiddenField()
    note = TextAreaField(_l("最後に書きそえること"), filters=[tidied], validators=[_FITS])
    fix_due_on = DayField(_l("修正の期限"))

    @property
    def seen_event_id(self) -> int:
        return hidden_number(self.seen.data)

    def answers(self) -> dict[str, Checked]:
        """Return the items that were answered."""
        given = {}
        for item in self.checklist:
            answer = self[f"answer_{item.key}"].data
            if answer in set(ReceptionAnswer):
                given[item.key] = Checked(ReceptionAnswer(answer), self[f"note_{item.key}"].data)
        return given

    def check_for(self, then: Action | None) -> bool:
        """Say whether the answers carry the step that was chosen; what is missing is said beside its field."""
        for item in self.checklist:
            field, answer = self[f"note_{item.key}"], self[f"answer_{item.key}"].data
            if answer in {ReceptionAnswer.NO.value, ReceptionAnswer.ASK.value} and not field.data:
                field.errors = [_("理由か、確かめたいことを入力してください")]
        day = self.fix_due_on.data
        if then is Action.RETURN_FOR_FIX and not self.fix_due_on.errors and (day is None or day <= clock.today()):
            self.fix_due_on.errors = [_("修正の期限に、明日からあとの日を入力してください")]
        return not self.errors


def reception_form(known: Mapping[str, ReceptionCheck], *, this_round: int, seen: int) -> ReceptionForm:
    """Return the form with the answers so far; of an earlier submission only what was in order is proposed."""
    fields: dict[str, Any] = {"checklist": items()}
    data: dict[str, Any] = {"seen": seen, "fix_due_on": clock.today() + timedelta(days=USUAL_FIX_DAYS)}
    for item in items():
        fields[f"answer_{item.key}"] = RadioField(
            item.question,
            choices=[SelectChoice(value=answer.value, label=answer.label) for answer in ReceptionAnswer],
            # A person may keep some items for later; no choice at all is none of the choices.
            validate_choice=False,
        )
        fields[f"note_{item.key}"] = TextAreaField(
            _("理由・確かめたいこと：%(question)s", question=item.question), filters=[tidied], validators=[_FITS]
        )
        row = known.get(item.key)
        if row is not None and (row.round == this_round or row.answer is ReceptionAnswer.YES):
            data[f"answer_{item.key}"], data[f"note_{item.key}"] = row.answer.value, row.note
    kind: type[ReceptionForm] = type("ChecklistForm", (ReceptionForm,), fields)
    return kind(data=data)
