"""Who is seen: exposures by region, legal form and newcomer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from matchmaker.matching.exposure import Exposure
from matchmaker.matching.terms import LegalForm


class Aspect(StrEnum):
    """What proposals are grouped by."""

    REGION = "region"
    LEGAL_FORM = "legal-form"
    NEWCOMER = "newcomer"


@dataclass(frozen=True, slots=True)
class SeenProposal:
    """What the report knows of a proposal: an empty region and no legal form mean that it is not known."""

    id: str
    region: str
    legal_form: LegalForm | None
    is_newcomer: bool


@dataclass(frozen=True, slots=True)
class Group:
    """How one group of proposals is seen.

    Shapes: ``value`` a region's name, a legal form's code, or "newcomer" and "experienced"; "" when not known;
    ``exposures`` pairs of proposal and company, each once; ``proposal_share`` and ``exposure_share`` of all, 0.0-1.0;
    ``minimum`` and ``median`` companies a proposal; ``reached`` proposals that enough companies saw.
    """

    aspect: Aspect
    value: str
    proposals: int
    exposures: int
    proposal_share: float
    exposure_share: float
    minimum: int
    median: float
    reached: int
    wanted: int

    @property
    def falls_short(self) -> bool:
        """Whether the middle proposal of the group is seen by fewer companies than is promised."""
        return self.median < self.wanted


def report(proposals: Sequence[SeenProposal], log: Iterable[Exposure], wanted: int) -> tuple[Group, ...]:
    """Count how many companies saw the proposals of each region, of each legal form, and of newcomers and others.

    Shapes:  ``log`` rows of other proposals are not counted; a company that saw a proposal twice counts once;
             ``wanted`` companies are promised to each proposal.
    Returns: groups in the order of the aspects, within an aspect by value; the shares of an aspect add up to 1.

    >>> from datetime import date
    >>> seen = [SeenProposal("P-1", "北勢", LegalForm.NPO, False), SeenProposal("P-2", "東紀州", LegalForm.NPO, True)]
    >>> log = [Exposure("P-1", company, date(2026, 11, 2)) for company in ("bank", "shop", "mill")]
    >>> [(one.value, one.exposure_share, one.median, one.falls_short) for one in report(seen, log, wanted=3)][:2]
    [('北勢', 1.0, 3, False), ('東紀州', 0.0, 0, True)]
    """
    companies: dict[str, set[str]] = {one.id: set() for one in proposals}
    for row in log:
        if row.proposal_id in companies:
            companies[row.proposal_id].add(row.company_id)
    counts = {proposal: len(seen_by) for proposal, seen_by in companies.items()}
    found = []
    for aspect in Aspect:
        members: dict[str, list[int]] = {}
        for one in proposals:
            members.setdefault(_value(one, aspect), []).append(counts[one.id])
        found += [_group(aspect, value, members[value], counts, wanted) for value in sorted(members)]
    return tuple(found)


def _value(proposal: SeenProposal, aspect: Aspect) -> str:
    if aspect is Aspect.REGION:
        return proposal.region
    if aspect is Aspect.LEGAL_FORM:
        return proposal.legal_form.value if proposal.legal_form else ""
    return "newcomer" if proposal.is_newcomer else "experienced"


def _group(aspect: Aspect, value: str, members: Sequence[int], counts: dict[str, int], wanted: int) -> Group:
    every = sum(counts.values())
    return Group(
        aspect=aspect,
        value=value,
        proposals=len(members),
        exposures=sum(members),
        proposal_share=len(members) / len(counts),
        exposure_share=sum(members) / every if every else 0.0,
        minimum=min(members),
        median=median(members),
        reached=sum(count >= wanted for count in members),
        wanted=wanted,
    )
