"""Tidying: garbage is collected from the event loop and nowhere else.

Python collects wherever it happens to allocate: within a paintEvent, where a window found to be garbage takes along
what is painted on (a segmentation fault), or in a thread, where no widget may be deleted. Not while this stands.
"""

from __future__ import annotations

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

__all__ = ["Tidying", "due"]

_EVERY_MS: Final = 200
_OLDEST: Final = 2
_REST: Final = 1000
"""A full collection rests as many times as long as it took."""


def due(counts: tuple[int, int, int], thresholds: tuple[int, int, int]) -> int | None:
    """The oldest generation that Python itself would collect by now (`gc.get_count`, `gc.get_threshold`)."""
    over = [generation for generation in range(_OLDEST + 1) if counts[generation] > thresholds[generation]]
    return max(over, default=None)


class Tidying(QObject):
    """Takes over from Python's own collector until `stop`. The main thread only."""

    def __init__(self, parent: QObject | None = None, every_ms: int = _EVERY_MS) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        self._thresholds = gc.get_threshold()
        self._rests_until = 0.0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tidy)
        self._timer.start(every_ms)

    def stop(self) -> None:
        """Gives collecting back to Python."""
        self._timer.stop()
        if self._was_on:
            gc.enable()

    def _tidy(self) -> None:
        generation = due(gc.get_count(), self._thresholds)
        began = time.monotonic()
        if generation == _OLDEST and began < self._rests_until:
            generation -= 1
        if generation is None:
            return
        gc.collect(generation)
        if generation == _OLDEST:
            ended = time.monotonic()
            self._rests_until = ended + _REST * (ended - began)
