"""What waits for a person: the words that every package uses to say it.

Each package offers ``waiting_for(user) -> list[WaitingItem]``; ``review.work`` joins them, adds the promised days and
shows them on one page and in one mail a day.
"""

from dataclasses import dataclass
from datetime import date, datetime

from matchmaker.matching.terms import Term


class WaitingKind(Term):
    """What has to be done; the values stand in addresses. ``review.promises`` says who owes it, and in which time."""

    SCREENING = "screening", "提案の受理の判断"
    CIRCULATING = "circulating", "受理した提案の回付"
    CIRCULATION = "circulation", "回付への返事"
    ASSESSING = "assessing", "審査を進めて起案"
    SCORING = "scoring", "採点"
    DECIDING = "deciding", "起案の決裁"
    RELEASING = "releasing", "決裁した結果の通知"
    RECONSIDERATION = "reconsideration", "再検討の申し出への回答"
    CONSULTATION = "consultation", "事前の意見交換への返事"
    DISCLOSURE = "disclosure", "情報公開の請求への対応"
    VERIFICATION = "verification", "団体・企業の確認"
    REPORT_CONFIRMATION = "report-confirmation", "事業の報告の確認"
    DIVISION_REPORT = "division-report", "年度の協働事業の一覧の提出"
    PROXY_LIST = "proxy-list", "代理で入力された一覧の確認"
    REPORT_ROUND = "report-round", "年度の取りまとめの締め切り"
    FIGURE_APPROVAL = "figure-approval", "指標の数値の承認"
    PROGRESS_APPROVAL = "progress-approval", "進展度の案の承認"
    RULE_ADOPTION = "rule-adoption", "数え方の案の採用"
    FORM_AGREEMENT = "form-agreement", "採択した事業の形の合意"
    FIXING = "fixing", "提案の修正"
    PROXY_CONFIRMATION = "proxy-confirmation", "代理で入力された提案の確認"
    INTRODUCTION = "introduction", "紹介の依頼への返事"
    PROJECT_REPORT = "project-report", "事業の進み具合の報告"
    SIGN_OFF = "sign-off", "協定や計画への同意"
    REPORT_CHECK = "report-check", "進捗・実績報告の確認"
    CHANGE_REQUEST = "change-request", "変更・中止の申請への回答"
    STANDSTILL = "standstill", "停滞している事業への返事"
    CONTRACTING = "contracting", "契約や交付決定の手続き"
    MINUTES = "minutes", "検討会の議事録"
    REFLECTION = "reflection", "ふりかえりシート"
    REFLECTION_SUMMARY = "reflection-summary", "ふりかえりの話し合いとまとめ"
    REFLECTION_CONSENT = "reflection-consent", "ふりかえりのまとめへの同意"


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that waits for the person.

    ``number`` names the record, and with ``kind`` the item: "R8-0012". ``path`` leads to where it is done. ``due_on``
    is given where a day of its own was set; otherwise the promise of the kind says it. ``note``: one more sentence.
    """

    kind: WaitingKind
    number: str
    title: str
    path: str
    since: datetime
    who: str = ""
    due_on: date | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """The item's name in addresses and forms.

        >>> from datetime import UTC
        >>> item = WaitingItem(WaitingKind.FIXING, "R8-0001", "", "/", datetime(2026, 4, 1, tzinfo=UTC))
        >>> item.key
        'fixing:R8-0001'
        """
        return f"{self.kind.value}:{self.number}"
