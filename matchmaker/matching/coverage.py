"""Bundles: up to three interests that together cover what a proposal needs, never beyond what they stated.

What covers what:

- An offer answers needs of its own kind only. Whether the details fit is judged by the points, not here.
- A need that states an amount is covered by offers that state one in the same unit, up to what is left of them. Needs
  are filled in the order in which the proposal lists them.
- A need without an amount asks for no more than something of its kind. It is covered by one piece that the needs with
  an amount leave over: an offer without an amount, or one unit of an offer with one.
- An offer whose amount cannot be compared (not stated, or in another unit) promises nothing to a need with an amount.
  When such an offer is left over, the bundle names it as one to ask for the rest.
- An offer without an amount is one promise. Once it is given or taken, nothing is left of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matchmaker.matching.facts import Need, Offer
from matchmaker.matching.terms import ResourceKind, Unit

MEMBERS_AT_MOST = 3
CANDIDATES_AT_MOST = 60
"""So many candidates make 35,990 bundles, all of which are compared in a few hundredths of a second."""
LARGEST_AMOUNT = 10**17
"""Sums over needs and members stay exact in 64 bits."""

Numbers = NDArray[np.int64]
Pool = tuple[ResourceKind, Unit | None]
"""Offers that can stand in for each other: of one kind, counting a unit that a need counts; None for all others."""


class AmountTooLarge(ValueError):
    """A need asks for more than can be added up exactly."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One interest that may match the proposal.

    Shapes: ``points`` of the pair; ``taken`` what others were promised of each offer, in its unit and in the order of
    the offers (for an offer without an amount, 1 when it is promised); empty when nothing is taken. ``company`` says
    whose interest it is: two of one company never stand in one bundle; empty when it is not known.
    """

    interest_id: str
    points: int
    offers: tuple[Offer, ...]
    taken: tuple[int, ...] = ()
    company: str = ""

    def left(self) -> Iterator[tuple[int, Offer, int]]:
        """Yield the position of each offer of which something is left, the offer, and how much: 1 without an amount."""
        for position, offer in enumerate(self.offers):
            stated = 1 if offer.amount is None or offer.unit is None else offer.amount
            left = stated - (self.taken[position] if self.taken else 0)
            if left > 0:
                yield position, offer, left


@dataclass(frozen=True, slots=True)
class Gift:
    """What one offer gives to one need. ``amount`` counts the offer's unit; None when the offer states no amount."""

    interest_id: str
    offer_position: int
    need_position: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class NeedCover:
    """How far a bundle covers one need.

    Shapes: ``wanted`` and ``promised`` count the need's unit; a need without an amount wants 1, something of its kind.
    ``asks`` are the members who offer more of the kind in a way that cannot be compared, when something is missing.
    """

    need: Need
    wanted: int
    promised: int
    asks: tuple[str, ...] = ()

    @property
    def gap(self) -> int:
        """What is still missing; 0 when the need is covered."""
        return self.wanted - self.promised

    @property
    def share(self) -> float:
        return self.promised / self.wanted


@dataclass(frozen=True, slots=True)
class Pledge:
    """The least that has to be promised in addition.

    Shapes: ``amount`` and ``unit`` are None when anything of the kind will do; ``need_positions`` are the needs that it
    closes, counted from 0.
    """

    kind: ResourceKind
    amount: int | None
    unit: Unit | None
    need_positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Interests that together cover needs. ``points`` is the members' sum; ``covers`` are in the needs' order."""

    members: tuple[str, ...]
    points: int
    covers: tuple[NeedCover, ...]
    gifts: tuple[Gift, ...]

    @property
    def covered_share(self) -> float:
        """The mean of the needs' shares."""
        return sum(cover.share for cover in self.covers) / len(self.covers)

    @property
    def pledges(self) -> tuple[Pledge, ...]:
        """The smallest pledges that close all gaps: one a kind and unit, and one for each need without an amount."""
        missing: dict[tuple[ResourceKind, Unit], list[int]] = {}
        unstated = []
        for position, cover in enumerate(self.covers):
            if cover.gap and has_amount(cover.need) and cover.need.unit is not None:
                missing.setdefault((cover.need.kind, cover.need.unit), []).append(position)
            elif cover.gap:
                unstated.append(Pledge(cover.need.kind, None, None, (position,)))
        counted = [
            Pledge(kind, sum(self.covers[position].gap for position in positions), unit, tuple(positions))
            for (kind, unit), positions in missing.items()
        ]
        return (*counted, *unstated)


@dataclass(frozen=True, slots=True)
class Bundles:
    """The bundles found, best first. ``left_out`` candidates could give something but had the fewest points."""

    listed: tuple[Bundle, ...]
    considered: int
    left_out: int


def has_amount(need: Need) -> bool:
    """Say whether a need states how much; an amount that is not above zero or has no unit states nothing.

    >>> has_amount(Need(ResourceKind.GOODS, amount=30, unit=Unit.ITEMS))
    True
    >>> has_amount(Need(ResourceKind.GOODS, amount=30))
    False
    """
    return need.unit is not None and need.amount is not None and need.amount > 0


def find_bundles(needs: Sequence[Need], candidates: Sequence[Candidate], top: int | None = 10) -> Bundles:
    """Find the sets of one to three interests that cover most of a proposal's needs.

    Shapes:  ``needs`` in the proposal's order; ``candidates`` that may match it, in any order; ``top`` bundles, None
             for all.
    Returns: the bundles, ordered by covered share, then by how many needs are not left open, then fewer members, more
             points a member, and ids. None has a member that adds nothing or two members of one company, and none is
             dominated: no other such set covers each need at least as far, with as few members and as many points a
             member, and is better in one of these.
             Exact over the ``CANDIDATES_AT_MOST`` candidates with most points among those that can give something.
    Errors:  AmountTooLarge when the needs of one kind and unit add up to more than ``LARGEST_AMOUNT``.
    Source:  Pareto dominance over all bundles, each evaluated; matching.md found no need of a solver at this size.

    >>> needs = [Need(ResourceKind.MONEY, "費用", 300, Unit.YEN), Need(ResourceKind.PLACE, "会場")]
    >>> bank = Candidate("K-1", 700, (Offer(ResourceKind.MONEY, "", 200, Unit.YEN),))
    >>> shop = Candidate("K-2", 600, (Offer(ResourceKind.PLACE, "店先"), Offer(ResourceKind.MONEY, "", 80, Unit.YEN)))
    >>> best = find_bundles(needs, [shop, bank]).listed[0]
    >>> best.members, [(cover.promised, cover.gap) for cover in best.covers]
    (('K-1', 'K-2'), [(280, 20), (1, 0)])
    >>> [(pledge.kind.label, pledge.amount, pledge.unit.label) for pledge in best.pledges]
    [('資金', 20, '円')]
    """
    demand = _demand(needs)
    useful = sorted(
        (one for one in candidates if any((offer.kind, None) in demand for _, offer, _ in one.left())),
        key=lambda one: (-one.points, one.interest_id),
    )
    considered = useful[:CANDIDATES_AT_MOST]
    rows = _best_rows(needs, demand, considered, top) if considered else []
    listed = tuple(_bundle(needs, [considered[index] for index in row]) for row in rows)
    return Bundles(listed, len(considered), len(useful) - len(considered))


def _demand(needs: Sequence[Need]) -> dict[Pool, int]:
    """Add up what is asked of each pool; the pool of what cannot be compared is asked for one a need without amount."""
    demand: dict[Pool, int] = {}
    for need in needs:
        demand.setdefault((need.kind, None), 0)
        pool = (need.kind, need.unit if has_amount(need) else None)
        demand[pool] = demand.get(pool, 0) + _wanted(need)
        if demand[pool] > LARGEST_AMOUNT:
            raise AmountTooLarge(f"{need.kind.value} adds up to more than {LARGEST_AMOUNT}")
    return demand


def _wanted(need: Need) -> int:
    return need.amount if has_amount(need) and need.amount is not None else 1


def _best_rows(
    needs: Sequence[Need], demand: Mapping[Pool, int], considered: Sequence[Candidate], top: int | None
) -> list[tuple[int, ...]]:
    """Return the members of the bundles to list, as indexes into ``considered``, best first."""
    capacity = _capacity(demand, considered)
    by_size = [_sets_of(len(considered), size) for size in range(1, MEMBERS_AT_MOST + 1)]
    companies = np.unique([one.company or one.interest_id for one in considered], return_inverse=True)[1]
    covers = [_cover(needs, {pool: column[sets].sum(axis=1) for pool, column in capacity.items()}) for sets in by_size]
    points = np.array([one.points for one in considered], dtype=np.int64)
    wanted = np.array([_wanted(need) for need in needs], dtype=np.int64)
    members: list[tuple[int, ...]] = []
    goods, keys = [], []
    for size, sets in enumerate(by_size, start=1):
        is_kept = _is_minimal(sets, covers, len(considered)) & _has_own_companies(companies[sets])
        kept, cover = sets[is_kept], covers[size - 1][is_kept]
        members.extend(map(tuple, kept.tolist()))
        # 6 is divided by every size, so that points a member compare exactly.
        mean_points = points[kept].sum(axis=1) * (6 // size)
        goods.append(np.column_stack([np.full(len(kept), -size), mean_points, cover]))
        shares = (cover[:, : len(needs)] / wanted).sum(axis=1)
        keys.append(np.column_stack([shares, cover[:, len(needs) :].sum(axis=1)]))
    return [members[row] for row in _undominated(np.concatenate(goods), np.concatenate(keys), top)]


def _sets_of(count: int, size: int) -> NDArray[np.intp]:
    """Return all sets of ``size`` indexes below ``count``, shape (sets, size), in lexical order."""
    grid = np.indices((count,) * size, dtype=np.intp)
    is_rising = np.ones((count,) * size, dtype=bool)
    for position in range(1, size):
        is_rising &= grid[position - 1] < grid[position]
    return grid[:, is_rising].T


def _capacity(demand: Mapping[Pool, int], considered: Sequence[Candidate]) -> dict[Pool, Numbers]:
    """Return what each candidate has left in each pool, shape (candidates,).

    More than all needs could use is cut off, which changes no cover and keeps sums within 64 bits.
    """
    capacity = {pool: [0] * len(considered) for pool in demand}
    for index, candidate in enumerate(considered):
        for _, offer, left in candidate.left():
            pool = _pool(offer, demand)
            if pool in demand:
                capacity[pool][index] += left
    return {
        pool: np.array([min(one, amount + demand[pool[0], None] + 1) for one in capacity[pool]], dtype=np.int64)
        for pool, amount in demand.items()
    }


def _pool(offer: Offer, demand: Mapping[Pool, int]) -> Pool:
    counted = (offer.kind, offer.unit)
    return counted if offer.amount is not None and counted in demand else (offer.kind, None)


def _cover(needs: Sequence[Need], pools: Mapping[Pool, Numbers]) -> Numbers:
    """Return for each bundle what each need is promised, then whether it is covered or somebody can be asked.

    Shapes: ``pools`` columns of shape (bundles,); the answer (bundles, 2 × needs).
    """
    left = {pool: column.copy() for pool, column in pools.items()}
    promised = np.zeros((len(next(iter(pools.values()))), len(needs)), dtype=np.int64)
    counted = [position for position, need in enumerate(needs) if has_amount(need)]
    for position in counted:
        need = needs[position]
        promised[:, position] = np.minimum(left[need.kind, need.unit], _wanted(need))
        left[need.kind, need.unit] -= promised[:, position]
    spare: dict[ResourceKind, Numbers] = {}
    for (kind, _), column in left.items():
        spare[kind] = spare[kind] + column if kind in spare else column
    for position in sorted(set(range(len(needs))) - set(counted)):
        promised[:, position] = np.minimum(spare[needs[position].kind], 1)
        spare[needs[position].kind] = spare[needs[position].kind] - promised[:, position]
    is_answered = [
        (promised[:, position] == _wanted(need)) | (spare[need.kind] > 0) for position, need in enumerate(needs)
    ]
    return np.column_stack([promised, *is_answered]).astype(np.int64)


def _is_minimal(sets: NDArray[np.intp], covers: Sequence[Numbers], count: int) -> NDArray[np.bool_]:
    """Say of each set whether every member adds something; ``covers`` are those of all sets, by size.

    Leaving out one member at a time is enough: a part of a set never covers more than the set.
    """
    size = sets.shape[1]
    is_minimal = np.ones(len(sets), dtype=bool)
    if size == 1:
        return is_minimal
    row_of = np.zeros((count,) * (size - 1), dtype=np.intp)
    row_of[tuple(_sets_of(count, size - 1).T)] = np.arange(len(covers[size - 2]))
    for others in combinations(range(size), size - 1):
        without = covers[size - 2][row_of[tuple(sets[:, others].T)]]
        is_minimal &= (without != covers[size - 1]).any(axis=1)
    return is_minimal


def _has_own_companies(companies: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say of each set whether no two members are of one company; shape (sets, size)."""
    in_order = np.sort(companies, axis=1)
    is_distinct: NDArray[np.bool_] = (in_order[:, 1:] != in_order[:, :-1]).all(axis=1)
    return is_distinct


def _undominated(goods: Numbers, keys: NDArray[np.float64], top: int | None) -> list[int]:
    """Return the rows that no other dominates, best first.

    Shapes: ``goods`` (rows, aspects), more is better in each; ``keys`` (rows, keys) never fall when a good rises.
    The rows are sorted by the keys and then by the goods, so that what dominates a row always comes before it: the
    first row left is never dominated, and the walk may stop at ``top``.
    """
    columns = [*keys.T, *goods.T]
    rows = np.lexsort([-column for column in reversed(columns)])
    found: list[int] = []
    while rows.size and (top is None or len(found) < top):
        best, others = goods[rows[0]], goods[rows[1:]]
        found.append(int(rows[0]))
        is_dominated = (others <= best).all(axis=1) & (others < best).any(axis=1)
        rows = rows[1:][~is_dominated]
    return found


def _bundle(needs: Sequence[Need], members: Sequence[Candidate]) -> Bundle:
    """Write down who gives what to which need; members with more points give first."""
    demand = _demand(needs)
    left = {(one.interest_id, position): amount for one in members for position, _, amount in one.left()}
    offers = {(one.interest_id, position): one.offers[position] for one in members for position, _, _ in one.left()}
    gifts: list[Gift] = []
    for need_position in sorted(range(len(needs)), key=lambda position: not has_amount(needs[position])):
        need = needs[need_position]
        missing = _wanted(need)
        for source in _givers(need, offers, left, demand):
            given = min(missing, left[source])
            if given:
                left[source] -= given
                missing -= given
                stated = None if offers[source].amount is None or offers[source].unit is None else given
                gifts.append(Gift(*source, need_position, stated))
    covers = tuple(_need_cover(position, need, gifts, offers, left) for position, need in enumerate(needs))
    return Bundle(tuple(one.interest_id for one in members), sum(one.points for one in members), covers, tuple(gifts))


def _givers(
    need: Need, offers: Mapping[tuple[str, int], Offer], left: Mapping[tuple[str, int], int], demand: Mapping[Pool, int]
) -> list[tuple[str, int]]:
    """List the offers that a need may draw on: its own pool, or without an amount all of its kind."""
    if has_amount(need):
        return [source for source, offer in offers.items() if _pool(offer, demand) == (need.kind, need.unit)]
    same_kind = [source for source, offer in offers.items() if offer.kind == need.kind]
    # What has no amount to lose is given first, so that as many stated units as possible stay free.
    return sorted(same_kind, key=lambda source: offers[source].amount is not None)


def _need_cover(
    position: int,
    need: Need,
    gifts: Sequence[Gift],
    offers: Mapping[tuple[str, int], Offer],
    left: Mapping[tuple[str, int], int],
) -> NeedCover:
    wanted = _wanted(need)
    promised = sum(1 if gift.amount is None else gift.amount for gift in gifts if gift.need_position == position)
    can_be_asked = {source[0]: None for source, offer in offers.items() if offer.kind == need.kind and left[source] > 0}
    return NeedCover(need, wanted, promised, tuple(can_be_asked) if promised < wanted else ())
