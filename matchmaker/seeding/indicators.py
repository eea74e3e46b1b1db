"""What the demonstration shows of the indicators: a company on the roll. Official figures are never made up."""

from matchmaker.directory.models import Organisation
from matchmaker.indicators import participation
from matchmaker.permissions.grants import Role
from matchmaker.seeding.journeys import Journeys


def add_indicators(company: Organisation, told: Journeys) -> None:
    """Put the invented company on the roll and count the companies, inside the caller's transaction."""
    participation.enter_roll(company, actor=told.users[Role.COMPANY], at=told.at)
    participation.take(at=told.at)
