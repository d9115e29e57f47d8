"""Locks on files, which the system lets go of when their holder dies: flock(2), on Windows LockFileEx.

A lock belongs to an open descriptor and ends when that is closed. It keeps nobody from reading or writing the file:
on Windows, whose locks are mandatory, a byte far behind every content is what is locked.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from treadle.store.descriptors import OURS

__all__ = ["alone_in", "lock", "try_exclusive", "try_shared", "unlock"]

_PAUSE: Final = 0.01  # seconds
_PATIENCE: Final = 1.0  # seconds

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _AT_ONCE: Final = 1
    _EXCLUSIVE: Final = 2
    _IS_TAKEN: Final = 33  # ERROR_LOCK_VIOLATION
    _FAR: Final = 1 << 30  # the high half of an offset that no content reaches
    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)

    class _Overlapped(ctypes.Structure):
        _fields_ = (
            ("internal", ctypes.c_void_p), ("internal_high", ctypes.c_void_p), ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD), ("event", wintypes.HANDLE),
        )  # fmt: skip

    _kernel32.LockFileEx.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, ctypes.POINTER(_Overlapped),
    )  # fmt: skip

    _kernel32.UnlockFileEx.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, ctypes.POINTER(_Overlapped),
    )  # fmt: skip

    def _try(descriptor: int, flags: int) -> bool:
        place = _Overlapped(offset_high=_FAR)
        handle = msvcrt.get_osfhandle(descriptor)
        if _kernel32.LockFileEx(handle, flags | _AT_ONCE, 0, 1, 0, ctypes.byref(place)):
            return True
        error = ctypes.get_last_error()
        if error == _IS_TAKEN:
            return False
        raise ctypes.WinError(error)

    def try_exclusive(descriptor: int) -> bool:
        """Takes the file for this descriptor alone; False where another has it. Waits for nothing."""
        return _try(descriptor, _EXCLUSIVE)

    def try_shared(descriptor: int) -> bool:
        """Takes the file beside others that share it; False where one has it alone. Waits for nothing."""
        return _try(descriptor, 0)

    def unlock(descriptor: int) -> None:
        """Lets go of what this descriptor has. Raises OSError."""
        place = _Overlapped(offset_high=_FAR)
        if not _kernel32.UnlockFileEx(msvcrt.get_osfhandle(descriptor), 0, 1, 0, ctypes.byref(place)):
            raise ctypes.WinError(ctypes.get_last_error())

else:
    import fcntl

    def _try(descriptor: int, kind: int) -> bool:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def try_exclusive(descriptor: int) -> bool:
        """Takes the file for this descriptor alone; False where another has it. Waits for nothing."""
        return _try(descriptor, fcntl.LOCK_EX)

    def try_shared(descriptor: int) -> bool:
        """Takes the file beside others that share it; False where one has it alone. Waits for nothing."""
        return _try(descriptor, fcntl.LOCK_SH)

    def unlock(descriptor: int) -> None:
        """Lets go of what this descriptor has. Raises OSError."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def lock(descriptor: int) -> None:
    """Takes the file for this descriptor alone, waiting for whoever has it."""
    while not try_exclusive(descriptor):
        time.sleep(_PAUSE)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Within, nobody else who asks for the same is in `folder`: for what looks first and writes then, in a moment.

    Who stands still in there is waited for no longer than a second; and where folders have no locks, nobody is.
    """
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | OURS)
            held.callback(os.close, descriptor)
            deadline = time.monotonic() + _PATIENCE
            while not try_exclusive(descriptor) and time.monotonic() < deadline:
                time.sleep(_PAUSE)
        yield
