"""Digests: what names a blob. The SHA-256 of its bytes; of more than `PIECE` bytes their BLAKE3.

    up to a piece    sha256(bytes)
    beyond           blake3(bytes), which is quicker than the page cache takes them
                     where that isn't installed: sha256("treadle-pieces" sha256(piece) sha256(piece) …)

So a large one is hashed from memory while it is written. Written by an interpreter without BLAKE3 it has another name,
but each of the two says what its bytes are. Standard library only at the top, no more of it than every attempt
needs, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import hashlib
import os
from typing import Any, Iterable, Iterator, Sequence  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["PIECE", "digest_of_file", "is_named", "write_all", "written_and_digested"]

PIECE = 4 * 1024 * 1024
_MARK = b"treadle-pieces"
_THREADS = 4
_WINDOW = 64  # parts that one write takes


def digest_of_file(path: str) -> tuple[str, int]:
    """(digest, size) of a file that nobody writes to. Raises OSError."""
    with open(path, "rb", 0) as file:
        size = os.fstat(file.fileno()).st_size
        if size <= PIECE:
            data = file.read()
            return hashlib.sha256(data).hexdigest(), len(data)
        return (_read_through(file, blake3()) if (blake3 := _blake3()) else _of_pieces(file.fileno(), size)), size


def is_named(path: str, digest: str) -> bool:
    """Whether the file has these bytes, by whatever interpreter it was written. Raises OSError."""
    found, size = digest_of_file(path)
    if found == digest or size <= PIECE:
        return found == digest
    with open(path, "rb", 0) as file:
        return _of_pieces(file.fileno(), size) == digest


def written_and_digested(parts: Sequence[Any], path: str) -> tuple[str, int]:
    """(digest, size) of buffers, which are hashed while they are written to `path`. Raises OSError."""
    views = [view for view in map(_bytes, parts) if len(view)]
    with open(path, "wb", 0) as file:
        if sum(map(len, views)) <= PIECE:
            data = b"".join(views)
            write_all(file.fileno(), [memoryview(data)] if data else [])
            return hashlib.sha256(data).hexdigest(), len(data)
        digest = _in_one(views, file.fileno(), blake3()) if (blake3 := _blake3()) else _in_pieces(views, file.fileno())
        return digest, sum(map(len, views))


def _in_one(views: list[memoryview], descriptor: int, hashing: Any) -> str:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(_hashed, views, hashing)
        write_all(descriptor, views)
        return hashed.result().hex()


def _in_pieces(views: list[memoryview], descriptor: int) -> str:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_THREADS) as pool:
        hashed = [pool.submit(_hashed, piece, hashlib.sha256()) for piece in _pieces(views)]
        write_all(descriptor, views)
        return _combined(each.result() for each in hashed)


def _blake3() -> Any:
    """The hash, where it is installed; None in a bare interpreter."""
    try:
        from blake3 import blake3
    except ImportError:
        return None
    return blake3


def _read_through(file: Any, hashing: Any) -> str:
    buffer = memoryview(bytearray(PIECE))
    while taken := file.readinto(buffer):
        hashing.update(buffer[:taken])
    return str(hashing.hexdigest())


def _of_pieces(descriptor: int, size: int) -> str:
    from concurrent.futures import ThreadPoolExecutor

    def piece(start: int) -> bytes:
        return hashlib.sha256(os.pread(descriptor, PIECE, start)).digest()

    with ThreadPoolExecutor(_THREADS) as pool:
        return _combined(pool.map(piece, range(0, size, PIECE)))


def _bytes(part: Any) -> memoryview:
    return memoryview(part).cast("B")


def _pieces(parts: Iterable[Any]) -> Iterator[list[memoryview]]:
    """`parts` cut and put together to pieces of the same size, but for the last. Nothing is copied."""
    piece: list[memoryview] = []
    room = PIECE
    for view in map(_bytes, parts):
        rest = view
        while rest:
            piece.append(rest[:room])
            room -= len(piece[-1])
            rest = rest[len(piece[-1]) :]
            if not room:
                yield piece
                piece, room = [], PIECE
    if piece:
        yield piece


def _hashed(piece: Sequence[memoryview], hashing: Any) -> bytes:
    for view in piece:
        hashing.update(view)
    return bytes(hashing.digest())


def _combined(hashed: Iterable[bytes]) -> str:
    return hashlib.sha256(_MARK + b"".join(hashed)).hexdigest()


def write_all(descriptor: int, views: list[memoryview]) -> None:
    """All of `views`, none of them empty; one write may take less than it was given. Raises OSError."""
    waiting = views[::-1]
    while waiting:
        taken = os.writev(descriptor, waiting[-1 : -1 - _WINDOW : -1])
        if taken == 0:
            raise OSError(0, "the disk takes no more bytes")
        while taken:
            first = waiting.pop()
            if taken < len(first):
                waiting.append(first[taken:])
                break
            taken -= len(first)
