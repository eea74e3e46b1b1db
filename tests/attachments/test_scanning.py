import io
import socket
import threading

import pytest
from flask import current_app

from matchmaker.attachments import service
from matchmaker.attachments.scanning import ScannerUnavailable, is_clean
from tests.support.files import PDF


@pytest.fixture
def scanner():
    """A scanner on the loopback that speaks clamd's language: it finds "virus", and keeps what it was sent."""
    received, answers = [], []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve():
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while length := int.from_bytes(stream.read(4), "big"):
                content += stream.read(length)
            received.append(content)
            found = b"stream: Bad FOUND\0" if b"virus" in content else b"stream: OK\0"
            connection.sendall(answers[0] if answers else found)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", received, answers
    thread.join()
    listener.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_the_scanner_gets_the_whole_file_and_its_word_counts(scanner):
    address, received, _answers = scanner
    file = io.BytesIO(PDF + b"x" * 200_000)
    assert is_clean(file, address) is True
    assert received == [file.getvalue()]
    assert file.tell() == 0


def test_a_finding_is_a_no(scanner):
    assert is_clean(io.BytesIO(b"a virus"), scanner[0]) is False


def test_an_answer_in_another_language_is_no_answer(scanner):
    address, _received, answers = scanner
    answers.append(b"INSTREAM size limit exceeded. ERROR\0")
    with pytest.raises(ScannerUnavailable):
        is_clean(io.BytesIO(PDF), address)


def test_an_infected_upload_is_refused(database, scanner, monkeypatch):
    monkeypatch.setitem(current_app.config, "CLAMD_ADDRESS", scanner[0])
    infected = PDF[:9] + b"virus" + PDF[9:]
    with pytest.raises(service.UploadRefused, match="ウイルスと判定"), service.received("x.pdf", io.BytesIO(infected)):
        pass


def test_an_upload_is_refused_while_the_scanner_is_silent(database, monkeypatch):
    monkeypatch.setitem(current_app.config, "CLAMD_ADDRESS", closed_port())
    with pytest.raises(service.UploadRefused, match="検査ができない"), service.received("x.pdf", io.BytesIO(PDF)):
        pass
