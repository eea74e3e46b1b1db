"""The office's check of an organisation, with the mails to its members."""

from datetime import datetime

from matchmaker.accounts import queries
from matchmaker.accounts.models import User
from matchmaker.directory import service as directory
from matchmaker.directory.models import Organisation
from matchmaker.notices import service as notices


def verify(organisation: Organisation, *, actor: User, at: datetime) -> None:
    """State that the organisation is what it says. Errors: directory.service.AlreadyChecked."""
    directory.verify(organisation, actor_id=actor.id, at=at)
    _tell_members(organisation, "organisation-verified", at)


def refuse(organisation: Organisation, *, reason: str, actor: User, at: datetime) -> None:
    """State that this could not be found out, and why. Errors: directory.service.AlreadyChecked."""
    directory.refuse(organisation, reason=reason, actor_id=actor.id, at=at)
    _tell_members(organisation, "organisation-refused", at)


def _tell_members(organisation: Organisation, mail: str, at: datetime) -> None:
    for membership in queries.list_members(organisation):
        user = membership.user
        if user.email_confirmed_at is not None:
            notices.tell(user, mail, at=at, organisation=organisation)
