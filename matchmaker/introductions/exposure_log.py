"""Who was shown what: one row a day for each proposal that stood on the list that a suitable company opened."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import distinct, func, select

from matchmaker.foundation.database import db, insert_new
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import is_listed
from matchmaker.introductions.exposure_rules import ExposureRules, rules_in_force
from matchmaker.introductions.matches import RankedMatch
from matchmaker.introductions.models import Exposure
from matchmaker.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Reach:
    """How many companies a proposal has been shown to so far, and what is promised."""

    companies: int
    rules: ExposureRules


def shown_to(
    interest: Interest, lines: Iterable[RankedMatch[Proposal]], reserved: Collection[str], on: date
) -> list[dict[str, Any]]:
    """Return the rows that an opened list adds to the log: pairs that suit and are not in today's log yet.

    ``reserved`` draft numbers have a slot of today; they suited when the day was planned.
    """
    if not is_listed(interest, on):
        return []
    enough = rules_in_force().suitable_points
    suiting = {
        line.record.id: line.record.draft_number in reserved
        for line in lines
        if line.record.draft_number in reserved or line.match.points >= enough
    }
    noted = set(
        db.session.scalars(
            select(Exposure.proposal_id).where(
                Exposure.organisation_id == interest.organisation_id, Exposure.shown_on == on
            )
        )
    )
    return [
        {"proposal_id": one, "organisation_id": interest.organisation_id, "shown_on": on, "is_reserved": is_reserved}
        for one, is_reserved in suiting.items()
        if one not in noted
    ]


def note(rows: list[dict[str, Any]]) -> None:
    """Write rows of ``shown_to`` in a short transaction of its own; a row that another request wrote stays as it is."""
    if rows:
        with transaction():
            insert_new(Exposure, rows)


def reach_of(proposal: Proposal) -> Reach:
    """Return how many companies' lists have shown a proposal."""
    counted = select(func.count(distinct(Exposure.organisation_id))).where(Exposure.proposal_id == proposal.id)
    return Reach(db.session.scalar(counted) or 0, rules_in_force())


def count_by_guarantee(organisation_id: int) -> int:
    """Return how many proposals a company was shown because of the guarantee."""
    counted = select(func.count(distinct(Exposure.proposal_id))).where(
        Exposure.organisation_id == organisation_id, Exposure.is_reserved
    )
    return db.session.scalar(counted) or 0
