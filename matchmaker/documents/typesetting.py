"""Typeset a paper: a template of this folder and plain values become one tagged PDF (PDF/UA-1).

Fonts come from a package of this program's own and never from the system: a missing one is an error, because typst
would otherwise print empty boxes without a word.
"""

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pylopdf_fonts_jp
import typst

from matchmaker.documents.typeface import code_points

TEMPLATES = Path(__file__).parent
STANDARD: Final = "ua-1"

UNPRINTABLE = "〓"
"""Stands for a character that the typeface does not have (ゲタ)."""


_WITHOUT_SHAPE = frozenset({"Cc", "Cf", "Mn", "Me"})
"""Characters that only change others: without them the others are still read."""


class FontsMissing(RuntimeError):
    """The typeface of the papers is not installed."""


def require_fonts() -> Path:
    """Return the folder of the typeface. Errors: FontsMissing."""
    font = Path(pylopdf_fonts_jp.sans_path())
    if not font.is_file():
        raise FontsMissing(f"{font} is missing; install pylopdf-fonts-jp")
    return font.parent


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template (a file of this folder without its ending) with these values.

    Values are texts, lists and mappings; every text is printed as it is. Errors: FontsMissing.

    >>> typeset("letter", dict.fromkeys(
    ...     ["subject", "number", "day", "addressee", "sender", "body", "instruction", "contact"], "#evil[x]"
    ... ))[:5]
    b'%PDF-'
    """
    return bytes(
        typst.compile(
            str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=[str(require_fonts())],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False)},
            pdf_standards=[STANDARD],
        )
    )


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " "))
        return "".join(map(_drawn, composed))
    if isinstance(value, Mapping):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value


def _drawn(character: str) -> str:
    if character == "\n" or ord(character) in code_points(pylopdf_fonts_jp.sans_path()):
        return character
    return "" if unicodedata.category(character) in _WITHOUT_SHAPE else UNPRINTABLE
