"""Which characters a typeface can draw, read from its own table. Pure but for reading the file.

Source: OpenType specification, cmap table, format 12 (segmented coverage).
"""

import struct
from functools import lru_cache
from pathlib import Path

_SEGMENTED = 12


class NoCharacterTable(ValueError):
    """The file is no OpenType typeface with a table of all of Unicode."""


@lru_cache(maxsize=4)
def code_points(font: Path) -> frozenset[int]:
    """Return the code points that a typeface draws. Errors: NoCharacterTable; OSError when there is no such file.

    >>> import pylopdf_fonts_jp
    >>> drawn = code_points(pylopdf_fonts_jp.sans_path())
    >>> [ord(one) in drawn for one in "髙﨑①😀"]
    [True, True, True, False]
    """
    content = font.read_bytes()
    start = _table(content, b"cmap")
    (count,) = struct.unpack_from(">H", content, start + 2)
    for number in range(count):
        (offset,) = struct.unpack_from(">I", content, start + 4 + 8 * number + 4)
        if struct.unpack_from(">H", content, start + offset) == (_SEGMENTED,):
            return _segments(content, start + offset)
    raise NoCharacterTable(str(font))


def _table(content: bytes, wanted: bytes) -> int:
    (count,) = struct.unpack_from(">H", content, 4)
    for number in range(count):
        tag, _checksum, offset, _length = struct.unpack_from(">4sIII", content, 12 + 16 * number)
        if tag == wanted:
            return int(offset)
    raise NoCharacterTable(wanted.decode())


def _segments(content: bytes, start: int) -> frozenset[int]:
    (groups,) = struct.unpack_from(">I", content, start + 12)
    found: set[int] = set()
    for number in range(groups):
        first, last, _glyph = struct.unpack_from(">III", content, start + 16 + 12 * number)
        found.update(range(first, last + 1))
    return frozenset(found)
