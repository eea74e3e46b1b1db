"""What of the introductions waits for whom: the asked side's answer."""

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from matchmaker.accounts.models import User
from matchmaker.accounts.waiting import WaitingItem, WaitingKind
from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal


def waiting_for(user: User) -> list[WaitingItem]:
    """Return the requests that the person's organisation was asked and has not answered."""
    organisation = user.organisation
    if organisation is None or not user.may(Permission.INTRODUCTION_ANSWER):
        return []
    rows = db.session.scalars(
        select(Introduction)
        .join(Introduction.proposal)
        .join(Introduction.interest)
        .where(
            Introduction.status == IntroductionStatus.ASKED,
            Introduction.asked_by_side != organisation.side,
            or_(Proposal.organisation_id == organisation.id, Interest.organisation_id == organisation.id),
        )
        .options(contains_eager(Introduction.proposal), contains_eager(Introduction.interest))
        .order_by(Introduction.id)
    ).unique()
    disclosure = disclosure_for(user)
    return [
        WaitingItem(
            kind=WaitingKind.INTRODUCTION,
            number=row.number,
            title=row.proposal.title,
            path=f"/introductions/{row.number}",
            since=row.asked_at,
            who=row.proposal.organisation.name
            if row.interest.organisation_id == organisation.id
            else disclosure.company(row.interest),
        )
        for row in rows
    ]
