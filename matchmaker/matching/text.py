"""Japanese text as comparable terms.

Tokens are Sudachi mode A (the shortest unit) in normalised form, so that 子ども, こども and 子供 are one term. They
beat character n-grams, modes B and C and surface forms on document-to-document search, and the small dictionary is
as good as the larger ones (docs/decisions/0010-matching-formula.md).
"""

import re
import threading
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from sudachipy import Dictionary, SplitMode, Tokenizer

CHUNK_LENGTH = 4000
"""Sudachi refuses inputs above 49,149 bytes; 4,000 characters of four bytes stay well below."""

PAIRS_REMEMBERED = 100_000
"""Pairs of characters that were judged, about 15 MB: the same ones come again in every text."""

_EMPTY_PARTS_OF_SPEECH = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白"})
_HAS_LETTER = re.compile(r"[^\W_]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_HIRAGANA = re.compile(r"[\u3041-\u309fー]+")

_per_thread = threading.local()


def clean(text: str) -> str:
    """Return ``text`` in compatibility form, without control and unpaired surrogate characters, spaces joined.

    >>> clean("ＮＰＯ\\x00 と  ﾏﾁﾂﾞｸﾘ")
    'NPO と マチヅクリ'
    """
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", _UNPRINTABLE.sub(" ", text))).strip()


def content_terms(text: str) -> list[str]:
    """Return the terms of ``text`` in order: no particles, auxiliaries, symbols or spaces.

    >>> content_terms("こども達の居場所を、子どもと作る。")
    ['子供', '達', '居る', '場所', '子供', '作る']
    >>> content_terms("🎵")
    []
    """
    tokenizer = _tokenizer()
    terms: list[str] = []
    for chunk in _chunks(clean(text)):
        for token in tokenizer.tokenize(chunk):
            if token.part_of_speech()[0] not in _EMPTY_PARTS_OF_SPEECH:
                term = token.normalized_form().lower()
                if _HAS_LETTER.search(term):
                    terms.append(term)
    return terms


def bigrams(text: str) -> list[str]:
    """Return the character pairs of ``text`` without those that are hiragana alone or hold a symbol.

    >>> bigrams("棚田の保全。")
    ['棚田', '田の', 'の保', '保全']
    >>> bigrams("森")
    []
    """
    letters = clean(text).replace(" ", "").lower()
    return [pair for pair in map("".join, pairwise(letters)) if _is_telling(pair)]


@lru_cache(maxsize=PAIRS_REMEMBERED)
def _is_telling(pair: str) -> bool:
    return all(map(_HAS_LETTER.match, pair)) and not _HIRAGANA.fullmatch(pair)


def counted(terms: list[str]) -> dict[str, int]:
    """Return how often each term occurs, in order of first occurrence.

    >>> counted(["森", "川", "森"])
    {'森': 2, '川': 1}
    """
    return dict(Counter(terms))


def _tokenizer() -> Tokenizer:
    # A Sudachi tokenizer dies when two threads use it at once; the dictionary behind it is shared memory.
    if not hasattr(_per_thread, "tokenizer"):
        _per_thread.tokenizer = Dictionary(dict="small").tokenizer(mode=SplitMode.A)
    tokenizer: Tokenizer = _per_thread.tokenizer
    return tokenizer


def _chunks(text: str) -> list[str]:
    chunks: list[str] = []
    while len(text) > CHUNK_LENGTH:
        cut = text.rfind("。", 0, CHUNK_LENGTH) + 1 or CHUNK_LENGTH
        chunks.append(text[:cut])
        text = text[cut:]
    return [*chunks, text] if text else chunks
