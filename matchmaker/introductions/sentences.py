"""Parts, refusals and changes of a match as plain Japanese sentences that name the two values behind them."""

from collections.abc import Callable

from matchmaker.foundation.messages import gettext as _
from matchmaker.matching.counterfactual import Change, Lever, Loss
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.facts import Need, Offer, Place
from matchmaker.matching.scoring import Part, Reason, Value, Values
from matchmaker.matching.weights import Criterion

# Said one at a time: a page of matches asks for two hundred of them.
_LABELS: dict[Criterion, Callable[[], str]] = {
    Criterion.WORDS: lambda: _("言葉の重なり"),
    Criterion.BIGRAMS: lambda: _("文字の並びの重なり"),
    Criterion.MEANING: lambda: _("文章の意味の近さ"),
    Criterion.REGION: lambda: _("地域"),
    Criterion.NEEDS: lambda: _("必要なものと提供できるもの"),
    Criterion.THEME: lambda: _("テーマ"),
    Criterion.BUSINESS: lambda: _("課題と本業のつながり"),
    Criterion.ONE_SIDEDNESS: lambda: _("片思いの調整"),
    Criterion.POOL: lambda: _("ほかの候補との比較"),
}


def criterion_label(criterion: Criterion) -> str:
    """Return the short name of a criterion, as a row or a bar is headed."""
    return _LABELS[criterion]()


def level_label(level: str) -> str:
    """Return the short name of a region level (a field of ``RegionLevels``), as a ruleset lists it."""
    return {
        "municipality": _("同じ市町"),
        "area": _("同じ生活圏"),
        "region": _("同じ地方（北勢・中勢など）"),
        "prefecture": _("会社の所在地と同じ都道府県"),
        "served": _("企業が対象とする都道府県"),
        "neighbour": _("となりの都道府県"),
        "nationwide": _("全国を対象とする企業・提案"),
        "elsewhere": _("それ以外"),
    }[level]


def part_sentence(part: Part) -> str:
    """Say in one sentence why a part has its points.

    >>> from matchmaker.matching.terms import Prefecture
    >>> mie = Place(Prefecture.MIE)
    >>> part_sentence(Part(Criterion.REGION, 178, 210, Reason.SAME_PREFECTURE, (mie,), (mie,)))
    '活動の場所（三重県）と会社の所在地（三重県）が、同じ都道府県です。'
    """
    if part.reason is Reason.NOT_ANSWERED_BY_PROPOSAL:
        return _("提案に記入がないため、比べていません（どの企業にも同じ点を入れています）。")
    if part.reason is Reason.NOT_ANSWERED_BY_INTEREST:
        return _("企業の登録に記入がないため、比べていません（どの提案にも同じ点を入れています）。")
    if part.reason is Reason.NOT_COMPARED:
        return _("文章の意味は比べていません（どの組み合わせにも同じ点を入れています）。")
    return _SENTENCES[part.criterion](part)


def refusal_sentence(refusal: Refusal) -> str:
    """Say why a pair cannot match, whatever its points."""
    return {
        Refusal.INTEREST_EXPIRED: _("企業の登録の期限が過ぎています。"),
        Refusal.PROPOSAL_CLOSED: _("提案の募集の期限が過ぎています。"),
        Refusal.FIELD_REFUSED: _("企業が受けないとしている分野の提案です。"),
        Refusal.LEGAL_FORM_REFUSED: _("企業が受けないとしている種類の団体の提案です。"),
        Refusal.NEEDS_REFUSED: _("提案が必要としているものは、すべて企業が提供しないとしているものです。"),
        Refusal.OUTSIDE_REGIONS: _("企業は決めた地域の外の提案を受けないとしており、提案の場所がその外です。"),
    }[refusal]


def condition_label(refusal: Refusal) -> str:
    """Return the short name of a hard condition, as a ruleset lists it."""
    return {
        Refusal.INTEREST_EXPIRED: _("企業の登録の期限"),
        Refusal.PROPOSAL_CLOSED: _("提案の募集の期限"),
        Refusal.FIELD_REFUSED: _("企業が受けないとした分野"),
        Refusal.LEGAL_FORM_REFUSED: _("企業が受けないとした団体の種類"),
        Refusal.NEEDS_REFUSED: _("企業が提供しないとしたもの"),
        Refusal.OUTSIDE_REGIONS: _("企業が受けないとした地域の外"),
    }[refusal]


def loss_sentence(loss: Loss) -> str:
    """Say how many points a criterion leaves on the table, or takes away."""
    name, points = criterion_label(loss.part.criterion), loss.part.points
    if loss.part.maximum == 0:
        return _("「%(name)s」で %(points)d点を引いています。", name=name, points=-points)
    return _(
        "「%(name)s」は %(maximum)d点のうち %(points)d点です。", name=name, maximum=loss.part.maximum, points=points
    )


def change_sentence(change: Change) -> str:
    """Say what would change, and whether it may only be changed if it is true."""
    said = {
        Lever.ADD_FIELD: _("活動の分野に「%(value)s」を加える", value=change.value),
        Lever.REMOVE_FIELD: _("活動の分野から「%(value)s」を外す", value=change.value),
        Lever.ADD_PLACE: _("活動の場所に「%(value)s」を加える", value=change.value),
        Lever.ADD_NEED: _("必要なものに「%(value)s」を加える", value=change.value),
        Lever.EXTEND_PROPOSAL: _("募集の期限をのばす"),
        Lever.ADD_THEME: _("関心のあるテーマに「%(value)s」を加える", value=change.value),
        Lever.ADD_REGION: _("対象の地域に「%(value)s」を加える", value=change.value),
        Lever.ADD_OFFER: _("提供できるものに「%(value)s」を加える", value=change.value),
        Lever.ACCEPT_FIELD: _("受けない分野から「%(value)s」を外す", value=change.value),
        Lever.ACCEPT_LEGAL_FORM: _("受けない団体の種類から「%(value)s」を外す", value=change.value),
        Lever.ACCEPT_KIND: _("提供しないものから「%(value)s」を外す", value=change.value),
        Lever.ACCEPT_OUTSIDE: _("決めた地域の外の提案も受ける"),
        Lever.EXTEND_INTEREST: _("登録の期限をのばす"),
    }[change.lever]
    if not change.is_fact:
        return said
    if change.lever is Lever.ADD_NEED:
        return said + _("（本当に必要な場合だけ）")
    return said + (_("（本当に変える場合だけ）") if change.lever in _DECISIONS else _("（事実である場合だけ）"))


_DECISIONS = frozenset(
    {
        Lever.EXTEND_PROPOSAL,
        Lever.ACCEPT_FIELD,
        Lever.ACCEPT_LEGAL_FORM,
        Lever.ACCEPT_KIND,
        Lever.ACCEPT_OUTSIDE,
        Lever.EXTEND_INTEREST,
    }
)
"""What a side may decide anew, unlike what simply is or is not so."""


def _words(part: Part) -> str:
    if part.reason is Reason.SHARED:
        return _("提案の文と企業の紹介文のどちらにも、%(values)sがあります。", values=_listed(part.proposal_values))
    return _(
        "同じ言葉がありません（提案は%(mine)s、企業は%(theirs)sなど）。",
        mine=_listed(part.proposal_values),
        theirs=_listed(part.interest_values),
    )


def _bigrams(part: Part) -> str:
    """Shared pairs of letters are no words: only what ``quotes`` made of them is said word by word."""
    if part.reason is Reason.NOTHING_SHARED:
        return _("提案の文と企業の紹介文を2文字ずつくらべても、同じ並びがありません。")
    if part.proposal_values:
        return _("提案の文と企業の紹介文に、同じ書き方の%(values)sがあります。", values=_listed(part.proposal_values))
    return _("提案の文と企業の紹介文を2文字ずつくらべると、同じ並びが少しあります（言葉としては重なっていません）。")


def _meaning(part: Part) -> str:
    if part.reason is Reason.SHARED:
        return _("提案の文と企業の紹介文を文章として比べると、意味が近いところがあります。")
    return _("提案の文と企業の紹介文を文章として比べると、意味はあまり近くありません。")


def _region(part: Part) -> str:
    values = {"mine": _listed(part.proposal_values, ""), "theirs": _listed(part.interest_values, "")}
    return {
        Reason.SAME_MUNICIPALITY: _("活動の場所（%(mine)s）は、企業の地元（%(theirs)s）と同じ市町村です。", **values),
        Reason.SAME_AREA: _("活動の場所（%(mine)s）は、企業の地域（%(theirs)s）と同じ生活圏です。", **values),
        Reason.SAME_REGION: _("活動の場所（%(mine)s）は、企業の地域（%(theirs)s）と同じ地方です。", **values),
        Reason.SAME_PREFECTURE: _("活動の場所（%(mine)s）と会社の所在地（%(theirs)s）が、同じ都道府県です。", **values),
        Reason.SERVED_PREFECTURE: _("活動の場所（%(mine)s）は、企業が対象とする地域（%(theirs)s）の中です。", **values),
        Reason.NEIGHBOURING_PREFECTURE: _("活動の場所（%(mine)s）は、企業の地域（%(theirs)s）の隣です。", **values),
        Reason.NATIONWIDE: _("活動の場所（%(mine)s）を、全国を対象とする企業（%(theirs)s）が含みます。", **values),
        Reason.ELSEWHERE: _("活動の場所（%(mine)s）は、企業の地域（%(theirs)s）から離れています。", **values),
    }[part.reason]


def _needs(part: Part) -> str:
    values = {"need": _listed(part.proposal_values), "offer": _listed(part.interest_values)}
    return {
        Reason.OFFERED: _(
            "必要なもの%(need)sに、企業の%(offer)sが合い、ほかの必要なものの種類もそろいます。", **values
        ),
        Reason.PARTLY_OFFERED: _("必要なもの%(need)sに、企業の%(offer)sが合います。", **values),
        Reason.NOTHING_SHARED: _("必要なもの%(need)sに合うものが、企業の%(offer)sなどにありません。", **values),
    }[part.reason]


def _theme(part: Part) -> str:
    if part.reason is Reason.SHARED:
        return _("提案の分野は、企業が関心を持つ%(values)sにつながります。", values=_listed(part.interest_values))
    return _(
        "提案の分野がつながる%(mine)sと、企業の%(theirs)sは別のテーマです。",
        mine=_listed(part.proposal_values),
        theirs=_listed(part.interest_values),
    )


def _business(part: Part) -> str:
    if part.reason is Reason.SHARED:
        return _("提案の課題と企業の事業や関心は、%(values)sでつながります。", values=_listed(part.proposal_values))
    return _(
        "提案の課題%(mine)sと、企業の事業や関心%(theirs)sに、つながりが見つかりません。",
        mine=_listed(part.proposal_values),
        theirs=_listed(part.interest_values),
    )


def _one_sidedness(part: Part) -> str:
    values = {"mine": _listed(part.proposal_values, ""), "theirs": _listed(part.interest_values, "")}
    if part.reason is Reason.EQUALLY_WANTED:
        return _("NPOから見た合い方（%(mine)s）と企業から見た合い方（%(theirs)s）に、大きな差はありません。", **values)
    return _("NPOから見た合い方（%(mine)s）と企業から見た合い方（%(theirs)s）に差があるため、引いています。", **values)


def _pool(part: Part) -> str:
    values = {"mine": _listed(part.proposal_values, ""), "theirs": _listed(part.interest_values, "")}
    if part.reason is Reason.FITS_MANY:
        return _(
            "ほかの多くの相手とも点が高くなりやすい組み合わせなので、引いています（提案 %(mine)s、企業 %(theirs)s）。",
            **values,
        )
    return _("ほかに合う相手が少ない組み合わせなので、加えています（提案 %(mine)s、企業 %(theirs)s）。", **values)


_SENTENCES: dict[Criterion, Callable[[Part], str]] = {
    Criterion.WORDS: _words,
    Criterion.BIGRAMS: _bigrams,
    Criterion.MEANING: _meaning,
    Criterion.REGION: _region,
    Criterion.NEEDS: _needs,
    Criterion.THEME: _theme,
    Criterion.BUSINESS: _business,
    Criterion.ONE_SIDEDNESS: _one_sidedness,
    Criterion.POOL: _pool,
}


def _listed(values: Values, quote: str = "「」") -> str:
    texts = [value_text(value) for value in values]
    return "".join(f"{quote[0]}{text}{quote[1]}" for text in texts) if quote else "、".join(texts)


def value_text(value: Value) -> str:
    """Return a value of a part as it is shown."""
    if isinstance(value, Place):
        return _place_text(value)
    if isinstance(value, Need | Offer):
        return f"{value.kind.label}：{value.detail}" if value.detail else value.kind.label
    return str(value)


def _place_text(place: Place) -> str:
    if place.prefecture is None:
        return _("全国")
    return place.prefecture.label + (place.name or place.area or place.region or "")
