"""What the dashboard shows, at a fixed number of queries. Counted figures come from the newest snapshots alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import case, func, select

from matchmaker.directory import places
from matchmaker.directory.models import Municipality, Organisation
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators import participation, queries
from matchmaker.indicators.attainment import ratio
from matchmaker.indicators.catalogue import INDICATORS, Indicator
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.models import SeriesBreak
from matchmaker.indicators.outlook import Outlook, outlook
from matchmaker.indicators.participation_models import ParticipationSnapshot
from matchmaker.indicators.planner_records import Plan, plan
from matchmaker.indicators.queries import OfficialYear
from matchmaker.indicators.shares import Share, shares
from matchmaker.indicators.stages import ELSEWHERE, Funnel, begun, funnel
from matchmaker.indicators.tiles import tile_of
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture
from matchmaker.proposals.models import Proposal, ProposalField, ProposalPlace
from matchmaker.proposals.queries import public_clause
from matchmaker.proposals.status import WITH_RESULT, ProposalStatus
from matchmaker.review.response_times import ResponseTime, response_times

YEARS_DRAWN = 10


@dataclass(frozen=True, slots=True)
class Tile:
    """A municipality with the number of public proposals for it."""

    code: str
    name: str
    column: int
    row: int
    count: int

    @property
    def step(self) -> int:
        """The shade: 0 for none, 1 for one or two, 2 for three to five, 3 for more."""
        return 0 if self.count == 0 else 1 if self.count < 3 else 2 if self.count < 6 else 3


@dataclass(frozen=True, slots=True)
class FieldCount:
    """A field of activity with the number of its public proposals."""

    field: ActivityField
    count: int


@dataclass(frozen=True, slots=True)
class Glance:
    """An indicator in one line: its newest actual, the target beside it, and the newest year in which both are printed.

    The target is that of the actual's year, or else the last one that is printed.
    """

    indicator: Indicator
    actual: OfficialYear | None
    target: OfficialYear | None
    compared: OfficialYear | None

    @property
    def ratio(self) -> Decimal | None:
        """Actual ÷ target of the year in which both are printed."""
        if self.compared is None or self.compared.actual is None or self.compared.target is None:
            return None
        return ratio(self.compared.actual.value, self.compared.target.value)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page of figures."""

    fy: int
    official: dict[str, list[OfficialYear]]
    outlooks: dict[str, Outlook]
    breaks: dict[str, list[SeriesBreak]]
    ledger: dict[int, LedgerSnapshot]
    plan: Plan
    funnel: Funnel
    tiles: tuple[Tile, ...]
    wider: int
    fields: tuple[FieldCount, ...]
    times: Sequence[ResponseTime]
    by_region: Sequence[Share]
    by_legal_form: Sequence[Share]
    participation: ParticipationSnapshot | None

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return INDICATORS

    @property
    def glances(self) -> list[Glance]:
        """What of each indicator is said first."""
        return [_glance(one, self.official[one.key]) for one in INDICATORS]


def dashboard(fy: int, *, on: date) -> Dashboard:
    """Return what the dashboard shows in a fiscal year, on a day."""
    ledger = queries.latest_snapshots()
    official, breaks = queries.official_years_of(), queries.breaks_of()
    return Dashboard(
        fy=fy,
        official=official,
        outlooks={one.key: _outlook(one, fy, official[one.key], breaks[one.key]) for one in INDICATORS},
        breaks=breaks,
        ledger={year: row for year, row in ledger.items() if fy - YEARS_DRAWN < year <= fy},
        plan=plan(fy),
        funnel=funnel(begun(ledger, on=on), on=on),
        tiles=_tiles(),
        wider=_wider(),
        fields=_fields(),
        times=response_times(on=on),
        by_region=_by_region(),
        by_legal_form=_by_legal_form(),
        participation=participation.latest(fy),
    )


def _glance(indicator: Indicator, years: Sequence[OfficialYear]) -> Glance:
    newest_first = list(reversed(years))
    actual = next((year for year in newest_first if year.actual), None)
    last_target = next((year for year in newest_first if year.target), None)
    compared = next((year for year in newest_first if year.actual and year.target), None)
    return Glance(indicator, actual, actual if actual and actual.target else last_target, compared)


def _outlook(indicator: Indicator, fy: int, years: Sequence[OfficialYear], breaks: Sequence[SeriesBreak]) -> Outlook:
    return outlook(
        fy,
        {year.fy: year.actual.value for year in years if year.actual},
        [one.fy for one in breaks],
        decimals=indicator.decimals,
        most=Decimal(100) if indicator.unit == "%" else None,
    )


def _tiles() -> tuple[Tile, ...]:
    counts = {
        row[0]: row[1]
        for row in db.session.execute(
            select(ProposalPlace.place_code, func.count())
            .join(Proposal, Proposal.id == ProposalPlace.proposal_id)
            .where(public_clause())
            .group_by(ProposalPlace.place_code)
        )
    }
    return tuple(
        Tile(code, _(name), *where, counts.get(code, 0))
        for code, name in places.municipalities_of(Prefecture.MIE)
        if (where := tile_of(code)) is not None
    )


def _wider() -> int:
    """How many public proposals are for a region, the prefecture or more, or for a place outside it."""
    in_municipality = (
        select(ProposalPlace.proposal_id)
        .join(Municipality, Municipality.code == ProposalPlace.place_code)
        .where(Municipality.prefecture == Prefecture.MIE)
    )
    return (
        db.session.scalar(
            select(func.count()).select_from(Proposal).where(public_clause(), Proposal.id.not_in(in_municipality))
        )
        or 0
    )


def _fields() -> tuple[FieldCount, ...]:
    rows = db.session.execute(
        select(ProposalField.field, func.count())
        .join(Proposal, Proposal.id == ProposalField.proposal_id)
        .where(public_clause())
        .group_by(ProposalField.field)
    ).all()
    order = {field: place for place, field in enumerate(ActivityField)}
    return tuple(FieldCount(row[0], row[1]) for row in sorted(rows, key=lambda row: (-row[1], order[row[0]])))


_ADOPTED = func.sum(case((Proposal.status == ProposalStatus.ADOPTED, 1), else_=0))


def _by_region() -> list[Share]:
    """The adopted share of the proposals with a result, by the region of the organisation."""
    rows = db.session.execute(
        select(Municipality.region, _ADOPTED, func.count())
        .select_from(Proposal)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .outerjoin(Municipality, Municipality.code == Organisation.municipality_code)
        .where(Proposal.submitted_at.is_not(None), Proposal.status.in_(WITH_RESULT))
        .group_by(Municipality.region)
    ).all()
    found = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    named = {region: found[region] for region in places.MIE_REGIONS if region in found}
    return shares(named | ({ELSEWHERE: found[None]} if None in found else {}))


def _by_legal_form() -> list[Share]:
    """The adopted share of the proposals with a result, by the kind of the organisation."""
    rows = db.session.execute(
        select(Organisation.legal_form, _ADOPTED, func.count())
        .select_from(Proposal)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Proposal.submitted_at.is_not(None), Proposal.status.in_(WITH_RESULT))
        .group_by(Organisation.legal_form)
    ).all()
    found = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    return shares({form.value: found[form] for form in LegalForm if form in found})
