"""What is filled in about a request to disclose records."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from matchmaker.blueprints.forms import CheckboxesField, ChoiceField, DayField, Form, LineField, hidden_number, tidied
from matchmaker.directory.models import Organisation
from matchmaker.permissions.levels import WithholdingReason
from matchmaker.review.disclosure import RequestFacts
from matchmaker.review.disclosure_models import RecordKind
from matchmaker.review.disclosure_records import Field

_FITS = Length(max=2000, message=_l("2000文字までで入力してください"))
OPEN = ""


class RequestForm(Form):
    """A request as it came in."""

    requester = LineField(
        _l("請求した人"),
        validators=[
            DataRequired(_l("請求した人を入力してください")),
            Length(max=200, message=_l("200文字までで入力してください")),
        ],
    )
    subject = TextAreaField(
        _l("請求された文書"), filters=[tidied], validators=[DataRequired(_l("請求された文書を入力してください")), _FITS]
    )
    received_on = DayField(_l("受け付けた日"), validators=[InputRequired(_l("受け付けた日を入力してください"))])
    due_on = DayField(_l("決定の期限"), validators=[InputRequired(_l("決定の期限を入力してください"))])

    def to_facts(self) -> RequestFacts:
        """Return what was filled in. Errors: ValueError before the form was found right."""
        if self.received_on.data is None or self.due_on.data is None:
            raise ValueError("both days are required")
        return RequestFacts(self.requester.data, self.subject.data, self.received_on.data, self.due_on.data)


class PrefixedForm(Form):
    """One of several forms on a page."""

    name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"{self.name}-", **kwargs)


class ItemForm(PrefixedForm):
    """Records of a proposal."""

    name = "item"

    number = LineField(_l("提案の番号"), validators=[DataRequired(_l("提案の番号を入力してください"))])
    kinds = CheckboxesField(
        _l("文書"),
        choices=[SelectChoice(value=kind.value, label=kind.label) for kind in RecordKind],
        validators=[InputRequired(_l("文書を選んでください"))],
    )


class ConsultForm(PrefixedForm):
    """Whom to ask, and until when."""

    name = "consult"

    organisation = ChoiceField(_l("意見を聞く団体"), validators=[InputRequired(_l("団体を選んでください"))])
    due_on = DayField(_l("回答の期限"), validators=[InputRequired(_l("回答の期限を入力してください"))])

    def offer(self, organisations: Sequence[Organisation]) -> None:
        self.organisation.choices = [SelectChoice(value=one.number, label=one.name) for one in organisations]


class OpinionForm(PrefixedForm):
    """What a third party says."""

    name = "opinion"

    objects = RadioField(
        _l("ご意見"),
        choices=[
            SelectChoice(value="no", label=_l("開示してよい")),
            SelectChoice(value="yes", label=_l("開示に反対する（一部または全部）")),
        ],
        validators=[InputRequired(_l("ご意見を選んでください"))],
    )
    words = TextAreaField(_l("反対する部分と理由"), filters=[tidied], validators=[_FITS])


class DecisionForm(PrefixedForm):
    """What is decided on a request."""

    name = "decision"

    refuses = BooleanField(_l("全部を不開示にする"))
    reason = TextAreaField(
        _l("決定の理由"), filters=[tidied], validators=[DataRequired(_l("決定の理由を入力してください")), _FITS]
    )
    version = HiddenField()

    @property
    def opened_version(self) -> int:
        return hidden_number(self.version.data)


class RedactionForm(Form):
    """For each field of a record, whether it is kept back and why; ``offer`` makes the choices."""

    version = HiddenField()

    @property
    def opened_version(self) -> int:
        return hidden_number(self.version.data)

    @staticmethod
    def of(fields: Sequence[Field], chosen: dict[str, WithholdingReason], version: int) -> "RedactionForm":
        """Return the form of a record with what is kept back now."""
        choices = [SelectChoice(value=OPEN, label=_l("開示する"))]
        choices += [SelectChoice(value=one.value, label=one.label) for one in WithholdingReason]
        kind = type("RecordForm", (RedactionForm,), {})
        for field in fields:
            kept = chosen.get(field.key)
            setattr(
                kind,
                f"keep_{field.key}".replace("-", "_"),
                ChoiceField(field.label, choices=choices, default=kept.value if kept else OPEN),
            )
        form: RedactionForm = kind(data={"version": version})
        return form

    def reasons(self, fields: Sequence[Field]) -> dict[str, WithholdingReason]:
        """Return what is kept back, by field key."""
        said = {field.key: self.choice_of(field).data for field in fields}
        return {key: WithholdingReason(value) for key, value in said.items() if value}

    def choice_of(self, field: Field) -> Any:
        return self[f"keep_{field.key}".replace("-", "_")]
