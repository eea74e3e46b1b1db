"""Score sheets (採点表): written by one judge, hidden from the others until theirs is in, never changed afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.call_models import CallStage, StageKind
from matchmaker.review.criteria import Criterion, criteria_of
from matchmaker.review.models import ReviewEvent
from matchmaker.review.panel_models import PanelAssignment, ScoreSheet, SheetEntry
from matchmaker.review.panel_scores import Figures, Mark, figures
from matchmaker.review.presentation_models import PresentationSlot
from matchmaker.review.workflow import Action


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """When a sheet is written: how often the proposal had come back for reconsideration, and at which stage."""

    reopenings: int
    stage: StageKind

    @property
    def label(self) -> str:
        return (
            _("再検討%(count)s回目・%(stage)s", count=self.reopenings, stage=self.stage.label)
            if self.reopenings
            else self.stage.label
        )


@dataclass(frozen=True, slots=True)
class Scored:
    """What a judge gives one criterion."""

    score: int | None
    reason: str


class SheetClosed(DomainError):
    """The proposal is at no stage at which it is scored."""


class SheetSubmitted(DomainError):
    """The sheet was handed in."""

    def __init__(self) -> None:
        super().__init__(_("この採点表は提出ずみです。提出した採点表は変えられません。"))


class SheetIncomplete(DomainError):
    """A score or a reason is missing."""


class NotDeclared(DomainError):
    """Ties come before the text, and before the scores."""

    def __init__(self) -> None:
        super().__init__(_("先に、利害関係の有無を申告してください。"))


def open_occasion(proposal: Proposal) -> Occasion | None:
    """Return the occasion for which sheets are taken now, if any."""
    return open_occasions([proposal])[proposal.id]


def open_occasions(proposals: Sequence[Proposal]) -> dict[int, Occasion | None]:
    """Return the open occasions by proposal, in a fixed number of queries."""
    reopened = _reopenings(proposals)
    awaiting = _awaiting_presentation(proposals)
    found: dict[int, Occasion | None] = {}
    for proposal in proposals:
        stage: StageKind | None = None
        if proposal.status in (ProposalStatus.ACCEPTED, ProposalStatus.CIRCULATED):
            stage = StageKind.PAPERS
        elif proposal.status is ProposalStatus.PRESENTED:
            stage = StageKind.PRESENTATION
        elif proposal.status is ProposalStatus.SHORTLISTED and proposal.id not in awaiting:
            stage = StageKind.PAPERS
        found[proposal.id] = Occasion(reopened.get(proposal.id, 0), stage) if stage else None
    return found


def closed_because(proposal: Proposal) -> str:
    """Return why no sheet is taken now, in a sentence; "" when one is."""
    if open_occasion(proposal) is not None:
        return ""
    if proposal.status is ProposalStatus.WITHDRAWN:
        return _("提案者がこの提案を取り下げたため、採点は終わりました。書いた採点表は、記録として残ります。")
    if proposal.status is ProposalStatus.SHORTLISTED:
        return _("採点は、公開プレゼンテーションが終わると始まります。")
    if proposal.status is ProposalStatus.HELD:
        return _("この提案は保留中のため、いまは採点できません。")
    if proposal.status in (
        ProposalStatus.SUBMITTED,
        ProposalStatus.RETURNED_FOR_FIX,
        ProposalStatus.LAPSED,
        ProposalStatus.DRAFT,
    ):
        return _("この提案はまだ受理されていないため、採点できません。")
    return _("採点の期間は終わりました。書いた採点表は、記録として残ります。")


def occasion_of(sheet: ScoreSheet) -> Occasion:
    """Return when a sheet was written."""
    return Occasion(sheet.reopenings, sheet.stage)


def find_sheet(assignment: PanelAssignment, occasion: Occasion | None) -> ScoreSheet | None:
    """Return the judge's sheet of an occasion, finished or not."""
    return next((one for one in assignment.sheets if occasion_of(one) == occasion), None)


def newest_counting(assignment: PanelAssignment) -> ScoreSheet | None:
    """Return the sheet by which the judge is counted: the last one handed in, unless it was excluded."""
    counting = [one for one in assignment.sheets if one.counts]
    return max(counting, key=occasion_of, default=None)


def save(
    assignment: PanelAssignment,
    scored: Mapping[str, Scored],
    *,
    comment: str,
    opened_as: int,
    actor: User,
    at: datetime,
) -> ScoreSheet:
    """Keep a sheet that is being written. ``opened_as`` is its version when the page was opened, 0 for a new one.

    Errors: NotDeclared, SheetClosed, SheetSubmitted; EditConflict when another window saved it first.
    """
    proposal = locked(assignment.proposal)
    locked(assignment)
    if not assignment.has_declared:
        raise NotDeclared
    occasion = open_occasion(proposal)
    if occasion is None:
        raise SheetClosed(closed_because(proposal))
    sheet = find_sheet(assignment, occasion)
    if sheet is not None and sheet.submitted_at is not None:
        raise SheetSubmitted
    if opened_as != (sheet.version if sheet else 0):
        raise EditConflict
    if sheet is None:
        sheet = ScoreSheet(assignment=assignment, stage=occasion.stage, reopenings=occasion.reopenings, saved_at=at)
        sheet.entries = [_entry(place, one) for place, one in enumerate(criteria_of(proposal), start=1)]
        db.session.add(sheet)
    sheet.saved_at, sheet.comment = at, comment
    for entry in sheet.entries:
        given = scored.get(entry.key, Scored(None, ""))
        entry.score, entry.reason = given.score, given.reason
    db.session.flush()
    audit.record("panel:sheet:save", proposal.public_number, actor_id=actor.id, at=at, stage=sheet.stage.value)
    return sheet


def submit(
    assignment: PanelAssignment,
    scored: Mapping[str, Scored],
    *,
    comment: str,
    opened_as: int,
    actor: User,
    at: datetime,
) -> ScoreSheet:
    """Hand a sheet in; from then on it stands, and the others' sheets open.

    A sheet after its due day is taken and marked as late while the stage lasts.
    Errors: those of ``save``; SheetIncomplete.
    """
    sheet = save(assignment, scored, comment=comment, opened_as=opened_as, actor=actor, at=at)
    missing = [entry.name for entry in sheet.entries if entry.score is None or not entry.reason.strip()]
    if missing:
        raise SheetIncomplete(_("点と理由を、すべての項目に入力してください：%(names)s", names="、".join(missing)))
    sheet.submitted_at = at
    sheet.is_late = assignment.due_on is not None and day_of(at) > assignment.due_on
    db.session.flush()
    audit.record(
        "panel:sheet:submit", assignment.proposal.public_number, actor_id=actor.id, at=at, stage=sheet.stage.value
    )
    return sheet


def marks_of(sheet: ScoreSheet) -> list[Mark]:
    """Return the marks of a sheet that was handed in."""
    return [
        Mark(entry.key, entry.score, entry.weight, entry.least_score, entry.most_score)
        for entry in sheet.entries
        if entry.score is not None
    ]


def figures_of(sheets: list[ScoreSheet]) -> Figures | None:
    """Return the figures of sheets; None when there are none, or when they do not rest on the same criteria."""
    rows = [marks_of(sheet) for sheet in sheets]
    shapes = {tuple((mark.key, mark.weight, mark.least_score, mark.most_score) for mark in row) for row in rows}
    return figures(rows) if len(shapes) == 1 else None


def _entry(position: int, criterion: Criterion) -> SheetEntry:
    return SheetEntry(
        position=position,
        key=criterion.key,
        name=criterion.name,
        weight=criterion.weight,
        least_score=criterion.least_score,
        most_score=criterion.most_score,
    )


def _reopenings(proposals: Sequence[Proposal]) -> dict[int, int]:
    rows = db.session.execute(
        select(ReviewEvent.proposal_id, func.count())
        .where(ReviewEvent.proposal_id.in_([one.id for one in proposals]), ReviewEvent.action == Action.REOPEN)
        .group_by(ReviewEvent.proposal_id)
    )
    return {row[0]: row[1] for row in rows}


def _awaiting_presentation(proposals: Sequence[Proposal]) -> set[int]:
    """Those that have yet to be presented: their call has that stage, or they have a slot."""
    of_call = select(CallStage.call_id).where(CallStage.kind == StageKind.PRESENTATION)
    with_slot = select(PresentationSlot.proposal_id)
    shortlisted = [one.id for one in proposals if one.status is ProposalStatus.SHORTLISTED]
    return set(
        db.session.scalars(
            select(Proposal.id).where(
                Proposal.id.in_(shortlisted), or_(Proposal.call_id.in_(of_call), Proposal.id.in_(with_slot))
            )
        )
    )
