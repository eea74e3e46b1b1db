"""Which call a draft is written for, and whether it can still be submitted to it.

The one rule: a proposal goes to the call that its draft names, while that call is open; a draft that names none is a
standing proposal, which can be submitted on any day.
"""

from dataclasses import dataclass
from datetime import datetime

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import JAPAN, day_of
from matchmaker.foundation.database import locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import call_queries
from matchmaker.review.call_models import Call, CallPhase, CallTheme

STANDING = ""
"""The choice of no call."""


class CallIsFixed(DomainError):
    """The proposal was submitted: where it was submitted to is part of the record."""

    def __init__(self) -> None:
        super().__init__(_("提出した提案の募集は、変えられません。"))


class CannotJoin(DomainError):
    """The call does not take this proposal; the text stays a draft."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a draft can be written for: ``value`` is "" or "R8-C1" or "R8-C1/T-0005"."""

    value: str
    label: str


def choices(proposal: Proposal, at: datetime) -> list[Choice]:
    """Return what the draft can be written for now, what it was written for so far included."""
    found = [Choice(STANDING, _("どの募集にも応募しない（常時の提案として、いつでも提出できます）"))]
    for call in call_queries.list_current(at):
        found += _choices_of(call)
    chosen = chosen_value(proposal)
    if chosen not in {choice.value for choice in found}:
        old = call_queries.call_of(proposal)
        title = old.title if old else chosen
        found.append(Choice(chosen, _("%(title)s（締め切りました）", title=title)))
    return found


def chosen_value(proposal: Proposal) -> str:
    """Return the choice that the draft has made."""
    call, theme = call_queries.call_of(proposal), call_queries.theme_of(proposal)
    return _value(call, theme) if call else STANDING


def choose(proposal: Proposal, value: str, *, actor: User, at: datetime) -> None:
    """Write the draft for a call and a theme, or for none. Errors: CallIsFixed, CannotJoin."""
    locked(proposal)
    if proposal.status is not ProposalStatus.DRAFT:
        raise CallIsFixed
    if value == chosen_value(proposal):
        return
    call, theme = _found(value, at) if value else (None, None)
    proposal.call_id = call.id if call else None
    proposal.theme_id = theme.id if theme else None
    proposal.saved_at = at
    audit.record("npo:proposal:choose-call", proposal.public_number, actor_id=actor.id, at=at, choice=value)


def require_open(proposal: Proposal, *, at: datetime) -> None:
    """Make sure that the call which the draft names takes it at this moment. Errors: CannotJoin."""
    call = call_queries.call_of(proposal)
    if call is None:
        return
    phase = call.phase(at)
    if phase is not CallPhase.OPEN:
        raise CannotJoin(_refusal(call, phase))


def is_too_late(proposal: Proposal, *, at: datetime) -> bool:
    """Say whether the call that the draft names no longer takes it. A text returned for changes keeps its place."""
    call = call_queries.call_of(proposal)
    is_draft = proposal.status is ProposalStatus.DRAFT
    return is_draft and call is not None and call.phase(at) in (CallPhase.CLOSED, CallPhase.CANCELLED)


def rule_of(proposal: Proposal) -> str:
    """Return the sentence that says when the draft can be submitted, and by what it is judged."""
    call = call_queries.call_of(proposal)
    if call is None:
        return _("常時の提案として提出します。いつでも提出でき、公表している常時の基準で審査します。")
    theme = call_queries.theme_of(proposal)
    return _(
        "「%(title)s」の%(theme)sに応募します。提出できるのは、%(opens)sの0時から%(closes)sまで%(grace)sです。"
        "過ぎたときは、下書きは残り、常時の提案として提出できます。",
        title=call.title,
        theme=_("テーマ「%(title)s」", title=theme.title) if theme else _("自由テーマ"),
        opens=japanese_date(day_of(call.opens_at)),
        closes=moment_in_words(call.closes_at),
        grace=_("（猶予%(minutes)s分）", minutes=call.grace_minutes) if call.grace_minutes else "",
    )


def moment_in_words(at: datetime) -> str:
    """Return a moment in Japan to the minute.

    >>> from datetime import UTC
    >>> moment_in_words(datetime(2026, 6, 30, 14, 59, 59, tzinfo=UTC))
    '令和8年6月30日 23時59分'
    """
    local = at.astimezone(JAPAN)
    return f"{japanese_date(local.date())} {local.hour}時{local.minute:02d}分"


def _choices_of(call: Call) -> list[Choice]:
    until = moment_in_words(call.closes_at)
    offered = [(theme, _("テーマ「%(title)s」", title=theme.title)) for theme in call.themes]
    named: list[tuple[CallTheme | None, str]] = [*offered]
    if call.accepts_free_theme:
        named.insert(0, (None, _("自由テーマ")))
    return [
        Choice(_value(call, theme), _("%(call)s：%(theme)s（%(until)sまで）", call=call.title, theme=name, until=until))
        for theme, name in named
    ]


def _value(call: Call, theme: CallTheme | None) -> str:
    return f"{call.number}/{theme.number}" if theme else call.number


def _found(value: str, at: datetime) -> tuple[Call, CallTheme | None]:
    number, _slash, theme_number = value.partition("/")
    call = call_queries.find_for(None, number)
    if call is None:
        raise CannotJoin(_("この募集は見つかりませんでした。もう一度選んでください。"))
    phase = call.phase(at)
    if phase not in (CallPhase.COMING, CallPhase.OPEN):
        raise CannotJoin(_refusal(call, phase))
    theme = next((row for row in call.themes if row.number == theme_number), None)
    if theme is None and (theme_number or not call.accepts_free_theme):
        raise CannotJoin(_("「%(title)s」のテーマを選んでください。", title=call.title))
    return call, theme


def _refusal(call: Call, phase: CallPhase) -> str:
    if phase is CallPhase.COMING:
        return _(
            "「%(title)s」は、%(day)sの0時から提出できます。書いた内容は、下書きに残っています。",
            title=call.title,
            day=japanese_date(day_of(call.opens_at)),
        )
    if phase is CallPhase.CANCELLED:
        return _(
            "「%(title)s」は中止になったため、応募できません。書いた内容は、下書きに残っています。"
            "常時の提案としてなら、いつでも提出できます。",
            title=call.title,
        )
    return _(
        "「%(title)s」の締め切り（%(closes)s%(grace)s）を過ぎたため、この募集には出せません。"
        "書いた内容は、すべて下書きに残っています。常時の提案としてなら、いま提出できます。次の募集を待つこともできます。",
        title=call.title,
        closes=moment_in_words(call.closes_at),
        grace=_("、猶予%(minutes)s分", minutes=call.grace_minutes) if call.grace_minutes else "",
    )
