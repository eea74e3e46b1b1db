"""How every step is taken: asked of the table, written down and told, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from matchmaker.accounts.models import Membership, User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus, shown_status
from matchmaker.review import workflow
from matchmaker.review.models import ReviewEvent
from matchmaker.review.workflow import Action, Step

NOTICE_OF = {
    Action.SUBMIT: "proposal_submitted",
    Action.RESUBMIT: "proposal_submitted",
    Action.ACCEPT: "proposal_accepted",
    Action.RETURN_FOR_FIX: "proposal_returned",
    Action.MARK_INELIGIBLE: "proposal_ineligible",
    Action.LAPSE: "proposal_lapsed",
    Action.RESUME: "proposal_resumed",
    Action.WITHDRAW: "proposal_withdrawn",
    Action.ADOPT: "decision_released",
    Action.REFER: "decision_released",
    Action.REJECT: "decision_released",
    Action.CIRCULATE: "proposal_circulated",
    Action.SHORTLIST: "decision_released",
    Action.NOT_SHORTLIST: "decision_released",
    Action.HOLD: "decision_released",
    Action.REOPEN: "proposal_reopened",
}
"""The mail that a step sends to the proposer's members; internal steps send none."""


_SOURCES = {
    Permission.PROPOSAL_SUBMIT: "npo",
    Permission.PROPOSAL_SCREEN: "office",
    Permission.CIRCULATION_SEND: "office",
    Permission.PANEL_MANAGE: "office",
    Permission.DECISION_DRAFT: "office",
    Permission.DECISION_DECIDE: "approver",
}


class StepRefused(DomainError):
    """The proposal's state has no such step for this person."""


class MovedMeanwhile(DomainError):
    """Somebody took a step since the page was opened: the text on it may be an old one, or the step be done already."""


class ReasonNeeded(DomainError):
    """The step must say its reason."""

    def __init__(self) -> None:
        super().__init__(_("理由を入力してください。理由は、提案した団体に伝わります。"))


def require_unmoved(proposal: Proposal, seen_event_id: int, *, actor: User) -> None:
    """Lock the proposal and make sure that its last step is the one the person saw (0: none yet).

    Errors: MovedMeanwhile, with words for the person's own second click and for a colleague's step.
    """
    locked(proposal)
    last = db.session.scalar(
        select(ReviewEvent).where(ReviewEvent.proposal_id == proposal.id).order_by(ReviewEvent.id.desc()).limit(1)
    )
    if last is None or last.id == seen_event_id:
        return
    if last.actor_id == actor.id:
        raise MovedMeanwhile(
            _("「%(step)s」は、あなたがすでに行いました。もう一度行う必要はありません。", step=last.action.label)
        )
    raise MovedMeanwhile(
        _(
            "画面を開いている間に、%(name)sさんが「%(step)s」を行いました。いまの状態を確認してください。",
            name=last.actor.name if last.actor else "",
            step=last.action.label,
        )
    )


def allowed(proposal: Proposal, action: Action, actor: User, reason: str = "") -> Step:
    """Ask the table, and turn its refusal into words. Errors: StepRefused, ReasonNeeded."""
    permissions = actor.permissions
    if not _owns(actor, proposal):
        permissions -= {Permission.PROPOSAL_SUBMIT}
    try:
        return workflow.take(action, proposal.status, permissions, reason)
    except workflow.ReasonMissing as missing:
        raise ReasonNeeded from missing
    except workflow.StepNotAllowed as refusal:
        raise StepRefused(_refusal(proposal, action, actor, permissions)) from refusal


def _owns(actor: User, proposal: Proposal) -> bool:
    return actor.organisation is not None and actor.organisation.id == proposal.organisation_id


def _refusal(proposal: Proposal, action: Action, actor: User, permissions: frozenset[Permission]) -> str:
    if not any(step.action is action and step.permission in permissions for step in workflow.STEPS):
        return _("「%(step)s」は、あなたの役割ではできません。担当の人に頼んでください。", step=action.label)
    status = proposal.status if actor.may(Permission.REVIEW_READ) else shown_status(proposal.status)
    return _(
        "この提案はいま「%(now)s」なので、「%(step)s」はできません。画面を開き直して、いまの状態を確認してください。",
        now=status.label,
        step=action.label,
    )


def take(
    proposal: Proposal,
    step: Step,
    *,
    actor: User | None,
    at: datetime,
    reason: str = "",
    fix_due_on: date | None = None,
    to_status: ProposalStatus | None = None,
    mail: dict[str, str] | None = None,
    **detail: str,
) -> None:
    """Move the proposal along the table's row, write it down, and tell the proposer.

    ``actor`` is None for what the clock does. ``to_status`` is given for the one row that says none.
    Errors: ValueError when neither says one.
    """
    status = step.to_status or to_status
    if status is None:
        raise ValueError(f"{step.action.value} must say where it leads")
    proposal.status = status
    db.session.add(
        ReviewEvent(
            proposal_id=proposal.id,
            at=at,
            actor_id=actor.id if actor else None,
            action=step.action,
            from_status=step.from_status,
            to_status=status,
            reason=reason,
            fix_due_on=fix_due_on,
        )
    )
    db.session.flush()
    audit.record(
        f"{_SOURCES[step.permission] if actor else 'system'}:proposal:{step.action.value}",
        proposal.public_number,
        actor_id=actor.id if actor else None,
        at=at,
        from_status=step.from_status.value,
        to_status=status.value,
        **detail,
    )
    if step.action in NOTICE_OF:
        values = {"reason": reason, "fix_due_on": fix_due_on} | (mail or {})
        tell_proposer(proposal, NOTICE_OF[step.action], at=at, **values)


def tell_proposer(proposal: Proposal, kind: str, *, at: datetime, **values: Any) -> None:
    """Queue a mail to each member of the proposing organisation; where nobody has an account, to its contact.

    What came on paper has an owner too, who must learn the result.
    """
    organisation = proposal.organisation
    told: list[tuple[str, int | None, str]] = [
        (person.email, person.id, person.name) for person in members_of(organisation.id)
    ]
    if not told and organisation.contact_email:
        told = [(organisation.contact_email, None, organisation.contact_name or _("ご担当者"))]
    for email, user_id, name in told:
        notices.queue(
            kind,
            to_email=email,
            to_user_id=user_id,
            at=at,
            name=name,
            organisation=organisation.name,
            title=proposal.title,
            number=proposal.public_number,
            **values,
        )


def members_of(organisation_id: int) -> Sequence[User]:
    """Return the people who get an organisation's mails."""
    return db.session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.suspended_at.is_(None),
            User.email_confirmed_at.is_not(None),
        )
        .order_by(User.id)
    ).all()
