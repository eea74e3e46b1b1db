"""The panel's work: who is asked to judge what, how far they are, and what each reader may see of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts.models import StaffRole, User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission, Role
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import Recusal, RecusalSource, TieKind
from matchmaker.proposals.recusals import is_recused, open_to
from matchmaker.proposals.status import SHOWN_AS_ACCEPTED, ProposalStatus
from matchmaker.review import score_sheets, ties
from matchmaker.review.call_models import Call
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_balance import Pair
from matchmaker.review.panel_decisions import list_of as list_decisions
from matchmaker.review.panel_models import PanelAssignment, PanelDecision, ScoreSheet
from matchmaker.review.panel_scores import Figures
from matchmaker.review.score_sheets import Occasion, occasion_of
from matchmaker.review.ties import Tie, Ties

JUDGED = (
    ProposalStatus.ACCEPTED,
    ProposalStatus.CIRCULATED,
    ProposalStatus.SHORTLISTED,
    ProposalStatus.PRESENTED,
)
"""The states in which judges are given work."""


class AssignmentsMoved(DomainError):
    """A colleague changed the assignments since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("ほかの人が先に割り当てを変えました。いまの割り当てを確認してください。"))


class EndNeedsReason(DomainError):
    """A judge was taken off without saying why."""

    def __init__(self) -> None:
        super().__init__(_("担当から外す理由を入力してください。"))


class TiedJudge(DomainError):
    """A judge with a tie cannot be given the proposal."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of those who judge a proposal have handed their sheet in: 2/4."""

    submitted: int
    judges: int

    @property
    def is_complete(self) -> bool:
        return self.judges > 0 and self.submitted == self.judges


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One proposal on a judge's list. A recused judge is told the number and nothing else."""

    assignment: PanelAssignment
    is_recused: bool
    occasion: Occasion | None
    sheet: ScoreSheet | None

    @property
    def waits(self) -> bool:
        """Whether the judge has something to do now."""
        if self.is_recused or self.assignment.proposal.status not in JUDGED:
            return False
        is_open = self.occasion is not None and (self.sheet is None or self.sheet.submitted_at is None)
        return is_open or not self.assignment.has_declared


@dataclass(frozen=True, slots=True)
class JudgeLine:
    """One judge of a proposal, as those who review see them: all sheets handed in, and the one that counts."""

    assignment: PanelAssignment
    recusal: Recusal | None
    sheets: list[ScoreSheet]
    counting: ScoreSheet | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """All that those who review know of the panel's work on a proposal; ``counting`` belongs to ``figures.totals``."""

    lines: list[JudgeLine]
    counting: list[ScoreSheet]
    figures: Figures | None
    progress: Progress
    decisions: list[PanelDecision]


@dataclass(frozen=True, slots=True)
class CriterionEvidence:
    """What stands on one criterion: the mean of the scores, and the panel's words."""

    key: str
    name: str
    mean: Fraction | None
    most_score: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class PanelEvidence:
    """What a decision can rest on. No judge is named; ``decision`` is what the meeting decided, if it was recorded."""

    decision: PanelDecision | None
    sheets: int
    mean: Fraction | None
    spread: Fraction | None
    criteria: list[CriterionEvidence]


def list_judges() -> list[User]:
    """Return everybody who has the panel's role and can sign in, by name.

    Whoever runs the review or decides is no judge: they read the others' sheets before their own would be in.
    """
    found = list(
        db.session.scalars(
            select(User)
            .where(
                User.suspended_at.is_(None),
                User.staff_roles.any((StaffRole.role == Role.PANEL) & StaffRole.ended_at.is_(None)),
            )
            .options(selectinload(User.memberships), selectinload(User.staff_roles))
            .order_by(User.name, User.id)
        )
    )
    return [one for one in found if not one.may(Permission.REVIEW_READ)]


def list_at_work(proposals: Iterable[Proposal]) -> list[User]:
    """Return the judges, and those who judge one of the proposals though they would be given none now."""
    judges = list_judges()
    ids = {row.judge_id for row in _current(proposals)} - {one.id for one in judges}
    return [*judges, *db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.name, User.id))]


def list_judged(user: User, call: Call | None, *, with_past: bool = False) -> list[Proposal]:
    """Return the proposals of a call, or those outside any call (None), that judges are given now.

    ``with_past`` adds those that judges were given before. Those that the person keeps out of are left out.
    """
    of_call: ColumnElement[bool] = Proposal.call_id == call.id if call else Proposal.call_id.is_(None)
    wanted = Proposal.status.in_(JUDGED) | _was_given() if with_past else Proposal.status.in_(JUDGED)
    return list(db.session.scalars(select(Proposal).where(of_call, wanted, open_to(user)).order_by(Proposal.number)))


def list_calls_with_work() -> list[Call]:
    """Return the calls that have or had proposals for the panel, the newest first."""
    concerned = select(Proposal.call_id).where(
        Proposal.status.in_(JUDGED) | _was_given(), Proposal.call_id.is_not(None)
    )
    return list(db.session.scalars(select(Call).where(Call.id.in_(concerned)).order_by(Call.id.desc())))


def find_call(call_id: int) -> Call | None:
    """Return a call by its id."""
    return db.session.get(Call, call_id)


def current_pairs(proposals: Iterable[Proposal]) -> set[Pair]:
    """Return who judges what now, recused judges left out."""
    rows = _current(proposals)
    out = _recused_pairs(proposals)
    return {(row.judge_id, row.proposal_id) for row in rows} - out


def known_ties(judges: Sequence[User], proposals: Sequence[Proposal]) -> Ties:
    """Return the ties that the records show and those that were declared, by judge and proposal."""
    found: Ties = defaultdict(list, ties.computed(judges, proposals))
    for recusal in ties.list_of(proposals):
        if recusal.lifted_at is None and recusal.source is not RecusalSource.COMPUTED:
            found[recusal.user_id, recusal.proposal_id].append(Tie(recusal.kind, recusal.source.label))
    return dict(found)


def assign(
    proposals: Sequence[Proposal],
    wanted: Collection[Pair],
    *,
    seen: Collection[Pair],
    reason: str,
    due_on: date | None,
    actor: User,
    at: datetime,
) -> None:
    """Make the assignments of these proposals the wanted ones; each new judge gets one mail for all.

    ``due_on``, where given, becomes the day of all. Ties that the records show are written down as recusals first.
    Errors: AssignmentsMoved, TiedJudge, EndNeedsReason.
    """
    for proposal in sorted(proposals, key=lambda one: one.id):
        locked(proposal)
    now = current_pairs(proposals)
    if now not in (set(seen), set(wanted)):
        raise AssignmentsMoved
    people, texts = {one.id: one for one in list_judges()}, {one.id: one for one in proposals}
    ties.recuse_by_records(list(people.values()), proposals, at=at)
    out = _recused_pairs(proposals)
    # A recused judge is not taken off: what they handed in stays where it was written.
    ended, begun = now - out - set(wanted), set(wanted) - now
    _require_free(set(wanted) & out | begun, out, people, texts)
    if ended and not reason.strip():
        raise EndNeedsReason
    for row in _current(proposals):
        if (row.judge_id, row.proposal_id) in ended:
            _end(row, reason, actor=actor, at=at)
        elif due_on is not None:
            row.due_on = due_on
    for judge_id, proposal_id in sorted(begun):
        db.session.add(
            PanelAssignment(
                proposal_id=proposal_id, judge_id=judge_id, due_on=due_on, assigned_by_id=actor.id, assigned_at=at
            )
        )
        audit.record(
            "office:panel-assignment:begin", texts[proposal_id].public_number, actor_id=actor.id, at=at, judge=judge_id
        )
    db.session.flush()
    for judge_id in sorted({judge_id for judge_id, _proposal_id in begun}):
        count = sum(1 for one, _proposal_id in begun if one == judge_id)
        _tell_judge(people[judge_id], count, due_on, at=at)


def check_ties(judges: Sequence[User], *, at: datetime) -> int:
    """Look through the records for ties with every proposal that is not decided; return how many pairs have one."""
    proposals = list(
        db.session.scalars(select(Proposal).where(Proposal.status.in_(sorted(SHOWN_AS_ACCEPTED))).order_by(Proposal.id))
    )
    return len(ties.recuse_by_records(judges, proposals, at=at))


def find_for_judge(user: User, number: str) -> PanelAssignment | None:
    """Return the person's assignment on a proposal, unless they keep out of it or the records show that they must."""
    found = db.session.scalar(
        select(PanelAssignment)
        .join(Proposal, Proposal.id == PanelAssignment.proposal_id)
        .where(PanelAssignment.judge_id == user.id, PanelAssignment.ended_at.is_(None), Proposal.number == number)
    )
    if found is None or is_recused(user, found.proposal):
        return None
    return None if ties.computed([user], [found.proposal]) else found


def office_recusal(proposal: Proposal, judge: User, *, kind: TieKind, words: str, actor: User, at: datetime) -> Recusal:
    """Keep a judge out because of what the office learned. Errors: ties.TieNeedsWords."""
    return ties.recuse(proposal, judge, RecusalSource.OFFICE, Tie(kind, words), actor=actor, at=at)


def list_own(user: User) -> list[OwnLine]:
    """Return the person's proposals: first what waits for them, the nearest day on top."""
    rows = list(
        db.session.scalars(
            select(PanelAssignment)
            .where(PanelAssignment.judge_id == user.id, PanelAssignment.ended_at.is_(None))
            .options(joinedload(PanelAssignment.proposal))
        )
    )
    proposals = [row.proposal for row in rows]
    out = _recused_pairs(proposals) | set(ties.computed([user], proposals))
    occasions = score_sheets.open_occasions(proposals)
    lines = []
    for row in rows:
        is_out = (user.id, row.proposal_id) in out
        occasion = None if is_out else occasions[row.proposal_id]
        lines.append(OwnLine(row, is_out, occasion, score_sheets.find_sheet(row, occasion)))
    return sorted(lines, key=lambda line: (not line.waits, line.assignment.due_on or date.max, line.assignment.id))


def waiting_for(user: User) -> list[WaitingItem]:
    """Return what waits for the person as a judge; before the declaration no more of a proposal than its name."""
    if not user.may(Permission.PANEL_SCORE):
        return []
    return [
        WaitingItem(
            kind=WaitingKind.SCORING,
            number=line.assignment.proposal.public_number,
            title=line.assignment.proposal.title,
            path=f"/panel/{line.assignment.proposal.public_number}",
            since=line.assignment.assigned_at,
            who=line.assignment.proposal.organisation.name,
            due_on=line.assignment.due_on,
            note="" if line.assignment.has_declared else _("先に、利害関係の有無を申告してください。"),
        )
        for line in list_own(user)
        if line.waits
    ]


def owes_sheet(user: User, proposal: Proposal) -> bool:
    """Say whether the person judges the proposal and has not handed their sheet in: then others' sheets stay closed."""
    if not user.may(Permission.PANEL_SCORE):
        return False
    return any(line.waits and line.assignment.proposal_id == proposal.id for line in list_own(user))


def list_others(assignment: PanelAssignment, occasion: Occasion) -> list[ScoreSheet]:
    """Return the other judges' sheets of an occasion; none before the judge's own is in, and none that was excluded."""
    own = score_sheets.find_sheet(assignment, occasion)
    if own is None or own.submitted_at is None:
        return []
    rows = db.session.scalars(
        select(PanelAssignment)
        .where(PanelAssignment.proposal_id == assignment.proposal_id, PanelAssignment.id != assignment.id)
        .options(joinedload(PanelAssignment.judge))
        .order_by(PanelAssignment.id)
    )
    return [sheet for row in rows for sheet in row.sheets if sheet.counts and occasion_of(sheet) == occasion]


def view_of(proposal: Proposal) -> PanelView:
    """Return the panel's work on a proposal, for those who review."""
    rows = db.session.scalars(
        select(PanelAssignment)
        .where(PanelAssignment.proposal_id == proposal.id)
        .options(joinedload(PanelAssignment.judge))
        .order_by(PanelAssignment.id)
    ).all()
    standing = {one.user_id: one for one in ties.list_of([proposal]) if one.lifted_at is None}
    lines = [
        JudgeLine(
            row,
            standing.get(row.judge_id),
            [sheet for sheet in row.sheets if sheet.submitted_at is not None],
            score_sheets.newest_counting(row),
        )
        for row in rows
    ]
    # A judge who was taken off by the office keeps what they handed in; it counts, as it did when it was given.
    counting = [line.counting for line in lines if line.counting is not None]
    return PanelView(
        lines,
        counting,
        score_sheets.figures_of(counting),
        progress_of([proposal])[proposal.id],
        list_decisions(proposal),
    )


def progress_of(proposals: Sequence[Proposal]) -> dict[int, Progress]:
    """Return how far each proposal's judging is, on its open occasion or else on the last one."""
    out = _recused_pairs(proposals)
    judging: dict[int, list[PanelAssignment]] = defaultdict(list)
    for row in _current(proposals):
        if (row.judge_id, row.proposal_id) not in out:
            judging[row.proposal_id].append(row)
    occasions = score_sheets.open_occasions(proposals)
    return {one.id: _progress(occasions[one.id], judging[one.id]) for one in proposals}


def evidence_for(proposal: Proposal) -> PanelEvidence:
    """Return what the panel gives a decision to rest on: means and the meeting's words, by criterion."""
    view = view_of(proposal)
    decision = next(iter(view.decisions), None)
    said = {row.key: row.reason for row in decision.reasons} if decision else {}
    figures = view.figures
    means = {one.key: one.mean for one in figures.criteria} if figures else {}
    most = {entry.key: entry.most_score for sheet in view.counting for entry in sheet.entries}
    return PanelEvidence(
        decision=decision,
        sheets=len(view.counting),
        mean=figures.mean if figures else None,
        spread=figures.spread if figures else None,
        criteria=[
            CriterionEvidence(one.key, one.name, means.get(one.key), most.get(one.key), said.get(one.key, ""))
            for one in criteria_of(proposal)
        ],
    )


def _was_given() -> ColumnElement[bool]:
    return Proposal.id.in_(select(PanelAssignment.proposal_id))


def _progress(occasion: Occasion | None, rows: list[PanelAssignment]) -> Progress:
    occasion = occasion or max(
        (occasion_of(sheet) for row in rows for sheet in row.sheets if sheet.counts), default=None
    )
    done = [score_sheets.find_sheet(row, occasion) for row in rows]
    return Progress(sum(1 for sheet in done if sheet is not None and sheet.counts), len(rows))


def _current(proposals: Iterable[Proposal]) -> Sequence[PanelAssignment]:
    return db.session.scalars(
        select(PanelAssignment)
        .where(PanelAssignment.proposal_id.in_([one.id for one in proposals]), PanelAssignment.ended_at.is_(None))
        .order_by(PanelAssignment.id)
    ).all()


def _recused_pairs(proposals: Iterable[Proposal]) -> set[Pair]:
    rows = db.session.execute(
        select(Recusal.user_id, Recusal.proposal_id).where(
            Recusal.proposal_id.in_([one.id for one in proposals]), Recusal.lifted_at.is_(None)
        )
    )
    return {(user_id, proposal_id) for user_id, proposal_id in rows}


def _require_free(
    wanted: Collection[Pair], out: set[Pair], people: dict[int, User], texts: dict[int, Proposal]
) -> None:
    for judge_id, proposal_id in sorted(wanted):
        judge, proposal = people.get(judge_id), texts.get(proposal_id)
        if judge is None or proposal is None or proposal.status not in JUDGED:
            raise AssignmentsMoved
        if (judge_id, proposal_id) in out:
            raise TiedJudge(
                _(
                    "%(judge)sさんは、%(number)s に利害関係があるため、担当にできません。",
                    judge=judge.name,
                    number=proposal.public_number,
                )
            )


def _end(row: PanelAssignment, reason: str, *, actor: User, at: datetime) -> None:
    row.ended_at, row.ended_by_id, row.end_reason = at, actor.id, reason
    audit.record(
        "office:panel-assignment:end", row.proposal.public_number, actor_id=actor.id, at=at, judge=row.judge_id
    )


def _tell_judge(judge: User, count: int, due_on: date | None, *, at: datetime) -> None:
    notices.tell(
        judge,
        "panel_assigned",
        at=at,
        count=count,
        due_on=due_on,
    )
