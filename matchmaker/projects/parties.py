"""Who takes part in a project, who acts for whom, and whom a mail reaches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import false, or_, select

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import Membership, StaffRole, User
from matchmaker.directory import divisions as division_names
from matchmaker.directory.names import current_of, line_of_organisation
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission, Role
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.status import PartnerKind
from matchmaker.projects.workflow import Part

OFFICE_KEY = "office"


@dataclass(frozen=True, slots=True)
class Party:
    """One party of a project. ``key`` stays while it takes part; ``part`` is None when nobody of it signs in."""

    key: str
    name: str
    part: Part | None


def parties_of(project: Project) -> list[Party]:
    """Return the partners, then the divisions, then the NPO office, which vouches for the whole."""
    partners = [Party(key_of(row), row.name, _part_of(row)) for row in project.partners]
    divisions = [
        Party(f"division-{row.id}", f"{row.department} {row.name}", Part.DIVISION) for row in project.divisions
    ]
    return [*partners, *divisions, Party(OFFICE_KEY, _("NPO担当課"), Part.OFFICE)]


def key_of(partner: ProjectPartner) -> str:
    """Return the key of a partner."""
    return f"partner-{partner.id}"


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a person acts anywhere: organisations and divisions with all that became part of them, or the office."""

    organisation_ids: frozenset[int]
    division_ids: frozenset[int]
    is_office: bool

    def parties_in(self, project: Project) -> list[Party]:
        """Return the parties of a project that the person acts for; sends no query beside what the project holds."""
        keys = {key_of(row) for row in project.partners if row.organisation_id in self.organisation_ids}
        keys |= {f"division-{row.id}" for row in project.divisions if row.id in self.division_ids}
        if self.is_office:
            keys.add(OFFICE_KEY)
        return [party for party in parties_of(project) if party.key in keys]


def acting_of(user: User) -> Acting:
    """Return for whom a person acts; at most two queries."""
    if not user.may(Permission.PROJECT_TAKE_PART):
        return Acting(frozenset(), frozenset(), is_office=False)
    own = user.organisation
    return Acting(
        organisation_ids=line_of_organisation(own) if own is not None else frozenset(),
        division_ids=desk_of(user),
        is_office=user.may(Permission.PROJECT_CONFIRM),
    )


def parties_for(user: User, project: Project) -> list[Party]:
    """Return the parties that a person acts for, by membership, by the line of the division, or for the office."""
    return acting_of(user).parties_in(project)


def parts_of(user: User, project: Project) -> frozenset[Part]:
    """Return the parts that a person plays in a project; none for somebody else."""
    return frozenset(party.part for party in parties_for(user, project) if party.part is not None)


def people_of(project: Project, keys: Iterable[str]) -> list[User]:
    """Return the people who act for the named parties now, each once."""
    wanted = set(keys)
    organisation_ids = {
        one.id
        for row in project.partners
        if key_of(row) in wanted and row.organisation is not None
        for one in (row.organisation, current_of(row.organisation))
    }
    division_ids = {row.id for row in project.divisions if f"division-{row.id}" in wanted}
    follows = division_names.successors(on=clock.today()) if division_ids else {}
    lines = {one for division_id in division_ids for one in division_names.line_of(division_id, follows)}
    found = [*_members(organisation_ids), *_staff(lines, with_office=OFFICE_KEY in wanted)]
    return [user for user in {user.id: user for user in found}.values() if user.is_active and user.email_confirmed_at]


def tell(
    project: Project, kind: str, keys: Iterable[str], *, at: datetime, but: User | None = None, **values: Any
) -> int:
    """Queue one mail to each person of the named parties but the one who acted; return how many."""
    people = [person for person in people_of(project, keys) if but is None or person.id != but.id]
    for person in people:
        notices.tell(
            person,
            kind,
            at=at,
            title=project.title,
            number=project.number,
            **values,
        )
    return len(people)


def all_keys(project: Project) -> list[str]:
    """Return the keys of all parties."""
    return [party.key for party in parties_of(project)]


def find_party(project: Project, key: str) -> Party | None:
    """Return a party by its key."""
    return next((party for party in parties_of(project) if party.key == key), None)


def _part_of(partner: ProjectPartner) -> Part | None:
    if partner.organisation is None:
        return None
    if partner.kind is PartnerKind.NPO or partner.organisation.side is Side.NPO:
        return Part.NPO
    return Part.COMPANY


def _members(organisation_ids: set[int]) -> Sequence[User]:
    if not organisation_ids:
        return []
    return db.session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id.in_(organisation_ids), Membership.ended_at.is_(None))
        .order_by(User.id)
    ).all()


def _staff(division_ids: set[int], *, with_office: bool) -> Sequence[User]:
    if not (division_ids or with_office):
        return []
    of_office = StaffRole.role == Role.NPO_OFFICE if with_office else false()
    return db.session.scalars(
        select(User)
        .join(StaffRole, StaffRole.user_id == User.id)
        .where(StaffRole.ended_at.is_(None), or_(StaffRole.division_id.in_(division_ids), of_office))
        .order_by(User.id)
    ).all()
