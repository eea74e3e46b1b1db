"""The array layout: packed readings are the readings, and a ranking held as arrays is the list that it stands for."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given

from matchmaker.matching import engine, packing
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.features import Vocabulary, read_interest, read_proposal
from matchmaker.matching.packing import pack, unpack, unpack_all
from matchmaker.matching.weights import STANDARD
from tests.matching.strategies import interests, pools
from tests.matching.test_engine import HashingEncoder, a_registry, parts_of, quick

pytestmark = pytest.mark.usefixtures("each_engine")

TODAY = date(2026, 6, 1)


@quick
@given(pools())
def test_a_packed_reading_is_the_reading_alone_and_among_others(pool):
    mine, theirs = pool
    readings = [read_proposal(one) for one in mine] + [read_interest(one) for one in theirs]
    packed = [pack(one) for one in readings]

    assert [unpack(one) for one in packed] == readings
    words, bigrams = Vocabulary(), Vocabulary()
    together = unpack_all(packed, words, bigrams)
    assert [named(together.words, row, words) for row in range(len(readings))] == [one.words for one in readings]
    assert [named(together.bigrams, row, bigrams) for row in range(len(readings))] == [one.bigrams for one in readings]
    items = [named(together.items, row, words) for row in range(together.first[-1])]
    assert items == [item for one in readings for item in one.items]


def named(rows, row, vocabulary):
    span = slice(rows.starts[row], rows.starts[row + 1])
    both = zip(rows.numbers[span].tolist(), rows.values[span].tolist(), strict=True)
    return {vocabulary.terms[number]: value for number, value in both}


def test_the_reader_names_dictionary_and_vocabulary():
    kind, dictionary, tokenizer, vocabulary = packing.reader_version().split("/")

    assert kind == "1"
    assert dictionary.isdigit()
    assert tokenizer.count(".") == 2
    assert len(vocabulary) == 16


@pytest.fixture
def ranking():
    mine, theirs = a_registry(40)
    return MatchIndex(mine, theirs, STANDARD).ranking_of_interests("P1", TODAY)


@quick
@given(interests(9), pools())
def test_a_ranking_counts_and_places_what_its_lines_say(newcomer, pool):
    mine, theirs = pool
    index = MatchIndex(mine, [*theirs, newcomer], STANDARD)

    for proposal in mine:
        ranking = index.ranking_of_interests(proposal.id, TODAY)
        lines = list(ranking)
        eligible = [line.id for line in lines if not line.refusals]
        assert (len(ranking), ranking.eligible, ranking.eligible_ids()) == (len(lines), len(eligible), eligible)
        assert [ranking.place_of(line.id) for line in lines] == [
            eligible.index(line.id) + 1 if line.id in eligible else None for line in lines
        ]
        assert ranking.refused(-10_000, 9) == [line for line in lines if line.refusals]
        assert [ranking[place] for place in range(len(lines))] == lines


def test_a_page_of_a_ranking_is_the_same_part_of_the_whole_list(ranking):
    lines = list(ranking)

    assert [ranking[begin : begin + 7] for begin in (0, 3, 14, 35, 70)] == [
        lines[begin : begin + 7] for begin in (0, 3, 14, 35, 70)
    ]


def test_a_narrowed_ranking_keeps_order_and_a_lowered_one_finds_its_new_place(ranking):
    ids = [line.id for line in ranking]
    wanted = set(ids[::3])

    assert [line.id for line in ranking.within(wanted)] == ids[::3]
    assert [line.id for line in ranking.without(wanted)] == [one for one in ids if one not in wanted]
    assert ranking.lowered({ids[0]: 5000}).place_of(ids[0]) == len(ids)
    assert ranking.lowered({"I999": 5}).eligible_ids() == ids


def test_a_ranking_stays_as_it_was_while_the_index_changes():
    mine, theirs = a_registry(12)
    index = MatchIndex(mine, theirs, STANDARD)
    ranking = index.ranking_of_interests("P1", TODAY)
    before = list(ranking)

    index.remove_interest("I3")
    index.put_interest(theirs[4])
    index.put_interest(type(theirs[0])("I99", profile="海の会社。"))

    assert list(ranking) == before


def test_a_large_pool_along_its_main_axes_still_equals_the_scalar_scorer(monkeypatch):
    monkeypatch.setattr(engine, "LARGE_POOL", 0)
    monkeypatch.setattr(engine, "AXES_KEPT", 32)
    mine, theirs = a_registry(30)
    index = MatchIndex(mine, theirs, STANDARD, HashingEncoder())
    before = index.rank_interests("P1")
    index.put_interest(theirs[0])

    assert index.rank_interests("P1") == before
    assert all((line.parts, line.points) == parts_of(index, "P1", line.id) for line in before)
    assert index._interests.meaning.row(0).shape == (32,)
    assert np.abs(np.linalg.norm(index._interests.meaning.row(0).astype(float)) - 400) < 3
