"""Typeset a paper: a template of this folder and plain values become one tagged PDF (PDF/UA-1).

Fonts come from a package of this program's own and never from the system: a missing one is an error, because typst
would otherwise print empty boxes without a word.
"""

import json
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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


_NO_PATH = str.maketrans("/\\", "__")
"""Names of files inside a PDF are paths to its readers."""


class FontsMissing(RuntimeError):
    """The typeface of the papers is not installed."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels inside the PDF. ``name`` is what readers show; no two of one paper are alike."""

    name: str
    media_type: str
    path: Path


def require_fonts() -> Path:
    """Return the folder of the typeface. Errors: FontsMissing."""
    font = Path(pylopdf_fonts_jp.sans_path())
    if not font.is_file():
        raise FontsMissing(f"{font} is missing; install pylopdf-fonts-jp")
    return font.parent


def typeset(template: str, data: Mapping[str, Any], *, attached: Sequence[Attached] = ()) -> bytes:
    """Return the PDF of a template (a file of this folder without its ending) with these values.

    Values are texts, lists and mappings; every text is printed as it is. ``attached`` files lie inside the PDF, where
    any reader can save them. Errors: FontsMissing.

    >>> typeset("letter", dict.fromkeys(
    ...     ["subject", "number", "day", "addressee", "sender", "body", "instruction", "contact"], "#evil[x]"
    ... ))[:5]
    b'%PDF-'
    """
    named = [{"name": one.name.translate(_NO_PATH), "type": one.media_type} for one in attached]
    with TemporaryDirectory() as folder:
        # A template reads only below its root, so that its root has to hold what it attaches.
        root = Path(folder)
        for source in TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, root / source.name)
        for place, one in enumerate(attached):
            shutil.copyfile(one.path, root / f"attached-{place}")
        return bytes(
            typst.compile(
                str(root / f"{template}.typ"),
                root=folder,
                font_paths=[str(require_fonts())],
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(_printable({**data, "attached": named}), ensure_ascii=False)},
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
