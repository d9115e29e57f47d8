"""The flags of every descriptor that is ours: no child process inherits it, and its bytes are as they were written.

Windows would turn line ends into others where it isn't told not to, and has no pread(2).
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["OURS", "read_from_start", "write_at_start"]

OURS: Final[int] = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)


def read_from_start(descriptor: int, most: int) -> bytes:
    """The first `most` bytes of the file. Moves where the descriptor stands. Raises OSError."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, most)


def write_at_start(descriptor: int, data: bytes) -> None:
    """Puts `data` over the beginning of the file. Moves where the descriptor stands. Raises OSError."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, data)
