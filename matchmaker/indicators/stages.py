"""The way from a submitted proposal to a counted project: how many came to each stage, and which ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts.models import User
from matchmaker.directory.models import Municipality, Organisation
from matchmaker.directory.queries import page_of
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.database import db
from matchmaker.foundation.paging import Page
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.introductions.models import Introduction
from matchmaker.matching.terms import LegalForm, Term
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project
from matchmaker.projects.queries import visible_to
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import public_clause
from matchmaker.proposals.recusals import open_to
from matchmaker.proposals.status import WITH_RESULT, ProposalStatus

ELSEWHERE = "elsewhere"
"""Stands for organisations outside the five regions, or without a registered place."""


class FunnelStage(Term):
    """How far something came; the values stand in addresses."""

    SUBMITTED = "submitted", "提出された提案"
    TALKED = "talked", "企業と話し合った提案"
    SETTLED = "settled", "結果を通知した提案"
    ADOPTED = "adopted", "採択された提案"
    AGREED = "agreed", "協働の形態に合意した事業"
    COUNTED = "counted", "台帳で数えた事業"

    @property
    def is_of_projects(self) -> bool:
        """From here on the members are the projects that adopted proposals became."""
        return self in {FunnelStage.AGREED, FunnelStage.COUNTED}


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many came to each stage, of all proposals and of those submitted in a fiscal year, newest first."""

    years: tuple[int, ...]
    all_years: Mapping[FunnelStage, int]
    by_year: Mapping[int, Mapping[FunnelStage, int]]


@dataclass(frozen=True, slots=True)
class StageFilter:
    """Which members are asked for. Region and kind of the organisation are asked by those who review alone."""

    stage: FunnelStage
    fy: int | None = None
    region: str | None = None
    legal_form: LegalForm | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a figure that the reader may see, and how many more it counts."""

    page: Page[Proposal] | Page[Project]
    hidden: int

    @property
    def figure(self) -> int:
        return self.page.total + self.hidden


def begun(snapshots: Mapping[int, LedgerSnapshot], *, on: date) -> list[LedgerSnapshot]:
    """Return the counts of the years that have begun: what is planned for later ones has not come to its count yet."""
    return [row for fy, row in snapshots.items() if fy <= fiscal_year.fiscal_year_of(on)]


def funnel(snapshots: Collection[LedgerSnapshot], *, on: date) -> Funnel:
    """Return the figures of every stage, as they stand on a day; ``snapshots`` as ``begun`` gives them."""
    first = db.session.scalar(select(func.min(Proposal.submitted_at)))
    if first is None:
        return Funnel((), dict.fromkeys(FunnelStage, 0), {})
    years = fiscal_year.fiscal_years_met(clock.day_of(first), max(on, clock.day_of(first)))
    marked = (
        select(
            case(*[(Proposal.submitted_at < _begin(fy + 1), fy) for fy in years], else_=years[-1]).label("fy"),
            *(case((_came_to(stage, snapshots), 1), else_=0).label(stage.name) for stage in FunnelStage),
        )
        .where(Proposal.submitted_at.is_not(None))
        .subquery()
    )
    sums = [func.sum(marked.c[stage.name]) for stage in FunnelStage]
    rows = db.session.execute(select(marked.c.fy, *sums).group_by(marked.c.fy)).all()
    found = {row[0]: dict(zip(FunnelStage, map(int, row[1:]), strict=True)) for row in rows}
    total = {stage: sum(counts[stage] for counts in found.values()) for stage in FunnelStage}
    return Funnel(tuple(sorted(found, reverse=True)), total, found)


def members(
    wanted: StageFilter, snapshots: Collection[LedgerSnapshot], *, user: User | None, number: int = 1
) -> Members:
    """Return a page of the members of a figure: all to those who review but what they keep out of, else what is public.

    Who talks with whom is known to the two sides and the prefecture alone, also where the proposal is public.
    """
    where = _conditions(wanted, snapshots)
    if wanted.stage.is_of_projects:
        projects = select(Project).where(Project.proposal_id.in_(select(Proposal.id).where(where)))
        projects = projects.options(selectinload(Project.partners))
        return _shown(projects, visible_to(user), (Project.id.desc(),), number)
    proposals = select(Proposal).where(where).options(joinedload(Proposal.organisation))
    newest_first = (Proposal.submitted_at.desc(), Proposal.id.desc())
    return _shown(proposals, _seen_by(user, wanted.stage), newest_first, number)


def _conditions(wanted: StageFilter, snapshots: Collection[LedgerSnapshot]) -> ColumnElement[bool]:
    where = [Proposal.submitted_at.is_not(None), _came_to(wanted.stage, snapshots)]
    if wanted.fy is not None:
        where += [Proposal.submitted_at >= _begin(wanted.fy), Proposal.submitted_at < _begin(wanted.fy + 1)]
    organisations = select(Organisation.id).outerjoin(Municipality, Municipality.code == Organisation.municipality_code)
    if wanted.region is not None:
        is_elsewhere = wanted.region == ELSEWHERE
        region = Municipality.region.is_(None) if is_elsewhere else Municipality.region == wanted.region
        where.append(Proposal.organisation_id.in_(organisations.where(region)))
    if wanted.legal_form is not None:
        where.append(Proposal.organisation_id.in_(organisations.where(Organisation.legal_form == wanted.legal_form)))
    return and_(*where)


def _came_to(stage: FunnelStage, snapshots: Collection[LedgerSnapshot]) -> ColumnElement[bool]:
    """The condition of a stage on a submitted proposal."""
    if stage is FunnelStage.TALKED:
        return Proposal.id.in_(
            select(Introduction.proposal_id).where(
                Introduction.answered_at.is_not(None), Introduction.decline_reason.is_(None)
            )
        )
    if stage is FunnelStage.SETTLED:
        return Proposal.status.in_(sorted(WITH_RESULT))
    if stage is FunnelStage.ADOPTED:
        return Proposal.status == ProposalStatus.ADOPTED
    born = select(Project.proposal_id).where(Project.proposal_id.is_not(None))
    if stage is FunnelStage.AGREED:
        return Proposal.id.in_(born.where(Project.form.is_not(None)))
    if stage is FunnelStage.COUNTED:
        counted = select(CountDecision.project_id).where(
            CountDecision.snapshot_id.in_([snapshot.id for snapshot in snapshots]), CountDecision.is_counted
        )
        return Proposal.id.in_(born.where(Project.id.in_(counted)))
    return Proposal.submitted_at.is_not(None)


def _seen_by(user: User | None, stage: FunnelStage) -> ColumnElement[bool]:
    if user is not None and user.may(Permission.REVIEW_READ):
        return open_to(user)
    return false() if stage is FunnelStage.TALKED else public_clause()


def _shown(of_stage: Select[Any], seen: ColumnElement[bool], order: Sequence[Any], number: int) -> Members:
    figure = db.session.scalar(select(func.count()).select_from(of_stage.subquery())) or 0
    page = page_of(of_stage.where(seen).order_by(*order), number)
    return Members(page, figure - page.total)


def _begin(fy: int) -> datetime:
    return datetime.combine(fiscal_year.first_day(fy), time.min, clock.JAPAN)
