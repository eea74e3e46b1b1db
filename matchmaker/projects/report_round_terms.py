"""The words of a yearly report round. Pure."""

from matchmaker.matching.terms import Term


class CarryChoice(Term):
    """What a division says of a project of the year before."""

    CONTINUED = "continued", "続ける"
    CHANGED = "changed", "内容を変えて続ける"
    ENDED = "ended", "終わった"


class PairVerdict(Term):
    """What the office says of two reports that look alike."""

    SAME = "same", "同じ事業（1つにまとめる）"
    DIFFERENT = "different", "別の事業"


class RoundAction(Term):
    """What somebody did in a round; labels are how the history says it."""

    OPEN = "open", "取りまとめを開始"
    CHANGE = "change", "期限・お知らせを変更"
    CARRY = "carry", "前の年度の事業に回答"
    UNDO = "undo", "前の年度の事業への回答を取り消し"
    UPLOAD = "upload", "Excelから登録"
    HAND_IN = "hand-in", "一覧を提出"
    CONFIRM_PROXY = "confirm-proxy", "代理入力の内容を確認"
    TAKE_BACK = "take-back", "提出を取り消し"
    COMPARE = "compare", "似ている事業を判断"
    PART = "part", "まとめた事業を分けた"
    CONFIRM = "confirm", "まとめて確認"
    CLOSE = "close", "取りまとめを締め切り、年度を確定"
