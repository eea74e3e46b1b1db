"""The same act on several proposals: each in a transaction of its own, with its own result, so that none is lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Division
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import DRAFTABLE, ProposalStatus
from matchmaker.review import circulation, circulation_queries, queries
from matchmaker.review.circulation import Question
from matchmaker.review.circulation_models import CirculationRequest


@dataclass(frozen=True, slots=True)
class Previewed:
    """One chosen proposal before the act; ``trouble`` says why it would be refused, "" when it would not."""

    proposal: Proposal
    trouble: str
    divisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one proposal. ``text`` may be shown; ``is_done`` tells success from refusal."""

    number: str
    title: str
    text: str
    is_done: bool


def preview_circulation(proposals: Iterable[Proposal]) -> list[Previewed]:
    """Say which of the proposals can be circulated now."""
    return [
        Previewed(
            proposal,
            ""
            if proposal.status in DRAFTABLE
            else _("いま「%(now)s」なので、回付できません。", now=proposal.status.label),
        )
        for proposal in proposals
    ]


def preview_reminders(proposals: Sequence[Proposal]) -> list[Previewed]:
    """Say which divisions would be reminded of which proposals."""
    asked: dict[int, list[str]] = {proposal.id: [] for proposal in proposals}
    for row in circulation_queries.list_open_of(proposals):
        asked[row.proposal_id].append(row.division.name)
    return [
        Previewed(
            proposal, "" if asked[proposal.id] else _("返事を待っている課はありません。"), tuple(asked[proposal.id])
        )
        for proposal in proposals
    ]


def circulate_each(
    numbers: Iterable[str], division_ids: Sequence[int], question: Question, *, actor: User, at: datetime
) -> list[Result]:
    """Send each proposal to the same divisions; those that owe an answer already are not asked twice."""

    def send(proposal: Proposal) -> str:
        divisions = db.session.scalars(
            select(Division).where(Division.id.in_(division_ids)).order_by(Division.id)
        ).all()
        first = proposal.status is ProposalStatus.ACCEPTED
        act = circulation.circulate if first else circulation.send_further
        sent = act(proposal, divisions, question, actor=actor, at=at)
        return _("回付しました：%(divisions)s", divisions="、".join(row.division.name for row in sent))

    return _each(numbers, send, actor=actor)


def remind_each(numbers: Iterable[str], *, actor: User, at: datetime) -> list[Result]:
    """Remind every division that owes an answer to the proposals; one that was reminded today is left alone."""

    def remind(proposal: Proposal) -> str:
        told = [_remind(request, actor=actor, at=at) for request in circulation_queries.list_open_of([proposal])]
        if not told:
            raise DomainError(_("返事を待っている課はありません。"))
        return "".join(told)

    return _each(numbers, remind, actor=actor)


def _remind(request: CirculationRequest, *, actor: User, at: datetime) -> str:
    try:
        circulation.remind(request, actor=actor, at=at)
    except circulation.RemindedToday as refusal:
        return str(refusal)
    return _("%(division)sに催促しました。", division=request.division.name)


def _each(numbers: Iterable[str], act: Callable[[Proposal], str], *, actor: User) -> list[Result]:
    results = []
    for number in dict.fromkeys(numbers):
        title = ""
        try:
            with transaction():
                proposal = queries.find_for(actor, number)
                if proposal is None:
                    continue
                title = proposal.title
                text, is_done = act(proposal), True
        except DomainError as refusal:
            text, is_done = str(refusal), False
        results.append(Result(number, title, text, is_done))
    return results
