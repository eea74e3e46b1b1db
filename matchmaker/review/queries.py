"""Find what is under review. Nothing of a decision leaves here before its release, except to those who review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.foundation.text import search_words
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import reviews
from matchmaker.proposals.recusals import open_to
from matchmaker.proposals.status import NOT_PUBLIC, WITH_RESULT, ProposalStatus
from matchmaker.review import workflow
from matchmaker.review.circulation_queries import Counted, counts_of, stalled_proposals
from matchmaker.review.decision_models import Letter
from matchmaker.review.models import Decision, DecisionStage, ReviewEvent
from matchmaker.review.workflow import INTERNAL, Action, Step

PAGE_SIZE = 20

_ENDED = WITH_RESULT | NOT_PUBLIC
"""States in which nobody of the review has anything to do."""

PAST_STEPS = {
    Action.SUBMIT: "提出",
    Action.RESUBMIT: "修正して再提出",
    Action.ACCEPT: "受理",
    Action.RETURN_FOR_FIX: "修正の依頼",
    Action.MARK_INELIGIBLE: "対象外",
    Action.LAPSE: "修正の期限切れによる休止",
    Action.RESUME: "休止からの再開",
    Action.CIRCULATE: "関係課への回付",
    Action.PRESENT: "発表",
    Action.SCORE: "審査会の判断",
    Action.DRAFT_DECISION: "起案",
    Action.SEND_BACK: "差し戻し",
    Action.DECIDE: "決裁",
    Action.ADOPT: "採択の通知",
    Action.REFER: "採択外（協議を仲介）の通知",
    Action.REJECT: "不採択の通知",
    Action.SHORTLIST: "第1次審査の通過の通知",
    Action.NOT_SHORTLIST: "第1次審査の不採択の通知",
    Action.HOLD: "保留の通知",
    Action.REOPEN: "再検討による審査の再開",
    Action.WITHDRAW: "取り下げ",
}
"""How the history says each step; the labels of ``Action`` are the words on buttons."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step as the reader may know it."""

    at: datetime
    actor: str
    label: str
    reason: str
    fix_due_on: date | None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the list of all reviews is narrowed to; ``is_stalled``: a division has not answered in time."""

    status: ProposalStatus | None = None
    is_stalled: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A proposal in the list: since when it stands where it stands, and what its circulation waits for."""

    proposal: Proposal
    since: datetime
    circulation: Counted

    def waiting_days(self, today: date) -> int:
        return (today - day_of(self.since)).days


def find_for(user: User, number: str) -> Proposal | None:
    """Return a submitted proposal by its official number, for those who review and have no tie with it."""
    if not user.may(Permission.REVIEW_READ):
        return None
    return db.session.scalar(select(Proposal).where(Proposal.number == number, open_to(user)))


def list_numbered(user: User, numbers: Sequence[str]) -> list[Proposal]:
    """Return those of the numbered proposals that ``find_for`` would give, in the order of the numbers."""
    if not user.may(Permission.REVIEW_READ):
        return []
    rows = db.session.scalars(select(Proposal).where(Proposal.number.in_(numbers), open_to(user)))
    found = {row.number: row for row in rows}
    return [found[number] for number in numbers if number in found]


def released_decision(proposal: Proposal) -> Decision | None:
    """Return the newest decision that the proposer and the public may read; without its letter none is told."""
    return db.session.scalar(
        select(Decision)
        .join(Letter, Letter.decision_id == Decision.id)
        .where(Decision.proposal_id == proposal.id, Decision.stage == DecisionStage.RELEASED)
        .order_by(Decision.released_at.desc(), Decision.id.desc())
        .limit(1)
    )


def told_letters(proposal: Proposal) -> list[Letter]:
    """Return the letters that were sent, the newest first."""
    return list(
        db.session.scalars(
            select(Letter)
            .join(Decision, Decision.id == Letter.decision_id)
            .where(Decision.proposal_id == proposal.id, Decision.stage == DecisionStage.RELEASED)
            .order_by(Decision.released_at.desc(), Letter.id.desc())
        )
    )


def find_told(proposal: Proposal, letter_id: int) -> Decision | None:
    """Return the decision of the proposal that a letter told."""
    return db.session.scalar(
        select(Decision)
        .join(Letter, Letter.decision_id == Decision.id)
        .where(Decision.proposal_id == proposal.id, Decision.stage == DecisionStage.RELEASED, Letter.id == letter_id)
    )


def current_decision(user: User, proposal: Proposal) -> Decision | None:
    """Return the newest draft or decision, sent-back ones included, for those who review."""
    if not user.may(Permission.REVIEW_READ):
        return None
    return db.session.scalar(
        select(Decision)
        .where(Decision.proposal_id == proposal.id)
        .order_by(Decision.id.desc())
        .limit(1)
        .options(joinedload(Decision.drafted_by), joinedload(Decision.decided_by))
    )


def find_decision_for(user: User, proposal: Proposal, decision_id: int) -> Decision | None:
    """Return one decision of the proposal, for those who review."""
    if not user.may(Permission.REVIEW_READ):
        return None
    return db.session.scalar(select(Decision).where(Decision.proposal_id == proposal.id, Decision.id == decision_id))


def steps_for(user: User, proposal: Proposal) -> list[Step]:
    """Return the steps that the person may take now: what the page shows as buttons."""
    permissions = user.permissions
    if user.organisation is None or user.organisation.id != proposal.organisation_id:
        permissions -= {Permission.PROPOSAL_SUBMIT}
    return workflow.steps_from(proposal.status, permissions)


def history_for(user: User | None, proposal: Proposal) -> list[HistoryEntry]:
    """Return what happened, oldest first: to reviewers all, to the proposer what is released, to others nothing.

    The proposer reads "NPO担当課" in place of the names of the prefecture's people.
    """
    if user is None:
        return []
    is_reviewer = reviews(user, proposal)
    if not is_reviewer and (user.organisation is None or user.organisation.id != proposal.organisation_id):
        return []
    query = select(ReviewEvent).where(ReviewEvent.proposal_id == proposal.id).order_by(ReviewEvent.id)
    if not is_reviewer:
        query = query.where(ReviewEvent.action.not_in(INTERNAL))
    return [_entry(event, is_reviewer) for event in db.session.scalars(query).all()]


def last_event_id(proposal: Proposal) -> int:
    """Return the id of the proposal's last step, 0 when there is none: what a page remembers of the state it showed."""
    return db.session.scalar(select(func.max(ReviewEvent.id)).where(ReviewEvent.proposal_id == proposal.id)) or 0


def queue_for(user: User, wanted: QueueFilter, *, number: int = 1) -> Page[QueueRow]:
    """Return submitted proposals: first those under way, the longest waiting on top."""
    where: list[ColumnElement[bool]] = [Proposal.submitted_at.is_not(None), open_to(user)]
    if wanted.status is not None:
        where.append(Proposal.status == wanted.status)
    if wanted.is_stalled:
        where.append(Proposal.id.in_(stalled_proposals()))
    where += [Proposal.search_text.contains(word, autoescape=True) for word in search_words(wanted.text)]
    total = db.session.scalar(select(func.count()).select_from(Proposal).where(*where)) or 0
    number = max(1, min(number, -(-total // PAGE_SIZE)))
    moved_at = select(func.max(ReviewEvent.at)).where(ReviewEvent.proposal_id == Proposal.id).scalar_subquery()
    since = func.coalesce(moved_at, Proposal.submitted_at)
    rows = db.session.execute(
        select(Proposal, since.label("since"))
        .where(*where)
        .order_by(case((Proposal.status.in_(sorted(_ENDED)), 1), else_=0), since, Proposal.id)
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    counts = counts_of(proposal.id for proposal, _since in rows)
    items = [QueueRow(proposal, since, counts.get(proposal.id, Counted())) for proposal, since in rows]
    return Page(items=items, number=number, size=PAGE_SIZE, total=total)


def _entry(event: ReviewEvent, is_reviewer: bool) -> HistoryEntry:
    actor = event.actor.name if event.actor else ""
    if event.actor and event.actor.is_staff and not is_reviewer:
        actor = _("NPO担当課")
    label = _(PAST_STEPS[event.action])
    if event.fix_due_on:
        label = _("%(step)s（期限：%(day)s）", step=label, day=japanese_date(event.fix_due_on))
    return HistoryEntry(event.at, actor, label, event.reason, event.fix_due_on)
