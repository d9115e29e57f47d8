"""Clock: the time of a run's events.

It reads the wall clock once and from then on goes by the monotonic one, so an hour set back or forward while a run
goes on changes no duration, no delay and no order.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["AnchoredClock", "Clock"]


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch; never less than before."""


class AnchoredClock:
    """The wall clock of the moment it was made, going on monotonically."""

    def __init__(self) -> None:
        self._anchor = time.time() - time.monotonic()

    def now(self) -> float:
        return self._anchor + time.monotonic()
