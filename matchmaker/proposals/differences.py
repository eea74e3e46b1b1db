"""What changed between two texts, readable without spaces between words. Pure."""

import re
from difflib import SequenceMatcher
from typing import Literal

Change = tuple[Literal["equal", "insert", "delete"], str]

_SENTENCES = re.compile(r"[^。！？\n]*[。！？\n]+|[^。！？\n]+")
_PHRASES = re.compile(r"[0-9０-９]+|[A-Za-zＡ-Ｚａ-ｚ]+|[ァ-ヶー]+|[一-龥々]+|.", re.DOTALL)

_WORTH_COMPARING = 0.5


def difference(before: str, after: str) -> list[Change]:
    """Return the two texts as one, in reading order, with what was taken out before what was put in.

    Sentences are compared first, so that an unchanged one stays whole; a sentence that was reworded is then compared by
    runs of the same script (a number, a katakana word), because Japanese has no spaces to split at.

    Source:  the longest-matching-block method of ``difflib`` (J. W. Ratcliff and D. Metzener, "Pattern Matching: The
             Gestalt Approach", Dr. Dobb's Journal, July 1988).

    >>> difference("教室は週に1回。雨の日は休み。", "教室は週に2回。雨の日は休み。")
    [('equal', '教室は週に'), ('delete', '1'), ('insert', '2'), ('equal', '回。雨の日は休み。')]
    """
    old, new = _SENTENCES.findall(before), _SENTENCES.findall(after)
    changes: list[Change] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        taken_out, put_in = "".join(old[i1:i2]), "".join(new[j1:j2])
        changes += [("equal", taken_out)] if op == "equal" else _reworded(taken_out, put_in)
    return _joined(changes)


def _reworded(before: str, after: str) -> list[Change]:
    """Compare by phrases; when too little is common, show the whole old text before the whole new one."""
    old, new = _PHRASES.findall(before), _PHRASES.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _WORTH_COMPARING:
        return [("delete", before), ("insert", after)]
    changes: list[Change] = []
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            changes.append(("equal", "".join(old[i1:i2])))
        else:
            changes += [("delete", "".join(old[i1:i2])), ("insert", "".join(new[j1:j2]))]
    return changes


def _joined(changes: list[Change]) -> list[Change]:
    """Put neighbours of one kind together and drop empty ones."""
    joined: list[Change] = []
    for op, text in changes:
        if not text:
            continue
        if joined and joined[-1][0] == op:
            joined[-1] = (op, joined[-1][1] + text)
        else:
            joined.append((op, text))
    return joined
