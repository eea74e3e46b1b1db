"""Compose ``docs/workflow.md`` from the workflow's table, so that the page says nothing else than the code does."""

from matchmaker.permissions.grants import GRANTS, Permission
from matchmaker.proposals.status import DRAFTABLE, SHOWN_AS_ACCEPTED, ProposalStatus, shown_status
from matchmaker.review.steps import NOTICE_OF
from matchmaker.review.workflow import INTERNAL, STEPS, Step

_HEAD = """# The workflow of a proposal

Generated from `matchmaker/review/workflow.py` by `flask workflow diagram`; a test fails when this page is older than
the table. Change the table, not this page.

The table is the only place that says which step is possible: the service asks it before each step, the pages show its
rows as buttons, and the tests walk through every action from every status.
"""

_RULES = """## What the table cannot say

- A submission needs a verified organisation and every required answer (`proposals/completeness.py`).
- Two people decide: whoever drafted a decision (起案) cannot decide it (決裁). The database refuses it too.
- A withdrawal is possible until the result is released, also while a decision is drafted: refusing it would tell the
  proposer that a decision is being made.
- Each step is one transaction: the status, a row of the history, an entry of the audit record, and the mails.
- 「採択を通知する」 opens the project. Whether it counts for the indicator is decided later, when its form is agreed.

Source: the process of 21403 in Mie, 2003-2012, as the prefecture's notices describe it (reception, formal check, result
with reasons; 「採択外だが協議を仲介」 is an outcome of 2003; circulation, papers, public presentation, panel).
"""


def workflow_page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, _diagram(), _steps_in_words(), _secrecy(), _RULES])


def _diagram() -> str:
    lines = ["## As a picture", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{status.label}" as {_id(status)}' for status in ProposalStatus]
    lines += [f"    [*] --> {_id(ProposalStatus.DRAFT)}"]
    lines += [
        f"    {_id(step.from_status)} --> {_id(status)} : {step.action.label}"
        for step in STEPS
        for status in _ends(step)
    ]
    lines += [
        f"    {_id(status)} --> [*]" for status in ProposalStatus if not any(s.from_status is status for s in STEPS)
    ]
    return "\n".join([*lines, "```", ""])


def _steps_in_words() -> str:
    lines = [
        "## In words",
        "",
        "| Action | Button | From | To | Who | Reason | Mail to the proposer |",
        "|---|---|---|---|---|---|---|",
        *(_row(step) for step in STEPS),
    ]
    return "\n".join([*lines, ""])


def _row(step: Step) -> str:
    cells = [
        f"`{step.action.value}`",
        step.action.label,
        step.from_status.label,
        step.to_status.label if step.to_status else "where it was drafted",
        _roles(step.permission),
        "must be given" if step.needs_reason else "–",
        f"`{NOTICE_OF[step.action]}`" if step.action in NOTICE_OF else "none",
    ]
    return f"| {' | '.join(cells)} |"


def _roles(permission: Permission) -> str:
    return ", ".join(f"`{role.value}`" for role, granted in GRANTS.items() if permission in granted)


def _secrecy() -> str:
    hidden = "、".join(f"「{status.label}」" for status in ProposalStatus if status in SHOWN_AS_ACCEPTED)
    shown = "、".join(dict.fromkeys(shown_status(status).label for status in SHOWN_AS_ACCEPTED))
    steps = ", ".join(f"`{step.action.value}`" for step in STEPS if step.action in INTERNAL)
    return "\n".join(
        [
            "## What stays in the house",
            "",
            f"Everybody but the office and the approver sees {hidden} as 「{shown}」:",
            "if one of them showed its own name, the step back to it would tell that a decision is being drafted.",
            "What others may know stands in the history.",
            f"The steps {steps} never appear in the history that the proposer reads.",
            "",
        ]
    )


def _ends(step: Step) -> list[ProposalStatus]:
    return [step.to_status] if step.to_status else [status for status in ProposalStatus if status in DRAFTABLE]


def _id(status: ProposalStatus) -> str:
    return status.value.replace("-", "_")
