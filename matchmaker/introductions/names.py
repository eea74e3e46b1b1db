"""What a company may be called before it is introduced, and its name taken out of what it wrote.

Pure but for the records handed in. A company tends to name itself in its own texts, and single words of a text reach
the other side in the reasons of a match; so scoring and strangers read texts without the name.
"""

import bisect
import itertools
import re
import unicodedata

from matchmaker.directory.models import Organisation
from matchmaker.foundation.messages import gettext as _

_LEGAL_WORDS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|(一般|公益)?(社団|財団)法人|特定非営利活動法人|協同組合|\((株|有|同|資|名)\)"
)
_LETTER = re.compile("(?s).[\u3099\u309a\uff9e\uff9f]*")  # with its voicing marks
SHORTEST_ALONE = 2
SHORTEST_OF_SEVERAL = 3


def label_without_name(organisation: Organisation) -> str:
    """Return what strangers may call a company: 「製造業・三重県の企業」."""
    where = organisation.prefecture.label if organisation.prefecture else ""
    line = organisation.industry.label if organisation.industry else ""
    if line and where:
        return _("%(line)s・%(where)sの企業", line=line, where=where)
    return _("%(known)sの企業", known=line or where) if line or where else _("企業")


def without_name(text: str, name: str, put: str = " ") -> str:
    """Return a text in which the name, with and without its legal form and in any width, is replaced.

    A space by default: with nothing in its place, what stood round the name could make it again.

    >>> without_name("ＴＯＡは神戸の会社（音響）です。TOA株式会社の音。", "ＴＯＡ株式会社", "（社名）")
    '（社名）は神戸の会社（音響）です。（社名）の音。'
    >>> without_name("ﾀﾞｲﾌｸの倉庫", "株式会社ダイフク", "（社名）")
    '（社名）の倉庫'
    >>> without_name("森を守る。", "森")
    '森を守る。'
    """
    words = _words_of(unicodedata.normalize("NFKC", name))
    if not words:
        return text
    letters = _LETTER.findall(text)
    plain = [unicodedata.normalize("NFKC", letter) for letter in letters]
    ends = list(itertools.accumulate(map(len, plain)))
    kept: list[str] = []
    done = 0
    for found in re.finditer("|".join(map(re.escape, words)), "".join(plain), flags=re.IGNORECASE):
        first, last = bisect.bisect_right(ends, found.start()), bisect.bisect_left(ends, found.end())
        kept += [*letters[done:first], put]
        done = last + 1
    return "".join([*kept, *letters[done:]])


def _words_of(name: str) -> list[str]:
    """Return what stands for the name in a text, the longest first."""
    whole = name.strip()
    parts = _LEGAL_WORDS.sub(" ", whole).split()
    shortest = SHORTEST_ALONE if len(parts) == 1 else SHORTEST_OF_SEVERAL
    joined = "".join(parts)
    found = {whole, joined, *parts}
    return sorted((word for word in found if len(word) >= shortest), key=lambda word: (-len(word), word))
