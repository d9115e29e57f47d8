"""BarReader: how far a progress bar says it is, read from what an attempt prints.

tqdm redraws its line after a carriage return: `fit:  45%|████▌     | 45/100 [00:10<00:12, 4.50it/s]`. Only the last
redrawn line is looked at, and at most five times a second, so that output streams as if nobody read it. Standard
library only, Python ≥ 3.9.
"""

from __future__ import annotations

import re
import time
from typing import Callable  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["BarReader"]

_EVERY = 0.2  # seconds
_TAIL = 2000  # bytes of a chunk in which the last redrawn line is looked for
_BAR = re.compile(rb"(?:([^\r\n]*?): +)?(\d{1,3})%\|[^\r\n|]*\|(?: *([\d.]+)([kMGTP]?)/([\d.]+)([kMGTP]?))?")
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")  # bars below each other move the cursor
_SCALE = {b"": 1.0, b"k": 1e3, b"M": 1e6, b"G": 1e9, b"T": 1e12, b"P": 1e15}


class BarReader:
    """`tell(fraction, words)` gets what the last bar says, when it says something new."""

    def __init__(self, tell: Callable[[float, str], None]) -> None:
        self._tell = tell
        self._next = 0.0
        self._unread: bytes | None = None
        self._said = (-1.0, "")

    def see(self, data: bytes) -> None:
        """Takes what was printed; costs one search for a byte where there is no bar."""
        if b"\r" not in data:
            return
        self._unread = data[-_TAIL:]
        if time.monotonic() >= self._next:
            self.read()

    def read(self) -> None:
        """Tells what was seen last; for the end of the output too."""
        if self._unread is None:
            return
        bars = _BAR.findall(_ESCAPE.sub(b"", self._unread))
        self._unread = None
        self._next = time.monotonic() + _EVERY
        if bars:
            said = _meaning(*bars[-1])
            if said != self._said:
                self._said = said
                self._tell(*said)


def _meaning(label: bytes, percent: bytes, done: bytes, unit: bytes, total: bytes, of: bytes) -> tuple[float, str]:
    """(fraction, words): by the counts where they are shown, else by the percentage."""
    fraction = int(percent) / 100
    words = label.decode("utf-8", "replace").strip()
    try:
        if total and float(total) > 0:
            fraction = float(done) * _SCALE[unit] / (float(total) * _SCALE[of])
            words = f"{words} {done.decode()}{unit.decode()}/{total.decode()}{of.decode()}".strip()
    except ValueError:
        pass  # 1.2.3 is no count
    return min(max(fraction, 0.0), 1.0), words[:500]
