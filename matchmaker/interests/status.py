"""Where an interest stands. Pure."""

from datetime import date
from enum import StrEnum

from matchmaker.matching.terms import Term


class InterestStatus(Term):
    DRAFT = "draft", "下書き"
    ACTIVE = "active", "公開中"
    PAUSED = "paused", "休止中"
    EXPIRED = "expired", "期限切れ"
    ENDED = "ended", "終了"


RUNNING = frozenset({InterestStatus.ACTIVE, InterestStatus.PAUSED})
"""The states that the passing of the last day ends."""


def status_on(status: InterestStatus, valid_until_on: date | None, on: date) -> InterestStatus:
    """Return the status on a day: the last day has passed whether or not the daily command has run.

    >>> status_on(InterestStatus.ACTIVE, date(2027, 3, 31), date(2027, 4, 1)).label
    '期限切れ'
    >>> status_on(InterestStatus.ACTIVE, date(2027, 3, 31), date(2027, 3, 31)).label
    '公開中'
    """
    has_passed = valid_until_on is not None and valid_until_on < on
    return InterestStatus.EXPIRED if has_passed and status in RUNNING else status


class RefusalKind(StrEnum):
    """What a refusal speaks of; its value is a code of the named vocabulary."""

    FIELD = "field"  # matching.terms.ActivityField
    LEGAL_FORM = "legal-form"  # matching.terms.LegalForm
    RESOURCE_KIND = "resource-kind"  # matching.terms.ResourceKind
    OUTSIDE_REGIONS = "outside-regions"  # value "yes": nothing outside the interest's regions
