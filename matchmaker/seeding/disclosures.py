"""An invented request to disclose records, so that its page can be walked."""

from datetime import datetime, timedelta
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.clock import day_of
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.review import disclosure
from matchmaker.review.disclosure import RequestFacts
from matchmaker.review.disclosure_models import RecordKind

RECEIVED_BEFORE = timedelta(days=2)
USUAL_DAYS = 10


def add(entry: dict[str, Any], proposals: dict[str, Proposal], users: dict[Role, User], *, at: datetime) -> None:
    """Store the request with its records; it waits for the third party and the decision."""
    office, received_at = users[Role.NPO_OFFICE], at - RECEIVED_BEFORE
    received_on = day_of(received_at)
    facts = RequestFacts(entry["requester"], entry["subject"], received_on, add_business_days(received_on, USUAL_DAYS))
    request = disclosure.receive(facts, actor=office, at=received_at)
    for kind in entry["kinds"]:
        disclosure.add_item(request, proposals[entry["proposal"]], RecordKind(kind), actor=office, at=received_at)
