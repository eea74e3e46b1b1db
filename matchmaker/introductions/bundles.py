"""Up to three companies that together bring what a proposal needs, as people read it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.interests.models import Interest, InterestOffer
from matchmaker.introductions.declined import effective, effects_on_interests
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.ranking import match_registry
from matchmaker.matching.coverage import Bundle, Candidate, NeedCover, Pledge, find_bundles, has_amount
from matchmaker.matching.engine import Ranking
from matchmaker.matching.facts import Need, Offer, ProposalFacts
from matchmaker.proposals.models import Proposal

BUNDLES_SHOWN = 5
CANDIDATES_READ = 200
"""So many interests with the most points are read; ``coverage`` compares the best of them."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a member brings to one need."""

    need: str
    offer: str
    amount: str


@dataclass(frozen=True, slots=True)
class Member:
    """One company of a bundle. ``points`` are those of its pair with the proposal."""

    interest: Interest
    points: int
    gifts: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class CoverLine:
    """One need: what is wanted, promised and missing in words, and the share for a bar.

    ``asks`` are the members who offer more of the kind in a way that cannot be compared.
    """

    need: str
    wanted: str
    promised: str
    gap: str
    percent: int
    asks: tuple[Interest, ...]


@dataclass(frozen=True, slots=True)
class JointOffer:
    """One bundle as people read it; ``pledges`` are the least that closes every gap, one sentence each."""

    members: tuple[Member, ...]
    covers: tuple[CoverLine, ...]
    pledges: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.pledges


@dataclass(frozen=True, slots=True)
class JointOffers:
    """The bundles of a proposal, best first; exact over ``considered`` interests, ``left_out`` have fewer points."""

    listed: tuple[JointOffer, ...]
    considered: int
    left_out: int


def joint_offers(proposal: Proposal, *, on: date) -> JointOffers:
    """Find the bundles among the listed interests that may match the proposal and are not kept out by a No."""
    mine = proposal_facts(proposal)
    offering = _offering(proposal, mine, on)
    points = {line.id: line.points for line in offering[:CANDIDATES_READ] if not line.refusals}
    found_records = db.session.scalars(select(Interest).where(Interest.number.in_(points)))
    records = {one.number: one for one in found_records}
    facts = {number: interest_facts(record) for number, record in records.items()}
    candidates = [
        Candidate(number, points[number], one.offers, company=records[number].organisation.number)
        for number, one in facts.items()
    ]
    found = find_bundles(mine.needs, candidates, BUNDLES_SHOWN)
    offers = {number: one.offers for number, one in facts.items()}
    listed = tuple(_joint_offer(bundle, mine.needs, records, offers, points) for bundle in found.listed)
    return JointOffers(listed, found.considered, found.left_out + offering.eligible - len(points))


def _offering(proposal: Proposal, mine: ProposalFacts, on: date) -> Ranking:
    """Rank the interests that offer something of a kind that is needed."""
    kinds = {need.kind for need in mine.needs}
    numbers = select(Interest.number).join(InterestOffer).where(InterestOffer.kind.in_(kinds))
    offering = set(db.session.scalars(numbers)) if kinds else set()
    ranking = match_registry().interests_for(mine, on, owner=proposal.organisation_id)
    return effective(ranking, effects_on_interests(proposal, mine, on))[0].within(offering)


def _joint_offer(
    bundle: Bundle,
    needs: tuple[Need, ...],
    records: dict[str, Interest],
    offers: dict[str, tuple[Offer, ...]],
    points: dict[str, int],
) -> JointOffer:
    def gifts_of(number: str) -> tuple[Given, ...]:
        return tuple(
            _given(needs[gift.need_position], offers[number][gift.offer_position], gift.amount)
            for gift in bundle.gifts
            if gift.interest_id == number
        )

    members = tuple(Member(records[one], points[one], gifts_of(one)) for one in bundle.members)
    covers = tuple(_cover_line(cover, records) for cover in bundle.covers)
    return JointOffer(members, covers, tuple(pledge_sentence(one, needs) for one in bundle.pledges))


def _given(need: Need, offer: Offer, amount: int | None) -> Given:
    stated = f"{amount:,}{offer.unit.label}" if amount is not None and offer.unit else ""
    return Given(_named(need), offer.detail or offer.kind.label, stated)


def _cover_line(cover: NeedCover, records: dict[str, Interest]) -> CoverLine:
    need = cover.need
    if has_amount(need) and need.unit:
        wanted, promised, gap = (f"{one:,}{need.unit.label}" for one in (cover.wanted, cover.promised, cover.gap))
    else:
        wanted = _("量の指定なし")
        promised = _("あり") if cover.promised else _("なし")
        gap = _("1つ以上") if cover.gap else ""
    percent = 100 * cover.promised // cover.wanted
    asks = tuple(records[number] for number in cover.asks)
    return CoverLine(_named(need), wanted, promised, gap if cover.gap else _("なし"), percent, asks)


def pledge_sentence(pledge: Pledge, needs: tuple[Need, ...]) -> str:
    """Say what would have to be promised in addition to close a gap.

    >>> from matchmaker.matching.terms import ResourceKind, Unit
    >>> needs = (Need(ResourceKind.MONEY, "会場費", 300, Unit.YEN),)
    >>> pledge_sentence(Pledge(ResourceKind.MONEY, 20, Unit.YEN, (0,)), needs)
    '資金があと20円あれば、「会場費」がそろいます。'
    """
    named = "".join(f"「{_named(needs[position])}」" for position in pledge.need_positions)
    if pledge.amount is None or pledge.unit is None:
        return _("%(kind)sを出せる相手が1つあれば、%(needs)sがそろいます。", kind=pledge.kind.label, needs=named)
    amount = f"{pledge.amount:,}{pledge.unit.label}"
    return _(
        "%(kind)sがあと%(amount)sあれば、%(needs)sがそろいます。", kind=pledge.kind.label, amount=amount, needs=named
    )


def _named(need: Need) -> str:
    return need.detail or need.kind.label
