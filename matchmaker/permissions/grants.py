"""What each role may do. A route names a permission, never a role.

Who may act on *which* record is decided by the queries, which are scoped to the person.
"""

from enum import StrEnum


class Role(StrEnum):
    """A part that a signed-in person plays. The first two come from membership of an organisation."""

    NPO = "npo"
    COMPANY = "company"
    NPO_OFFICE = "npo-office"
    DIVISION = "division"
    PANEL = "panel"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    INTERMEDIARY = "intermediary"


STAFF_ROLES = frozenset(
    {
        Role.NPO_OFFICE,
        Role.DIVISION,
        Role.PANEL,
        Role.APPROVER,
        Role.ADMINISTRATOR,
        Role.COORDINATOR,
        Role.INTERMEDIARY,
    }
)


class Permission(StrEnum):
    """``resource:action``."""

    ACCOUNT_USE = "account:use"
    ACCOUNT_MANAGE = "account:manage"
    DIVISION_KEEP = "division:keep"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_VERIFY = "organisation:verify"
    PROPOSAL_WRITE = "proposal:write"
    PROPOSAL_SUBMIT = "proposal:submit"
    INTEREST_WRITE = "interest:write"
    MATCH_READ = "match:read"
    INTRODUCTION_ASK = "introduction:ask"
    INTRODUCTION_ANSWER = "introduction:answer"
    REVIEW_READ = "review:read"
    PROPOSAL_SCREEN = "proposal:screen"
    CALL_EDIT = "call:edit"
    CONSULTATION_MANAGE = "consultation:manage"
    CIRCULATION_SEND = "circulation:send"
    CIRCULATION_ANSWER = "circulation:answer"
    PANEL_MANAGE = "panel:manage"
    PANEL_SCORE = "panel:score"
    DECISION_DRAFT = "decision:draft"
    DECISION_DECIDE = "decision:decide"
    DISCLOSURE_EXPORT = "disclosure:export"
    PROXY_ENTER = "proxy:enter"
    PROJECT_TAKE_PART = "project:take-part"
    REFLECTION_COORDINATE = "reflection:coordinate"
    PROJECT_REPORT = "project:report"
    PROJECT_CONFIRM = "project:confirm"
    INDICATOR_ENTER = "indicator:enter"
    AUDIT_READ = "audit:read"
    RULESET_EDIT = "ruleset:edit"
    EXPOSURE_MANAGE = "exposure:manage"


_EVERYBODY = frozenset({Permission.ACCOUNT_USE})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.NPO: _EVERYBODY
    | {
        Permission.ORGANISATION_EDIT,
        Permission.PROPOSAL_WRITE,
        Permission.PROPOSAL_SUBMIT,
        Permission.PROJECT_TAKE_PART,
        Permission.MATCH_READ,
        Permission.INTRODUCTION_ASK,
        Permission.INTRODUCTION_ANSWER,
    },
    Role.COMPANY: _EVERYBODY
    | {
        Permission.ORGANISATION_EDIT,
        Permission.INTEREST_WRITE,
        Permission.PROJECT_TAKE_PART,
        Permission.MATCH_READ,
        Permission.INTRODUCTION_ASK,
        Permission.INTRODUCTION_ANSWER,
    },
    Role.NPO_OFFICE: _EVERYBODY
    | {
        Permission.DIVISION_KEEP,
        Permission.ORGANISATION_VERIFY,
        Permission.MATCH_READ,
        Permission.REVIEW_READ,
        Permission.PROPOSAL_SCREEN,
        Permission.CALL_EDIT,
        Permission.CONSULTATION_MANAGE,
        Permission.CIRCULATION_SEND,
        Permission.PANEL_MANAGE,
        Permission.DECISION_DRAFT,
        Permission.DISCLOSURE_EXPORT,
        Permission.PROXY_ENTER,
        Permission.PROJECT_TAKE_PART,
        Permission.PROJECT_REPORT,
        Permission.PROJECT_CONFIRM,
        Permission.INDICATOR_ENTER,
        Permission.EXPOSURE_MANAGE,
    },
    Role.DIVISION: _EVERYBODY
    | {
        Permission.CONSULTATION_MANAGE,
        Permission.CIRCULATION_ANSWER,
        Permission.PROJECT_TAKE_PART,
        Permission.PROJECT_REPORT,
    },
    Role.PANEL: _EVERYBODY | {Permission.PANEL_SCORE},
    Role.APPROVER: _EVERYBODY | {Permission.REVIEW_READ, Permission.MATCH_READ, Permission.DECISION_DECIDE},
    Role.ADMINISTRATOR: _EVERYBODY
    | {Permission.DIVISION_KEEP, Permission.ACCOUNT_MANAGE, Permission.AUDIT_READ, Permission.RULESET_EDIT},
    Role.COORDINATOR: _EVERYBODY | {Permission.REFLECTION_COORDINATE},
    Role.INTERMEDIARY: _EVERYBODY | {Permission.PROXY_ENTER},
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return all that a person with these roles may do.

    >>> Permission.DECISION_DECIDE in permissions_of(frozenset({Role.NPO_OFFICE}))
    False
    >>> permissions_of(frozenset())
    frozenset({<Permission.ACCOUNT_USE: 'account:use'>})
    """
    return _EVERYBODY.union(*(GRANTS[role] for role in roles))
