"""What both sides fill in about consultations."""

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from matchmaker.accounts.desks import division_today
from matchmaker.accounts.models import User
from matchmaker.blueprints.forms import AmountField, ChoiceField, DayField, Form, LineField, narrowed, tidied
from matchmaker.directory.models import Division
from matchmaker.foundation.clock import JAPAN
from matchmaker.proposals.models import Proposal
from matchmaker.review.consultation import MOST_SLOTS_AT_ONCE, Offered
from matchmaker.review.consultation_models import ConsultationSlot
from matchmaker.review.joining import moment_in_words

MINUTES = (30, 45, 60, 90)
_TEXT = Length(max=3000, message=_l("3000文字までで入力してください"))


class OfferForm(Form):
    """Consecutive slots of one day."""

    on = DayField(_l("日"), validators=[InputRequired(_l("日を入力してください"))])
    starts = LineField(_l("始まる時刻"), filters=[narrowed], validators=[DataRequired(_l("時刻を入力してください"))])
    minutes = SelectField(
        _l("1枠の長さ"),
        choices=[SelectChoice(value=str(one), label=_l("%(minutes)s分", minutes=one)) for one in MINUTES],
        default="60",
    )
    count = AmountField(
        _l("続けて出す枠の数"),
        default=1,
        validators=[
            InputRequired(_l("枠の数を入力してください")),
            NumberRange(1, MOST_SLOTS_AT_ONCE, _l("1から12までで入力してください")),
        ],
    )
    seats = AmountField(
        _l("1枠に入れる団体の数"),
        default=1,
        validators=[
            InputRequired(_l("団体の数を入力してください")),
            NumberRange(1, 20, _l("1から20までで入力してください")),
        ],
    )
    is_online = BooleanField(_l("オンラインで行う"))
    place = LineField(
        _l("場所、またはオンラインのつなぎ方"),
        validators=[
            DataRequired(_l("場所か、つなぎ方を入力してください")),
            Length(max=200, message=_l("200文字までで入力してください")),
        ],
    )
    division_id = ChoiceField(_l("だれと話すか"), choices=[])

    def __init__(self, divisions: Sequence[Division], user: User) -> None:
        super().__init__()
        own = division_today(user)
        offered = [own] if own else divisions
        self.division_id.choices = [] if own else [SelectChoice(value="", label=_("NPO担当課"))]
        self.division_id.choices += [
            SelectChoice(value=str(row.id), label=f"{row.department} {row.name}") for row in offered
        ]
        if own and not self.is_submitted():
            self.division_id.data = str(own.id)

    def validate_starts(self, field: LineField) -> None:
        if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", field.data or ""):
            raise ValidationError(_("時刻は「13:30」のように入力してください"))

    def offered(self) -> Offered:
        hour, minute = (int(part) for part in self.starts.data.split(":"))
        return Offered(
            starts_at=datetime.combine(self.on.data or datetime.min.date(), time(hour, minute), JAPAN),
            minutes=int(self.minutes.data),
            count=self.count.data or 1,
            place=self.place.data,
            is_online=self.is_online.data,
            seats=self.seats.data or 1,
            division_id=int(self.division_id.data) if self.division_id.data else None,
        )


class ReasonForm(Form):
    """Why a slot or a booking is given up."""

    reason = TextAreaField(_l("理由"), filters=[tidied], validators=[DataRequired(_l("理由を入力してください")), _TEXT])


class BookForm(Form):
    """A draft, or a sentence of what is to be talked about."""

    proposal = ChoiceField(_l("話したい提案"), choices=[])
    subject = TextAreaField(_l("話したいこと"), filters=[tidied], validators=[_TEXT])

    def __init__(self, proposals: Sequence[Proposal], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.proposal.choices = proposal_choices(proposals)

    def validate_subject(self, field: TextAreaField) -> None:
        if not field.data and not self.proposal.data:
            raise ValidationError(_("提案を選ぶか、話したいことを入力してください"))


class LinkForm(Form):
    """Which proposal a talk is about."""

    proposal = ChoiceField(_l("この意見交換の提案"), choices=[])

    def __init__(self, proposals: Sequence[Proposal], chosen: Proposal | None = None) -> None:
        super().__init__(data={"proposal": chosen.public_number if chosen else ""})
        known = [*proposals] if chosen is None or chosen in proposals else [chosen, *proposals]
        self.proposal.choices = proposal_choices(known)


class MoveForm(Form):
    """Another slot."""

    slot = ChoiceField(_l("新しい枠"), choices=[], validators=[DataRequired(_l("新しい枠を選んでください"))])

    def __init__(self, slots: Sequence[ConsultationSlot]) -> None:
        super().__init__()
        self.slot.choices = [
            SelectChoice(value="", label=_("選んでください")),
            *(SelectChoice(value=str(slot.id), label=slot_label(slot)) for slot in slots),
        ]


class NoteForm(Form):
    """What was said, and what was agreed."""

    attendees = LineField(_l("出席した人"), validators=[Length(max=300, message=_l("300文字までで入力してください"))])
    said = TextAreaField(
        _l("話したこと"), filters=[tidied], validators=[DataRequired(_l("話したことを入力してください")), _TEXT]
    )
    agreed = TextAreaField(_l("合意したこと"), filters=[tidied], validators=[_TEXT])


def proposal_choices(proposals: Sequence[Proposal]) -> list[SelectChoice]:
    return [
        SelectChoice(value="", label=_("提案はまだない")),
        *(
            SelectChoice(
                value=row.public_number, label=f"{row.public_number} {row.title or _('（名前はまだありません）')}"
            )
            for row in proposals
        ),
    ]


def slot_label(slot: ConsultationSlot) -> str:
    """Return when, with whom and where, on one line."""
    who = slot.division.name if slot.division else _("NPO担当課")
    how = _("オンライン") if slot.is_online else slot.place
    return _("%(starts)sから　%(who)s　%(how)s", starts=moment_in_words(slot.starts_at), who=who, how=how)
