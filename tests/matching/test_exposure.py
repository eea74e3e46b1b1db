"""The exposure guarantee: kept whenever it can be kept, and an alarm in time when it cannot."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from matchmaker.matching.exposure import (
    EVERY_DAY,
    Alarm,
    AlarmReason,
    Company,
    DayPlan,
    Exposure,
    Guarantee,
    ListLine,
    OpenProposal,
    Reserved,
    compose_list,
    plan_day,
)
from matchmaker.matching.exposure_report import Aspect, Group, SeenProposal, report
from matchmaker.matching.terms import LegalForm

MONDAY = date(2026, 11, 2)
Suits = dict[str, dict[str, int]]


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def planned_ids(plan: DayPlan) -> dict[str, list[str]]:
    return {company: [one.proposal_id for one in slots] for company, slots in plan.reserved.items()}


def is_feasible(
    today: date,
    needs: dict[str, tuple[int, date]],
    companies: Iterable[Company],
    suits: Suits,
    seen: set[tuple[str, str]],
    slots: int,
) -> bool:
    """Ask another solver, with a node for every opening of every list, whether all needs can be met by their days."""
    pairs = [
        (proposal, company)
        for proposal in needs
        for company in companies
        if company.id in suits[proposal] and (proposal, company.id) not in seen
    ]
    last = max((end for _, end in needs.values()), default=today)
    days = [today + timedelta(days=number) for number in range((last - today).days + 1)]
    nodes: dict[object, int] = {"source": 0, "sink": 1}
    edges: dict[tuple[int, int], int] = {}

    def join(tail: object, head: object, capacity: int) -> None:
        edges[nodes.setdefault(tail, len(nodes)), nodes.setdefault(head, len(nodes))] = capacity

    for proposal, (needed, _) in needs.items():
        join("source", proposal, needed)
    for proposal, company in pairs:
        join(proposal, (proposal, company.id), 1)
        for one in days:
            if one <= needs[proposal][1] and one.weekday() in company.opening_weekdays:
                join((proposal, company.id), (company.id, one), 1)
                join((company.id, one), "sink", slots)
    shape = (len(nodes), len(nodes))
    tails, heads = np.array(list(edges), dtype=np.int32).reshape(-1, 2).T
    graph = csr_matrix((np.array(list(edges.values()), dtype=np.int32), (tails, heads)), shape=shape)
    return maximum_flow(graph, 0, 1).flow_value == sum(needed for needed, _ in needs.values())


@dataclass
class World:
    """A registry that lives from day to day: lists are composed, opened and logged as the product does."""

    guarantee: Guarantee
    companies: list[Company]
    suits: Suits
    proposals: list[OpenProposal] = field(default_factory=list)
    log: list[Exposure] = field(default_factory=list)
    lost: dict[str, Alarm] = field(default_factory=dict)
    first_alarm: dict[str, date] = field(default_factory=dict)

    def live(self, today: date, opened: Sequence[str]) -> DayPlan:
        plan = plan_day(
            today,
            self.guarantee,
            proposals=self.proposals,
            companies=self.companies,
            suitability=self.suits,
            log=self.log,
            already_lost=frozenset(self.lost),
        )
        for alarm in plan.alarms:
            self.first_alarm.setdefault(alarm.proposal_id, today)
            if alarm.is_lost:
                self.lost.setdefault(alarm.proposal_id, alarm)
        for company in opened:
            slots = plan.reserved.get(company, ())
            self.check(company, slots)
            ranked = self.ranked(company, today)
            lines = compose_list(ranked, slots, self.guarantee.list_length)
            assert len(lines) <= self.guarantee.list_length
            self.log += [Exposure(line.proposal_id, company, today) for line in lines]
        return plan

    def check(self, company: str, slots: Sequence[Reserved]) -> None:
        seen = {(row.proposal_id, row.company_id) for row in self.log}
        assert len({one.proposal_id for one in slots}) == len(slots) <= self.guarantee.reserved_slots
        assert all(company in self.suits[one.proposal_id] for one in slots)
        assert not any((one.proposal_id, company) in seen for one in slots)

    def ranked(self, company: str, today: date) -> list[str]:
        still_open = [
            one.id for one in self.proposals if (one.closes_on or today) >= today and company in self.suits[one.id]
        ]
        return sorted(still_open, key=lambda one: (-self.suits[one][company], one))

    def last_day(self, proposal: OpenProposal) -> date:
        last = proposal.opened_on + timedelta(days=self.guarantee.within_days - 1)
        return min(last, proposal.closes_on or last)

    def seen_in_time(self, proposal: OpenProposal) -> int:
        last = self.last_day(proposal)
        rows = (row for row in self.log if row.proposal_id == proposal.id and row.shown_on <= last)
        return len({row.company_id for row in rows})

    def missed(self, today: date) -> set[str]:
        return {
            one.id
            for one in self.proposals
            if self.last_day(one) < today and self.seen_in_time(one) < self.guarantee.companies
        }

    def remaining(self, ids: Iterable[str]) -> dict[str, tuple[int, date]]:
        by_id = {one.id: one for one in self.proposals}
        needs = {}
        for one in ids:
            needed = self.guarantee.companies - self.seen_in_time(by_id[one])
            if needed > 0:
                needs[one] = (needed, self.last_day(by_id[one]))
        return needs

    def could_promise(self, today: date, ids: Iterable[str]) -> bool:
        seen = {(row.proposal_id, row.company_id) for row in self.log}
        slots = self.guarantee.reserved_slots
        return is_feasible(today, self.remaining(ids), self.companies, self.suits, seen, slots)


@st.composite
def small_worlds(draw: st.DrawFn) -> World:
    days = draw(st.integers(1, 3))
    guarantee = Guarantee(draw(st.integers(1, 2)), days, draw(st.integers(1, 2)), 2, 1, warning_days=0)
    weekdays = st.one_of(st.just(EVERY_DAY), st.frozensets(st.integers(0, 2), min_size=1))
    companies = [Company(f"C-{index}", 0, draw(weekdays)) for index in range(3)]
    ids = [f"P-{index}" for index in range(draw(st.integers(1, 5)))]
    some = st.dictionaries(st.sampled_from([one.id for one in companies]), st.integers(0, 9))
    closing = st.one_of(st.none(), st.integers(0, days).map(day))
    proposals = [OpenProposal(one, MONDAY, draw(closing)) for one in ids]
    return World(guarantee, companies, {one: draw(some) for one in ids}, proposals)


@settings(max_examples=80, deadline=None)
@given(small_worlds())
def test_the_guarantee_is_met_exactly_when_another_solver_finds_it_feasible(world):
    everyone = [one.id for one in world.proposals]
    feasible = world.could_promise(MONDAY, everyone)

    for number in range(world.guarantee.within_days):
        today = day(number)
        opened = [one.id for one in world.companies if today.weekday() in one.opening_weekdays]
        plan = world.live(today, opened)
        if number == 0:
            assert feasible == (not plan.alarms)
            promised = set(everyone) - {alarm.proposal_id for alarm in plan.alarms}
            assert all(alarm.is_lost for alarm in plan.alarms)

    assert not world.missed(day(9)) & promised


REGIONS = ("北勢", "中勢", "伊勢志摩", "伊賀", "東紀州")
PATTERNS = (EVERY_DAY, frozenset(range(5)), frozenset({0, 3}), frozenset({0}), frozenset({2}))


@dataclass
class Arrival:
    """A proposal that comes in one day, with the companies that suit it."""

    proposal: OpenProposal
    region: str
    suits: dict[str, int]


def sixty_days(seed: int, guarantee: Guarantee) -> tuple[World, dict[date, list[Arrival]], dict[date, list[Company]]]:
    """Companies are many in the north and two in the south; some register later. A proposal suits two thirds of
    the companies of its region and of another; some close early."""
    dice = random.Random(seed)
    homes = {f"C-{index:02}": REGIONS[min(index // 6, 3)] for index in range(22)} | {"C-98": "東紀州", "C-99": "東紀州"}
    companies = [Company(one, 0, dice.choice(PATTERNS)) for one in homes]
    late = {day(dice.randrange(5, 40)): [one] for one in dice.sample(companies[:22], 3)}
    joined_late = {one.id for some in late.values() for one in some}
    arrivals: dict[date, list[Arrival]] = {}
    for number in range(60):
        for index in range(dice.choice([0, 1, 2, 3, 5])):
            region = dice.choice(REGIONS)
            near = {region} if region == "東紀州" else {region, dice.choice(REGIONS[:4])}
            suits = {one: dice.randrange(100, 900) for one, home in homes.items() if home in near}
            suits = dict(dice.sample(sorted(suits.items()), max(2, len(suits) * 2 // 3)))
            closes_on = day(number + dice.randrange(3, 9)) if dice.random() < 0.1 else None
            proposal = OpenProposal(f"P-{number:02}-{index}", day(number), closes_on)
            arrivals.setdefault(day(number), []).append(Arrival(proposal, region, suits))
    start = [one for one in companies if one.id not in joined_late]
    return World(guarantee, start, {}), arrivals, late


def take_in(world: World, today: date, arrivals: dict[date, list[Arrival]], late: dict[date, list[Company]]) -> None:
    world.companies += late.get(today, [])
    for arrival in arrivals.get(today, []):
        world.proposals.append(arrival.proposal)
        world.suits[arrival.proposal.id] = arrival.suits


TIGHT = Guarantee(companies=4, within_days=10, reserved_slots=1, list_length=2, open_request_cap=3, warning_days=0)


@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_days_keep_every_promise_and_alarm_the_others_on_their_first_day(seed):
    world, arrivals, late = sixty_days(seed, TIGHT)
    promised: list[str] = []
    for number in range(60 + TIGHT.within_days):
        today = day(number)
        take_in(world, today, arrivals, late)
        for arrival in arrivals.get(today, []):
            if world.could_promise(today, [*promised, arrival.proposal.id]):
                promised.append(arrival.proposal.id)
        promised = [one for one in promised if one in world.remaining(promised)]
        world.live(today, [one.id for one in world.companies if today.weekday() in one.opening_weekdays])
        refused = {one.proposal.id for one in arrivals.get(today, [])} - set(promised)
        assert {one for one, since in world.first_alarm.items() if since == today} == refused

    arrived = [arrival for some in arrivals.values() for arrival in some]
    assert world.missed(day(80)) <= set(world.lost)
    assert all(world.first_alarm[one.id] < world.last_day(one) for one in world.proposals if one.id in world.lost)
    south = {one.proposal.id for one in arrived if one.region == "東紀州"}
    assert south
    assert all(world.lost[one].reason is AlarmReason.TOO_FEW_SUITABLE for one in south)
    assert {alarm.reason for alarm in world.lost.values()} > {AlarmReason.TOO_FEW_SUITABLE}
    regions = {one.value: one for one in _report(world, arrived) if one.aspect is Aspect.REGION}
    assert [region for region, group in regions.items() if group.falls_short] == ["東紀州"]
    assert len(world.proposals) - len(world.lost) > 40


def _report(world: World, arrived: Sequence[Arrival]) -> tuple[Group, ...]:
    seen = [SeenProposal(one.proposal.id, one.region, LegalForm.NPO, is_newcomer=False) for one in arrived]
    return report(seen, world.log, world.guarantee.companies)


@pytest.mark.parametrize("seed", [3, 4])
def test_no_promise_is_missed_without_a_warning_before_though_lists_stay_closed(seed):
    guarantee = Guarantee(companies=4, within_days=10, reserved_slots=2, list_length=3, warning_days=2)
    world, arrivals, late = sixty_days(seed, guarantee)
    dice = random.Random(seed)
    for number in range(60 + guarantee.within_days):
        today = day(number)
        take_in(world, today, arrivals, late)
        chance = {True: 0.6, False: 0.1}
        world.live(
            today,
            [one.id for one in world.companies if dice.random() < chance[today.weekday() in one.opening_weekdays]],
        )

    missed = world.missed(day(80))
    for one in world.proposals:
        if one.id in missed:
            assert world.first_alarm[one.id] <= world.last_day(one) - timedelta(days=guarantee.warning_days - 1)
    assert missed - {one for one, alarm in world.lost.items() if alarm.reason is AlarmReason.TOO_FEW_SUITABLE}
    assert len(missed) < len(world.proposals) / 2


def test_with_slots_enough_a_proposal_is_seen_whenever_enough_suitable_companies_open_their_lists():
    guarantee = Guarantee(companies=4, within_days=10, reserved_slots=40, list_length=40, warning_days=2)
    world, arrivals, late = sixty_days(5, guarantee)
    dice = random.Random(5)
    openings: set[tuple[str, date]] = set()
    for number in range(60 + guarantee.within_days):
        take_in(world, day(number), arrivals, late)
        opened = [one.id for one in world.companies if dice.random() < 0.25]
        openings |= {(one, day(number)) for one in opened}
        world.live(day(number), opened)

    def who_opened(one: OpenProposal) -> set[str]:
        window = [one.opened_on + timedelta(days=n) for n in range((world.last_day(one) - one.opened_on).days + 1)]
        return {company for company in world.suits[one.id] for today in window if (company, today) in openings}

    too_few = {one.id for one in world.proposals if len(who_opened(one)) < guarantee.companies}
    assert 0 < len(too_few) < len(world.proposals)
    assert world.missed(day(80)) == too_few


ONE_A_DAY = Guarantee(companies=1, within_days=3, reserved_slots=1, list_length=5, open_request_cap=2, warning_days=0)


def test_a_company_at_its_cap_is_left_in_peace_and_the_alarm_says_so():
    plan = plan_day(
        MONDAY,
        ONE_A_DAY,
        proposals=[OpenProposal("P-1", MONDAY)],
        companies=[Company("bank", open_requests=2)],
        suitability={"P-1": {"bank": 500}},
        log=[],
    )

    assert plan == DayPlan({}, (Alarm("P-1", AlarmReason.COMPANIES_AT_CAP, day(2), 0, 0, 1),))


@pytest.mark.parametrize(
    ("companies", "suitable", "closes_on", "today", "alarms"),
    [
        ([Company("bank")], ["bank"], None, day(2), []),
        ([Company("bank")], ["bank", "gone"], None, day(3), [AlarmReason.LAST_DAY_PASSED]),
        ([Company("bank")], ["gone"], None, day(0), [AlarmReason.TOO_FEW_SUITABLE]),
        ([Company("bank", 0, frozenset({3}))], ["bank"], None, day(0), [AlarmReason.TOO_FEW_OPENINGS]),
        ([Company("bank", 0, frozenset({1}))], ["bank"], day(0), day(0), [AlarmReason.TOO_FEW_OPENINGS]),
        ([Company("bank", 0, frozenset({1}))], ["bank"], day(1), day(0), []),
        ([Company("bank")], ["bank"], day(0), day(1), []),
        ([Company("bank")], ["bank"], None, day(-1), []),
    ],
)
def test_alarm_names_the_reason(companies, suitable, closes_on, today, alarms):
    proposal = OpenProposal("P-1", MONDAY, closes_on)
    suits = {"P-1": dict.fromkeys(suitable, 500)}

    plan = plan_day(today, ONE_A_DAY, proposals=[proposal], companies=companies, suitability=suits, log=[])

    assert [alarm.reason for alarm in plan.alarms] == alarms


def test_the_later_of_two_proposals_that_cannot_both_be_shown_raises_the_alarm():
    one_day = Guarantee(companies=1, within_days=1, reserved_slots=1, list_length=5, warning_days=0)
    both = [OpenProposal("P-2", MONDAY), OpenProposal("P-1", MONDAY)]
    suits = {"P-1": {"bank": 1}, "P-2": {"bank": 9}}

    plan = plan_day(MONDAY, one_day, proposals=both, companies=[Company("bank")], suitability=suits, log=[])
    again = plan_day(
        MONDAY,
        one_day,
        proposals=both,
        companies=[Company("bank")],
        suitability=suits,
        log=[],
        already_lost=frozenset({"P-1"}),
    )

    assert planned_ids(plan) == {"bank": ["P-1"]}
    assert plan.alarms == (Alarm("P-2", AlarmReason.NOT_ENOUGH_SLOTS, MONDAY, 0, 1, 1),)
    assert planned_ids(again) == {"bank": ["P-2"]}


def test_little_time_warns_before_the_promise_is_lost():
    careful = Guarantee(companies=2, within_days=4, reserved_slots=1, list_length=5, warning_days=2)
    facts = {"companies": [Company("bank"), Company("shop")], "suitability": {"P-1": {"bank": 1, "shop": 2}}}
    shown = [Exposure("P-1", "bank", day(0))]

    early = plan_day(day(1), careful, proposals=[OpenProposal("P-1", MONDAY)], log=shown, **facts)
    late = plan_day(day(2), careful, proposals=[OpenProposal("P-1", MONDAY)], log=shown, **facts)

    assert early == DayPlan({"shop": (Reserved("P-1", 3, 1, is_planned=True),)}, ())
    assert late.alarms == (Alarm("P-1", AlarmReason.LITTLE_TIME, day(3), 1, 2, 2),)
    assert not late.alarms[0].is_lost


def test_what_was_shown_today_or_before_the_proposal_opened_again_does_not_change_the_plan():
    facts = {"proposals": [OpenProposal("P-1", day(1))], "companies": [Company("bank")]}
    log = [Exposure("P-1", "bank", day(0)), Exposure("P-1", "bank", day(1))]

    plan = plan_day(day(1), ONE_A_DAY, suitability={"P-1": {"bank": 5}}, log=log, **facts)

    assert plan == DayPlan({"bank": (Reserved("P-1", 3, 1, is_planned=True),)}, ())


def test_free_slots_go_to_proposals_that_still_need_companies_as_insurance():
    facts = {"proposals": [OpenProposal("P-1", MONDAY)], "companies": [Company("bank"), Company("shop")]}

    plan = plan_day(MONDAY, ONE_A_DAY, suitability={"P-1": {"bank": 5, "shop": 9}}, log=[], **facts)

    assert plan.reserved == {
        "bank": (Reserved("P-1", 3, 1, is_planned=False),),
        "shop": (Reserved("P-1", 3, 1, is_planned=True),),
    }


def test_a_list_keeps_the_order_of_the_scores_and_labels_what_is_reserved():
    first, last = Reserved("P-2", 3, 1, is_planned=True), Reserved("P-9", 1, 2, is_planned=True)

    lines = compose_list([f"P-{number}" for number in range(1, 10)], [last, first], 4)

    assert lines == (ListLine("P-1"), ListLine("P-2", first), ListLine("P-3"), ListLine("P-9", last))


@pytest.mark.parametrize(
    "numbers",
    [{"companies": 0}, {"within_days": 0}, {"reserved_slots": 0}, {"open_request_cap": 0}, {"warning_days": -1}],
)
def test_a_guarantee_of_nothing_is_refused(numbers):
    with pytest.raises(ValueError, match="must be 1 or more"):
        Guarantee(**numbers)


def test_more_reserved_slots_than_lines_are_refused():
    with pytest.raises(ValueError, match="than a list has lines"):
        Guarantee(reserved_slots=6, list_length=5)


def test_the_report_counts_each_company_once_by_region_form_and_newcomer():
    seen = [
        SeenProposal("P-1", "北勢", LegalForm.NPO, is_newcomer=False),
        SeenProposal("P-2", "北勢", LegalForm.CIVIC, is_newcomer=True),
        SeenProposal("P-3", "", None, is_newcomer=True),
    ]
    rows = [("P-1", "bank", 0), ("P-1", "bank", 1), ("P-1", "shop", 1), ("P-2", "bank", 1), ("P-9", "bank", 1)]
    log = [Exposure(proposal, company, day(number)) for proposal, company, number in rows]

    groups = report(seen, log, wanted=2)

    assert groups == (
        Group(Aspect.REGION, "", 1, 0, 1 / 3, 0.0, 0, 0, 0, 2),
        Group(Aspect.REGION, "北勢", 2, 3, 2 / 3, 1.0, 1, 1.5, 1, 2),
        Group(Aspect.LEGAL_FORM, "", 1, 0, 1 / 3, 0.0, 0, 0, 0, 2),
        Group(Aspect.LEGAL_FORM, "civic", 1, 1, 1 / 3, 1 / 3, 1, 1, 0, 2),
        Group(Aspect.LEGAL_FORM, "npo", 1, 2, 1 / 3, 2 / 3, 2, 2, 1, 2),
        Group(Aspect.NEWCOMER, "experienced", 1, 2, 1 / 3, 2 / 3, 2, 2, 1, 2),
        Group(Aspect.NEWCOMER, "newcomer", 2, 1, 2 / 3, 1 / 3, 0, 0.5, 0, 2),
    )
    assert report([], log, wanted=2) == ()
