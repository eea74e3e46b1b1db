"""Words of the directory."""

from matchmaker.matching.terms import Term


class Side(Term):
    """Which side of a match an organisation stands on."""

    NPO = "npo", "NPO"
    COMPANY = "company", "企業"


class Verification(Term):
    """Whether the NPO office has checked that an organisation is what it says."""

    WAITING = "waiting", "確認待ち"
    VERIFIED = "verified", "確認ずみ"
    REFUSED = "refused", "確認できず"
