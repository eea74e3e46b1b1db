"""Bundles of interests: what they promise, what is missing, and that nothing better was left out."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.matching.coverage import (
    CANDIDATES_AT_MOST,
    LARGEST_AMOUNT,
    AmountTooLarge,
    Bundle,
    Bundles,
    Candidate,
    Gift,
    Pledge,
    find_bundles,
    has_amount,
)
from matchmaker.matching.facts import Need, Offer
from matchmaker.matching.terms import ResourceKind, Unit

MONEY, PEOPLE, GOODS, PLACE = ResourceKind.MONEY, ResourceKind.PEOPLE, ResourceKind.GOODS, ResourceKind.PLACE
YEN, HOURS, ITEMS = Unit.YEN, Unit.HOURS, Unit.ITEMS


def stated(kind: ResourceKind, amount: int, unit: Unit) -> Offer:
    return Offer(kind, amount=amount, unit=unit)


amounts = st.one_of(st.just((None, None)), st.tuples(st.integers(1, 4), st.sampled_from([HOURS, Unit.PEOPLE])))
kinds = st.sampled_from([PEOPLE, GOODS])
needs_lists = st.lists(st.builds(lambda kind, size: Need(kind, "", *size), kinds, amounts), min_size=1, max_size=3)
offers = st.builds(lambda kind, size: Offer(kind, "", *size), kinds, amounts)


@st.composite
def candidate_lists(draw: st.DrawFn, most: int = 5) -> list[Candidate]:
    found = []
    for index in range(draw(st.integers(0, most))):
        given_offers = draw(st.lists(offers, max_size=3))
        taken = draw(st.one_of(st.just(()), st.tuples(*[st.integers(0, 2)] * len(given_offers))))
        company = draw(st.sampled_from(["", "bank", "shop"]))
        found.append(Candidate(f"K-{index}", draw(st.integers(-2, 4)), tuple(given_offers), taken, company))
    return found


def reference_cover(needs: list[Need], members: tuple[Candidate, ...]) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Give by hand, offer after offer: what each need is promised, and whether it is covered or may be asked about."""
    left = [[offer, amount] for member in members for _, offer, amount in member.left()]
    promised = [0] * len(needs)
    for position, need in enumerate(needs):
        for line in left if has_amount(need) else []:
            offer, amount = line
            if (offer.kind, offer.unit) == (need.kind, need.unit):
                given_now = min(amount, need.amount - promised[position])
                promised[position] += given_now
                line[1] -= given_now
    for position, need in enumerate(needs):
        spare = [line for line in left if line[0].kind == need.kind and line[1] > 0]
        if not has_amount(need) and spare:
            spare[0][1] -= 1
            promised[position] = 1
    is_answered = tuple(
        promised[position] == (need.amount if has_amount(need) else 1)
        or any(offer.kind == need.kind and amount > 0 for offer, amount in left)
        for position, need in enumerate(needs)
    )
    return tuple(promised), is_answered


def reference_bundles(needs: list[Need], candidates: list[Candidate]) -> list[tuple[str, ...]]:
    """Compare every set with every other, by the definition."""
    ordered = sorted(candidates, key=lambda one: (-one.points, one.interest_id))
    sets = {}
    for size in (1, 2, 3):
        for members in combinations(ordered, size):
            if len({one.company or one.interest_id for one in members}) < size:
                continue
            promised, is_answered = reference_cover(needs, members)
            sets[tuple(one.interest_id for one in members)] = (
                (-size, Fraction(sum(one.points for one in members), size), *promised, *is_answered),
                any(promised) or any(is_answered),
            )
    minimal = {
        ids: goods
        for ids, (goods, gives) in sets.items()
        if gives and all(sets[rest][0][2:] != goods[2:] for rest in combinations(ids, len(ids) - 1) if rest)
    }
    kept = [
        ids
        for ids, goods in minimal.items()
        if not any(
            other != goods and all(theirs >= mine for theirs, mine in zip(other, goods, strict=True))
            for other in minimal.values()
        )
    ]

    def order(ids: tuple[str, ...]) -> tuple[object, ...]:
        goods = minimal[ids]
        promised, is_answered = goods[2 : 2 + len(needs)], goods[2 + len(needs) :]
        shares = sum(
            Fraction(given_now, need.amount if has_amount(need) else 1)
            for given_now, need in zip(promised, needs, strict=True)
        )
        return (-shares, -sum(is_answered), -goods[0], -goods[1])

    return sorted(kept, key=order)


@settings(max_examples=60, deadline=None)
@given(needs_lists, candidate_lists())
def test_bundles_are_those_that_comparing_every_set_finds(needs, candidates):
    found = find_bundles(needs, candidates, top=None)

    expected = reference_bundles(needs, candidates)
    assert {bundle.members for bundle in found.listed} == set(expected)
    assert [_rank(bundle) for bundle in found.listed] == sorted(_rank(bundle) for bundle in found.listed)
    assert found.listed[:2] == find_bundles(needs, list(reversed(candidates)), top=2).listed


def _rank(bundle: Bundle) -> tuple[object, ...]:
    shares = sum(Fraction(cover.promised, cover.wanted) for cover in bundle.covers)
    not_open = sum(not cover.gap or bool(cover.asks) for cover in bundle.covers)
    return (-shares, -not_open, len(bundle.members), -Fraction(bundle.points, len(bundle.members)))


@settings(max_examples=60, deadline=None)
@given(needs_lists, candidate_lists())
def test_gifts_stay_within_what_is_left_and_add_up_to_what_is_promised(needs, candidates):
    by_id = {one.interest_id: one for one in candidates}
    for bundle in find_bundles(needs, candidates, top=None).listed:
        given_of: dict[tuple[str, int], int] = {}
        promised = [0] * len(needs)
        for gift in bundle.gifts:
            offer = by_id[gift.interest_id].offers[gift.offer_position]
            assert offer.kind == needs[gift.need_position].kind
            assert (gift.amount is None) == (offer.amount is None)
            source = (gift.interest_id, gift.offer_position)
            given_of[source] = given_of.get(source, 0) + (gift.amount or 1)
            promised[gift.need_position] += gift.amount or 1
        left = {(one, position): amount for one in bundle.members for position, _, amount in by_id[one].left()}
        assert all(given_now <= left[source] for source, given_now in given_of.items())
        assert [cover.promised for cover in bundle.covers] == promised
        members = tuple(by_id[one] for one in bundle.members)
        is_answered = tuple(not cover.gap or bool(cover.asks) for cover in bundle.covers)
        assert reference_cover(needs, members) == (tuple(promised), is_answered)


@settings(max_examples=60, deadline=None)
@given(needs_lists, candidate_lists(most=2))
def test_the_smallest_pledges_close_every_gap_and_one_less_does_not(needs, candidates):
    for bundle in find_bundles(needs, candidates, top=None).listed:
        pledges = bundle.pledges
        assert _gaps_after(needs, candidates, bundle, pledges) == [0] * len(needs)
        for index, pledge in enumerate(pledges):
            less = None if pledge.amount is None else pledge.amount - 1
            reduced = [*pledges[:index], Pledge(pledge.kind, less, pledge.unit, ()), *pledges[index + 1 :]]
            if pledge.amount is None:
                del reduced[index]
            assert sum(_gaps_after(needs, candidates, bundle, reduced)) == 1


def _gaps_after(needs, candidates, bundle, pledges) -> list[int]:
    members = tuple(one for one in candidates if one.interest_id in bundle.members)
    pledged = Candidate("pledged", 0, tuple(Offer(one.kind, "", one.amount, one.unit) for one in pledges))
    promised, _ = reference_cover(needs, (*members, pledged))
    return [cover.wanted - given_now for cover, given_now in zip(bundle.covers, promised, strict=True)]


def test_three_members_cover_money_goods_and_place_and_say_who_gives_what():
    needs = [Need(MONEY, "運営費", 300_000, YEN), Need(GOODS, "パソコン", 5, ITEMS), Need(PLACE, "会場")]
    bank = Candidate("K-0001", 700, (stated(MONEY, 200_000, YEN),))
    maker = Candidate("K-0002", 650, (stated(GOODS, 8, ITEMS), stated(MONEY, 80_000, YEN)))
    shop = Candidate("K-0003", 500, (Offer(PLACE, "店先"),))

    [best, *_] = find_bundles(needs, [shop, maker, bank]).listed

    assert best.members == ("K-0001", "K-0002", "K-0003")
    assert best.points == 1850
    assert [(cover.promised, cover.gap, cover.asks) for cover in best.covers] == [
        (280_000, 20_000, ()),
        (5, 0, ()),
        (1, 0, ()),
    ]
    assert best.gifts == (
        Gift("K-0001", 0, 0, 200_000),
        Gift("K-0002", 1, 0, 80_000),
        Gift("K-0002", 0, 1, 5),
        Gift("K-0003", 0, 2, None),
    )
    assert best.pledges == (Pledge(MONEY, 20_000, YEN, (0,)),)
    assert best.covered_share == pytest.approx((280 / 300 + 1 + 1) / 3)


def test_two_interests_of_one_company_are_never_bundled_and_hide_no_other_bundle():
    needs = [Need(MONEY, "", 100, YEN), Need(PLACE)]
    money = Candidate("K-1", 900, (stated(MONEY, 100, YEN),), company="bank")
    place = Candidate("K-2", 900, (Offer(PLACE),), company="bank")
    other = Candidate("K-3", 100, (Offer(PLACE),), company="shop")

    found = [bundle.members for bundle in find_bundles(needs, [money, place, other]).listed]

    assert found == [("K-1", "K-3"), ("K-1",), ("K-2",)]


def test_an_offer_serves_several_needs_of_its_kind_only_within_its_capacity():
    needs = [Need(MONEY, "会場費", 60, YEN), Need(MONEY, "印刷費", 60, YEN)]

    [only] = find_bundles(needs, [Candidate("K-1", 1, (stated(MONEY, 100, YEN),))]).listed

    assert [(cover.promised, cover.gap) for cover in only.covers] == [(60, 0), (40, 20)]
    assert only.pledges == (Pledge(MONEY, 20, YEN, (1,)),)


def test_what_others_were_promised_is_not_promised_again():
    needs = [Need(MONEY, "", 100, YEN)]
    half_taken = Candidate("K-1", 1, (stated(MONEY, 100, YEN),), taken=(40,))
    all_taken = Candidate("K-2", 9, (stated(MONEY, 100, YEN),), taken=(100,))
    given_away = Candidate("K-3", 9, (Offer(MONEY),), taken=(1,))

    found = find_bundles(needs, [half_taken, all_taken, given_away])

    assert [(bundle.members, bundle.covers[0].promised) for bundle in found.listed] == [(("K-1",), 60)]


def test_an_offer_that_cannot_be_compared_promises_nothing_but_is_named_to_ask():
    needs = [Need(PEOPLE, "", 10, Unit.PEOPLE)]
    unstated = Candidate("K-1", 5, (Offer(PEOPLE),))
    in_hours = Candidate("K-2", 4, (stated(PEOPLE, 20, HOURS),))

    found = find_bundles(needs, [unstated, in_hours])

    assert [(one.members, one.covers[0].promised, one.covers[0].asks) for one in found.listed] == [
        (("K-1",), 0, ("K-1",))
    ]


def test_a_need_without_amount_is_covered_by_what_the_counted_needs_leave_over():
    needs = [Need(MONEY, "なんでも"), Need(MONEY, "印刷費", 100, YEN)]

    exact = find_bundles(needs, [Candidate("K-1", 1, (stated(MONEY, 100, YEN),))]).listed[0]
    more = find_bundles(needs, [Candidate("K-1", 1, (stated(MONEY, 101, YEN),))]).listed[0]

    assert [cover.promised for cover in exact.covers] == [0, 100]
    assert exact.pledges == (Pledge(MONEY, None, None, (0,)),)
    assert [cover.promised for cover in more.covers] == [1, 100]


def test_a_member_that_adds_nothing_and_a_worse_fit_are_not_listed():
    needs = [Need(GOODS, "", 10, ITEMS)]
    enough = Candidate("K-1", 500, (stated(GOODS, 10, ITEMS),))
    worse = Candidate("K-2", 400, (stated(GOODS, 10, ITEMS),))
    small_and_worse = Candidate("K-3", 300, (stated(GOODS, 5, ITEMS),))

    found = find_bundles(needs, [small_and_worse, worse, enough], top=None)

    assert [bundle.members for bundle in found.listed] == [("K-1",)]


def test_one_interest_that_covers_as_much_as_two_leaves_the_two_out_unless_they_fit_better_a_member():
    needs = [Need(GOODS, "", 10, ITEMS)]
    alone = Candidate("K-1", 500, (stated(GOODS, 10, ITEMS),))
    halves = [Candidate(f"K-{index}", 400, (stated(GOODS, 5, ITEMS),)) for index in (2, 3)]
    better_halves = [Candidate(f"K-{index}", 501, (stated(GOODS, 5, ITEMS),)) for index in (4, 5)]

    without = find_bundles(needs, [alone, *halves], top=None)
    with_better = find_bundles(needs, [alone, *better_halves], top=None)

    assert [bundle.members for bundle in without.listed] == [("K-1",)]
    assert [bundle.members for bundle in with_better.listed] == [("K-1",), ("K-4", "K-5"), ("K-4",), ("K-5",)]


def test_what_is_left_of_another_unit_can_be_asked_for_the_rest():
    needs = [Need(PEOPLE, "当日の手伝い", 4, Unit.PEOPLE), Need(PEOPLE, "経理", 2, HOURS)]
    exact, more = (Candidate("K-1", 1, (stated(PEOPLE, hours, HOURS),)) for hours in (2, 3))

    assert [cover.asks for cover in find_bundles(needs, [exact]).listed[0].covers] == [(), ()]
    assert [cover.asks for cover in find_bundles(needs, [more]).listed[0].covers] == [("K-1",), ()]
    both = find_bundles(needs, [exact, Candidate("K-2", 0, more.offers)], top=None)
    assert [bundle.members for bundle in both.listed] == [("K-2",), ("K-1",)]


def test_amounts_without_unit_or_not_above_zero_count_as_not_stated():
    needs = [Need(GOODS, "", 5, None), Need(PLACE, "", 0, Unit.DAYS)]
    candidate = Candidate("K-1", 1, (Offer(GOODS, "", 3, None), stated(PLACE, 0, Unit.DAYS)))

    [only] = find_bundles(needs, [candidate]).listed

    assert [(cover.wanted, cover.promised) for cover in only.covers] == [(1, 1), (1, 0)]


@pytest.mark.parametrize(
    ("needs", "offers"), [([], (Offer(MONEY),)), ([Need(MONEY)], ()), ([Need(MONEY)], (Offer(PLACE),))]
)
def test_nothing_to_cover_or_to_give_makes_no_bundle(needs, offers):
    assert find_bundles(needs, [Candidate("K-1", 1, offers)]) == Bundles((), 0, 0)


def test_candidates_beyond_the_limit_are_counted_and_the_best_are_considered():
    many = [Candidate(f"K-{index:03}", index, (Offer(PLACE),)) for index in range(CANDIDATES_AT_MOST + 5)]

    found = find_bundles([Need(PLACE)], many)

    assert [bundle.members for bundle in found.listed] == [(f"K-{CANDIDATES_AT_MOST + 4:03}",)]
    assert (found.considered, found.left_out) == (CANDIDATES_AT_MOST, 5)


def test_amounts_up_to_the_largest_are_exact_and_larger_ones_are_refused():
    needs = [Need(MONEY, "", LARGEST_AMOUNT, YEN)]
    three = [Candidate(f"K-{index}", 1, (stated(MONEY, LARGEST_AMOUNT // 3, YEN),)) for index in range(3)]

    assert find_bundles(needs, three).listed[0].covers[0].gap == 1
    with pytest.raises(AmountTooLarge):
        find_bundles([*needs, Need(MONEY, "", 1, YEN)], three)
