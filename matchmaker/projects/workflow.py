"""The life of a project as one table: it drives enforcement, the steps that pages offer, and the tests. Pure.

Source: the states of the Mie process 2003-2012 (working groups, agreement by divisions, waiting for an answer,
contract, ふりかえり); the parties act, the NPO office keeps the record.
"""

from dataclasses import dataclass
from enum import StrEnum

from matchmaker.projects.status import UNDERWAY
from matchmaker.projects.status import ProjectAction as Action
from matchmaker.projects.status import ProjectStatus as Status


class Part(StrEnum):
    """The part that a person plays in one project; who plays none may not act on it."""

    OFFICE = "office"
    DIVISION = "division"
    NPO = "npo"
    COMPANY = "company"


EVERYBODY = frozenset(Part)
_OFFICE = frozenset({Part.OFFICE})
_PREFECTURE = frozenset({Part.OFFICE, Part.DIVISION})

BUTTONS = {
    Action.CONTRACT: "契約などの手続きを記録する",
    Action.START: "実施を始める",
    Action.STALL: "停滞中とする",
    Action.RESUME: "検討・実施を再開する",
    Action.REROUTE: "担当課を変える",
    Action.DISSOLVE: "解消する",
    Action.COMPLETE: "完了を確定する",
    Action.CLOSE: "終了する",
    Action.CONTINUE: "翌年度に続ける",
    Action.MERGE: "ほかの事業に統合する",
}
"""The steps that have a page of their own, in the order in which they are offered, with the words on their buttons."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: what turns which status into which, whose step it is, and whether the reason must be said.

    ``to_status`` is None where the project's own facts decide: its period (confirm), its form (agree), or where it
    stood before (resume, re-route, part).
    """

    action: Action
    from_status: Status
    to_status: Status | None
    parts: frozenset[Part]
    needs_reason: bool = False


_RUNNING = tuple(status for status in Status if status in UNDERWAY and status is not Status.STALLED)
_ALL_UNDERWAY = tuple(status for status in Status if status in UNDERWAY)

STEPS: tuple[Step, ...] = (
    Step(Action.CONFIRM, Status.REPORTED, None, _OFFICE),
    Step(Action.REFUSE, Status.REPORTED, Status.REFUSED, _OFFICE, needs_reason=True),
    Step(Action.AGREE, Status.WORKING, None, EVERYBODY),
    Step(Action.AGREE, Status.STALLED, None, EVERYBODY),
    Step(Action.CONTRACT, Status.AGREED, Status.CONTRACTED, _PREFECTURE),
    Step(Action.START, Status.AGREED, Status.IN_PROGRESS, EVERYBODY),
    Step(Action.START, Status.CONTRACTED, Status.IN_PROGRESS, EVERYBODY),
    *(Step(Action.STALL, status, Status.STALLED, EVERYBODY, needs_reason=True) for status in _RUNNING),
    Step(Action.RESUME, Status.STALLED, None, EVERYBODY),
    *(Step(Action.REROUTE, status, None, _OFFICE, needs_reason=True) for status in _ALL_UNDERWAY),
    *(Step(Action.DISSOLVE, status, Status.DISSOLVED, _OFFICE, needs_reason=True) for status in _ALL_UNDERWAY),
    Step(Action.COMPLETE, Status.IN_PROGRESS, Status.COMPLETED, _PREFECTURE),
    Step(Action.REFLECT, Status.COMPLETED, Status.REFLECTED, EVERYBODY),
    Step(Action.CLOSE, Status.COMPLETED, Status.CLOSED, _OFFICE, needs_reason=True),
    Step(Action.CLOSE, Status.REFLECTED, Status.CLOSED, _OFFICE),
    Step(Action.CONTINUE, Status.COMPLETED, Status.CONTINUED, _OFFICE),
    Step(Action.CONTINUE, Status.REFLECTED, Status.CONTINUED, _OFFICE),
    *(
        Step(Action.MERGE, status, Status.MERGED, _OFFICE, needs_reason=True)
        for status in (Status.REPORTED, *_ALL_UNDERWAY, Status.COMPLETED, Status.REFLECTED, Status.CLOSED)
    ),
    Step(Action.PART, Status.MERGED, None, _OFFICE, needs_reason=True),
)

STEP_ACTIONS = tuple(dict.fromkeys(step.action for step in STEPS))
"""The actions that change where a project stands."""


class StepNotAllowed(Exception):
    """The status has no such step."""


class NotYourStep(StepNotAllowed):
    """The step exists, but belongs to others."""


class ReasonMissing(StepNotAllowed):
    """The step exists but must say its reason."""


def steps_from(status: Status, parts: frozenset[Part]) -> list[Step]:
    """Return the steps that a person with these parts may take now, in table order.

    >>> [step.action.value for step in steps_from(Status.STALLED, frozenset({Part.NPO}))]
    ['agree', 'resume']
    """
    return [step for step in STEPS if step.from_status is status and step.parts & parts]


def take(action: Action, status: Status, parts: frozenset[Part], reason: str = "") -> Step:
    """Return the step that an action takes from a status.

    Errors: StepNotAllowed when the status has no such step; NotYourStep when none of the parts owns it;
    ReasonMissing when it must say why and does not.

    >>> take(Action.START, Status.CONTRACTED, frozenset({Part.NPO})).to_status
    <ProjectStatus.IN_PROGRESS: 'in-progress'>
    >>> take(Action.CLOSE, Status.REFLECTED, frozenset({Part.NPO}))
    Traceback (most recent call last):
    ...
    matchmaker.projects.workflow.NotYourStep: close from reflected belongs to office
    """
    step = next((step for step in STEPS if step.action is action and step.from_status is status), None)
    if step is None:
        raise StepNotAllowed(f"{action.value} is no step from {status.value}")
    if not step.parts & parts:
        raise NotYourStep(f"{action.value} from {status.value} belongs to {', '.join(sorted(step.parts))}")
    if step.needs_reason and not reason.strip():
        raise ReasonMissing(f"{action.value} needs a reason")
    return step
