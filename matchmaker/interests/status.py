"""Where an interest stands. Pure."""

from enum import StrEnum

from matchmaker.matching.terms import Term


class InterestStatus(Term):
    DRAFT = "draft", "下書き"
    ACTIVE = "active", "公開中"
    PAUSED = "paused", "休止中"
    EXPIRED = "expired", "期限切れ"
    ENDED = "ended", "終了"


class RefusalKind(StrEnum):
    """What a refusal speaks of; its value is a code of the named vocabulary."""

    FIELD = "field"  # matching.terms.ActivityField
    LEGAL_FORM = "legal-form"  # matching.terms.LegalForm
    RESOURCE_KIND = "resource-kind"  # matching.terms.ResourceKind
    OUTSIDE_REGIONS = "outside-regions"  # value "yes": nothing outside the interest's regions
