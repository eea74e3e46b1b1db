"""The example of the package's README, to the point."""

import pytest

from matchmaker.matching import vocabulary
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts
from matchmaker.matching.terms import ActivityField, Prefecture, ResourceKind, Theme
from matchmaker.matching.weights import STANDARD, Criterion

TSU = Place(Prefecture.MIE, municipality="242012", name="津市")
ENVIRONMENT = frozenset({ActivityField.ENVIRONMENT})
CLEAN_UP = ProposalFacts(
    "P1", "海のごみを拾う", fields=ENVIRONMENT, places=(TSU,), needs=(Need(ResourceKind.PEOPLE, "海で拾う人"),)
)
PLANTING = ProposalFacts(
    "P2",
    "森の木を植える",
    fields=ENVIRONMENT,
    places=(Place(Prefecture.AICHI),),
    needs=(Need(ResourceKind.MONEY, "苗木の費用"),),
)
SHIPYARD = InterestFacts(
    "I1",
    "海の船を造る会社。",
    themes=frozenset({Theme.ENVIRONMENT}),
    headquarters=Place(Prefecture.MIE),
    offers=(Offer(ResourceKind.PEOPLE, "社員の参加"),),
)
PHARMACEUTICALS = InterestFacts(
    "I2",
    "薬を造る会社。",
    themes=frozenset({Theme.HEALTH}),
    headquarters=Place(Prefecture.AICHI),
    offers=(Offer(ResourceKind.MONEY, "寄付"),),
)


@pytest.fixture
def index():
    return MatchIndex([CLEAN_UP, PLANTING], [SHIPYARD, PHARMACEUTICALS], STANDARD)


def test_the_worked_example_has_the_points_that_it_says(index):
    score = index.explain("P1", "I1").score

    assert {part.criterion: part.points for part in score.parts} == {
        Criterion.WORDS: 79,
        Criterion.BIGRAMS: 8,
        Criterion.MEANING: 18,
        Criterion.REGION: 183,
        Criterion.NEEDS: 81,
        Criterion.THEME: 37,
        Criterion.BUSINESS: 116,
        Criterion.ONE_SIDEDNESS: 0,
        Criterion.POOL: -7,
    }
    assert score.points == 515


def test_the_other_pairs_of_the_example_have_the_points_that_it_says(index):
    lines = {one: [(line.id, line.points) for line in index.rank_interests(one)] for one in ("P1", "P2")}

    assert lines == {"P1": [("I1", 515), ("I2", 40)], "P2": [("I2", 289), ("I1", 150)]}


def test_the_state_of_the_knowledge_has_a_name():
    assert len(vocabulary.digest()) == 64
    assert vocabulary.digest() == vocabulary.digest()
