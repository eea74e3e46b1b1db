from hypothesis import given
from hypothesis import strategies as st

from matchmaker.proposals.differences import difference

texts = st.text(alphabet="海山川の教室。！\n12ＡA カナ😀", max_size=60)


@given(texts, texts)
def test_both_texts_can_be_read_back_from_the_difference(before, after):
    changes = difference(before, after)
    assert "".join(text for op, text in changes if op != "insert") == before
    assert "".join(text for op, text in changes if op != "delete") == after


@given(texts)
def test_equal_texts_differ_in_nothing(text):
    assert difference(text, text) == ([("equal", text)] if text else [])


def test_an_unchanged_sentence_stays_whole():
    assert difference("一つ目。二つ目。", "一つ目。まったく別の文です。") == [
        ("equal", "一つ目。"),
        ("delete", "二つ目。"),
        ("insert", "まったく別の文です。"),
    ]


def test_a_number_is_replaced_as_a_whole():
    assert difference("参加者は30人です。", "参加者は45人です。") == [
        ("equal", "参加者は"),
        ("delete", "30"),
        ("insert", "45"),
        ("equal", "人です。"),
    ]
