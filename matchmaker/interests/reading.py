"""Answers as people read them: the same words on pages and in conflicts."""

from collections.abc import Iterable

from matchmaker.directory.places import label_of
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.answers import Answers
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import Term


def rows_of(answers: Answers) -> list[tuple[str, str]]:
    """Return every answer as label and text; the text is "" when there is none."""
    outside = [_("選んだ地域の外の提案")] if answers.refuses_outside_regions else []
    refused = [*_labels(answers.refused_fields), *_labels(answers.refused_legal_forms), *_labels(answers.refused_kinds)]
    until = answers.valid_until_on
    return [
        (_("テーマ"), themes_in_words(answers)),
        (_("地域"), "、".join(map(label_of, answers.place_codes))),
        (_("出せるもの"), "\n".join(map(offer_in_words, answers.offers))),
        (_("受けないこと"), "、".join([*refused, *outside])),
        (_("受けないことについての説明"), answers.refusal_note),
        (_("社会貢献の方針"), answers.policy),
        (_("社名の公開"), _("公開する") if answers.shows_name else _("話し合いが始まるまで公開しない")),
        (_("登録の期限"), _("%(day)sまで", day=japanese_date(until)) if until else ""),
    ]


def themes_in_words(answers: Answers) -> str:
    """Return the themes, or that there is none on purpose."""
    return _("まだ決まっていない") if answers.is_undecided else "、".join(_labels(answers.themes))


def offer_in_words(offer: Offer) -> str:
    """Return an offer in a line.

    >>> from matchmaker.matching.terms import ResourceKind, Unit
    >>> offer_in_words(Offer(ResourceKind.GOODS, "文具", 1200, Unit.ITEMS))
    '物品：文具（1,200個）'
    """
    words = f"{offer.kind.label}：{offer.detail}" if offer.detail else offer.kind.label
    return f"{words}（{offer.amount:,}{offer.unit.label}）" if offer.amount and offer.unit else words


def _labels(terms: Iterable[Term]) -> list[str]:
    return [term.label for term in terms]
