"""Who may know what of the other side: the name when ticked public or after both agreed, contacts while they talk."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import reads_all
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.names import label_without_name, without_name
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one person may know. ``met``: the interests whose company agreed to talk with the person's NPO."""

    organisation_id: int | None
    reads_all: bool
    met: frozenset[int]

    def knows_company(self, interest: Interest) -> bool:
        """Say whether the company's name may be shown."""
        is_own = interest.organisation_id == self.organisation_id
        return is_own or self.reads_all or interest.shows_name or interest.id in self.met

    def company(self, interest: Interest) -> str:
        """Return the company's name, or what it may be called instead."""
        return interest.organisation.name if self.knows_company(interest) else label_without_name(interest.organisation)

    def text(self, interest: Interest, text: str) -> str:
        """Return what the company wrote, without its name where that may not be known."""
        if self.knows_company(interest):
            return text
        return without_name(text, interest.organisation.name, _("（社名）"))


def disclosure_for(user: User) -> Disclosure:
    """Look up what a person may know; one query whatever is shown afterwards."""
    organisation = user.organisation
    if organisation is None:
        return Disclosure(None, reads_all(user), frozenset())
    return Disclosure(organisation.id, reads_all(user), _met_by(organisation.id))


STRANGER = Disclosure(None, False, frozenset())
"""What may be said where it is not known who reads."""


def _met_by(organisation_id: int) -> frozenset[int]:
    was_accepted = and_(
        Introduction.answered_at.is_not(None),
        or_(Introduction.status == IntroductionStatus.TALKING, Introduction.status == IntroductionStatus.CLOSED),
    )
    return frozenset(
        db.session.scalars(
            select(Introduction.interest_id)
            .join(Proposal, Proposal.id == Introduction.proposal_id)
            .where(Proposal.organisation_id == organisation_id, was_accepted)
        )
    )
