"""What the planner reads: the year's count from its newest snapshot, what waits, and what became of earlier cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.indicators import queries
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.models import OfficialFigure
from matchmaker.indicators.planner import Conversion, Forecast, Stage, Step, Waiting, forecast, to_move
from matchmaker.projects.models import Project
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import DRAFTABLE, ProposalStatus

YEARS_OF_HISTORY = 5
"""So many counted years tell how many confirmed projects the rule counts."""

MOST_NAMED = 100
"""A longer list would be no plan for a month."""

IN_REVIEW = DRAFTABLE | {
    ProposalStatus.SUBMITTED,
    ProposalStatus.RETURNED_FOR_FIX,
    ProposalStatus.DECISION_DRAFTED,
    ProposalStatus.DECIDED,
}
NOT_ADOPTED = (
    ProposalStatus.REFERRED,
    ProposalStatus.REJECTED,
    ProposalStatus.NOT_SHORTLISTED,
    ProposalStatus.INELIGIBLE,
    ProposalStatus.WITHDRAWN,
    ProposalStatus.LAPSED,
)
GIVEN_UP = (ProjectStatus.DISSOLVED, ProjectStatus.MERGED, ProjectStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Plan:
    """A fiscal year's target, count, range, and what would close the gap. ``target`` is None where none is printed."""

    fy: int
    printed_target: OfficialFigure | None
    target: int | None
    snapshot: LedgerSnapshot | None
    waiting: dict[Stage, int]
    history: dict[Step, Conversion]
    forecast: Forecast
    to_move: list[Waiting]

    @property
    def counted(self) -> int:
        return self.forecast.counted

    @property
    def gap(self) -> int:
        """How many are missing to the target; 0 when it is reached or there is none."""
        return max(0, (self.target or 0) - self.counted)

    @property
    def movable(self) -> int:
        """How many of the missing could come from what waits; ``to_move`` names the first ``MOST_NAMED``."""
        return min(self.gap, sum(self.waiting.values()))

    @property
    def still_missing(self) -> int:
        """How many would be missing even if all that waits were counted."""
        return max(0, self.gap - sum(self.waiting.values()))


def plan(fy: int, *, tried_target: int | None = None) -> Plan:
    """Return the plan of a fiscal year, with its printed target or one that somebody tries out."""
    years = {year.fy: year for year in queries.official_years(PROJECTS)}
    printed = years[fy].target if fy in years else None
    target = tried_target if tried_target is not None else int(printed.value) if printed else None
    snapshots = queries.latest_snapshots()
    snapshot = snapshots.get(fy)
    counted = snapshot.value if snapshot else 0
    waits = _waiting(fy, snapshot)
    waiting = {stage: _count(query) for stage, query in waits.items()}
    history = conversions(snapshots)
    gap = max(0, (target or 0) - counted)
    return Plan(
        fy=fy,
        printed_target=printed,
        target=target,
        snapshot=snapshot,
        waiting=waiting,
        history=history,
        forecast=forecast(counted, waiting, history),
        to_move=_nearest(min(gap, MOST_NAMED), waits),
    )


def conversions(snapshots: dict[int, LedgerSnapshot]) -> dict[Step, Conversion]:
    """Return what became of the settled cases of every step."""
    rows = db.session.execute(
        select(Proposal.status, func.count()).where(Proposal.submitted_at.is_not(None)).group_by(Proposal.status)
    )
    proposals = {row[0]: row[1] for row in rows}
    adopted = proposals.get(ProposalStatus.ADOPTED, 0)
    born, reported = Project.proposal_id.is_not(None), Project.reported_by_id.is_not(None)
    agreed, confirmed = Project.form.is_not(None), Project.confirmed_at.is_not(None)
    given_up = Project.status.in_(GIVEN_UP)
    row = db.session.execute(
        select(
            func.count().filter(born, agreed),
            func.count().filter(born, Project.form.is_(None), given_up),
            func.count().filter(reported, confirmed),
            func.count().filter(reported, Project.confirmed_at.is_(None), Project.status == ProjectStatus.REFUSED),
        ).select_from(Project)
    ).one()
    return {
        Step.ADOPTION: Conversion(adopted, adopted + sum(proposals.get(one, 0) for one in NOT_ADOPTED)),
        Step.AGREEMENT: Conversion(row[0], row[0] + row[1]),
        Step.CONFIRMATION: Conversion(row[2], row[2] + row[3]),
        Step.COUNTING: _counting(list(snapshots.values())[-YEARS_OF_HISTORY:]),
    }


def _counting(snapshots: list[LedgerSnapshot]) -> Conversion:
    decided = db.session.scalar(
        select(func.count())
        .select_from(CountDecision)
        .where(CountDecision.snapshot_id.in_([snapshot.id for snapshot in snapshots]))
    )
    return Conversion(sum(snapshot.value for snapshot in snapshots), decided or 0)


def _waiting(fy: int, snapshot: LedgerSnapshot | None) -> dict[Stage, Select[Any, Any, Any]]:
    """What could still be counted in the year, by stage: number, title, and the moment since when."""
    of_proposal: Select[Any, Any, Any] = select(Proposal.number, Proposal.title, Proposal.submitted_at)
    of_project: Select[Any, Any, Any] = select(Project.number, Project.title, Project.created_at)
    decided = select(CountDecision.project_id).where(CountDecision.snapshot_id == (snapshot.id if snapshot else -1))
    open_without_form = (ProjectStatus.WORKING, ProjectStatus.STALLED)
    return {
        Stage.AGREED: of_project.where(
            Project.confirmed_at.is_not(None),
            Project.form.is_not(None),
            Project.status.not_in(GIVEN_UP),
            # A form has its period: without a question for NULL the database can use its index.
            Project.starts_on <= fiscal_year.last_day(fy),
            Project.ends_on >= fiscal_year.first_day(fy),
            Project.id.not_in(decided),
        ),
        Stage.REPORTED: of_project.where(Project.status == ProjectStatus.REPORTED, _meets(Project, fy)),
        Stage.ADOPTED: of_project.where(
            Project.form.is_(None), Project.status.in_(open_without_form), _meets(Project, fy)
        ),
        Stage.IN_REVIEW: of_proposal.where(Proposal.status.in_(IN_REVIEW), _meets(Proposal, fy)),
    }


def _meets(record: type[Project] | type[Proposal], fy: int) -> ColumnElement[bool]:
    """The period meets the fiscal year, or is not known yet."""
    return or_(record.starts_on.is_(None), record.starts_on <= fiscal_year.last_day(fy)) & or_(
        record.ends_on.is_(None), record.ends_on >= fiscal_year.first_day(fy)
    )


def _count(query: Select[Any, Any, Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _nearest(gap: int, waits: dict[Stage, Select[Any, Any, Any]]) -> list[Waiting]:
    found = [one for stage, query in waits.items() for one in _longest_waiting(stage, query, gap)]
    return to_move(gap, found)


def _longest_waiting(stage: Stage, query: Select[Any, Any, Any], most: int) -> Iterable[Waiting]:
    number, _title, since = query.selected_columns
    for row in db.session.execute(query.order_by(since, number).limit(most)):
        yield Waiting(stage, row[0], row[1], _day(row[2]))


def _day(moment: Any) -> date:
    return day_of(moment)
