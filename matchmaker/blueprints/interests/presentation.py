"""Interests as rows of label and text."""

from collections.abc import Iterable
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from matchmaker.blueprints.filters import amount
from matchmaker.blueprints.interests.forms import InterestForm
from matchmaker.directory.places import label_of
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.interests.answers import Answers, answers_of
from matchmaker.interests.models import Interest
from matchmaker.introductions.disclosure import Disclosure
from matchmaker.matching.facts import Offer


def facts_shown(interest: Interest, disclosure: Disclosure) -> list[dict[str, Any]]:
    """Return what a person may read of an interest, for the summary list."""
    answers = answers_of(interest)
    rows = _rows(answers)
    profile = disclosure.text(interest, interest.organisation.description)
    shown = [(label, disclosure.text(interest, text)) for label, text in rows]
    return [{"label": label, "value": text} for label, text in [(_("企業の紹介"), profile), *shown] if text]


def conflict_of(form: InterestForm, saved: Interest) -> dict[str, Any]:
    """Return what the conflict page needs: both texts, and how to save one's own after all."""
    mine, theirs = dict(_rows(form.to_answers())), dict(_rows(answers_of(saved)))
    values = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    return {
        "what": _("関心 %(number)s", number=saved.number),
        "by": None,
        "at": saved.saved_at,
        "fields": [
            {"label": label, "mine": text, "theirs": theirs[label], "changes": None}
            for label, text in mine.items()
            if text != theirs[label]
        ],
        "edit_url": url_for("interests.edit", number=saved.number),
        "resend": {
            "url": url_for("interests.edit", number=saved.number),
            "values": [*values, ("version", str(saved.version))],
        },
    }


def offer_text(offer: Offer) -> str:
    """Return an offer on one line: 「物品：文具（100個）」."""
    text = _("%(kind)s：%(detail)s", kind=offer.kind.label, detail=offer.detail) if offer.detail else offer.kind.label
    return f"{text}（{amount(offer.amount)}{offer.unit.label}）" if offer.amount and offer.unit else text


def _rows(answers: Answers) -> list[tuple[str, str]]:
    outside = [_("選んだ地域の外の提案")] if answers.refuses_outside_regions else []
    refused = [*_labels(answers.refused_fields), *_labels(answers.refused_legal_forms), *_labels(answers.refused_kinds)]
    themes = _("まだ決まっていない") if answers.is_undecided else "、".join(_labels(answers.themes))
    return [
        (_("テーマ"), themes),
        (_("地域"), "、".join(map(label_of, answers.place_codes))),
        (_("出せるもの"), "\n".join(map(offer_text, answers.offers))),
        (_("受けないこと"), "、".join([*refused, *outside])),
        (_("受けないことについての説明"), answers.refusal_note),
        (_("社会貢献の方針"), answers.policy),
        (_("社名の公開"), _("公開する") if answers.shows_name else _("紹介が成立するまで公開しない")),
        (_("登録の期限"), _until(answers)),
    ]


def _until(answers: Answers) -> str:
    return _("%(day)sまで", day=japanese_date(answers.valid_until_on)) if answers.valid_until_on else ""


def _labels(terms: Iterable[Any]) -> list[str]:
    return [term.label for term in terms]
