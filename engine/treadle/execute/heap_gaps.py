"""Gaps in the heap of a fork server that holds libraries: filled before it forks, so that what comes later lies close.

Imports leave free pieces all over a hundred megabytes. Whatever a fork or the server makes later would lie in them,
each write copying a page and breaking up a huge one; beyond the last byte in use it lies in a few. Standard library
only, Python ≥ 3.9.
"""

from __future__ import annotations

__all__ = ["fill"]

_SIZES = range(48, 1024, 16)  # bytes, as the C library's malloc cuts them
_OF_IT = 41  # what it and Python note of a piece
_IN_A_ROW = 200
_MOST = 100_000


def fill() -> list[bytes]:
    """What fills them, to be kept: pieces of every size, until some in a row follow each other."""
    kept: list[bytes] = []
    for size in reversed(_SIZES):
        row, last = 0, 0
        while row < _IN_A_ROW and len(kept) < _MOST:
            kept.append(bytes(size - _OF_IT))
            row = row + 1 if 0 < id(kept[-1]) - last <= size + 16 else 0
            last = id(kept[-1])
    return kept
