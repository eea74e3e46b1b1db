"""What the office and the approver fill in. Every form carries the last step that the page showed (``seen``)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.form import _Auto
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from matchmaker.blueprints.forms import (
    CheckboxesField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    hidden_number,
    tidied,
)
from matchmaker.directory import queries as directory
from matchmaker.foundation import clock
from matchmaker.proposals.models import Proposal
from matchmaker.review.criteria import Criterion, criteria_of
from matchmaker.review.decisions import JUDGES_NOTHING, UNSUCCESSFUL, Draft, Ground
from matchmaker.review.evidence import scores_of, sources_of, words_of_panel
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.other_grants import other_grants
from matchmaker.review.workflow import OUTCOMES_FROM, RELEASES, Action, Outcome

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


class GroundForm(PlainForm):
    """What was found under one criterion, and what it rests on."""

    source = ChoiceField(_l("おもな根拠"))
    second_source = ChoiceField(_l("もう1つの根拠"))
    finding = TextAreaField(_l("判断"), filters=[tidied], validators=[_FITS])

    criterion: Criterion
    score: str


class DraftForm(StepForm):
    """The decision that the office puts to the approver. ``offer`` fits it to the proposal before anything is read."""

    step_name = "draft-decision"

    outcome = RadioField(
        _l("結果の案"),
        choices=[SelectChoice(value=outcome.value, label=outcome.label) for outcome in Outcome],
        validators=[InputRequired(_l("結果の案を選んでください"))],
    )
    reason = _reason_field(_l("理由"))
    grounds = FieldList(FormField(GroundForm), label=_l("審査基準ごとの判断と根拠"), max_entries=20)
    next_step = TextAreaField(_l("これから行うこと"), filters=[tidied], validators=[_FITS])
    broker = LineField(_l("仲介する人"), validators=[Length(max=120, message=_l("120文字までで入力してください"))])
    broker_until_on = DayField(_l("仲介の期限"), validators=[Optional()])
    division_ids = CheckboxesField(_l("話し合う課"))
    grant_keys = CheckboxesField(_l("紹介するほかの助成"))
    awaits = TextAreaField(_l("待っていること"), filters=[tidied], validators=[_FITS])
    held_until_on = DayField(_l("いつまで待つか"), validators=[Optional()])

    def offer(self, proposal: Proposal) -> None:
        """Leave only the results that are possible now, and ask under each criterion what is there to rest on."""
        possible = OUTCOMES_FROM.get(proposal.status, ())
        self.outcome.choices = [SelectChoice(value=one.value, label=one.label) for one in possible]
        self.division_ids.choices = [
            SelectChoice(value=str(one.id), label=f"{one.department} {one.name}")
            for one in directory.list_divisions(on=clock.today())
        ]
        self.grant_keys.choices = [SelectChoice(value=one.key, label=one.label) for one in other_grants().values()]
        sources = [SelectChoice(value=one.key, label=one.label) for one in sources_of(proposal).values()]
        first, second = SelectChoice(value="", label=_("選んでください")), SelectChoice(value="", label=_("なし"))
        criteria, scores = criteria_of(proposal), scores_of(proposal)
        while len(self.grounds.entries) < len(criteria):
            self.grounds.append_entry()
        del self.grounds.entries[len(criteria) :]
        for entry, criterion in zip(self.grounds.entries, criteria, strict=True):
            entry.form.criterion, entry.form.score = criterion, scores.get(criterion.key, "")
            entry.form.source.choices = [first, *sources]
            entry.form.second_source.choices = [second, *sources]
        if not self.is_submitted():
            self._begin_with_the_panel(words_of_panel(proposal))

    def _begin_with_the_panel(self, said: Mapping[str, str]) -> None:
        """A new draft starts from what the panel found; the office changes it where it judges otherwise."""
        for entry in self.grounds.entries:
            inner = entry.form
            known = {choice.value for choice in inner.source.choices}
            if inner.criterion.key in said and not inner.finding.data and not inner.source.data:
                inner.finding.data = said[inner.criterion.key]
                inner.source.data = next(one for one in ("panel:decision", "panel:scores", "") if one in known)

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        outcome = next((one for one in Outcome if one.value == self.outcome.data), None)
        complaints = list(self._complaints(outcome)) if outcome is not None else []
        for field, words in complaints:
            field.errors = [*field.errors, words]
        # A list keeps the errors of its entries as they were before these.
        self.grounds.errors = [entry.errors for entry in self.grounds.entries if entry.errors]
        return is_valid and not complaints

    def _complaints(self, outcome: Outcome) -> Iterator[tuple[Any, str]]:
        if outcome in JUDGES_NOTHING:
            if not self.awaits.data:
                yield self.awaits, _("何を待つかを入力してください")
            if self.held_until_on.data is None or self.held_until_on.data <= clock.today():
                yield self.held_until_on, _("明日からあとの日を入力してください")
            return
        for entry in self.grounds.entries:
            if not entry.form.source.data:
                yield entry.form.source, _("「%(name)s」の根拠を選んでください", name=entry.form.criterion.name)
            if not entry.form.finding.data:
                yield entry.form.finding, _("「%(name)s」の判断を入力してください", name=entry.form.criterion.name)
        if outcome in UNSUCCESSFUL and not self.next_step.data:
            yield self.next_step, _("提案した団体がこれからできることを入力してください")
        if outcome is Outcome.REFER:
            yield from self._complaints_of_referral()

    def _complaints_of_referral(self) -> Iterator[tuple[Any, str]]:
        is_begun = self.broker.data or self.division_ids.data or self.broker_until_on.data
        if not is_begun and not self.grant_keys.data:
            words = _("だれが、どの課との話し合いを、いつまで仲介するかを入力するか、ほかの助成を選んでください")
            yield self.broker, words
        if is_begun and not self.broker.data:
            yield self.broker, _("だれが仲介するかを入力してください")
        if is_begun and not self.division_ids.data:
            yield self.division_ids, _("話し合う課を選んでください")
        if is_begun and (self.broker_until_on.data is None or self.broker_until_on.data <= clock.today()):
            yield self.broker_until_on, _("明日からあとの日を入力してください")

    def to_draft(self) -> Draft:
        """Return what was filled in; what belongs to another result is left out."""
        outcome = Outcome(self.outcome.data)
        is_referral, is_hold = outcome is Outcome.REFER, outcome is Outcome.HOLD
        return Draft(
            outcome=outcome,
            reason=self.reason.data,
            next_step=self.next_step.data,
            grounds=[
                Ground(
                    criterion_key=entry.form.criterion.key,
                    source_key=entry.form.source.data,
                    finding=entry.form.finding.data,
                    second_source_key=entry.form.second_source.data,
                )
                for entry in self.grounds.entries
            ],
            broker=self.broker.data if is_referral else "",
            broker_until_on=self.broker_until_on.data if is_referral else None,
            division_ids=[int(one) for one in self.division_ids.data or []] if is_referral else (),
            grant_keys=self.grant_keys.data or [] if is_referral else (),
            held_until_on=self.held_until_on.data if is_hold else None,
            awaits=self.awaits.data if is_hold else "",
        )

    def findings(self) -> list[tuple[str, str]]:
        """Return what was typed under each criterion, for a page that must not lose it."""
        typed = [(entry.form.criterion.name, entry.form.finding.data) for entry in self.grounds.entries]
        return [(name, words) for name, words in typed if words]


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
    Action.DRAFT_DECISION: DraftForm,
    Action.DECIDE: DecideForm,
    Action.SEND_BACK: SendBackForm,
    Action.REOPEN: ReopenForm,
} | dict.fromkeys(RELEASES.values(), ReleaseForm)


def empty_forms(actions: Iterable[Action], *, seen: int, decision: Decision | None) -> dict[str, StepForm]:
    """Return the forms of the steps that may be taken now; a draft that was sent back is the start of the next one."""
    proposed: dict[str, Any] = {"seen": seen}
    drafted: dict[str, Any] = {}
    if decision is not None:
        proposed["decision_id"] = decision.id
        if decision.stage is DecisionStage.SENT_BACK:
            drafted = drafted_before(decision)
    kinds = dict.fromkeys(FORMS[action] for action in actions if action in FORMS)
    return {kind.step_name: kind(None, data=proposed | drafted if kind is DraftForm else proposed) for kind in kinds}


def drafted_before(decision: Decision) -> dict[str, Any]:
    """Return an earlier draft as the values of the next one's form."""
    referral = decision.referral
    return {
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "next_step": decision.next_step,
        "grounds": [
            {"source": one.source_key, "second_source": one.second_source_key, "finding": one.finding}
            for one in decision.grounds
        ],
        "broker": referral.broker if referral else "",
        "broker_until_on": referral.until_on if referral else None,
        "division_ids": [str(one.id) for one in referral.divisions] if referral else [],
        "grant_keys": [one.grant_key for one in referral.grants] if referral else [],
        "awaits": decision.awaits,
        "held_until_on": decision.held_until_on,
    }
