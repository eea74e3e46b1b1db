import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.foundation.text import search_form, tidy, tidy_line


@given(st.text())
def test_tidy_text_is_stable_and_can_be_stored(text):
    tidied = tidy(text)

    assert tidy(tidied) == tidied
    assert tidied == unicodedata.normalize("NFC", tidied)
    assert "\x00" not in tidied
    tidied.encode("utf-8")


@given(st.text())
def test_a_tidy_line_is_one_line(text):
    assert "\n" not in tidy_line(text)


@given(st.text(alphabet="ぁあがんー子供ABＣ１２ ｶﾞ"))
def test_search_form_does_not_change_when_taken_twice(text):
    assert search_form(search_form(text)) == search_form(text)


def test_tidy_removes_marks_that_turn_the_direction_of_writing():
    assert tidy("支払い\u202e先") == "支払い先"
