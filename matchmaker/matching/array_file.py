"""Arrays in one file that several processes map into memory: what one of them has read, all of them have.

A file is written whole beside its place and then moved there; its last bytes are a hash over all others, so that a
file that was cut short or damaged is never used. Arrays that were mapped may be written to: a process that does so gets
its own copy of the few kilobytes around.
"""

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

MAGIC = b"match-index 1\n\0\0"
_ALIGNED = 64
_HASHED_AT_ONCE = 1 << 20
_LENGTH = 8


class Unusable(Exception):
    """There is no file, or it is not whole, or it was made from something else; the text says which."""


def write(path: Path, key: Mapping[str, str], arrays: Arrays) -> None:
    """Write arrays under their names, and the key by which ``mapped`` knows what they were made from.

    Errors: OSError when the file cannot be written; what was there before stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    places, at = {}, 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, array.shape, at)
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    header = json.dumps({"key": dict(key), "arrays": places}).encode()
    try:
        with made.open("wb") as file:
            found = hashlib.sha256()

            def put(data: bytes | memoryview) -> None:
                found.update(data)
                file.write(data)

            put(MAGIC + len(header).to_bytes(_LENGTH, "little") + header)
            put(b"\0" * (-file.tell() % _ALIGNED))
            for array in arrays.values():
                put(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
                put(b"\0" * (-file.tell() % _ALIGNED))
            file.write(found.digest())
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def mapped(path: Path, fits: Callable[[Mapping[str, str]], bool]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file whose key fits. Errors: Unusable."""
    try:
        with path.open("rb") as file:
            header, begin = _header(file)
            if not fits(header["key"]):
                raise Unusable("made from something else")
            _check(file)
            # A private map: pages are shared with other processes until one writes to them.
            memory = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    except (OSError, ValueError, KeyError) as fault:
        raise Unusable(f"{type(fault).__name__}: {fault}") from fault
    found = {}
    for name, (dtype, shape, at) in header["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(memory, dtype=dtype, count=count, offset=begin + at).reshape(shape)
    return found


def _header(file: BinaryIO) -> tuple[dict[str, Any], int]:
    if file.read(len(MAGIC)) != MAGIC:
        raise Unusable("another format")
    length = int.from_bytes(file.read(_LENGTH), "little")
    header: dict[str, Any] = json.loads(file.read(min(length, os.fstat(file.fileno()).st_size)))
    return header, -(-file.tell() // _ALIGNED) * _ALIGNED


def _check(file: BinaryIO) -> None:
    """Read the whole file, which also brings it into the memory that all processes share."""
    size, found = os.fstat(file.fileno()).st_size, hashlib.sha256()
    file.seek(0)
    left = size - found.digest_size
    while left > 0 and (data := file.read(min(_HASHED_AT_ONCE, left))):
        found.update(data)
        left -= len(data)
    if left or file.read() != found.digest():
        raise Unusable("damaged")
