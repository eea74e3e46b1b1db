"""What narrows a saved search: the names and values of its list's address, in words, and back as an address.

As on the pages themselves, what is not known narrows nothing: a code may leave a vocabulary while a search is kept.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import urlencode

from matchmaker.directory.places import is_place_code, label_of
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import tidy_line
from matchmaker.introductions.models import SavedSearch
from matchmaker.introductions.narrowing import Narrowing
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.matching.terms import ActivityField, ResourceKind, Term, Theme
from matchmaker.proposals.queries import PublicFilter
from matchmaker.proposals.status import PublicStage

LONGEST_WORDS = 100

Filters = dict[str, str]
Known = TypeVar("Known", bound=Term)


def filters_in(kind: SavedSearchKind, asked: Mapping[str, str]) -> Filters:
    """Return of an address what a saved search keeps; words beyond ``LONGEST_WORDS`` characters are cut.

    Neither the order of a list nor its page narrows anything. 「新着」 is left out: alerts tell nothing else.
    """
    words = {"q": tidy_line(asked.get("q", ""))[:LONGEST_WORDS].strip()} if kind is SavedSearchKind.PROPOSALS else {}
    codes = {name: asked.get(name, "") for name, _label in _coded(kind)}
    known = {name: code for name, code in codes.items() if _term_label(kind, name, code)}
    is_open = {"open": "y"} if kind is SavedSearchKind.PROPOSALS and _is_ticked(asked.get("open", "")) else {}
    return {name: value for name, value in {**words, **known, **is_open}.items() if value}


def public_filter(filters: Filters) -> PublicFilter:
    """Return what narrows the public list of proposals."""
    place = filters.get("place", "")
    return PublicFilter(
        words=filters.get("q", ""),
        field=_known(ActivityField, filters.get("field", "")),
        place=place if is_place_code(place) else "",
        need=_known(ResourceKind, filters.get("need", "")),
        stage=_known(PublicStage, filters.get("stage", "")),
        is_open="open" in filters,
    )


def match_narrowing(kind: SavedSearchKind, filters: Filters) -> Narrowing:
    """Return what narrows a list of matches."""
    place, subject = filters.get("place", ""), filters.get("subject", "")
    is_of_companies = kind is SavedSearchKind.PROPOSAL_MATCHES
    return Narrowing(
        subject=_known(Theme, subject) if is_of_companies else _known(ActivityField, subject),
        place_code=place if is_place_code(place) else "",
        kind=_known(ResourceKind, filters.get("kind", "")),
    )


def in_words(kind: SavedSearchKind, filters: Filters) -> list[str]:
    """Return what narrows, each as 「地域：津市」."""
    return list(_words(kind, filters))


def path_of(search: SavedSearch) -> str:
    """Return the address of the list behind a search, without the host."""
    if search.proposal is not None:
        page = f"/matches/{search.proposal.public_number}"
    elif search.interest is not None:
        page = f"/matches/{search.interest.number}"
    else:
        page = "/proposals"
    return f"{page}?{urlencode(search.filters)}" if search.filters else page


def _words(kind: SavedSearchKind, filters: Filters) -> Iterator[str]:
    if filters.get("q"):
        yield _("ことば：%(value)s", value=filters["q"])
    for name, label in _coded(kind):
        value = _term_label(kind, name, filters.get(name, ""))
        if value:
            yield _("%(label)s：%(value)s", label=label, value=value)
    if "open" in filters:
        yield _("受付中だけ")


def _coded(kind: SavedSearchKind) -> list[tuple[str, str]]:
    """The names whose values are codes, with what they are called on the page of the list."""
    if kind is SavedSearchKind.PROPOSALS:
        return [
            ("field", _("活動の分野")),
            ("place", _("地域")),
            ("need", _("必要なもの")),
            ("stage", _("いまの段階")),
        ]
    is_of_companies = kind is SavedSearchKind.PROPOSAL_MATCHES
    return [
        ("subject", _("テーマ") if is_of_companies else _("活動の分野")),
        ("place", _("地域")),
        ("kind", _("出せるもの") if is_of_companies else _("必要なもの")),
    ]


def _term_label(kind: SavedSearchKind, name: str, code: str) -> str:
    """The label of a code, "" for one that is not known."""
    if name == "place":
        return label_of(code) if is_place_code(code) else ""
    subject = Theme if kind is SavedSearchKind.PROPOSAL_MATCHES else ActivityField
    vocabularies: dict[str, type[Term]] = {
        "field": ActivityField,
        "need": ResourceKind,
        "stage": PublicStage,
        "subject": subject,
        "kind": ResourceKind,
    }
    term = _known(vocabularies[name], code)
    return term.label if term else ""


def _known(vocabulary: type[Known], code: str) -> Known | None:
    return vocabulary(code) if code in set(vocabulary) else None


def _is_ticked(value: str) -> bool:
    """A checkbox of an address, read as the list's form reads it."""
    return value not in {"", "false"}
