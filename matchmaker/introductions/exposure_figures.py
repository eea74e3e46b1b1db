"""Who is seen: the exposures of a period by region, legal form and newcomer."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from matchmaker.directory.places import place_of
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.introductions.exposure_rules import rules_in_force
from matchmaker.introductions.models import Exposure
from matchmaker.matching import exposure
from matchmaker.matching.exposure_report import Aspect, Group, SeenProposal, report
from matchmaker.matching.terms import LegalForm, Prefecture
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import public_clause

FEW = 3
"""Fewer proposals than this are a single story, not a share."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group as people read it; ``is_thin`` when it has too few proposals to compare."""

    label: str
    group: Group
    is_thin: bool


@dataclass(frozen=True, slots=True)
class ExposureReport:
    """The lines by aspect, and what they are counted over."""

    lines: dict[Aspect, list[GroupLine]]
    proposals: int
    exposures: int
    wanted: int


def exposure_report(begin: date | None, on: date) -> ExposureReport:
    """Report the proposals that sought partners since a day (None: ever), and the companies that saw them since."""
    wanted = rules_in_force().guarantee.companies
    proposals = _seen_proposals(begin, on)
    log = _log(begin)
    lines: dict[Aspect, list[GroupLine]] = {aspect: [] for aspect in Aspect}
    for group in report(proposals, log, wanted):
        lines[group.aspect].append(GroupLine(_label(group), group, group.proposals < FEW))
    exposures = sum(line.group.exposures for line in lines[Aspect.NEWCOMER])
    return ExposureReport(lines, len(proposals), exposures, wanted)


def _seen_proposals(begin: date | None, on: date) -> list[SeenProposal]:
    """Return the public proposals that were open at some time of the period."""
    was_open = or_(Proposal.open_until_on.is_(None), Proposal.open_until_on >= (begin or date.min))
    first = select(Proposal.organisation_id, func.min(Proposal.id).label("first_id"))
    first_of = {row[0]: row[1] for row in db.session.execute(first.group_by(Proposal.organisation_id))}
    rows = db.session.scalars(select(Proposal).where(public_clause(), was_open).order_by(Proposal.id))
    return [
        SeenProposal(
            one.draft_number,
            _region_of(one.place_codes),
            one.organisation.legal_form,
            first_of[one.organisation_id] == one.id,
        )
        for one in rows
        if day_of(one.created_at) <= on
    ]


def _log(begin: date | None) -> list[exposure.Exposure]:
    statement = select(Proposal.draft_number, Exposure.organisation_id, Exposure.shown_on).join(
        Proposal, Proposal.id == Exposure.proposal_id
    )
    if begin is not None:
        statement = statement.where(Exposure.shown_on >= begin)
    return [exposure.Exposure(number, str(company), day) for number, company, day in db.session.execute(statement)]


def _region_of(codes: list[str]) -> str:
    """Return the one region of Mie in which a proposal acts; several have words of their own, none is empty."""
    places = [place for place in map(place_of, codes) if place is not None]
    at_home = [place for place in places if place.prefecture is Prefecture.MIE]
    regions = {place.region for place in at_home}
    if not at_home:
        return _("県外・全国") if places else ""
    return (regions.pop() if len(regions) == 1 else None) or _("2つ以上の地域・県全体")


def _label(group: Group) -> str:
    if not group.value:
        return _("わからない")
    if group.aspect is Aspect.LEGAL_FORM:
        return LegalForm(group.value).label
    if group.aspect is Aspect.NEWCOMER:
        return _("団体の初めての提案") if group.value == "newcomer" else _("2回目からの提案")
    return group.value
