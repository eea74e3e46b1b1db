"""Submit what an owner confirmed: in the owner's name, with nobody else's permission."""

from datetime import datetime

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Verification
from matchmaker.foundation.database import locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import proxy
from matchmaker.proposals import service as proposals
from matchmaker.proposals.proxy_models import ProxyEntry
from matchmaker.proposals.status import EDITABLE, ProposalStatus
from matchmaker.review import joining, steps, workflow
from matchmaker.review.workflow import Action


class NotConfirmed(DomainError):
    """Nothing is submitted in an owner's name before the owner confirmed this very text."""

    def __init__(self) -> None:
        super().__init__(_("団体がいまの文を確認していないため、提出できません。"))


def may_submit(entry: ProxyEntry) -> bool:
    """Say whether a confirmed entry can be submitted: its text is not closed, and the office knows the organisation."""
    return (
        entry.proposal.status in EDITABLE
        and entry.proposal.organisation.verification is Verification.VERIFIED
        and proxy.is_confirmed_as_it_stands(entry)
    )


def submit_confirmed(entry: ProxyEntry, *, actor: User | None, at: datetime) -> None:
    """Hand a confirmed proposal to the office. ``actor`` None: the owner, by link or code.

    Errors: NotConfirmed, joining.CannotJoin, ProposalIncomplete.
    """
    proposal = locked(entry.proposal)
    if not may_submit(entry):
        raise NotConfirmed
    is_again = proposal.status is ProposalStatus.RETURNED_FOR_FIX
    if not is_again:
        joining.require_open(proposal, at=at)
    proposals.require_complete(proposal, at=at)
    action = Action.RESUBMIT if is_again else Action.SUBMIT
    step = workflow.take(action, proposal.status, frozenset({Permission.PROPOSAL_SUBMIT}))
    proposals.give_number(proposal, at)
    proposals.save_version(proposal, actor or entry.entered_by, at)
    steps.take(proposal, step, actor=actor, at=at)
