"""What passwords are refused, and how few are hashed at once."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.accounts import passwords
from matchmaker.accounts.passwords import TooBusy, WeakPassword


@pytest.mark.parametrize(
    "password",
    [
        "password2026!",
        "P@ssw0rd12345",
        "1qaz2wsx3edc4rfv",
        "matchmaker-mie-2026",
        "三重県三重県三重県三重県",
        "０１２３４５６７８９０１",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "tsutsutsutsutsutsu",
        "みえけんまちづくりだいすき",
    ],
)
def test_a_password_of_common_words_is_refused(database, password):
    with pytest.raises(WeakPassword, match="推測されやすい"):
        passwords.check(password)


@pytest.mark.parametrize(
    "password",
    [
        "umi to yama to sora",
        "8f3k2-xq9zw-71",
        "きょうは とても さむい",
        "ＵＭＩ　ＷＡ　ＡＯＩ　ＮＡ",
        "🐟🌊🏔️🌸🍊🦀🐚⛩️🚃🍵🌾🎣",
        " leading and trailing ",
    ],
)
def test_a_password_of_any_characters_is_taken(database, password):
    passwords.check(password)


def test_a_password_of_ones_own_name_is_refused(database):
    with pytest.raises(WeakPassword, match="推測されやすい"):
        passwords.check("kobayakawa-takakage", own_words=["Kobayakawa Takakage"])


@pytest.mark.parametrize(("length", "is_staff", "shortest"), [(11, False, 12), (14, True, 15)])
def test_a_password_one_character_short_is_refused(database, length, is_staff, shortest):
    with pytest.raises(WeakPassword, match=f"{shortest}文字以上"):
        passwords.check("umi to yama to sora"[:length], is_staff=is_staff)


def test_a_password_of_128_characters_is_taken_and_one_of_129_refused(database):
    longest = "".join(chr(0x4E00 + 37 * number) for number in range(128))
    passwords.check(longest)

    with pytest.raises(WeakPassword, match="128文字以内"):
        passwords.check(longest + "海")


def test_a_password_is_never_trimmed(database):
    stored = passwords.hash_password(" umi to yama ")

    assert (passwords.is_right(stored, " umi to yama "), passwords.is_right(stored, "umi to yama")) == (True, False)


def test_a_password_fits_in_either_unicode_form(database):
    stored = passwords.hash_password("がくえんのにわとうみ")

    assert passwords.is_right(stored, "か\u3099くえんのにわとうみ")


@given(st.text(max_size=130))
def test_any_text_can_be_compared(app, text):
    with app.app_context():
        assert passwords.is_right("", text) is False


def test_an_old_hash_is_recognised(app, database):
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ZQ"

    assert passwords.is_outdated(weak.replace("t=1", "t=2"))


def test_when_all_places_are_taken_the_next_hash_is_refused(app, database, monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    places = passwords._hashing().places
    for _number in range(app.config["HASHES_AT_ONCE"]):
        places.acquire()
    try:
        with pytest.raises(TooBusy):
            passwords.hash_password("umi to yama to sora")
    finally:
        for _number in range(app.config["HASHES_AT_ONCE"]):
            places.release()

    assert passwords.is_right(passwords.hash_password("umi"), "umi")


def test_a_place_becomes_free_after_a_wrong_password(app, database):
    stored = passwords.hash_password("umi")

    results = [passwords.is_right(stored, "yama") for _number in range(2 * app.config["HASHES_AT_ONCE"] + 1)]

    assert set(results) == {False}


def test_two_threads_hash_at_the_same_time(app):
    done = []

    def work():
        with app.app_context():
            done.append(passwords.is_right(passwords.hash_password("umi"), "umi"))

    threads = [threading.Thread(target=work) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [True] * 6
