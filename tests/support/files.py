"""Make files for upload tests."""

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def png(width: int = 10, height: int = 10) -> bytes:
    """A PNG of one colour; only the header is true to its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    picture = zlib.compress(b"\0" * 11)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", picture) + chunk(b"IEND", b"")


def jpeg(width: int = 10, height: int = 10) -> bytes:
    """The header of a JPEG: an application segment, then the frame."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        + b"\xff\xc0"
        + struct.pack(">H", len(frame) + 2)
        + frame
        + b"\xff\xd9"
    )


MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def office(extension: str = "docx", *, compression: int = zipfile.ZIP_DEFLATED, **more: bytes) -> bytes:
    """An Office file with its main part; ``more`` are further members, ``__`` in a name standing for a slash."""
    return archive(
        {
            "[Content_Types].xml": b'<?xml version="1.0"?><Types/>',
            MAIN_PARTS[extension]: b'<?xml version="1.0"?><document/>',
            **{name.replace("__", "/"): content for name, content in more.items()},
        },
        compression=compression,
    )


def archive(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()
