"""Proposals that resemble one: by the same organisation, or by their words. Three queries, however many there are.

Texts are compared by the cosine of their character pairs, weighted by rarity (inverse document frequency): pairs need
no dictionary, so that new words count too. The words named as the reason come from the tokenizer.
Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.directory.places import label_of
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.matching.text import bigrams, content_terms
from matchmaker.proposals.models import PastProposal, Proposal, ProposalPlace
from matchmaker.proposals.recusals import open_to

MOST_COMPARED = 1000
MOST_SHOWN = 6
MOST_WORDS = 6
ALIKE_FROM = 0.25
"""The share from which two texts are shown as alike. Two proposals about different things in one field stay below."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A proposal that resembles another. ``number`` is "" and ``past_code`` set for one of an earlier year.

    ``share``: 0.0 to 1.0; ``reasons``: why, each in a few words.
    """

    number: str
    past_code: str
    title: str
    who: str
    share: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    id: int | None
    number: str
    past_code: str
    title: str
    who: str
    organisation_id: int | None
    text: str


def similar_to(user: User, proposal: Proposal) -> list[Similar]:
    """Return what resembles the proposal, the likest first, but for what the person keeps out of."""
    own = _Text(
        proposal.id,
        proposal.public_number,
        "",
        proposal.title,
        proposal.organisation.name,
        proposal.organisation_id,
        f"{proposal.title}。{proposal.issue}。{proposal.aim}",
    )
    others = [*_submitted(user, proposal), *_past()]
    shares = shares_of(own.text, [other.text for other in others])
    found = [
        (_is_same_organisation(own, other), share, other)
        for other, share in zip(others, shares, strict=True)
        if share >= ALIKE_FROM or _is_same_title(own, other) or _is_same_organisation(own, other)
    ]
    found.sort(key=lambda entry: (-entry[1], not entry[0], entry[2].number, entry[2].past_code))
    found = found[:MOST_SHOWN]
    places = _places([own.id, *(other.id for _same, _share, other in found)])
    return [
        Similar(other.number, other.past_code, other.title, other.who, share, _reasons(own, other, share, places))
        for _same, share, other in found
    ]


def shares_of(text: str, others: Sequence[str]) -> list[float]:
    """Return how alike a text is to each other one, 0.0 to 1.0.

    >>> [round(share, 1) for share in shares_of("里山の竹を使う", ["里山の竹を使う", "海の清掃", ""])]
    [1.0, 0.0, 0.0]
    """
    counts = [Counter(bigrams(one)) for one in (text, *others)]
    frequency = Counter(pair for count in counts for pair in count)
    rarity = {pair: math.log((len(counts) + 1) / seen) for pair, seen in frequency.items()}
    own, *rest = [{pair: n * rarity[pair] for pair, n in count.items()} for count in counts]
    return [_cosine(own, other) for other in rest]


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    if not lengths:
        return 0.0
    return min(1.0, sum(weight * other[pair] for pair, weight in one.items() if pair in other) / lengths)


def _submitted(user: User, proposal: Proposal) -> list[_Text]:
    rows = db.session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title,
            Proposal.issue,
            Proposal.aim,
            Proposal.organisation_id,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Proposal.number.is_not(None), Proposal.id != proposal.id, open_to(user))
        .order_by(Proposal.submitted_at.desc())
        .limit(MOST_COMPARED)
    ).all()
    return [
        _Text(
            row.id,
            row.number or "",
            "",
            row.title,
            row.name,
            row.organisation_id,
            f"{row.title}。{row.issue}。{row.aim}",
        )
        for row in rows
    ]


def _past() -> list[_Text]:
    rows = db.session.execute(
        select(PastProposal.code, PastProposal.title, PastProposal.proposer, PastProposal.summary)
        .order_by(PastProposal.code)
        .limit(MOST_COMPARED)
    ).all()
    return [_Text(None, "", row.code, row.title, row.proposer, None, f"{row.title}。{row.summary}") for row in rows]


def _places(ids: Sequence[int | None]) -> dict[int, set[str]]:
    rows = db.session.execute(
        select(ProposalPlace.proposal_id, ProposalPlace.place_code).where(
            ProposalPlace.proposal_id.in_([one for one in ids if one is not None])
        )
    ).all()
    found: dict[int, set[str]] = {}
    for proposal_id, place in rows:
        found.setdefault(proposal_id, set()).add(place)
    return found


def _is_same_organisation(own: _Text, other: _Text) -> bool:
    if other.organisation_id is not None:
        return own.organisation_id == other.organisation_id
    return bool(other.who) and search_form(own.who) == search_form(other.who)


def _is_same_title(own: _Text, other: _Text) -> bool:
    return bool(own.title) and search_form(own.title) == search_form(other.title)


def _reasons(own: _Text, other: _Text, share: float, places: Mapping[int, set[str]]) -> tuple[str, ...]:
    reasons = []
    if _is_same_organisation(own, other):
        reasons.append(_("同じ団体の提案です"))
    if _is_same_title(own, other):
        reasons.append(_("題名が同じです"))
    if share >= ALIKE_FROM:
        theirs = set(content_terms(other.text))
        words = dict.fromkeys(word for word in content_terms(own.text) if len(word) > 1 and word in theirs)
        shared = "、".join(list(words)[:MOST_WORDS])
        reasons.append(
            _("文の%(percent)s%%が似ています（共通することば：%(words)s）", percent=round(share * 100), words=shared)
        )
    common = places.get(own.id or 0, set()) & places.get(other.id or -1, set())
    if common:
        reasons.append(_("同じ地域です（%(places)s）", places="、".join(map(label_of, sorted(common)))))
    return tuple(reasons)
