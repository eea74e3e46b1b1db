"""Count the companies that take part, and keep the roll of those that want to be named.

Interests and introductions are edited in place: who was in talks last March cannot be found out later. So the count is
kept like the ledger's, every night and whenever somebody asks, and pages read the newest one. Writing runs inside the
caller's transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.participation_models import Participation, ParticipationSnapshot, RollEntry
from matchmaker.indicators.snapshots import participation_digest
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.queries import public_clause
from matchmaker.projects.status import PartnerKind, ProjectStatus

_NOT_TAKING_PART = (ProjectStatus.DISSOLVED, ProjectStatus.MERGED, ProjectStatus.REFUSED)


class RollRefused(DomainError):
    """The company cannot enter or leave the roll as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What one company does now: for its certificate."""

    has_interest: bool
    is_talking: bool
    projects: tuple[Project, ...]

    @property
    def is_any(self) -> bool:
        return self.has_interest or self.is_talking or bool(self.projects)


def take(*, at: datetime) -> ParticipationSnapshot | None:
    """Count the current fiscal year and keep it; None when nothing has changed since the last count."""
    on = day_of(at)
    fy = fiscal_year.fiscal_year_of(on)
    next_number(f"participation-{fy}")
    before = latest(fy)
    members = count(on)
    if (before.members if before else {key: [] for key in members}) == members:
        return None
    row = ParticipationSnapshot(
        fy=fy,
        edition=before.edition + 1 if before else 1,
        as_of=at,
        members=members,
        digest=participation_digest(fy, at, members),
    )
    db.session.add(row)
    db.session.flush()
    subject = f"{fiscal_year.code(fy)}-{row.edition}"
    audit.record("system:participation:count", subject, actor_id=None, at=at, digest=row.digest)
    return row


def count(on: date) -> dict[str, list[str]]:
    """Return the numbers of the verified companies that take part on a day, by ``Participation``. Stores nothing."""
    numbers, merged = _companies()
    found = {
        Participation.INTERESTED: _with_interest(on),
        Participation.TALKING: _in_talks(),
        Participation.IN_PROJECT: _in_projects(fiscal_year.fiscal_year_of(on)),
        Participation.NEWLY_ACTIVE: _newly_active(fiscal_year.fiscal_year_of(on), merged),
    }
    return {
        measure.value: sorted({numbers[one] for one in (merged.get(one, one) for one in ids) if one in numbers})
        for measure, ids in found.items()
    }


def list_snapshots() -> Sequence[ParticipationSnapshot]:
    """Return every count, by year and edition."""
    query = select(ParticipationSnapshot).order_by(ParticipationSnapshot.fy, ParticipationSnapshot.edition)
    return db.session.scalars(query).all()


def faults_of(snapshot: ParticipationSnapshot) -> list[str]:
    """Return what does not hold of a stored count: its digest, and that it has every figure."""
    faults = []
    if participation_digest(snapshot.fy, snapshot.as_of, snapshot.members) != snapshot.digest:
        faults.append("the digest does not match the stored row")
    if missing := sorted({one.value for one in Participation} - set(snapshot.members)):
        faults.append(f"no figure for {', '.join(missing)}")
    return faults


def has_changed_since(snapshot: ParticipationSnapshot, on: date) -> bool:
    """Say whether counting the year again on a day of it would give anything else."""
    return count(on) != snapshot.members


def latest(fy: int) -> ParticipationSnapshot | None:
    """Return the newest count of a fiscal year."""
    return db.session.scalar(
        select(ParticipationSnapshot)
        .where(ParticipationSnapshot.fy == fy)
        .order_by(ParticipationSnapshot.edition.desc())
        .limit(1)
    )


def latest_by_year() -> dict[int, ParticipationSnapshot]:
    """Return the newest count of each fiscal year, oldest year first."""
    newest = select(ParticipationSnapshot.fy, func.max(ParticipationSnapshot.edition)).group_by(
        ParticipationSnapshot.fy
    )
    rows = db.session.scalars(
        select(ParticipationSnapshot)
        .where(tuple_(ParticipationSnapshot.fy, ParticipationSnapshot.edition).in_(newest))
        .order_by(ParticipationSnapshot.fy)
    )
    return {row.fy: row for row in rows}


def companies_of(numbers: Iterable[str]) -> Sequence[Organisation]:
    """Return the organisations with these numbers, by name: for the office, which may see who is counted."""
    query = select(Organisation).where(Organisation.number.in_(list(numbers)))
    return db.session.scalars(query.order_by(Organisation.kana, Organisation.name)).all()


def list_roll() -> Sequence[RollEntry]:
    """Return the companies that want to be named and are verified, by name."""
    return db.session.scalars(
        select(RollEntry)
        .join(RollEntry.organisation)
        .where(
            RollEntry.left_at.is_(None),
            Organisation.verification == Verification.VERIFIED,
            Organisation.merged_into_id.is_(None),
        )
        .order_by(Organisation.kana, Organisation.name)
    ).all()


def entry_of(organisation: Organisation) -> RollEntry | None:
    """Return the open entry of a company."""
    return db.session.scalar(
        select(RollEntry).where(RollEntry.organisation_id == organisation.id, RollEntry.left_at.is_(None))
    )


def activity_of(organisation: Organisation, on: date) -> Activity:
    """Return what a company does in the fiscal year of a day."""
    return Activity(
        has_interest=organisation.id in _with_interest(on),
        is_talking=organisation.id in _in_talks(),
        projects=tuple(_projects_of(organisation, fiscal_year.fiscal_year_of(on))),
    )


def enter_roll(organisation: Organisation, *, actor: User, at: datetime) -> RollEntry:
    """Name a company on the public roll. Errors: RollRefused for one that is not verified or does not take part."""
    locked(organisation)
    if organisation.side is not Side.COMPANY or not organisation.is_verified:
        raise RollRefused(_("NPO担当課の確認がすむと、名簿にのせられます。"))
    if entry_of(organisation) is not None:
        raise RollRefused(_("すでに名簿にのっています。"))
    if not activity_of(organisation, day_of(at)).is_any:
        raise RollRefused(_("関心を公開するか、話し合いや協働事業に参加すると、名簿にのせられます。"))
    row = RollEntry(organisation_id=organisation.id, entered_by_id=actor.id, entered_at=at)
    db.session.add(row)
    db.session.flush()
    audit.record("company:roll:enter", organisation.number, actor_id=actor.id, at=at)
    return row


def leave_roll(organisation: Organisation, *, actor: User, at: datetime) -> None:
    """Take a company off the public roll. Errors: RollRefused when it is not on it."""
    locked(organisation)
    row = entry_of(organisation)
    if row is None:
        raise RollRefused(_("名簿にはのっていません。"))
    row.left_at, row.left_by_id = at, actor.id
    audit.record("company:roll:leave", organisation.number, actor_id=actor.id, at=at)


def _companies() -> tuple[dict[int, str], dict[int, int]]:
    """The verified companies' numbers by id, and into which one a merged company went."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.number, Organisation.verification, Organisation.merged_into_id).where(
            Organisation.side == Side.COMPANY
        )
    ).all()
    numbers = {row.id: row.number for row in rows if row.verification is Verification.VERIFIED}
    return numbers, {row.id: row.merged_into_id for row in rows if row.merged_into_id is not None}


def _with_interest(on: date) -> set[int]:
    query = select(Interest.organisation_id).where(
        Interest.status == InterestStatus.ACTIVE, Interest.valid_until_on >= on
    )
    return set(db.session.scalars(query))


def _in_talks() -> set[int]:
    query = (
        select(Interest.organisation_id)
        .join(Introduction, Introduction.interest_id == Interest.id)
        .where(Introduction.status == IntroductionStatus.TALKING)
    )
    return set(db.session.scalars(query))


def _in_projects(fy: int) -> set[int]:
    query = (
        select(ProjectPartner.organisation_id)
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(
            ProjectPartner.kind == PartnerKind.COMPANY,
            ProjectPartner.organisation_id.is_not(None),
            public_clause(),
            Project.status.not_in(_NOT_TAKING_PART),
            Project.starts_on <= fiscal_year.last_day(fy),
            Project.ends_on >= fiscal_year.first_day(fy),
        )
    )
    return {one for one in db.session.scalars(query) if one is not None}


def _newly_active(fy: int, merged: dict[int, int]) -> set[int]:
    """The companies whose first act on record falls in the fiscal year; a merged company's acts are its successor's."""
    first: dict[int, date] = {}
    for organisation_id, day in _first_days():
        one = merged.get(organisation_id, organisation_id)
        first[one] = min(first.get(one, day), day)
    return {one for one, day in first.items() if fiscal_year.fiscal_year_of(day) == fy}


def _first_days() -> Iterable[tuple[int, date]]:
    """The first published interest, the first talk and the first project of each company."""
    interests = db.session.execute(
        select(Interest.organisation_id, func.min(Interest.activated_at))
        .where(Interest.activated_at.is_not(None))
        .group_by(Interest.organisation_id)
    )
    talks = db.session.execute(
        select(Interest.organisation_id, func.min(Introduction.answered_at))
        .join(Introduction, Introduction.interest_id == Interest.id)
        .where(Introduction.answered_at.is_not(None), Introduction.decline_reason.is_(None))
        .group_by(Interest.organisation_id)
    )
    projects = db.session.execute(
        select(ProjectPartner.organisation_id, func.min(Project.starts_on))
        .join(Project, Project.id == ProjectPartner.project_id)
        .where(
            ProjectPartner.kind == PartnerKind.COMPANY,
            ProjectPartner.organisation_id.is_not(None),
            Project.starts_on.is_not(None),
            public_clause(),
        )
        .group_by(ProjectPartner.organisation_id)
    )
    yield from ((one, day_of(at)) for rows in (interests, talks) for one, at in rows if at is not None)
    yield from ((one, day) for one, day in projects if one is not None and day is not None)


def _projects_of(organisation: Organisation, fy: int) -> Sequence[Project]:
    return (
        db.session.scalars(
            select(Project)
            .join(ProjectPartner, ProjectPartner.project_id == Project.id)
            .where(
                ProjectPartner.organisation_id == organisation.id,
                public_clause(),
                Project.status.not_in(_NOT_TAKING_PART),
                Project.starts_on <= fiscal_year.last_day(fy),
                Project.ends_on >= fiscal_year.first_day(fy),
            )
            .options(selectinload(Project.partners))
            .order_by(Project.id)
        )
        .unique()
        .all()
    )
