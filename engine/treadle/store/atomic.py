"""Files that are either the old ones or the new ones, whole: never a half, whatever fails in between.

Also the only two ways in which a name from a person becomes part of a path.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import sys
from pathlib import Path
from typing import Final

from treadle.store.descriptors import OURS

__all__ = ["UnsafePath", "file_name", "safe_child", "write_atomic"]

_UNTIDY: Final = re.compile(r"[^A-Za-z0-9_-]+")
_TIDY: Final = re.compile(r"[a-z0-9_][a-z0-9_-]{0,47}")
# Names that Windows keeps for devices, with or without an ending.
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


class UnsafePath(ValueError):
    """A name that would lead out of its folder."""


def write_atomic(path: Path, data: bytes) -> None:
    """Puts `data` at `path` by way of a temporary file beside it; follows a symbolic link to the file it names.

    Keeps the mode of the file it replaces. Raises OSError naming `path`; then the old file is as it was and the
    temporary file is gone.
    """
    try:
        target = path.resolve()
        temporary = _written_beside(target, data)
        try:
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise OSError(error.errno, f"could not save: {error.strerror}", str(path)) from error
    except RuntimeError as error:
        raise OSError(errno.ELOOP, f"could not save: {os.strerror(errno.ELOOP)}", str(path)) from error


def _written_beside(target: Path, data: bytes) -> Path:
    """A new file in `target`'s folder that holds `data` on the disk. On failure there is none."""
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.tmp")
    mode = _mode(target)
    # Made with no more rights than the old file had, so that a private one is never readable for a moment.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OURS, 0o666 if mode is None else mode)
    try:
        try:
            if mode is not None and sys.platform != "win32":  # whose files have no such rights
                os.fchmod(descriptor, mode)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _write_all(descriptor: int, data: bytes) -> None:
    """A full disk may cut a write short without an error: only the next write says so."""
    rest = memoryview(data)
    while rest:
        written = os.write(descriptor, rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


def _mode(target: Path) -> int | None:
    """The rights of the file that is there, or None, which leaves them to the umask."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return None


def _sync_folder(folder: Path) -> None:
    """Makes the rename itself last. Some file systems can't; the file is whole all the same."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def safe_child(root: Path, *names: str) -> Path:
    """`root / names…`. Raises UnsafePath where a name is empty, `.` or `..`, or holds a separator or a NUL."""
    for name in names:
        if name in ("", ".", "..") or any(character in name for character in "/\\\0"):
            raise UnsafePath(f"{name!r} can't be a name in {root}")
    return root.joinpath(*names)


def file_name(text: str) -> str:
    """A file name for any text: itself where that is plainly safe, else what is safe of it and a hash of all of it.

    Two texts get different names, on disks that ignore case too (but for a collision in 64 bits of SHA-256).
    """
    if _TIDY.fullmatch(text) and text not in _RESERVED and not _HASHED.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_UNTIDY.sub('-', text)[:40].strip('-').lower() or 'x'}-{digest}"


# What file_name makes of an unsafe text is no name for a safe one: else the two would meet.
_HASHED: Final = re.compile(r".*-[0-9a-f]{16}")
