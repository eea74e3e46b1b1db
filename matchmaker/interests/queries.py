"""Reading interests, already narrowed to what the person may see."""

from datetime import date

from sqlalchemy import ColumnElement, and_, func, select

from matchmaker.accounts.models import User
from matchmaker.accounts.queries import list_members
from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.permissions.grants import Permission


def listed(on: date) -> ColumnElement[bool]:
    """The condition that an interest can be matched on a day; the query must join its organisation."""
    return and_(
        Interest.status == InterestStatus.ACTIVE,
        Interest.valid_until_on >= on,
        Organisation.verification == Verification.VERIFIED,
    )


def is_listed(interest: Interest, on: date) -> bool:
    """Say the same of a record at hand."""
    return (
        interest.status is InterestStatus.ACTIVE
        and interest.valid_until_on is not None
        and interest.valid_until_on >= on
        and interest.organisation.is_verified
    )


def count_listed(on: date) -> int:
    """Return how many interests can be matched on a day."""
    statement = select(func.count()).select_from(Interest).join(Interest.organisation).where(listed(on))
    return db.session.scalar(statement) or 0


def find(number: str) -> Interest | None:
    """Return an interest, whoever asks: for those that check the person themselves."""
    return db.session.scalar(select(Interest).where(Interest.number == number))


def is_own(user: User, interest: Interest) -> bool:
    """Say whether the person acts for the company."""
    return user.organisation is not None and user.organisation.id == interest.organisation_id


def find_own(user: User, number: str) -> Interest | None:
    """Return an interest of the person's own company."""
    interest = find(number)
    return interest if interest is not None and is_own(user, interest) else None


def find_for(user: User, number: str, *, on: date) -> Interest | None:
    """Return an interest that the person may know of: its own company, the office, and verified NPOs while listed."""
    interest = find(number)
    if interest is None:
        return None
    if is_own(user, interest) or reads_all(user):
        return interest
    organisation = user.organisation
    is_verified_npo = organisation is not None and organisation.side is Side.NPO and organisation.is_verified
    return interest if is_verified_npo and is_listed(interest, on) else None


def reads_all(user: User) -> bool:
    """Say whether the person reads matches for the prefecture."""
    return user.is_staff and user.may(Permission.MATCH_READ)


def list_of(organisation: Organisation) -> list[Interest]:
    """Return a company's interests: those that ended last, the newest first otherwise."""
    rows = db.session.scalars(
        select(Interest).where(Interest.organisation_id == organisation.id).order_by(Interest.id.desc())
    ).all()
    return sorted(rows, key=lambda interest: interest.status is InterestStatus.ENDED)


def list_members_to_tell(organisation: Organisation) -> list[User]:
    """Return the present members who can be written to: address confirmed, not suspended."""
    people = [membership.user for membership in list_members(organisation)]
    return [user for user in people if user.email_confirmed_at is not None and user.suspended_at is None]
