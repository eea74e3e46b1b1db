from hypothesis import given
from hypothesis import strategies as st

from matchmaker.introductions.names import without_name

words = st.text("あいうえおカキクABCＡＢＣｶ森海 \n🌲", max_size=12)


@given(before=words, name=st.text("カキクケコABCDE", min_size=2, max_size=8), after=words)
def test_name_is_gone_from_any_text(before, name, after):
    assert name not in without_name(f"{before}{name}{after}", f"{name}株式会社")


@given(text=st.text(max_size=60), name=st.text(max_size=20))
def test_text_without_the_name_stays_letter_for_letter(text, name):
    cleaned = without_name(text, name, "\x00")
    assert len(cleaned.replace("\x00", "")) <= len(text)
    if "\x00" not in cleaned:
        assert cleaned == text


def test_every_way_of_writing_the_name_is_found():
    assert without_name("トアル（株）とtoaru、ＴＯＡＲＵ㈱は", "TOARU株式会社", "＊") == "トアル（株）と＊、＊㈱は"
    assert without_name("株式会社みえ銀行の行員", "株式会社みえ銀行", "＊") == "＊の行員"
    assert without_name("みえ銀行 津支店", "株式会社みえ銀行 津支店", "＊") == "＊ ＊"
