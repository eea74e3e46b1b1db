"""Lines of ranked lists as the cards show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from matchmaker.directory.places import label_of
from matchmaker.interests.models import Interest
from matchmaker.introductions.disclosure import Disclosure
from matchmaker.introductions.exposure_plan import slot_sentence
from matchmaker.introductions.matches import Match, RankedMatch
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.narrowing import NEW_FOR, Narrowing
from matchmaker.introductions.status import IntroductionStatus
from matchmaker.matching.exposure import Reserved
from matchmaker.proposals.models import Proposal

TONES = {
    IntroductionStatus.ASKED: "warning",
    IntroductionStatus.TALKING: "success",
    IntroductionStatus.DECLINED: "neutral",
    IntroductionStatus.CLOSED: "neutral",
}

_NARROWING = ("subject", "place", "kind", "new", "box")
"""What an address may carry besides the page; anything else in it is dropped."""

Tag = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One line: whom it shows, where it leads, and the match behind it."""

    title: str
    url: str
    meta: list[str]
    tags: list[Tag]
    match: Match


def rows_of_interests(
    lines: Sequence[RankedMatch[Interest]],
    proposal: Proposal,
    disclosure: Disclosure,
    statuses: Mapping[int, IntroductionStatus],
    *,
    at: datetime,
) -> list[MatchRow]:
    """Return a proposal's list, companies named as far as the person may know."""
    return [
        MatchRow(
            title=disclosure.company(line.record),
            url=pair_url(proposal, line.record),
            meta=[
                _("関心の番号：%(number)s", number=line.record.number),
                _("出せるもの：%(kinds)s", kinds=_listed(offer.kind.label for offer in line.record.offers)),
            ],
            tags=_tags(line.record.activated_at, statuses.get(line.record.id), at),
            match=line.match,
        )
        for line in lines
    ]


def rows_of_proposals(
    lines: Sequence[RankedMatch[Proposal]],
    interest: Interest,
    statuses: Mapping[int, IntroductionStatus],
    slots: Mapping[str, Reserved],
    *,
    at: datetime,
) -> list[MatchRow]:
    """Return an interest's list; published proposals show who makes them. Reserved slots say why they are there."""
    return [
        MatchRow(
            title=line.record.title,
            url=pair_url(line.record, interest),
            meta=[
                *([slot_sentence(slots[line.record.draft_number])] if line.record.draft_number in slots else []),
                line.record.organisation.name,
                _listed(map(label_of, sorted(line.record.place_codes))),
                _("必要なもの：%(kinds)s", kinds=_listed(need.kind.label for need in line.record.needs)),
            ],
            tags=[
                *([(_("県が紹介"), "info")] if line.record.draft_number in slots else []),
                *_tags(line.record.submitted_at or line.record.created_at, statuses.get(line.record.id), at),
            ],
            match=line.match,
        )
        for line in lines
    ]


def pair_url(proposal: Proposal, interest: Interest) -> str:
    """Return the address of a pair."""
    return url_for("introductions.pair", number=proposal.public_number, interest=interest.number)


def applied_of(narrowing: Narrowing) -> list[Tag]:
    """Return what narrows a list now, each with the address without it."""
    words = {
        "subject": narrowing.subject.label if narrowing.subject else "",
        "place": label_of(narrowing.place_code) if narrowing.place_code else "",
        "kind": narrowing.kind.label if narrowing.kind else "",
        "new": _("14日以内") if narrowing.is_new else "",
    }
    return [(word, _url_without(name)) for name, word in words.items() if word]


def url_for_page(page: int) -> str:
    """Return the address of another page of the same list."""
    return _url_with({**_kept(), "page": str(page)})


def next_step(introduction: Introduction, *, is_asker: bool) -> str:
    """Say what a side has to do now."""
    if introduction.status is IntroductionStatus.ASKED:
        return _("相手の返事を待っています。") if is_asker else _("内容を読んで、返事をしてください。")
    if introduction.status is IntroductionStatus.TALKING:
        return _("連絡先を見て、連絡をとってください。")
    if introduction.status is IntroductionStatus.DECLINED:
        return _("返事の理由を読めます。")
    return _("終わった紹介です。")


def _url_without(name: str) -> str:
    return _url_with({key: value for key, value in _kept().items() if key != name})


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in _NARROWING if request.args.get(name)}


def _url_with(asked: dict[str, Any]) -> str:
    return url_for(str(request.endpoint), **{**asked, **(request.view_args or {})})


def _tags(began_at: datetime | None, status: IntroductionStatus | None, at: datetime) -> list[Tag]:
    tags = [(_("新着"), "info")] if began_at is not None and began_at >= at - NEW_FOR else []
    return [*tags, (_("紹介：%(status)s", status=status.label), TONES[status])] if status else tags


def _listed(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(words)) or _("未入力")
