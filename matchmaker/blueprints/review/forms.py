"""What the office and the approver fill in. Every form carries the last step that the page showed (``seen``)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from matchmaker.blueprints.forms import DayField, Form, hidden_number, tidied
from matchmaker.foundation import clock
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import OUTCOMES_FROM, RELEASES, Action, Outcome

USUAL_FIX_DAYS = 14

_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))


def _reason_field(label: Any) -> TextAreaField:
    return TextAreaField(label, filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _FITS])


class StepForm(Form):
    """A step. ``seen`` is the id of the last step on the page, so that a step on an old page is noticed."""

    step_name: ClassVar[str]
    """Names the form on the page; the prefix keeps the ids of several forms apart."""

    seen = HiddenField()

    def __init__(self, formdata: Any = _Auto, **kwargs: Any) -> None:
        super().__init__(formdata, prefix=f"{self.step_name}-", **kwargs)

    @property
    def seen_event_id(self) -> int:
        return hidden_number(self.seen.data)


class AcceptForm(StepForm):
    """Nothing to say: the button is the step."""

    step_name = "accept"


class ReturnForm(StepForm):
    """What has to be mended, and until when."""

    step_name = "return-for-fix"

    reason = _reason_field(_l("直してほしいところと、その理由"))
    fix_due_on = DayField(_l("修正の期限"), validators=[InputRequired(_l("修正の期限を入力してください"))])

    def validate_fix_due_on(self, field: DayField) -> None:
        if field.data and field.data <= clock.today():
            raise ValidationError(_("明日からあとの日を入力してください"))


class CirculateForm(StepForm):
    """Nothing to say: the button is the step."""

    step_name = "circulate"


class PresentForm(StepForm):
    """Nothing to say: the button is the step."""

    step_name = "present"


class ScoreForm(StepForm):
    """Nothing to say: the button is the step."""

    step_name = "score"


class IneligibleForm(StepForm):
    """Why the proposal cannot be reviewed."""

    step_name = "mark-ineligible"

    reason = _reason_field(_l("対象外とする理由"))


class DraftForm(StepForm):
    """The decision that the office puts to the approver."""

    step_name = "draft-decision"

    outcome = RadioField(
        _l("結果の案"),
        choices=[SelectChoice(value=outcome.value, label=outcome.label) for outcome in Outcome],
        validators=[InputRequired(_l("結果の案を選んでください"))],
    )

    def offer(self, status: ProposalStatus) -> None:
        """Leave only the results that a decision may say at this stage."""
        self.outcome.choices = [SelectChoice(value=one.value, label=one.label) for one in OUTCOMES_FROM[status]]

    reason = _reason_field(_l("理由"))
    next_step = TextAreaField(_l("これから行うこと"), filters=[tidied], validators=[_FITS])

    def validate_next_step(self, field: TextAreaField) -> None:
        if self.outcome.data == Outcome.REFER.value and not field.data:
            raise ValidationError(_("協議の仲介を、だれと、いつまでに行うかを入力してください"))


class DecisionForm(StepForm):
    """A step on one decision."""

    decision_id = HiddenField()

    @property
    def decision_row_id(self) -> int:
        return hidden_number(self.decision_id.data)


class DecideForm(DecisionForm):
    """The approver agrees with the draft."""

    step_name = "decide"

    release_now = BooleanField(_l("決裁と同時に、結果と理由を提案者に知らせて公開する"), default=True)


class SendBackForm(DecisionForm):
    """Why the office has to draft again."""

    step_name = "send-back"

    reason = _reason_field(_l("差し戻す理由"))


class ReleaseForm(DecisionForm):
    """Nothing to say: the button is the step."""

    step_name = "release"


class ReopenForm(StepForm):
    """Why the prefecture itself judges anew."""

    step_name = "reopen"

    reason = _reason_field(_l("審査をやり直す理由"))


FORMS: dict[Action, type[StepForm]] = {
    Action.ACCEPT: AcceptForm,
    Action.RETURN_FOR_FIX: ReturnForm,
    Action.MARK_INELIGIBLE: IneligibleForm,
    Action.DRAFT_DECISION: DraftForm,
    Action.DECIDE: DecideForm,
    Action.SEND_BACK: SendBackForm,
    Action.CIRCULATE: CirculateForm,
    Action.PRESENT: PresentForm,
    Action.SCORE: ScoreForm,
    Action.REOPEN: ReopenForm,
} | dict.fromkeys(RELEASES.values(), ReleaseForm)


def empty_forms(actions: Iterable[Action], *, seen: int, decision: Decision | None) -> dict[str, StepForm]:
    """Return the forms of the steps that may be taken now; a draft that was sent back is the start of the next one."""
    proposed: dict[str, Any] = {"seen": seen, "fix_due_on": clock.today() + timedelta(days=USUAL_FIX_DAYS)}
    drafted: dict[str, Any] = {}
    if decision is not None:
        proposed["decision_id"] = decision.id
        if decision.stage is DecisionStage.SENT_BACK:
            drafted = {"outcome": decision.outcome.value, "reason": decision.reason, "next_step": decision.next_step}
    kinds = dict.fromkeys(FORMS[action] for action in actions if action in FORMS)
    return {kind.step_name: kind(None, data=proposed | drafted if kind is DraftForm else proposed) for kind in kinds}
