import csv

from matchmaker.indicators.catalogue import INDICATORS
from tests.support.records import SEEDS


def test_catalogue_says_the_same_as_the_policy_data():
    with (SEEDS / "indicators.csv").open(encoding="utf-8") as file:
        printed = {(row["indicator_key"], row["title"], row["unit"], row["kind"]) for row in csv.DictReader(file)}
    assert {(one.key, one.title, one.unit, one.kind.value) for one in INDICATORS} == printed


def test_only_the_prefectural_indicator_has_a_printed_definition():
    assert [one.key for one in INDICATORS if one.definition] == ["participation-rate"]


def test_definition_is_the_one_that_the_policy_prints():
    assert INDICATORS[0].definition == (
        "e-モニターによるアンケートにおいて、NPO・ボランティア・市民活動への参加状況について、"
        "「参加している」と答えた人の割合"
    )
