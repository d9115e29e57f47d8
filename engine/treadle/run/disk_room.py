"""DiskRoom: whether there is more room on a disk than when somebody had too little.

How much is enough nobody knows; so each time that a tenth more is free, those who had too little may try again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["DiskRoom"]

_LEAST: Final = 1 << 20


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class DiskRoom:
    """Of the disk that `folder` is on."""

    def __init__(self, folder: Path, free: Callable[[Path], int] = _free) -> None:
        self._folder = folder
        self._free = free
        self._lowest: int | None = None

    def want(self) -> None:
        """Somebody has too little just now."""
        self._lowest = self._look()

    def has_come(self) -> bool:
        """Whether more is free than the least that was since it was last wanted."""
        now = self._look()
        if now is None:
            return False
        self._lowest = now if self._lowest is None else min(self._lowest, now)
        return now >= self._lowest + max(_LEAST, self._lowest // 10)

    def _look(self) -> int | None:
        try:
            return self._free(self._folder)
        except OSError:
            return None
