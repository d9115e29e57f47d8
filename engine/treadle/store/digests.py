"""Digests: what names a blob. The SHA-256 of its bytes; of more than `PIECE` bytes that of its pieces' SHA-256s.

    up to a piece    sha256(bytes)
    beyond           sha256("treadle-pieces" sha256(piece) sha256(piece) …)

So a large one is hashed by several cores at once, and from memory, while it is written. Standard library only,
Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterable, Iterator, Sequence  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["PIECE", "digest_of_file", "write_all", "written_and_digested"]

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

        def piece(start: int) -> bytes:
            return hashlib.sha256(os.pread(file.fileno(), PIECE, start)).digest()

        with ThreadPoolExecutor(_THREADS) as pool:
            return _combined(pool.map(piece, range(0, size, PIECE))), size


def written_and_digested(parts: Sequence[Any], path: str) -> tuple[str, int]:
    """(digest, size) of buffers, which are hashed while they are written to `path`. Raises OSError."""
    views = [view for view in map(_bytes, parts) if len(view)]
    with open(path, "wb", 0) as file:
        if sum(map(len, views)) <= PIECE:
            data = b"".join(views)
            write_all(file.fileno(), [memoryview(data)] if data else [])
            return hashlib.sha256(data).hexdigest(), len(data)
        with ThreadPoolExecutor(_THREADS) as pool:
            hashing = [pool.submit(_hashed, piece) for piece in _pieces(views)]
            write_all(file.fileno(), views)
            return _combined(each.result() for each in hashing), sum(map(len, views))


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


def _hashed(piece: Sequence[memoryview]) -> bytes:
    sha256 = hashlib.sha256()
    for view in piece:
        sha256.update(view)
    return sha256.digest()


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
