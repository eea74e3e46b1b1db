"""Hard conditions, weights, criteria and the reviewed knowledge."""

import csv
import doctest
import importlib
import math
import pkgutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matchmaker.matching
from matchmaker.matching import criteria, text, vocabulary
from matchmaker.matching.eligibility import Refusal, refusals
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Place, ProposalFacts, Refusals
from matchmaker.matching.pool import ease, settle
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Sdg, Theme
from matchmaker.matching.weights import STANDARD, InvalidRuleset, RegionLevels, Ruleset
from tests.matching.strategies import texts

DATA = Path(matchmaker.matching.__file__).parent / "data"
TERMS = (*ActivityField, *Theme, *Industry)
MODULES = [module.name for module in pkgutil.iter_modules(matchmaker.matching.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_documentation_are_true(name):
    module = importlib.import_module(f"matchmaker.matching.{name}")

    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


PROPOSAL = ProposalFacts(
    "P1",
    fields=frozenset({ActivityField.TOURISM}),
    places=(Place(Prefecture.MIE, municipality="242012"),),
    needs=(Need(ResourceKind.MONEY),),
    legal_form=LegalForm.CIVIC,
    open_until=date(2026, 6, 30),
)
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("interest", "expected"),
    [
        ({}, ()),
        ({"valid_until": date(2026, 6, 29)}, (Refusal.INTEREST_EXPIRED,)),
        ({"refusals": Refusals(fields=frozenset({ActivityField.TOURISM}))}, (Refusal.FIELD_REFUSED,)),
        ({"refusals": Refusals(legal_forms=frozenset({LegalForm.CIVIC}))}, (Refusal.LEGAL_FORM_REFUSED,)),
        ({"refusals": Refusals(resource_kinds=frozenset({ResourceKind.MONEY}))}, (Refusal.NEEDS_REFUSED,)),
        ({"regions": (Place(Prefecture.AICHI),)}, ()),
        (
            {"regions": (Place(Prefecture.AICHI),), "refusals": Refusals(outside_regions=True)},
            (Refusal.OUTSIDE_REGIONS,),
        ),
        ({"regions": (Place(Prefecture.MIE),), "refusals": Refusals(outside_regions=True)}, ()),
        ({"regions": (Place(),), "refusals": Refusals(outside_regions=True)}, ()),
        ({"refusals": Refusals(outside_regions=True)}, ()),
    ],
)
def test_each_hard_condition_refuses_with_its_code_and_nothing_else_does(interest, expected):
    assert refusals(PROPOSAL, InterestFacts("I1", **interest), JUNE) == expected


def test_a_need_of_another_kind_keeps_a_pair_that_refuses_one_kind():
    both = replace(PROPOSAL, needs=(Need(ResourceKind.MONEY), Need(ResourceKind.PLACE)))

    assert refusals(both, InterestFacts("I1", refusals=Refusals(resource_kinds=frozenset({ResourceKind.MONEY})))) == ()


def test_dates_are_judged_only_when_a_day_is_asked_about():
    late = InterestFacts("I1", valid_until=date(2020, 1, 1))

    assert refusals(PROPOSAL, late) == ()
    assert refusals(PROPOSAL, late, JULY) == (Refusal.INTEREST_EXPIRED, Refusal.PROPOSAL_CLOSED)


@given(
    st.builds(ProposalFacts, st.just("P"), legal_form=st.one_of(st.none(), st.sampled_from(LegalForm))),
    st.frozensets(st.sampled_from(LegalForm)),
)
def test_an_unanswered_legal_form_is_never_refused(proposal, refused):
    found = refusals(proposal, InterestFacts("I", refusals=Refusals(legal_forms=refused)))

    assert (found == (Refusal.LEGAL_FORM_REFUSED,)) == (proposal.legal_form in refused)


WEIGHTS = {"words": 270, "bigrams": 80, "meaning": 125, "region": 210, "needs": 95, "theme": 65, "business": 155}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"words": -1, "region": 481}, "The weight words is -1; no weight may be negative."),
        (dict.fromkeys(WEIGHTS, 0), "All content weights are zero; at least one criterion must count."),
        ({"words": 271}, "The content weights add up to 1001 points; they must add up to 1000."),
        ({"words": 270.5}, "The weight words is 270.5; every weight must be a whole number."),
        ({"pool_percent": 101}, "The pool correction is 101 percent; it may be at most 100 percent."),
        ({"levels": RegionLevels(served=120)}, "The share served is 120 percent; no share may be above 100 percent."),
        ({"levels": RegionLevels(region=95)}, "The level region is farther away than area; it may not count more."),
        (
            {"levels": RegionLevels(elsewhere=11)},
            "The level elsewhere is farther away than neighbour; it may not count more.",
        ),
    ],
)
def test_a_ruleset_that_cannot_be_used_says_why(change, sentence):
    with pytest.raises(InvalidRuleset) as refusal:
        Ruleset("v", **{**WEIGHTS, **change})

    assert str(refusal.value) == sentence


def test_equal_rulesets_have_equal_digests_and_others_do_not():
    assert Ruleset("v", **WEIGHTS).digest == Ruleset("v", **WEIGHTS).digest
    assert Ruleset("v", **WEIGHTS).digest != Ruleset("w", **WEIGHTS).digest
    assert Ruleset("v", **WEIGHTS).digest != Ruleset("v", **WEIGHTS, one_sidedness=1).digest


def level(mine, headquarters, *regions, prose=""):
    return criteria.nearness([mine], headquarters, regions, STANDARD.levels, prose).level


def test_nearness_falls_with_distance():
    tsu = Place(Prefecture.MIE, "中勢", "津", "242012", "津市")
    levels = [
        level(tsu, Place(Prefecture.MIE, "中勢", "津", "242012")),
        level(tsu, Place(Prefecture.MIE, "中勢", "津")),
        level(tsu, Place(Prefecture.MIE, "中勢")),
        level(tsu, Place(Prefecture.MIE)),
        level(tsu, Place(Prefecture.TOKYO), Place(Prefecture.MIE)),
        level(tsu, Place(Prefecture.TOKYO), Place()),
        level(tsu, Place(Prefecture.AICHI)),
        level(tsu, Place(Prefecture.TOKYO)),
    ]

    assert levels == [
        "same-municipality",
        "same-area",
        "same-region",
        "same-prefecture",
        "served-prefecture",
        "nationwide",
        "neighbouring-prefecture",
        "elsewhere",
    ]


def test_criteria_refuse_to_compare_what_was_not_answered():
    for compare in (
        lambda: criteria.likeness({}, {"森": 1}, "words"),
        lambda: criteria.meaning_likeness(None, None),
        lambda: criteria.needs_cover([], []),
        lambda: criteria.nearness([], None, [], STANDARD.levels),
    ):
        with pytest.raises(criteria.EmptyCriterion):
            compare()


@settings(max_examples=50, deadline=None)
@given(texts)
def test_any_text_becomes_terms_without_symbols(written):
    assert all(any(letter.isalnum() for letter in term) for term in text.content_terms(written))
    assert all(len(pair) == 2 for pair in text.bigrams(written))


def test_spellings_of_one_word_become_one_term():
    assert text.content_terms("こども") == text.content_terms("子ども") == text.content_terms("子供")


def test_the_term_after_a_chunk_border_is_not_lost():
    assert text.content_terms("森。" * 3000).count("森") == 3000


def test_every_row_of_knowledge_states_its_reason():
    for path in DATA.glob("*.csv"):
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            assert row["reason"].strip(), (path.name, row)


def test_a_concept_is_found_by_each_of_its_words_and_lists_none_twice():
    for concept in (*vocabulary.topics(), *vocabulary.lines_of_business()):
        assert len(concept.words) == len(set(concept.words)), concept.code
        assert all(concept.count_in(word) for word in concept.words), concept.code


def test_how_rare_a_topic_is_counts_only_the_records_whose_texts_name_it():
    environment = frozenset({Theme.ENVIRONMENT})
    interests = [InterestFacts(f"I{number}", themes=environment) for number in range(3)]
    interests.append(InterestFacts("I3", "海岸を掃く。", themes=environment))

    rarity = MatchIndex([], interests, STANDARD).generation.topics

    assert rarity.of("sea") == math.log(5 / 2) ** 0.5
    assert rarity.of("wildlife") == math.log(5 / 1) ** 0.5


def test_knowledge_names_only_what_exists_and_nothing_twice():
    topics = {topic.code for topic in vocabulary.topics()}
    lines = {line.code for line in vocabulary.lines_of_business()}

    assert len(vocabulary.topics()) == len(topics)
    assert len(vocabulary.lines_of_business()) == len(lines)
    assert {topic for shares in vocabulary.line_topics().values() for topic in shares} <= topics
    assert {topic for term in TERMS for topic in vocabulary.topics_of(term)} <= topics
    assert all(vocabulary.line_topics()[line] for line in lines)
    for name, keys in (("line_topics.csv", ("line", "topic")), ("term_topics.csv", ("vocabulary", "term", "topic"))):
        rows = [
            tuple(row[key] for key in keys)
            for row in csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())
        ]
        assert len(rows) == len(set(rows))


def test_every_field_leads_to_a_theme_and_every_theme_to_a_goal():
    assert all(vocabulary.links_to(field, Theme) for field in ActivityField)
    assert all(vocabulary.sdgs_of([theme]) for theme in Theme)
    assert all(vocabulary.topics_of(term) for term in (*ActivityField, *Theme))


def test_equal_codes_of_two_vocabularies_are_told_apart():
    assert ActivityField.ENVIRONMENT == Theme.ENVIRONMENT
    assert vocabulary.topics_of(ActivityField.ENVIRONMENT) != vocabulary.topics_of(Theme.ENVIRONMENT)
    assert vocabulary.links_to(Theme.ENVIRONMENT, Sdg)
    assert vocabulary.links_to(ActivityField.ENVIRONMENT, Sdg) == {}


def test_only_industries_without_a_line_of_work_have_no_topics():
    silent = {industry for industry in Industry if not vocabulary.topics_of(industry)}

    assert silent == {Industry.GOVERNMENT, Industry.UNCLASSIFIED}


def test_neighbours_are_mutual():
    for prefecture, others in vocabulary.neighbours().items():
        assert all(prefecture in vocabulary.neighbours()[other] for other in others)
    assert set(vocabulary.neighbours()) | {Prefecture.HOKKAIDO} == set(Prefecture)


def test_demand_takes_a_favourite_down():
    rows, columns = settle(np.array([[300, 290, 100], [300, 100, 290], [300, 100, 100]]))

    assert columns[0] > columns[1]
    assert columns[0] > columns[2]
    assert abs(rows.sum()) < 1e-6
    assert ease(np.zeros((2, 0)), np.zeros(0)).tolist() == [0.0, 0.0]
