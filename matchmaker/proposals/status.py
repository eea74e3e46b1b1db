"""Where a proposal stands, and the forms a collaboration can take. Pure."""

from matchmaker.matching.terms import Term


class ProposalStatus(Term):
    """The states of the record; ``review.workflow`` says how one becomes the other."""

    DRAFT = "draft", "下書き"
    SUBMITTED = "submitted", "提出ずみ（受理待ち）"
    RETURNED_FOR_FIX = "returned-for-fix", "修正依頼中"
    LAPSED = "lapsed", "休止中（修正の期限が過ぎました）"
    INELIGIBLE = "ineligible", "対象外"
    ACCEPTED = "accepted", "審査中"
    CIRCULATED = "circulated", "関係課の意見を聞いています"
    SHORTLISTED = "shortlisted", "第1次審査を通過"
    NOT_SHORTLISTED = "not-shortlisted", "第1次審査で不採択"
    PRESENTED = "presented", "発表ずみ"
    SCORED = "scored", "審査会の判断ずみ"
    HELD = "held", "保留中"
    DECISION_DRAFTED = "decision-drafted", "起案ずみ（決裁待ち）"
    DECIDED = "decided", "仮決定（通知前）"
    ADOPTED = "adopted", "採択"
    REFERRED = "referred", "採択外（協議を仲介）"
    REJECTED = "rejected", "不採択"
    WITHDRAWN = "withdrawn", "取り下げ"


EDITABLE = frozenset({ProposalStatus.DRAFT, ProposalStatus.RETURNED_FOR_FIX})
"""The states in which the owner may change the text."""

DRAFTABLE = frozenset(
    {
        ProposalStatus.ACCEPTED,
        ProposalStatus.CIRCULATED,
        ProposalStatus.SHORTLISTED,
        ProposalStatus.PRESENTED,
        ProposalStatus.SCORED,
        ProposalStatus.HELD,
    }
)
"""The states in which a decision may be drafted (起案)."""

SHOWN_AS_ACCEPTED = DRAFTABLE | {ProposalStatus.DECISION_DRAFTED, ProposalStatus.DECIDED}
"""States that everybody but those who review sees as ACCEPTED.

If some of them showed their own name, the step back to "under review" would tell that a decision is being drafted. What
outsiders may know of the way (circulated, first stage passed, presented, held) stands in the history.
"""

NOT_PUBLIC = frozenset({ProposalStatus.WITHDRAWN, ProposalStatus.INELIGIBLE, ProposalStatus.LAPSED})
"""States in which a proposal is shown to nobody but its owner and the office, published or not."""

WITH_RESULT = frozenset(
    {ProposalStatus.ADOPTED, ProposalStatus.REFERRED, ProposalStatus.REJECTED, ProposalStatus.NOT_SHORTLISTED}
)


def shown_status(status: ProposalStatus) -> ProposalStatus:
    """Return the status as people outside the office may know it: nothing of a decision before its release.

    >>> shown_status(ProposalStatus.DECIDED).label
    '審査中'
    """
    return ProposalStatus.ACCEPTED if status in SHOWN_AS_ACCEPTED else status


class CollaborationForm(Term):
    """The form in which the parties work together (協働の形態)."""

    COMMISSION = "commission", "委託"
    SUBSIDY = "subsidy", "補助"
    COST_SHARE = "cost-share", "負担金"
    CO_HOSTING = "co-hosting", "共催"
    COMMITTEE = "committee", "実行委員会・協議会"
    AGREEMENT = "agreement", "協定"
    SPONSORSHIP = "sponsorship", "後援"
    COOPERATION = "cooperation", "事業協力"


class PublicStage(Term):
    """Where a proposal stands in the eyes of the public, which learns nothing of what passes before a result."""

    SEEKING = "seeking", "提出前（相手をさがしています）"
    REVIEW = "review", "審査中"
    ADOPTED = "adopted", "採択"
    REFERRED = "referred", "採択外（協議を仲介）"
    REJECTED = "rejected", "不採択"

    @property
    def statuses(self) -> frozenset[ProposalStatus]:
        """The states of the record that are shown as this stage."""
        return frozenset(status for status, stage in _STAGES.items() if stage is self)


_STAGES = {
    ProposalStatus.DRAFT: PublicStage.SEEKING,
    ProposalStatus.SUBMITTED: PublicStage.REVIEW,
    ProposalStatus.RETURNED_FOR_FIX: PublicStage.REVIEW,
    **dict.fromkeys(SHOWN_AS_ACCEPTED, PublicStage.REVIEW),
    ProposalStatus.ADOPTED: PublicStage.ADOPTED,
    ProposalStatus.REFERRED: PublicStage.REFERRED,
    ProposalStatus.REJECTED: PublicStage.REJECTED,
    ProposalStatus.NOT_SHORTLISTED: PublicStage.REJECTED,
}


def public_stage(status: ProposalStatus) -> PublicStage:
    """Return the stage as which everybody sees a public proposal. Errors: KeyError for states that are not public.

    >>> public_stage(ProposalStatus.RETURNED_FOR_FIX).label
    '審査中'
    """
    return _STAGES[status]


UNKNOWN_RESULT = "unknown"
"""Stands for the result of a past proposal of which none was published."""
