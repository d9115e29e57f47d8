"""Board: what the engines of one project tell each other, each in a file of its own that it alone writes.

    <folder>/lock       held by whoever reads the others and writes its own, for microseconds
    <folder>/<engine>   one JSON object; its engine holds it (`locks.py`) for as long as it lives

The system lets go of a file when its engine dies, however it dies: so what a dead one had written counts for nothing,
and whoever sees it takes it away.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from treadle.store.descriptors import OURS, read_from_start, write_at_start
from treadle.store.locks import try_exclusive, try_shared, unlock

__all__ = ["Board"]

_LOCK: Final = "lock"
_MOST: Final = 1 << 20  # bytes of another's file that are read
_UNSETTLED: Final = 50_000_000  # nanoseconds; the clock of a file system ticks every ten milliseconds at worst
_PAUSE: Final = 0.0005  # seconds between two tries
_PATIENCE: Final = 1.0  # seconds; who holds the lock for longer was stopped by a signal, and may be for hours


class Board:
    """One engine's view. Where the folder can't be used it stands alone: nothing is told, and nothing heard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: int | None = None
        self._own: int | None = None
        self._others: dict[str, int] = {}
        self._written = b""
        self._seen = 0
        """When the folder had changed last as we read it; 0 for never."""

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile."""
        with contextlib.suppress(OSError):
            self._open()
            self._wait_for_lock()
        try:
            yield
        finally:
            if self._lock is not None:
                with contextlib.suppress(OSError):
                    unlock(self._lock)

    def others(self) -> list[Any]:
        """What each other living engine wrote last."""
        with contextlib.suppress(OSError):
            self._look_for_others()
        told = (self._read(name) for name in list(self._others))
        return [each for each in told if each is not None]

    def write(self, record: object) -> None:
        """What the others are to read of this one; an unchanged record costs no write."""
        data = json.dumps(record).encode()
        if data == self._written or self._own is None:
            return
        with contextlib.suppress(OSError):  # a full disk: the others know what was said last
            write_at_start(self._own, data)
            if len(data) < len(self._written):
                os.ftruncate(self._own, len(data))
            self._written = data

    def close(self) -> None:
        if self._own is not None:
            (self._folder / self._name).unlink(missing_ok=True)
        for descriptor in (self._own, self._lock, *self._others.values()):
            if descriptor is not None:
                os.close(descriptor)
        self._own = self._lock = None
        self._others.clear()

    def _open(self) -> None:
        """Raises OSError."""
        if self._lock is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = _opened(self._folder / _LOCK)
        own = _opened(self._folder / self._name)
        try_exclusive(own)
        self._lock, self._own = lock, own

    def _wait_for_lock(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self._lock is not None and not try_exclusive(self._lock) and time.monotonic() < deadline:
            time.sleep(_PAUSE)

    def _look_for_others(self) -> None:
        """Reads the folder where it has changed since, or so lately that its time may not tell."""
        changed = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 (asked for in every turn of a run)
        if changed == self._seen:
            return
        self._seen = changed if time.time_ns() - changed > _UNSETTLED else 0
        with os.scandir(self._folder) as entries:
            names = {entry.name for entry in entries} - {_LOCK, self._name}
        for gone in self._others.keys() - names:
            os.close(self._others.pop(gone))
        for name in names - self._others.keys():
            with contextlib.suppress(OSError):
                self._others[name] = os.open(self._folder / name, os.O_RDONLY | OURS)

    def _read(self, name: str) -> Any | None:
        """None where that engine is no more, which is then forgotten, or what it wrote can't be read."""
        descriptor = self._others[name]
        try:
            if try_shared(descriptor):
                (self._folder / name).unlink(missing_ok=True)
                os.close(self._others.pop(name))
                return None
            return json.loads(read_from_start(descriptor, _MOST))
        except (OSError, ValueError):
            return None


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | OURS, 0o600)
