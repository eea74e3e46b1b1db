import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matchmaker.attachments.sniffing import (
    LARGEST_BYTES,
    LONGEST_NAME,
    MEBIBYTE,
    MEDIA_TYPES,
    MOST_MEMBERS,
    FileRefused,
    Refusal,
    media_type_of,
    shown_name,
)
from tests.support.files import PDF, archive, jpeg, office, png

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
DOCX = office("docx")
STORED = office("docx", compression=zipfile.ZIP_STORED)


def refusal_of(name, content):
    with pytest.raises(FileRefused) as refused:
        media_type_of(name, io.BytesIO(content))
    return refused.value.refusal


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("計画.pdf", PDF),
        ("計画.PDF", PDF),
        ("計画.docx", DOCX),
        ("収支.xlsx", office("xlsx")),
        ("説明.pptx", office("pptx")),
        ("保存だけ.docx", office("docx", compression=zipfile.ZIP_STORED)),
        ("写真.png", png()),
        ("写真.jpg", jpeg()),
        ("写真.jpeg", jpeg(4000, 3000)),
    ],
)
def test_a_file_that_is_what_its_name_says_is_kept(name, content):
    file = io.BytesIO(content)
    assert media_type_of(name, file) == MEDIA_TYPES[name.rpartition(".")[2].lower()]
    assert file.tell() == 0


CONTENTS = {"pdf": PDF, "docx": DOCX, "xlsx": office("xlsx"), "pptx": office("pptx"), "png": png(), "jpg": jpeg()}


@pytest.mark.parametrize(("extension", "other"), [(a, b) for a in CONTENTS for b in CONTENTS if a != b])
def test_content_under_another_extension_is_refused(extension, other):
    assert refusal_of(f"x.{extension}", CONTENTS[other]) is Refusal.MISMATCH


@pytest.mark.parametrize(
    "name", ["x.exe", "x.html", "x.svg", "x.doc", "x.docm", "x.zip", "x", "pdf", ".pdf.exe", "x.pdf."]
)
def test_other_kinds_are_refused_whatever_they_hold(name):
    assert refusal_of(name, PDF) is Refusal.KIND


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("x.pdf", b"", Refusal.EMPTY),
        ("x.pdf", b"<html><script>alert(1)</script></html>", Refusal.MISMATCH),
        ("x.pdf", b"MZ\x90\x00" + PDF, Refusal.MISMATCH),
        ("x.pdf", PDF.replace(b"%%EOF", b""), Refusal.DAMAGED),
        ("x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Refusal.LOCKED),
        ("x.docx", DOCX[:-30], Refusal.DAMAGED),
        ("x.docx", STORED.replace(b"<document/>", b"<documenX/>"), Refusal.DAMAGED),
        ("x.docx", archive({"readme.txt": b"hello"}), Refusal.MISMATCH),
        ("x.docx", office("docx", **{"word__VBAproject.bin": b"macro"}), Refusal.MACRO),
        ("x.docx", office("docx", **{"..__..__evil.xml": b"<a/>"}), Refusal.DAMAGED),
        ("x.png", png(60_000, 60_000), Refusal.PIXELS),
        ("x.png", png(0, 10), Refusal.DAMAGED),
        ("x.png", png()[:20], Refusal.DAMAGED),
        ("x.jpg", jpeg(60_000, 60_000), Refusal.PIXELS),
        ("x.jpg", jpeg()[:12], Refusal.DAMAGED),
        ("x.jpg", b"\xff\xd8\xff\xd9", Refusal.DAMAGED),
        ("x.jpg", b"\xff\xd8" + b"\xff" * MEBIBYTE, Refusal.DAMAGED),
    ],
)
def test_bad_content_is_refused_with_its_reason(name, content, refusal):
    assert refusal_of(name, content) is refusal


def test_a_macro_document_under_a_plain_name_is_refused():
    types = b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    disguised = archive({"[Content_Types].xml": types, "word/document.xml": b"<a/>"})
    assert refusal_of("x.docx", disguised) is Refusal.MACRO


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("offset", [0, 64 * 1024 - 5])
def test_xml_with_a_dtd_is_refused_wherever_it_stands(encoding, offset):
    xml = (
        "<?xml version='1.0'?>" + " " * offset + "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
    ).encode(encoding)
    stored = office("docx", compression=zipfile.ZIP_STORED, **{"word__styles.xml": xml})
    assert refusal_of("x.docx", stored) is Refusal.UNSAFE_XML


def test_the_test_virus_is_found_plain_and_packed():
    assert refusal_of("x.pdf", PDF[:9] + EICAR + PDF[9:]) is Refusal.VIRUS
    assert refusal_of("x.pdf", PDF[:9] + b" " * (64 * 1024 - 20) + EICAR + PDF[9:]) is Refusal.VIRUS
    assert refusal_of("x.docx", office("docx", **{"word__media__a.bin": EICAR})) is Refusal.VIRUS


def test_too_many_members_are_refused_before_the_list_is_read():
    members = {f"m{number}": b"" for number in range(MOST_MEMBERS)}
    assert refusal_of("x.docx", office("docx", **members)) is Refusal.UNPACKED


def test_a_member_count_that_lies_does_not_help():
    many = office("docx", **{f"m{number}": b"" for number in range(MOST_MEMBERS)})
    place = many.rfind(b"PK\x05\x06")
    lying = many[: place + 8] + struct.pack("<HH", 2, 2) + many[place + 12 :]
    assert refusal_of("x.docx", lying) is Refusal.UNPACKED


def test_a_bomb_is_refused_by_what_it_declares():
    assert refusal_of("x.docx", office("docx", **{"word__a.xml": b"0" * (2 * MEBIBYTE)})) is Refusal.UNPACKED


def test_a_bomb_that_declares_less_than_it_holds_is_refused():
    bomb = office("docx", **{"word__a.bin": b"0" * (2 * MEBIBYTE)})
    lying = bomb.replace(struct.pack("<I", 2 * MEBIBYTE), struct.pack("<I", 10))
    assert lying != bomb
    assert refusal_of("x.docx", lying) is Refusal.DAMAGED


def test_a_second_directory_hidden_in_the_comment_is_refused():
    assert refusal_of("x.docx", DOCX + b"PK\x05\x06" + b"\0" * 10) is Refusal.DAMAGED
    assert refusal_of("x.docx", DOCX + b"more") is Refusal.DAMAGED


def test_an_encrypted_member_is_refused():
    locked = bytearray(DOCX)
    place = locked.find(b"PK\x01\x02")
    locked[place + 8] |= 1
    assert refusal_of("x.docx", bytes(locked)) is Refusal.LOCKED


def test_a_rare_compression_is_refused():
    assert refusal_of("x.docx", office("docx", compression=zipfile.ZIP_LZMA)) is Refusal.DAMAGED


def test_the_largest_file_is_kept_and_one_byte_more_is_not():
    largest = PDF[:9] + b" " * (LARGEST_BYTES - len(PDF)) + PDF[9:]
    assert media_type_of("x.pdf", io.BytesIO(largest)) == "application/pdf"
    assert refusal_of("x.pdf", largest[:9] + b" " + largest[9:]) is Refusal.TOO_LARGE


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_any_damage_ends_in_a_media_type_or_a_refusal_and_nothing_else(extension, data):
    content = bytearray(CONTENTS[extension])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(FileRefused):
        assert media_type_of(f"x.{extension}", io.BytesIO(bytes(content[:cut]))) == MEDIA_TYPES[extension]


@given(st.text(max_size=400))
@example("../../etc/passwd")
@example("..\\..\\boot.ini")
@example("\x00\u202egpj.exe")
@example("a" * 300 + ".pdf")
@example("事業計画書（令和７年度）髙橋.pdf")
def test_a_shown_name_is_never_a_path_never_too_long_and_stable(typed):
    name = shown_name(typed)
    assert 0 < len(name) <= LONGEST_NAME
    assert not set(name) & set('/\\<>:"|?*\n\r\t\0\u202e')
    assert not name.startswith(".")
    assert shown_name(name) == name


def test_a_long_name_keeps_its_extension():
    assert shown_name("計" * 300 + ".xlsx") == "計" * 195 + ".xlsx"
