"""Where an introduction stands, and why one is declined. Pure."""

from matchmaker.matching.terms import Term


class IntroductionStatus(Term):
    ASKED = "asked", "返事待ち"
    TALKING = "talking", "話し合い中"
    DECLINED = "declined", "見送り"
    CLOSED = "closed", "終了"


OPEN = frozenset({IntroductionStatus.ASKED, IntroductionStatus.TALKING})
"""A pair can have one introduction in these states."""


class DeclineReason(Term):
    """Why the asked side says no, so that the other side learns something."""

    OTHER_THEME = "other-theme", "テーマが合わない"
    OTHER_REGION = "other-region", "地域が合わない"
    OTHER_RESOURCE = "other-resource", "必要なもの・出せるものが合わない"
    TIMING = "timing", "時期が合わない"
    NO_CAPACITY = "no-capacity", "いまは余力がない"
    ALREADY_PARTNERED = "already-partnered", "ほかの相手と進めている"
    MORE_INFORMATION = "more-information", "判断するための情報が足りない"
    OTHER = "other", "その他"


class SavedSearchKind(Term):
    """What a saved search looks through."""

    PROPOSALS = "proposals", "公開されている提案"
    PROPOSAL_MATCHES = "proposal-matches", "提案に合う企業"
    INTEREST_MATCHES = "interest-matches", "関心に合う提案"
