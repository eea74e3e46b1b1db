"""Editions of the vocabulary: re-reading is reading anew, and the engine obeys the scalar under each."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.matching import vocabulary
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.readings import Readings
from matchmaker.matching.rereading import readings_under
from matchmaker.matching.terms import Prefecture
from matchmaker.matching.vocabulary import COLUMNS, Knowledge, UnsoundKnowledge, built_in, in_use, using
from matchmaker.matching.weights import STANDARD
from tests.matching.strategies import pools

WORDS = ("子ども", "森", "海", "学習", "会社", "祭り")


CHANGES = st.tuples(
    st.sets(st.integers(0, len(built_in().topics) - 1), max_size=5),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    st.integers(0, 3),
    st.integers(1, 100),
)
"""Places of topics that go, the words of a new one and its place, and the share of every link."""


def edition_of(changes):
    """The program's tables so changed, and without any neighbour."""
    places, words, place, share = changes
    tables = {name: list(rows) for name, rows in built_in().tables.items()}
    gone = {tables["topics"][one]["code"] for one in places}
    tables["topics"] = [row for row in tables["topics"] if row["code"] not in gone]
    tables["topics"].insert(place, {"code": "new", "label": "新しい課題", "words": " ".join(words), "reason": "試し"})
    for name in ("term_topics", "line_topics"):
        tables[name] = [row for row in tables[name] if row["topic"] not in gone]
    tables["crosswalk"] = [{**row, "weight_percent": str(share)} for row in tables["crosswalk"]]
    return Knowledge({**tables, "neighbours": []})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, pools())
def test_what_is_read_again_is_what_reading_anew_gives(changes, pool):
    edition, (asked, offered) = edition_of(changes), pool
    first, anew = Readings(), Readings()
    first.of_pool([*asked, *offered])
    again = readings_under(edition, first, built_in())
    with using(edition):
        anew.of_pool([*asked, *offered])
        assert [kept.reading() for _facts, kept in again.pool()] == [kept.reading() for _facts, kept in anew.pool()]
    back = readings_under(built_in(), again, edition)
    assert [(facts, kept.texts) for facts, kept in back.pool()] == [(facts, kept.texts) for facts, kept in first.pool()]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, pools())
def test_the_engine_obeys_the_scalar_under_any_edition(changes, pool):
    edition, (asked, offered) = edition_of(changes), pool
    with using(edition):
        index = MatchIndex(asked, offered, STANDARD)
        for mine in asked:
            for line in index.rank_interests(mine.id):
                score = index.explain(mine.id, line.id).score
                assert {part.criterion: part.points for part in score.parts} == dict(line.parts)


def test_the_program_answers_from_its_own_edition_outside_of_any_other():
    poorer = Knowledge({**built_in().tables, "neighbours": ()})
    seen = []
    with using(poorer):
        assert vocabulary.neighbours()[Prefecture.MIE] == frozenset()
        with using(built_in()):
            assert in_use() is built_in()
        assert in_use() is poorer
        thread = threading.Thread(target=lambda: seen.append(in_use()))
        thread.start()
        thread.join()
    assert (in_use(), seen) == (built_in(), [built_in()])


def test_an_edition_has_every_prefecture_and_equal_rows_give_equal_digests():
    again = Knowledge({name: [dict(row) for row in rows] for name, rows in built_in().tables.items()})
    assert again.digest == built_in().digest
    assert Knowledge({**built_in().tables, "topics": built_in().tables["topics"][::-1]}).digest != again.digest
    assert set(Knowledge({**built_in().tables, "neighbours": ()}).neighbours) == set(Prefecture)


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("line_topics", {"topic": "nothing"}),
        ("line_topics", {"line": "nothing"}),
        ("line_topics", {"weight_percent": "half"}),
        ("term_topics", {"vocabulary": "nothing"}),
        ("term_topics", {"term": "nothing"}),
        ("crosswalk", {"target": "nothing"}),
        ("neighbours", {"neighbours": "99"}),
        ("wide_regions", {"prefectures": "東海"}),
    ],
)
def test_tables_that_name_what_is_not_known_are_no_edition(table, changed):
    rows = built_in().tables[table]
    with pytest.raises(UnsoundKnowledge):
        Knowledge({**built_in().tables, table: [{**rows[0], **changed}, *rows[1:]]})


def test_every_table_has_its_file_and_every_row_its_columns():
    assert set(built_in().tables) == set(COLUMNS)
    for name, rows in built_in().tables.items():
        assert all(tuple(row) == COLUMNS[name] for row in rows), name
