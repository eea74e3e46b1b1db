"""What people type, made comparable and safe to store.

Source: Unicode Standard Annex 15 (normalisation forms).
"""

import re
import unicodedata

import jaconv

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def tidy(text: str) -> str:
    r"""Return text in NFC with line ends as ``\n`` and without control characters or outer space.

    >>> tidy(" か\u3099くえん\r\n二行\x00目 ")
    'がくえん\n二行目'
    """
    lines = unicodedata.normalize("NFC", _SURROGATES.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROLS.sub("", lines).strip()


def tidy_line(text: str) -> str:
    r"""Return tidy text on one line.

    >>> tidy_line("津市\n 栄町")
    '津市 栄町'
    """
    return re.sub(r"\s+", " ", tidy(text))


def half_width(text: str) -> str:
    """Return digits, Latin letters and signs in half width.

    >>> half_width("ｎｐｏ＠ｅｘａｍｐｌｅ．ｊｐ １２３")
    'npo@example.jp 123'
    """
    return unicodedata.normalize("NFKC", text).strip()


def katakana(text: str) -> str:
    """Return a reading as full-width katakana, from hiragana or half width.

    >>> katakana("みえ ﾈｯﾄ")
    'ミエ ネット'
    """
    return str(jaconv.hira2kata(unicodedata.normalize("NFKC", text).strip()))


MOST_SEARCH_WORDS = 10


def search_words(text: str) -> list[str]:
    """Return the words that a search asks for, each in its search form; words beyond the tenth are ignored.

    A database refuses an expression that is nested too deeply, so that the number of words must have an end.

    >>> search_words("津市　子ども") == [search_form("津市"), search_form("子ども")]
    True
    """
    return search_form(text).split()[:MOST_SEARCH_WORDS]


def search_form(text: str) -> str:
    """Return the form in which texts are compared when searching.

    >>> search_form("子ドモ ＮＰＯ") == search_form("子ども npo")
    True
    """
    return str(jaconv.hira2kata(unicodedata.normalize("NFKC", text).casefold()))
