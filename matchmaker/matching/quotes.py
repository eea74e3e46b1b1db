"""What two texts literally share, as strings that a person can read: the evidence behind shared pairs of characters.

Pairs of characters are good evidence and bad prose: 「う社」 says nothing. What is quoted begins and ends where a word
may begin and end, which in Japanese is mostly where the script changes.
"""

from collections.abc import Iterator
from dataclasses import replace

from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import interest_prose, proposal_prose
from matchmaker.matching.scoring import Part, Reason, Score
from matchmaker.matching.text import clean
from matchmaker.matching.weights import Criterion

LONGEST_READ = 2000
"""Characters of each text that are compared; reading a match must not wait for a book."""
SHORTEST, LONGEST = 2, 40
MOST_PLACES = 8
"""Places of the same two letters that are looked at in either text; a text may repeat one word a thousand times."""


def with_quotes(score: Score, proposal: ProposalFacts, interest: InterestFacts) -> Score:
    """Return the score with readable strings as the values of its shared pairs of letters; no point changes."""

    def quoted(part: Part) -> Part:
        if part.criterion is not Criterion.BIGRAMS or part.reason is not Reason.SHARED:
            return part
        strings = shared_strings(proposal_prose(proposal), interest_prose(interest))
        return replace(part, proposal_values=strings, interest_values=strings)

    return replace(score, parts=tuple(map(quoted, score.parts)))


def shared_strings(one: str, other: str, most: int = 3) -> tuple[str, ...]:
    """Return the longest strings that stand in both texts, the longest first.

    Shapes:  ``SHORTEST`` to ``LONGEST`` letters; none lies inside another; each begins and ends with kanji, katakana,
             Latin letters or digits, and each end is the end of such a run in at least one of the texts.
    Returns: () when there is none, although pairs of characters may be shared.

    >>> shared_strings("地域の子ども食堂を支える会社", "子ども食堂の運営と、地域福祉")
    ('子ども食堂', '地域')
    >>> shared_strings("ボランティアと歩む", "フロンティアを拓く")
    ()
    """
    mine, theirs = clean(one[:LONGEST_READ]), clean(other[:LONGEST_READ])
    found = dict.fromkeys(filter(None, (_common(mine, at, theirs, beside) for at, beside in _meetings(mine, theirs))))
    kept: list[str] = []
    for text in sorted(found, key=lambda text: -len(text)):
        if not any(text in longer for longer in kept):
            kept.append(text)
    return tuple(kept[:most])


def _meetings(mine: str, theirs: str) -> Iterator[tuple[int, int]]:
    """Return positions in both texts where the same two letters stand and a word may begin in one of them."""
    places = _places_of_pairs(theirs)
    for pair, mine_at in _places_of_pairs(mine).items():
        for at in mine_at[:MOST_PLACES]:
            for beside in places.get(pair, ())[:MOST_PLACES]:
                if _opens(mine, at) or _opens(theirs, beside):
                    yield at, beside


def _places_of_pairs(text: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at in range(len(text) - 1):
        places.setdefault(text[at : at + 2], []).append(at)
    return places


def _common(mine: str, at: int, theirs: str, beside: int) -> str:
    """Return what is the same from two positions on, up to the last letter where a word may end; "" when too short."""
    end = 0
    both = zip(mine[at : at + LONGEST], theirs[beside : beside + LONGEST], strict=False)
    for number, (letter, same) in enumerate(both):
        if letter != same or not letter.isalnum():
            break
        if _closes(mine, at + number) or _closes(theirs, beside + number):
            end = number + 1
    return mine[at : at + end] if end >= SHORTEST else ""


def _opens(text: str, at: int) -> bool:
    script = _script(text[at])
    return script != "" and (at == 0 or _script(text[at - 1]) != script)


def _closes(text: str, at: int) -> bool:
    script = _script(text[at])
    return script != "" and (at + 1 == len(text) or _script(text[at + 1]) != script)


def _script(letter: str) -> str:
    if "一" <= letter <= "鿿" or letter in "々〆":
        return "kanji"
    if "ァ" <= letter <= "ヺ" or letter == "ー":
        return "katakana"
    return "latin" if letter.isascii() and letter.isalnum() else ""
