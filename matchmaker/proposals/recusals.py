"""Keep a recused person from all that is not public: every query that lets reviewers read asks here."""

from sqlalchemy import ColumnElement, Select, exists, select

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import Recusal


def is_recused(user: User | None, proposal: Proposal) -> bool:
    """Say whether the person keeps out of the proposal."""
    if user is None:
        return False
    stands = exists().where(Recusal.proposal_id == proposal.id, Recusal.user_id == user.id, Recusal.lifted_at.is_(None))
    return bool(db.session.scalar(select(stands)))


def closed_ids(user: User) -> Select[int]:
    """Return the ids of the proposals that the person keeps out of, as a subquery."""
    return select(Recusal.proposal_id).where(Recusal.user_id == user.id, Recusal.lifted_at.is_(None))


def closed_numbers(user: User) -> frozenset[str]:
    """Return the draft numbers of the proposals that the person keeps out of: what lists made by matching name."""
    numbers = select(Proposal.draft_number).where(Proposal.id.in_(closed_ids(user)))
    return frozenset(db.session.scalars(numbers))


def open_to(user: User) -> ColumnElement[bool]:
    """``not is_recused`` as a condition on ``Proposal``."""
    return Proposal.id.not_in(closed_ids(user))
