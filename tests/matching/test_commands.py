"""``flask matching rank`` and ``flask matching evaluate`` on files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matchmaker.introductions.commands import matching

CASES = Path(__file__).parents[2] / "seeds" / "cases"


def run(*arguments):
    return CliRunner().invoke(matching, [str(argument) for argument in arguments])


@pytest.fixture
def small(tmp_path):
    files = {
        "proposals": ['{"id": "P1", "title": "森を守る", "prefecture": "三重県"}', '{"id": "P2", "title": "海を守る"}'],
        "interests": ['{"id": "I2"}', '{"id": "I1"}', '{"id": "I3", "profile": "森の会社"}'],
        "links": ['{"proposal": "P1", "interest": "I3", "also": []}'],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def rank(folder, side, *more):
    paths = "--proposals", folder / "proposals.jsonl", "--interests", folder / "interests.jsonl"
    return run("rank", *paths, "--for", side, "--without-meaning", *more)


def test_rank_prints_the_whole_pool_best_first_with_ties_by_id(small):
    result = rank(small, "proposals")
    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.exit_code == 0
    assert [(line["id"], [one["id"] for one in line["ranking"]]) for line in lines] == [
        ("P1", ["I3", "I1", "I2"]),
        ("P2", ["I1", "I2", "I3"]),
    ]
    for one in lines[0]["ranking"]:
        assert set(one) == {"id", "points", "parts", "refused"}
        assert one["points"] == sum(one["parts"].values())
        assert one["refused"] == []


def test_rank_for_interests_prints_a_line_for_each_interest_and_stops_at_top(small):
    lines = [json.loads(line) for line in rank(small, "interests", "--top", 1).stdout.splitlines()]

    assert [(line["id"], len(line["ranking"])) for line in lines] == [("I2", 1), ("I1", 1), ("I3", 1)]


def test_rank_gives_a_pair_the_same_points_from_both_sides(small):
    mine = {
        (line["id"], one["id"]): one["points"]
        for line in map(json.loads, rank(small, "proposals").stdout.splitlines())
        for one in line["ranking"]
    }
    theirs = {
        (one["id"], line["id"]): one["points"]
        for line in map(json.loads, rank(small, "interests").stdout.splitlines())
        for one in line["ranking"]
    }

    assert mine == theirs


def test_rank_names_a_broken_line_and_prints_nothing_else(small):
    with (small / "interests.jsonl").open("a", encoding="utf-8") as file:
        file.write("{oops\n")

    result = rank(small, "proposals")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{small / 'interests.jsonl'}:4: ")


def test_evaluate_names_a_broken_line_and_a_missing_file(small):
    (small / "links.jsonl").write_text('{"proposal": "P1"}\n', encoding="utf-8")
    broken = run("evaluate", "--cases", small)
    (small / "links.jsonl").unlink()
    missing = run("evaluate", "--cases", small)

    assert (broken.exit_code, broken.stdout) == (2, "")
    assert broken.stderr == f"{small / 'links.jsonl'}:1: the field 'interest' is missing\n"
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert missing.stderr == f"{small / 'links.jsonl'}: no such file\n"


def test_evaluate_prints_measures_baselines_and_paired_differences(small):
    lines = [json.loads(line) for line in run("evaluate", "--cases", small, "--without-meaning").stdout.splitlines()]

    assert [(line["system"], line.get("against"), line["for"]) for line in lines] == [
        ("engine", None, "proposals"),
        ("engine", None, "interests"),
        ("character-tfidf", None, "proposals"),
        ("character-tfidf", None, "interests"),
        ("character-tfidf+region", None, "proposals"),
        ("character-tfidf+region", None, "interests"),
        ("engine", "character-tfidf", "proposals"),
        ("engine", "character-tfidf", "interests"),
        ("engine", "character-tfidf+region", "proposals"),
        ("engine", "character-tfidf+region", "interests"),
    ]
    assert lines[0]["MRR"] == [1.0, 1.0, 1.0]


def test_engine_beats_both_baselines_on_the_published_cases_with_a_margin_above_chance():
    lines = [json.loads(line) for line in run("evaluate", "--cases", CASES, "--without-meaning").stdout.splitlines()]

    lows = [line["difference"]["MRR"][1] for line in lines if line.get("against")]
    assert len(lows) == 4
    assert min(lows) > 0
