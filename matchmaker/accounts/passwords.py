"""Passwords: what is refused, and how they are stored.

A password is used exactly as typed, in Unicode form NFC: never trimmed, never cut, every character allowed. Sources:
NIST SP 800-63B 3.1.1 (length and a list instead of composition rules); ASVS 5.0 V6.2, V11.4.2; argon2id by RFC 9106.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _

SHORTEST, SHORTEST_FOR_STAFF, LONGEST = 12, 15, 128
FREE_CHARACTERS = 8
"""How many characters must remain when listed words and repetitions count for nothing."""
WAIT_SECONDS = 2.0

_LIST = Path(__file__).parent / "data" / "common_passwords.txt"
_LOOK_ALIKES = str.maketrans("@4310$57!", "aaeiosstl")


class TooBusy(DomainError):
    """Too many passwords are being checked at this moment."""

    def __init__(self) -> None:
        super().__init__(_("ただいま混み合っています。少し時間をおいて、もう一度お試しください。"))


class WeakPassword(DomainError):
    """The password would be guessed too easily; the text says why."""


def check(password: str, *, is_staff: bool = False, own_words: Iterable[str] = ()) -> None:
    """Refuse a new password that is too short, too long or too common. Errors: WeakPassword.

    Shapes: ``own_words`` are texts that others know of the person (name, address, organisation).

    >>> check("tsu no umi wa aoi")
    >>> check("umi wa aoi")
    Traceback (most recent call last):
    ...
    matchmaker.accounts.passwords.WeakPassword: パスワードは12文字以上にしてください
    """
    typed = _normal_form(password)
    if len(typed) < shortest(is_staff=is_staff):
        raise WeakPassword(_("パスワードは%(shortest)s文字以上にしてください", shortest=shortest(is_staff=is_staff)))
    if len(typed) > LONGEST:
        raise WeakPassword(_("パスワードは%(longest)s文字以内にしてください", longest=LONGEST))
    if len(_without_listed_words(typed, own_words)) < FREE_CHARACTERS:
        raise WeakPassword(_("よく使われることばが多く、推測されやすいパスワードです。別のことばをならべてください"))


def shortest(*, is_staff: bool) -> int:
    """Return how many characters a new password needs.

    >>> shortest(is_staff=False), shortest(is_staff=True)
    (12, 15)
    """
    return SHORTEST_FOR_STAFF if is_staff else SHORTEST


def is_long_enough_for_staff(password: str) -> bool:
    """Say whether people of the prefecture may use the password.

    >>> is_long_enough_for_staff("x" * 14), is_long_enough_for_staff("x" * 15)
    (False, True)
    """
    return len(_normal_form(password)) >= SHORTEST_FOR_STAFF


def hash_password(password: str) -> str:
    """Return what is stored. Takes about 0.1 s: never call it inside a transaction. Errors: TooBusy."""
    hashing = _hashing()
    with hashing.place():
        return hashing.hasher.hash(_encoded(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Say whether a password is the stored one. Never inside a transaction. Errors: TooBusy.

    Without a stored hash the same work is done on one that nothing fits, so that the time tells nothing.
    """
    hashing = _hashing()
    with hashing.place():
        if len(password) > LONGEST:
            password_hash, password = None, password[:LONGEST]
        try:
            return hashing.hasher.verify(password_hash or hashing.unfitting, _encoded(password)) and bool(password_hash)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Say whether the stored hash was made with other settings than today's."""
    return _hashing().hasher.check_needs_rehash(password_hash)


@dataclass(frozen=True, slots=True)
class _Hashing:
    hasher: PasswordHasher
    unfitting: str
    places: threading.BoundedSemaphore

    def place(self) -> "_Place":
        return _Place(self.places)


class _Place:
    """One of the few places for hashing: each takes 64 MiB and a processor."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self.places = places

    def __enter__(self) -> None:
        if not self.places.acquire(timeout=WAIT_SECONDS):
            raise TooBusy

    def __exit__(self, *_failure: object) -> None:
        self.places.release()


_first_use = threading.Lock()


def _hashing() -> _Hashing:
    with _first_use:
        if "password_hashing" not in current_app.extensions:
            hasher = PasswordHasher(**current_app.config["ARGON2"])
            current_app.extensions["password_hashing"] = _Hashing(
                hasher, hasher.hash("nobody"), threading.BoundedSemaphore(current_app.config["HASHES_AT_ONCE"])
            )
        hashing: _Hashing = current_app.extensions["password_hashing"]
    return hashing


def _normal_form(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _encoded(password: str) -> bytes:
    return _normal_form(password).encode("utf-8", "surrogatepass")


def _without_listed_words(password: str, own_words: Iterable[str]) -> str:
    plain = unicodedata.normalize("NFKC", password).casefold()
    own = [word for text in own_words for word in re.split(r"[\W_]+", unicodedata.normalize("NFKC", text).casefold())]
    texts = [plain, plain.translate(_LOOK_ALIKES)]
    for word in own:
        if len(word) >= 4:
            texts = [text.replace(word, "") for text in texts]
    remains = [re.sub(r"(.{1,8}?)\1+", r"\1", _listed_words().sub("", text)) for text in texts]
    return min(remains, key=len)


@lru_cache(maxsize=1)
def _listed_words() -> re.Pattern[str]:
    lines = (line.strip() for line in _LIST.read_text(encoding="utf-8").splitlines())
    words = sorted({line.casefold() for line in lines if line and not line.startswith("#")}, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in words))
