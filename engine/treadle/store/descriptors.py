"""The flags of every descriptor that is ours: no child process inherits it, and its bytes are as they were written.

Windows would turn line ends into others where it isn't told not to, and has no pread(2).
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["OURS", "read_from_start", "read_plain", "write_at_start"]

OURS: Final[int] = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)

_AT_ONCE: Final[int] = getattr(os, "O_NONBLOCK", 0)


def read_plain(path: Path, offset: int = 0) -> bytes:
    """What stands in the file at `path` from byte `offset` on. Raises OSError, also for what is no plain file: a pipe
    would be waited for, and a device may never end."""
    descriptor = os.open(path, os.O_RDONLY | OURS | _AT_ONCE)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a plain file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            file.seek(offset)
            return file.read()
    finally:
        os.close(descriptor)


def read_from_start(descriptor: int, most: int) -> bytes:
    """The first `most` bytes of the file. Moves where the descriptor stands. Raises OSError."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, most)


def write_at_start(descriptor: int, data: bytes) -> None:
    """Puts `data` over the beginning of the file. Moves where the descriptor stands. Raises OSError."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, data)
