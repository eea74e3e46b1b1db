"""The workflow as one table: it drives enforcement, buttons, tests and ``docs/workflow.md``. Pure.

Source: the Mie process 2003-2012 as described in the policy and the prefecture's notices; see ``docs/workflow.md``.
"""

from dataclasses import dataclass

from matchmaker.matching.terms import Term
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.status import DRAFTABLE
from matchmaker.proposals.status import ProposalStatus as Status


class Action(Term):
    """What a person does to a proposal; labels are the words on the buttons."""

    SUBMIT = "submit", "提出する"
    RESUBMIT = "resubmit", "修正して再提出する"
    ACCEPT = "accept", "受理する"
    RETURN_FOR_FIX = "return-for-fix", "修正を求める"
    MARK_INELIGIBLE = "mark-ineligible", "対象外とする"
    LAPSE = "lapse", "修正の期限が過ぎたので休止する"
    RESUME = "resume", "休止した提案を再開する"
    CIRCULATE = "circulate", "関係課に回付する"
    PRESENT = "present", "発表がすんだことを記録する"
    SCORE = "score", "審査会の判断を記録する"
    DRAFT_DECISION = "draft-decision", "起案する"
    SEND_BACK = "send-back", "差し戻す"
    DECIDE = "decide", "決裁する"
    ADOPT = "adopt", "採択を通知する"
    REFER = "refer", "協議の仲介を通知する"
    REJECT = "reject", "不採択を通知する"
    SHORTLIST = "shortlist", "第1次審査の通過を通知する"
    NOT_SHORTLIST = "not-shortlist", "第1次審査の不採択を通知する"
    HOLD = "hold", "保留を通知する"
    REOPEN = "reopen", "再検討で審査に戻す"
    WITHDRAW = "withdraw", "取り下げる"


class Outcome(Term):
    """What a decision says."""

    ADOPT = "adopt", "採択"
    REFER = "refer", "採択外（協議を仲介）"
    REJECT = "reject", "不採択"
    SHORTLIST = "shortlist", "第1次審査を通過"
    NOT_SHORTLIST = "not-shortlist", "第1次審査で不採択"
    HOLD = "hold", "保留"


SCREENING = frozenset({Action.ACCEPT, Action.RETURN_FOR_FIX, Action.MARK_INELIGIBLE})
"""What the office does when a proposal comes in."""

INTERNAL = frozenset({Action.DRAFT_DECISION, Action.SEND_BACK, Action.DECIDE})
"""Steps that only those who review ever see: they tell of a decision before its release, and of its drafts."""

RELEASES = {
    Outcome.ADOPT: Action.ADOPT,
    Outcome.REFER: Action.REFER,
    Outcome.REJECT: Action.REJECT,
    Outcome.SHORTLIST: Action.SHORTLIST,
    Outcome.NOT_SHORTLIST: Action.NOT_SHORTLIST,
    Outcome.HOLD: Action.HOLD,
}
"""The action that releases each outcome to the proposer."""

_FINAL = (Outcome.ADOPT, Outcome.REFER, Outcome.REJECT)
_FIRST_STAGE = (Outcome.SHORTLIST, Outcome.NOT_SHORTLIST)

OUTCOMES_FROM: dict[Status, tuple[Outcome, ...]] = {
    Status.ACCEPTED: (*_FINAL, *_FIRST_STAGE, Outcome.HOLD),
    Status.CIRCULATED: (*_FINAL, *_FIRST_STAGE, Outcome.HOLD),
    Status.SHORTLISTED: (*_FINAL, Outcome.HOLD),
    Status.PRESENTED: (*_FINAL, Outcome.HOLD),
    Status.SCORED: (*_FINAL, Outcome.HOLD),
    Status.HELD: (*_FINAL, *_FIRST_STAGE),
}
"""What a decision may say, by the state in which it is drafted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: who may turn which status into which, and whether the reason must be said.

    ``to_status`` is None for the one step that leads back to where the draft was made.
    """

    action: Action
    from_status: Status
    to_status: Status | None
    permission: Permission
    needs_reason: bool = False


_BEFORE_RESULT = (
    Status.DRAFT,
    Status.SUBMITTED,
    Status.RETURNED_FOR_FIX,
    Status.LAPSED,
    *(status for status in Status if status in DRAFTABLE),
    # Refusing a withdrawal here would tell the proposer that a decision is being made.
    Status.DECISION_DRAFTED,
    Status.DECIDED,
)

STEPS: tuple[Step, ...] = (
    Step(Action.SUBMIT, Status.DRAFT, Status.SUBMITTED, Permission.PROPOSAL_SUBMIT),
    Step(Action.RESUBMIT, Status.RETURNED_FOR_FIX, Status.SUBMITTED, Permission.PROPOSAL_SUBMIT),
    Step(Action.ACCEPT, Status.SUBMITTED, Status.ACCEPTED, Permission.PROPOSAL_SCREEN),
    Step(
        Action.RETURN_FOR_FIX, Status.SUBMITTED, Status.RETURNED_FOR_FIX, Permission.PROPOSAL_SCREEN, needs_reason=True
    ),
    Step(Action.MARK_INELIGIBLE, Status.SUBMITTED, Status.INELIGIBLE, Permission.PROPOSAL_SCREEN, needs_reason=True),
    # Taken by the clock in the office's name (review.clocks), when the day for the changes has long passed.
    Step(Action.LAPSE, Status.RETURNED_FOR_FIX, Status.LAPSED, Permission.PROPOSAL_SCREEN),
    Step(Action.RESUME, Status.LAPSED, Status.RETURNED_FOR_FIX, Permission.PROPOSAL_SCREEN, needs_reason=True),
    Step(Action.CIRCULATE, Status.ACCEPTED, Status.CIRCULATED, Permission.CIRCULATION_SEND),
    Step(Action.PRESENT, Status.SHORTLISTED, Status.PRESENTED, Permission.PANEL_MANAGE),
    Step(Action.SCORE, Status.SHORTLISTED, Status.SCORED, Permission.PANEL_MANAGE),
    Step(Action.SCORE, Status.PRESENTED, Status.SCORED, Permission.PANEL_MANAGE),
    *(
        Step(Action.DRAFT_DECISION, status, Status.DECISION_DRAFTED, Permission.DECISION_DRAFT, needs_reason=True)
        for status in Status
        if status in DRAFTABLE
    ),
    Step(Action.SEND_BACK, Status.DECISION_DRAFTED, None, Permission.DECISION_DECIDE, needs_reason=True),
    Step(Action.DECIDE, Status.DECISION_DRAFTED, Status.DECIDED, Permission.DECISION_DECIDE),
    Step(Action.ADOPT, Status.DECIDED, Status.ADOPTED, Permission.DECISION_DECIDE),
    Step(Action.REFER, Status.DECIDED, Status.REFERRED, Permission.DECISION_DECIDE),
    Step(Action.REJECT, Status.DECIDED, Status.REJECTED, Permission.DECISION_DECIDE),
    Step(Action.SHORTLIST, Status.DECIDED, Status.SHORTLISTED, Permission.DECISION_DECIDE),
    Step(Action.NOT_SHORTLIST, Status.DECIDED, Status.NOT_SHORTLISTED, Permission.DECISION_DECIDE),
    Step(Action.HOLD, Status.DECIDED, Status.HELD, Permission.DECISION_DECIDE),
    *(
        Step(Action.REOPEN, status, Status.ACCEPTED, Permission.DECISION_DECIDE, needs_reason=True)
        for status in (Status.INELIGIBLE, Status.NOT_SHORTLISTED, Status.REFERRED, Status.REJECTED)
    ),
    *(Step(Action.WITHDRAW, status, Status.WITHDRAWN, Permission.PROPOSAL_SUBMIT) for status in _BEFORE_RESULT),
)


class StepNotAllowed(Exception):
    """The status has no such step, the person lacks the permission, or the reason is missing."""


class ReasonMissing(StepNotAllowed):
    """The step exists but must say its reason."""


def steps_from(status: Status, permissions: frozenset[Permission]) -> list[Step]:
    """Return the steps that a person with these permissions may take now, in table order.

    >>> [str(step.action) for step in steps_from(Status.SUBMITTED, frozenset({Permission.PROPOSAL_SCREEN}))]
    ['accept', 'return-for-fix', 'mark-ineligible']
    """
    return [step for step in STEPS if step.from_status is status and step.permission in permissions]


def take(action: Action, status: Status, permissions: frozenset[Permission], reason: str = "") -> Step:
    """Return the step that an action takes from a status.

    Errors: StepNotAllowed when the table has no such row for these permissions; ReasonMissing when the reason is blank.

    >>> take(Action.ACCEPT, Status.SUBMITTED, frozenset({Permission.PROPOSAL_SCREEN})).to_status
    <ProposalStatus.ACCEPTED: 'accepted'>
    >>> take(Action.ACCEPT, Status.DRAFT, frozenset({Permission.PROPOSAL_SCREEN}))
    Traceback (most recent call last):
    ...
    matchmaker.review.workflow.StepNotAllowed: accept is no step from draft
    """
    for step in steps_from(status, permissions):
        if step.action is action:
            if step.needs_reason and not reason.strip():
                raise ReasonMissing(f"{action.value} needs a reason")
            return step
    raise StepNotAllowed(f"{action.value} is no step from {status.value}")
