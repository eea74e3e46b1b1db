"""An index that was kept in a file is the index: the same lists, the same changes; a file that is not whole is none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from matchmaker.matching import array_file
from matchmaker.matching.array_file import Unusable
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.fact_rows import FactRows, TextRows, pack, unpack
from matchmaker.matching.kept_index import arrays_of, index_of
from matchmaker.matching.weights import STANDARD
from tests.matching.strategies import interests, pools, proposals, texts
from tests.matching.test_engine import ONE_SIDED, TODAY, CountingEncoder, HashingEncoder, a_registry, quick

pytestmark = pytest.mark.usefixtures("each_engine")

KEY = {"ruleset": "one"}


def kept_and_restored(index, folder, encoder=None):
    path = folder / "index"
    array_file.write(path, KEY, arrays_of(index))
    return index_of(array_file.mapped(path, KEY.__eq__), index.ruleset, encoder or HashingEncoder())


def everything(index):
    mine, theirs = index.sides
    alive = [[one for one, row in side.row_of.items() if side.is_alive[row]] for side in (mine, theirs)]
    lists = [index.rank_interests(one, on=TODAY) for one in alive[0]]
    lists += [index.rank_proposals(one, on=TODAY) for one in alive[1]]
    return lists, [index.explain(one, other, TODAY) for one in alive[0] for other in alive[1]]


@quick
@given(pools(), proposals(9), interests(9))
def test_a_kept_index_gives_the_same_lists_and_takes_the_same_changes(tmp_path_factory, pool, proposal, interest):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, ONE_SIDED, HashingEncoder())
    other = kept_and_restored(index, tmp_path_factory.mktemp("kept"))

    assert everything(other) == everything(index)
    assert other.rank_interests(proposal) == index.rank_interests(proposal)
    for one in (index, other):
        one.put_proposal(proposal)
        one.put_interest(interest)
        if theirs:
            one.put_interest(replace(theirs[0], profile="松阪市で食品を製造する会社。"))
            one.remove_interest(theirs[-1].id)
    assert everything(other) == everything(index)


def test_an_index_that_was_changed_is_kept_as_it_is_now(tmp_path):
    mine, theirs = a_registry(12)
    index = MatchIndex(mine, theirs, STANDARD, HashingEncoder())
    index.put_interest(replace(theirs[3], profile="海の会社。"))
    index.put_proposal(replace(mine[2], id="P99"))
    index.remove_interest("I5")

    assert everything(kept_and_restored(index, tmp_path)) == everything(index)


def test_a_new_generation_over_a_kept_index_reads_only_what_changed(tmp_path):
    mine, theirs = a_registry(12)
    encoder = CountingEncoder()
    other = kept_and_restored(MatchIndex(mine, theirs, STANDARD, HashingEncoder()), tmp_path, encoder)
    changed = [replace(theirs[0], profile="海の会社。"), *theirs[1:]]

    again = MatchIndex(mine, changed, STANDARD, readings=other.readings.branch())

    assert encoder.asked == 1
    assert everything(again) == everything(MatchIndex(mine, changed, STANDARD, HashingEncoder()))
    assert sorted(one.id for one, _kept in other.readings.pool()) == sorted(one.id for one in [*mine, *theirs])


def test_processes_change_their_own_copy(tmp_path):
    array_file.write(tmp_path / "index", KEY, {"numbers": np.arange(5)})
    one, other = (array_file.mapped(tmp_path / "index", KEY.__eq__)["numbers"] for _ in range(2))

    one[2] = 77

    assert (one.tolist(), other.tolist()) == ([0, 1, 77, 3, 4], [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:-1], "damaged"),
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: data + b"\0", "damaged"),
        (lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:], "damaged"),
        (lambda data: b"", "another format"),
        (lambda data: b"something else entirely", "another format"),
        (lambda data: data[:16] + b"\xff" * 8 + data[24:], "DecodeError"),
    ],
)
def test_a_file_that_is_not_whole_is_not_used(tmp_path, spoil, reason):
    path = tmp_path / "index"
    array_file.write(path, KEY, {"numbers": np.arange(100)})
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(Unusable, match=reason):
        array_file.mapped(path, KEY.__eq__)


def test_a_file_of_something_else_or_none_at_all_is_not_used(tmp_path):
    array_file.write(tmp_path / "index", {"ruleset": "two"}, {"numbers": np.arange(3)})

    with pytest.raises(Unusable, match="made from something else"):
        array_file.mapped(tmp_path / "index", KEY.__eq__)
    with pytest.raises(Unusable, match="FileNotFoundError"):
        array_file.mapped(tmp_path / "none", KEY.__eq__)


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "index"
    array_file.write(path, KEY, {"numbers": np.arange(3)})

    with pytest.raises(TypeError, match="references"):
        array_file.write(path, KEY, {"numbers": np.array([object()])})

    assert array_file.mapped(path, KEY.__eq__)["numbers"].tolist() == [0, 1, 2]
    assert [one.name for one in tmp_path.iterdir()] == ["index"]


@quick
@given(pools())
def test_facts_as_bytes_are_the_facts(pool):
    mine, theirs = pool
    records = [*mine, *theirs]

    assert [unpack(pack(one)) for one in records] == records
    kept = FactRows(kept=TextRows(**FactRows(records).arrays()))
    for row, one in enumerate(records[:1]):
        kept.put(row, replace(one, id="changed"))
    assert [one.id for one in kept] == [*("changed" for _one in records[:1]), *(one.id for one in records[1:])]
    assert list(kept)[1:] == records[1:]


@quick
@given(texts, texts, texts)
def test_rows_with_a_string_are_those_that_hold_it(one, other, new):
    rows = TextRows.of([one, other, one + other])
    rows.put(1, new)

    for part in ("津", "の会社", "森", "🎵"):
        assert rows.rows_with(part).tolist() == [
            row for row, text in enumerate([one, new, one + other]) if part in text
        ]
