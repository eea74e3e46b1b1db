from matchmaker.matching.features import interest_prose, proposal_prose
from tests.bench.registry import RandomEncoder, synthetic_registry


def test_the_same_seed_gives_the_same_registry():
    assert synthetic_registry(20, 20, seed=7) == synthetic_registry(20, 20, seed=7)


def test_another_seed_gives_another_registry():
    assert synthetic_registry(20, 20, seed=7) != synthetic_registry(20, 20, seed=8)


def test_a_small_registry_is_the_beginning_of_a_large_one():
    small, large = synthetic_registry(5, 10), synthetic_registry(20, 30)

    assert (small.proposals, small.interests) == (large.proposals[:5], large.interests[:10])


def test_records_are_about_as_long_as_real_ones():
    registry = synthetic_registry(300, 300)
    asked = sum(map(len, map(proposal_prose, registry.proposals))) / 300
    offered = sum(map(len, map(interest_prose, registry.interests))) / 300

    assert 200 < asked < 270
    assert 150 < offered < 210


def test_every_field_of_a_record_is_filled():
    registry = synthetic_registry(50, 50)
    asked = ("title", "mission", "summary", "beneficiaries", "fields", "places", "needs", "legal_form", "open_until")
    offered = ("profile", "industry", "themes", "headquarters", "regions", "offers", "valid_until")

    assert {name for one in registry.proposals for name in asked if not getattr(one, name)} == set()
    assert {name for one in registry.interests for name in offered if not getattr(one, name)} == set()
    assert all(item.amount and item.unit for one in registry.proposals for item in one.needs)
    assert all(item.amount and item.unit for one in registry.interests for item in one.offers)


def test_the_random_encoder_gives_a_text_the_same_unit_vector_each_time():
    vectors = RandomEncoder().encode(["森", "川", "森"])

    assert (vectors[0] == RandomEncoder().encode(["森"])[0]).all()
    assert not (vectors[0] == vectors[1]).all()
    assert [round(float(vector @ vector), 4) for vector in vectors] == [1.0, 1.0, 1.0]
