"""Where a project stands. Pure."""

from matchmaker.matching.terms import Term


class ProjectStatus(Term):
    REPORTED = "reported", "報告ずみ（確認前）"
    WORKING = "working", "検討中"
    AGREED = "agreed", "合意"
    STALLED = "stalled", "停滞中"
    DISSOLVED = "dissolved", "解消"
    CONTRACTED = "contracted", "契約・協定ずみ"
    IN_PROGRESS = "in-progress", "実施中"
    COMPLETED = "completed", "完了"
    REFLECTED = "reflected", "ふりかえりずみ"
    CLOSED = "closed", "終了"
    REFUSED = "refused", "確認できず"


class PartnerKind(Term):
    NPO = "npo", "NPO"
    COMPANY = "company", "企業"
    MUNICIPALITY = "municipality", "市町"
    OTHER = "other", "その他"
