"""Search over everything that everybody may see: the public lists of each kind, the first few of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.directory import queries as directory
from matchmaker.directory.models import Organisation
from matchmaker.directory.places import label_of
from matchmaker.directory.queries import DirectoryFilter
from matchmaker.foundation import clock
from matchmaker.foundation.paging import Page
from matchmaker.projects import queries as projects
from matchmaker.projects.models import Project
from matchmaker.projects.queries import ProjectFilter
from matchmaker.proposals import queries as proposals
from matchmaker.proposals.models import PastProposal, Proposal
from matchmaker.proposals.queries import PastFilter, PublicFilter

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One entry as a card shows it."""

    title: str
    url: str
    meta: list[str]


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """The first few results of one kind, how many there are, and where the whole list is."""

    title: str
    total: int
    results: list[Result]
    url: str


def search_everything(words: str) -> list[ResultGroup]:
    """Return the kinds that have results, in a fixed order."""
    groups = [
        _group(
            _("提案"),
            proposals.list_public(PublicFilter(words=words), on=clock.today(), page=1),
            _proposal,
            url_for("proposals.list", q=words),
        ),
        _group(
            _("協働事業"),
            projects.list_public(ProjectFilter(text=words)),
            _project,
            url_for("projects.list", q=words),
        ),
        _group(
            _("団体・企業"),
            directory.list_public(DirectoryFilter(words=words), page=1),
            _organisation,
            url_for("directory.list", q=words),
        ),
        _group(
            _("過去の提案"),
            proposals.list_past(PastFilter(words=words), page=1),
            lambda past: _past(past, words),
            url_for("proposals.past", q=words),
        ),
    ]
    return [group for group in groups if group.total]


def _group(title: str, page: Page[Any], shown: Callable[[Any], Result], url: str) -> ResultGroup:
    return ResultGroup(title, page.total, [shown(item) for item in page.items[:SHOWN]], url)


def _proposal(proposal: Proposal) -> Result:
    return Result(
        proposal.title,
        url_for("proposals.show", number=proposal.public_number),
        [proposal.public_number, proposal.organisation.name, *map(label_of, proposal.place_codes)],
    )


def _project(project: Project) -> Result:
    partners = "、".join(partner.name for partner in project.partners)
    return Result(
        project.title, url_for("projects.show", number=project.number), [project.number, partners, project.status.label]
    )


def _organisation(organisation: Organisation) -> Result:
    place = label_of(organisation.municipality_code) if organisation.municipality_code else ""
    if not place and organisation.prefecture:
        place = organisation.prefecture.label
    return Result(
        organisation.name,
        url_for("directory.show", number=organisation.number),
        [part for part in (organisation.side.label, organisation.legal_form.label, place) if part],
    )


def _past(past: PastProposal, words: str) -> Result:
    return Result(
        past.title,
        url_for("proposals.past", q=words, _anchor=past.code),
        [_("%(year)s年", year=past.calendar_year), *filter(None, [past.proposer, past.scheme])],
    )
