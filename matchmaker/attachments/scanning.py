"""Ask a virus scanner, where the operator runs one (``CLAMD_ADDRESS``).

Source: the INSTREAM command of clamd, ``man 8 clamd``: four bytes of length before each piece, zero at the end.
"""

import socket
from typing import IO

_CHUNK = 64 * 1024
_PATIENCE_SECONDS = 30.0


class ScannerUnavailable(Exception):
    """The scanner did not answer, or not in its own language; nothing is known about the file."""


def is_clean(file: IO[bytes], address: str) -> bool:
    """Say whether the scanner at ``address`` ("host:port") finds nothing in a file, which is left at its beginning.

    Errors: ScannerUnavailable.
    """
    host, _colon, port = address.rpartition(":")
    file.seek(0)
    try:
        with socket.create_connection((host, int(port)), timeout=_PATIENCE_SECONDS) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            while piece := file.read(_CHUNK):
                scanner.sendall(len(piece).to_bytes(4, "big") + piece)
            scanner.sendall((0).to_bytes(4, "big"))
            answer = _answer(scanner)
    except (OSError, ValueError) as failure:
        raise ScannerUnavailable(address) from failure
    file.seek(0)
    if answer.endswith(b"FOUND"):
        return False
    if answer != b"stream: OK":
        raise ScannerUnavailable(address)
    return True


def _answer(scanner: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 1024 and (piece := scanner.recv(1024)):
        answer += piece
    return answer.rstrip(b"\0\n")
