"""Find report rounds, each division's list in them, and what of a round is still open."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.directory.divisions import line_today
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import first_day, last_day
from matchmaker.projects.models import Project, ProjectDivision
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer, RoundCarry, RoundEvent
from matchmaker.projects.report_round_terms import CarryChoice
from matchmaker.projects.status import ProjectStatus

GONE = frozenset({ProjectStatus.REFUSED, ProjectStatus.MERGED})
"""States in which a report stands for nothing of its own."""

_NOT_OFFERED = (ProjectStatus.DISSOLVED, *GONE)


@dataclass(frozen=True, slots=True)
class DivisionList:
    """A division's answer with its projects: last year's to say something of, what was said, and this year's."""

    answer: RoundAnswer
    offered: Sequence[Project]
    carried: Sequence[RoundCarry]
    projects: Sequence[Project]

    @property
    def counting(self) -> list[Project]:
        """The projects of the year that were neither refused nor merged into others."""
        return [row for row in self.projects if row.status not in GONE]


def list_rounds() -> Sequence[ReportRound]:
    """Return all rounds, newest year first, with their answers."""
    query = select(ReportRound).options(selectinload(ReportRound.answers)).order_by(ReportRound.fy.desc())
    return db.session.scalars(query).all()


def find_round(fy: int) -> ReportRound | None:
    """Return the round of a fiscal year."""
    query = select(ReportRound).where(ReportRound.fy == fy)
    return db.session.scalar(query.options(selectinload(ReportRound.answers)))


def is_open(fy: int) -> bool:
    """Say whether a round of the fiscal year is open."""
    query = select(ReportRound.id).where(ReportRound.fy == fy, ReportRound.closed_at.is_(None))
    return db.session.scalar(query) is not None


def answer_of(user: User, report_round: ReportRound) -> RoundAnswer | None:
    """Return the answer that the person's division owes under any of its names: one not handed in before the others."""
    desk = desk_of(user)
    own = [row for row in report_round.answers if row.division_id in desk]
    return min(own, key=lambda row: (row.handed_in_at is not None, row.id), default=None)


def list_of(answer: RoundAnswer) -> DivisionList:
    """Return the division's list."""
    fy, line = answer.round.fy, line_today(answer.division_id)
    carried = db.session.scalars(
        select(RoundCarry).where(RoundCarry.answer_id == answer.id).order_by(RoundCarry.id)
    ).all()
    carried = [row for row in carried if row.following is None or row.following.status is not ProjectStatus.REFUSED]
    said = {row.project_id for row in carried}
    return DivisionList(
        answer=answer,
        offered=[row for row in _offered(fy, line) if row.id not in said],
        carried=carried,
        projects=_projects(meets(fy), Project.id.in_(_of_divisions(line))),
    )


def find_in_list(answer: RoundAnswer, number: str) -> Project | None:
    """Return a project of the year before that the division has still to say something of."""
    return next((row for row in list_of(answer).offered if row.number == number), None)


def carry_of(answer: RoundAnswer, number: str) -> RoundCarry | None:
    """Return what the division said of a project of the year before that has ended."""
    query = select(RoundCarry).join(Project, Project.id == RoundCarry.project_id)
    return db.session.scalar(
        query.where(RoundCarry.answer_id == answer.id, Project.number == number, RoundCarry.choice == CarryChoice.ENDED)
    )


def list_awaiting(fy: int) -> Sequence[Project]:
    """Return the reports of a fiscal year that wait for the office to confirm them, oldest first."""
    return _projects(meets(fy), Project.status == ProjectStatus.REPORTED)


def list_compared(fy: int) -> Sequence[Project]:
    """Return the projects of a fiscal year among which two could be the same one."""
    return _projects(meets(fy), Project.status.not_in(_NOT_OFFERED))


def list_without_form(fy: int) -> Sequence[Project]:
    """Return the adopted projects of a fiscal year whose form is not agreed: they will not be counted."""
    return _projects(
        meets(fy), Project.form.is_(None), Project.status.in_((ProjectStatus.WORKING, ProjectStatus.STALLED))
    )


def history_of(report_round: ReportRound, answer: RoundAnswer | None = None) -> Sequence[RoundEvent]:
    """Return what happened in a round, or to one division's list, oldest first."""
    query = select(RoundEvent).where(RoundEvent.round_id == report_round.id).order_by(RoundEvent.id)
    if answer is not None:
        query = query.where(RoundEvent.division_id == answer.division_id)
    return db.session.scalars(query).all()


def _offered(fy: int, line: frozenset[int]) -> Sequence[Project]:
    """Confirmed projects of the year before that ended in it and that nobody has carried over."""
    followed = select(Project.continues_id).where(
        Project.continues_id.is_not(None), Project.status != ProjectStatus.REFUSED
    )
    return _projects(
        Project.id.in_(_of_divisions(line)),
        Project.confirmed_at.is_not(None),
        Project.ends_on.between(first_day(fy - 1), last_day(fy - 1)),
        Project.status.not_in(_NOT_OFFERED),
        Project.id.not_in(followed),
    )


def meets(fy: int) -> ColumnElement[bool]:
    """Say whether a project's period meets a fiscal year, as a condition."""
    return and_(Project.starts_on <= last_day(fy), Project.ends_on >= first_day(fy))


def _of_divisions(line: frozenset[int]) -> ColumnElement[int]:
    return select(ProjectDivision.project_id).where(ProjectDivision.division_id.in_(line)).scalar_subquery()


def _projects(*where: ColumnElement[bool]) -> Sequence[Project]:
    query = select(Project).where(*where).order_by(Project.id)
    return db.session.scalars(
        query.options(
            selectinload(Project.partners), selectinload(Project.divisions), selectinload(Project.reported_by)
        )
    ).all()
