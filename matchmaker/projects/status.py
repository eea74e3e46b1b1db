"""Where a project stands, who takes part, and what can be done to it. Pure."""

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
    CONTINUED = "continued", "翌年度に継続"
    MERGED = "merged", "ほかの事業に統合"
    REFUSED = "refused", "確認できず"


ENDED = frozenset(
    {
        ProjectStatus.DISSOLVED,
        ProjectStatus.CLOSED,
        ProjectStatus.CONTINUED,
        ProjectStatus.MERGED,
        ProjectStatus.REFUSED,
    }
)
"""States that nothing follows: the record is kept and no longer written to. Only a wrong merger is parted again."""

UNDERWAY = frozenset(
    {
        ProjectStatus.WORKING,
        ProjectStatus.STALLED,
        ProjectStatus.AGREED,
        ProjectStatus.CONTRACTED,
        ProjectStatus.IN_PROGRESS,
    }
)
"""States in which the parties meet, divide the work and agree."""


class PartnerKind(Term):
    NPO = "npo", "NPO"
    COMPANY = "company", "企業"
    MUNICIPALITY = "municipality", "市町"
    OTHER = "other", "その他"


class ProjectAction(Term):
    """What somebody did to a project; labels are how the history says it."""

    OPEN = "open", "採択により開始"
    REPORT = "report", "報告"
    CONFIRM = "confirm", "内容を確認"
    REFUSE = "refuse", "確認できないと回答"
    AGREE = "agree", "協働の形態に合意"
    CONTRACT = "contract", "契約などの手続きを記録"
    START = "start", "実施を開始"
    STALL = "stall", "停滞中とした"
    RESUME = "resume", "再開"
    REROUTE = "reroute", "担当課を変更"
    DISSOLVE = "dissolve", "解消"
    COMPLETE = "complete", "完了を確定"
    REFLECT = "reflect", "ふりかえりを終えた"
    CLOSE = "close", "終了"
    CONTINUE = "continue", "翌年度に継続"
    MERGE = "merge", "ほかの事業に統合"
    PART = "part", "統合した事業から分けた"
    EDIT = "edit", "内容を変更"
    MOVE = "move", "状態を変更"  # written before each step had a name of its own
    MEET = "meet", "検討会"
    DIVIDE_WORK = "divide-work", "役割分担を変更"
    CHOOSE_FORM = "choose-form", "協働の形態を選択"
    WRITE = "write", "協定の文書を作成・変更"
    SIGN = "sign", "協定の文書に署名"
    PLAN = "plan", "予定を変更"
    PREPARE = "prepare", "始める前の確認"
    DELIVER = "deliver", "報告を提出"
    ANSWER_REPORT = "answer-report", "報告に回答"
    ASK_CHANGE = "ask-change", "変更・中止を申請"
    ANSWER_CHANGE = "answer-change", "申請に回答"
    FUND = "fund", "予算・支払を記録"
