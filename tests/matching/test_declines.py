"""What a No does to its pair, when it ends, and that it reaches no other pair."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.introductions.status import DeclineReason
from matchmaker.matching.declines import (
    NO_EFFECT,
    POINTS_DEDUCTED,
    RULES,
    Decline,
    Effect,
    EffectKind,
    NamedField,
    Sentence,
    UnknownReason,
    decline,
    effect_of,
    effect_on_pair,
    fingerprint,
    rule_of,
)
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Theme, Unit
from tests.matching import strategies

DECLINED_ON = date(2026, 11, 2)
BACK_ON = date(2027, 5, 2)

waiting_reasons = st.sampled_from([code for code, rule in RULES.items() if rule.waits_for])
ending_reasons = st.sampled_from([code for code, rule in RULES.items() if not rule.waits_for])


def test_every_decline_reason_has_a_rule_and_every_rule_a_reason():
    assert set(RULES) == {reason.value for reason in DeclineReason}


@given(ending_reasons, st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(-400, 400))
def test_an_effect_with_a_last_day_ends_exactly_six_months_later(reason, declined_on, offset):
    ends_on = effect_of(reason, declined_on, declined_on, "", "").ends_on
    today = ends_on + timedelta(days=offset)

    months = (ends_on.year - declined_on.year) * 12 + ends_on.month - declined_on.month
    is_last_of_month = (ends_on + timedelta(days=1)).day == 1
    assert months == 6
    assert ends_on.day == declined_on.day or (ends_on.day < declined_on.day and is_last_of_month)
    effect = effect_of(reason, declined_on, today, "then", "now")
    assert (effect.kind is EffectKind.NONE) == (today >= ends_on)
    assert effect.kind in {EffectKind.NONE, rule_of(reason).kind}


@given(waiting_reasons, st.integers(0, 4000), st.sampled_from(["same", "other"]))
def test_a_pair_that_waits_for_a_change_is_back_when_the_field_changed_and_not_before(reason, days, now):
    effect = effect_of(reason, DECLINED_ON, DECLINED_ON + timedelta(days=days), "same", now)

    kind, sentence = {
        "same": (EffectKind.HIDDEN_UNTIL_CHANGE, Sentence.HIDDEN_UNTIL_CHANGE),
        "other": (EffectKind.NONE, Sentence.BACK_SINCE_CHANGE),
    }[now]
    assert effect == Effect(kind, sentence, reason, None, rule_of(reason).waits_for)
    assert effect.is_hidden == (now == "same")


@settings(max_examples=60, deadline=None)
@given(
    strategies.proposals(1),
    strategies.interests(1),
    st.lists(st.tuples(st.sampled_from(list(RULES)), st.sampled_from([("P1", "I2"), ("P2", "I1")])), max_size=4),
    st.integers(0, 500),
)
def test_a_decline_never_reaches_another_pair(proposal, interest, others, days):
    declines = [
        decline(replace(proposal, id=mine), replace(interest, id=theirs), reason, DECLINED_ON)
        for reason, (mine, theirs) in others
    ]

    assert effect_on_pair(proposal, interest, declines, DECLINED_ON + timedelta(days=days)) == NO_EFFECT


@settings(max_examples=60, deadline=None)
@given(strategies.proposals(1), strategies.interests(1), strategies.proposals(1), waiting_reasons)
def test_a_declined_pair_is_hidden_as_long_as_the_named_field_says_the_same(proposal, interest, later, reason):
    declined = decline(proposal, interest, reason, DECLINED_ON)

    effect = effect_on_pair(later, interest, [declined], DECLINED_ON)

    field = rule_of(reason).waits_for
    assert effect.is_hidden == (fingerprint(field, proposal, interest) == fingerprint(field, later, interest))
    assert effect_on_pair(proposal, interest, [declined], DECLINED_ON).is_hidden


PROPOSAL = ProposalFacts(
    "R8-0001",
    title="海岸清掃",
    fields=frozenset({ActivityField.ENVIRONMENT}),
    places=(Place(Prefecture.MIE, "北勢"), Place(Prefecture.MIE, "伊賀")),
    needs=(Need(ResourceKind.GOODS, "手袋", 30, Unit.ITEMS), Need(ResourceKind.PLACE)),
)
INTEREST = InterestFacts(
    "K-0001",
    profile="港で荷を運ぶ会社。",
    themes=frozenset({Theme.ENVIRONMENT}),
    regions=(Place(Prefecture.MIE),),
    offers=(Offer(ResourceKind.PEOPLE),),
)


@pytest.mark.parametrize(
    ("field", "proposal", "interest"),
    [
        (NamedField.THEMES, replace(PROPOSAL, fields=frozenset({ActivityField.CHILDREN})), INTEREST),
        (NamedField.THEMES, PROPOSAL, replace(INTEREST, themes=frozenset({Theme.FOOD}))),
        (NamedField.THEMES, PROPOSAL, replace(INTEREST, is_undecided=True)),
        (NamedField.THEMES, PROPOSAL, replace(INTEREST, refusals=Refusals(fields=frozenset(ActivityField)))),
        (NamedField.PLACES, replace(PROPOSAL, places=PROPOSAL.places[:1]), INTEREST),
        (NamedField.PLACES, PROPOSAL, replace(INTEREST, headquarters=Place(Prefecture.MIE))),
        (NamedField.PLACES, PROPOSAL, replace(INTEREST, regions=())),
        (NamedField.PLACES, PROPOSAL, replace(INTEREST, refusals=Refusals(outside_regions=True))),
        (NamedField.RESOURCES, replace(PROPOSAL, needs=PROPOSAL.needs[:1]), INTEREST),
        (NamedField.RESOURCES, PROPOSAL, replace(INTEREST, offers=(Offer(ResourceKind.PEOPLE, "", 3, Unit.DAYS),))),
        (NamedField.RESOURCES, PROPOSAL, replace(INTEREST, refusals=Refusals(resource_kinds=frozenset(ResourceKind)))),
        (NamedField.TEXT, replace(PROPOSAL, title="海岸の清掃"), INTEREST),
        (NamedField.TEXT, replace(PROPOSAL, mission="海を守る。"), INTEREST),
        (NamedField.TEXT, replace(PROPOSAL, summary="月に一度集まる。"), INTEREST),
        (NamedField.TEXT, replace(PROPOSAL, beneficiaries="海水浴の人"), INTEREST),
        (NamedField.TEXT, PROPOSAL, replace(INTEREST, profile="港の会社。")),
    ],
)
def test_a_change_of_a_field_on_either_side_is_noticed_in_that_field_alone(field, proposal, interest):
    changed = [
        one for one in NamedField if fingerprint(one, PROPOSAL, INTEREST) != fingerprint(one, proposal, interest)
    ]

    assert changed == [field]


def test_a_tidied_text_and_another_order_bring_no_pair_back():
    tidied = replace(
        PROPOSAL, title="海岸\n 清掃 ", places=tuple(reversed(PROPOSAL.places)), needs=tuple(reversed(PROPOSAL.needs))
    )

    assert [fingerprint(field, tidied, INTEREST) for field in NamedField] == [
        fingerprint(field, PROPOSAL, INTEREST) for field in NamedField
    ]


@pytest.mark.parametrize(
    ("reason", "today", "effect"),
    [
        ("timing", BACK_ON - timedelta(days=1), (EffectKind.HIDDEN_UNTIL_DAY, Sentence.HIDDEN_UNTIL_DAY, 0)),
        ("timing", BACK_ON, (EffectKind.NONE, Sentence.BACK_SINCE_DAY, 0)),
        (
            "other",
            BACK_ON - timedelta(days=1),
            (EffectKind.LOWERED_UNTIL_DAY, Sentence.LOWERED_UNTIL_DAY, POINTS_DEDUCTED),
        ),
        ("other", BACK_ON, (EffectKind.NONE, Sentence.FULL_POINTS_SINCE_DAY, 0)),
    ],
)
def test_effect_says_what_is_in_force_and_until_when(reason, today, effect):
    kind, sentence, points = effect

    found = effect_of(reason, DECLINED_ON, today, "", "")

    assert found == Effect(kind, sentence, reason, BACK_ON, None, points)
    assert found.is_hidden == (kind is EffectKind.HIDDEN_UNTIL_DAY)


def test_of_several_nos_the_one_that_weighs_most_counts_whatever_their_order():
    lowered = decline(PROPOSAL, INTEREST, "other", date(2027, 4, 1))
    timing = decline(PROPOSAL, INTEREST, "timing", DECLINED_ON)
    busy = decline(PROPOSAL, INTEREST, "no-capacity", date(2026, 12, 1))
    theme = decline(PROPOSAL, INTEREST, "other-theme", date(2026, 1, 1))

    def reason_on(today: date, *declines: Decline) -> str:
        reasons = {effect_on_pair(PROPOSAL, INTEREST, one, today).reason for one in (declines, declines[::-1])}
        [reason] = reasons
        return reason

    assert reason_on(DECLINED_ON, lowered, timing, busy, theme) == "other-theme"
    assert reason_on(BACK_ON, lowered, timing, busy) == "no-capacity"
    assert reason_on(date(2027, 6, 1), lowered, timing, busy) == "other"
    assert reason_on(date(2028, 1, 1), lowered, timing, busy) == "other"
    assert reason_on(date(2028, 1, 1), timing, busy) == "no-capacity"


def test_a_reason_without_rule_is_refused():
    with pytest.raises(UnknownReason):
        effect_of("bad-mood", DECLINED_ON, DECLINED_ON, "", "")
