"""What a file really is, and whether it may be kept. Pure: looks at bytes, never at what the browser says.

===========  ==================  ======================================================================================
extension    kept as             must be
===========  ==================  ======================================================================================
pdf          PDF                 begins with ``%PDF-`` and has its end mark
docx         Word                a sound ZIP archive with ``word/document.xml``
xlsx         Excel               a sound ZIP archive with ``xl/workbook.xml``
pptx         PowerPoint          a sound ZIP archive with ``ppt/presentation.xml``
png          PNG                 a PNG header with at most ``MOST_PIXELS``
jpg, jpeg    JPEG                a JPEG frame header with at most ``MOST_PIXELS``
===========  ==================  ======================================================================================

Every file: at most ``LARGEST_BYTES``, not empty, without the EICAR test virus. Archives: at most ``MOST_MEMBERS``
members, ``LARGEST_UNPACKED_BYTES`` unpacked, ``LARGEST_RATIO`` times their own size; no macros, no encryption, no XML
with a DTD.

Sources: PKWARE APPNOTE 6.3.10 (ZIP); ISO/IEC 29500-2 (Office packages); ISO 32000-1 (PDF); PNG Third Edition;
ITU-T T.81 (JPEG); OWASP ASVS 5.0 V5.2.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from matchmaker.foundation.text import tidy_line
from matchmaker.matching.terms import Term

MEBIBYTE = 1024 * 1024

LARGEST_BYTES = 20 * MEBIBYTE
LARGEST_UNPACKED_BYTES = 100 * MEBIBYTE
MOST_MEMBERS = 2_000
LARGEST_RATIO = 100
MOST_PIXELS = 50_000_000
LONGEST_NAME = 200

_LARGEST_DIRECTORY_BYTES = MEBIBYTE
_CHUNK = 64 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
PDF_AND_PICTURES = frozenset(MEDIA_TYPES[extension] for extension in ("pdf", "png", "jpg"))
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_CONTENT_TYPES = "[Content_Types].xml"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also the wrapper of a document with a password

# In two pieces, so that a scanner does not take this file for the test virus.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_MARK = 128

_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"|?*]')


class Refusal(Term):
    """Why a file is not kept; the label tells the person what to do."""

    EMPTY = "empty", "ファイルが空です。中身のあるファイルを選んでください"
    TOO_LARGE = "too-large", "ファイルが大きすぎます。20MB以下にしてください"
    KIND = (
        "kind",
        "受け付けていない種類です。PDF、Word、Excel、PowerPoint、PNG、JPEGのどれかにしてください",
    )
    MISMATCH = (
        "mismatch",
        "中身と名前の終わり（拡張子）が合っていません。もとのソフトで保存しなおしてください",
    )
    DAMAGED = "damaged", "ファイルがこわれているか、読み取れません。もとのソフトで保存しなおしてください"
    LOCKED = "locked", "パスワードのかかったファイルや古い形式のファイルは受け付けていません。保存しなおしてください"
    UNPACKED = "unpacked", "ファイルを開いたときの大きさや部品の数が多すぎます。分けて保存してください"
    MACRO = "macro", "マクロの入ったファイルは受け付けていません。マクロなしで保存しなおしてください"
    UNSAFE_XML = "unsafe-xml", "安全でない書き方がふくまれています。もとのソフトで保存しなおしてください"
    PIXELS = "pixels", "画像の縦と横が大きすぎます。小さくしてから選んでください"
    VIRUS = "virus", "ウイルスと判定される内容があるため、受け付けられません"


class FileRefused(ValueError):
    """The file may not be kept; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def shown_name(typed: str) -> str:
    r"""Return the name under which a file is shown and handed out.

    Folders, control characters and signs that file systems forbid are taken out; Japanese stays, composed (NFC). At
    most ``LONGEST_NAME`` characters, the extension kept.

    >>> shown_name("C:\\書類\\事業計画書（令和７年度）髙橋.pdf")
    '事業計画書（令和７年度）髙橋.pdf'
    >>> shown_name("../../etc/か\u3099くえん\r\n.pdf")
    'がくえん.pdf'
    >>> shown_name("../.pdf")
    '添付ファイル.pdf'
    """
    last = re.split(r"[/\\]", tidy_line(typed))[-1]
    stem, dot, extension = tidy_line(_FORBIDDEN_IN_NAMES.sub("_", last)).rpartition(".")
    if not dot:
        stem, extension = extension, ""
    stem, extension = stem.strip(" ."), extension.strip()[:10]
    ending = f".{extension}" if extension else ""
    return (stem or "添付ファイル")[: LONGEST_NAME - len(ending)].rstrip(" .") + ending


def extension_of(name: str) -> str:
    """Return the extension in lower case without its dot, or "" when there is none.

    >>> extension_of("計画.PDF"), extension_of("計画")
    ('pdf', '')
    """
    return name.rpartition(".")[2].lower() if "." in name else ""


def media_type_of(name: str, file: IO[bytes]) -> str:
    """Return the media type of a file whose content is what its name says.

    Shapes:  ``name`` as ``shown_name`` returns it; ``file`` seekable. It is read in pieces and left at its beginning.
    Errors:  FileRefused.
    Source:  see the module.
    """
    extension = extension_of(name)
    if extension not in MEDIA_TYPES:
        raise FileRefused(Refusal.KIND)
    size = file.seek(0, 2)
    if size == 0:
        raise FileRefused(Refusal.EMPTY)
    if size > LARGEST_BYTES:
        raise FileRefused(Refusal.TOO_LARGE)
    _refuse_virus(file)
    if extension == "pdf":
        _check_pdf(file, size)
    elif extension in _MAIN_PART:
        _check_office(file, size, _MAIN_PART[extension])
    elif extension == "png":
        _check_pixels(_png_size(file))
    else:
        _check_pixels(_jpeg_size(file))
    file.seek(0)
    return MEDIA_TYPES[extension]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content in pieces, each with the end of the one before, so that no mark is cut in two."""
    tail = b""
    while piece := file.read(_CHUNK):
        yield tail + piece
        tail = (tail + piece)[-_LONGEST_MARK:]


def _refuse_virus(file: IO[bytes]) -> None:
    file.seek(0)
    if any(_EICAR in piece for piece in _chunks(file)):
        raise FileRefused(Refusal.VIRUS)


def _check_pdf(file: IO[bytes], size: int) -> None:
    file.seek(0)
    if file.read(5) != b"%PDF-":
        raise FileRefused(Refusal.MISMATCH)
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        raise FileRefused(Refusal.DAMAGED)


def _check_pixels(width_and_height: tuple[int, int]) -> None:
    width, height = width_and_height
    if not width or not height:
        raise FileRefused(Refusal.DAMAGED)
    if width * height > MOST_PIXELS:
        raise FileRefused(Refusal.PIXELS)


def _png_size(file: IO[bytes]) -> tuple[int, int]:
    file.seek(0)
    head = file.read(33)
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        raise FileRefused(Refusal.MISMATCH)
    if len(head) < 33 or head[8:16] != b"\x00\x00\x00\rIHDR" or zlib.crc32(head[12:29]) != int.from_bytes(head[29:33]):
        raise FileRefused(Refusal.DAMAGED)
    width, height = struct.unpack(">II", head[16:24])
    return width, height


_JPEG_FRAMES = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_MOST_JPEG_MARKERS = 2_000


def _jpeg_size(file: IO[bytes]) -> tuple[int, int]:
    """Walk from marker to marker up to the frame header, which comes before any picture data."""
    file.seek(0)
    if file.read(3) != b"\xff\xd8\xff":
        raise FileRefused(Refusal.MISMATCH)
    file.seek(2)
    for _step in range(_MOST_JPEG_MARKERS):
        head = file.read(2)
        if len(head) < 2 or head[0] != 0xFF:
            break
        marker = head[1]
        if marker == 0xFF:
            file.seek(-1, 1)
        elif marker in _JPEG_FRAMES:
            frame = file.read(7)
            if len(frame) < 7:
                break
            height, width = struct.unpack(">HH", frame[3:7])
            return width, height
        elif marker not in _JPEG_WITHOUT_LENGTH:
            length = int.from_bytes(file.read(2))
            if length < 2:
                break
            file.seek(length - 2, 1)
    raise FileRefused(Refusal.DAMAGED)


def _check_office(file: IO[bytes], size: int, main_part: str) -> None:
    file.seek(0)
    head = file.read(8)
    if head == _OLD_OFFICE:
        raise FileRefused(Refusal.LOCKED)
    if not head.startswith(b"PK\x03\x04"):
        raise FileRefused(Refusal.MISMATCH)
    _check_directory_end(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), size, main_part)
            for member in archive.infolist():
                with archive.open(member) as content:
                    _check_member(member.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(Refusal.DAMAGED) from error


def _check_directory_end(file: IO[bytes], size: int) -> None:
    """Read how long the list of members is before anything reads the list itself: it could fill the memory."""
    start = max(0, size - 22 - 0xFFFF)
    file.seek(start)
    end = file.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) - place < 22:
        raise FileRefused(Refusal.DAMAGED)
    _disk, _first_disk, _here, members, length, _offset, comment = struct.unpack(
        "<HHHHIIH", end[place + 4 : place + 22]
    )
    if members > MOST_MEMBERS or length > _LARGEST_DIRECTORY_BYTES:
        raise FileRefused(Refusal.UNPACKED)
    # A file of 20 MiB has no use for the 64-bit form, and a comment that is cut short hides a second end record.
    if place + 22 + comment != len(end) or end[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise FileRefused(Refusal.DAMAGED)


def _check_members(members: list[zipfile.ZipInfo], size: int, main_part: str) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > min(LARGEST_UNPACKED_BYTES, LARGEST_RATIO * size):
        raise FileRefused(Refusal.UNPACKED)
    names = [member.filename for member in members]
    if main_part not in names or _CONTENT_TYPES not in names:
        raise FileRefused(Refusal.MISMATCH)
    if any(member.flag_bits & 0x1 for member in members):
        raise FileRefused(Refusal.LOCKED)
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise FileRefused(Refusal.DAMAGED)
    if len(set(names)) != len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise FileRefused(Refusal.DAMAGED)
    if any("vbaproject" in name.lower() for name in names):
        raise FileRefused(Refusal.MACRO)


def _check_member(name: str, content: IO[bytes]) -> None:
    """Read one member to its end, so that its checksum is checked too."""
    is_xml = name.lower().endswith((".xml", ".rels", ".vml", ".svg"))
    for piece in _chunks(content):
        if _EICAR in piece:
            raise FileRefused(Refusal.VIRUS)
        # Without its zero bytes, text in UTF-16 reads like text in UTF-8.
        if is_xml and _DTD.search(piece.replace(b"\0", b"")):
            raise FileRefused(Refusal.UNSAFE_XML)
        if name == _CONTENT_TYPES and b"macroenabled" in piece.replace(b"\0", b"").lower():
            raise FileRefused(Refusal.MACRO)
