"""The compiled kernels give what numpy gives, for one list and for many."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from matchmaker.matching import kernels, scoring_columns
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.weights import STANDARD
from tests.matching.strategies import interests, pools, proposals
from tests.matching.test_engine import ONE_SIDED, TODAY, HashingEncoder, a_registry, quick

pytestmark = pytest.mark.usefixtures("compiled")


def both_sides(index):
    mine, theirs = index._proposals, index._interests
    demands = index._proposal_demands, index._interest_demands
    return (mine, theirs, *demands, True), (theirs, mine, *demands[::-1], False)


@quick
@given(pools(), proposals(2), interests(2))
def test_a_list_has_the_numbers_of_numpy_in_both_directions_before_and_after_changes(pool, proposal, interest):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, ONE_SIDED, HashingEncoder())

    for change in (None, lambda: index.put_proposal(proposal), lambda: index.put_interest(interest)):
        if change:
            change()
        for own, other, own_demands, other_demands, is_proposal in both_sides(index):
            for row in range(len(own)):
                asked = replace(own.asked(row, is_proposal=is_proposal), demand=float(own_demands[row]))
                arguments = (asked, other, other_demands, index.ruleset, TODAY)
                expected, found = scoring_columns.scored(*arguments), kernels.loaded().scored(*arguments)
                assert (found.parts.tolist(), found.points.tolist(), found.broken.tolist()) == (
                    expected.parts.tolist(),
                    expected.points.tolist(),
                    expected.broken.tolist(),
                )


@quick
@given(pools(), interests(1))
def test_all_lists_at_once_are_the_lists_one_by_one(pool, changed):
    mine, theirs = pool
    index = MatchIndex(mine, theirs, STANDARD, HashingEncoder())
    index.put_interest(changed)

    for records, best, ranked in (
        (mine, index.best_interests, index.rank_interests),
        ([*theirs, changed], index.best_proposals, index.rank_proposals),
    ):
        ids = list(dict.fromkeys(one.id for one in records))
        assert best(ids, 3, TODAY, threads=2) == {
            one: [(line.id, line.points) for line in ranked(one, on=TODAY) if not line.refusals][:3] for one in ids
        }


def test_content_points_of_some_rows_are_those_of_numpy():
    mine, theirs = a_registry(30)
    index = MatchIndex(mine, theirs, STANDARD, HashingEncoder())
    rows = np.array([7, 3, 29])

    for own, other, _mine, _theirs, are_proposals in both_sides(index):
        found = kernels.loaded().totals(rows, own, other, STANDARD, are_proposals=are_proposals)
        expected = [
            scoring_columns.content(own.asked(row, is_proposal=are_proposals), other, STANDARD).sum(axis=0).tolist()
            for row in rows
        ]
        assert found.tolist() == expected


def test_the_library_is_named_after_its_source_and_compiled_once(compiled):
    path = kernels.library_path()
    before = path.stat().st_mtime_ns

    assert kernels.compile_library() == path
    assert path.stat().st_mtime_ns == before


def test_without_a_compiler_nothing_is_compiled_and_a_broken_one_is_heard(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "library_path", lambda: tmp_path / "kernels.so")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kernels.compile_library() is None

    monkeypatch.setenv("CC", "/bin/false")
    with pytest.raises(subprocess.CalledProcessError):
        kernels.compile_library()
    assert list(tmp_path.iterdir()) == []
